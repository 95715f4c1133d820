//! Coins, stored in tenths (D28): 0.1 is a value of the contract, and sums must be exact.

use crate::inline_schema;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};
use std::ops::{Add, AddAssign, Neg};

/// An amount of coins, in tenths. Sums saturate at 64 bits. JSON has `-1`, `0.1`, `1`: an integer for whole coins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coins(i64);

inline_schema!(Coins: { "type": "number" });

impl Coins {
    /// No coins.
    pub const ZERO: Coins = Coins(0);

    /// Returns an amount of tenths of a coin.
    pub const fn from_tenths(tenths: i64) -> Coins {
        Coins(tenths)
    }

    /// Returns an amount of whole coins.
    pub const fn from_whole(coins: i64) -> Coins {
        Coins(coins * 10)
    }

    /// Returns the amount in tenths.
    pub const fn tenths(self) -> i64 {
        self.0
    }
}

impl Add for Coins {
    type Output = Coins;

    fn add(self, other: Coins) -> Coins {
        Coins(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Coins {
    fn add_assign(&mut self, other: Coins) {
        *self = *self + other;
    }
}

impl Neg for Coins {
    type Output = Coins;

    fn neg(self) -> Coins {
        Coins(self.0.saturating_neg())
    }
}

impl Serialize for Coins {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        if self.0 % 10 == 0 {
            return out.serialize_i64(self.0 / 10);
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "below 2^53 tenths the nearest double prints as the decimal"
        )]
        out.serialize_f64(self.0 as f64 / 10.0)
    }
}

impl<'de> Deserialize<'de> for Coins {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Coins, D::Error> {
        let tenths = f64::deserialize(input)? * 10.0;
        if (tenths - tenths.round()).abs() > 1e-6 || tenths.abs() > 9e15 {
            return Err(D::Error::custom("coins are a decimal with at most one digit after the point"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "rounded and bounded just above")]
        Ok(Coins(tenths.round() as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coins_in_json_round_trip() {
        let cases = [
            (-10, "-1"),
            (1, "0.1"),
            (10, "1"),
            (2, "0.2"),
            (0, "0"),
            (-3, "-0.3"),
            (15, "1.5"),
            (123_456_789, "12345678.9"),
        ];
        for (tenths, text) in cases {
            assert_eq!(serde_json::to_string(&Coins::from_tenths(tenths)).unwrap(), text);
            assert_eq!(serde_json::from_str::<Coins>(text).unwrap(), Coins::from_tenths(tenths));
        }
        assert!(serde_json::from_str::<Coins>("0.15").is_err(), "hundredths are rejected");
    }
}
