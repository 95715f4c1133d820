//! Bar chart of income and expense by day, rendered as SVG with an equivalent table.

use super::format;
use super::language::Language;
use guanxi_domain::day;
use guanxi_types::Coins;
use jiff::civil::Date;

/// A day of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Month and day.
    pub label: String,
    /// Formatted income of the day.
    pub income: String,
    /// Formatted expense of the day.
    pub expense: String,
    /// Bars of the day, none for zero.
    pub bars: Vec<Bar>,
    /// Horizontal center of the day's labels.
    pub x: i64,
}

/// A bar, in units of the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// True for income, which extends upwards.
    pub is_income: bool,
    /// Left edge.
    pub x: i64,
    /// Top edge.
    pub y: i64,
    /// Height, greater than 0.
    pub height: i64,
    /// Formatted amount.
    pub label: String,
    /// Baseline of the label.
    pub label_y: i64,
}

/// A chart of seven days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Days, oldest first.
    pub days: Vec<Day>,
    /// Width of the chart.
    pub width: i64,
    /// Width of a bar.
    pub bar_width: i64,
    /// Vertical position of zero.
    pub zero_y: i64,
    /// Height of the chart.
    pub height: i64,
    /// Formatted income of all days.
    pub income: String,
    /// Formatted expense of all days.
    pub expense: String,
}

/// Sizes in units of the chart.
const WIDTH: i64 = 420;
const DAY_WIDTH: i64 = WIDTH / 7;
const BAR_WIDTH: i64 = 28;
const MAX_BAR_HEIGHT: i64 = 72;
const LABEL_HEIGHT: i64 = 20;

impl Chart {
    /// Builds the chart of the seven days up to `now`. Each change comes with its day, `YYYY-MM-DD`.
    pub fn new<'a>(language: Language, now: i64, changes: impl Iterator<Item = (&'a str, Coins)>) -> Chart {
        let dates = (0..7).rev().map(|back| day::date_at(day::days_before(now, back)));
        let mut totals: Vec<DayTotal> = dates.map(|date| DayTotal { date, income: 0, expense: 0 }).collect();
        for (date, delta) in changes.filter_map(|(date, delta)| Some((date.parse().ok()?, delta))) {
            if let Some(total) = totals.iter_mut().find(|total| total.date == date) {
                let tenths = delta.tenths();
                total.income = total.income.saturating_add(tenths.max(0));
                total.expense = total.expense.saturating_add(tenths.min(0).saturating_neg());
            }
        }
        let max = |of: fn(&DayTotal) -> i64| totals.iter().map(of).max().unwrap_or(0);
        let scale = Scale { max: max(|total| total.income.max(total.expense)).max(1) };
        let zero_y = LABEL_HEIGHT + scale.bar_height(max(|total| total.income)).max(24);
        let below = match scale.bar_height(max(|total| total.expense)) {
            0 => 0,
            height => height + LABEL_HEIGHT,
        };
        let grand_total =
            |of: fn(&DayTotal) -> i64| format_tenths(totals.iter().map(of).fold(0, i64::saturating_add));
        let centers = (0..).map(|at| at * DAY_WIDTH + DAY_WIDTH / 2);
        Chart {
            days: totals
                .iter()
                .zip(centers)
                .map(|(total, x)| scale.day(language, total, x, zero_y))
                .collect(),
            width: WIDTH,
            bar_width: BAR_WIDTH,
            zero_y,
            height: zero_y + below + 28,
            income: grand_total(|total| total.income),
            expense: grand_total(|total| total.expense),
        }
    }
}

/// Income and expense of a day, in tenths of a coin.
struct DayTotal {
    date: Date,
    income: i64,
    expense: i64,
}

/// Amount of the longest bar, in tenths of a coin.
struct Scale {
    max: i64,
}

impl Scale {
    /// Returns the height of a bar. Any amount but zero is visible.
    fn bar_height(&self, tenths: i64) -> i64 {
        if tenths == 0 {
            return 0;
        }
        let height = i128::from(tenths) * i128::from(MAX_BAR_HEIGHT) / i128::from(self.max);
        i64::try_from(height).unwrap_or(MAX_BAR_HEIGHT).max(2)
    }

    fn day(&self, language: Language, total: &DayTotal, x: i64, zero_y: i64) -> Day {
        let bar = |is_income: bool, tenths: i64| {
            let height = self.bar_height(tenths);
            let y = if is_income { zero_y - height } else { zero_y };
            let label_y = if is_income { y - 6 } else { y + height + 15 };
            let label = format::format_delta(Coins::from_tenths(if is_income { tenths } else { -tenths }));
            (tenths > 0).then_some(Bar { is_income, x: x - BAR_WIDTH / 2, y, height, label, label_y })
        };
        let bars = [bar(true, total.income), bar(false, total.expense)].into_iter().flatten().collect();
        Day {
            label: language.month_and_day(total.date),
            income: format_tenths(total.income),
            expense: format_tenths(total.expense),
            bars,
            x,
        }
    }
}

fn format_tenths(tenths: i64) -> String {
    format::format_coins(Coins::from_tenths(tenths))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2020-05-19 in Asia/Shanghai.
    const NOW: i64 = 1_589_903_940;

    #[test]
    fn bars_touch_zero_and_fit_the_chart() {
        let changes = [
            ("2020-05-19", Coins::from_whole(1)),
            ("2020-05-19", Coins::from_whole(-2)),
            ("2020-05-13", Coins::from_tenths(1)),
            ("2020-05-12", Coins::from_whole(100)),
            ("2020-05-15", Coins::from_tenths(i64::MAX)),
            ("2020-05-15", Coins::from_tenths(i64::MIN)),
        ];
        let chart = Chart::new(Language::Chinese, NOW, changes.iter().copied());
        let labels: Vec<&str> = chart.days.iter().map(|day| day.label.as_str()).collect();
        assert_eq!(labels, ["05-13", "05-14", "05-15", "05-16", "05-17", "05-18", "05-19"]);
        assert_eq!((chart.days[6].income.as_str(), chart.days[6].expense.as_str()), ("1", "2"));
        assert_eq!((chart.days[0].income.as_str(), chart.days[1].bars.len()), ("0.1", 0));
        for bar in chart.days.iter().flat_map(|day| &day.bars) {
            assert!(bar.height > 0 && bar.y >= 0 && bar.y + bar.height <= chart.height, "{bar:?}");
            assert!(
                if bar.is_income { bar.y + bar.height == chart.zero_y } else { bar.y == chart.zero_y },
                "{bar:?}"
            );
        }
    }

    #[test]
    fn week_without_changes_is_an_empty_chart() {
        let chart = Chart::new(Language::English, NOW, std::iter::empty());
        assert!(chart.days.iter().all(|day| day.bars.is_empty()) && chart.height > chart.zero_y);
        assert_eq!((chart.income.as_str(), chart.expense.as_str()), ("0", "0"));
        assert_eq!(chart.days[6].label, "May 19");
    }
}
