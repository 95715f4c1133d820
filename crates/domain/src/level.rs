//! Levels from exp (D32).

/// The exp at which each level starts, from level 0.
const STARTS: [u64; 7] = [0, 1, 200, 1_500, 4_500, 10_800, 28_800];

/// A level and its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// 0 to 6.
    pub level: u8,
    /// The exp at which it starts.
    pub min: u64,
    /// The exp at which the next starts, if there is one.
    pub next: Option<u64>,
}

/// The level of so much exp.
pub fn level(exp: u64) -> Level {
    let past = STARTS.iter().filter(|start| **start <= exp).count();
    #[expect(clippy::cast_possible_truncation, reason = "there are seven")]
    Level { level: (past - 1) as u8, min: STARTS[past - 1], next: STARTS.get(past).copied() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
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
            assert_eq!(level(exp), Level { level: expected, min, next }, "{exp}");
        }
    }
}
