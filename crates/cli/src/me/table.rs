//! Tables: columns that fit a terminal, or tabs between whole texts where there is none.

use super::harmless;
use console::{Alignment, Style, Term, measure_text_width, pad_str, truncate_str};

/// What stands between two columns.
const GAP: &str = "  ";

/// What a text is not cut below, in columns of the terminal.
const LEAST: usize = 8;

/// What a column has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Numbers: to the right.
    Number,
    /// Words that are never cut.
    Word,
    /// Texts, which are cut where there is no room; the last of them first.
    Text,
}

/// A column: its title and what it has.
pub(crate) type Column = (&'static str, Kind);

/// A table on its way: rows are told in batches, and a column never becomes narrower.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    columns: [Column; N],
    widths: [usize; N],
    rows: Vec<[String; N]>,
    is_begun: bool,
    /// How wide the terminal is; none if there is no terminal.
    room: Option<usize>,
}

impl<const N: usize> Table<N> {
    /// One for standard output.
    pub(crate) fn new(columns: [Column; N]) -> Table<N> {
        let terminal = Term::stdout();
        let room = terminal.is_term().then(|| terminal.size_checked().map_or(80, |(_, width)| width.into()));
        Table::with_room(columns, room)
    }

    fn with_room(columns: [Column; N], room: Option<usize>) -> Table<N> {
        let widths = columns.map(|(title, _)| measure_text_width(title));
        Table { columns, widths, rows: Vec::new(), is_begun: false, room }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: [String; N]) {
        self.rows.push(row.map(|cell| harmless::line(&cell)));
    }

    /// How many rows wait to be told.
    pub(crate) fn waiting(&self) -> usize {
        self.rows.len()
    }

    /// The lines of the rows that wait. The titles come before the first row, on a terminal.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        let rows = std::mem::take(&mut self.rows);
        let Some(room) = self.room else { return rows.iter().map(|row| row.join("\t")).collect() };
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = measure_text_width(cell).max(*width);
            }
        }
        let widths = self.fitting(room);
        let head = self.columns.map(|(title, _)| title.to_owned());
        let head = (!std::mem::replace(&mut self.is_begun, !rows.is_empty()) && !rows.is_empty())
            .then(|| Style::new().dim().apply_to(self.line(&head, &widths, room)).to_string());
        head.into_iter().chain(rows.iter().map(|row| self.line(row, &widths, room))).collect()
    }

    /// How wide each column is where there is so much room.
    fn fitting(&self, room: usize) -> [usize; N] {
        let mut widths = self.widths;
        let needed = widths.iter().sum::<usize>() + GAP.len() * N.saturating_sub(1);
        let mut over = needed.saturating_sub(room);
        for (width, (_, kind)) in widths.iter_mut().zip(self.columns).rev() {
            if kind == Kind::Text {
                let given = over.min(width.saturating_sub(LEAST));
                *width -= given;
                over -= given;
            }
        }
        widths
    }

    /// A line, which is cut itself where nothing else would do.
    fn line(&self, cells: &[String; N], widths: &[usize; N], room: usize) -> String {
        let cells = cells.iter().zip(widths).zip(self.columns).map(|((cell, width), (_, kind))| {
            let side = if kind == Kind::Number { Alignment::Right } else { Alignment::Left };
            pad_str(&truncate_str(cell, *width, "…"), *width, side, None).into_owned()
        });
        let line = cells.collect::<Vec<String>>().join(GAP);
        truncate_str(line.trim_end(), room, "…").into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [("mid", Kind::Number), ("name", Kind::Text), ("sign", Kind::Text)];

    fn lines(room: Option<usize>, rows: &[[&str; 3]]) -> Vec<String> {
        let mut table = Table::with_room(COLUMNS, room);
        for row in rows {
            table.push(row.map(str::to_owned));
        }
        table.lines()
    }

    #[test]
    fn columns_stand_below_each_other_whatever_the_script() {
        let rows = [["1", "小甲", "慢慢来"], ["22", "Zoë 🎉", "x"], ["333", "한글", ""]];
        let lines = lines(Some(40), &rows);
        assert_eq!(lines[1..], ["  1  小甲    慢慢来", " 22  Zoë 🎉  x", "333  한글"]);
    }

    #[test]
    fn signs_are_cut_before_names_and_names_before_the_line() {
        let rows = [["1", "一二三四五六七八", "日月星辰日月星辰日月星辰"]];
        let cut = |room| lines(Some(room), &rows)[1].clone();
        assert_eq!(cut(47), "  1  一二三四五六七八  日月星辰日月星辰日月星辰");
        assert_eq!(cut(40), "  1  一二三四五六七八  日月星辰日月星辰…");
        assert_eq!(cut(31), "  1  一二三四五六七八  日月星…");
        assert_eq!(cut(24), "  1  一二三四…  日月星…");
        assert_eq!(cut(12), "  1  一二三…");
        for room in 1..60 {
            let widest = lines(Some(room), &rows).iter().map(|line| measure_text_width(line)).max();
            assert!(widest <= Some(room), "{widest:?} in {room}");
        }
    }

    #[test]
    fn scripts_are_told_whole_texts_between_tabs() {
        let sign = "长".repeat(70);
        let told = lines(None, &[["1", "小\t甲\n", &sign], ["2", "\u{1b}[2J", ""]]);
        assert_eq!(told, [format!("1\t小 甲 \t{sign}"), "2\t�[2J\t".to_owned()]);
    }

    #[test]
    fn a_later_batch_has_no_titles_and_is_no_narrower() {
        let mut table = Table::with_room(COLUMNS, Some(40));
        table.push(["1".to_owned(), "longer".to_owned(), "a".to_owned()]);
        assert_eq!(table.lines().len(), 2);
        table.push(["2".to_owned(), "b".to_owned(), "c".to_owned()]);
        assert_eq!(table.lines(), ["  2  b       c"]);
        assert_eq!(table.lines(), Vec::<String>::new());
    }
}
