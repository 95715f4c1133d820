//! `/space/<mid>`: a member, as others see them.

use super::face::{Avatar, SIGN, cut, verified};
use super::figures::{self, Count};
use super::frame::{Layout, Section};
use super::lists::Person;
use super::tie::Ties;
use super::visit::PageContext;
use crate::answer::ApiError;
use crate::api;
use askama::Template;
use axum::response::Response;
use guanxi_api::api::relation::followers::Followers;
use guanxi_api::api::relation::followings::Followings;
use guanxi_api::api::space::acc::info::{self, SpaceInfo};
use guanxi_api::api::space::acc::relation::AccRelation;
use guanxi_api::api::space::upstat::Upstat;
use guanxi_api::api::web_interface::card::Card;
use guanxi_api::listed::Page;
use guanxi_api::paging::{Pn, Ps};
use guanxi_api::param::Flag;
use guanxi_types::Order;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "space.html")]
struct Space {
    frame: Layout,
    mid: u64,
    own: bool,
    portrait: Avatar,
    uname: String,
    sign: String,
    verified: String,
    vip: bool,
    level: u8,
    silenced: bool,
    facts: Vec<(&'static str, String)>,
    counts: [Count; 5],
    ties: Option<Ties>,
    followed_by: bool,
    followings: Side,
    fans: Side,
}

/// The beginning of a list.
struct Side {
    label: &'static str,
    path: String,
    total: String,
    list: Vec<Person>,
}

/// How many of each list are shown.
const FEW: u64 = 6;

/// Shows it.
pub async fn space(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let mid = visit.whose()?;
    let space = visit.ask(api::space::acc::info::info, SpaceInfo { mid }).await?;
    let card = visit.ask(api::web_interface::card::card, Card { mid, photo: Flag(false) }).await?;
    let upstat = visit.ask(api::space::upstat::upstat, Upstat { mid }).await?;
    let (ps, pn, order) = (Ps::new(FEW).unwrap_or(Ps::MOST), Pn::FIRST, Order::Desc);
    let fans = visit.ask(api::relation::followers::followers, Followers { vmid: mid, ps, pn, order }).await?;
    let followings =
        visit.ask(api::relation::followings::followings, Followings { vmid: mid, ps, pn, order }).await?;
    let own = visit.me == Some(mid);
    let (mut ties, mut followed_by) = ((!own).then(|| Ties::of(0, false)), false);
    if visit.me.is_some() && !own {
        let both = visit.ask(api::space::acc::relation::relation, AccRelation { mid }).await?;
        followed_by = matches!(both.be_relation.attribute, 2 | 6);
        ties = Some(Ties::of(both.relation.attribute, followed_by));
    }
    let side = |label, way: &str, page: Page| Side {
        label,
        path: format!("/space/{mid}/{way}"),
        total: figures::count(page.total),
        list: page.list.iter().map(|listed| Person::of(&visit, listed, false, &[])).collect(),
    };
    visit.show(&Space {
        frame: visit.frame(format!("{}的空间", cut(&space.name, 20)), Section::Space).await?,
        mid: mid.get(),
        own,
        portrait: Avatar::of(&visit.app.images, mid, &space.name, &space.face),
        uname: cut(&space.name, 20),
        sign: cut(&space.sign, SIGN),
        verified: verified(&card.card.official_verify),
        vip: space.vip.status == 1,
        level: space.level,
        silenced: space.silence == 1,
        counts: [
            Count::of("关注", followings.total, format!("/space/{mid}/followings")),
            Count::of("粉丝", fans.total, format!("/space/{mid}/fans")),
            Count::of("获赞", upstat.likes, String::new()),
            Count::of("播放", upstat.archive.view, String::new()),
            Count::of("阅读", upstat.article.view, String::new()),
        ],
        facts: facts(space),
        ties,
        followed_by,
        followings: side("关注", "followings", followings),
        fans: side("粉丝", "fans", fans),
    })
}

/// What somebody tells of themselves.
fn facts(space: info::Data) -> Vec<(&'static str, String)> {
    let profession = [space.profession.name, space.profession.department, space.profession.title];
    let profession: Vec<String> = profession.into_iter().filter(|part| !part.is_empty()).collect();
    let shown = space.profession.is_show == 1;
    let facts = [
        ("性别", space.sex),
        ("生日", space.birthday),
        ("学校", space.school.map(|school| school.name).unwrap_or_default()),
        ("职业", if shown { profession.join(" · ") } else { String::new() }),
        ("加入", figures::date(space.jointime)),
    ];
    let told = facts.into_iter().filter(|(_, fact)| !fact.is_empty() && fact != "保密");
    told.map(|(label, fact)| (label, cut(&fact, 60))).collect()
}
