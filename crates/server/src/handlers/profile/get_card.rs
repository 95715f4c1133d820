//! `GET /x/web-interface/card`: the card of a member.

use crate::app::App;
use crate::encoded_card::{CardParts, EncodedCard};
use crate::extract::ApiRequest;
use crate::face_url;
use crate::http::response::{ApiError, PreEncoded, Success, encoding_error};
use crate::profile_cache::SharedCache;
use crate::to_api;
use guanxi_api::param::Flag;
use guanxi_api::profile::get_card::{self, CardVip, Data, GetCard, MemberCard};
use guanxi_storage::store::Space;
use guanxi_storage::{Counters, Store};
use guanxi_types::ErrorCode;
use std::cell::LazyCell;

/// Returns the card of a member, with the banner if requested.
pub async fn get_card(
    app: App,
    ApiRequest { caller: viewer, params, client, .. }: ApiRequest<GetCard>,
) -> Result<Data, ApiError> {
    let GetCard { mid, photo: Flag(has_banner) } = params;
    let mut space = app.store.space(mid, viewer).await?.ok_or(ErrorCode::MemberNotFound)?;
    space.card.face = app.face_origin.url(&client, space.card.face);
    Ok(card_data(space, viewer == Some(mid), has_banner))
}

/// Returns the encoded card of a member: from the cache, unless the member is the viewer.
pub async fn get_encoded_card(app: App, request: ApiRequest<GetCard>) -> Result<Success<Data>, ApiError> {
    match app.profile_cache.cards().filter(|_| request.caller != Some(request.params.mid)) {
        Some(cache) => Ok(shared_card(&app, cache, &request).await?.into()),
        None => Ok(get_card(app.clone(), request).await?.into()),
    }
}

/// Returns the card of a member as others see it. Reads only counters and relations if the rest is cached.
async fn shared_card(
    app: &App,
    cache: &SharedCache,
    request: &ApiRequest<GetCard>,
) -> Result<PreEncoded<Data>, ApiError> {
    let ApiRequest { caller: viewer, params: GetCard { mid, photo: Flag(has_banner) }, client, .. } = request;
    let (viewer, mid, has_banner) = (*viewer, *mid, *has_banner);
    let counters = app.store.counters(mid).await?.ok_or(ErrorCode::MemberNotFound)?;
    let relation = match viewer {
        Some(viewer) => app.store.relation_pair(viewer, mid).await?.and_then(|pair| pair.outgoing),
        None => None,
    };
    let parts = CardParts { counters, is_followed: relation.is_some_and(|it| it.is_following()), has_banner };
    let write = |card: EncodedCard<&[u8]>| {
        let origin = LazyCell::new(|| app.face_origin.of(client));
        let mut json = PreEncoded::<Data>::start(card.max_bytes());
        card.write(&mut json, &parts, || &origin);
        PreEncoded::finish(json)
    };
    if let Some(card) = cache.read_card(mid, write) {
        return Ok(card);
    }
    let generation = cache.generation();
    let space = app.store.space(mid, None).await?.ok_or(ErrorCode::MemberNotFound)?;
    let mut space = Space { counters: Counters::default(), ..space };
    space.card.face = face_url::or_default(space.card.face);
    let card = EncodedCard::encode(&card_data(space, false, true)).map_err(|error| encoding_error(&error))?;
    cache.insert_card(generation, mid, &card);
    Ok(write(card.as_slice()))
}

/// Converts the public data of a member to their card.
pub(crate) fn card_data(space: Space, is_own: bool, has_banner: bool) -> Data {
    let level_info = to_api::level_info(&space, is_own);
    let (card, profile, upstat) = (space.card, space.profile, space.upstat);
    let (followers, following) = (u64::from(space.counters.follower), u64::from(space.counters.following));
    let (vip_type, vip_status) = (card.vip.kind, card.vip.status);
    let card = MemberCard {
        mid: card.mid.to_string(),
        name: card.uname,
        approve: false,
        sex: to_api::sex(profile.sex),
        rank: profile.rank.0.to_string(),
        face: card.face,
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
    let banner = get_card::Space { s_img: profile.top_photo_small, l_img: profile.top_photo };
    Data {
        card,
        space: has_banner.then_some(banner),
        following: space.is_followed,
        archive_count: upstat.archive_count,
        article_count: upstat.article_count,
        follower: followers,
        like_num: upstat.likes,
    }
}
