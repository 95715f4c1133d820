//! `guanxi find`, `followers`, `followings`, `whispers`, `blacks`, `relations`: lists of members.

use super::context::{ClientContext, print_lines, to_json};
use super::groups::find_group;
use super::relations::relation_name;
use super::table::{Column, ColumnKind, Table};
use crate::{Failure, progress, terminal};
use console::Term;
use guanxi_api::groups::list_group_members::ListGroupMembers;
use guanxi_api::member_list::{GroupMember, RelationListItem};
use guanxi_api::param::Param;
use guanxi_api::profile::find_members::{FindMembers, FoundMember};
use guanxi_api::relations::list_blocks::ListBlocks;
use guanxi_api::relations::list_relations::{self, ListRelations};
use guanxi_api::relations::list_whispers::ListWhispers;
use guanxi_api::relations::own_list::{ListFilter, ListSort, OwnList};
use guanxi_api::relations::{list_followers, list_followings};
use guanxi_client::{Pager, PagerEnd, Paginated};
use guanxi_domain::day;
use guanxi_types::{Mid, Order, PageNumber, PageSize};
use indicatif::ProgressBar;
use serde::Serialize;

/// The page size, and the default number of entries.
const PAGE: u64 = 50;

#[derive(Debug, clap::Args)]
pub(crate) struct FindArgs {
    /// A part of the name, its pinyin, pinyin initials, or the mid.
    text: String,
    #[command(flatten)]
    limit_args: LimitArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FollowersArgs {
    /// The member. Defaults to you.
    mid: Option<Mid>,
    #[command(flatten)]
    limit_args: LimitArgs,
    /// List the oldest first.
    #[arg(long)]
    asc: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FollowingsArgs {
    /// The member. Defaults to you.
    mid: Option<Mid>,
    /// List the members of one of your groups, by name or tagid, the latest to join first.
    #[arg(long, conflicts_with_all = ["mid", "asc"], allow_negative_numbers = true)]
    group: Option<String>,
    #[command(flatten)]
    limit_args: LimitArgs,
    /// List the oldest first.
    #[arg(long)]
    asc: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PrivateListArgs {
    #[command(flatten)]
    limit_args: LimitArgs,
}

/// The number of entries to list.
#[derive(Debug, clap::Args)]
struct LimitArgs {
    /// The number of entries to list.
    #[arg(long, value_name = "N", default_value_t = PAGE, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
    /// List all entries. The service limits lists of other members to five pages.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

impl LimitArgs {
    fn limit(&self) -> u64 {
        if self.all { u64::MAX } else { self.limit }
    }

    /// Returns the page size: the limit if it is less than a page.
    fn page_size(&self) -> PageSize {
        PageSize::new(self.limit()).unwrap_or(PageSize::MAX)
    }
}

fn order(asc: bool) -> Order {
    if asc { Order::Asc } else { Order::Desc }
}

pub(crate) async fn find(context: &ClientContext, args: FindArgs) -> Result<(), Failure> {
    let FindArgs { text: q, limit_args } = args;
    let (ps, limit) = (limit_args.page_size(), limit_args.limit());
    let pager = context.client.paginate(FindMembers { q, ps, pn: PageNumber::FIRST });
    print_list(context, pager, limit, FOUND_COLUMNS, found_row).await
}

pub(crate) async fn followers(context: &ClientContext, args: &FollowersArgs) -> Result<(), Failure> {
    let vmid = args.mid.map_or_else(|| context.own_mid(), Ok)?;
    let (ps, order) = (args.limit_args.page_size(), order(args.asc));
    let pager =
        context.client.paginate(list_followers::ListFollowers { vmid, ps, pn: PageNumber::FIRST, order });
    print_list(context, pager, args.limit_args.limit(), RELATION_COLUMNS, relation_row).await
}

pub(crate) async fn followings(context: &ClientContext, args: &FollowingsArgs) -> Result<(), Failure> {
    let (ps, limit) = (args.limit_args.page_size(), args.limit_args.limit());
    if let Some(group) = &args.group {
        let tagid = find_group(context, group).await?;
        let pager = context.client.paginate(ListGroupMembers { tagid, ps, pn: PageNumber::FIRST });
        return print_list(context, pager, limit, MEMBER_COLUMNS, member_row).await;
    }
    let vmid = args.mid.map_or_else(|| context.own_mid(), Ok)?;
    let order = order(args.asc);
    let pager =
        context.client.paginate(list_followings::ListFollowings { vmid, ps, pn: PageNumber::FIRST, order });
    print_list(context, pager, limit, RELATION_COLUMNS, relation_row).await
}

pub(crate) async fn whispers(context: &ClientContext, args: &PrivateListArgs) -> Result<(), Failure> {
    let pager =
        context.client.paginate(ListWhispers { ps: args.limit_args.page_size(), pn: PageNumber::FIRST });
    print_list(context, pager, args.limit_args.limit(), RELATION_COLUMNS, relation_row).await
}

pub(crate) async fn blacks(context: &ClientContext, args: &PrivateListArgs) -> Result<(), Failure> {
    let pager =
        context.client.paginate(ListBlocks { ps: args.limit_args.page_size(), pn: PageNumber::FIRST });
    print_list(context, pager, args.limit_args.limit(), RELATION_COLUMNS, relation_row).await
}

#[derive(Debug, clap::Args)]
pub(crate) struct RelationsArgs {
    /// The list: followings, followers, whispers or blocks.
    #[arg(value_parser = named::<OwnList>)]
    list: OwnList,
    /// List the members of one of your groups, by name or tagid.
    #[arg(long, allow_negative_numbers = true)]
    group: Option<String>,
    /// List the members whose name or remark contains a text.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// List only these: mutual, one_way, ungrouped or special.
    #[arg(long, value_name = "FILTER", value_parser = named::<ListFilter>)]
    show: Option<ListFilter>,
    /// The order: newest, oldest, name or active.
    #[arg(long, default_value = "newest", value_parser = named::<ListSort>)]
    sort: ListSort,
    #[command(flatten)]
    limit_args: LimitArgs,
}

pub(super) fn named<P: Param>(text: &str) -> Result<P, &'static str> {
    P::parse(text).map_err(|error| error.0)
}

pub(crate) async fn relations(context: &ClientContext, args: &RelationsArgs) -> Result<(), Failure> {
    let group = match &args.group {
        Some(group) => Some(find_group(context, group).await?),
        None => None,
    };
    let &RelationsArgs { list, show, sort, ref limit_args, ref search, .. } = args;
    let (q, ps, pn) = (search.clone(), limit_args.page_size(), PageNumber::FIRST);
    let pager = context.client.paginate(ListRelations { list, group, q, show, sort, ps, pn });
    print_list(context, pager, limit_args.limit(), OWN_COLUMNS, own_row).await
}

/// The columns of one's own lists.
const OWN_COLUMNS: [Column; 6] = [
    ("mid", ColumnKind::Number),
    ("name", ColumnKind::Text),
    ("remark", ColumnKind::Text),
    ("since", ColumnKind::Word),
    ("you", ColumnKind::Word),
    ("sign", ColumnKind::Text),
];

fn own_row(entry: &list_relations::OwnListItem) -> [String; 6] {
    let [mid, name, since, you, sign] = relation_row(&entry.relation);
    [mid, name, entry.remark.clone(), since, you, sign]
}

/// The columns of relation lists. `since` is the time of the listed relation, `you` the viewer's own relation.
const RELATION_COLUMNS: [Column; 5] = [
    ("mid", ColumnKind::Number),
    ("name", ColumnKind::Text),
    ("since", ColumnKind::Word),
    ("you", ColumnKind::Word),
    ("sign", ColumnKind::Text),
];

fn relation_row(item: &RelationListItem) -> [String; 5] {
    let you = if item.special == 1 { "special" } else { relation_name(item.attribute) };
    let since = day::date_at(item.mtime).to_string();
    [item.mid.to_string(), item.profile.uname.clone(), since, you.to_owned(), item.profile.sign.clone()]
}

const FOUND_COLUMNS: [Column; 4] = [
    ("mid", ColumnKind::Number),
    ("name", ColumnKind::Text),
    ("you", ColumnKind::Word),
    ("sign", ColumnKind::Text),
];

fn found_row(item: &FoundMember) -> [String; 4] {
    let you = relation_name(item.attribute).to_owned();
    [item.mid.to_string(), item.profile.uname.clone(), you, item.profile.sign.clone()]
}

const MEMBER_COLUMNS: [Column; 3] =
    [("mid", ColumnKind::Number), ("name", ColumnKind::Text), ("sign", ColumnKind::Text)];

fn member_row(item: &GroupMember) -> [String; 3] {
    [item.mid.to_string(), item.profile.uname.clone(), item.profile.sign.clone()]
}

/// Prints a list page by page, and finally a summary on standard error.
async fn print_list<P, const N: usize>(
    context: &ClientContext,
    mut pager: Pager<P>,
    limit: u64,
    columns: [Column; N],
    row: fn(&P::Item) -> [String; N],
) -> Result<(), Failure>
where
    P: Paginated<Source = guanxi_client::Client, Item: Serialize>,
{
    let mut table = Table::new(columns);
    let bar = progress_bar();
    let mut count = 0;
    let outcome = loop {
        if count == limit {
            break Ok(());
        }
        let entry = match pager.next().await {
            Ok(Some(entry)) => entry,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        count += 1;
        if context.json {
            print_lines([to_json(&entry)?])?;
        } else {
            table.push(row(&entry));
        }
        if table.pending() as u64 == PAGE {
            print_lines(table.take_lines())?;
        }
        bar.set_length(pager.total().map_or(count, |total| total.min(limit)));
        bar.set_position(count);
    };
    // The entries before an error are printed too.
    print_lines(table.take_lines())?;
    bar.finish_and_clear();
    outcome?;
    terminal::note(format_args!("{}", summary(&pager, count)));
    Ok(())
}

/// Returns a progress bar, hidden if the list itself is printed to a terminal.
fn progress_bar() -> ProgressBar {
    if Term::stdout().is_term() { ProgressBar::hidden() } else { progress::entries_bar("listing") }
}

fn summary<P: Paginated>(pager: &Pager<P>, count: u64) -> String {
    let of_total = pager.total().map_or(String::new(), |total| format!(" of {total}"));
    let summary = match pager.end() {
        Some(PagerEnd::Exhausted) => format!("{count} listed, which is all"),
        Some(PagerEnd::AccessLimit) => {
            format!("{count}{of_total} listed: the service returns no more of this list")
        }
        None => format!("{count}{of_total} listed: use --limit or --all for more"),
    };
    let changed = " The list changed meanwhile, so entries may be missing.";
    if pager.has_changed() { format!("{summary}.{changed}") } else { summary }
}
