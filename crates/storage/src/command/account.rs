//! Members sign up, and change how they are reached.

use super::known::{change, is_anothers, is_taken, rename};
use super::login::NewPassword;
use super::session::{self, NewSession};
use super::{Command, Prefetch, actor};
use crate::row::{Account, Card, Profile, Question, Realname, Sensitive, Tombstone};
use crate::txn::Transaction;
use crate::vault::{Field, FieldCipher, IdentifierKind};
use crate::{CommandError, StorageError};
use guanxi_domain::realname::VerificationStatus;
use guanxi_domain::value::LARGEST_COUNTED;
use guanxi_types::{ErrorCode, Mid, Tagid};
use std::sync::Arc;

/// Somebody about to become a member. Names, phones and mail addresses are as the rules keep them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct NewMember {
    /// Their mid; the next if none is named.
    pub mid: Option<Mid>,
    /// Their name.
    pub uname: String,
    /// Their user name; `gx_` and the mid if none is named, with a number behind it if that is another's.
    pub userid: Option<String>,
    /// Their password.
    pub password: Option<NewPassword>,
    /// Their phone.
    pub tel: Option<String>,
    /// Their mail address.
    pub mail: Option<String>,
}

/// The user name of who names none: `gx_` and the mid, and a number behind it if that is another's.
async fn free_userid<T: Transaction>(
    tx: &mut T,
    vault: &FieldCipher,
    mid: Mid,
) -> Result<String, StorageError> {
    let mut userid = format!("gx_{mid}");
    let mut number = 1;
    while is_anothers(tx, vault, IdentifierKind::Userid, &userid, mid).await? {
        number += 1;
        userid = format!("gx_{mid}_{number}");
    }
    Ok(userid)
}

/// How many members are looked at together for a gap between them.
const STRETCH: usize = 256;

/// The mid of who names none: the next of the counter. Above the counted mids there may be imported ones, which are passed
/// over.
async fn next_mid<T: Transaction>(tx: &mut T) -> Result<Mid, StorageError> {
    let mut next = tx.new_mid().await?;
    while next.get() > LARGEST_COUNTED {
        let there = tx.members_after(Mid::new(next.get() - 1), STRETCH).await?;
        let taken = there.iter().zip(next.get()..).take_while(|(mid, number)| mid.get() == *number).count();
        let free = Mid::new(next.get() + taken as u64);
        next = free.ok_or_else(|| StorageError::Engine("there is no mid left to give".to_owned()))?;
        if taken < STRETCH {
            break;
        }
    }
    Ok(next)
}

/// Deletes the tombstone of a mid that is given again: to whom an operator or a dump names.
pub(super) async fn unmark<T: Transaction>(tx: &mut T, mid: Mid) -> Result<(), StorageError> {
    match tx.get::<Tombstone>(mid).await? {
        Some(_) => tx.delete::<Tombstone>(mid).await,
        None => Ok(()),
    }
}

/// Makes a member. 30002 to 30006 for what is another's, in this order.
pub(super) async fn enrol<T: Transaction>(
    tx: &mut T,
    new: &NewMember,
    vault: &FieldCipher,
    now: i64,
) -> Result<Mid, CommandError> {
    let mid = match new.mid {
        Some(mid) => mid,
        None => next_mid(tx).await?,
    };
    let userid = match &new.userid {
        Some(userid) => userid.clone(),
        None => free_userid(tx, vault, mid).await?,
    };
    let known = [
        (IdentifierKind::Uname, Some(&new.uname), ErrorCode::NameTaken),
        (IdentifierKind::Tel, new.tel.as_ref(), ErrorCode::TelTaken),
        (IdentifierKind::Mail, new.mail.as_ref(), ErrorCode::MailTaken),
        (IdentifierKind::Userid, Some(&userid), ErrorCode::UseridTaken),
    ];
    for (known, text, taken) in known {
        if let Some(text) = text
            && is_anothers(tx, vault, known, text, mid).await?
        {
            return Err(taken.into());
        }
    }
    if tx.counters(mid).await?.is_some() {
        return Err(ErrorCode::MidTaken.into());
    }
    tx.create_member(mid).await?;
    if new.mid.is_none() && mid.get() > LARGEST_COUNTED {
        tx.set_next(mid.get() + 1, Tagid::DEFAULT.0 + 1).await?;
    }
    unmark(tx, mid).await?;
    tx.put(&Card { uname: new.uname.clone(), ..Card::of(mid) }).await?;
    tx.put(&Profile { jointime: now, ..Profile::of(mid) }).await?;
    let seal =
        |field, text: &Option<String>| text.as_ref().map(|text| vault.seal(field, mid, text)).transpose();
    let (tel, mail) = (seal(Field::Tel, &new.tel)?, seal(Field::Mail, &new.mail)?);
    tx.put(&Account { userid: userid.clone(), tel, mail, ..Account::of(mid) }).await?;
    rename(tx, vault, mid, None, Some(&new.uname)).await?;
    for (known, text, _) in known.into_iter().filter(|(known, ..)| *known != IdentifierKind::Uname) {
        change(tx, vault, known, mid, None, text.map(String::as_str)).await?;
    }
    if let Some(password) = &new.password {
        password.put(tx, mid).await?;
    }
    Ok(mid)
}

/// Makes a member of somebody who signs up, and opens a session for them.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// Who.
    pub new: NewMember,
    /// The session.
    pub arrival: NewSession,
    /// What seals.
    pub vault: Arc<FieldCipher>,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for SignUp {
    type Answer = Mid;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Mid, CommandError> {
        let SignUp { new, arrival, vault, now } = self;
        let mid = enrol(tx, new, vault, *now).await?;
        session::arrive(tx, mid, arrival, *now).await?;
        Ok(mid)
    }
}

/// A phone or a mail address: the ways by which a member is reached, each private and verified by the operator's gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactKind {
    /// A phone.
    Tel,
    /// A mail address.
    Mail,
}

impl ContactKind {
    pub(super) const fn known(self) -> (IdentifierKind, Field, ErrorCode) {
        match self {
            ContactKind::Tel => (IdentifierKind::Tel, Field::Tel, ErrorCode::TelTaken),
            ContactKind::Mail => (IdentifierKind::Mail, Field::Mail, ErrorCode::MailTaken),
        }
    }

    pub(super) fn of(self, account: &Account) -> Option<&Sensitive> {
        match self {
            ContactKind::Tel => account.tel.as_ref(),
            ContactKind::Mail => account.mail.as_ref(),
        }
    }
}

/// Changes a member's phone or mail address to one that is not verified, or to none; what stays the same stays verified.
/// Tells whether it is another then. 30003 or 30004 if it is another's.
pub(super) async fn reach<T: Transaction>(
    tx: &mut T,
    vault: &FieldCipher,
    mid: Mid,
    by: ContactKind,
    next: Option<&str>,
) -> Result<bool, CommandError> {
    let (known, field, taken) = by.known();
    let account = tx.get::<Account>(mid).await?.unwrap_or(Account::of(mid));
    let was = vault.open_any(field, mid, by.of(&account))?;
    if was.as_deref() == next {
        return Ok(false);
    }
    if let Some(next) = next
        && is_taken(tx, vault, known, next, mid).await?
    {
        return Err(taken.into());
    }
    change(tx, vault, known, mid, was.as_deref(), next).await?;
    let sealed = next.map(|next| vault.seal(field, mid, next)).transpose()?;
    let account = match by {
        ContactKind::Tel => Account { tel: sealed, tel_verified: false, ..account },
        ContactKind::Mail => Account { mail: sealed, mail_verified: false, ..account },
    };
    tx.put(&account).await?;
    Ok(true)
}

/// Changes one's phone or mail address.
#[derive(Clone, Debug)]
pub struct ChangeReach {
    /// Whose.
    pub me: Mid,
    /// Which.
    pub by: ContactKind,
    /// To what; none to have none.
    pub next: Option<String>,
    /// What seals.
    pub vault: Arc<FieldCipher>,
}

impl Command for ChangeReach {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        actor(tx, self.me).await?;
        reach(tx, &self.vault, self.me, self.by, self.next.as_deref()).await?;
        Ok(())
    }
}

/// Sets one's safe question.
#[derive(Clone, Debug)]
pub struct SetQuestion {
    /// Whose.
    pub me: Mid,
    /// The question.
    pub question: String,
    /// What argon2 made of the answer.
    pub answer: String,
    /// What seals.
    pub vault: Arc<FieldCipher>,
}

impl Command for SetQuestion {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let SetQuestion { me, question, answer, vault } = self;
        actor(tx, *me).await?;
        let question = Some(vault.seal(Field::Question, *me, question)?);
        let account = tx.get::<Account>(*me).await?.unwrap_or(Account::of(*me));
        tx.put(&Account { safe_question: true, ..account }).await?;
        Ok(tx.put(&Question { mid: *me, question, answer: answer.clone() }).await?)
    }
}

/// Applies for real name verification; a newer application replaces one that waits. 30032 if the name is verified.
#[derive(Clone, Debug)]
pub struct ApplyRealname {
    /// Whose.
    pub me: Mid,
    /// The name.
    pub name: String,
    /// The card's number.
    pub card: String,
    /// 0 to 6.
    pub card_type: u8,
    /// What seals.
    pub vault: Arc<FieldCipher>,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for ApplyRealname {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &ApplyRealname { me, ref name, ref card, card_type, ref vault, now } = self;
        actor(tx, me).await?;
        let was = tx.get::<Realname>(me).await?;
        if was.as_ref().is_some_and(|was| was.standing == VerificationStatus::Verified) {
            return Err(ErrorCode::RealnameVerified.into());
        }
        // Each application has a second of its own, so that a moderator's word is for the one that was looked at.
        let submitted = was.map_or(now, |was| now.max(was.submitted.saturating_add(1)));
        let (name, card) = (vault.seal(Field::Name, me, name)?, vault.seal(Field::Card, me, card)?);
        let (name, card, standing) = (Some(name), Some(card), VerificationStatus::Waiting);
        Ok(tx.put(&Realname { mid: me, standing, name, card, card_type, submitted, ended: 0 }).await?)
    }
}

/// Says until when one has seen one's news: never less than before, and nothing that is to come.
#[derive(Clone, Copy, Debug)]
pub struct SeeNews {
    /// Who.
    pub me: Mid,
    /// Until when, in seconds.
    pub until: i64,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for SeeNews {
    type Answer = ();

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().actor(self.me).row::<Account>(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &SeeNews { me, until, now } = self;
        actor(tx, me).await?;
        let account = tx.get::<Account>(me).await?.unwrap_or(Account::of(me));
        let seen = account.seen.max(until.min(now));
        if seen == account.seen {
            return Ok(());
        }
        Ok(tx.put(&Account { seen, ..account }).await?)
    }
}

/// Seals again, with the newest key, what some members have sealed with older ones.
#[derive(Clone, Debug)]
pub struct ReencryptFields {
    /// Behind which member to go on; none to begin.
    pub after: Option<Mid>,
    /// How many members at most.
    pub most: usize,
    /// What seals.
    pub vault: Arc<FieldCipher>,
}

impl Command for ReencryptFields {
    /// The last member looked at; none if there are no more.
    type Answer = Option<Mid>;
    const WAITS: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Option<Mid>, CommandError> {
        let members = tx.members_after(self.after, self.most).await?;
        for mid in &members {
            reseal(tx, &self.vault, *mid).await?;
        }
        Ok(members.last().copied())
    }
}

async fn reseal<T: Transaction>(tx: &mut T, vault: &FieldCipher, mid: Mid) -> Result<(), StorageError> {
    let anew = |field, text: Option<&Sensitive>| {
        text.map(|text| vault.open(field, mid, text).and_then(|text| vault.seal(field, mid, &text)))
            .transpose()
    };
    let is_old = |texts: &[&Option<Sensitive>]| {
        texts.iter().filter_map(|text| text.as_ref()).any(|text| !vault.is_current(text))
    };
    if let Some(account) = tx.get::<Account>(mid).await?
        && is_old(&[&account.tel, &account.mail])
    {
        let (tel, mail) =
            (anew(Field::Tel, account.tel.as_ref())?, anew(Field::Mail, account.mail.as_ref())?);
        for (known, field, text) in
            [(IdentifierKind::Tel, Field::Tel, &tel), (IdentifierKind::Mail, Field::Mail, &mail)]
        {
            if let Some(text) = text {
                let text = vault.open(field, mid, text)?;
                change(tx, vault, known, mid, Some(&text), Some(&text)).await?;
            }
        }
        tx.put(&Account { tel, mail, ..account }).await?;
    }
    if let Some(row) = tx.get::<Realname>(mid).await?
        && is_old(&[&row.name, &row.card])
    {
        let (name, card) = (anew(Field::Name, row.name.as_ref())?, anew(Field::Card, row.card.as_ref())?);
        tx.put(&Realname { name, card, ..row }).await?;
    }
    if let Some(row) = tx.get::<Question>(mid).await?
        && is_old(&[&row.question])
    {
        let question = anew(Field::Question, row.question.as_ref())?;
        tx.put(&Question { question, ..row }).await?;
    }
    Ok(())
}
