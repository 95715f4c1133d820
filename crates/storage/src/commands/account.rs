//! Commands of a member's account: registration, contacts, security question, real name.

use super::contact_code::send_verification_code;
use super::identifiers::{conflicts, is_taken, replace_identifier, replace_name};
use super::keys::follow_keys;
use super::login::NewPassword;
use super::session::{self, NewSession};
use super::{Command, Outbox, Prefetch, delete_existing, require_member};
use crate::encryption::{FieldCipher, IdentifierKind, SensitiveField};
use crate::model::{
    Account, Card, ContactKind, MessageKind, Profile, Question, Realname, Sensitive, Tombstone,
};
use crate::transaction::{self, Transaction};
use crate::{CommandError, StorageError};
use guanxi_domain::factor::Proofs;
use guanxi_domain::review;
use guanxi_domain::value::MAX_ASSIGNED_ID;
use guanxi_domain::verification::{VerificationStatus, is_verified};
use guanxi_types::{ErrorCode, Mid, Tagid};
use std::sync::Arc;

/// The data of a member to be created. Names, phones and mail addresses are already normalized.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct NewMember {
    /// The mid. The next free one is allocated if it is `None`.
    pub mid: Option<Mid>,
    /// The display name.
    pub uname: String,
    /// The user name. The default is `gx_` and the mid, with a numeric suffix if that is taken.
    pub userid: Option<String>,
    /// The password, hashed.
    pub password: Option<NewPassword>,
    /// The phone number.
    pub tel: Option<String>,
    /// The mail address.
    pub mail: Option<String>,
}

/// Returns the default user name: `gx_` and the mid, with a numeric suffix if that is taken.
async fn default_userid<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    mid: Mid,
) -> Result<String, StorageError> {
    let mut userid = format!("gx_{mid}");
    let mut suffix = 1;
    while conflicts(tx, cipher, IdentifierKind::Userid, &userid, mid).await? {
        suffix += 1;
        userid = format!("gx_{mid}_{suffix}");
    }
    Ok(userid)
}

/// The number of members read at once in the search for an unused mid.
const GAP_SCAN_BATCH: usize = 256;

/// Allocates the next mid of the counter. Above [`MAX_ASSIGNED_ID`] imported members do not advance the
/// counter, so mids in use are skipped there.
async fn allocate_mid<T: Transaction>(tx: &mut T) -> Result<Mid, StorageError> {
    let mut next = tx.allocate_mid().await?;
    while next.get() > MAX_ASSIGNED_ID {
        let members = tx.members_after(Mid::new(next.get() - 1), GAP_SCAN_BATCH).await?;
        let taken = members.iter().zip(next.get()..).take_while(|(mid, next)| mid.get() == *next).count();
        next = transaction::allocated_mid(next.get() + taken as u64)?;
        if taken < GAP_SCAN_BATCH {
            break;
        }
    }
    Ok(next)
}

/// Creates a member and returns the mid. Rejects with 30002 to 30006, in this order, if an identifier or the
/// mid is taken.
pub(super) async fn create_member<T: Transaction>(
    tx: &mut T,
    new: &NewMember,
    cipher: &FieldCipher,
    now: i64,
) -> Result<Mid, CommandError> {
    let mid = match new.mid {
        Some(mid) => mid,
        None => allocate_mid(tx).await?,
    };
    if new.tel.is_some() || new.mail.is_some() {
        follow_keys(tx, cipher).await?;
    }
    let userid = match &new.userid {
        Some(userid) => userid.clone(),
        None => default_userid(tx, cipher, mid).await?,
    };
    let identifiers = [
        (IdentifierKind::Uname, Some(&new.uname), ErrorCode::NameTaken),
        (IdentifierKind::Tel, new.tel.as_ref(), ErrorCode::TelTaken),
        (IdentifierKind::Mail, new.mail.as_ref(), ErrorCode::MailTaken),
        (IdentifierKind::Userid, Some(&userid), ErrorCode::UseridTaken),
    ];
    for (kind, text, taken) in identifiers {
        if let Some(text) = text
            && conflicts(tx, cipher, kind, text, mid).await?
        {
            return Err(taken.into());
        }
    }
    if tx.counters(mid).await?.is_some() {
        return Err(ErrorCode::MidTaken.into());
    }
    tx.create_member(mid).await?;
    if new.mid.is_none() && mid.get() > MAX_ASSIGNED_ID {
        tx.set_next(mid.get() + 1, Tagid::DEFAULT.0 + 1).await?;
    }
    // An operator may assign the mid of a deleted member again.
    delete_existing::<T, Tombstone>(tx, mid).await?;
    tx.put(&Card { uname: new.uname.clone(), ..Card::new(mid) }).await?;
    tx.put(&Profile { jointime: now, ..Profile::new(mid) }).await?;
    let tel = cipher.encrypt_optional(SensitiveField::Tel, mid, new.tel.as_deref())?;
    let mail = cipher.encrypt_optional(SensitiveField::Mail, mid, new.mail.as_deref())?;
    tx.put(&Account { userid: userid.clone(), tel, mail, ..Account::new(mid) }).await?;
    replace_name(tx, cipher, mid, None, Some(&new.uname)).await?;
    for (kind, text, _) in identifiers.into_iter().filter(|(kind, ..)| *kind != IdentifierKind::Uname) {
        replace_identifier(tx, cipher, kind, mid, None, text.map(String::as_str)).await?;
    }
    if let Some(password) = &new.password {
        password.put(tx, mid).await?;
    }
    Ok(mid)
}

/// Creates a member who registers, and the member's first session. Returns the mid.
#[derive(Clone, Debug)]
pub struct RegisterMember {
    /// The member's data.
    pub new_member: NewMember,
    /// The session to create.
    pub session: NewSession,
    /// The writer of messages. A phone and a mail address get codes.
    pub outbox: Outbox,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for RegisterMember {
    type Output = Mid;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Mid, CommandError> {
        let RegisterMember { new_member: new, session: new_session, outbox, now } = self;
        let mid = create_member(tx, new, &outbox.cipher, *now).await?;
        let proofs = Proofs { password: *now, factor: 0 };
        session::create_session(tx, mid, new_session, proofs, *now).await?;
        for (contact, address) in [(ContactKind::Tel, &new.tel), (ContactKind::Mail, &new.mail)] {
            if let Some(address) = address {
                send_verification_code(tx, outbox, mid, contact, address).await?;
            }
        }
        Ok(mid)
    }
}

impl ContactKind {
    pub(crate) const fn identifier(self) -> (IdentifierKind, SensitiveField, ErrorCode) {
        match self {
            ContactKind::Tel => (IdentifierKind::Tel, SensitiveField::Tel, ErrorCode::TelTaken),
            ContactKind::Mail => (IdentifierKind::Mail, SensitiveField::Mail, ErrorCode::MailTaken),
        }
    }

    pub(crate) fn value_of(self, account: &Account) -> Option<&Sensitive> {
        match self {
            ContactKind::Tel => account.tel.as_ref(),
            ContactKind::Mail => account.mail.as_ref(),
        }
    }

    /// Returns the contact of an account.
    pub fn decrypt(self, cipher: &FieldCipher, account: &Account) -> Result<Option<String>, StorageError> {
        cipher.decrypt_optional(self.identifier().1, account.mid, self.value_of(account))
    }

    /// Returns true if the contact of an account is verified.
    pub const fn is_verified(self, account: &Account) -> bool {
        match self {
            ContactKind::Tel => account.tel_verified,
            ContactKind::Mail => account.mail_verified,
        }
    }

    const fn changed(self) -> MessageKind {
        match self {
            ContactKind::Tel => MessageKind::TelChanged,
            ContactKind::Mail => MessageKind::MailChanged,
        }
    }
}

/// Sets or clears a contact of a member. A new contact is unverified, an unchanged one stays verified. Returns
/// true if the contact changed. Rejects with 30003 or 30004 if another member has it.
pub(super) async fn set_contact<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    mid: Mid,
    kind: ContactKind,
    value: Option<&str>,
) -> Result<bool, CommandError> {
    let (identifier, field, taken) = kind.identifier();
    let account = tx.get::<Account>(mid).await?.unwrap_or(Account::new(mid));
    follow_keys(tx, cipher).await?;
    let old = cipher.decrypt_optional(field, mid, kind.value_of(&account))?;
    if old.as_deref() == value {
        return Ok(false);
    }
    if let Some(value) = value
        && is_taken(tx, cipher, identifier, value, mid).await?
    {
        return Err(taken.into());
    }
    replace_identifier(tx, cipher, identifier, mid, old.as_deref(), value).await?;
    let encrypted = cipher.encrypt_optional(field, mid, value)?;
    let account = match kind {
        ContactKind::Tel => Account { tel: encrypted, tel_verified: false, ..account },
        ContactKind::Mail => Account { mail: encrypted, mail_verified: false, ..account },
    };
    tx.put(&account).await?;
    Ok(true)
}

/// Sets or clears the member's own phone number or mail address. The verified contacts are told, also a replaced one,
/// and a new contact gets a code.
#[derive(Clone, Debug)]
pub struct ChangeContact {
    /// The member.
    pub me: Mid,
    /// The kind of the contact.
    pub kind: ContactKind,
    /// The new contact. `None` clears it.
    pub value: Option<String>,
    /// The writer of messages.
    pub outbox: Outbox,
}

impl Command for ChangeContact {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let ChangeContact { me, kind, value, outbox } = self;
        require_member(tx, *me).await?;
        let old = tx.get::<Account>(*me).await?.unwrap_or(Account::new(*me));
        if !set_contact(tx, &outbox.cipher, *me, *kind, value.as_deref()).await? {
            return Ok(());
        }
        if let Some(address) = kind.decrypt(&outbox.cipher, &old)?
            && kind.is_verified(&old)
        {
            outbox.put(tx, *me, *kind, &address, kind.changed(), None).await?;
        }
        outbox.notify(tx, *me, kind.changed()).await?;
        if let Some(address) = value {
            send_verification_code(tx, outbox, *me, *kind, address).await?;
        }
        Ok(())
    }
}

/// Sets the member's own security question.
#[derive(Clone, Debug)]
pub struct SetQuestion {
    /// The member.
    pub me: Mid,
    /// The question.
    pub question: String,
    /// The argon2 hash of the answer, as a PHC string.
    pub answer_hash: String,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
}

impl Command for SetQuestion {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let SetQuestion { me, question, answer_hash, cipher } = self;
        require_member(tx, *me).await?;
        follow_keys(tx, cipher).await?;
        let question = Some(cipher.encrypt(SensitiveField::Question, *me, question)?);
        let account = tx.get::<Account>(*me).await?.unwrap_or(Account::new(*me));
        tx.put(&Account { safe_question: true, ..account }).await?;
        Ok(tx.put(&Question { mid: *me, question, answer: answer_hash.clone() }).await?)
    }
}

/// Submits a real name for review. It replaces a pending submission. Rejects with 30032 if the name is already
/// verified.
#[derive(Clone, Debug)]
pub struct SubmitRealname {
    /// The member.
    pub me: Mid,
    /// The real name.
    pub name: String,
    /// The number of the document.
    pub card: String,
    /// The type of the document, 0 to 6.
    pub card_type: u8,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for SubmitRealname {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &SubmitRealname { me, ref name, ref card, card_type, ref cipher, now } = self;
        require_member(tx, me).await?;
        let old = tx.get::<Realname>(me).await?;
        if is_verified(old.as_ref().map(|old| &old.status)) {
            return Err(ErrorCode::RealnameAlreadyVerified.into());
        }
        let submitted = review::submission_time(old.map(|old| old.submitted), now);
        let status = VerificationStatus::Waiting;
        follow_keys(tx, cipher).await?;
        let name = Some(cipher.encrypt(SensitiveField::Name, me, name)?);
        let card = Some(cipher.encrypt(SensitiveField::Card, me, card)?);
        Ok(tx.put(&Realname { mid: me, status, name, card, card_type, submitted, ended: 0 }).await?)
    }
}

/// Dismisses the first steps that a new member sees.
#[derive(Clone, Copy, Debug)]
pub struct DismissFirstSteps(
    /// The member.
    pub Mid,
);

impl Command for DismissFirstSteps {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.0).row::<Account>(self.0)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        require_member(tx, self.0).await?;
        let account = tx.get::<Account>(self.0).await?.unwrap_or(Account::new(self.0));
        if account.steps_dismissed {
            return Ok(());
        }
        Ok(tx.put(&Account { steps_dismissed: true, ..account }).await?)
    }
}
