//! Rows as the wire shows them.

use guanxi_rules::{level, tie};
use guanxi_store::row;
use guanxi_store::store::{Entry, Page, Space};
use guanxi_wire::api::web_interface::card::LevelInfo;
use guanxi_wire::badge::{Nameplate, Official, OfficialVerify, Pendant, Vip, VipLabel};
use guanxi_wire::listed::{self, Face, Grouped, Listed, ListedLabel, ListedVip};

/// A page of a list.
pub fn page(page: Page) -> listed::Page {
    let list = page.entries.into_iter().map(listed).collect();
    listed::Page { list, re_version: page.version, total: u64::from(page.total) }
}

fn listed(entry: Entry) -> Listed {
    let Entry { card, mtime, attribute, groups } = entry;
    let (tag, special) = (tie::tag(&groups), tie::special(&groups));
    Listed { mid: card.mid, attribute, mtime, tag, special, face: face(card) }
}

/// A member of a group.
pub fn grouped(entry: Entry) -> Grouped {
    Grouped { mid: entry.card.mid, face: face(entry.card) }
}

fn face(card: row::Card) -> Face {
    let row::Card { uname, face, sign, official, vip, .. } = card;
    Face { uname, face, sign, official_verify: official_verify(&official), vip: listed_vip(vip) }
}

fn listed_vip(vip: row::Vip) -> ListedVip {
    ListedVip {
        vip_type: vip.kind,
        vip_due_date: vip.due_date,
        due_remark: vip.due_remark,
        access_status: vip.access_status,
        vip_status: vip.status,
        vip_status_warn: vip.status_warn,
        theme_type: vip.theme_type,
        label: ListedLabel { path: vip.label.path },
    }
}

/// VIP.
pub fn vip(vip: row::Vip) -> Vip {
    let row::Label { path, text, theme, text_color, bg_style, bg_color, border_color } = vip.label;
    Vip {
        r#type: vip.kind,
        status: vip.status,
        due_date: vip.due_date,
        vip_pay_type: vip.pay_type,
        theme_type: vip.theme_type,
        label: VipLabel { path, text, label_theme: theme, text_color, bg_style, bg_color, border_color },
        avatar_subscript: vip.avatar_subscript,
        nickname_color: vip.nickname_color,
        role: vip.role,
        avatar_subscript_url: vip.avatar_subscript_url,
    }
}

const fn verified(verified: row::Verified) -> i8 {
    match verified {
        row::Verified::None => -1,
        row::Verified::Person => 0,
        row::Verified::Organisation => 1,
    }
}

/// Verification.
pub fn official(official: row::Official) -> Official {
    let row::Official { role, title, desc, verified: who } = official;
    Official { role, title, desc, r#type: verified(who) }
}

/// Verification in short: as what is its description.
pub fn official_verify(official: &row::Official) -> OfficialVerify {
    OfficialVerify { r#type: verified(official.verified), desc: official.title.clone() }
}

/// A pendant.
pub fn pendant(pendant: row::Pendant) -> Pendant {
    let row::Pendant { pid, name, image, expire, image_enhance, image_enhance_frame } = pendant;
    Pendant { pid, name, image, expire, image_enhance, image_enhance_frame }
}

/// A nameplate.
pub fn nameplate(nameplate: row::Nameplate) -> Nameplate {
    let row::Nameplate { nid, name, image, image_small, level, condition } = nameplate;
    Nameplate { nid, name, image, image_small, level, condition }
}

/// 男, 女 or 保密.
pub fn sex(sex: row::Sex) -> String {
    match sex {
        row::Sex::Man => "男",
        row::Sex::Woman => "女",
        row::Sex::Secret => "保密",
    }
    .to_owned()
}

/// A level; to others without what it took (D32).
pub fn level_info(space: &Space, own: bool) -> LevelInfo {
    let level = level::level(space.growth.exp);
    let next_exp = level.next.map_or(-1, |next| i64::try_from(next).unwrap_or(i64::MAX));
    let told = LevelInfo {
        current_level: level.level,
        current_min: level.min,
        current_exp: space.growth.exp,
        next_exp,
    };
    if own { told } else { LevelInfo { current_min: 0, current_exp: 0, next_exp: 0, ..told } }
}
