//! What operators do. Each deed is written into their log in the same transaction, with what it changed and nothing
//! private in it.

mod member;
mod review;
mod token;

pub use member::{CreateMember, DeleteMember, EndSessions, Patch, Pay, UpdateMember, Verify};
pub use review::{ReviewRealname, ReviewSign, Verdict};
pub use token::{CreateToken, KeyRotationLogged, RevokeToken};

use super::{Command, Prefetch};
use crate::CommandError;
use crate::row::AuditRow;
use crate::txn::Transaction;
use guanxi_types::Mid;
use serde_json::{Map, Value};

/// Something that an operator does.
pub trait OperatorCommand: Send + Sync + 'static {
    /// What it tells when it is done.
    type Answer: Send + 'static;
    /// What it is called in the log.
    const NAME: &'static str;

    /// What it will look at first.
    fn prefetch(&self) -> Prefetch {
        Prefetch::default()
    }

    /// Loads, decides, applies.
    fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        now: i64,
    ) -> impl Future<Output = Result<OperatorOutcome<Self::Answer>, CommandError>> + Send;
}

/// A deed that was done.
#[derive(Clone, Debug)]
pub struct OperatorOutcome<A> {
    /// What to tell.
    pub answer: A,
    /// What it changed; none if nothing.
    pub change: Option<Change>,
}

/// What a deed changed.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Of whom.
    pub mid: Option<Mid>,
    /// What was.
    pub before: Value,
    /// What is.
    pub after: Value,
}

impl Change {
    fn of(mid: Mid, before: Value, after: Value) -> Change {
        let (before, after) = differing(before, after);
        Change { mid: Some(mid), before, after }
    }
}

/// Of two objects what is not the same in both.
fn differing(before: Value, after: Value) -> (Value, Value) {
    let (Value::Object(before), Value::Object(after)) = (&before, &after) else { return (before, after) };
    let mut parts = (Map::new(), Map::new());
    for key in before.keys().chain(after.keys()) {
        let (was, is) =
            (before.get(key).cloned().unwrap_or_default(), after.get(key).cloned().unwrap_or_default());
        if was == is || parts.0.contains_key(key) {
            continue;
        }
        let (was, is) = differing(was, is);
        parts.0.insert(key.clone(), was);
        parts.1.insert(key.clone(), is);
    }
    (parts.0.into(), parts.1.into())
}

/// A deed, and who does it.
#[derive(Clone, Debug)]
pub struct Audited<D> {
    /// The name of the operator's token.
    pub by: String,
    /// The time, in seconds.
    pub now: i64,
    /// The deed.
    pub deed: D,
}

impl<D: OperatorCommand> Command for Audited<D> {
    type Answer = D::Answer;

    fn prefetch(&self) -> Prefetch {
        self.deed.prefetch()
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<D::Answer, CommandError> {
        let OperatorOutcome { answer, change } = self.deed.apply(tx, self.now).await?;
        if let Some(Change { mid, before, after }) = change {
            let (by, deed) = (self.by.clone(), D::NAME.to_owned());
            let told = |value: Value| if value.is_null() { String::new() } else { value.to_string() };
            let (before, after) = (told(before), told(after));
            tx.put_audit(AuditRow { seq: 0, time: self.now, by, deed, mid, before, after }).await?;
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_the_same() {
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
        for (before, after, was, is) in cases {
            assert_eq!(differing(before, after), (was, is));
        }
    }
}
