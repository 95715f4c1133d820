//! Conversions of rows to the types of the API.

use guanxi_api::badge::{Nameplate, Official, OfficialVerify, Pendant, Vip, VipLabel};
use guanxi_api::member_list::{ProfileSummary, SummaryVip, SummaryVipLabel};
use guanxi_api::own_data::change_privacy::Audience;
use guanxi_api::param;
use guanxi_api::profile::get_card::LevelInfo;
use guanxi_domain::{level, privacy};
use guanxi_storage::model;
use guanxi_storage::store::Space;

/// Converts a card to the public summary of a member. The avatar is empty if the member has none.
pub fn profile_summary(card: model::Card) -> ProfileSummary {
    let model::Card { uname, face, sign, official, vip, .. } = card;
    let official_verify = official_verify(&official);
    ProfileSummary { uname, face, sign, official_verify, vip: summary_vip(vip) }
}

/// The status of an active VIP, the only one that lists show (D37).
pub(crate) const VIP_ACTIVE: u8 = 1;

/// Converts a VIP to its form in lists.
fn summary_vip(vip: model::Vip) -> SummaryVip {
    SummaryVip {
        vip_type: vip.kind,
        vip_due_date: vip.due_date,
        due_remark: vip.due_remark,
        access_status: vip.access_status,
        vip_status: u8::from(vip.status == VIP_ACTIVE),
        vip_status_warn: vip.status_warn,
        theme_type: vip.theme_type,
        label: SummaryVipLabel { path: vip.label.path },
    }
}

/// Converts an official verification to its short form: the title becomes the description.
pub fn official_verify(official: &model::Official) -> OfficialVerify {
    OfficialVerify { r#type: official.verified.number(), desc: official.title.clone() }
}

/// Converts a VIP.
pub fn vip(vip: model::Vip) -> Vip {
    let model::VipLabel { path, text, theme, text_color, bg_style, bg_color, border_color } = vip.label;
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

/// Converts an official verification.
pub fn official(official: model::Official) -> Official {
    let model::Official { role, title, desc, verified } = official;
    Official { role, title, desc, r#type: verified.number() }
}

/// Converts a pendant.
pub fn pendant(pendant: model::Pendant) -> Pendant {
    let model::Pendant { pid, name, image, expire, image_enhance, image_enhance_frame } = pendant;
    Pendant { pid, name, image, expire, image_enhance, image_enhance_frame }
}

/// Converts a nameplate.
pub fn nameplate(nameplate: model::Nameplate) -> Nameplate {
    let model::Nameplate { nid, name, image, image_small, level, condition } = nameplate;
    Nameplate { nid, name, image, image_small, level, condition }
}

/// Returns 男, 女 or 保密.
pub fn sex(sex: model::Sex) -> String {
    let sex = match sex {
        model::Sex::Man => param::Sex::Man,
        model::Sex::Woman => param::Sex::Woman,
        model::Sex::Secret => param::Sex::Secret,
    };
    sex.name().to_owned()
}

/// Converts a sex of a request.
pub fn stored_sex(sex: param::Sex) -> model::Sex {
    match sex {
        param::Sex::Man => model::Sex::Man,
        param::Sex::Woman => model::Sex::Woman,
        param::Sex::Secret => model::Sex::Secret,
    }
}

/// Converts an audience.
pub fn audience(audience: privacy::Audience) -> Audience {
    match audience {
        privacy::Audience::Everybody => Audience::Everybody,
        privacy::Audience::Mutuals => Audience::Mutuals,
        privacy::Audience::Oneself => Audience::Oneself,
    }
}

/// Converts an audience of a request.
pub fn stored_audience(audience: Audience) -> privacy::Audience {
    match audience {
        Audience::Everybody => privacy::Audience::Everybody,
        Audience::Mutuals => privacy::Audience::Mutuals,
        Audience::Oneself => privacy::Audience::Oneself,
    }
}

/// Returns the number of a login method: 0 for a password, 1 for a QR code, 2 for a passkey.
pub fn login_type(method: model::LoginMethod) -> u8 {
    match method {
        model::LoginMethod::Password => 0,
        model::LoginMethod::Qr => 1,
        model::LoginMethod::Passkey => 2,
    }
}

/// Converts a member's experience to a level. Only the member sees the experience itself (D32).
pub fn level_info(space: &Space, is_own: bool) -> LevelInfo {
    let level = level::compute_level(space.experience.exp);
    let next_exp = level.next.map_or(-1, |next| i64::try_from(next).unwrap_or(i64::MAX));
    let level_info = LevelInfo {
        current_level: level.level,
        current_min: level.min,
        current_exp: space.experience.exp,
        next_exp,
    };
    if is_own { level_info } else { LevelInfo { current_min: 0, current_exp: 0, next_exp: 0, ..level_info } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_vip_status_is_1_only_if_active() {
        let vip = |status| model::Vip { status, ..model::Vip::default() };
        assert_eq!([0, 1, 2, 3].map(|status| summary_vip(vip(status)).vip_status), [0, 1, 0, 0]);
    }
}
