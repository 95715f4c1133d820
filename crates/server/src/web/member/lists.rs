//! `/followings`, `/fans`, `/whispers` and `/blacks`, and the first two of another member.

mod search;

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::avatar::{MemberSummary, NAME_MAX_GRAPHEMES, truncate_graphemes};
use crate::web::flash::{self, Flash};
use crate::web::format;
use crate::web::language::Language;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::pager::{ListPage, Pager, current_page, order};
use crate::web::relation_buttons::RelationButtons;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::groups::list_groups::{Group, ListGroups};
use guanxi_api::param::Flag;
use guanxi_api::profile::get_card::GetCard;
use guanxi_domain::{group, relation};
use guanxi_storage::model::Card;
use guanxi_storage::store::{List, ListEntry};
use guanxi_types::{Mid, Order, Tagid};
use search::Search;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/list.html")]
struct ListTemplate {
    layout: Layout,
    texts: ListTexts,
    heading: String,
    /// Owner of the list; `None` for the viewer's own list.
    owner: Option<u64>,
    list: Vec<MemberRow>,
    /// Text of an empty list.
    empty_text: Key,
    /// True if the order of the list can be reversed.
    has_order: bool,
    pager: Pager,
    /// The viewer's groups, on the page of their followings.
    groups: Vec<GroupChoice>,
    group: Option<Tagid>,
    /// Name typed into the rejected form that renames the shown group, or its name.
    new_name: String,
    /// The shown group, if it is not built in and can be renamed.
    own_group: Option<Group>,
    search: Option<Search>,
    searched: String,
    submitted_tag: String,
}

/// Texts of a list.
#[derive(Clone, Copy)]
struct ListTexts {
    name: Key,
    /// Label of the search field.
    search: Key,
    empty: Key,
    /// Heading and title of another member's list.
    of_member: Key,
    title_of_member: Key,
}

const FOLLOWINGS: ListTexts = ListTexts {
    name: Key("followings"),
    search: Key("search-followings"),
    empty: Key("nobody-here"),
    of_member: Key("followings-of"),
    title_of_member: Key("followings-of-title"),
};
const FOLLOWERS: ListTexts = ListTexts {
    name: Key("followers"),
    search: Key("search-followers"),
    empty: Key("no-followers"),
    of_member: Key("followers-of"),
    title_of_member: Key("followers-of-title"),
};
// Only the owner of these lists sees them.
const WHISPERS: ListTexts = ListTexts {
    name: Key("whispers"),
    search: Key("search-whispers"),
    empty: Key("no-whispers"),
    ..FOLLOWINGS
};
const BLOCKS: ListTexts =
    ListTexts { name: Key("blocks"), search: Key("search-blocks"), empty: Key("no-blocks"), ..FOLLOWINGS };

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
    /// True if the group was ticked in a rejected form.
    pub(super) is_ticked: bool,
}

/// A member of a list.
pub(in crate::web) struct MemberRow {
    pub(in crate::web) member: MemberSummary,
    pub(super) since: String,
    /// Rows in which the message of the buttons may stand: this one or, once it is gone, its neighbour.
    pub(super) rows: String,
    /// Message of a form that belongs to the row.
    pub(in crate::web) flash: Option<Flash>,
    /// True if the member was ticked in a rejected form.
    pub(super) is_ticked: bool,
    /// Buttons that change the relation; `None` in the viewer's own row.
    pub(super) buttons: Option<RelationButtons>,
    pub(super) groups: Vec<String>,
}

impl MemberRow {
    pub(super) fn new(
        context: &PageContext,
        (entry, card): &(ListEntry, Card),
        is_follower: bool,
        groups: &[Group],
    ) -> MemberRow {
        let t = context.language();
        let find_group = |tagid: Tagid| groups.iter().find(|group| group.tagid == tagid);
        let memberships = relation::encode_tag(&entry.groups).into_iter().flatten().filter_map(find_group);
        MemberRow {
            rows: String::new(),
            flash: None,
            is_ticked: false,
            member: MemberSummary::new(&context.app.image_origins, card, t),
            since: t.date(entry.mtime),
            buttons: (context.viewer != Some(entry.mid))
                .then(|| RelationButtons::new(entry.attribute, is_follower || entry.attribute == 6)),
            groups: memberships.map(|group| group_name(group, t)).collect(),
        }
    }

    /// Builds the rows of a list.
    pub(super) fn list(
        context: &PageContext,
        members: &[(ListEntry, Card)],
        is_followers: bool,
        groups: &[Group],
    ) -> Vec<MemberRow> {
        let mid = |at: usize| members.get(at).map(|(entry, _)| entry.mid.get());
        let row = |(at, member)| {
            let neighbours = [mid(at), mid(at + 1), at.checked_sub(1).and_then(mid)];
            let rows = flash::join_rows(neighbours.into_iter().flatten());
            MemberRow { rows, ..MemberRow::new(context, member, is_followers, groups) }
        };
        members.iter().enumerate().map(row).collect()
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
    let list = group.map_or(List::Followings, List::Group);
    let found = search_or_page(&context, viewer, list, order(&context), search.as_ref()).await?;
    let t = context.language();
    let mut listing = listing(&context, FOLLOWINGS, NavSection::Relations, found, list, &groups).await?;
    let selected = group.and_then(|tagid| groups.iter().find(|group| group.tagid == tagid));
    if let Some(selected) = selected {
        listing.heading = group_name(selected, t);
    }
    listing.own_group = selected.filter(|group| !group.tagid.is_built_in()).cloned();
    let (ticked, tagids) = (context.submitted_list("fids"), context.submitted_list("tagids"));
    for row in &mut listing.list {
        row.is_ticked = ticked.contains(&row.member.mid.to_string());
    }
    let choice = |group| choice(group, &tagids, t);
    listing.groups = groups.iter().map(choice).collect();
    listing.new_name = context.submitted_field("name").unwrap_or_else(|| name_of(selected));
    listing.group = group;
    listing.empty_text = search.as_ref().map_or(Key("nobody-here"), Search::empty_text);
    listing.search = Some(search.unwrap_or_default());
    listing.submitted_tag = context.submitted("tag");
    context.render(&listing)
}

/// Returns the result of a search in a list of the viewer's own, or a page of the list.
async fn search_or_page(
    context: &PageContext,
    viewer: Mid,
    list: List,
    order: Order,
    search: Option<&Search>,
) -> Result<ListPage, ApiError> {
    match search {
        Some(search) => search::find(context, viewer, list, search.clone()).await,
        None => current_page(context, viewer, list, order).await,
    }
}

fn choice(group: &Group, ticked: &[String], language: Language) -> GroupChoice {
    GroupChoice {
        tagid: group.tagid,
        name: group_name(group, language),
        count: format::format_count(group.count),
        is_ticked: ticked.contains(&group.tagid.to_string()),
    }
}

fn name_of(group: Option<&Group>) -> String {
    group.map(|group| group.name.clone()).unwrap_or_default()
}

/// Returns the name of a group, truncated for display.
fn group_name(group: &Group, language: Language) -> String {
    match group.tagid {
        Tagid::SPECIAL => language.text("special-group").to_string(),
        Tagid::DEFAULT => language.text("default-group").to_string(),
        _ => truncate_graphemes(&group.name, group::MAX_NAME_CHARS),
    }
}

/// Shows `/fans`.
pub async fn followers(context: Arc<PageContext>) -> Result<Response, ApiError> {
    own_list(&context, FOLLOWERS, List::Followers, order(&context)).await
}

/// Shows `/whispers`.
pub async fn whispers(context: Arc<PageContext>) -> Result<Response, ApiError> {
    own_list(&context, WHISPERS, List::Whispers, Order::Desc).await
}

/// Shows `/blacks`.
pub async fn blacks(context: Arc<PageContext>) -> Result<Response, ApiError> {
    own_list(&context, BLOCKS, List::Blocks, Order::Desc).await
}

/// Shows a list of the viewer's own: search results, or a page.
async fn own_list(
    context: &PageContext,
    texts: ListTexts,
    list: List,
    order: Order,
) -> Result<Response, ApiError> {
    let (viewer, search) = (context.require_login()?, Search::from_query(context));
    let found = search_or_page(context, viewer, list, order, search.as_ref()).await?;
    let mut listing = listing(context, texts, NavSection::Relations, found, list, &[]).await?;
    listing.empty_text = search.as_ref().map_or(texts.empty, Search::empty_text);
    listing.search = Some(search.unwrap_or_default());
    context.render(&listing)
}

/// Shows `/space/<mid>/followings`.
pub async fn followings_of(context: Arc<PageContext>) -> Result<Response, ApiError> {
    other_members_list(&context, FOLLOWINGS, List::Followings).await
}

/// Shows `/space/<mid>/fans`.
pub async fn followers_of(context: Arc<PageContext>) -> Result<Response, ApiError> {
    other_members_list(&context, FOLLOWERS, List::Followers).await
}

/// Shows a list of the member in the path. The member's existence is checked first, since the error of an unknown
/// owner of a list is generic (D39).
async fn other_members_list(
    context: &PageContext,
    texts: ListTexts,
    list: List,
) -> Result<Response, ApiError> {
    let owner = context.path_mid()?;
    let card = context
        .call_api(handlers::profile::get_card::get_card, GetCard { mid: owner, photo: Flag(false) })
        .await?
        .card;
    let found = current_page(context, owner, list, order(context)).await?;
    let mut listing = listing(context, texts, NavSection::Space, found, list, &[]).await?;
    listing.heading = truncate_graphemes(&card.name, NAME_MAX_GRAPHEMES);
    let title = context.language().text(texts.title_of_member).with("name", &listing.heading);
    listing.layout.title = title.into();
    listing.owner = Some(owner.get());
    listing.has_order = false;
    listing.empty_text = Key("nobody-here");
    if context.viewer != Some(owner) {
        listing.pager.limit_to_public_pages();
    }
    context.render(&listing)
}

async fn listing(
    context: &PageContext,
    texts: ListTexts,
    section: NavSection,
    ListPage { members, total, pn, searched }: ListPage,
    list: List,
    groups: &[Group],
) -> Result<ListTemplate, ApiError> {
    let heading = context.language().text(texts.name).to_string();
    let mut layout = context.layout(heading.clone(), section).await?;
    // The rows of another member's list do not tell who follows the viewer.
    let is_followers = list == List::Followers && section == NavSection::Relations;
    let mut rows = MemberRow::list(context, &members, is_followers, groups);
    layout.move_flash_to(&mut rows);
    Ok(ListTemplate {
        layout,
        texts,
        heading,
        owner: None,
        list: rows,
        empty_text: texts.empty,
        has_order: !matches!(list, List::Whispers | List::Blocks),
        pager: Pager::new(context, total, pn),
        groups: Vec::new(),
        group: None,
        new_name: String::new(),
        own_group: None,
        search: None,
        searched,
        submitted_tag: String::new(),
    })
}
