//! An axis: where a figure stands on it, and what is written along it.

/// The least factor between the two ends of a logarithmic axis.
const LEAST_FACTOR: f64 = 10.0;

/// How many steps a linear axis has about.
const STEPS: f64 = 5.0;

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    from: f64,
    to: f64,
    is_log: bool,
    /// Figures and what stands at them.
    pub(super) ticks: Vec<(f64, String)>,
}

impl Axis {
    pub(super) fn between(from: f64, to: f64, ticks: Vec<(f64, String)>) -> Axis {
        Axis { from, to, is_log: false, ticks }
    }

    /// From 0 to a little beyond the most, with round figures.
    pub(super) fn linear(most: f64, said: impl Fn(f64) -> String) -> Axis {
        let most = most.max(1.0);
        let step =
            [1.0, 2.0, 5.0, 10.0].into_iter().map(|by| by * 10_f64.powf((most / STEPS).log10().floor()));
        let step = step.into_iter().find(|step| step * STEPS >= most).unwrap_or(most).max(1.0);
        let ticks = (0..).map(|at| f64::from(at) * step).take_while(|at| *at <= most);
        Axis { from: 0.0, to: most, is_log: false, ticks: ticks.map(|at| (at, said(at))).collect() }
    }

    /// About all figures, with a tick at 1, 2 and 5 of each power of ten; at 1 alone where there are many powers.
    pub(super) fn log(figures: impl Iterator<Item = f64>, said: impl Fn(f64) -> String) -> Axis {
        let (mut from, mut to) = (f64::INFINITY, 0.1_f64);
        for figure in figures.filter(|figure| *figure > 0.0) {
            (from, to) = (from.min(figure), to.max(figure));
        }
        let from = from.min(to);
        let room = (LEAST_FACTOR / (to / from)).max(1.0).sqrt();
        let (from, to) = (from / room / 1.1, to * room * 1.1);
        let by: &[f64] = if to / from > 3e3 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let tens = (-6..12).map(|ten| 10_f64.powi(ten));
        let all = tens.flat_map(|ten| by.iter().map(move |by| ten * by));
        let within = all.filter(|at| (from..=to).contains(at));
        Axis { from, to, is_log: true, ticks: within.map(|at| (at, said(at))).collect() }
    }

    /// How far along a figure stands, from 0 to 1.
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

    fn said(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, said)| said.as_str()).collect()
    }

    #[test]
    fn linear_axes_have_round_figures() {
        let axis = |most| Axis::linear(most, |at| format!("{at}"));
        assert_eq!(said(&axis(9.0)), ["0", "2", "4", "6", "8"]);
        assert_eq!(said(&axis(1_234.0)), ["0", "500", "1000"]);
        assert_eq!(said(&axis(0.0)), ["0", "1"]);
        assert!((axis(10.0).share(5.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn logarithmic_axes_hold_all_figures() {
        let axis = Axis::log([50.0, 800.0, 0.0].into_iter(), |at| format!("{at}"));
        assert_eq!(said(&axis), ["50", "100", "200", "500"]);
        assert!(axis.share(0.0) < 1e-9 && axis.share(50.0) < axis.share(800.0));
        let one = Axis::log([3.0].into_iter(), |at| format!("{at}"));
        assert!((one.share(3.0) - 0.5).abs() < 0.01, "{one:?}");
        let nothing = Axis::log([].into_iter(), |at| format!("{at}"));
        assert!(nothing.share(1.0).is_finite());
    }
}
