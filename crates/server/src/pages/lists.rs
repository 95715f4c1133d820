//! `/followings`, `/fans`, `/whispers`, `/blacks`, and what others see of the first two.

mod pager;
mod search;

use super::face::{Shown, cut};
use super::figures;
use super::frame::{Layout, Section};
use super::tie::Ties;
use super::visit::PageContext;
use crate::answer::ApiError;
use crate::api;
use crate::{noface, show};
use askama::Template;
use axum::response::Response;
use guanxi_api::api::relation::blacks::Blacks;
use guanxi_api::api::relation::followers::Followers;
use guanxi_api::api::relation::followings::Followings;
use guanxi_api::api::relation::tags::{Group, Tags};
use guanxi_api::api::relation::whispers::Whispers;
use guanxi_api::api::web_interface::card::Card;
use guanxi_api::listed::{Listed, Page};
use guanxi_api::paging::{Pn, Ps};
use guanxi_api::param::Flag;
use guanxi_domain::page;
use guanxi_storage::Store;
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::Order;
use guanxi_types::{ErrorCode, Mid, Tagid};
use pager::Pager;
use search::Search;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "list.html")]
struct Listing {
    frame: Layout,
    /// Which list it is.
    kind: &'static str,
    heading: String,
    /// Whose list it is, if it is somebody else's.
    owner: Option<u64>,
    list: Vec<Person>,
    /// What stands where nobody is listed.
    none: &'static str,
    pager: Pager,
    /// One's groups, on the page of one's followings.
    groups: Vec<Choice>,
    group: Option<Tagid>,
    /// The group that is shown, if it is one's own, so that it can be renamed.
    own_group: Option<Group>,
    search: Option<Search>,
    among: String,
    typed_tag: String,
}

impl Listing {
    fn is_search(&self) -> bool {
        self.search.as_ref().is_some_and(|search| !search.text.is_empty())
    }

    fn is_chosen(&self, choice: &Choice) -> bool {
        self.group == Some(choice.tagid)
    }
}

/// A group, as it can be chosen.
pub(super) struct Choice {
    pub(super) tagid: Tagid,
    pub(super) name: String,
    pub(super) count: String,
}

/// A member of a list.
pub(super) struct Person {
    pub(super) shown: Shown,
    pub(super) since: String,
    /// What can be done; none of oneself.
    pub(super) ties: Option<Ties>,
    pub(super) groups: Vec<String>,
}

impl Person {
    pub(super) fn of(visit: &PageContext, listed: &Listed, fan: bool, groups: &[Group]) -> Person {
        let named = |tagid: &Tagid| groups.iter().find(|group| group.tagid == *tagid);
        let joined = listed.tag.iter().flatten().filter_map(named);
        Person {
            shown: Shown::of(&visit.app.images, listed.mid, &listed.face),
            since: figures::date(listed.mtime),
            ties: (visit.me != Some(listed.mid))
                .then(|| Ties::of(listed.attribute, fan || listed.attribute == 6)),
            groups: joined.map(|group| cut(&group.name, 16)).collect(),
        }
    }
}

/// `/followings`.
pub async fn followings(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let me = visit.member()?;
    let groups = visit.ask(api::relation::tags::tags, Tags {}).await?;
    // A group that is not there, or no longer, is as none.
    let group: Option<Tagid> =
        visit.asked("group").filter(|tagid| groups.iter().any(|group| group.tagid == *tagid));
    let search = Search::of(&visit);
    let found = if let Some(search) = search.clone() {
        search::find(&visit, me, group.map_or(List::Followings, List::Group), search).await?
    } else if let Some(tagid) = group {
        pager::kept(&visit, |pn| in_group(&visit, me, tagid, pn)).await?
    } else {
        let order = order(&visit);
        let ask = |pn| {
            visit.ask(api::relation::followings::followings, Followings { vmid: me, ps: Ps::MOST, pn, order })
        };
        pager::kept(&visit, ask).await?
    };
    let mut listing = listing(&visit, "关注", Section::Relation, found, false, &groups).await?;
    let shown = group.and_then(|tagid| groups.iter().find(|of| of.tagid == tagid));
    if let Some(shown) = shown {
        listing.heading = cut(&shown.name, 16);
    }
    listing.own_group = shown.filter(|group| !group.tagid.is_built_in()).cloned();
    listing.groups = groups.iter().map(choice).collect();
    listing.group = group;
    listing.none = search.as_ref().map_or("这里还没有人", Search::none);
    listing.search = Some(search.unwrap_or_default());
    listing.typed_tag = visit.typed("tag");
    visit.show(&listing)
}

/// A page of a group, as its owner sees it: who joined it last first (D25).
async fn in_group(visit: &PageContext, me: Mid, tagid: Tagid, pn: Pn) -> Result<Page, ApiError> {
    let (list, window) = (List::Group(tagid), page::window(Ps::MOST, pn, true)?);
    let page = ListQuery { owner: me, list, viewer: Some(me), window, order: order(visit) };
    let page = visit.app.store.page(page).await?.ok_or(ErrorCode::NoGroup)?;
    show::page(&page, || noface::address(&visit.app, &visit.sender))?.read()
}

fn choice(group: &Group) -> Choice {
    Choice { tagid: group.tagid, name: cut(&group.name, 16), count: figures::count(group.count) }
}

/// `/fans`.
pub async fn fans(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let (vmid, ps, order) = (visit.member()?, Ps::MOST, order(&visit));
    let ask = |pn| visit.ask(api::relation::followers::followers, Followers { vmid, ps, pn, order });
    own(&visit, "粉丝", List::Fans, "还没有粉丝", ask).await
}

/// `/whispers`.
pub async fn whispers(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let none = "你没有悄悄关注谁。悄悄关注的人不会知道，别人也看不见";
    let ask = |pn| visit.ask(api::relation::whispers::whispers, Whispers { ps: Ps::MOST, pn });
    own(&visit, "悄悄关注", List::Whispers, none, ask).await
}

/// `/blacks`.
pub async fn blacks(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let none = "黑名单是空的。被拉黑的人不能关注你";
    let ask = |pn| visit.ask(api::relation::blacks::blacks, Blacks { ps: Ps::MOST, pn });
    own(&visit, "黑名单", List::Blacks, none, ask).await
}

/// A list of one's own: as far as it was searched in, or page by page.
async fn own<F>(
    visit: &PageContext,
    title: &'static str,
    list: List,
    none: &'static str,
    ask: impl Fn(Pn) -> F,
) -> Result<Response, ApiError>
where
    F: Future<Output = Result<Page, ApiError>>,
{
    let (me, search) = (visit.member()?, Search::of(visit));
    let found = match search.clone() {
        Some(search) => search::find(visit, me, list, search).await?,
        None => pager::kept(visit, ask).await?,
    };
    let mut listing = listing(visit, title, Section::Relation, found, list == List::Fans, &[]).await?;
    listing.none = search.as_ref().map_or(none, Search::none);
    listing.search = Some(search.unwrap_or_default());
    visit.show(&listing)
}

/// `/space/<mid>/followings`.
pub async fn followings_of(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let vmid = visit.whose()?;
    let order = order(&visit);
    let ask =
        |pn| visit.ask(api::relation::followings::followings, Followings { vmid, ps: Ps::MOST, pn, order });
    of_other(&visit, vmid, "关注", ask).await
}

/// `/space/<mid>/fans`.
pub async fn fans_of(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let vmid = visit.whose()?;
    let order = order(&visit);
    let ask =
        |pn| visit.ask(api::relation::followers::followers, Followers { vmid, ps: Ps::MOST, pn, order });
    of_other(&visit, vmid, "粉丝", ask).await
}

/// A list of somebody's. That there is such a member is told first: a list only says that something is wrong (D39).
async fn of_other<F>(
    visit: &PageContext,
    owner: Mid,
    title: &'static str,
    ask: impl Fn(Pn) -> F,
) -> Result<Response, ApiError>
where
    F: Future<Output = Result<Page, ApiError>>,
{
    let card = visit.ask(api::web_interface::card::card, Card { mid: owner, photo: Flag(false) }).await?.card;
    let found = pager::kept(visit, ask).await?;
    let mut listing = listing(visit, title, Section::Space, found, false, &[]).await?;
    listing.heading = cut(&card.name, 20);
    listing.frame.title = format!("{}的{title}", listing.heading).into();
    listing.owner = Some(owner.get());
    listing.none = "这里还没有人";
    if visit.me != Some(owner) {
        listing.pager.limit_to_five();
    }
    visit.show(&listing)
}

/// A page of a list, and which one it is.
pub(super) struct Found {
    page: Page,
    pn: Pn,
    /// Among how many of the newest a search found it; empty if it looked through all.
    among: String,
}

impl Found {
    fn of(page: Page, pn: Pn) -> Found {
        Found { page, pn, among: String::new() }
    }
}

fn order(visit: &PageContext) -> Order {
    visit.asked("order").unwrap_or_default()
}

async fn listing(
    visit: &PageContext,
    title: &'static str,
    section: Section,
    Found { page, pn, among }: Found,
    fans: bool,
    groups: &[Group],
) -> Result<Listing, ApiError> {
    Ok(Listing {
        frame: visit.frame(title, section).await?,
        kind: title,
        heading: title.to_owned(),
        owner: None,
        list: page.list.iter().map(|listed| Person::of(visit, listed, fans, groups)).collect(),
        none: "",
        pager: Pager::of(visit, page.total, pn),
        groups: Vec::new(),
        group: None,
        own_group: None,
        search: None,
        among,
        typed_tag: String::new(),
    })
}
