//! One diagram of a picture.

use super::axis::Axis;
use super::text;
use std::fmt::Write;

/// The least distance of two names at the ends of lines.
const BETWEEN_NAMES: f64 = 16.0;

/// A diagram: a frame, two axes.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub(super) title: &'static str,
    /// Left and right.
    pub(super) sides: (f64, f64),
    /// Top and bottom.
    pub(super) ends: (f64, f64),
    pub(super) across: Axis,
    pub(super) up: Axis,
}

/// A line in it, with its name at its end.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    pub(super) class: String,
    pub(super) points: Vec<(f64, f64)>,
}

impl Panel {
    fn x(&self, figure: f64) -> f64 {
        self.sides.0 + (self.sides.1 - self.sides.0) * self.across.share(figure)
    }

    fn y(&self, figure: f64) -> f64 {
        self.ends.1 - (self.ends.1 - self.ends.0) * self.up.share(figure)
    }

    /// Its title, its axes and its grid.
    pub(super) fn draw(&self, out: &mut String) {
        let ((left, right), (top, bottom)) = (self.sides, self.ends);
        text(out, "head", (left - 60.0, top - 14.0), self.title);
        let mut grid = format!("M{left:.1} {top:.1}V{bottom:.1}H{right:.1}");
        for (at, said) in &self.up.ticks {
            let y = self.y(*at);
            let _ = write!(grid, "M{left:.1} {y:.1}H{right:.1}");
            text(out, "end", (left - 8.0, y + 4.0), said);
        }
        for (at, said) in &self.across.ticks {
            let x = self.x(*at);
            let _ = write!(grid, "M{x:.1} {top:.1}V{bottom:.1}");
            text(out, "middle", (x, bottom + 18.0), said);
        }
        let _ = writeln!(out, "<path class=\"grid\" d=\"{grid}\"/>");
    }

    /// Lines, and their names beside their ends, none upon another.
    pub(super) fn lines(&self, out: &mut String, lines: &[Line<'_>]) {
        for line in lines {
            let _ = writeln!(out, "<path class=\"line {}\" d=\"{}\"/>", line.class, self.path(&line.points));
        }
        let end = |line: &Line<'_>| line.points.last().map(|(_, up)| self.y(*up));
        let mut ends: Vec<(f64, &Line<'_>)> =
            lines.iter().filter_map(|line| Some((end(line)?, line))).collect();
        ends.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut next = f64::NEG_INFINITY;
        for (y, line) in ends.iter().filter(|(_, line)| !line.name.is_empty()) {
            let y = y.max(next);
            next = y + BETWEEN_NAMES;
            let right = self.sides.1;
            let _ =
                writeln!(out, "<path class=\"line {}\" d=\"M{:.1} {y:.1}h16\"/>", line.class, right + 10.0);
            text(out, "", (right + 32.0, y + 4.0), line.name);
        }
    }

    /// What lies below a line.
    pub(super) fn area(&self, out: &mut String, points: &[(f64, f64)]) {
        let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) else { return };
        let (line, bottom) = (self.path(points), self.ends.1);
        let (first, last) = (self.x(*first), self.x(*last));
        let _ = writeln!(
            out,
            "<path class=\"area\" d=\"{line}L{last:.1} {bottom:.1}L{first:.1} {bottom:.1}Z\"/>"
        );
    }

    fn path(&self, points: &[(f64, f64)]) -> String {
        let mut path = String::new();
        for (at, (across, up)) in points.iter().enumerate() {
            let letter = if at == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{:.1} {:.1}", self.x(*across), self.y(*up));
        }
        path
    }
}
