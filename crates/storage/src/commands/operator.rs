//! Operators' commands. Each writes an entry of the audit log in the same transaction, with the changed fields
//! and without private values.

mod member;
mod note;
mod review;
mod token;
mod update_member;

pub use member::{
    AdjustCoins, CreateMember, DeleteMember, RemoveFactors, RemovePicture, RevokeMemberSessions,
    VerifyContact,
};
pub use note::{AddNote, DeleteNote};
pub use review::{ReviewBio, ReviewName, ReviewRealname, Verdict};
pub use token::{CreateToken, LogKeyRotation, RevokeToken};
pub use update_member::{MemberPatch, SilenceMember, UpdateMember};

use super::{Command, Prefetch};
use crate::CommandError;
use crate::model::AuditRow;
use crate::transaction::Transaction;
use guanxi_types::Mid;
use serde_json::{Map, Value};

/// A command of an operator.
pub trait OperatorCommand: Send + Sync + 'static {
    /// The result of the applied command.
    type Output: Send + 'static;
    /// The action of the audit entry: the path of the operators' endpoint.
    const ACTION: &'static str;

    /// Returns hints of the rows that [`OperatorCommand::apply`] reads first.
    fn prefetch(&self) -> Prefetch {
        Prefetch::default()
    }

    /// Reads, decides and writes within a transaction. An error rolls the transaction back.
    fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        now: i64,
    ) -> impl Future<Output = Result<OperatorOutcome<Self::Output>, CommandError>> + Send;
}

/// The outcome of an applied operators' command.
#[derive(Clone, Debug)]
pub struct OperatorOutcome<O> {
    /// The result for the caller.
    pub output: O,
    /// The change to log. `None` writes no audit entry.
    pub change: Option<Change>,
}

/// The change of an audit entry.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The changed member.
    pub mid: Option<Mid>,
    /// The fields before the change.
    pub before: Value,
    /// The fields after the change.
    pub after: Value,
}

impl Change {
    fn new(mid: Mid, before: Value, after: Value) -> Change {
        let (before, after) = differences(before, after);
        Change { mid: Some(mid), before, after }
    }
}

/// Reduces two JSON objects to the fields that differ. Other values are returned unchanged.
fn differences(before: Value, after: Value) -> (Value, Value) {
    let (Value::Object(before), Value::Object(after)) = (&before, &after) else { return (before, after) };
    let mut parts = (Map::new(), Map::new());
    for key in before.keys().chain(after.keys()) {
        let (old, new) =
            (before.get(key).cloned().unwrap_or_default(), after.get(key).cloned().unwrap_or_default());
        if old == new || parts.0.contains_key(key) {
            continue;
        }
        let (old, new) = differences(old, new);
        parts.0.insert(key.clone(), old);
        parts.1.insert(key.clone(), new);
    }
    (parts.0.into(), parts.1.into())
}

/// An operators' command with its audit entry.
#[derive(Clone, Debug)]
pub struct Audited<C> {
    /// The name of the operator's token.
    pub by: String,
    /// The current time, in seconds.
    pub now: i64,
    /// The command.
    pub command: C,
}

impl<C: OperatorCommand> Command for Audited<C> {
    type Output = C::Output;

    fn prefetch(&self) -> Prefetch {
        self.command.prefetch()
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<C::Output, CommandError> {
        let OperatorOutcome { output, change } = self.command.apply(tx, self.now).await?;
        if let Some(Change { mid, before, after }) = change {
            let text = |value: Value| if value.is_null() { String::new() } else { value.to_string() };
            let entry = AuditRow {
                seq: 0,
                time: self.now,
                operator: self.by.clone(),
                action: C::ACTION.to_owned(),
                mid,
                before: text(before),
                after: text(after),
            };
            tx.append_audit(entry).await?;
        }
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_keep_only_changed_fields() {
        let cases = [
            (json!({"a": 1, "b": 2}), json!({"a": 1, "b": 3}), json!({"b": 2}), json!({"b": 3})),
            (
                json!({"a": {"x": 1, "y": 1}}),
                json!({"a": {"x": 1}}),
                json!({"a": {"y": 1}}),
                json!({"a": {"y": null}}),
            ),
            (json!({}), json!({"a": 1}), json!({"a": null}), json!({"a": 1})),
            (json!(null), json!({"a": 1}), json!(null), json!({"a": 1})),
        ];
        for (before, after, old, new) in cases {
            assert_eq!(differences(before, after), (old, new));
        }
    }
}
