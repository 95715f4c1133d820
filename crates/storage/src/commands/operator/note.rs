//! Operators' commands on notes about members. The audit log has their numbers, never their texts.

use super::super::keys::follow_keys;
use super::super::require_member;
use super::{Change, OperatorCommand, OperatorOutcome};
use crate::CommandError;
use crate::encryption::{FieldCipher, SensitiveField};
use crate::model::MemberNote;
use crate::transaction::Transaction;
use guanxi_types::{ErrorCode, Mid};
use serde_json::{Value, json};
use std::sync::Arc;

/// Adds a note on a member, and returns its number. Rejects with 30064 if the member has as many as allowed.
#[derive(Clone, Debug)]
pub struct AddNote {
    /// The member.
    pub mid: Mid,
    /// The name of the author's token.
    pub by: String,
    /// The text.
    pub text: String,
    /// The maximum number of notes on a member.
    pub limit: usize,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
}

impl OperatorCommand for AddNote {
    type Output = u64;
    const ACTION: &'static str = "/operator/member/notes/add";

    async fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        now: i64,
    ) -> Result<OperatorOutcome<u64>, CommandError> {
        let AddNote { mid, by, text, limit, cipher } = self;
        require_member(tx, *mid).await?;
        let notes = tx.rows_of::<MemberNote>(*mid, *limit).await?;
        if notes.len() >= *limit {
            return Err(ErrorCode::NoteLimitReached.into());
        }
        // The number of a deleted note is not used again in a later second.
        let after_last = notes.last().map_or(0, |note| note.id + 1);
        let id = after_last.max(u64::try_from(now).unwrap_or_default());
        follow_keys(tx, cipher).await?;
        let text = Some(cipher.encrypt(SensitiveField::Note, *mid, text)?);
        tx.put(&MemberNote { mid: *mid, id, time: now, operator: by.clone(), text }).await?;
        let change = Change { mid: Some(*mid), before: Value::Null, after: json!({"note": id}) };
        Ok(OperatorOutcome { output: id, change: Some(change) })
    }
}

/// Deletes a note on a member. Rejects with 30065 if there is no such note.
#[derive(Clone, Copy, Debug)]
pub struct DeleteNote {
    /// The member.
    pub mid: Mid,
    /// The number of the note.
    pub id: u64,
}

impl OperatorCommand for DeleteNote {
    type Output = ();
    const ACTION: &'static str = "/operator/member/notes/delete";

    async fn apply<T: Transaction>(&self, tx: &mut T, _: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let &DeleteNote { mid, id } = self;
        require_member(tx, mid).await?;
        if tx.get::<MemberNote>((mid, id)).await?.is_none() {
            return Err(ErrorCode::NoteNotFound.into());
        }
        tx.delete::<MemberNote>((mid, id)).await?;
        let change = Change { mid: Some(mid), before: json!({"note": id}), after: Value::Null };
        Ok(OperatorOutcome { output: (), change: Some(change) })
    }
}
