//! A chart axis: positions of figures, and tick labels.

/// The smallest ratio of the two ends of a logarithmic axis.
const MIN_LOG_RANGE: f64 = 10.0;

/// The approximate number of steps of a linear axis.
const TARGET_STEPS: f64 = 5.0;

/// A linear or logarithmic axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    from: f64,
    to: f64,
    is_log: bool,
    /// Figures with their tick labels.
    pub(super) ticks: Vec<(f64, String)>,
}

impl Axis {
    pub(super) fn between(from: f64, to: f64, ticks: Vec<(f64, String)>) -> Axis {
        Axis { from, to, is_log: false, ticks }
    }

    /// Creates a linear axis from 0 to `max`, with ticks at round figures.
    pub(super) fn linear(max: f64, label: impl Fn(f64) -> String) -> Axis {
        let max = max.max(1.0);
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|by| by * 10_f64.powf((max / TARGET_STEPS).log10().floor()));
        let step = step.into_iter().find(|step| step * TARGET_STEPS >= max).unwrap_or(max).max(1.0);
        let ticks = (0..).map(|at| f64::from(at) * step).take_while(|at| *at <= max);
        Axis { from: 0.0, to: max, is_log: false, ticks: ticks.map(|at| (at, label(at))).collect() }
    }

    /// Creates a logarithmic axis around all figures. Ticks are at 1, 2 and 5 times each power of ten, or at the
    /// powers only if there are many.
    pub(super) fn log(figures: impl Iterator<Item = f64>, label: impl Fn(f64) -> String) -> Axis {
        let (mut from, mut to) = (f64::INFINITY, 0.1_f64);
        for figure in figures.filter(|figure| *figure > 0.0) {
            (from, to) = (from.min(figure), to.max(figure));
        }
        let from = from.min(to);
        let room = (MIN_LOG_RANGE / (to / from)).max(1.0).sqrt();
        let (from, to) = (from / room / 1.1, to * room * 1.1);
        let by: &[f64] = if to / from > 3e3 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let tens = (-6..12).map(|ten| 10_f64.powi(ten));
        let all = tens.flat_map(|ten| by.iter().map(move |by| ten * by));
        let within = all.filter(|at| (from..=to).contains(at));
        Axis { from, to, is_log: true, ticks: within.map(|at| (at, label(at))).collect() }
    }

    /// Returns the relative position of a figure, from 0 to 1.
    pub(super) fn share(&self, figure: f64) -> f64 {
        let (figure, from, to) = if self.is_log {
            (figure.max(self.from).ln(), self.from.ln(), self.to.ln())
        } else {
            (figure, self.from, self.to)
        };
        ((figure - from) / (to - from)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn linear_axis_has_round_ticks() {
        let axis = |max| Axis::linear(max, |at| format!("{at}"));
        assert_eq!(labels(&axis(9.0)), ["0", "2", "4", "6", "8"]);
        assert_eq!(labels(&axis(1_234.0)), ["0", "500", "1000"]);
        assert_eq!(labels(&axis(0.0)), ["0", "1"]);
        assert!((axis(10.0).share(5.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn logarithmic_axis_contains_all_figures() {
        let axis = Axis::log([50.0, 800.0, 0.0].into_iter(), |at| format!("{at}"));
        assert_eq!(labels(&axis), ["50", "100", "200", "500"]);
        assert!(axis.share(0.0) < 1e-9 && axis.share(50.0) < axis.share(800.0));
        let one = Axis::log([3.0].into_iter(), |at| format!("{at}"));
        assert!((one.share(3.0) - 0.5).abs() < 0.01, "{one:?}");
        let nothing = Axis::log([].into_iter(), |at| format!("{at}"));
        assert!(nothing.share(1.0).is_finite());
    }
}
