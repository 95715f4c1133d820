//! `GET /x/web-interface/card`: a member's card.

use crate::badge::{Nameplate, Official, OfficialVerify, Pendant, Vip};
use crate::endpoint::endpoint;
use crate::param::Flag;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for a member's card (seed 001). -404 for nobody. `jsonp` is ignored.
    Card: GET "/x/web-interface/card", Public -> Data {
        /// The member.
        mid: Mid,
        /// Whether to show the pictures on top: 0 or 1, or false or true in any case.
        photo: Flag,
    }
}

/// A card and what counts beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The card.
    pub card: MemberCard,
    /// The pictures on top; only with `photo`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Space")]
    pub space: Option<Space>,
    /// Whether the viewer follows or whispers them.
    pub following: bool,
    /// How many videos they have.
    pub archive_count: u64,
    /// How many articles.
    pub article_count: u64,
    /// How many fans (D33).
    pub follower: u64,
    /// How many likes they were given.
    pub like_num: u64,
}

/// A member's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberCard {
    /// The member, as text.
    pub mid: String,
    /// Their name.
    pub name: String,
    /// False.
    pub approve: bool,
    /// 男, 女 or 保密.
    pub sex: String,
    /// Their rank, as text.
    pub rank: String,
    /// Their picture.
    pub face: String,
    /// 1 if that is an NFT.
    pub face_nft: u8,
    /// `0`.
    #[serde(rename = "DisplayRank")]
    pub display_rank: String,
    /// When they joined, in seconds; 0 untold.
    pub regtime: i64,
    /// How their space stands; 0 as usual.
    pub spacesta: i32,
    /// Empty: a card tells no birthday.
    pub birthday: String,
    /// Where they are.
    pub place: String,
    /// About them.
    pub description: String,
    /// 0.
    pub article: u64,
    /// `[]`: a card tells no ties.
    pub attentions: Vec<Mid>,
    /// How many fans (D33).
    pub fans: u64,
    /// How many they follow.
    pub friend: u64,
    /// The same.
    pub attention: u64,
    /// Their sign.
    pub sign: String,
    /// Their level (D32).
    pub level_info: LevelInfo,
    /// Their pendant.
    pub pendant: Pendant,
    /// Their nameplate.
    pub nameplate: Nameplate,
    /// Their verification.
    #[serde(rename = "Official")]
    pub official: Official,
    /// The same in short.
    pub official_verify: OfficialVerify,
    /// Their VIP.
    pub vip: CardVip,
    /// 1 for senior members.
    pub is_senior_member: u8,
}

/// A level, and to oneself how far the next one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LevelInfo {
    /// 0 to 6.
    pub current_level: u8,
    /// The exp at which it starts; 0 to others.
    pub current_min: u64,
    /// One's exp; 0 to others.
    pub current_exp: u64,
    /// The exp at which the next starts; -1 where there is none, 0 to others.
    pub next_exp: i64,
}

/// VIP, and two of its fields once more under their older names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardVip {
    /// VIP.
    #[serde(flatten)]
    pub vip: Vip,
    /// Its `type`.
    #[serde(rename = "vipType")]
    pub vip_type: u8,
    /// Its `status`.
    #[serde(rename = "vipStatus")]
    pub vip_status: u8,
}

/// The pictures on top of a space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Space {
    /// The small one.
    pub s_img: String,
    /// The large one.
    pub l_img: String,
}
