//! Levels from exp (D32).

/// The exp at which each level starts, from level 0.
pub const LEVEL_MIN_EXP: [u64; 7] = [0, 1, 200, 1_500, 4_500, 10_800, 28_800];

/// A level, with its bounds in exp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// 0 to 6.
    pub level: u8,
    /// The minimum exp of the level.
    pub min: u64,
    /// The minimum exp of the next level, if there is one.
    pub next: Option<u64>,
}

/// Returns the level of an amount of exp.
pub fn compute_level(exp: u64) -> Level {
    let next = LEVEL_MIN_EXP.iter().filter(|min| **min <= exp).count();
    #[expect(clippy::cast_possible_truncation, reason = "there are seven levels")]
    Level { level: (next - 1) as u8, min: LEVEL_MIN_EXP[next - 1], next: LEVEL_MIN_EXP.get(next).copied() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_begin_at_their_minimum_exp() {
        #[rustfmt::skip]
        let cases = [
            (0,        0, 0,      Some(1)),
            (1,        1, 1,      Some(200)),
            (199,      1, 1,      Some(200)),
            (200,      2, 200,    Some(1_500)),
            (1_499,    2, 200,    Some(1_500)),
            (1_500,    3, 1_500,  Some(4_500)),
            (4_500,    4, 4_500,  Some(10_800)),
            (10_799,   4, 4_500,  Some(10_800)),
            (10_800,   5, 10_800, Some(28_800)),
            (28_799,   5, 10_800, Some(28_800)),
            (28_800,   6, 28_800, None),
            (u64::MAX, 6, 28_800, None),
        ];
        for (exp, expected, min, next) in cases {
            assert_eq!(compute_level(exp), Level { level: expected, min, next }, "{exp}");
        }
    }
}
