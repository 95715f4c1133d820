//! The public card of a member, which lists show.

use super::{IndexedName, entity, stored_struct};
use guanxi_types::Mid;
use serde::{Deserialize, Serialize};

stored_struct! {
    /// The public card of a member. Every member has one.
    Card(/** The member. */ mid: Mid) {
        /// The name.
        uname: String,
        /// The URL of the avatar.
        face: String,
        /// The bio, as approved.
        sign: String,
        /// The official verification.
        official: Official,
        /// The VIP status.
        vip: Vip,
    }
}
entity!(Card in Card by mid: Mid, run_at: |card| card.vip.expires_at(), indexed_name: |card| {
    let is_official = card.official.verified != OfficialKind::None;
    (!card.is_deleted()).then_some(IndexedName { uname: &card.uname, is_official })
});

/// The display name of a member whose deletion is pending, as long as a list still contains the member.
pub(crate) const DELETED_NAME: &str = "账号已注销";

impl Card {
    /// True if the deletion of the member is pending.
    pub(crate) fn is_deleted(&self) -> bool {
        self.uname == DELETED_NAME
    }
}

stored_struct! {
    /// The official verification of a member.
    Official {
        /// The role of the verified member.
        role: u32,
        /// The verified title.
        title: String,
        /// A further description.
        desc: String,
        /// The kind of the verified member.
        verified: OfficialKind,
    }
}

/// The kind of a verified member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OfficialKind {
    /// Not verified.
    #[default]
    None,
    /// A verified person.
    Person,
    /// A verified organisation.
    Organisation,
}

impl OfficialKind {
    /// Returns the number in the API.
    pub const fn number(self) -> i8 {
        match self {
            OfficialKind::None => -1,
            OfficialKind::Person => 0,
            OfficialKind::Organisation => 1,
        }
    }
}

stored_struct! {
    /// The VIP status of a member.
    Vip {
        /// The kind: 0 none, 1 monthly, 2 yearly.
        kind: u8,
        /// The status: 0 none, 1 active, 2 frozen, 3 locked.
        status: u8,
        /// The expiry in milliseconds, at which the status becomes 0. 0 for no expiry.
        due_date: i64,
        /// 1 if the VIP status was bought.
        pay_type: u8,
        /// Always 0.
        theme_type: u8,
        /// The label after the name.
        label: VipLabel,
        /// 1 if the avatar has a badge.
        avatar_subscript: u8,
        /// The color of the name, `#RRGGBB`.
        nickname_color: String,
        /// The role: 0 none, 1 monthly, 3 yearly.
        role: u8,
        /// The URL of the avatar badge.
        avatar_subscript_url: String,
        /// A remark about the expiry.
        due_remark: String,
        /// Always 0.
        access_status: u8,
        /// A warning about the status.
        status_warn: String,
    }
}

impl Vip {
    /// Returns the second from which the VIP status is expired (D38). `None` without a status or without an expiry.
    pub fn expires_at(&self) -> Option<i64> {
        (self.status != 0 && self.due_date > 0)
            .then(|| self.due_date.div_euclid(1000) + i64::from(self.due_date % 1000 > 0))
    }
}

stored_struct! {
    /// The VIP label.
    VipLabel {
        /// The URL of the picture.
        path: String,
        /// The text.
        text: String,
        /// The theme.
        theme: String,
        /// The color of the text, `#RRGGBB`.
        text_color: String,
        /// The style of the background.
        bg_style: u8,
        /// The color of the background, `#RRGGBB`.
        bg_color: String,
        /// The color of the border, `#RRGGBB`.
        border_color: String,
    }
}
