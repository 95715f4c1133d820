//! Pages of members: followers, followings, whispers, blocks, and the members of a group.

use crate::badge::OfficialVerify;
use guanxi_types::{Mid, Tagid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of relations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RelationPage {
    /// The relations of the page.
    pub list: Vec<RelationListItem>,
    /// The version of the list, below 2^32. It changes with the relations of the list's owner only (D17). The
    /// owner's followings, whispers and blocks have one version, which changes with each of the three.
    pub re_version: u32,
    /// The number of relations in the whole list.
    pub total: u64,
}

/// A relation of a page, with the listed member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RelationListItem {
    /// The listed member.
    pub mid: Mid,
    /// The relation of the caller to the member: 0 none, 1 whisper, 2 follow, 6 mutual follow, 128 block. 0 without
    /// a session (D16).
    pub attribute: u8,
    /// The time at which the listed relation began or became mutual, in seconds (D12).
    pub mtime: i64,
    /// The groups that contain the member, in the order of joining (D19). Null without a group, in lists other than
    /// followings, and for other callers than the owner (D16).
    pub tag: Option<Vec<Tagid>>,
    /// 1 if `tag` includes -10, else 0.
    pub special: u8,
    /// The public summary of the member.
    #[serde(flatten)]
    pub profile: ProfileSummary,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupMember {
    /// The member.
    pub mid: Mid,
    /// The public summary of the member.
    #[serde(flatten)]
    pub profile: ProfileSummary,
}

/// The public summary of a member, the same in every list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileSummary {
    /// The display name.
    pub uname: String,
    /// The absolute URL of the avatar, never empty. A member without one has an avatar of the service (D40).
    pub face: String,
    /// The published bio.
    pub sign: String,
    /// The official verification.
    pub official_verify: OfficialVerify,
    /// The VIP state.
    pub vip: SummaryVip,
}

/// The VIP state, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SummaryVip {
    /// The kind of VIP: 0 none, 1 monthly, 2 yearly.
    pub vip_type: u8,
    /// The end of the VIP, in milliseconds. 0 for no end.
    pub vip_due_date: i64,
    /// A remark on the end of the VIP.
    pub due_remark: String,
    /// Always 0.
    pub access_status: u8,
    /// The status: 1 active, else 0 (D37).
    pub vip_status: u8,
    /// A warning about the status.
    pub vip_status_warn: String,
    /// Always 0.
    pub theme_type: u8,
    /// The label beside the display name.
    pub label: SummaryVipLabel,
}

/// The VIP label, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SummaryVipLabel {
    /// The URL of the image.
    pub path: String,
}
