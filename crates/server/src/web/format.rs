//! Formats of times and amounts on pages.

use guanxi_domain::day;
use guanxi_types::Coins;

/// Formats as `2026-11-21 14:11` in Asia/Shanghai; empty for 0.
pub fn format_minute(second: i64) -> String {
    if second <= 0 { String::new() } else { day::format_time(second)[..16].to_owned() }
}

/// Formats as `2026-11-21` in Asia/Shanghai; empty for 0.
pub fn format_date(second: i64) -> String {
    if second <= 0 { String::new() } else { day::date_at(second).to_string() }
}

/// Formats as `12`, `0.1` or `-2`.
pub fn format_coins(amount: Coins) -> String {
    let tenths = amount.tenths();
    let sign = if tenths < 0 { "-" } else { "" };
    let (coins, tenth) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    if tenth == 0 { format!("{sign}{coins}") } else { format!("{sign}{coins}.{tenth}") }
}

/// Formats with a sign, as `+0.1` or `−2`.
pub fn format_delta(amount: Coins) -> String {
    let text = format_coins(amount);
    match text.strip_prefix('-') {
        Some(absolute) => format!("−{absolute}"),
        None => format!("+{text}"),
    }
}

/// Formats with thousands separators, as `1,365,298`.
pub fn format_count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats for narrow places, as `136.5万` or `1.2亿`.
pub fn format_compact(number: u64) -> String {
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

/// A count with its label and the path of its list.
pub struct Count {
    /// Label of the count.
    pub label: &'static str,
    /// Count in compact format.
    pub compact: String,
    /// Count with all digits.
    pub full: String,
    /// Path of the list; empty if there is none.
    pub path: String,
}

impl Count {
    /// Builds a count from its number.
    pub fn new(label: &'static str, number: u64, path: String) -> Count {
        Count { label, compact: format_compact(number), full: format_count(number), path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_amounts_are_formatted() {
        assert_eq!(
            (format_minute(0).as_str(), format_minute(1_589_903_940).as_str()),
            ("", "2020-05-19 23:59")
        );
        assert_eq!(format_date(1_589_903_940), "2020-05-19");
        let amounts = [(0, "0", "+0"), (1, "0.1", "+0.1"), (-20, "-2", "−2"), (-15, "-1.5", "−1.5")];
        for (tenths, text, delta) in amounts {
            let amount = Coins::from_tenths(tenths);
            assert_eq!((format_coins(amount).as_str(), format_delta(amount).as_str()), (text, delta));
        }
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_365_298, "1,365,298")] {
            assert_eq!(format_count(number), text);
        }
        let compact = [(9_999, "9999"), (10_000, "1万"), (1_365_298, "136.5万"), (120_000_000, "1.2亿")];
        for (number, text) in compact {
            assert_eq!(format_compact(number), text);
        }
    }
}
