//! The reversal of a change of relations: each relation is again as it was before, with its time, order and groups.

use crate::relation::Relation;
use guanxi_types::{ErrorCode, Mid};
use serde::{Deserialize, Serialize};

/// A relation before and after a change. Both are equal if the change only depends on the relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationChange {
    /// The owner of the relation.
    pub from: Mid,
    /// The target of the relation.
    pub to: Mid,
    /// The relation before the change.
    pub before: Option<Relation>,
    /// The relation after the change.
    pub after: Option<Relation>,
}

impl RelationChange {
    /// Returns true if the change lost something: the relation, its kind or its groups.
    pub fn is_loss(&self) -> bool {
        let content = |relation: &Relation| (relation.kind, relation.groups.clone());
        self.before.is_some() && self.before.as_ref().map(content) != self.after.as_ref().map(content)
    }

    /// Returns true if the relation is another one than before.
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }

    /// Returns true if the change was only one of groups.
    pub fn is_regrouping(&self) -> bool {
        position(self.before.as_ref()) == position(self.after.as_ref())
    }

    /// Returns the relation without the change.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorCode::UndoExpired`] if the relation has changed since. A regrouped relation may have a new time.
    pub fn revert(&self, current: Option<&Relation>) -> Result<Option<Relation>, ErrorCode> {
        match (current, &self.before, &self.after) {
            (Some(current), Some(before), Some(after)) if self.is_regrouping() => {
                let is_unchanged = (current.kind, &current.groups) == (after.kind, &after.groups);
                is_unchanged.then(|| Some(Relation { groups: before.groups.clone(), ..current.clone() }))
            }
            _ => (current == self.after.as_ref()).then(|| self.before.clone()),
        }
        .ok_or(ErrorCode::UndoExpired)
    }
}

/// Returns the part of a relation that is not its groups.
fn position(relation: Option<&Relation>) -> Option<Relation> {
    relation.map(|relation| Relation { groups: Vec::new(), ..relation.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relation::{GroupMembership, RelationKind};
    use guanxi_types::Tagid;

    /// The relation of a text: `-` none, `b1` a block of the second 1, `f1:7` a follow of it in the group 7.
    fn relation(text: &str) -> Option<Relation> {
        let (head, group) = text.split_once(':').unwrap_or((text, ""));
        let kind = match head.chars().next() {
            Some('f') => RelationKind::Follow,
            Some('b') => RelationKind::Block,
            _ => return None,
        };
        let groups = group.parse().map(|tagid| GroupMembership { tagid: Tagid(tagid), seq: 3 });
        Some(Relation {
            kind,
            mtime: head[1..].parse().unwrap(),
            seq: 5,
            source: 11,
            groups: groups.into_iter().collect(),
        })
    }

    #[test]
    fn change_is_reverted_unless_the_relation_changed_since() {
        #[rustfmt::skip]
        let cases = [
            // before, after, current -> reverted, loss
            ("f1:7", "-",    "-",    Some("f1:7"), true),
            ("f1:7", "-",    "f9:0", None,         true),
            ("f1:7", "b2",   "b2",   Some("f1:7"), true),
            ("f1:7", "b2",   "b3",   None,         true),
            ("f1:7", "b2",   "-",    None,         true),
            ("b1",   "-",    "-",    Some("b1"),   true),
            ("-",    "f2:0", "f2:0", Some("-"),    false),
            ("-",    "f2:0", "f2:7", None,         false),
            // A new mutual follow refreshes the time of the other one.
            ("f1:7", "f2:7", "f2:7", Some("f1:7"), false),
            ("f1:7", "f2:7", "f3:7", None,         false),
            // Regrouped.
            ("f1:7", "f1:0", "f1:0", Some("f1:7"), true),
            ("f1:7", "f1:0", "f4:0", Some("f4:7"), true),
            ("f1:7", "f1:0", "f1:8", None,         true),
            ("f1:7", "f1:0", "-",    None,         true),
            // A relation that the change depends on.
            ("-",    "-",    "-",    Some("-"),    false),
            ("-",    "-",    "f2:0", None,         false),
            ("f1:7", "f1:7", "f1:7", Some("f1:7"), false),
            ("f1:7", "f1:7", "b2",   None,         false),
        ];
        let (from, to) = (Mid::new(1).unwrap(), Mid::new(2).unwrap());
        for (before, after, current, reverted, is_loss) in cases {
            let change = RelationChange { from, to, before: relation(before), after: relation(after) };
            let result = change.revert(relation(current).as_ref());
            let name = format!("{before} to {after}, now {current}");
            assert_eq!(result, reverted.map(relation).ok_or(ErrorCode::UndoExpired), "{name}");
            assert_eq!(change.is_loss(), is_loss, "{name}");
        }
    }
}
