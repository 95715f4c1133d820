//! What stands beside a name: verification, VIP, pendant, nameplate. Shared by the space profile (9) and the card (10).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Official {
    /// What kind of member is verified; 0 none.
    pub role: u32,
    /// As what.
    pub title: String,
    /// Further words.
    pub desc: String,
    /// -1 none, 0 a person, 1 an organisation.
    pub r#type: i8,
}

/// Verification in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OfficialVerify {
    /// -1 none, 0 a person, 1 an organisation.
    pub r#type: i8,
    /// As what; empty if none.
    pub desc: String,
}

/// VIP, as space and card show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vip {
    /// 0 none, 1 by the month, 2 by the year.
    pub r#type: u8,
    /// 0 none, 1 in force; 2 and 3 frozen and locked.
    pub status: u8,
    /// When it ends, in milliseconds.
    pub due_date: i64,
    /// Whether it was bought.
    pub vip_pay_type: u8,
    /// 0.
    pub theme_type: u8,
    /// The label behind the name.
    pub label: VipLabel,
    /// Whether the picture has the mark.
    pub avatar_subscript: u8,
    /// The colour of the name, `#RRGGBB`.
    pub nickname_color: String,
    /// 0 none, 1 by the month, 3 by the year.
    pub role: u8,
    /// The mark's picture.
    pub avatar_subscript_url: String,
}

/// The VIP label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VipLabel {
    /// Its picture.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Its theme.
    pub label_theme: String,
    /// `#RRGGBB`.
    pub text_color: String,
    /// How the ground is drawn.
    pub bg_style: u8,
    /// `#RRGGBB`.
    pub bg_color: String,
    /// `#RRGGBB`.
    pub border_color: String,
}

/// The frame about the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pendant {
    /// Its number; 0 none.
    pub pid: u64,
    /// Its name.
    pub name: String,
    /// Its picture.
    pub image: String,
    /// When it ends, in seconds; 0 none.
    pub expire: i64,
    /// Its picture in motion.
    pub image_enhance: String,
    /// The frames of that.
    pub image_enhance_frame: String,
}

/// A medal of merit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Nameplate {
    /// Its number; 0 none.
    pub nid: u64,
    /// Its name.
    pub name: String,
    /// Its picture.
    pub image: String,
    /// The same, small.
    pub image_small: String,
    /// Its rank among medals.
    pub level: String,
    /// What it is given for.
    pub condition: String,
}
