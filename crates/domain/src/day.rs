//! Days and dates in Asia/Shanghai (D26).

use guanxi_types::Month;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use std::ops::RangeInclusive;

/// The length of a day, in seconds.
pub const DAY_SECONDS: i64 = 86_400;

/// The time zone Asia/Shanghai. It has been UTC+8 without daylight saving time since 1991. All times of guanxi are
/// later.
pub const SHANGHAI: TimeZone = TimeZone::fixed(Offset::constant(8));

fn civil_time(second: i64) -> DateTime {
    let instant = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    instant.to_zoned(SHANGHAI).datetime()
}

/// Returns the day of a Unix time in seconds.
pub fn date_at(second: i64) -> Date {
    civil_time(second).date()
}

/// Returns the first second of a day.
pub fn start_of(day: Date) -> i64 {
    day.to_zoned(SHANGHAI).map_or(i64::MAX, |start| start.timestamp().as_second())
}

/// Returns a Unix time as `YYYY-MM-DD HH:MM:SS`.
pub fn format_time(second: i64) -> String {
    civil_time(second).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Returns a day as `MM-DD`, the format of birthdays on profile pages.
pub fn format_month_day(day: Date) -> String {
    day.strftime("%m-%d").to_string()
}

/// Returns the time `days` times 24 hours before `now`, in seconds.
pub fn days_before(now: i64, days: u32) -> i64 {
    now.saturating_sub(i64::from(days) * DAY_SECONDS)
}

/// Returns the month of a Unix time in seconds, between the first and the last one.
pub fn month_at(second: i64) -> Month {
    let day = date_at(second);
    let nearest = if second < 0 { Month::FIRST } else { Month::LAST };
    Month::new(day.year(), day.month()).unwrap_or(nearest)
}

/// Returns the first and the last day of a month.
pub fn days_of(month: Month) -> RangeInclusive<Date> {
    let first = Date::new(month.year(), month.month(), 1).unwrap_or(Date::MIN);
    first..=first.last_of_month()
}

/// Returns the first and the last second of a month.
pub fn seconds_of(month: Month) -> RangeInclusive<i64> {
    let (first, last) = days_of(month).into_inner();
    let next = last.checked_add(1.day()).map_or(i64::MAX, start_of);
    start_of(first)..=next - 1
}

/// Parses a day as `YYYY-MM-DD`. `None` for any other text.
pub fn parse_day(text: &str) -> Option<Date> {
    // Jiff also reads the date of a time.
    Some(text).filter(|text| text.len() == 10)?.parse().ok()
}

/// Returns the last second of a day.
pub fn end_of(day: Date) -> i64 {
    day.checked_add(1.day()).map_or(i64::MAX, start_of) - 1
}

/// Parses the birthday of a member: `YYYY-MM-DD`, from 1900 to the day of `now`. `None` for any other text.
pub fn parse_birthday(text: &str, now: i64) -> Option<Date> {
    let day = parse_day(text)?;
    (date(1900, 1, 1)..=date_at(now)).contains(&day).then_some(day)
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
            assert_eq!(format_time(second), time);
            assert_eq!(date_at(second).to_string(), day);
            assert!(start_of(date_at(second)) <= second && second < start_of(date_at(second)) + 86_400);
            assert_eq!(end_of(date_at(second)), start_of(date_at(second)) + 86_399);
        }
    }

    #[test]
    fn birthday_is_a_day_from_1900_to_today() {
        let now = 1_589_903_999;
        for (text, is_valid) in [
            ("1900-01-01", true),
            ("2020-05-19", true),
            ("2000-02-29", true),
            ("1899-12-31", false),
            ("2020-05-20", false),
            ("2001-02-29", false),
            ("2000-13-01", false),
            ("2000-01-01T00:00", false),
            ("", false),
        ] {
            assert_eq!(parse_birthday(text, now).is_some(), is_valid, "{text:?}");
        }
    }

    #[test]
    fn month_day_format_and_days_before() {
        assert_eq!(format_month_day("2002-03-05".parse().unwrap()), "03-05");
        assert_eq!(days_before(1_000_000, 7), 1_000_000 - 7 * 86_400);
    }

    #[test]
    fn month_begins_and_ends_in_shanghai() {
        for (text, first, last, days) in [
            ("2026-01", "2026-01-01 00:00:00", "2026-01-31 23:59:59", 31),
            ("2024-02", "2024-02-01 00:00:00", "2024-02-29 23:59:59", 29),
            ("1970-01", "1970-01-01 00:00:00", "1970-01-31 23:59:59", 31),
        ] {
            let month: Month = text.parse().unwrap();
            let seconds = seconds_of(month);
            assert_eq!(
                (format_time(*seconds.start()), format_time(*seconds.end())),
                (first.into(), last.into())
            );
            assert_eq!([*seconds.start(), *seconds.end()].map(month_at), [month; 2]);
            assert_eq!(i32::from(days_of(month).end().day()), days, "{text}");
        }
        assert_eq!([month_at(i64::MIN), month_at(i64::MAX)], [Month::FIRST, Month::LAST]);
    }
}
