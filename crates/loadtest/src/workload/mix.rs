//! Mixes of request kinds.

use crate::kind::RequestKind;
use rand::{Rng, RngExt};
use std::fmt;
use std::str::FromStr;

/// Request kinds with their shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    name: String,
    shares: Vec<(RequestKind, u32)>,
    sum: u32,
}

/// The error for an unknown mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a mix is read, write or social, or one of stat, relation, followers, followings, card, follow, group and default-group"
)]
pub struct InvalidMix;

impl FromStr for Mix {
    type Err = InvalidMix;

    fn from_str(text: &str) -> Result<Mix, InvalidMix> {
        const READ: [(RequestKind, u32); 5] = [
            (RequestKind::Stat, 30),
            (RequestKind::Relation, 25),
            (RequestKind::Followers, 15),
            (RequestKind::Followings, 10),
            (RequestKind::Card, 15),
        ];
        const SINGLE_KINDS: [RequestKind; 8] = [
            RequestKind::Stat,
            RequestKind::Relation,
            RequestKind::Followers,
            RequestKind::Followings,
            RequestKind::Card,
            RequestKind::Follow,
            RequestKind::Group,
            RequestKind::DefaultGroup,
        ];
        let shares = match text {
            "read" => READ.to_vec(),
            "social" => READ.into_iter().chain([(RequestKind::Follow, 5)]).collect(),
            "write" => vec![(RequestKind::Follow, 1)],
            _ => vec![(SINGLE_KINDS.into_iter().find(|kind| kind.name() == text).ok_or(InvalidMix)?, 1)],
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
    pub(super) fn draw(&self, rng: &mut impl Rng) -> RequestKind {
        let mut draw = if self.shares.len() > 1 { rng.random_range(0..self.sum) } else { 0 };
        for (kind, share) in &self.shares {
            match draw.checked_sub(*share) {
                Some(rest) => draw = rest,
                None => return *kind,
            }
        }
        RequestKind::Stat
    }

    fn has(&self, kinds: &[RequestKind]) -> bool {
        self.shares.iter().any(|(kind, _)| kinds.contains(kind))
    }

    /// True if some requests of the mix need a session.
    pub fn needs_sessions(&self) -> bool {
        self.has(&[RequestKind::Relation, RequestKind::Follow, RequestKind::Group, RequestKind::DefaultGroup])
    }

    pub(super) fn needs_heavy_followers(&self) -> bool {
        self.has(&[RequestKind::Group, RequestKind::DefaultGroup])
    }

    pub(super) fn has_follow(&self) -> bool {
        self.has(&[RequestKind::Follow])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use std::collections::BTreeMap;

    #[test]
    fn social_mix_has_its_shares() {
        let mix: Mix = "social".parse().unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut drawn: BTreeMap<RequestKind, i32> = BTreeMap::new();
        for _ in 0..100_000 {
            *drawn.entry(mix.draw(&mut rng)).or_default() += 1;
        }
        let shares = [
            (RequestKind::Stat, 30),
            (RequestKind::Relation, 25),
            (RequestKind::Followers, 15),
            (RequestKind::Followings, 10),
            (RequestKind::Card, 15),
            (RequestKind::Follow, 5),
        ];
        for (kind, share) in shares {
            assert!((drawn[&kind] - share * 1_000).abs() < 600, "{kind}: {}", drawn[&kind]);
        }
    }

    #[test]
    fn mix_parses_known_names_only() {
        for name in ["read", "write", "social", "stat", "default-group", "follow"] {
            assert_eq!(name.parse::<Mix>().unwrap().to_string(), name);
        }
        for name in ["", "all", "unfollow", "warm-up", "path"] {
            assert_eq!(name.parse::<Mix>(), Err(InvalidMix), "{name}");
        }
    }
}
