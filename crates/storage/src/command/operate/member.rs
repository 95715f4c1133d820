//! Operators make members, change them, pay them, and let them go.

use super::super::account::{ContactKind, enrol, reach};
use super::super::attend;
use super::super::ingest::{digest_of, is_duplicate};
use super::super::known::{change, is_anothers, is_taken, rename};
use super::super::login::NewPassword;
use super::super::session::end_all;
use super::super::{NewMember, Prefetch, actor};
use super::review::{Once, reward_once};
use super::{Change, OperatorCommand, OperatorOutcome};
use crate::row::{Account, Card, CoinRow, Door, EventRow, Farewell, Growth, Profile, Record, Upstat, Valid};
use crate::txn::Transaction;
use crate::vault::{FieldCipher, Hash, IdentifierKind};
use crate::{CommandError, StorageError};
use guanxi_api::operator::events::{Counted, EventId};
use guanxi_domain::value::{Invalid, LARGEST_BALANCE, NAME};
use guanxi_types::{Coins, ErrorCode, Mid};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Makes a member. 30002 to 30006 for what is another's.
#[derive(Clone, Debug)]
pub struct CreateMember {
    /// Who.
    pub new: NewMember,
    /// What seals.
    pub vault: Arc<FieldCipher>,
}

impl OperatorCommand for CreateMember {
    type Answer = Mid;
    const NAME: &'static str = "member/create";

    async fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        now: i64,
    ) -> Result<OperatorOutcome<Mid>, CommandError> {
        let mid = enrol(tx, &self.new, &self.vault, now).await?;
        let after = json!({"uname": self.new.uname});
        Ok(OperatorOutcome {
            answer: mid,
            change: Some(Change { mid: Some(mid), before: Value::Null, after }),
        })
    }
}

/// Changes what is told of a member. -404; 30001 to 30005 for names and ways of reaching them.
#[derive(Clone, Debug)]
pub struct UpdateMember {
    /// Who.
    pub mid: Mid,
    /// What changes.
    pub with: Patch,
    /// What seals.
    pub vault: Arc<FieldCipher>,
}

/// What changes of a member: each part is merged into the row of that name, as a dump has it; null is the default.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// Into their card.
    pub card: Map<String, Value>,
    /// Into their profile.
    pub profile: Map<String, Value>,
    /// Into their account. Phone and mail address are set by [`Patch::reach`].
    pub account: Map<String, Value>,
    /// Into their growth.
    pub growth: Map<String, Value>,
    /// Into how their works are seen.
    pub upstat: Map<String, Value>,
    /// Phone and mail address, as the rules keep them; none inside for none.
    pub reach: Vec<(ContactKind, Option<String>)>,
    /// Their password, and the account's door, which it opens; their sessions end.
    pub password: Option<(NewPassword, Hash)>,
}

impl OperatorCommand for UpdateMember {
    /// What is wrong with a part, if anything is: then nothing was changed.
    type Answer = Result<(), String>;
    const NAME: &'static str = "member/update";

    async fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        _: i64,
    ) -> Result<OperatorOutcome<Self::Answer>, CommandError> {
        let UpdateMember { mid, with, vault } = self;
        let mid = *mid;
        actor(tx, mid).await?;
        let was = Told::load(tx, mid).await?;
        let next = match was.merged(with) {
            Ok(next) => next,
            Err(why) => return Ok(OperatorOutcome { answer: Err(why), change: None }),
        };
        if next.card.uname != was.card.uname && !is_name(&next.card.uname) {
            return Err(ErrorCode::BadName.into());
        }
        if let Err(invalid) = next.check() {
            return Ok(OperatorOutcome { answer: Err(invalid.to_string()), change: None });
        }
        self.refuse_taken(tx, vault, mid, &was, &next).await?;
        next.put(tx).await?;
        let (uname, userid) = (&next.card.uname, &next.account.userid);
        if *uname != was.card.uname {
            rename(tx, vault, mid, Some(&was.card.uname), Some(uname)).await?;
        }
        if *userid != was.account.userid {
            change(tx, vault, IdentifierKind::Userid, mid, Some(&was.account.userid), Some(userid)).await?;
        }
        let mut reached = Vec::new();
        for (by, next) in &with.reach {
            if reach(tx, vault, mid, *by, next.as_deref()).await? {
                reached.push((
                    format!("{by:?}").to_lowercase(),
                    by.of(&was.account).is_some(),
                    next.is_some(),
                ));
            }
        }
        let mut ended = None;
        if let Some((password, door)) = &with.password {
            password.put(tx, mid).await?;
            if tx.get::<Door>(*door).await?.is_some() {
                tx.delete::<Door>(*door).await?;
            }
            ended = Some(end_all(tx, mid).await?.len());
        }
        // As it is now: what is no longer verified and how strong the password is follows from what was set.
        let (mut before, mut after) = (was.redacted(), Told::load(tx, mid).await?.redacted());
        for (by, had, has) in reached {
            before[&by] = json!(had.then_some("set"));
            after[&by] = json!(has.then_some(if had { "changed" } else { "set" }));
        }
        if let Some(ended) = ended {
            after["sessions_ended"] = json!(ended);
            after["password"] = json!("set");
        }
        Ok(OperatorOutcome { answer: Ok(()), change: Some(Change::of(mid, before, after)) })
    }
}

impl UpdateMember {
    /// Everything is looked at before anything is written: a refusal writes nothing.
    async fn refuse_taken<T: Transaction>(
        &self,
        tx: &mut T,
        vault: &FieldCipher,
        mid: Mid,
        was: &Told,
        next: &Told,
    ) -> Result<(), CommandError> {
        let (uname, userid) = (&next.card.uname, &next.account.userid);
        if *uname != was.card.uname && is_anothers(tx, vault, IdentifierKind::Uname, uname, mid).await? {
            return Err(ErrorCode::NameTaken.into());
        }
        for (by, next) in &self.with.reach {
            let (known, _, taken) = by.known();
            if let Some(next) = next
                && is_taken(tx, vault, known, next, mid).await?
            {
                return Err(taken.into());
            }
        }
        if *userid != was.account.userid
            && is_anothers(tx, vault, IdentifierKind::Userid, userid, mid).await?
        {
            return Err(ErrorCode::UseridTaken.into());
        }
        Ok(())
    }
}

/// Returns true for a name that a member can be given, as it is kept.
fn is_name(uname: &str) -> bool {
    !uname.is_empty() && NAME.fits(uname)
}

/// What is told of a member.
struct Told {
    card: Card,
    profile: Profile,
    account: Account,
    growth: Growth,
    upstat: Upstat,
}

impl Told {
    async fn load<T: Transaction>(tx: &mut T, mid: Mid) -> Result<Told, StorageError> {
        Ok(Told {
            card: tx.get(mid).await?.unwrap_or(Card::of(mid)),
            profile: tx.get(mid).await?.unwrap_or(Profile::of(mid)),
            account: tx.get(mid).await?.unwrap_or(Account::of(mid)),
            growth: tx.get(mid).await?.unwrap_or(Growth::of(mid)),
            upstat: tx.get(mid).await?.unwrap_or(Upstat::of(mid)),
        })
    }

    fn merged(&self, with: &Patch) -> Result<Told, String> {
        // Phone and mail address stay as they are: they are sealed, and no part of a merge.
        let bare = Account { tel: None, mail: None, ..self.account.clone() };
        let account: Account = merged("account", &bare, &with.account)?;
        let Account { tel, mail, .. } = self.account.clone();
        Ok(Told {
            card: merged("card", &self.card, &with.card)?,
            profile: merged("profile", &self.profile, &with.profile)?,
            account: Account { tel, mail, ..account },
            growth: merged("growth", &self.growth, &with.growth)?,
            upstat: merged("upstat", &self.upstat, &with.upstat)?,
        })
    }

    /// Holds what is told to the rules of its values, whoever changes it.
    fn check(&self) -> Result<(), Invalid> {
        self.card.check()?;
        self.profile.check()?;
        self.account.check()?;
        self.growth.check()?;
        self.upstat.check()
    }

    fn redacted(&self) -> Value {
        let account = Account { tel: None, mail: None, ..self.account.clone() };
        json!({
            "card": self.card,
            "profile": self.profile,
            "account": account,
            "growth": self.growth,
            "upstat": self.upstat,
        })
    }

    async fn put<T: Transaction>(&self, tx: &mut T) -> Result<(), StorageError> {
        tx.put(&self.card).await?;
        tx.put(&self.profile).await?;
        tx.put(&self.account).await?;
        tx.put(&self.growth).await?;
        tx.put(&self.upstat).await
    }
}

/// A row with a patch merged into it, or what is wrong with that.
fn merged<R: Record>(what: &str, row: &R, patch: &Map<String, Value>) -> Result<R, String> {
    let fixed: &[&str] = match what {
        "account" => {
            &["mid", "tel", "mail", "tel_verified", "mail_verified", "has_password", "safe_question", "seen"]
        }
        _ => &["mid"],
    };
    if let Some(fixed) = fixed.iter().find(|fixed| patch.contains_key(**fixed)) {
        return Err(format!("{what}.{fixed} is not changed here"));
    }
    let mut value = serde_json::to_value(row).map_err(|error| error.to_string())?;
    merge(&mut value, patch);
    serde_json::from_value(value).map_err(|error| format!("{what}: {error}"))
}

/// Merges a patch into an object: objects part by part, null takes a part away, anything else takes its place.
fn merge(value: &mut Value, patch: &Map<String, Value>) {
    if !value.is_object() {
        *value = json!({});
    }
    let Value::Object(object) = value else { return };
    for (key, part) in patch {
        match part {
            Value::Null => drop(object.remove(key)),
            Value::Object(part) => merge(object.entry(key.clone()).or_insert(Value::Null), part),
            _ => drop(object.insert(key.clone(), part.clone())),
        }
    }
}

/// Marks a member's phone or mail address as verified; a phone brings its exp once ever. 30053 if there is none.
#[derive(Clone, Copy, Debug)]
pub struct Verify {
    /// Whose.
    pub mid: Mid,
    /// Which.
    pub by: ContactKind,
}

impl OperatorCommand for Verify {
    type Answer = ();
    const NAME: &'static str = "member/verify";

    async fn apply<T: Transaction>(&self, tx: &mut T, _: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let &Verify { mid, by } = self;
        actor(tx, mid).await?;
        let account = tx.get::<Account>(mid).await?.unwrap_or(Account::of(mid));
        let was = json!({"tel_verified": account.tel_verified, "mail_verified": account.mail_verified});
        let account = match by {
            ContactKind::Tel if account.tel.is_some() => Account { tel_verified: true, ..account },
            ContactKind::Mail if account.mail.is_some() => Account { mail_verified: true, ..account },
            _ => return Err(ErrorCode::NothingToVerify.into()),
        };
        if by == ContactKind::Tel {
            reward_once(tx, mid, Once::Tel).await?;
        }
        let is = json!({"tel_verified": account.tel_verified, "mail_verified": account.mail_verified});
        tx.put(&account).await?;
        Ok(OperatorOutcome { answer: (), change: Some(Change::of(mid, was, is)) })
    }
}

/// Adds to a member's coins, or takes from them. 30050 if the balance does not reach, 30052 if the id was used for another
/// payment, 30054 if the balance would be too large.
#[derive(Clone, Debug)]
pub struct Pay {
    /// The member.
    pub mid: Mid,
    /// The coins that come, or go if negative.
    pub delta: Coins,
    /// The reason, which the coin log shows.
    pub reason: String,
    /// The id under which the payment counts once.
    pub id: Option<EventId>,
    /// The time for which the id is remembered, in seconds.
    pub remember: i64,
}

impl Pay {
    /// The key of the id, apart from those of events.
    fn key(&self) -> Option<Hash> {
        let hash = |id: &EventId| {
            Sha256::new_with_prefix(Self::NAME).chain_update(b"\0").chain_update(id).finalize()
        };
        self.id.as_ref().map(|id| hash(id).into())
    }
}

impl OperatorCommand for Pay {
    /// The balance, and whether the payment was counted now or before.
    type Answer = (Coins, Counted);
    const NAME: &'static str = "member/coins";

    fn prefetch(&self) -> Prefetch {
        let ahead = Prefetch::default().actor(self.mid);
        self.key().into_iter().fold(ahead, Prefetch::row::<EventRow>)
    }

    async fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        now: i64,
    ) -> Result<OperatorOutcome<Self::Answer>, CommandError> {
        let was = actor(tx, self.mid).await?.coins;
        let Pay { mid, delta, reason, remember, .. } = self.clone();
        let once = self.key().map(|hash| (hash, digest_of(&(mid, delta, &reason))));
        if let Some((hash, what)) = once
            && is_duplicate(tx, hash, what).await?
        {
            return Ok(OperatorOutcome { answer: (was, Counted::Before), change: None });
        }
        let is = was + delta;
        if is < Coins::ZERO {
            return Err(ErrorCode::CoinsShort.into());
        }
        if is > LARGEST_BALANCE {
            return Err(ErrorCode::CoinsFull.into());
        }
        tx.append_coin_entry(&CoinRow { mid, time: now, delta, reason: reason.clone() }).await?;
        if let Some((hash, what)) = once {
            tx.put(&EventRow { hash, what, time: now, forgotten: now.saturating_add(remember) }).await?;
        }
        let (before, after) = (json!({"coins": was}), json!({"coins": is, "reason": reason}));
        Ok(OperatorOutcome { answer: (is, Counted::Now), change: Some(Change::of(mid, before, after)) })
    }
}

/// Ends all of a member's sessions; tells how many.
#[derive(Clone, Copy, Debug)]
pub struct EndSessions(
    /// Whose.
    pub Mid,
);

impl OperatorCommand for EndSessions {
    type Answer = usize;
    const NAME: &'static str = "member/sessions/revoke";

    async fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        _: i64,
    ) -> Result<OperatorOutcome<usize>, CommandError> {
        actor(tx, self.0).await?;
        let ended = end_all(tx, self.0).await?.len();
        let after = json!({"sessions_ended": ended});
        Ok(OperatorOutcome {
            answer: ended,
            change: Some(Change { mid: Some(self.0), before: Value::Null, after }),
        })
    }
}

/// Lets a member go: at once nobody can be them, and what they had goes step by step.
#[derive(Clone, Debug)]
pub struct DeleteMember {
    /// Who.
    pub mid: Mid,
    /// What opens.
    pub vault: Arc<FieldCipher>,
}

impl OperatorCommand for DeleteMember {
    type Answer = ();
    const NAME: &'static str = "member/delete";

    async fn apply<T: Transaction>(&self, tx: &mut T, now: i64) -> Result<OperatorOutcome<()>, CommandError> {
        if tx.get::<Farewell>(self.mid).await?.is_some() {
            return Ok(OperatorOutcome { answer: (), change: None });
        }
        actor(tx, self.mid).await?;
        let uname = tx.get::<Card>(self.mid).await?.map(|card| card.uname);
        attend::begin(tx, &self.vault, self.mid, now).await?;
        let before = json!({"uname": uname});
        Ok(OperatorOutcome {
            answer: (),
            change: Some(Change { mid: Some(self.mid), before, after: Value::Null }),
        })
    }
}
