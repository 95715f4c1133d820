//! How often each kind of request is drawn.

use crate::kind::Kind;
use rand::{Rng, RngExt};
use std::fmt;
use std::str::FromStr;

/// Kinds, each with its share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    name: String,
    shares: Vec<(Kind, u32)>,
    sum: u32,
}

/// What is no mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a mix is read, write or social, or one of stat, relation, followers, followings, card, follow, group and default-group"
)]
pub struct WrongMix;

impl FromStr for Mix {
    type Err = WrongMix;

    fn from_str(text: &str) -> Result<Mix, WrongMix> {
        const READ: [(Kind, u32); 5] = [
            (Kind::Stat, 30),
            (Kind::Relation, 25),
            (Kind::Followers, 15),
            (Kind::Followings, 10),
            (Kind::Card, 15),
        ];
        const SINGLE: [Kind; 8] = [
            Kind::Stat,
            Kind::Relation,
            Kind::Followers,
            Kind::Followings,
            Kind::Card,
            Kind::Follow,
            Kind::Group,
            Kind::DefaultGroup,
        ];
        let shares = match text {
            "read" => READ.to_vec(),
            "social" => READ.into_iter().chain([(Kind::Follow, 5)]).collect(),
            "write" => vec![(Kind::Follow, 1)],
            _ => vec![(SINGLE.into_iter().find(|kind| kind.name() == text).ok_or(WrongMix)?, 1)],
        };
        let sum = shares.iter().map(|(_, share)| share).sum();
        Ok(Mix { name: text.to_owned(), shares, sum })
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.name)
    }
}

impl Mix {
    pub(super) fn draw(&self, chance: &mut impl Rng) -> Kind {
        let mut at = if self.shares.len() > 1 { chance.random_range(0..self.sum) } else { 0 };
        for (kind, share) in &self.shares {
            match at.checked_sub(*share) {
                Some(left) => at = left,
                None => return *kind,
            }
        }
        Kind::Stat
    }

    fn has(&self, kinds: &[Kind]) -> bool {
        self.shares.iter().any(|(kind, _)| kinds.contains(kind))
    }

    /// Whether some of it takes a session.
    pub fn needs_sessions(&self) -> bool {
        self.has(&[Kind::Relation, Kind::Follow, Kind::Group, Kind::DefaultGroup])
    }

    pub(super) fn needs_owners(&self) -> bool {
        self.has(&[Kind::Group, Kind::DefaultGroup])
    }

    pub(super) fn follows(&self) -> bool {
        self.has(&[Kind::Follow])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use std::collections::BTreeMap;

    #[test]
    fn social_has_its_shares() {
        let mix: Mix = "social".parse().unwrap();
        let mut chance = ChaCha8Rng::seed_from_u64(1);
        let mut drawn: BTreeMap<Kind, i32> = BTreeMap::new();
        for _ in 0..100_000 {
            *drawn.entry(mix.draw(&mut chance)).or_default() += 1;
        }
        let shares = [
            (Kind::Stat, 30),
            (Kind::Relation, 25),
            (Kind::Followers, 15),
            (Kind::Followings, 10),
            (Kind::Card, 15),
            (Kind::Follow, 5),
        ];
        for (kind, share) in shares {
            assert!((drawn[&kind] - share * 1_000).abs() < 600, "{kind}: {}", drawn[&kind]);
        }
    }

    #[test]
    fn mixes_have_names() {
        for name in ["read", "write", "social", "stat", "default-group", "follow"] {
            assert_eq!(name.parse::<Mix>().unwrap().to_string(), name);
        }
        for name in ["", "all", "unfollow", "greeting", "path"] {
            assert_eq!(name.parse::<Mix>(), Err(WrongMix), "{name}");
        }
    }
}
