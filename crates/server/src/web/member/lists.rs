//! `/followings`, `/fans`, `/whispers` and `/blacks`, and the first two of another member.

mod manage;
mod search;

use crate::handlers;
use crate::handlers::relations::list_relations;
use crate::http::response::ApiError;
use crate::remarks::Remarks;
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
use guanxi_api::relations::own_list::{ListSort, OwnList};
use guanxi_domain::relation::attribute;
use guanxi_domain::{day, group, relation};
use guanxi_storage::model::Card;
use guanxi_storage::store::{List, ListEntry};
use guanxi_types::{Mid, PageSize, Tagid};
use jiff::civil::Date;
use manage::Manage;
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
    pager: Pager,
    /// The viewer's groups, on the page of their followings.
    groups: Vec<GroupChoice>,
    /// True if the groups are links of the page.
    has_sidebar: bool,
    group: Option<Tagid>,
    /// Name typed into the rejected form that renames the shown group, or its name.
    new_name: String,
    /// The shown group, if it is not built in and can be renamed.
    own_group: Option<Group>,
    search: Option<Search>,
    /// Filters, orders and changes of a list of the viewer's own.
    manage: Option<Manage>,
    /// The number of scanned entries, if the list has more.
    scanned: Option<u64>,
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
        self.search.as_ref().is_some_and(Search::is_narrowed)
    }

    fn is_oldest_first(&self) -> bool {
        self.search.as_ref().is_some_and(|search| search.sort == ListSort::Oldest)
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
    /// The viewer's remark on the member; empty without one.
    pub(super) remark: String,
    /// The time when the member was last seen, in a list in that order.
    pub(super) seen: Option<Key>,
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
            remark: String::new(),
            seen: None,
            rows: String::new(),
            flash: None,
            is_ticked: false,
            member: MemberSummary::new(&context.app.image_origins, card, t),
            since: t.date(entry.mtime),
            buttons: (context.viewer != Some(entry.mid)).then(|| {
                RelationButtons::new(entry.attribute, is_follower || entry.attribute == attribute::MUTUAL)
            }),
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

    /// Adds the viewer's remarks to the rows.
    pub(super) fn add_remarks(rows: &mut [MemberRow], remarks: &Remarks) -> Result<(), ApiError> {
        for row in rows {
            row.remark = remarks.get(row.member.mid)?.unwrap_or_default();
        }
        Ok(())
    }
}

/// Shows `/followings`.
pub async fn followings(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let mut listing = own_list(&context, FOLLOWINGS, OwnList::Followings).await?;
    listing.has_sidebar = true;
    context.render(&listing)
}

/// Returns the viewer's groups but the default one, with those of a member ticked.
pub(super) async fn group_choices(
    context: &PageContext,
    joined: &[Tagid],
) -> Result<Vec<GroupChoice>, ApiError> {
    let groups = context.call_api(handlers::groups::list_groups::list_groups, ListGroups {}).await?;
    let joined: Vec<String> = joined.iter().map(Tagid::to_string).collect();
    let choices = groups.iter().filter(|group| group.tagid != Tagid::DEFAULT);
    Ok(choices.map(|group| choice(group, &joined, context.language())).collect())
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
    context.render(&own_list(&context, FOLLOWERS, OwnList::Followers).await?)
}

/// Shows `/whispers`.
pub async fn whispers(context: Arc<PageContext>) -> Result<Response, ApiError> {
    context.render(&own_list(&context, WHISPERS, OwnList::Whispers).await?)
}

/// Shows `/blacks`.
pub async fn blacks(context: Arc<PageContext>) -> Result<Response, ApiError> {
    context.render(&own_list(&context, BLOCKS, OwnList::Blocks).await?)
}

/// Returns the page of a list of the viewer's own.
async fn own_list(context: &PageContext, texts: ListTexts, own: OwnList) -> Result<ListTemplate, ApiError> {
    let (viewer, search, t) = (context.require_login()?, Search::from_query(context), context.language());
    let groups = match own {
        OwnList::Followings | OwnList::Followers => {
            context.call_api(handlers::groups::list_groups::list_groups, ListGroups {}).await?
        }
        OwnList::Whispers | OwnList::Blocks => Vec::new(),
    };
    // A group that does not exist (any more) is ignored.
    let group: Option<Tagid> = context
        .query_param("group")
        .filter(|tagid| own == OwnList::Followings && groups.iter().any(|group| group.tagid == *tagid));
    let list = list_relations::own_list(own, group)?;
    let found = match search.view(list) {
        Some(view) => view.page(&context.app, viewer, PageSize::MAX, context.pn(), true).await?,
        None => search::nothing(),
    };
    let seen: Vec<Option<Date>> = found.members.iter().map(|member| member.active).collect();
    let shown: Vec<Mid> = found.members.iter().map(|member| member.entry.mid).collect();
    let manage = Manage::new(context, own, group.is_some(), &search, &shown, found.total);
    let members = found.members.into_iter().map(|member| (member.entry, member.card)).collect();
    let page = ListPage { members, total: found.total, pn: found.pn };
    let mut listing = listing(context, texts, NavSection::Relations, page, list, &groups).await?;
    let selected = group.and_then(|tagid| groups.iter().find(|group| group.tagid == tagid));
    if let Some(selected) = selected {
        listing.heading = group_name(selected, t);
    }
    listing.own_group = selected.filter(|group| !group.tagid.is_built_in()).cloned();
    let (ticked, tagids) = (context.submitted_list("mids"), context.submitted_list("tagids"));
    for (row, seen) in listing.list.iter_mut().zip(seen) {
        row.is_ticked = ticked.contains(&row.member.mid.to_string());
        row.seen = (search.sort == ListSort::Active).then(|| seen_key(seen, context.now));
    }
    listing.groups = groups.iter().map(|group| choice(group, &tagids, t)).collect();
    listing.new_name = context.submitted_field("name").unwrap_or_else(|| name_of(selected));
    listing.group = group;
    listing.empty_text = search.empty_text().unwrap_or(texts.empty);
    listing.scanned = found.scanned;
    listing.search = Some(search);
    listing.manage = Some(manage);
    listing.submitted_tag = context.submitted("tag");
    Ok(listing)
}

/// Returns the label of the last day on which a member was seen. The day itself is not told.
fn seen_key(seen: Option<Date>, now: i64) -> Key {
    const DAY: i64 = 86_400;
    let is_since = |days: i64| seen >= Some(day::date_at(now - days * DAY));
    match (is_since(7), is_since(30)) {
        (true, _) => Key("active-within-week"),
        (false, true) => Key("active-within-month"),
        (false, false) => Key("active-long-ago"),
    }
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
    ListPage { members, total, pn }: ListPage,
    list: List,
    groups: &[Group],
) -> Result<ListTemplate, ApiError> {
    let heading = context.language().text(texts.name).to_string();
    let mut layout = context.layout(heading.clone(), section).await?;
    // The rows of another member's list do not tell who follows the viewer.
    let is_followers = list == List::Followers && section == NavSection::Relations;
    let mut rows = MemberRow::list(context, &members, is_followers, groups);
    let listed = members.iter().map(|(entry, _)| entry.mid);
    MemberRow::add_remarks(&mut rows, &Remarks::on(&context.app, context.viewer, listed).await?)?;
    layout.move_flash_to(&mut rows);
    Ok(ListTemplate {
        layout,
        texts,
        heading,
        owner: None,
        list: rows,
        empty_text: texts.empty,
        pager: Pager::new(context, total, pn),
        groups: Vec::new(),
        has_sidebar: false,
        group: None,
        new_name: String::new(),
        own_group: None,
        search: None,
        manage: None,
        scanned: None,
        submitted_tag: String::new(),
    })
}
