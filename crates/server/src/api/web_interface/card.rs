//! `GET /x/web-interface/card`: a member's card.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use crate::{noface, show};
use guanxi_api::api::web_interface::card::{Card, CardVip, Data, MemberCard, Space};
use guanxi_storage::Store;
use guanxi_types::ErrorCode;

/// Tells a member's card, with their pictures on top if asked for.
pub async fn card(
    app: App,
    ApiRequest { who: viewer, req, sender, .. }: ApiRequest<Card>,
) -> Result<Data, ApiError> {
    let space = app.store.space(req.mid, viewer).await?.ok_or(ErrorCode::NoMember)?;
    let level_info = show::level_info(&space, viewer == Some(req.mid));
    let (card, profile, upstat) = (space.card, space.profile, space.upstat);
    let (fans, following) = (u64::from(space.stat.follower), u64::from(space.stat.following));
    let (vip_type, vip_status) = (card.vip.kind, card.vip.status);
    let card = MemberCard {
        mid: req.mid.to_string(),
        name: card.uname,
        approve: false,
        sex: show::sex(profile.sex),
        rank: profile.rank.0.to_string(),
        face: noface::face_or(&app, &sender, card.face),
        face_nft: profile.face_nft,
        display_rank: "0".to_owned(),
        regtime: profile.jointime,
        spacesta: profile.spacesta,
        birthday: String::new(),
        place: profile.place,
        description: profile.description,
        article: 0,
        attentions: Vec::new(),
        fans,
        friend: following,
        attention: following,
        sign: card.sign,
        level_info,
        pendant: show::pendant(profile.pendant),
        nameplate: show::nameplate(profile.nameplate),
        official_verify: card.official.in_short(),
        official: show::official(card.official),
        vip: CardVip { vip: show::vip(card.vip), vip_type, vip_status },
        is_senior_member: u8::from(profile.senior),
    };
    let pictures = Space { s_img: profile.top_photo_small, l_img: profile.top_photo };
    Ok(Data {
        card,
        space: req.photo.0.then_some(pictures),
        following: space.followed,
        archive_count: upstat.archive_count,
        article_count: upstat.article_count,
        follower: fans,
        like_num: upstat.likes,
    })
}
