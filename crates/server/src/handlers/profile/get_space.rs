//! `GET /x/space/acc/info`: the space of a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::to_api;
use guanxi_api::profile::get_space::{
    Data, Empty, FansMedal, GetSpace, HonourInfo, LiveRoom, Profession, School, Series, WatchedShow,
};
use guanxi_domain::day;
use guanxi_storage::Store;
use guanxi_storage::model;
use guanxi_types::{Coins, ErrorCode, Mid};

/// Returns the space of a member. Only the member sees the coins.
pub async fn get_space(
    app: App,
    ApiRequest { caller: viewer, params, client, .. }: ApiRequest<GetSpace>,
) -> Result<Data, ApiError> {
    let space = app.store.space(params.mid, viewer).await?.ok_or(ErrorCode::MemberNotFound)?;
    let is_own = viewer == Some(params.mid);
    let level = to_api::level_info(&space, is_own).current_level;
    let (card, profile) = (space.card, space.profile);
    Ok(Data {
        mid: params.mid,
        name: card.uname,
        sex: to_api::sex(profile.sex),
        face: app.face_origin.url(&client, card.face),
        face_nft: profile.face_nft,
        sign: card.sign,
        rank: profile.rank.0,
        level,
        jointime: profile.jointime,
        moral: profile.moral,
        silence: u8::from(profile.silence),
        coins: if is_own { space.counters.coins } else { Coins::ZERO },
        fans_badge: profile.medal.badge,
        fans_medal: FansMedal { show: profile.medal.show, wear: profile.medal.wear, medal: () },
        official: to_api::official(card.official),
        vip: to_api::vip(card.vip),
        pendant: to_api::pendant(profile.pendant),
        nameplate: to_api::nameplate(profile.nameplate),
        user_honour_info: honour_info(params.mid, profile.honour),
        is_followed: space.is_followed,
        top_photo: profile.top_photo,
        theme: Empty {},
        sys_notice: Empty {},
        live_room: live_room(profile.live_room),
        birthday: profile.birthday.map(day::format_month_day).unwrap_or_default(),
        school: profile.school.map(|name| School { name }),
        profession: profession(profile.profession),
        tags: profile.tags,
        series: Series {
            user_upgrade_status: profile.series.upgrade_status,
            show_upgrade_window: profile.series.upgrade_window,
        },
        is_senior_member: u8::from(profile.senior),
    })
}

fn honour_info(mid: Mid, honour: Option<model::Honour>) -> HonourInfo {
    match honour {
        Some(model::Honour { colour, tags }) => HonourInfo { mid: mid.get(), colour, tags },
        None => HonourInfo { mid: 0, colour: None, tags: Vec::new() },
    }
}

fn live_room(room: model::LiveRoom) -> LiveRoom {
    let model::LiveViewers { switch, num, text_small, text_large, icon, icon_location, icon_web } =
        room.watched;
    LiveRoom {
        room_status: u8::from(room.open),
        live_status: u8::from(room.live),
        url: room.url,
        title: room.title,
        cover: room.cover,
        roomid: room.roomid,
        round_status: u8::from(room.round),
        broadcast_type: room.broadcast_type,
        watched_show: WatchedShow { switch, num, text_small, text_large, icon, icon_location, icon_web },
    }
}

fn profession(profession: model::Profession) -> Profession {
    let model::Profession { name, department, title, show } = profession;
    Profession { name, department, title, is_show: u8::from(show) }
}
