//! Events that the community's other services report.

use crate::{Mid, inline_schema};
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// An event that other services saw. An id is applied once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// The unique id, 1 to 128 characters. A second event with the same id has no effect.
    pub id: EventId,
    /// The time in seconds. Defaults to the time of the request. An event is 30051 if its time is at least
    /// `event_retention_days` ago, or more than 300 seconds ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
    /// The kind of event, with its fields.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// The kind of an event, with its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum EventKind {
    /// A member tips a video with coins. The maker gets a tenth of the coins. The giver gains 10 exp a coin, at
    /// most 50 on the day of the event (D28).
    Tip {
        /// The member that pays.
        giver: Mid,
        /// The member that made the video.
        maker: Mid,
        /// The video.
        bvid: Bvid,
        /// 1 or 2.
        coins: TipCoins,
    },
    /// A member watched a video: 5 exp, once a day.
    Watch {
        /// The member.
        mid: Mid,
    },
    /// A member shared a video: 5 exp, once a day.
    Share {
        /// The member.
        mid: Mid,
    },
    /// The statistics of a member's works: totals, not increments. An absent count does not change. An event with
    /// an earlier time than the stored counts changes nothing.
    Counts {
        /// The member.
        mid: Mid,
        /// Views of their videos.
        #[serde(default, deserialize_with = "deserialize_count")]
        #[schemars(range(max = 9_007_199_254_740_991_u64))]
        archive_view: Option<u64>,
        /// Views of their articles.
        #[serde(default, deserialize_with = "deserialize_count")]
        #[schemars(range(max = 9_007_199_254_740_991_u64))]
        article_view: Option<u64>,
        /// Likes of their works.
        #[serde(default, deserialize_with = "deserialize_count")]
        #[schemars(range(max = 9_007_199_254_740_991_u64))]
        likes: Option<u64>,
        /// The number of their videos.
        #[serde(default, deserialize_with = "deserialize_count")]
        #[schemars(range(max = 9_007_199_254_740_991_u64))]
        archive_count: Option<u64>,
        /// The number of their articles.
        #[serde(default, deserialize_with = "deserialize_count")]
        #[schemars(range(max = 9_007_199_254_740_991_u64))]
        article_count: Option<u64>,
    },
}

/// Reads a count. The largest is the largest integer that a JavaScript number holds exactly.
fn deserialize_count<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u64>, D::Error> {
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

/// The outcome of an event that was not rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum EventOutcome {
    /// The event took effect now.
    #[serde(rename = "now")]
    Applied,
    /// An earlier event with the same id took effect.
    #[serde(rename = "before")]
    Duplicate,
}

/// The id of an event: 1 to 128 characters.
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

/// The id of a video: 1 to 32 letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bvid(String);

impl Bvid {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

inline_schema!(Bvid: { "type": "string", "pattern": "^[A-Za-z0-9]{1,32}$" });

impl TryFrom<String> for Bvid {
    type Error = &'static str;

    fn try_from(bvid: String) -> Result<Bvid, &'static str> {
        let is_valid =
            (1..=32).contains(&bvid.len()) && bvid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_valid { Ok(Bvid(bvid)) } else { Err("a bvid has 1 to 32 letters and digits") }
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
    fn event_count_above_maximum_is_rejected() {
        let counts = |likes: &str| {
            serde_json::from_str::<Event>(&format!(r#"{{"id":"a","type":"counts","mid":1,"likes":{likes}}}"#))
        };
        assert!(counts("9007199254740991").is_ok() && counts("null").is_ok());
        let error = counts("9007199254740992").unwrap_err().to_string();
        assert!(error.contains("at most 9007199254740991"), "{error}");
        assert!(counts("18446744073709551615").is_err() && counts("-1").is_err());
    }
}
