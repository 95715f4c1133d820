//! Shifting the example data to today. Coins, logins and rewards are visible for some days only, so a demo without
//! `--start-time` moves them.

use guanxi_domain::day;
use guanxi_storage::Row;
use jiff::civil::Date;

/// Shifts coins, logins and rewards so that the newest day of each is the day of `now`.
pub(super) fn shift_to(now: i64, rows: &mut [Row]) {
    let newest = |time: fn(&Row) -> Option<i64>| rows.iter().filter_map(time).max();
    let (coins, logins, rewards) = (newest(coin_time), newest(login_time), newest(reward_time));
    for row in rows {
        match row {
            Row::Coin(row) => row.time = shifted(row.time, coins.unwrap_or(now), now),
            Row::Login(row) => row.time = shifted(row.time, logins.unwrap_or(now), now),
            Row::Reward(row) => {
                row.day = day::date_at(shifted(day::start_of(row.day), rewards.unwrap_or(now), now));
            }
            _ => (),
        }
    }
}

fn coin_time(row: &Row) -> Option<i64> {
    if let Row::Coin(row) = row { Some(row.time) } else { None }
}

fn login_time(row: &Row) -> Option<i64> {
    if let Row::Login(row) = row { Some(row.time) } else { None }
}

fn reward_time(row: &Row) -> Option<i64> {
    if let Row::Reward(row) = row { Some(day::start_of(row.day)) } else { None }
}

const DAY: i64 = 86_400;

/// Shifts a time by whole days, so that the newest day becomes today. Times of that day are scaled into the elapsed
/// part of today.
fn shifted(time: i64, newest: i64, now: i64) -> i64 {
    let day_and_start = |second: i64| -> (Date, i64) {
        let date = day::date_at(second);
        (date, day::start_of(date))
    };
    let ((day, day_start), (newest_day, newest_start), (_, today)) =
        (day_and_start(time), day_and_start(newest), day_and_start(now));
    if day == newest_day {
        return today + (time - day_start) * (now - today) / DAY;
    }
    time + today - newest_start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_time_is_today_and_none_is_in_the_future() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
        let newest = at("2020-05-19T23:58:29+08:00");
        let now = at("2026-11-21T12:00:00+08:00");
        // time, shifted time
        let cases = [
            ("2020-05-19T23:58:29+08:00", "2026-11-21T11:59:14+08:00"),
            ("2020-05-19T00:00:00+08:00", "2026-11-21T00:00:00+08:00"),
            ("2020-05-18T22:34:04+08:00", "2026-11-20T22:34:04+08:00"),
            ("2020-05-13T02:12:28+08:00", "2026-11-15T02:12:28+08:00"),
        ];
        for (time, expected) in cases {
            assert_eq!(shifted(at(time), newest, now), at(expected), "{time}");
        }
    }
}
