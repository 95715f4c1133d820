//! Pages of a list: followers, followings, whispers, blocks, groups. A page is one row of arrays, which costs the
//! server and the driver less than a row for each entry.

use super::builder::{select_list, statements};
use crate::model::Card;
use crate::store::List;
use guanxi_types::{Order, Tagid};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// The viewer of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// An anonymous viewer, or a viewer whose relations are another statement.
    Unknown,
    /// The owner of the list.
    Owner,
    /// Another member, who may be on another node than the list.
    Other,
}

impl Viewer {
    pub(crate) const ALL: [Viewer; 3] = [Viewer::Unknown, Viewer::Owner, Viewer::Other];
}

/// Returns the statement of a page. Its parameters are owner, offset, limit, the tagid of a group, and the viewer if
/// it is another member.
///
/// The row begins with the audience, the size and the versions of the list. Arrays follow: of members, sort keys and
/// sequence numbers, and of members with a card and its version. The columns of [`viewer_relations`] are last, with the
/// groups if the owner views follows.
pub(crate) fn list_page(list: List, order: Order, viewer: Viewer) -> &'static str {
    // The tagid of a member's group is a parameter, so one statement serves all of them.
    const LISTS: [List; 7] = [
        List::Followers,
        List::Followings,
        List::Whispers,
        List::Blocks,
        List::Group(Tagid::DEFAULT),
        List::Group(Tagid::SPECIAL),
        List::Group(Tagid(1)),
    ];
    static STATEMENTS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let variants = |list| {
            [Order::Desc, Order::Asc].map(|order| Viewer::ALL.map(|viewer| build_page(list, order, viewer)))
        };
        LISTS.into_iter().flat_map(variants).flatten().collect()
    });
    let index = LISTS.iter().position(|known| *known == list).unwrap_or(LISTS.len() - 1);
    &STATEMENTS[6 * index + 3 * usize::from(order == Order::Asc) + viewer as usize]
}

fn build_page(list: List, order: Order, viewer: Viewer) -> String {
    let (total, version) = match list {
        List::Followers => ("c.follower", "c.followers_version"),
        List::Followings => ("c.following", "c.followings_version"),
        List::Whispers => ("c.whisper", "c.followings_version"),
        List::Blocks => ("c.blocked", "c.followings_version"),
        List::Group(Tagid::DEFAULT) => ("c.\"default\"", "c.followings_version"),
        List::Group(Tagid::SPECIAL) => ("c.special", "c.followings_version"),
        List::Group(_) => (
            "(select count(*) from group_member g where g.mid = $1 and g.tagid = $4)",
            "c.followings_version",
        ),
    };
    let (entries, sort_key, seq) = match list {
        List::Followers => ("follower_index l where l.mid = $1 and l.attribute = 2", "l.mtime", "l.seq"),
        List::Followings => ("relation l where l.mid = $1 and l.attribute = 2", "l.mtime", "l.seq"),
        List::Whispers => ("relation l where l.mid = $1 and l.attribute = 1", "l.mtime", "l.seq"),
        List::Blocks => ("relation l where l.mid = $1 and l.attribute = 128", "l.mtime", "l.seq"),
        List::Group(Tagid::DEFAULT) => {
            ("relation l where l.mid = $1 and l.join_seq is not null", "l.join_seq", "0")
        }
        List::Group(_) => ("group_member l where l.mid = $1 and l.tagid = $4", "l.join_seq", "0"),
    };
    let direction = if order == Order::Desc { "desc" } else { "asc" };
    let by_seq = if seq == "0" { String::new() } else { format!("{seq} {direction}, ") };
    let audience = match list {
        List::Followers => "(select p.followers from privacy p where p.mid = $1)",
        List::Followings => "(select p.followings from privacy p where p.mid = $1)",
        List::Whispers | List::Blocks | List::Group(_) => "null::text",
    };
    let mut columns = format!(
        "{audience}, {total}, {version}, c.private_version, e.fids, e.sort_keys, e.seqs, v.mids, v.versions"
    );
    let mut tables = format!(
        "counters c cross join lateral (select array_agg(x.fid) as fids, array_agg(x.sort_key) as sort_keys, \
         array_agg(x.seq::bigint) as seqs from (select l.fid, {sort_key} as sort_key, {seq} as seq from {entries} \
         order by {sort_key} {direction}, {by_seq}l.fid {direction} offset $2 limit $3) x) e \
         cross join lateral (select array_agg(v.mid) as mids, array_agg(v.version) as versions \
         from card v where v.mid = any(e.fids)) v"
    );
    let has_tagid = matches!(list, List::Group(tagid) if tagid != Tagid::DEFAULT);
    let relations = match viewer {
        Viewer::Unknown => None,
        Viewer::Owner => Some(viewer_relations("$1", "e.fids", list.is_followings())),
        Viewer::Other => Some(viewer_relations(if has_tagid { "$5" } else { "$4" }, "e.fids", false)),
    };
    if let Some((viewer_columns, viewer_tables)) = relations {
        let _ = write!(columns, ", {viewer_columns}");
        tables += &viewer_tables;
    }
    // A group that does not exist has no page, not an empty one.
    if matches!(list, List::Group(tagid) if !tagid.is_built_in()) {
        tables += " join member_group k on k.mid = $1 and k.tagid = $4";
    }
    format!("select {columns} from {tables} where c.mid = $1")
}

/// Returns the columns and the joined tables of a viewer's relations to listed members. `viewer` and `fids` are SQL
/// expressions.
///
/// The arrays are of related members and attributes, and of the followed members who follow the viewer. With groups,
/// the times and the positions in the default group follow, then members, tagids and positions of other groups.
fn viewer_relations(viewer: &str, fids: &str, with_groups: bool) -> (String, String) {
    let mut columns = "r.fids, r.attributes, i.fids".to_owned();
    let mut relation_columns =
        "array_agg(r.fid) as fids, array_agg(r.attribute::bigint) as attributes".to_owned();
    if with_groups {
        columns += ", r.mtimes, r.join_seqs, g.fids, g.tagids, g.join_seqs";
        relation_columns +=
            ", array_agg(r.mtime) as mtimes, array_agg(coalesce(r.join_seq, -1)) as join_seqs";
    }
    let mut tables = format!(
        " cross join lateral (select {relation_columns} from relation r \
         where r.mid = {viewer} and r.fid = any({fids})) r \
         cross join lateral (select array_agg(i.fid) as fids from follower_index i \
         where i.mid = {viewer} and i.fid = any(r.fids) and i.attribute = 2) i"
    );
    if with_groups {
        let _ = write!(
            tables,
            " cross join lateral (select array_agg(g.fid) as fids, array_agg(g.tagid) as tagids, \
             array_agg(g.join_seq) as join_seqs from group_member g \
             where g.mid = {viewer} and g.fid = any(r.fids)) g"
        );
    }
    (columns, tables)
}

statements! {
    /// Returns the relations of the viewer `$1` to the members in `$2`, as [`list_page`] does.
    VIEWER_RELATIONS = {
        let (columns, tables) = viewer_relations("$1", "$2::bigint[]", false);
        format!("select {columns} from counters c{tables} where c.mid = $1")
    };
    /// Returns cards with their versions.
    CARDS = format!("select c.version, {} from card c where c.mid = any($1)", select_list::<Card>("c"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_page_matches_its_list_order_and_viewer() {
        let groups = [Tagid::DEFAULT, Tagid::SPECIAL, Tagid(1), Tagid(77)].map(List::Group);
        let lists = [List::Followers, List::Followings, List::Whispers, List::Blocks];
        for list in lists.into_iter().chain(groups) {
            for order in [Order::Desc, Order::Asc] {
                for viewer in Viewer::ALL {
                    let expected = build_page(list, order, viewer);
                    assert_eq!(list_page(list, order, viewer), expected, "{list:?} {order:?} {viewer:?}");
                }
            }
        }
    }
}
