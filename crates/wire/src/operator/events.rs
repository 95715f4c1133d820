//! `POST /operator/events`: what the community's other services saw.

use crate::Mid;
use serde::{Deserialize, Serialize};

/// Something that happened, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What tells it from all others, 1 to 128 bytes. Told again with the same id it counts no more.
    pub id: String,
    /// When, in seconds; when it is told if it is not said. Not longer ago than the service remembers ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum What {
    /// A member gave coins for a video (D28).
    Tip {
        /// Who gave.
        giver: Mid,
        /// Who made it.
        maker: Mid,
        /// Which.
        bvid: String,
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
        archive_view: Option<u64>,
        /// Views of their articles.
        article_view: Option<u64>,
        /// Likes they were given.
        likes: Option<u64>,
        /// How many videos they have.
        archive_count: Option<u64>,
        /// How many articles.
        article_count: Option<u64>,
    },
}

/// The coins of a tip: 1 or 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct TipCoins(pub u8);

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// It was counted now.
    Now,
    /// It was counted before.
    Before,
}
