//! How many each member follows: a log-normal spread, with some who follow as many as one may.

use crate::shape::{Shape, mix};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal};

/// As many as one may follow, of a community that is large enough; of a smaller one a quarter of it.
const MOST: u32 = 2_000;

/// One in so many members follows as many as one may.
const FULL: u32 = 3_000;

/// How far the spread goes: with it one in ten follows more than 2.2 times the mean, and one in four less than a third of it.
const SIGMA: f64 = 1.0;

/// How many one follows at most.
pub(super) fn most(shape: &Shape) -> u32 {
    MOST.min(shape.members / 4)
}

/// Whether a member follows as many as one may.
pub(super) fn is_full(shape: &Shape, index: u32) -> bool {
    let nth = FULL.min(shape.members.max(1));
    u64::from(index % nth) == mix(shape.seed) % u64::from(nth)
}

/// How many ties each member has: all together as many as there were meant to be, if there is room for them.
pub(super) fn degrees(shape: &Shape) -> Vec<u32> {
    let mut chance = ChaCha8Rng::seed_from_u64(shape.seed ^ 0xdec9_ee5d);
    let spread = LogNormal::new(0.0, SIGMA).expect("a spread above 0 is one");
    let weights: Vec<f64> = (0..shape.members).map(|_| spread.sample(&mut chance)).collect();
    let (most, full) =
        (most(shape), |index: usize| u32::try_from(index).is_ok_and(|index| is_full(shape, index)));
    let room = f64::from(most);
    let sum = |scale: f64| -> f64 {
        let of = |(index, weight): (usize, &f64)| if full(index) { room } else { (weight * scale).min(room) };
        weights.iter().enumerate().map(of).sum()
    };
    let scale = solve(shape.edges as f64, sum);
    // What is left of each after the whole ones is given by chance, so that the sum stays about the same.
    let whole = |(index, weight): (usize, f64)| {
        if full(index) {
            return most;
        }
        cut((weight * scale).min(room) + chance.random::<f64>()).min(most)
    };
    weights.into_iter().enumerate().map(whole).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is from 0 to the most that one follows"
)]
fn cut(number: f64) -> u32 {
    number as u32
}

/// Where a sum that grows comes to what is wanted, or as near as it gets.
fn solve(wanted: f64, sum: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while sum(high) < wanted && high < 1e6 {
        high *= 2.0;
    }
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if sum(middle) < wanted { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}
