//! `GET /x/web-interface/card`: the card of a member.

use crate::badge::{Nameplate, Official, OfficialVerify, Pendant, Vip};
use crate::endpoint::endpoint;
use crate::param::Flag;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/web-interface/card`: returns the card of a member, which is the short profile (seed 001, D32, D33).
    /// An unknown member is -404. `jsonp` is ignored. Errors: -400, -404.
    GetCard: GET "/x/web-interface/card", Public -> Data {
        /// The member.
        mid: Mid,
        /// True to include the banner: 0 or 1, or false or true in any case.
        photo: Flag,
    }
}

/// The card of a member, and counters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The card.
    pub card: MemberCard,
    /// The banner. Absent without `photo`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Space")]
    pub space: Option<Space>,
    /// True if the caller follows or whispers the member.
    pub following: bool,
    /// The number of videos.
    pub archive_count: u64,
    /// The number of articles.
    pub article_count: u64,
    /// The number of followers (D33). Whispers are not counted (D13).
    pub follower: u64,
    /// The number of likes received.
    pub like_num: u64,
}

/// The card of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberCard {
    /// The mid of the member, as text.
    pub mid: String,
    /// The display name.
    pub name: String,
    /// Always false.
    pub approve: bool,
    /// The sex: 男, 女 or 保密.
    pub sex: String,
    /// The rank as text, `10000` for a full member.
    pub rank: String,
    /// The absolute URL of the avatar, never empty. A member without one has an avatar of the service (D40).
    pub face: String,
    /// 1 if the avatar is an NFT, else 0.
    pub face_nft: u8,
    /// Always `0`.
    #[serde(rename = "DisplayRank")]
    pub display_rank: String,
    /// The time at which the member joined, in seconds. 0 if it is not shown.
    pub regtime: i64,
    /// The state of the space. 0 is normal.
    pub spacesta: i32,
    /// Always empty: a card shows no birthday.
    pub birthday: String,
    /// The place.
    pub place: String,
    /// The description.
    pub description: String,
    /// Always 0.
    pub article: u64,
    /// Always `[]`: a card lists no followed members.
    pub attentions: Vec<Mid>,
    /// The number of followers (D33).
    pub fans: u64,
    /// The number of members followed (D33).
    pub friend: u64,
    /// The number of members followed, again.
    pub attention: u64,
    /// The published bio.
    pub sign: String,
    /// The level (D32).
    pub level_info: LevelInfo,
    /// The avatar frame.
    pub pendant: Pendant,
    /// The nameplate.
    pub nameplate: Nameplate,
    /// The official verification.
    #[serde(rename = "Official")]
    pub official: Official,
    /// The short form of the official verification.
    pub official_verify: OfficialVerify,
    /// The VIP state.
    pub vip: CardVip,
    /// 1 for a senior member, else 0.
    pub is_senior_member: u8,
}

/// The level of a member, and the progress to the next one. Only the member sees the progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LevelInfo {
    /// The level, 0 to 6.
    pub current_level: u8,
    /// The exp at which the level starts. 0 for other callers than the member.
    pub current_min: u64,
    /// The exp of the member. 0 for other callers than the member.
    pub current_exp: u64,
    /// The exp at which the next level starts. -1 at level 6, 0 for other callers than the member.
    pub next_exp: i64,
}

/// The VIP state, with two fields repeated under older names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardVip {
    /// The VIP state.
    #[serde(flatten)]
    pub vip: Vip,
    /// The value of `type`.
    #[serde(rename = "vipType")]
    pub vip_type: u8,
    /// The value of `status`.
    #[serde(rename = "vipStatus")]
    pub vip_status: u8,
}

/// The banner of a space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Space {
    /// The URL of the small image.
    pub s_img: String,
    /// The URL of the large image.
    pub l_img: String,
}
