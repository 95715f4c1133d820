//! Badges beside a display name: official verification, VIP, pendant, nameplate. `GET /x/space/acc/info` and
//! `GET /x/web-interface/card` share them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An official verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Official {
    /// The kind of verified member. 0 without a verification.
    pub role: u32,
    /// The verified title.
    pub title: String,
    /// The description of the verification.
    pub desc: String,
    /// The kind of the verified member: -1 none, 0 person, 1 organisation.
    pub r#type: i8,
}

/// The short form of an official verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OfficialVerify {
    /// The kind of the verified member: -1 none, 0 person, 1 organisation.
    pub r#type: i8,
    /// The verified title. Empty without a verification.
    pub desc: String,
}

/// The VIP state, as space and card show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vip {
    /// The kind of VIP: 0 none, 1 monthly, 2 yearly.
    pub r#type: u8,
    /// The status: 0 none or ended, 1 active, 2 frozen, 3 locked.
    pub status: u8,
    /// The end of the VIP, in milliseconds. 0 for no end.
    pub due_date: i64,
    /// 1 if the VIP was bought, else 0.
    pub vip_pay_type: u8,
    /// Always 0.
    pub theme_type: u8,
    /// The label beside the display name.
    pub label: VipLabel,
    /// 1 if the avatar has the VIP mark, else 0.
    pub avatar_subscript: u8,
    /// The colour of the display name, `#RRGGBB` or empty.
    pub nickname_color: String,
    /// The role: 0 none, 1 monthly, 3 yearly.
    pub role: u8,
    /// The URL of the VIP mark.
    pub avatar_subscript_url: String,
}

/// A VIP label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VipLabel {
    /// The URL of the image.
    pub path: String,
    /// The text.
    pub text: String,
    /// The theme.
    pub label_theme: String,
    /// The colour of the text, `#RRGGBB`.
    pub text_color: String,
    /// The style of the background.
    pub bg_style: u8,
    /// The colour of the background, `#RRGGBB`.
    pub bg_color: String,
    /// The colour of the border, `#RRGGBB`.
    pub border_color: String,
}

/// A frame around the avatar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pendant {
    /// The id. 0 without a pendant.
    pub pid: u64,
    /// The name.
    pub name: String,
    /// The URL of the image.
    pub image: String,
    /// The end of the pendant, in seconds. 0 without an end.
    pub expire: i64,
    /// The URL of the animated image.
    pub image_enhance: String,
    /// The URL of the frames of the animated image.
    pub image_enhance_frame: String,
}

/// A medal of merit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Nameplate {
    /// The id. 0 without a nameplate.
    pub nid: u64,
    /// The name.
    pub name: String,
    /// The URL of the image.
    pub image: String,
    /// The URL of the small image.
    pub image_small: String,
    /// The rank among nameplates.
    pub level: String,
    /// The condition under which it is awarded.
    pub condition: String,
}
