//! The public card: what lists show of a member.

use super::{record, row};
use guanxi_api::badge::OfficialVerify;
use guanxi_api::listed::{Face, ListedLabel, ListedVip};
use guanxi_types::Mid;
use serde::{Deserialize, Serialize};

row! {
    /// What anybody sees of a member wherever they are listed. Whoever has a card is a member.
    Card(/** Whose. */ mid: Mid) {
        /// Their name.
        uname: String,
        /// Their picture.
        face: String,
        /// Their sign, as approved.
        sign: String,
        /// Their verification.
        official: Official,
        /// Their VIP.
        vip: Vip,
    }
}
record!(Card in Card by mid: Mid, due: |card| card.vip.ends());

/// As lists show it.
impl From<Card> for Face {
    fn from(card: Card) -> Face {
        let Card { uname, face, sign, official, vip, .. } = card;
        Face { uname, face, sign, official_verify: official.in_short(), vip: vip.into() }
    }
}

row! {
    /// Verification.
    Official {
        /// What kind of member is verified.
        role: u32,
        /// As what.
        title: String,
        /// Further words.
        desc: String,
        /// Whether, and what.
        verified: Verified,
    }
}

impl Official {
    /// Verification in short: as what is its description.
    pub fn in_short(&self) -> OfficialVerify {
        OfficialVerify { r#type: self.verified.number(), desc: self.title.clone() }
    }
}

/// Who is verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verified {
    /// Nobody.
    #[default]
    None,
    /// A person.
    Person,
    /// An organisation.
    Organisation,
}

impl Verified {
    /// As the wire has it.
    pub const fn number(self) -> i8 {
        match self {
            Verified::None => -1,
            Verified::Person => 0,
            Verified::Organisation => 1,
        }
    }
}

row! {
    /// VIP.
    Vip {
        /// 0 none, 1 by the month, 2 by the year.
        kind: u8,
        /// 0 none, 1 in force, 2 frozen, 3 locked.
        status: u8,
        /// When it ends, in milliseconds: its status becomes 0 then. 0 for one without an end.
        due_date: i64,
        /// 1 if bought.
        pay_type: u8,
        /// 0.
        theme_type: u8,
        /// The label behind the name.
        label: Label,
        /// 1 if the picture has the mark.
        avatar_subscript: u8,
        /// `#RRGGBB`.
        nickname_color: String,
        /// 0 none, 1 by the month, 3 by the year.
        role: u8,
        /// The mark's picture.
        avatar_subscript_url: String,
        /// A remark on the end.
        due_remark: String,
        /// 0.
        access_status: u8,
        /// A warning about the status.
        status_warn: String,
    }
}

/// The status of a VIP in force: lists know no other (D37).
const IN_FORCE: u8 = 1;

impl Vip {
    /// The second from which on it has ended (D38). Returns `None` if there is none to end, or if it has no due date.
    pub fn ends(&self) -> Option<i64> {
        (self.status != 0 && self.due_date > 0)
            .then(|| self.due_date.div_euclid(1000) + i64::from(self.due_date % 1000 > 0))
    }
}

impl From<Vip> for ListedVip {
    fn from(vip: Vip) -> ListedVip {
        ListedVip {
            vip_type: vip.kind,
            vip_due_date: vip.due_date,
            due_remark: vip.due_remark,
            access_status: vip.access_status,
            vip_status: u8::from(vip.status == IN_FORCE),
            vip_status_warn: vip.status_warn,
            theme_type: vip.theme_type,
            label: ListedLabel { path: vip.label.path },
        }
    }
}

row! {
    /// The VIP label.
    Label {
        /// Its picture.
        path: String,
        /// Its text.
        text: String,
        /// Its theme.
        theme: String,
        /// `#RRGGBB`.
        text_color: String,
        /// How the ground is drawn.
        bg_style: u8,
        /// `#RRGGBB`.
        bg_color: String,
        /// `#RRGGBB`.
        border_color: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_vip_status_is_1_only_in_force() {
        let listed = [0, 1, 2, 3].map(|status| ListedVip::from(Vip { status, ..Vip::default() }).vip_status);
        assert_eq!(listed, [0, 1, 0, 0]);
    }
}
