//! Tables with columns that fit the terminal. Without a terminal, rows are untruncated and tab-separated.

use super::sanitize;
use console::{Alignment, Style, Term, measure_text_width, pad_str, truncate_str};

/// The gap between two columns.
const GAP: &str = "  ";

/// The smallest width to which a text column is truncated.
const MIN_TEXT_WIDTH: usize = 8;

/// The content of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// Numbers, right-aligned.
    Number,
    /// Words, never truncated.
    Word,
    /// Texts, truncated if the line is too long. The last text column is truncated first.
    Text,
}

/// A column: title and content.
pub(crate) type Column = (&'static str, ColumnKind);

/// A table that is printed in batches of rows. Columns never become narrower.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    columns: [Column; N],
    widths: [usize; N],
    rows: Vec<[String; N]>,
    has_header: bool,
    /// The width of the terminal. `None` without a terminal.
    terminal_width: Option<usize>,
}

impl<const N: usize> Table<N> {
    /// Creates a table for standard output.
    pub(crate) fn new(columns: [Column; N]) -> Table<N> {
        let terminal = Term::stdout();
        let width = || terminal.size_checked().map_or(80, |(_, width)| width.into());
        Table::with_terminal_width(columns, terminal.is_term().then(width))
    }

    fn with_terminal_width(columns: [Column; N], terminal_width: Option<usize>) -> Table<N> {
        let widths = columns.map(|(title, _)| measure_text_width(title));
        Table { columns, widths, rows: Vec::new(), has_header: false, terminal_width }
    }

    /// Appends a row.
    pub(crate) fn push(&mut self, row: [String; N]) {
        self.rows.push(row.map(|cell| sanitize::single_line(&cell)));
    }

    /// Returns the number of rows that were not printed yet.
    pub(crate) fn pending(&self) -> usize {
        self.rows.len()
    }

    /// Returns the lines of the pending rows. On a terminal, titles precede the first row.
    pub(crate) fn take_lines(&mut self) -> Vec<String> {
        let rows = std::mem::take(&mut self.rows);
        let Some(terminal_width) = self.terminal_width else {
            return rows.iter().map(|row| row.join("\t")).collect();
        };
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = measure_text_width(cell).max(*width);
            }
        }
        let widths = self.fit_widths(terminal_width);
        let head = self.columns.map(|(title, _)| title.to_owned());
        let head =
            (!std::mem::replace(&mut self.has_header, !rows.is_empty()) && !rows.is_empty()).then(|| {
                Style::new().dim().apply_to(self.format_line(&head, &widths, terminal_width)).to_string()
            });
        head.into_iter()
            .chain(rows.iter().map(|row| self.format_line(row, &widths, terminal_width)))
            .collect()
    }

    /// Returns the column widths for the terminal.
    fn fit_widths(&self, terminal_width: usize) -> [usize; N] {
        let mut widths = self.widths;
        let needed = widths.iter().sum::<usize>() + GAP.len() * N.saturating_sub(1);
        let mut excess = needed.saturating_sub(terminal_width);
        for (width, (_, kind)) in widths.iter_mut().zip(self.columns).rev() {
            if kind == ColumnKind::Text {
                let reduction = excess.min(width.saturating_sub(MIN_TEXT_WIDTH));
                *width -= reduction;
                excess -= reduction;
            }
        }
        widths
    }

    /// Formats a line. Truncates it if truncating the text columns was not enough.
    fn format_line(&self, cells: &[String; N], widths: &[usize; N], terminal_width: usize) -> String {
        let cells = cells.iter().zip(widths).zip(self.columns).map(|((cell, width), (_, kind))| {
            let side = if kind == ColumnKind::Number { Alignment::Right } else { Alignment::Left };
            pad_str(&truncate_str(cell, *width, "…"), *width, side, None).into_owned()
        });
        let line = cells.collect::<Vec<String>>().join(GAP);
        truncate_str(line.trim_end(), terminal_width, "…").into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] =
        [("mid", ColumnKind::Number), ("name", ColumnKind::Text), ("sign", ColumnKind::Text)];

    fn take_lines(terminal_width: Option<usize>, rows: &[[&str; 3]]) -> Vec<String> {
        let mut table = Table::with_terminal_width(COLUMNS, terminal_width);
        for row in rows {
            table.push(row.map(str::to_owned));
        }
        table.take_lines()
    }

    #[test]
    fn columns_are_aligned_for_all_scripts() {
        let rows = [["1", "小甲", "慢慢来"], ["22", "Zoë 🎉", "x"], ["333", "한글", ""]];
        let lines = take_lines(Some(40), &rows);
        assert_eq!(lines[1..], ["  1  小甲    慢慢来", " 22  Zoë 🎉  x", "333  한글"]);
    }

    #[test]
    fn last_text_column_is_truncated_first() {
        let rows = [["1", "一二三四五六七八", "日月星辰日月星辰日月星辰"]];
        let cut = |terminal_width| take_lines(Some(terminal_width), &rows)[1].clone();
        assert_eq!(cut(47), "  1  一二三四五六七八  日月星辰日月星辰日月星辰");
        assert_eq!(cut(40), "  1  一二三四五六七八  日月星辰日月星辰…");
        assert_eq!(cut(31), "  1  一二三四五六七八  日月星…");
        assert_eq!(cut(24), "  1  一二三四…  日月星…");
        assert_eq!(cut(12), "  1  一二三…");
        for terminal_width in 1..60 {
            let widest =
                take_lines(Some(terminal_width), &rows).iter().map(|line| measure_text_width(line)).max();
            assert!(widest <= Some(terminal_width), "{widest:?} in {terminal_width}");
        }
    }

    #[test]
    fn rows_are_tab_separated_without_a_terminal() {
        let sign = "长".repeat(70);
        let output = take_lines(None, &[["1", "小\t甲\n", &sign], ["2", "\u{1b}[2J", ""]]);
        assert_eq!(output, [format!("1\t小 甲 \t{sign}"), "2\t�[2J\t".to_owned()]);
    }

    #[test]
    fn later_batch_has_no_titles_and_is_not_narrower() {
        let mut table = Table::with_terminal_width(COLUMNS, Some(40));
        table.push(["1".to_owned(), "longer".to_owned(), "a".to_owned()]);
        assert_eq!(table.take_lines().len(), 2);
        table.push(["2".to_owned(), "b".to_owned(), "c".to_owned()]);
        assert_eq!(table.take_lines(), ["  2  b       c"]);
        assert_eq!(table.take_lines(), Vec::<String>::new());
    }
}
