//! What is known of a made-up community without looking: the member of an index, and who is how popular.

use guanxi_types::Mid;
use rand::Rng;
use rand_distr::{Distribution, Zipf};
use serde::{Deserialize, Serialize};

/// The least mid that is given.
const FIRST_MID: u64 = 1_000;

/// Mids lie over so many numbers, as those of a large service do.
const SPREAD: u64 = 1 << 32;

/// How popularity falls with rank: the member of rank `r` is drawn `r^-EXPONENT` as often as the first. With it, 20 million
/// ties among a million members give the first some 760,000 fans.
pub const EXPONENT: f64 = 1.2;

/// The same of whom requests are about: of a million members, 7 in 100 are about the first. More than that would say little of
/// what is not in a cache.
pub const ASKED: f64 = 1.0;

/// A community's size, and what it is drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// What everything is drawn from.
    pub seed: u64,
    /// How many members there are.
    pub members: u32,
    /// How many ties there were meant to be.
    pub edges: u64,
}

impl Shape {
    /// The member of an index, below `members`. Mids ascend with it, at distances that vary.
    pub fn mid(&self, index: u32) -> Mid {
        let step = (SPREAD / u64::from(self.members.max(1))).max(1);
        let number = FIRST_MID + u64::from(index) * step + mix(self.seed ^ u64::from(index)) % step;
        // All of them are far below the largest.
        Mid::new(number).unwrap_or(Mid::MAX)
    }

    /// The index of the member of that rank, which is below `members` too. Popular members lie anywhere.
    pub fn popular(&self, rank: u32) -> u32 {
        let members = u64::from(self.members.max(1));
        // A factor that shares none with the count moves no two ranks to one place.
        let factor = (members * 618 / 1_000..members).find(|factor| gcd(*factor, members) == 1).unwrap_or(1);
        let index = (u64::from(rank) * factor + self.seed % members) % members;
        u32::try_from(index).unwrap_or_default()
    }
}

/// Draws members by their popularity.
#[derive(Clone, Copy, Debug)]
pub struct Popularity {
    factor: u64,
    offset: u64,
    members: u64,
    ranks: Zipf<f64>,
}

impl Popularity {
    /// That of a community, which falls with rank by such an exponent.
    ///
    /// # Panics
    ///
    /// If the exponent is negative.
    pub fn of(shape: &Shape, exponent: f64) -> Popularity {
        let members = u64::from(shape.members.max(1));
        let ranks = Zipf::new(members as f64, exponent).expect("there are members, and an exponent from 0");
        let offset = u64::from(shape.popular(0));
        let factor = (u64::from(shape.popular(1 % shape.members.max(1))) + members - offset) % members;
        Popularity { factor, offset, members, ranks }
    }

    /// The index of a member.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank is from 1 to the count of members"
    )]
    pub fn draw(&self, chance: &mut impl Rng) -> u32 {
        let rank = self.ranks.sample(chance) as u64 - 1;
        ((rank * self.factor + self.offset) % self.members) as u32
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A number of which every bit depends on every bit of what it is made of (the finisher of SplitMix64).
pub(crate) fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use std::collections::HashSet;

    fn shape(members: u32) -> Shape {
        Shape { seed: 7, members, edges: 0 }
    }

    #[test]
    fn mids_ascend_and_lie_far_apart() {
        for members in [1, 2, 10_000] {
            let shape = shape(members);
            let mids: Vec<u64> = (0..members).map(|index| shape.mid(index).get()).collect();
            assert!(mids.is_sorted_by(|a, b| a < b));
            assert!(mids.iter().all(|mid| *mid >= FIRST_MID && *mid < FIRST_MID + SPREAD));
        }
    }

    #[test]
    fn every_member_has_one_rank() {
        for members in [1, 2, 3, 1_000, 1_001] {
            let shape = shape(members);
            let indices: HashSet<u32> = (0..members).map(|rank| shape.popular(rank)).collect();
            assert_eq!(indices.len(), members as usize);
            assert!(indices.iter().all(|index| *index < members));
        }
    }

    #[test]
    fn the_popular_are_drawn_as_often_as_they_should() {
        let shape = shape(1_000);
        let popularity = Popularity::of(&shape, EXPONENT);
        let mut chance = ChaCha8Rng::seed_from_u64(1);
        let mut drawn = vec![0_u32; 1_000];
        for _ in 0..200_000 {
            drawn[popularity.draw(&mut chance) as usize] += 1;
        }
        let of = |rank| f64::from(drawn[shape.popular(rank) as usize]);
        let ratio = of(0) / of(1);
        assert!((ratio - 2_f64.powf(EXPONENT)).abs() < 0.1, "{ratio}");
        let ratio = of(0) / of(9);
        assert!((ratio - 10_f64.powf(EXPONENT)).abs() < 1.2, "{ratio}");
    }
}
