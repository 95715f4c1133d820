//! A member as lists show them: the face of 13, 14 and 19.

use crate::badge::OfficialVerify;
use guanxi_types::{Mid, Tagid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of fans or followings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Page {
    /// The ties of the page.
    pub list: Vec<Listed>,
    /// Changes when, and only when, the ties of the list do (D17); opaque.
    pub re_version: u32,
    /// How many the whole list has.
    pub total: u64,
}

/// One tie of a page, and the member at its other end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listed {
    /// The member.
    pub mid: Mid,
    /// The viewer's tie to them; 0 when not logged in (D16).
    pub attribute: u8,
    /// When the listed tie came to be, in seconds (D12).
    pub mtime: i64,
    /// The groups the list's owner keeps them in; null for none, and for everybody but the owner.
    pub tag: Option<Vec<Tagid>>,
    /// 1 if -10 is among those.
    pub special: u8,
    /// What everybody sees of them.
    #[serde(flatten)]
    pub face: Face,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Grouped {
    /// The member.
    pub mid: Mid,
    /// What everybody sees of them.
    #[serde(flatten)]
    pub face: Face,
}

/// What everybody sees of a member wherever they are listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Face {
    /// Their name.
    pub uname: String,
    /// Their picture.
    pub face: String,
    /// Their sign.
    pub sign: String,
    /// Their verification.
    pub official_verify: OfficialVerify,
    /// Their VIP.
    pub vip: ListedVip,
}

/// VIP, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedVip {
    /// 0 none, 1 by the month, 2 by the year.
    pub vip_type: u8,
    /// When it ends, in milliseconds.
    pub vip_due_date: i64,
    /// A remark on that.
    pub due_remark: String,
    /// 0.
    pub access_status: u8,
    /// 0 none, 1 in force.
    pub vip_status: u8,
    /// A warning about that.
    pub vip_status_warn: String,
    /// 0.
    pub theme_type: u8,
    /// The label behind the name.
    pub label: ListedLabel,
}

/// The VIP label, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListedLabel {
    /// Its picture.
    pub path: String,
}
