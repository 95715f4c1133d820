//! The first steps of a new member, on the home page.

use super::text::Key;
use guanxi_api::account::get_first_steps::{Data, FirstStep, Step};

/// The first steps.
#[derive(Debug)]
pub struct FirstSteps {
    /// Steps, in order.
    pub list: Vec<StepLine>,
}

/// A step.
#[derive(Debug)]
pub struct StepLine {
    /// Name of the step.
    pub label: Key,
    /// Reason for it.
    pub why: Key,
    /// Path of the page where it is taken.
    pub path: &'static str,
    /// True if it is taken.
    pub is_done: bool,
}

impl FirstSteps {
    /// Builds the steps; `None` if all are taken, or if they were dismissed.
    pub fn new(data: Data) -> Option<FirstSteps> {
        let is_shown = !data.dismissed && data.list.iter().any(|step| !step.done);
        is_shown.then(|| FirstSteps { list: data.list.into_iter().map(line).collect() })
    }

    /// Returns the number of steps that are taken.
    pub fn done(&self) -> usize {
        self.list.iter().filter(|step| step.is_done).count()
    }
}

fn line(FirstStep { step, done: is_done }: FirstStep) -> StepLine {
    let (label, why, path) = match step {
        Step::Sign => (Key("step-sign"), Key("step-sign-why"), "/me"),
        Step::Follow => (Key("step-follow"), Key("step-follow-why"), "/followings"),
        Step::Contact => (Key("step-contact"), Key("step-contact-why"), "/security"),
        Step::SafeQuestion => (Key("step-safe-question"), Key("step-safe-question-why"), "/security"),
    };
    StepLine { label, why, path, is_done }
}
