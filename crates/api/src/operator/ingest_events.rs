//! `POST /operator/events`: applies events that other services of the community report.

use crate::endpoint::endpoint;
use guanxi_types::{Event, EventOutcome};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /operator/events`: applies events of other services, at most `event_batch` in a request. Each event
    /// has its own result, in the order of the events. An invalid or rejected event does not affect the others.
    /// Errors: -401, -403, -400.
    IngestEvents: POST "/operator/events", Operator<AdminOrIngest> -> Data {
        /// The events, at most `event_batch` (1,000).
        events: Vec<RawEvent>,
    }
}

/// The unvalidated JSON of an [`Event`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RawEvent(#[schemars(with = "Event")] pub serde_json::Value);

/// The results of the events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The result of each event, in the order of the events.
    pub results: Vec<EventResult>,
}

/// The result of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EventResult {
    /// The id of the event. Null if it has none.
    pub id: Option<String>,
    /// 0 if the event is applied, -400 if it is invalid, else the reason of the rejection: 30051 its time, 30052
    /// the id of another event, -404 an unknown member, 22001 a tip to oneself, 30050 too few coins.
    pub code: i32,
    /// The meaning of the code, and the error of an invalid event.
    pub message: String,
    /// `now` if the event took effect now, `before` if an earlier event with the same id did. Null if it was
    /// rejected.
    pub counted: Option<EventOutcome>,
}
