//! `GET /passport/steps`: the first steps of a new member.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/steps`: returns the first steps of a new member, and which of them the caller has taken. They are
    /// derived from the account, so a step that is undone is open again. Errors: -101.
    GetFirstSteps: GET "/passport/steps", Session -> Data {}
}

/// The first steps of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FirstSteps")]
pub struct Data {
    /// True if the caller dismissed the steps.
    pub dismissed: bool,
    /// The steps, in the order in which pages show them.
    pub list: Vec<FirstStep>,
}

/// A first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FirstStep {
    /// The step.
    pub step: Step,
    /// True if the step is taken.
    pub done: bool,
}

/// The kind of a first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Write a sign. One that waits for its review counts.
    Sign,
    /// Follow a member, publicly or privately.
    Follow,
    /// Add a phone or a mail address.
    Contact,
    /// Set a security question.
    SafeQuestion,
}
