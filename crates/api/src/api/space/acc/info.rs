//! `GET /x/space/acc/info`: a member's space.

use crate::badge::{Nameplate, Official, Pendant, Vip};
use crate::endpoint::endpoint;
use guanxi_types::{Coins, Mid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for a member's space (seed 001). -404 for nobody.
    SpaceInfo: GET "/x/space/acc/info", Public -> Data {
        /// The member.
        mid: Mid,
    }
}

/// A member's space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The member.
    pub mid: Mid,
    /// Their name.
    pub name: String,
    /// 男, 女 or 保密.
    pub sex: String,
    /// Their picture.
    pub face: String,
    /// 1 if that is an NFT.
    pub face_nft: u8,
    /// Their sign.
    pub sign: String,
    /// Their rank.
    pub rank: u32,
    /// Their level, 0 to 6 (D32).
    pub level: u8,
    /// When they joined, in seconds; 0 untold.
    pub jointime: i64,
    /// Their moral; 0 untold.
    pub moral: i32,
    /// 1 while they are silenced.
    pub silence: u8,
    /// Their coins: told to themselves, 0 to others.
    pub coins: Coins,
    /// Whether they have a fan badge.
    pub fans_badge: bool,
    /// Their fan medal.
    pub fans_medal: FansMedal,
    /// Their verification.
    pub official: Official,
    /// Their VIP.
    pub vip: Vip,
    /// Their pendant.
    pub pendant: Pendant,
    /// Their nameplate.
    pub nameplate: Nameplate,
    /// Their honours.
    pub user_honour_info: HonourInfo,
    /// Whether the viewer follows or whispers them.
    pub is_followed: bool,
    /// The picture on top.
    pub top_photo: String,
    /// `{}`.
    pub theme: Empty,
    /// `{}`.
    pub sys_notice: Empty,
    /// Their live room.
    pub live_room: LiveRoom,
    /// `MM-DD`, or empty.
    pub birthday: String,
    /// Their school.
    pub school: Option<School>,
    /// Their profession.
    pub profession: Profession,
    /// Their tags.
    pub tags: Option<Vec<String>>,
    /// Their series.
    pub series: Series,
    /// 1 for senior members.
    pub is_senior_member: u8,
}

/// An object without fields, as the documents show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Empty {}

/// A fan medal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FansMedal {
    /// Whether it is shown.
    pub show: bool,
    /// Whether it is worn.
    pub wear: bool,
    /// Null: the documents tell no other shape.
    pub medal: (),
}

/// Honours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HonourInfo {
    /// Whose; 0 where there are none.
    pub mid: u64,
    /// Their colour.
    pub colour: Option<String>,
    /// Their names.
    pub tags: Vec<String>,
}

/// A live room; all 0 and empty without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LiveRoom {
    /// 1 if there is one.
    #[serde(rename = "roomStatus")]
    pub room_status: u8,
    /// 1 while it is on.
    #[serde(rename = "liveStatus")]
    pub live_status: u8,
    /// Where.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its picture.
    pub cover: String,
    /// Its number.
    pub roomid: u64,
    /// 1 while it plays recordings.
    #[serde(rename = "roundStatus")]
    pub round_status: u8,
    /// 0.
    pub broadcast_type: u8,
    /// Who watches.
    pub watched_show: WatchedShow,
}

/// Who watches a live room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WatchedShow {
    /// Whether it is told.
    pub switch: bool,
    /// How many.
    pub num: u64,
    /// The number in short.
    pub text_small: String,
    /// The number in words.
    pub text_large: String,
    /// A picture.
    pub icon: String,
    /// Where it goes.
    pub icon_location: String,
    /// The picture for the web.
    pub icon_web: String,
}

/// A school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct School {
    /// Its name.
    pub name: String,
}

/// A profession.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Profession {
    /// Where.
    pub name: String,
    /// In which part of it.
    pub department: String,
    /// As what.
    pub title: String,
    /// 1 if shown.
    pub is_show: u8,
}

/// Series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// How far the upgrade is.
    pub user_upgrade_status: u8,
    /// Whether to offer it.
    pub show_upgrade_window: bool,
}
