//! Times and amounts, as pages write them.

use guanxi_domain::day;
use guanxi_types::Coins;

/// `2026-11-21 14:11`, Asia/Shanghai; empty for never.
pub fn minute(second: i64) -> String {
    if second <= 0 { String::new() } else { day::time_at(second)[..16].to_owned() }
}

/// `2026-11-21`; empty for never.
pub fn date(second: i64) -> String {
    if second <= 0 { String::new() } else { day::of(second).to_string() }
}

/// `12`, `0.1`, `-2`.
pub fn coins(amount: Coins) -> String {
    let tenths = amount.in_tenths();
    let sign = if tenths < 0 { "-" } else { "" };
    let (whole, rest) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// The same with its sign, if it is any: `+0.1`, `−2`.
pub fn change(amount: Coins) -> String {
    let told = coins(amount);
    match told.strip_prefix('-') {
        Some(less) => format!("−{less}"),
        None => format!("+{told}"),
    }
}

/// `1,365,298`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut told = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// The same where there is little room: `136.5万`, `1.2亿`.
pub fn about(number: u64) -> String {
    let tenths = |unit: u64, name: &str| {
        let tenths = number / (unit / 10);
        if tenths.is_multiple_of(10) {
            format!("{}{name}", tenths / 10)
        } else {
            format!("{}.{}{name}", tenths / 10, tenths % 10)
        }
    };
    match number {
        0..10_000 => number.to_string(),
        10_000..100_000_000 => tenths(10_000, "万"),
        _ => tenths(100_000_000, "亿"),
    }
}

/// A count, shortened, and whole, and where its list is; nowhere if it has none.
pub struct Count {
    /// What of.
    pub label: &'static str,
    /// So many, shortened.
    pub about: String,
    /// So many.
    pub whole: String,
    /// Where its list is.
    pub path: String,
}

impl Count {
    /// So many of something.
    pub fn of(label: &'static str, number: u64, path: String) -> Count {
        Count { label, about: about(number), whole: count(number), path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_people_write_them() {
        assert_eq!((minute(0).as_str(), minute(1_589_903_940).as_str()), ("", "2020-05-19 23:59"));
        assert_eq!(date(1_589_903_940), "2020-05-19");
        let amounts = [(0, "0", "+0"), (1, "0.1", "+0.1"), (-20, "-2", "−2"), (-15, "-1.5", "−1.5")];
        for (tenths, told, changed) in amounts {
            let amount = Coins::tenths(tenths);
            assert_eq!((coins(amount).as_str(), change(amount).as_str()), (told, changed));
        }
        for (number, told) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_365_298, "1,365,298")] {
            assert_eq!(count(number), told);
        }
        let abouts = [(9_999, "9999"), (10_000, "1万"), (1_365_298, "136.5万"), (120_000_000, "1.2亿")];
        for (number, told) in abouts {
            assert_eq!(about(number), told);
        }
    }
}
