//! `GET /passport/levels`: the levels, and the exp of the caller.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/levels`: returns the exp that each level needs, the exp of the caller, and how exp is earned
    /// (D27, D32). Errors: -101.
    GetLevels: GET "/passport/levels", Session -> Data {}
}

/// The levels, and the exp of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Levels")]
pub struct Data {
    /// The exp of the caller.
    pub exp: u64,
    /// The level of the caller.
    pub level: u8,
    /// All levels, in ascending order.
    pub levels: Vec<LevelStep>,
    /// The sources of exp.
    pub sources: Vec<ExpSource>,
}

/// A level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LevelStep {
    /// The level.
    pub level: u8,
    /// The exp at which the level begins.
    pub min: u64,
}

/// A source of exp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpSource {
    /// The kind of source.
    pub r#type: ExpSourceKind,
    /// The exp of one event. For tips that of one coin.
    pub exp: u64,
    /// The maximum exp: of a day, or ever if it is granted once.
    pub max: u64,
    /// True if the source grants exp once, and not once a day.
    pub once: bool,
    /// The exp granted to the caller: today, or ever if it is granted once.
    pub granted: u64,
}

/// The kind of a source of exp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpSourceKind {
    /// The first request of a day with a session.
    Login,
    /// A watched video.
    Watch,
    /// Coins tipped.
    Coins,
    /// A shared video.
    Share,
    /// A verified phone.
    Tel,
    /// A verified real name.
    IdentifyCard,
}
