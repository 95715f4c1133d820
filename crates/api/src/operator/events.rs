//! `POST /operator/events`: what the community's other services saw.

use super::operation;
use guanxi_types::Mid;
use guanxi_types::inline_schema;
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

operation! {
    /// Tells what happened. Each event has its own result, in the order of the events: one that is none, or cannot be
    /// counted, does not spoil the others.
    Events: POST "/operator/events", [Admin, Ingest] -> Data {
        /// The events, at most as many as the settings allow (1,000).
        events: Vec<Given>,
    }
}

/// An [`Event`] as it was given, which may be none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Given(#[schemars(with = "Event")] pub serde_json::Value);

/// What became of the events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Of each, in their order.
    pub results: Vec<Outcome>,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// Its id; null if it has none.
    pub id: Option<String>,
    /// 0 if it counts; -400 if it is no event, else why it does not count: -404, 22001, 30050, 30051, 30052.
    pub code: i32,
    /// What that means, and what is wrong with it.
    pub message: String,
    /// Whether it was counted now or before; null if it does not count.
    pub counted: Option<Counted>,
}

/// Something that happened, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// What tells it from all others. Told again with the same id it counts no more.
    pub id: EventId,
    /// When, in seconds; when it is told if it is not said. Not longer ago than the service remembers ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum What {
    /// A member gave coins for a video (D28).
    Tip {
        /// Who gave.
        giver: Mid,
        /// Who made it.
        maker: Mid,
        /// Which.
        bvid: Bvid,
        /// 1 or 2.
        coins: TipCoins,
    },
    /// A member watched a video.
    Watch {
        /// Who.
        mid: Mid,
    },
    /// A member shared a video.
    Share {
        /// Who.
        mid: Mid,
    },
    /// How a member's works are seen: whole counts, not what came to them. What is not said stays.
    Counts {
        /// Whose.
        mid: Mid,
        /// Views of their videos.
        #[serde(default, deserialize_with = "count")]
        #[schemars(range(max = 9_007_199_254_740_991_u64))]
        archive_view: Option<u64>,
        /// Views of their articles.
        #[serde(default, deserialize_with = "count")]
        #[schemars(range(max = 9_007_199_254_740_991_u64))]
        article_view: Option<u64>,
        /// Likes they were given.
        #[serde(default, deserialize_with = "count")]
        #[schemars(range(max = 9_007_199_254_740_991_u64))]
        likes: Option<u64>,
        /// How many videos they have.
        #[serde(default, deserialize_with = "count")]
        #[schemars(range(max = 9_007_199_254_740_991_u64))]
        archive_count: Option<u64>,
        /// How many articles.
        #[serde(default, deserialize_with = "count")]
        #[schemars(range(max = 9_007_199_254_740_991_u64))]
        article_count: Option<u64>,
    },
}

/// Reads a count, which is at most what a JavaScript number holds exactly.
fn count<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u64>, D::Error> {
    let count = Option::<u64>::deserialize(input)?;
    match count.filter(|count| *count > Mid::MAX.get()) {
        Some(_) => Err(D::Error::custom("a count is at most 9007199254740991")),
        None => Ok(count),
    }
}

/// The coins of a tip: 1 or 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct TipCoins(pub u8);

inline_schema!(TipCoins: { "type": "integer", "enum": [1, 2] });

impl TryFrom<u8> for TipCoins {
    type Error = &'static str;

    fn try_from(coins: u8) -> Result<TipCoins, &'static str> {
        if matches!(coins, 1 | 2) { Ok(TipCoins(coins)) } else { Err("a tip is 1 or 2 coins") }
    }
}

impl From<TipCoins> for u8 {
    fn from(coins: TipCoins) -> u8 {
        coins.0
    }
}

/// That an event counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// It was counted now.
    Now,
    /// It was counted before.
    Before,
}

/// A text of 1 to 128 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId(String);

inline_schema!(EventId: { "type": "string", "minLength": 1, "maxLength": 128 });

impl TryFrom<String> for EventId {
    type Error = &'static str;

    fn try_from(id: String) -> Result<EventId, &'static str> {
        if (1..=128).contains(&id.chars().count()) {
            Ok(EventId(id))
        } else {
            Err("an id has 1 to 128 characters")
        }
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> String {
        id.0
    }
}

impl AsRef<[u8]> for EventId {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A video's number: 1 to 32 letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bvid(String);

impl Bvid {
    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

inline_schema!(Bvid: { "type": "string", "pattern": "^[A-Za-z0-9]{1,32}$" });

impl TryFrom<String> for Bvid {
    type Error = &'static str;

    fn try_from(bvid: String) -> Result<Bvid, &'static str> {
        let fits = (1..=32).contains(&bvid.len()) && bvid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits { Ok(Bvid(bvid)) } else { Err("a bvid has 1 to 32 letters and digits") }
    }
}

impl From<Bvid> for String {
    fn from(bvid: Bvid) -> String {
        bvid.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_a_largest() {
        let counts = |likes: &str| {
            serde_json::from_str::<Event>(&format!(r#"{{"id":"a","type":"counts","mid":1,"likes":{likes}}}"#))
        };
        assert!(counts("9007199254740991").is_ok() && counts("null").is_ok());
        let error = counts("9007199254740992").unwrap_err().to_string();
        assert!(error.contains("at most 9007199254740991"), "{error}");
        assert!(counts("18446744073709551615").is_err() && counts("-1").is_err());
    }
}
