//! `GET /x/web-interface/card`: the card of a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::to_api;
use guanxi_api::profile::get_card::{CardVip, Data, GetCard, MemberCard, Space};
use guanxi_storage::Store;
use guanxi_types::ErrorCode;

/// Returns the card of a member, with the banner if requested.
pub async fn get_card(
    app: App,
    ApiRequest { caller: viewer, params, client, .. }: ApiRequest<GetCard>,
) -> Result<Data, ApiError> {
    let space = app.store.space(params.mid, viewer).await?.ok_or(ErrorCode::MemberNotFound)?;
    let level_info = to_api::level_info(&space, viewer == Some(params.mid));
    let (card, profile, upstat) = (space.card, space.profile, space.upstat);
    let (followers, following) = (u64::from(space.counters.follower), u64::from(space.counters.following));
    let (vip_type, vip_status) = (card.vip.kind, card.vip.status);
    let card = MemberCard {
        mid: params.mid.to_string(),
        name: card.uname,
        approve: false,
        sex: to_api::sex(profile.sex),
        rank: profile.rank.0.to_string(),
        face: app.default_avatar.face_or_default(&client, card.face),
        face_nft: profile.face_nft,
        display_rank: "0".to_owned(),
        regtime: profile.jointime,
        spacesta: profile.spacesta,
        birthday: String::new(),
        place: profile.place,
        description: profile.description,
        article: 0,
        attentions: Vec::new(),
        fans: followers,
        friend: following,
        attention: following,
        sign: card.sign,
        level_info,
        pendant: to_api::pendant(profile.pendant),
        nameplate: to_api::nameplate(profile.nameplate),
        official_verify: to_api::official_verify(&card.official),
        official: to_api::official(card.official),
        vip: CardVip { vip: to_api::vip(card.vip), vip_type, vip_status },
        is_senior_member: u8::from(profile.senior),
    };
    let banner = Space { s_img: profile.top_photo_small, l_img: profile.top_photo };
    Ok(Data {
        card,
        space: params.photo.0.then_some(banner),
        following: space.is_followed,
        archive_count: upstat.archive_count,
        article_count: upstat.article_count,
        follower: followers,
        like_num: upstat.likes,
    })
}
