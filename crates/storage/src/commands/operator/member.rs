//! Operators' commands on members: create, verify a contact, adjust coins, revoke sessions, delete.

use super::super::account::create_member;
use super::super::contact_code::verify_contact;
use super::super::factors::store_changed;
use super::super::ingest::{content_digest, is_duplicate};
use super::super::news::add_news;
use super::super::session::revoke_all;
use super::super::{ContactKind, NewMember, Outbox, Prefetch, require_member};
use super::super::{picture, tasks};
use super::{Change, OperatorCommand, OperatorOutcome};
use crate::CommandError;
use crate::encryption::{FieldCipher, Hash};
use crate::model::{Account, Card, CoinRow, EventRow, Factors, NewsRow, PendingDeletion};
use crate::transaction::Transaction;
use guanxi_domain::news::{NewsItem, NewsKind};
use guanxi_domain::reward;
use guanxi_types::{Coins, ErrorCode, EventId, EventOutcome, Mid};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Creates a member and returns the mid. Rejects with 30002 to 30006 if an identifier or the mid is taken.
#[derive(Clone, Debug)]
pub struct CreateMember {
    /// The member's data.
    pub new_member: NewMember,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
}

impl OperatorCommand for CreateMember {
    type Output = Mid;
    const ACTION: &'static str = "/operator/member/create";

    async fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        now: i64,
    ) -> Result<OperatorOutcome<Mid>, CommandError> {
        let mid = create_member(tx, &self.new_member, &self.cipher, now).await?;
        let after = json!({"uname": self.new_member.uname});
        Ok(OperatorOutcome {
            output: mid,
            change: Some(Change { mid: Some(mid), before: Value::Null, after }),
        })
    }
}

/// Marks a member's phone number or mail address as verified. A verified phone number is rewarded once ever.
/// Rejects with 30053 if there is no such contact.
#[derive(Clone, Copy, Debug)]
pub struct VerifyContact {
    /// The member.
    pub mid: Mid,
    /// The kind of the contact.
    pub kind: ContactKind,
}

impl OperatorCommand for VerifyContact {
    type Output = ();
    const ACTION: &'static str = "/operator/member/verify";

    async fn apply<T: Transaction>(&self, tx: &mut T, now: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let &VerifyContact { mid, kind } = self;
        require_member(tx, mid).await?;
        let account = tx.get::<Account>(mid).await?.unwrap_or(Account::new(mid));
        let before = json!({"tel_verified": account.tel_verified, "mail_verified": account.mail_verified});
        if kind.value_of(&account).is_none() {
            return Err(ErrorCode::NothingToVerify.into());
        }
        let account = verify_contact(tx, account, kind, now).await?;
        let after = json!({"tel_verified": account.tel_verified, "mail_verified": account.mail_verified});
        Ok(OperatorOutcome { output: (), change: Some(Change::new(mid, before, after)) })
    }
}

/// Credits coins to a member, or debits them. Rejects with 30050 if the balance is too low, with 30052 if the
/// id was used for another adjustment, and with 30054 if the balance would be too high.
#[derive(Clone, Debug)]
pub struct AdjustCoins {
    /// The member.
    pub mid: Mid,
    /// The coins to credit. A negative amount is a debit.
    pub delta: Coins,
    /// The reason that the coin log shows.
    pub reason: String,
    /// The idempotency key of the adjustment.
    pub id: Option<EventId>,
    /// The retention time of the id, in seconds.
    pub id_retention: i64,
}

impl AdjustCoins {
    /// Returns the row key of the id. Its prefix separates it from the ids of events.
    fn event_key(&self) -> Option<Hash> {
        let hash = |id: &EventId| Sha256::new_with_prefix(b"member/coins\0").chain_update(id).finalize();
        self.id.as_ref().map(|id| hash(id).into())
    }
}

impl OperatorCommand for AdjustCoins {
    /// The balance, and the outcome: applied now, or a duplicate.
    type Output = (Coins, EventOutcome);
    const ACTION: &'static str = "/operator/member/coins";

    fn prefetch(&self) -> Prefetch {
        let prefetch = Prefetch::default().active_member(self.mid).row::<NewsRow>(self.mid);
        self.event_key().into_iter().fold(prefetch, Prefetch::row::<EventRow>)
    }

    async fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        now: i64,
    ) -> Result<OperatorOutcome<Self::Output>, CommandError> {
        let old = require_member(tx, self.mid).await?.coins;
        let AdjustCoins { mid, delta, reason, id_retention, .. } = self.clone();
        let idempotency = self.event_key().map(|hash| (hash, content_digest(&(mid, delta, &reason))));
        if let Some((hash, content_hash)) = idempotency
            && is_duplicate(tx, hash, content_hash).await?
        {
            return Ok(OperatorOutcome { output: (old, EventOutcome::Duplicate), change: None });
        }
        let balance = reward::change_balance(old, delta)?;
        tx.append_coin_entry(&CoinRow { mid, time: now, delta, reason: reason.clone() }).await?;
        let item = NewsItem { coins: delta, remark: reason.clone(), ..NewsItem::new(NewsKind::Coins, now) };
        add_news(tx, mid, item).await?;
        if let Some((hash, content_hash)) = idempotency {
            tx.put(&EventRow { hash, content_hash, time: now, expires: now.saturating_add(id_retention) })
                .await?;
        }
        let (before, after) = (json!({"coins": old}), json!({"coins": balance, "reason": reason}));
        Ok(OperatorOutcome {
            output: (balance, EventOutcome::Applied),
            change: Some(Change::new(mid, before, after)),
        })
    }
}

/// Revokes all sessions of a member, and returns their number.
#[derive(Clone, Copy, Debug)]
pub struct RevokeMemberSessions(
    /// The member.
    pub Mid,
);

impl OperatorCommand for RevokeMemberSessions {
    type Output = usize;
    const ACTION: &'static str = "/operator/member/sessions/revoke";

    async fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        _: i64,
    ) -> Result<OperatorOutcome<usize>, CommandError> {
        require_member(tx, self.0).await?;
        let revoked = revoke_all(tx, self.0).await?.len();
        let after = json!({"sessions_ended": revoked});
        Ok(OperatorOutcome {
            output: revoked,
            change: Some(Change { mid: Some(self.0), before: Value::Null, after }),
        })
    }
}

/// Removes the picture of a member. Has no effect without one.
#[derive(Clone, Copy, Debug)]
pub struct RemovePicture(
    /// The member.
    pub Mid,
);

impl OperatorCommand for RemovePicture {
    type Output = ();
    const ACTION: &'static str = "/operator/member/face/delete";

    fn prefetch(&self) -> Prefetch {
        picture::prefetch(self.0)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T, _: i64) -> Result<OperatorOutcome<()>, CommandError> {
        require_member(tx, self.0).await?;
        let before = picture::replace(tx, self.0, None).await?;
        let change =
            (!before.is_empty()).then(|| Change::new(self.0, json!({"face": before}), json!({"face": ""})));
        Ok(OperatorOutcome { output: (), change })
    }
}

/// Removes the second factors of a member. Has no effect without any.
#[derive(Clone, Debug)]
pub struct RemoveFactors {
    /// The member.
    pub mid: Mid,
    /// The writer of messages.
    pub outbox: Outbox,
}

impl OperatorCommand for RemoveFactors {
    type Output = ();
    const ACTION: &'static str = "/operator/member/factors/remove";

    async fn apply<T: Transaction>(&self, tx: &mut T, _: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let mid = self.mid;
        require_member(tx, mid).await?;
        let old = tx.get::<Factors>(mid).await?.unwrap_or(Factors::new(mid));
        if old.has_any() {
            let factors = Factors { last_passkey: old.last_passkey, ..Factors::new(mid) };
            store_changed(tx, factors, &self.outbox).await?;
        }
        let state =
            |factors: &Factors| json!({"totp": factors.totp.is_some(), "passkeys": factors.passkeys.len()});
        let change = old.has_any().then(|| Change::new(mid, state(&old), state(&Factors::new(mid))));
        Ok(OperatorOutcome { output: (), change })
    }
}

/// Starts the deletion of a member. Logins, identifiers and private rows end at once, the other rows are
/// deleted in batches.
#[derive(Clone, Debug)]
pub struct DeleteMember {
    /// The member.
    pub mid: Mid,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
}

impl OperatorCommand for DeleteMember {
    type Output = ();
    const ACTION: &'static str = "/operator/member/delete";

    async fn apply<T: Transaction>(&self, tx: &mut T, now: i64) -> Result<OperatorOutcome<()>, CommandError> {
        if tx.get::<PendingDeletion>(self.mid).await?.is_some() {
            return Ok(OperatorOutcome { output: (), change: None });
        }
        require_member(tx, self.mid).await?;
        let uname = tx.get::<Card>(self.mid).await?.map(|card| card.uname);
        tasks::start_deletion(tx, &self.cipher, self.mid, now).await?;
        let before = json!({"uname": uname});
        Ok(OperatorOutcome {
            output: (),
            change: Some(Change { mid: Some(self.mid), before, after: Value::Null }),
        })
    }
}
