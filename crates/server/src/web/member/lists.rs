//! `/followings`, `/fans`, `/whispers` and `/blacks`, and the first two of another member.

mod search;

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::avatar::{MemberSummary, NAME_MAX_GRAPHEMES, truncate_graphemes};
use crate::web::format;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::pager::{self, ListPage, Pager, order};
use crate::web::relation_buttons::RelationButtons;
use crate::{default_avatar, to_api};
use askama::Template;
use axum::response::Response;
use guanxi_api::groups::list_groups::{Group, ListGroups};
use guanxi_api::member_list::{RelationListItem, RelationPage};
use guanxi_api::param::Flag;
use guanxi_api::profile::get_card::GetCard;
use guanxi_api::relations::list_blocks::ListBlocks;
use guanxi_api::relations::list_followers::ListFollowers;
use guanxi_api::relations::list_followings::ListFollowings;
use guanxi_api::relations::list_whispers::ListWhispers;
use guanxi_domain::{group, paging};
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::{ErrorCode, Mid, PageNumber, PageSize, Tagid};
use search::Search;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/list.html")]
struct ListTemplate {
    layout: Layout,
    /// Name of the list.
    kind: &'static str,
    heading: String,
    /// Owner of the list; `None` for the viewer's own list.
    owner: Option<u64>,
    list: Vec<MemberRow>,
    /// Text of an empty list.
    empty_text: &'static str,
    pager: Pager,
    /// The viewer's groups, on the page of their followings.
    groups: Vec<GroupChoice>,
    group: Option<Tagid>,
    /// The shown group, if it is not built in and can be renamed.
    own_group: Option<Group>,
    search: Option<Search>,
    searched: String,
    submitted_tag: String,
}

impl ListTemplate {
    fn is_search(&self) -> bool {
        self.search.as_ref().is_some_and(|search| !search.text.is_empty())
    }

    fn is_selected(&self, choice: &GroupChoice) -> bool {
        self.group == Some(choice.tagid)
    }
}

/// A group to choose.
pub(super) struct GroupChoice {
    pub(super) tagid: Tagid,
    pub(super) name: String,
    pub(super) count: String,
}

/// A member of a list.
pub(super) struct MemberRow {
    pub(super) member: MemberSummary,
    pub(super) since: String,
    /// Buttons that change the relation; `None` in the viewer's own row.
    pub(super) buttons: Option<RelationButtons>,
    pub(super) groups: Vec<String>,
}

impl MemberRow {
    pub(super) fn new(
        context: &PageContext,
        listed: &RelationListItem,
        is_follower: bool,
        groups: &[Group],
    ) -> MemberRow {
        let find_group = |tagid: &Tagid| groups.iter().find(|group| group.tagid == *tagid);
        let memberships = listed.tag.iter().flatten().filter_map(find_group);
        MemberRow {
            member: MemberSummary::new(&context.app.image_origins, listed.mid, &listed.profile),
            since: format::format_date(listed.mtime),
            buttons: (context.viewer != Some(listed.mid))
                .then(|| RelationButtons::new(listed.attribute, is_follower || listed.attribute == 6)),
            groups: memberships.map(group_name).collect(),
        }
    }
}

/// Shows `/followings`.
pub async fn followings(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let viewer = context.require_login()?;
    let groups = context.call_api(handlers::groups::list_groups::list_groups, ListGroups {}).await?;
    // A group that does not exist (any more) is ignored.
    let group: Option<Tagid> =
        context.query_param("group").filter(|tagid| groups.iter().any(|group| group.tagid == *tagid));
    let search = Search::from_query(&context);
    let found = if let Some(search) = search.clone() {
        search::find(&context, viewer, group.map_or(List::Followings, List::Group), search).await?
    } else if let Some(tagid) = group {
        pager::current_page(&context, |pn| group_page(&context, viewer, tagid, pn)).await?
    } else {
        let order = order(&context);
        let fetch = |pn| {
            context.call_api(
                handlers::relations::list_followings::list_followings,
                ListFollowings { vmid: viewer, ps: PageSize::MAX, pn, order },
            )
        };
        pager::current_page(&context, fetch).await?
    };
    let mut listing = listing(&context, "关注", NavSection::Relations, found, false, &groups).await?;
    let selected = group.and_then(|tagid| groups.iter().find(|group| group.tagid == tagid));
    if let Some(selected) = selected {
        listing.heading = group_name(selected);
    }
    listing.own_group = selected.filter(|group| !group.tagid.is_built_in()).cloned();
    listing.groups = groups.iter().map(choice).collect();
    listing.group = group;
    listing.empty_text = search.as_ref().map_or("这里还没有人", Search::empty_text);
    listing.search = Some(search.unwrap_or_default());
    listing.submitted_tag = context.submitted("tag");
    context.render(&listing)
}

/// Returns a page of a group for its owner, latest members of the group first (D25).
async fn group_page(
    context: &PageContext,
    viewer: Mid,
    tagid: Tagid,
    pn: PageNumber,
) -> Result<RelationPage, ApiError> {
    let (list, window) = (List::Group(tagid), paging::page_window(PageSize::MAX, pn, true)?);
    let query = ListQuery { owner: viewer, list, viewer: Some(viewer), window, order: order(context) };
    let page = context.app.list_page(query).await?.ok_or(ErrorCode::GroupNotFound)?;
    to_api::list_page(&page, || default_avatar::url(&context.app, &context.client))?.decode()
}

fn choice(group: &Group) -> GroupChoice {
    GroupChoice { tagid: group.tagid, name: group_name(group), count: format::format_count(group.count) }
}

/// Returns the name of a group, truncated for display.
fn group_name(group: &Group) -> String {
    truncate_graphemes(&group.name, group::MAX_NAME_CHARS)
}

/// Shows `/fans`.
pub async fn followers(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let (vmid, ps, order) = (context.require_login()?, PageSize::MAX, order(&context));
    let fetch = |pn| {
        context.call_api(
            handlers::relations::list_followers::list_followers,
            ListFollowers { vmid, ps, pn, order },
        )
    };
    own_list(&context, "粉丝", List::Followers, "还没有粉丝", fetch).await
}

/// Shows `/whispers`.
pub async fn whispers(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let empty_text = "你没有悄悄关注谁。悄悄关注的人不会知道，别人也看不见";
    let fetch = |pn| {
        context.call_api(
            handlers::relations::list_whispers::list_whispers,
            ListWhispers { ps: PageSize::MAX, pn },
        )
    };
    own_list(&context, "悄悄关注", List::Whispers, empty_text, fetch).await
}

/// Shows `/blacks`.
pub async fn blacks(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let empty_text = "黑名单是空的。被拉黑的人不能关注你";
    let fetch = |pn| {
        context.call_api(handlers::relations::list_blocks::list_blocks, ListBlocks { ps: PageSize::MAX, pn })
    };
    own_list(&context, "黑名单", List::Blocks, empty_text, fetch).await
}

/// Shows a list of the viewer's own: search results, or a page.
async fn own_list<F>(
    context: &PageContext,
    title: &'static str,
    list: List,
    empty_text: &'static str,
    fetch: impl Fn(PageNumber) -> F,
) -> Result<Response, ApiError>
where
    F: Future<Output = Result<RelationPage, ApiError>>,
{
    let (viewer, search) = (context.require_login()?, Search::from_query(context));
    let found = match search.clone() {
        Some(search) => search::find(context, viewer, list, search).await?,
        None => pager::current_page(context, fetch).await?,
    };
    let mut listing =
        listing(context, title, NavSection::Relations, found, list == List::Followers, &[]).await?;
    listing.empty_text = search.as_ref().map_or(empty_text, Search::empty_text);
    listing.search = Some(search.unwrap_or_default());
    context.render(&listing)
}

/// Shows `/space/<mid>/followings`.
pub async fn followings_of(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let vmid = context.path_mid()?;
    let order = order(&context);
    let fetch = |pn| {
        context.call_api(
            handlers::relations::list_followings::list_followings,
            ListFollowings { vmid, ps: PageSize::MAX, pn, order },
        )
    };
    other_members_list(&context, vmid, "关注", fetch).await
}

/// Shows `/space/<mid>/fans`.
pub async fn followers_of(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let vmid = context.path_mid()?;
    let order = order(&context);
    let fetch = |pn| {
        context.call_api(
            handlers::relations::list_followers::list_followers,
            ListFollowers { vmid, ps: PageSize::MAX, pn, order },
        )
    };
    other_members_list(&context, vmid, "粉丝", fetch).await
}

/// Shows a list of another member. The member's existence is checked first, since the list endpoint reports only a
/// generic error (D39).
async fn other_members_list<F>(
    context: &PageContext,
    owner: Mid,
    title: &'static str,
    fetch: impl Fn(PageNumber) -> F,
) -> Result<Response, ApiError>
where
    F: Future<Output = Result<RelationPage, ApiError>>,
{
    let card = context
        .call_api(handlers::profile::get_card::get_card, GetCard { mid: owner, photo: Flag(false) })
        .await?
        .card;
    let found = pager::current_page(context, fetch).await?;
    let mut listing = listing(context, title, NavSection::Space, found, false, &[]).await?;
    listing.heading = truncate_graphemes(&card.name, NAME_MAX_GRAPHEMES);
    listing.layout.title = format!("{}的{title}", listing.heading).into();
    listing.owner = Some(owner.get());
    listing.empty_text = "这里还没有人";
    if context.viewer != Some(owner) {
        listing.pager.limit_to_public_pages();
    }
    context.render(&listing)
}

async fn listing(
    context: &PageContext,
    title: &'static str,
    section: NavSection,
    ListPage { page, pn, searched }: ListPage,
    is_followers: bool,
    groups: &[Group],
) -> Result<ListTemplate, ApiError> {
    Ok(ListTemplate {
        layout: context.layout(title, section).await?,
        kind: title,
        heading: title.to_owned(),
        owner: None,
        list: page.list.iter().map(|listed| MemberRow::new(context, listed, is_followers, groups)).collect(),
        empty_text: "",
        pager: Pager::new(context, page.total, pn),
        groups: Vec::new(),
        group: None,
        own_group: None,
        search: None,
        searched,
        submitted_tag: String::new(),
    })
}
