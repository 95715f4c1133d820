//! The number of outgoing edges of each member: log-normal, with some members at the permitted maximum.

use crate::topology::{Topology, splitmix64};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal};

/// The largest number of outgoing edges in a large community. In a small one it is a quarter of the members.
const MAX_FOLLOWINGS: u32 = 2_000;

/// The distance between members with the maximum: one in this many has it.
const FULL_EVERY: u32 = 3_000;

/// The sigma of the log-normal distribution. One in ten members follows more than 2.2 times the mean, and one in
/// four less than a third of it.
const SIGMA: f64 = 1.0;

/// Returns the largest number of outgoing edges.
pub(super) fn max_followings(topology: &Topology) -> u32 {
    MAX_FOLLOWINGS.min(topology.members / 4)
}

/// True if a member has the maximum of outgoing edges.
pub(super) fn is_full(topology: &Topology, index: u32) -> bool {
    let nth = FULL_EVERY.min(topology.members.max(1));
    u64::from(index % nth) == splitmix64(topology.seed) % u64::from(nth)
}

/// Draws the number of outgoing edges of each member. Their sum is about the intended one, unless that is
/// impossible.
pub(super) fn degrees(topology: &Topology) -> Vec<u32> {
    let mut rng = ChaCha8Rng::seed_from_u64(topology.seed ^ 0xdec9_ee5d);
    let distribution = LogNormal::new(0.0, SIGMA).expect("sigma is above 0");
    let weights: Vec<f64> = (0..topology.members).map(|_| distribution.sample(&mut rng)).collect();
    let max_followings = max_followings(topology);
    let is_at_max = |index: usize| u32::try_from(index).is_ok_and(|index| is_full(topology, index));
    let limit = f64::from(max_followings);
    let sum = |scale: f64| -> f64 {
        let degree = |(index, weight): (usize, &f64)| {
            if is_at_max(index) { limit } else { (weight * scale).min(limit) }
        };
        weights.iter().enumerate().map(degree).sum()
    };
    let scale = solve(topology.edges as f64, sum);
    // Fractions are rounded up or down at random, which preserves the sum on average.
    let rounded = |(index, weight): (usize, f64)| {
        if is_at_max(index) {
            return max_followings;
        }
        floor((weight * scale).min(limit) + rng.random::<f64>()).min(max_followings)
    };
    weights.into_iter().enumerate().map(rounded).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a degree is between 0 and the maximum"
)]
fn floor(number: f64) -> u32 {
    number as u32
}

/// Returns the argument at which a monotonic `sum` reaches `target`, or comes nearest.
fn solve(target: f64, sum: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while sum(high) < target && high < 1e6 {
        high *= 2.0;
    }
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if sum(middle) < target { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}
