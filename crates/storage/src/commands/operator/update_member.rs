//! Operators' commands that update the record of a member.

use super::super::ContactKind;
use super::super::account::set_contact;
use super::super::identifiers::{conflicts, is_taken, replace_identifier, replace_name};
use super::super::login::NewPassword;
use super::super::rewards::record_exp;
use super::super::session::revoke_all;
use super::super::{delete_existing, picture, require_member};
use super::{Change, OperatorCommand, OperatorOutcome};
use crate::encryption::{FieldCipher, Hash, IdentifierKind};
use crate::model::{Account, Card, Entity, Experience, Profile, RateLimitBucket, Upstat, Validate};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::value::{InvalidValue, NAME};
use guanxi_types::{ErrorCode, Mid};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Updates the record of a member. Rejects with -404, and with 30001 to 30005 for an invalid or taken identifier.
#[derive(Clone, Debug)]
pub struct UpdateMember {
    /// The member.
    pub mid: Mid,
    /// The changes.
    pub patch: MemberPatch,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
}

/// The changes of a member. Each part is a JSON merge patch of the row of that name, in the format of a dump.
/// Null resets a field to its default.
#[derive(Clone, Debug, Default)]
pub struct MemberPatch {
    /// The changes of the card.
    pub card: Map<String, Value>,
    /// The changes of the profile.
    pub profile: Map<String, Value>,
    /// The changes of the account, except for contacts.
    pub account: Map<String, Value>,
    /// The changes of the exp.
    pub growth: Map<String, Value>,
    /// The changes of the counts of works.
    pub upstat: Map<String, Value>,
    /// The new contacts, normalized. `None` clears a contact.
    pub contacts: Vec<(ContactKind, Option<String>)>,
    /// The new password, and the key of the account's rate-limit bucket. It clears the bucket and revokes all
    /// sessions.
    pub password: Option<(NewPassword, Hash)>,
}

impl OperatorCommand for UpdateMember {
    /// The error of an invalid change. Nothing is written then.
    type Output = Result<(), String>;
    const ACTION: &'static str = "/operator/member/update";

    async fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        now: i64,
    ) -> Result<OperatorOutcome<Self::Output>, CommandError> {
        let UpdateMember { mid, patch, cipher } = self;
        let mid = *mid;
        require_member(tx, mid).await?;
        let old = EditableRows::load(tx, mid).await?;
        let new = match old.merged(patch) {
            Ok(new) => new,
            Err(error) => return Ok(OperatorOutcome { output: Err(error), change: None }),
        };
        if new.card.uname != old.card.uname && !is_assignable_name(&new.card.uname) {
            return Err(ErrorCode::InvalidName.into());
        }
        if let Err(invalid) = new.check() {
            return Ok(OperatorOutcome { output: Err(invalid.to_string()), change: None });
        }
        self.reject_taken(tx, cipher, mid, &old, &new).await?;
        picture::delete_replaced(tx, &old.card, &new.card.face).await?;
        new.put(tx).await?;
        record_exp(tx, &old.growth, new.growth.exp, now).await?;
        let (uname, userid) = (&new.card.uname, &new.account.userid);
        if *uname != old.card.uname {
            replace_name(tx, cipher, mid, Some(&old.card.uname), Some(uname)).await?;
        }
        if *userid != old.account.userid {
            let old = Some(old.account.userid.as_str());
            replace_identifier(tx, cipher, IdentifierKind::Userid, mid, old, Some(userid)).await?;
        }
        let mut changed_contacts = Vec::new();
        for (kind, value) in &patch.contacts {
            if set_contact(tx, cipher, mid, *kind, value.as_deref()).await? {
                changed_contacts.push((
                    format!("{kind:?}").to_lowercase(),
                    kind.value_of(&old.account).is_some(),
                    value.is_some(),
                ));
            }
        }
        let mut revoked = None;
        if let Some((password, bucket)) = &patch.password {
            password.put(tx, mid).await?;
            delete_existing::<T, RateLimitBucket>(tx, *bucket).await?;
            revoked = Some(revoke_all(tx, mid).await?.len());
        }
        // The rows are read again, since new contacts and passwords change fields of the account too.
        let (mut before, mut after) = (old.redacted(), EditableRows::load(tx, mid).await?.redacted());
        for (kind, was_set, is_set) in changed_contacts {
            before[&kind] = json!(was_set.then_some("set"));
            after[&kind] = json!(is_set.then_some(if was_set { "changed" } else { "set" }));
        }
        if let Some(revoked) = revoked {
            after["sessions_ended"] = json!(revoked);
            after["password"] = json!("set");
        }
        Ok(OperatorOutcome { output: Ok(()), change: Some(Change::new(mid, before, after)) })
    }
}

impl UpdateMember {
    /// Rejects identifiers of other members. It runs before the first write, so that a rejection writes nothing.
    async fn reject_taken<T: Transaction>(
        &self,
        tx: &mut T,
        cipher: &FieldCipher,
        mid: Mid,
        old: &EditableRows,
        new: &EditableRows,
    ) -> Result<(), CommandError> {
        let (uname, userid) = (&new.card.uname, &new.account.userid);
        if *uname != old.card.uname && conflicts(tx, cipher, IdentifierKind::Uname, uname, mid).await? {
            return Err(ErrorCode::NameTaken.into());
        }
        for (kind, new) in &self.patch.contacts {
            let (identifier, _, taken) = kind.identifier();
            if let Some(new) = new
                && is_taken(tx, cipher, identifier, new, mid).await?
            {
                return Err(taken.into());
            }
        }
        if *userid != old.account.userid && conflicts(tx, cipher, IdentifierKind::Userid, userid, mid).await?
        {
            return Err(ErrorCode::UseridTaken.into());
        }
        Ok(())
    }
}

/// Silences a member, or ends the silence. Rejects with -404 for an unknown member.
#[derive(Clone, Debug)]
pub struct SilenceMember {
    /// The member.
    pub mid: Mid,
    /// True to silence the member, false to end the silence.
    pub silence: bool,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
}

impl OperatorCommand for SilenceMember {
    /// The error of an invalid change, as of [`UpdateMember`].
    type Output = Result<(), String>;
    const ACTION: &'static str = "/operator/member/silence";

    async fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        now: i64,
    ) -> Result<OperatorOutcome<Self::Output>, CommandError> {
        let profile = Map::from_iter([("silence".to_owned(), self.silence.into())]);
        let patch = MemberPatch { profile, ..MemberPatch::default() };
        UpdateMember { mid: self.mid, patch, cipher: Arc::clone(&self.cipher) }.apply(tx, now).await
    }
}

/// Returns true if a member can be assigned this normalized display name.
fn is_assignable_name(uname: &str) -> bool {
    !uname.is_empty() && NAME.is_valid(uname)
}

/// The rows of a member that an operator can change.
struct EditableRows {
    card: Card,
    profile: Profile,
    account: Account,
    growth: Experience,
    upstat: Upstat,
}

impl EditableRows {
    async fn load<T: Transaction>(tx: &mut T, mid: Mid) -> Result<EditableRows, StorageError> {
        Ok(EditableRows {
            card: tx.get(mid).await?.unwrap_or(Card::new(mid)),
            profile: tx.get(mid).await?.unwrap_or(Profile::new(mid)),
            account: tx.get(mid).await?.unwrap_or(Account::new(mid)),
            growth: tx.get(mid).await?.unwrap_or(Experience::new(mid)),
            upstat: tx.get(mid).await?.unwrap_or(Upstat::new(mid)),
        })
    }

    fn merged(&self, patch: &MemberPatch) -> Result<EditableRows, String> {
        // Contacts are not part of the merge, since they are encrypted.
        let plain = Account { tel: None, mail: None, ..self.account.clone() };
        let account: Account = merged("account", &plain, &patch.account)?;
        let Account { tel, mail, .. } = self.account.clone();
        Ok(EditableRows {
            card: merged("card", &self.card, &patch.card)?,
            profile: merged("profile", &self.profile, &patch.profile)?,
            account: Account { tel, mail, ..account },
            growth: merged("growth", &self.growth, &patch.growth)?,
            upstat: merged("upstat", &self.upstat, &patch.upstat)?,
        })
    }

    /// Validates the values of the rows.
    fn check(&self) -> Result<(), InvalidValue> {
        self.card.validate()?;
        self.profile.validate()?;
        self.account.validate()?;
        self.growth.validate()?;
        self.upstat.validate()
    }

    /// Returns the rows as JSON without the contacts.
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

/// Returns a row with a patch merged into it, or the error of an invalid patch.
fn merged<R: Entity>(name: &str, row: &R, patch: &Map<String, Value>) -> Result<R, String> {
    let read_only: &[&str] = match name {
        "account" => &[
            "mid",
            "tel",
            "mail",
            "tel_verified",
            "mail_verified",
            "has_password",
            "safe_question",
            "steps_dismissed",
        ],
        _ => &["mid"],
    };
    if let Some(field) = read_only.iter().find(|field| patch.contains_key(**field)) {
        return Err(format!("{name}.{field} cannot be changed by an update"));
    }
    let mut value = serde_json::to_value(row).map_err(|error| error.to_string())?;
    apply_json_patch(&mut value, patch);
    serde_json::from_value(value).map_err(|error| format!("{name}: {error}"))
}

/// Applies a JSON merge patch (RFC 7396): objects are merged recursively, null removes a field, other values
/// replace it.
fn apply_json_patch(value: &mut Value, patch: &Map<String, Value>) {
    if !value.is_object() {
        *value = json!({});
    }
    let Value::Object(object) = value else { return };
    for (key, value) in patch {
        match value {
            Value::Null => drop(object.remove(key)),
            Value::Object(value) => apply_json_patch(object.entry(key.clone()).or_insert(Value::Null), value),
            _ => drop(object.insert(key.clone(), value.clone())),
        }
    }
}
