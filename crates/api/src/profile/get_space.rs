//! `GET /x/space/acc/info`: the space of a member.

use crate::badge::{Nameplate, Official, Pendant, Vip};
use crate::endpoint::endpoint;
use guanxi_types::{Coins, Mid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/space/acc/info`: returns the space of a member, which is the full profile (seed 001, D32). An
    /// unknown member is -404. Errors: -400, -404.
    GetSpace: GET "/x/space/acc/info", Public -> Data {
        /// The member.
        mid: Mid,
    }
}

/// The space of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The member.
    pub mid: Mid,
    /// The display name.
    pub name: String,
    /// The sex: 男, 女 or 保密.
    pub sex: String,
    /// The absolute URL of the avatar, never empty. A member without one has an avatar of the service (D40).
    pub face: String,
    /// 1 if the avatar is an NFT, else 0.
    pub face_nft: u8,
    /// The published bio.
    pub sign: String,
    /// The rank, 10000 for a full member.
    pub rank: u32,
    /// The level, 0 to 6 (D32).
    pub level: u8,
    /// The time at which the member joined, in seconds. 0 if it is not shown.
    pub jointime: i64,
    /// The moral value. 0 if it is not shown.
    pub moral: i32,
    /// 1 while the member is silenced, else 0.
    pub silence: u8,
    /// The balance of coins. 0 for other callers than the member.
    pub coins: Coins,
    /// True if the member has a fan badge.
    pub fans_badge: bool,
    /// The fan medal.
    pub fans_medal: FansMedal,
    /// The official verification.
    pub official: Official,
    /// The VIP state.
    pub vip: Vip,
    /// The avatar frame.
    pub pendant: Pendant,
    /// The nameplate.
    pub nameplate: Nameplate,
    /// The honours.
    pub user_honour_info: HonourInfo,
    /// True if the caller follows or whispers the member.
    pub is_followed: bool,
    /// The URL of the banner.
    pub top_photo: String,
    /// Always `{}`.
    pub theme: Empty,
    /// Always `{}`.
    pub sys_notice: Empty,
    /// The live room.
    pub live_room: LiveRoom,
    /// The birthday as `MM-DD`, or empty.
    pub birthday: String,
    /// The school. Null if there is none.
    pub school: Option<School>,
    /// The profession.
    pub profession: Profession,
    /// The personal tags. Null if there are none.
    pub tags: Option<Vec<String>>,
    /// The upgrade of the series.
    pub series: Series,
    /// 1 for a senior member, else 0.
    pub is_senior_member: u8,
}

/// An object without fields, as the documents show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Empty {}

/// A fan medal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FansMedal {
    /// True if the medal is shown.
    pub show: bool,
    /// True if the member wears the medal.
    pub wear: bool,
    /// Always null. The documents show no other value.
    pub medal: (),
}

/// The honours of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HonourInfo {
    /// The member. 0 if there are no honours.
    pub mid: u64,
    /// The colour of the honours. Null if there is none.
    pub colour: Option<String>,
    /// The names of the honours.
    pub tags: Vec<String>,
}

/// A live room. All fields are 0 or empty without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LiveRoom {
    /// 1 if the member has a live room, else 0.
    #[serde(rename = "roomStatus")]
    pub room_status: u8,
    /// 1 while the room is live, else 0.
    #[serde(rename = "liveStatus")]
    pub live_status: u8,
    /// The URL of the room.
    pub url: String,
    /// The title.
    pub title: String,
    /// The URL of the cover image.
    pub cover: String,
    /// The id of the room.
    pub roomid: u64,
    /// 1 while the room plays recordings, else 0.
    #[serde(rename = "roundStatus")]
    pub round_status: u8,
    /// Always 0.
    pub broadcast_type: u8,
    /// The viewers of the room.
    pub watched_show: WatchedShow,
}

/// The viewers of a live room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WatchedShow {
    /// True if the number of viewers is shown.
    pub switch: bool,
    /// The number of viewers.
    pub num: u64,
    /// The number as a short text.
    pub text_small: String,
    /// The number as a long text.
    pub text_large: String,
    /// The URL of the icon.
    pub icon: String,
    /// The position of the icon.
    pub icon_location: String,
    /// The URL of the icon for the web.
    pub icon_web: String,
}

/// A school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct School {
    /// The name.
    pub name: String,
}

/// A profession.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Profession {
    /// The name of the employer.
    pub name: String,
    /// The department.
    pub department: String,
    /// The title of the position.
    pub title: String,
    /// 1 if the profession is shown, else 0.
    pub is_show: u8,
}

/// The upgrade of a member's series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// The progress of the upgrade.
    pub user_upgrade_status: u8,
    /// True if the client should offer the upgrade.
    pub show_upgrade_window: bool,
}
