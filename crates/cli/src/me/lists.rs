//! `guanxi followers`, `followings`, `whispers`, `blacks`: lists of members, as long as one wants them.

use super::caller::{Caller, document, print};
use super::groups::find;
use super::table::{Column, Kind, Table};
use super::ties::word;
use crate::{Failure, log, progress};
use console::Term;
use guanxi_api::api::relation::blacks::Blacks;
use guanxi_api::api::relation::tag::Tag;
use guanxi_api::api::relation::whispers::Whispers;
use guanxi_api::api::relation::{followers, followings};
use guanxi_api::listed::{Grouped, Listed};
use guanxi_api::paging::{Pn, Ps};
use guanxi_client::{End, Paged, Walk};
use guanxi_domain::day;
use guanxi_types::Mid;
use guanxi_types::Order;
use indicatif::ProgressBar;
use serde::Serialize;

/// How many make a page, and are shown if nothing is said.
const PAGE: u64 = 50;

#[derive(Debug, clap::Args)]
pub(crate) struct Followers {
    /// The member; you if nobody is named.
    mid: Option<Mid>,
    #[command(flatten)]
    stretch: Stretch,
    /// The oldest first.
    #[arg(long)]
    asc: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Followings {
    /// The member; you if nobody is named.
    mid: Option<Mid>,
    /// Who is in one of your groups, by name or tagid, who joined it last first.
    #[arg(long, conflicts_with_all = ["mid", "asc"], allow_negative_numbers = true)]
    group: Option<String>,
    #[command(flatten)]
    stretch: Stretch,
    /// The oldest first.
    #[arg(long)]
    asc: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Hidden {
    #[command(flatten)]
    stretch: Stretch,
}

/// How far a list is told.
#[derive(Debug, clap::Args)]
struct Stretch {
    /// How many to list.
    #[arg(long, value_name = "N", default_value_t = PAGE, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
    /// List all of them. Of another's list the service tells no more than five pages.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

impl Stretch {
    fn most(&self) -> u64 {
        if self.all { u64::MAX } else { self.limit }
    }

    /// No more than is wanted, where that is less than a page.
    fn page(&self) -> Ps {
        Ps::new(self.most()).unwrap_or(Ps::MOST)
    }
}

fn order(asc: bool) -> Order {
    if asc { Order::Asc } else { Order::Desc }
}

pub(crate) async fn followers(me: &Caller, args: &Followers) -> Result<(), Failure> {
    let vmid = args.mid.map_or_else(|| me.me(), Ok)?;
    let (ps, order) = (args.stretch.page(), order(args.asc));
    let walk = me.client.walk(followers::Followers { vmid, ps, pn: Pn::FIRST, order });
    list(me, walk, args.stretch.most(), TIES, tie).await
}

pub(crate) async fn followings(me: &Caller, args: &Followings) -> Result<(), Failure> {
    let (ps, most) = (args.stretch.page(), args.stretch.most());
    if let Some(group) = &args.group {
        let tagid = find(me, group).await?;
        return list(me, me.client.walk(Tag { tagid, ps, pn: Pn::FIRST }), most, MEMBERS, member).await;
    }
    let vmid = args.mid.map_or_else(|| me.me(), Ok)?;
    let walk = me.client.walk(followings::Followings { vmid, ps, pn: Pn::FIRST, order: order(args.asc) });
    list(me, walk, most, TIES, tie).await
}

pub(crate) async fn whispers(me: &Caller, args: &Hidden) -> Result<(), Failure> {
    let walk = me.client.walk(Whispers { ps: args.stretch.page(), pn: Pn::FIRST });
    list(me, walk, args.stretch.most(), TIES, tie).await
}

pub(crate) async fn blacks(me: &Caller, args: &Hidden) -> Result<(), Failure> {
    let walk = me.client.walk(Blacks { ps: args.stretch.page(), pn: Pn::FIRST });
    list(me, walk, args.stretch.most(), TIES, tie).await
}

/// Since when the listed tie is, and what the viewer's own to that member is.
const TIES: [Column; 5] = [
    ("mid", Kind::Number),
    ("name", Kind::Text),
    ("since", Kind::Word),
    ("you", Kind::Word),
    ("sign", Kind::Text),
];

fn tie(tie: &Listed) -> [String; 5] {
    let you = if tie.special == 1 { "special" } else { word(tie.attribute) };
    let since = day::of(tie.mtime).to_string();
    [tie.mid.to_string(), tie.face.uname.clone(), since, you.to_owned(), tie.face.sign.clone()]
}

const MEMBERS: [Column; 3] = [("mid", Kind::Number), ("name", Kind::Text), ("sign", Kind::Text)];

fn member(member: &Grouped) -> [String; 3] {
    [member.mid.to_string(), member.face.uname.clone(), member.face.sign.clone()]
}

/// Tells a list as it comes, and at last how much of it that was.
async fn list<P, const N: usize>(
    me: &Caller,
    mut walk: Walk<P>,
    most: u64,
    columns: [Column; N],
    row: fn(&P::Item) -> [String; N],
) -> Result<(), Failure>
where
    P: Paged<From = guanxi_client::Client, Item: Serialize>,
{
    let mut table = Table::new(columns);
    let bar = bar();
    let mut count = 0;
    let walked = loop {
        if count == most {
            break Ok(());
        }
        let entry = match walk.next().await {
            Ok(Some(entry)) => entry,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        count += 1;
        if me.json {
            print([document(&entry)?])?;
        } else {
            table.push(row(&entry));
        }
        if table.waiting() as u64 == PAGE {
            print(table.lines())?;
        }
        bar.set_length(walk.total().map_or(count, |total| total.min(most)));
        bar.set_position(count);
    };
    // What came before the trouble is told too.
    print(table.lines())?;
    bar.finish_and_clear();
    walked?;
    log::tell(format_args!("{}", ending(&walk, count)));
    Ok(())
}

/// A bar where the list itself is not seen: on a terminal, and the list goes elsewhere.
fn bar() -> ProgressBar {
    if Term::stdout().is_term() { ProgressBar::hidden() } else { progress::of_entries("listing") }
}

fn ending<P: Paged>(walk: &Walk<P>, count: u64) -> String {
    let of = walk.total().map_or(String::new(), |total| format!(" of {total}"));
    let how = match walk.end() {
        Some(End::List) => format!("{count}, which is all"),
        Some(End::Limit) => format!("{count}{of}: the service tells no more of another's list"),
        None => format!("{count}{of}: there are more with --limit or --all"),
    };
    let changed = " The list changed meanwhile: somebody may be missing.";
    if walk.changed() { format!("{how}.{changed}") } else { how }
}
