//! The request rate and the schedule of intended starts.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// The rate of requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// A closed loop: each connection sends its next request after the response.
    Max,
    /// An open loop with this mean number of requests per second.
    PerSecond(NonZeroU32, Spacing),
}

/// The spacing of intended starts in an open loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spacing {
    /// Exponential gaps, as independent clients cause them (a Poisson process).
    #[default]
    Random,
    /// Equal gaps.
    Even,
}

impl FromStr for Rate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Rate, Self::Err> {
        match text.parse() {
            Ok(rate) => Ok(Rate::PerSecond(rate, Spacing::default())),
            Err(_) if text == "max" => Ok(Rate::Max),
            Err(_) => Err("a rate is a number of requests per second, or max"),
        }
    }
}

/// The intended starts of one thread, in seconds since the start of the run.
#[derive(Debug)]
pub(super) struct Schedule {
    next_start: f64,
    gap: f64,
    spacing: Spacing,
    rng: ChaCha8Rng,
}

impl Schedule {
    /// Creates the schedule of thread `thread` of `threads`. Returns `None` in a closed loop.
    pub(super) fn new(rate: Rate, thread: usize, threads: usize, seed: u64) -> Option<Schedule> {
        let Rate::PerSecond(rate, spacing) = rate else { return None };
        let gap = threads as f64 / f64::from(rate.get());
        let rng = ChaCha8Rng::seed_from_u64(seed ^ thread as u64);
        let first = gap * thread as f64 / threads as f64;
        Some(Schedule { next_start: first, gap, spacing, rng })
    }

    /// Returns the next intended start.
    pub(super) fn next_start(&self) -> Duration {
        Duration::from_secs_f64(self.next_start)
    }

    /// Advances to the following start.
    pub(super) fn advance(&mut self) {
        self.next_start += match self.spacing {
            Spacing::Even => self.gap,
            // A draw is below 1, so its complement is above 0 and has a logarithm.
            Spacing::Random => -(1.0 - self.rng.random::<f64>()).ln() * self.gap,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(spacing: Spacing) -> Vec<f64> {
        let rate = Rate::PerSecond(NonZeroU32::new(1_000).unwrap(), spacing);
        let mut schedule = Schedule::new(rate, 0, 1, 7).unwrap();
        let next_start = |_| {
            let next_start = schedule.next_start().as_secs_f64();
            schedule.advance();
            next_start
        };
        (0..10_000).map(next_start).collect()
    }

    #[test]
    fn schedule_has_the_mean_rate_for_each_spacing() {
        let [random, even] = [Spacing::Random, Spacing::Even].map(starts);
        assert!((even[9_999] - 9.999).abs() < 1e-6, "{}", even[9_999]);
        assert!((random[9_999] - 10.0).abs() < 0.3, "{}", random[9_999]);
        let short = random.windows(2).filter(|two| two[1] - two[0] < 0.001).count();
        // 1 - 1/e of exponential gaps are shorter than their mean.
        assert!((6_100..6_540).contains(&short), "{short}");
    }

    #[test]
    fn rate_parses_numbers_and_max() {
        assert_eq!("max".parse(), Ok(Rate::Max));
        let number = "30".parse::<Rate>().unwrap();
        assert_eq!(number, Rate::PerSecond(NonZeroU32::new(30).unwrap(), Spacing::Random));
        assert!(["", "0", "-1", "fast"].iter().all(|text| text.parse::<Rate>().is_err()));
    }
}
