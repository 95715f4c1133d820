//! Pages of a list: followers, followings, whispers, blocks, groups.

use super::builder::select_list;
use super::relations::relation_columns;
use crate::model::Card;
use crate::store::List;
use guanxi_types::{Order, Tagid};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Returns the statement of a page. Its parameters are owner, offset, limit, and the tagid of a group.
///
/// Each row begins with the size and the versions of the list. The member, the sort key and the card of an entry
/// follow. If the viewer owns the list, both relations between owner and member are last. An empty page is one row
/// with nulls.
pub(crate) fn list_page(list: List, order: Order, is_owner: bool) -> &'static str {
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
            [Order::Desc, Order::Asc].map(|order| [true, false].map(|own| build_page(list, order, own)))
        };
        LISTS.into_iter().flat_map(variants).flatten().collect()
    });
    let index = LISTS.iter().position(|known| *known == list).unwrap_or(LISTS.len() - 1);
    &STATEMENTS[4 * index + 2 * usize::from(order == Order::Asc) + usize::from(!is_owner)]
}

fn build_page(list: List, order: Order, is_owner: bool) -> String {
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
    let mut columns = format!(
        "{total}, {version}, c.private_version, e.fid, e.sort_key, e.seq, {}",
        select_list::<Card>("card")
    );
    let mut tables = format!(
        "counters c left join lateral (select l.fid, {sort_key} as sort_key, {seq} as seq from {entries} \
         order by {sort_key} {direction}, {by_seq}l.fid {direction} offset $2 limit $3) e on true \
         left join card on card.mid = e.fid"
    );
    if is_owner {
        let _ = write!(columns, ", f.attribute, {}", relation_columns("r", "$1", "e.fid"));
        tables += " left join relation r on r.mid = $1 and r.fid = e.fid \
                    left join follower_index f on f.mid = $1 and f.fid = e.fid";
    }
    // A group that does not exist has no page, not an empty one.
    if matches!(list, List::Group(tagid) if !tagid.is_built_in()) {
        tables += " join member_group m on m.mid = $1 and m.tagid = $4";
    }
    format!("select {columns} from {tables} where c.mid = $1")
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
                for own in [true, false] {
                    let expected = build_page(list, order, own);
                    assert_eq!(list_page(list, order, own), expected, "{list:?} {order:?} {own}");
                }
            }
        }
    }
}
