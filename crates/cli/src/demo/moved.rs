//! Without `--clock` the demo runs today, and the rows that are shown for some days only are moved so that the newest is
//! today.

use guanxi_domain::day;
use guanxi_storage::Row;
use jiff::civil::Date;

/// Moves coins, logins and rewards, each kind so that its newest day is the day of `now`.
pub(super) fn to(now: i64, rows: &mut [Row]) {
    let newest = |time: fn(&Row) -> Option<i64>| rows.iter().filter_map(time).max();
    let (coins, logins, rewards) = (newest(coin), newest(login), newest(reward));
    for row in rows {
        match row {
            Row::Coin(row) => row.time = moved(row.time, coins.unwrap_or(now), now),
            Row::Login(row) => row.time = moved(row.time, logins.unwrap_or(now), now),
            Row::Reward(row) => row.day = day::of(moved(day::start(row.day), rewards.unwrap_or(now), now)),
            _ => (),
        }
    }
}

fn coin(row: &Row) -> Option<i64> {
    if let Row::Coin(row) = row { Some(row.time) } else { None }
}

fn login(row: &Row) -> Option<i64> {
    if let Row::Login(row) = row { Some(row.time) } else { None }
}

fn reward(row: &Row) -> Option<i64> {
    if let Row::Reward(row) = row { Some(day::start(row.day)) } else { None }
}

const DAY: i64 = 86_400;

/// A time moved by whole days, so that the newest's day is today. What would then lie in the rest of today is drawn
/// together into the part that has passed.
fn moved(time: i64, newest: i64, now: i64) -> i64 {
    let start = |second: i64| -> (Date, i64) { (day::of(second), day::start(day::of(second))) };
    let ((its_day, its_start), (newest_day, newest_start), (_, today)) =
        (start(time), start(newest), start(now));
    if its_day == newest_day {
        return today + (time - its_start) * (now - today) / DAY;
    }
    time + today - newest_start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_today_and_nothing_is_to_come() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
        let newest = at("2020-05-19T23:58:29+08:00");
        let now = at("2026-11-21T12:00:00+08:00");
        // time, moved to
        let cases = [
            ("2020-05-19T23:58:29+08:00", "2026-11-21T11:59:14+08:00"),
            ("2020-05-19T00:00:00+08:00", "2026-11-21T00:00:00+08:00"),
            ("2020-05-18T22:34:04+08:00", "2026-11-20T22:34:04+08:00"),
            ("2020-05-13T02:12:28+08:00", "2026-11-15T02:12:28+08:00"),
        ];
        for (time, expected) in cases {
            assert_eq!(moved(at(time), newest, now), at(expected), "{time}");
        }
    }
}
