//! Formats of times and amounts on pages.

use super::language::Language;
use super::text::Key;
use guanxi_domain::day;
use guanxi_types::Coins;
use jiff::civil::Date;

/// Names of the months in English.
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Language {
    /// Formats a time as `2026-11-21 14:11` or `Nov 21, 2026, 14:11`, in Asia/Shanghai; empty for 0.
    pub fn minute(self, second: i64) -> String {
        if second <= 0 {
            return String::new();
        }
        self.minute_of(&day::format_time(second))
    }

    /// Formats a time such as `2026-11-21 14:11:00` as [`minute`](Language::minute) does.
    pub fn minute_of(self, time: &str) -> String {
        let english = |date| format!("{}, {}", self.civil_date(date), &time[11..16]);
        match (self, time[..10].parse()) {
            (Language::English, Ok(date)) => english(date),
            _ => time[..16].to_owned(),
        }
    }

    /// Formats a date as `2026-11-21` or `Nov 21, 2026`, in Asia/Shanghai; empty for 0.
    pub fn date(self, second: i64) -> String {
        if second <= 0 {
            return String::new();
        }
        self.civil_date(day::date_at(second))
    }

    fn civil_date(self, date: Date) -> String {
        match self {
            Language::Chinese => date.to_string(),
            Language::English => format!("{}, {}", self.month_and_day(date), date.year()),
        }
    }

    /// Formats month and day as `11-21` or `Nov 21`.
    pub fn month_and_day(self, date: Date) -> String {
        match self {
            Language::Chinese => format!("{:02}-{:02}", date.month(), date.day()),
            Language::English => {
                let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
                format!("{month} {}", date.day())
            }
        }
    }

    /// Formats a number for narrow places, as `136.5万` or `1.2亿`, and `136.5K` or `1.2B`.
    pub fn compact(self, number: u64) -> String {
        let units: &[(u64, &str)] = match self {
            Language::Chinese => &[(100_000_000, "亿"), (10_000, "万")],
            Language::English => &[(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")],
        };
        // Four digits fit.
        let unit = units.iter().find(|(unit, _)| number >= (*unit).max(10_000));
        let Some((unit, name)) = unit else { return number.to_string() };
        match number / (unit / 10) {
            tenths if tenths.is_multiple_of(10) => format!("{}{name}", tenths / 10),
            tenths => format!("{}.{}{name}", tenths / 10, tenths % 10),
        }
    }
}

/// Formats as `12`, `0.1` or `-2`.
pub fn format_coins(amount: Coins) -> String {
    let tenths = amount.tenths();
    let sign = if tenths < 0 { "-" } else { "" };
    let (coins, tenth) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    if tenth == 0 { format!("{sign}{coins}") } else { format!("{sign}{coins}.{tenth}") }
}

/// Formats as `1.3 MiB`.
pub fn format_bytes(size: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = (size.max(1).ilog2() / 10).min(4);
    if unit == 0 {
        return format!("{size} B");
    }
    let tenths = (u128::from(size) * 10) >> (10 * unit);
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit as usize])
}

/// Formats with a sign, as `+0.1` or `−2`.
pub fn format_delta(amount: Coins) -> String {
    let text = format_coins(amount);
    match text.strip_prefix('-') {
        Some(absolute) => format!("−{absolute}"),
        None => format!("+{text}"),
    }
}

/// Formats the limit of a file's size as `8 MB` or `512 KB`, rounded down.
pub fn format_file_limit(bytes: usize) -> String {
    if bytes >= 1 << 20 { format!("{} MB", bytes >> 20) } else { format!("{} KB", bytes >> 10) }
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

/// Formats with thousands separators and the sign of a negative number.
pub fn format_signed(number: i64) -> String {
    let sign = if number < 0 { "−" } else { "" };
    format!("{sign}{}", format_count(number.unsigned_abs()))
}

/// A count with its label and the path of its list.
pub struct Count {
    /// Label of the count.
    pub label: Key,
    /// Count in compact format.
    pub compact: String,
    /// Count with all digits.
    pub full: String,
    /// Path of the list; empty if there is none.
    pub path: String,
}

impl Count {
    /// Builds a count from its number.
    pub fn new(language: Language, label: Key, number: u64, path: String) -> Count {
        Count { label, compact: language.compact(number), full: format_count(number), path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_amounts_are_formatted() {
        use Language::{Chinese, English};
        assert_eq!((Chinese.minute(0), English.minute(0)), (String::new(), String::new()));
        let times = [
            (1_589_903_940, "2020-05-19 23:59", "May 19, 2020, 23:59"),
            (1_607_616_000, "2020-12-11 00:00", "Dec 11, 2020, 00:00"),
        ];
        for (second, chinese, english) in times {
            assert_eq!(
                (Chinese.minute(second).as_str(), English.minute(second).as_str()),
                (chinese, english)
            );
            assert_eq!(Chinese.date(second), chinese[..10]);
            assert_eq!(English.date(second), english[..12]);
        }
        let amounts = [(0, "0", "+0"), (1, "0.1", "+0.1"), (-20, "-2", "−2"), (-15, "-1.5", "−1.5")];
        for (tenths, text, delta) in amounts {
            let amount = Coins::from_tenths(tenths);
            assert_eq!((format_coins(amount).as_str(), format_delta(amount).as_str()), (text, delta));
        }
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_365_298, "1,365,298")] {
            assert_eq!(format_count(number), text);
        }
        let compact = [
            (9_999, "9999", "9999"),
            (10_000, "1万", "10K"),
            (1_365_298, "136.5万", "1.3M"),
            (120_000_000, "1.2亿", "120M"),
            (1_200_000_000, "12亿", "1.2B"),
        ];
        for (number, chinese, english) in compact {
            assert_eq!(
                (Chinese.compact(number).as_str(), English.compact(number).as_str()),
                (chinese, english)
            );
        }
    }

    #[test]
    fn sizes_are_formatted_in_binary_units() {
        let cases = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_355_776, "1.2 MiB"),
            (u64::MAX, "16777215.9 TiB"),
        ];
        for (size, formatted) in cases {
            assert_eq!(format_bytes(size), formatted);
        }
    }
}
