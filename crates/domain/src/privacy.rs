//! The audiences of a member's lists.

use crate::relation::{Relation, RelationPair};
use serde::{Deserialize, Serialize};

/// The members who may see a list of another member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Everybody, also without a login.
    #[default]
    Everybody,
    /// The members who follow each other with the owner.
    Mutuals,
    /// The owner only.
    Oneself,
}

impl Audience {
    /// Returns true if a viewer who is not the owner may see the list. `relations` are those of the viewer to the
    /// owner; `None` without a login.
    pub fn includes(self, relations: Option<&RelationPair>) -> bool {
        let follows = |relation: Option<&Relation>| relation.is_some_and(Relation::is_follow);
        match self {
            Audience::Everybody => true,
            Audience::Mutuals => relations
                .is_some_and(|pair| follows(pair.outgoing.as_ref()) && follows(pair.incoming.as_ref())),
            Audience::Oneself => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Audience::{self, Everybody, Mutuals, Oneself};
    use crate::relation::RelationKind::{self, Block, Follow, Whisper};
    use crate::relation::{Relation, RelationPair};

    fn relation(kind: RelationKind) -> Relation {
        Relation { kind, mtime: 1, seq: 0, source: 0, groups: Vec::new() }
    }

    #[test]
    fn audience_includes_viewers_by_their_relations() {
        #[rustfmt::skip]
        let cases: [(Option<RelationKind>, Option<RelationKind>, &[Audience]); 6] = [
            // viewer to owner, owner to viewer -> audiences that include the viewer
            (Some(Follow),  Some(Follow),  &[Everybody, Mutuals]),
            (Some(Follow),  None,          &[Everybody]),
            (None,          Some(Follow),  &[Everybody]),
            (Some(Whisper), Some(Follow),  &[Everybody]),
            (Some(Follow),  Some(Whisper), &[Everybody]),
            (Some(Block),   None,          &[Everybody]),
        ];
        for (outgoing, incoming, including) in cases {
            let pair = RelationPair { outgoing: outgoing.map(relation), incoming: incoming.map(relation) };
            for audience in [Everybody, Mutuals, Oneself] {
                let expected = including.contains(&audience);
                assert_eq!(
                    audience.includes(Some(&pair)),
                    expected,
                    "{outgoing:?} {incoming:?} {audience:?}"
                );
            }
        }
        assert_eq!(
            [Everybody, Mutuals, Oneself].map(|audience| audience.includes(None)),
            [true, false, false]
        );
    }
}
