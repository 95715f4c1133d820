//! Days and dates in Asia/Shanghai (D26).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// Asia/Shanghai has kept UTC+8 without a change of clocks since 1991; guanxi's times are all later.
pub const SHANGHAI: TimeZone = TimeZone::fixed(Offset::constant(8));

fn civil(second: i64) -> DateTime {
    let instant = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    instant.to_zoned(SHANGHAI).datetime()
}

/// The day of a second since 1970.
pub fn of(second: i64) -> Date {
    civil(second).date()
}

/// The second at which a day begins.
pub fn start(day: Date) -> i64 {
    day.to_zoned(SHANGHAI).map_or(i64::MAX, |start| start.timestamp().as_second())
}

/// `YYYY-MM-DD HH:MM:SS`.
pub fn time_at(second: i64) -> String {
    civil(second).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `MM-DD`, as a space shows a birthday.
pub fn month_and_day(day: Date) -> String {
    day.strftime("%m-%d").to_string()
}

/// The second that lies so many times 24 hours before.
pub fn days_before(now: i64, days: u32) -> i64 {
    now.saturating_sub(i64::from(days) * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_in_shanghai() {
        let cases = [
            (1_589_903_909, "2020-05-19 23:58:29", "2020-05-19"),
            (1_589_903_999, "2020-05-19 23:59:59", "2020-05-19"),
            (1_589_904_000, "2020-05-20 00:00:00", "2020-05-20"),
            (1_746_038_055, "2025-05-01 02:34:15", "2025-05-01"),
            (0, "1970-01-01 08:00:00", "1970-01-01"),
        ];
        for (second, time, day) in cases {
            assert_eq!(time_at(second), time);
            assert_eq!(of(second).to_string(), day);
            assert!(start(of(second)) <= second && second < start(of(second)) + 86_400);
        }
    }

    #[test]
    fn birthdays_and_windows() {
        assert_eq!(month_and_day("2002-03-05".parse().unwrap()), "03-05");
        assert_eq!(days_before(1_000_000, 7), 1_000_000 - 7 * 86_400);
    }
}
