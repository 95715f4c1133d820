//! The topology of a synthetic community: mids by index and popularity by rank, computed and never stored.

use guanxi_types::Mid;
use rand::Rng;
use rand_distr::{Distribution, Zipf};
use serde::{Deserialize, Serialize};

/// The smallest mid.
const FIRST_MID: u64 = 1_000;

/// The size of the range over which mids are spread, as in a large service.
const MID_RANGE: u64 = 1 << 32;

/// The Zipf exponent of popularity: the member of rank `r` is drawn `r^-FOLLOW_EXPONENT` times as often as the
/// first. With 20 million relations among a million members, the first has about 750,000 followers.
pub const FOLLOW_EXPONENT: f64 = 1.2;

/// The Zipf exponent of request subjects: among a million members, 7% of the requests are about the first. A larger
/// exponent would measure little beyond the caches.
pub const REQUEST_EXPONENT: f64 = 1.0;

/// The size and the seed of a community.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topology {
    /// The random seed.
    pub seed: u64,
    /// The number of members.
    pub members: u32,
    /// The intended number of relations.
    pub edges: u64,
}

impl Topology {
    /// Returns the mid at an index below `members`. Mids ascend with the index, at varying distances.
    pub fn mid_at(&self, index: u32) -> Mid {
        let step = (MID_RANGE / u64::from(self.members.max(1))).max(1);
        let number = FIRST_MID + u64::from(index) * step + splitmix64(self.seed ^ u64::from(index)) % step;
        // All mids are far below the largest valid one.
        Mid::new(number).unwrap_or(Mid::MAX)
    }

    /// Returns the index of the member at a popularity rank below `members`. Ranks are spread over all indices.
    pub fn index_of_rank(&self, rank: u32) -> u32 {
        let members = u64::from(self.members.max(1));
        // A factor coprime to the count maps ranks to indices one to one.
        let factor = (members * 618 / 1_000..members).find(|factor| gcd(*factor, members) == 1).unwrap_or(1);
        let index = (u64::from(rank) * factor + self.seed % members) % members;
        u32::try_from(index).unwrap_or_default()
    }
}

/// A random distribution of members by popularity.
#[derive(Clone, Copy, Debug)]
pub struct Popularity {
    factor: u64,
    offset: u64,
    members: u64,
    ranks: Zipf<f64>,
}

impl Popularity {
    /// Creates the distribution of a community with the given Zipf exponent.
    ///
    /// # Panics
    ///
    /// If the exponent is negative.
    pub fn new(topology: &Topology, exponent: f64) -> Popularity {
        let members = u64::from(topology.members.max(1));
        let ranks = Zipf::new(members as f64, exponent).expect("at least one member, exponent not negative");
        let offset = u64::from(topology.index_of_rank(0));
        let second = u64::from(topology.index_of_rank(1 % topology.members.max(1)));
        let factor = (second + members - offset) % members;
        Popularity { factor, offset, members, ranks }
    }

    /// Draws the index of a member.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank is between 1 and the number of members"
    )]
    pub fn draw(&self, rng: &mut impl Rng) -> u32 {
        let rank = self.ranks.sample(rng) as u64 - 1;
        ((rank * self.factor + self.offset) % self.members) as u32
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Hashes a number with the finalizer of SplitMix64: every output bit depends on every input bit.
pub(crate) fn splitmix64(number: u64) -> u64 {
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

    fn topology(members: u32) -> Topology {
        Topology { seed: 7, members, edges: 0 }
    }

    #[test]
    fn mids_ascend_within_their_range() {
        for members in [1, 2, 10_000] {
            let topology = topology(members);
            let mids: Vec<u64> = (0..members).map(|index| topology.mid_at(index).get()).collect();
            assert!(mids.is_sorted_by(|a, b| a < b));
            assert!(mids.iter().all(|mid| *mid >= FIRST_MID && *mid < FIRST_MID + MID_RANGE));
        }
    }

    #[test]
    fn ranks_map_to_indices_one_to_one() {
        for members in [1, 2, 3, 1_000, 1_001] {
            let topology = topology(members);
            let indices: HashSet<u32> = (0..members).map(|rank| topology.index_of_rank(rank)).collect();
            assert_eq!(indices.len(), members as usize);
            assert!(indices.iter().all(|index| *index < members));
        }
    }

    #[test]
    fn members_are_drawn_by_zipf_popularity() {
        let topology = topology(1_000);
        let popularity = Popularity::new(&topology, FOLLOW_EXPONENT);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut drawn = vec![0_u32; 1_000];
        for _ in 0..200_000 {
            drawn[popularity.draw(&mut rng) as usize] += 1;
        }
        let count = |rank| f64::from(drawn[topology.index_of_rank(rank) as usize]);
        let ratio = count(0) / count(1);
        assert!((ratio - 2_f64.powf(FOLLOW_EXPONENT)).abs() < 0.1, "{ratio}");
        let ratio = count(0) / count(9);
        assert!((ratio - 10_f64.powf(FOLLOW_EXPONENT)).abs() < 1.2, "{ratio}");
    }
}
