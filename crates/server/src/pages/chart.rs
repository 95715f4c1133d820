//! A chart of days: what came, upwards, and what went, downwards. It is drawn here, as SVG, and told as a table too.

use super::figures;
use guanxi_domain::day;
use guanxi_types::Coins;

/// A day of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// `11-21`.
    pub label: String,
    /// What came.
    pub came: String,
    /// What went.
    pub went: String,
    /// Its bars.
    pub bars: Vec<Bar>,
    /// Where its label stands.
    pub x: i64,
}

/// A bar, in the chart's own units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Whether it came, and goes upwards.
    pub up: bool,
    /// Its left end.
    pub x: i64,
    /// Its top.
    pub y: i64,
    /// Its height.
    pub height: i64,
    /// What it says.
    pub label: String,
    /// Where it says it.
    pub label_y: i64,
}

/// A chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Its days, the oldest first.
    pub days: Vec<Day>,
    /// How wide it is.
    pub width: i64,
    /// How wide a bar is.
    pub bar: i64,
    /// Where zero is.
    pub zero: i64,
    /// Its height.
    pub height: i64,
    /// All that came.
    pub came: String,
    /// All that went.
    pub went: String,
}

/// Its width, of a day, of a bar, and how far bars go.
const WIDTH: i64 = 420;
const DAY: i64 = WIDTH / 7;
const BAR: i64 = 28;
const REACH: i64 = 72;
const ABOVE: i64 = 20;

impl Chart {
    /// The last seven days of changes, each with its day, `YYYY-MM-DD`.
    pub fn of<'a>(now: i64, changes: impl Iterator<Item = (&'a str, Coins)>) -> Chart {
        let dates = (0..7).rev().map(|back| day::of(day::days_before(now, back)).to_string());
        let mut sums: Vec<Sum> = dates.map(|date| Sum { date, came: 0, went: 0 }).collect();
        for (date, delta) in changes {
            if let Some(sum) = sums.iter_mut().find(|sum| sum.date == date) {
                let tenths = delta.in_tenths();
                sum.came = sum.came.saturating_add(tenths.max(0));
                sum.went = sum.went.saturating_add(tenths.min(0).saturating_neg());
            }
        }
        let most = |of: fn(&Sum) -> i64| sums.iter().map(of).max().unwrap_or(0);
        let scale = Scale { most: most(|sum| sum.came.max(sum.went)).max(1) };
        let zero = ABOVE + scale.reach(most(|sum| sum.came)).max(24);
        let below = match scale.reach(most(|sum| sum.went)) {
            0 => 0,
            reach => reach + ABOVE,
        };
        let total = |of: fn(&Sum) -> i64| told(sums.iter().map(of).fold(0, i64::saturating_add));
        let middles = (0..).map(|at| at * DAY + DAY / 2);
        Chart {
            days: sums.iter().zip(middles).map(|(sum, x)| scale.day(sum, x, zero)).collect(),
            width: WIDTH,
            bar: BAR,
            zero,
            height: zero + below + 28,
            came: total(|sum| sum.came),
            went: total(|sum| sum.went),
        }
    }
}

/// What came and went on a day, in tenths.
struct Sum {
    date: String,
    came: i64,
    went: i64,
}

/// How much the longest bar is, in tenths.
struct Scale {
    most: i64,
}

impl Scale {
    /// How long the bar of so much is: seen, however little it is.
    fn reach(&self, tenths: i64) -> i64 {
        if tenths == 0 {
            return 0;
        }
        let reach = i128::from(tenths) * i128::from(REACH) / i128::from(self.most);
        i64::try_from(reach).unwrap_or(REACH).max(2)
    }

    fn day(&self, sum: &Sum, x: i64, zero: i64) -> Day {
        let bar = |up: bool, tenths: i64| {
            let height = self.reach(tenths);
            let y = if up { zero - height } else { zero };
            let label_y = if up { y - 6 } else { y + height + 15 };
            let label = figures::change(Coins::tenths(if up { tenths } else { -tenths }));
            (tenths > 0).then_some(Bar { up, x: x - BAR / 2, y, height, label, label_y })
        };
        let bars = [bar(true, sum.came), bar(false, sum.went)].into_iter().flatten().collect();
        Day { label: sum.date[5..].to_owned(), came: told(sum.came), went: told(sum.went), bars, x }
    }
}

fn told(tenths: i64) -> String {
    figures::coins(Coins::tenths(tenths))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2020-05-19 in Asia/Shanghai.
    const NOW: i64 = 1_589_903_940;

    #[test]
    fn bars_stand_on_zero_and_within_the_chart() {
        let changes = [
            ("2020-05-19", Coins::whole(1)),
            ("2020-05-19", Coins::whole(-2)),
            ("2020-05-13", Coins::tenths(1)),
            ("2020-05-12", Coins::whole(100)),
            ("2020-05-15", Coins::tenths(i64::MAX)),
            ("2020-05-15", Coins::tenths(i64::MIN)),
        ];
        let chart = Chart::of(NOW, changes.iter().copied());
        let labels: Vec<&str> = chart.days.iter().map(|day| day.label.as_str()).collect();
        assert_eq!(labels, ["05-13", "05-14", "05-15", "05-16", "05-17", "05-18", "05-19"]);
        assert_eq!((chart.days[6].came.as_str(), chart.days[6].went.as_str()), ("1", "2"));
        assert_eq!((chart.days[0].came.as_str(), chart.days[1].bars.len()), ("0.1", 0));
        for bar in chart.days.iter().flat_map(|day| &day.bars) {
            assert!(bar.height > 0 && bar.y >= 0 && bar.y + bar.height <= chart.height, "{bar:?}");
            assert!(if bar.up { bar.y + bar.height == chart.zero } else { bar.y == chart.zero }, "{bar:?}");
        }
    }

    #[test]
    fn a_week_of_nothing_is_a_chart_too() {
        let chart = Chart::of(NOW, std::iter::empty());
        assert!(chart.days.iter().all(|day| day.bars.is_empty()) && chart.height > chart.zero);
        assert_eq!((chart.came.as_str(), chart.went.as_str()), ("0", "0"));
    }
}
