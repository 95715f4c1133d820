//! A panel of a chart.

use super::append_text;
use super::axis::Axis;
use std::fmt::Write;

/// The smallest vertical distance of two line names.
const MIN_NAME_DISTANCE: f64 = 16.0;

/// A panel with two axes.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub(super) title: &'static str,
    /// The left and the right edge.
    pub(super) horizontal: (f64, f64),
    /// The top and the bottom edge.
    pub(super) vertical: (f64, f64),
    pub(super) x_axis: Axis,
    pub(super) y_axis: Axis,
}

/// A line with its name at its end.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    pub(super) class: String,
    pub(super) points: Vec<(f64, f64)>,
}

impl Panel {
    fn x(&self, figure: f64) -> f64 {
        self.horizontal.0 + (self.horizontal.1 - self.horizontal.0) * self.x_axis.share(figure)
    }

    fn y(&self, figure: f64) -> f64 {
        self.vertical.1 - (self.vertical.1 - self.vertical.0) * self.y_axis.share(figure)
    }

    /// Draws title, axes and grid.
    pub(super) fn draw(&self, out: &mut String) {
        let ((left, right), (top, bottom)) = (self.horizontal, self.vertical);
        append_text(out, "head", (left - 60.0, top - 14.0), self.title);
        let mut grid = format!("M{left:.1} {top:.1}V{bottom:.1}H{right:.1}");
        for (at, label) in &self.y_axis.ticks {
            let y = self.y(*at);
            let _ = write!(grid, "M{left:.1} {y:.1}H{right:.1}");
            append_text(out, "end", (left - 8.0, y + 4.0), label);
        }
        for (at, label) in &self.x_axis.ticks {
            let x = self.x(*at);
            let _ = write!(grid, "M{x:.1} {top:.1}V{bottom:.1}");
            append_text(out, "middle", (x, bottom + 18.0), label);
        }
        let _ = writeln!(out, "<path class=\"grid\" d=\"{grid}\"/>");
    }

    /// Draws lines, and their names beside their ends without overlap.
    pub(super) fn lines(&self, out: &mut String, lines: &[Line<'_>]) {
        for line in lines {
            let _ = writeln!(out, "<path class=\"line {}\" d=\"{}\"/>", line.class, self.path(&line.points));
        }
        let end = |line: &Line<'_>| line.points.last().map(|(_, y)| self.y(*y));
        let mut vertical: Vec<(f64, &Line<'_>)> =
            lines.iter().filter_map(|line| Some((end(line)?, line))).collect();
        vertical.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut next = f64::NEG_INFINITY;
        for (y, line) in vertical.iter().filter(|(_, line)| !line.name.is_empty()) {
            let y = y.max(next);
            next = y + MIN_NAME_DISTANCE;
            let right = self.horizontal.1;
            let _ =
                writeln!(out, "<path class=\"line {}\" d=\"M{:.1} {y:.1}h16\"/>", line.class, right + 10.0);
            append_text(out, "", (right + 32.0, y + 4.0), line.name);
        }
    }

    /// Fills the area below a line.
    pub(super) fn area(&self, out: &mut String, points: &[(f64, f64)]) {
        let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) else { return };
        let (line, bottom) = (self.path(points), self.vertical.1);
        let (first, last) = (self.x(*first), self.x(*last));
        let _ = writeln!(
            out,
            "<path class=\"area\" d=\"{line}L{last:.1} {bottom:.1}L{first:.1} {bottom:.1}Z\"/>"
        );
    }

    fn path(&self, points: &[(f64, f64)]) -> String {
        let mut path = String::new();
        for (at, (x, y)) in points.iter().enumerate() {
            let letter = if at == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{:.1} {:.1}", self.x(*x), self.y(*y));
        }
        path
    }
}
