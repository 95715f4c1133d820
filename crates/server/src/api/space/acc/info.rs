//! `GET /x/space/acc/info`: a member's space.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use crate::{noface, show};
use guanxi_api::api::space::acc::info::{
    Data, Empty, FansMedal, HonourInfo, LiveRoom, Profession, School, Series, SpaceInfo, WatchedShow,
};
use guanxi_domain::day;
use guanxi_storage::Store;
use guanxi_storage::row;
use guanxi_types::{Coins, ErrorCode, Mid};

/// Tells a member's space; their coins to themselves alone.
pub async fn info(
    app: App,
    ApiRequest { who: viewer, req, sender, .. }: ApiRequest<SpaceInfo>,
) -> Result<Data, ApiError> {
    let space = app.store.space(req.mid, viewer).await?.ok_or(ErrorCode::NoMember)?;
    let own = viewer == Some(req.mid);
    let level = show::level_info(&space, own).current_level;
    let (card, profile) = (space.card, space.profile);
    Ok(Data {
        mid: req.mid,
        name: card.uname,
        sex: show::sex(profile.sex),
        face: noface::face_or(&app, &sender, card.face),
        face_nft: profile.face_nft,
        sign: card.sign,
        rank: profile.rank.0,
        level,
        jointime: profile.jointime,
        moral: profile.moral,
        silence: u8::from(profile.silence),
        coins: if own { space.stat.coins } else { Coins::ZERO },
        fans_badge: profile.medal.badge,
        fans_medal: FansMedal { show: profile.medal.show, wear: profile.medal.wear, medal: () },
        official: show::official(card.official),
        vip: show::vip(card.vip),
        pendant: show::pendant(profile.pendant),
        nameplate: show::nameplate(profile.nameplate),
        user_honour_info: honour_info(req.mid, profile.honour),
        is_followed: space.followed,
        top_photo: profile.top_photo,
        theme: Empty {},
        sys_notice: Empty {},
        live_room: live_room(profile.live_room),
        birthday: profile.birthday.map(day::month_and_day).unwrap_or_default(),
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

fn honour_info(mid: Mid, honour: Option<row::Honour>) -> HonourInfo {
    match honour {
        Some(row::Honour { colour, tags }) => HonourInfo { mid: mid.get(), colour, tags },
        None => HonourInfo { mid: 0, colour: None, tags: Vec::new() },
    }
}

fn live_room(room: row::LiveRoom) -> LiveRoom {
    let row::Watched { switch, num, text_small, text_large, icon, icon_location, icon_web } = room.watched;
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

fn profession(profession: row::Profession) -> Profession {
    let row::Profession { name, department, title, show } = profession;
    Profession { name, department, title, is_show: u8::from(show) }
}
