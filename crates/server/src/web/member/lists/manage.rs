//! Operations on a list of the viewer: filters, orders, and changes of many members at once.

use super::search::Search;
use crate::web::page_context::PageContext;
use crate::web::text::Key;
use guanxi_api::relations::change_relations::RelationOp;
use guanxi_api::relations::own_list::{ListFilter, ListSort, OwnList};
use guanxi_types::Mid;

/// The filters, orders and changes of a list.
pub(super) struct Manage {
    pub(super) list: OwnList,
    pub(super) filters: Vec<Choice>,
    pub(super) sorts: Vec<Choice>,
    /// Changes of relations, and true for one that stands out.
    pub(super) changes: Vec<(RelationOp, Key, bool)>,
    /// Changes of groups.
    pub(super) group_changes: &'static [(RelationOp, Key)],
    /// Members of the page, as the form has them, and their number.
    pub(super) shown: String,
    pub(super) shown_count: usize,
    /// Number of members of the view, 0 if the page shows all of them.
    pub(super) all_count: u64,
    /// The most members of one change.
    pub(super) limit: usize,
    /// Members to whom the rejected form applied.
    pub(super) scope: String,
}

/// A choice of a menu.
pub(super) struct Choice {
    /// Value of the parameter; empty for none.
    pub(super) value: &'static str,
    pub(super) label: Key,
    pub(super) is_selected: bool,
}

const ADD: (RelationOp, Key) = (RelationOp::AddGroups, Key("add-to-groups"));
const REMOVE: (RelationOp, Key) = (RelationOp::RemoveGroups, Key("remove-from-groups"));
const SET: (RelationOp, Key) = (RelationOp::MoveGroups, Key("move-to-groups"));
const MOVE: (RelationOp, Key) = (RelationOp::MoveGroups, Key("move-from-group"));
const FOLLOW: (RelationOp, Key) = (RelationOp::Follow, Key("follow"));

impl Manage {
    /// Returns the choices of a page of a list. `is_group` is true for a group of followings.
    pub(super) fn new(
        context: &PageContext,
        list: OwnList,
        is_group: bool,
        search: &Search,
        shown: &[Mid],
        total: u64,
    ) -> Manage {
        let filter = |(filter, label): (ListFilter, Key)| Choice {
            value: filter.name(),
            label,
            is_selected: search.filter == Some(filter),
        };
        let everyone = Choice { value: "", label: Key("show-all"), is_selected: search.filter.is_none() };
        let own = filters(list).into_iter().map(filter);
        let filters = Some(everyone).into_iter().chain(own).collect();
        let sort = |(sort, label): (ListSort, Key)| Choice {
            value: sort.name(),
            label,
            is_selected: search.sort == sort,
        };
        let mids: Vec<String> = shown.iter().map(Mid::to_string).collect();
        Manage {
            list,
            filters,
            sorts: SORTS.into_iter().map(sort).collect(),
            changes: changes(list),
            group_changes: group_changes(list, is_group),
            shown: mids.join(","),
            shown_count: shown.len(),
            all_count: if total > shown.len() as u64 { total } else { 0 },
            limit: context.app.limits.batch,
            scope: context.submitted("scope"),
        }
    }

    /// Returns true if a change of all members does not reach all of them.
    pub(super) fn is_over_limit(&self) -> bool {
        self.all_count > self.limit as u64
    }
}

const SORTS: [(ListSort, Key); 4] = [
    (ListSort::Newest, Key("sort-newest")),
    (ListSort::Oldest, Key("sort-oldest")),
    (ListSort::Name, Key("sort-name")),
    (ListSort::Active, Key("sort-active")),
];

fn filters(list: OwnList) -> Vec<(ListFilter, Key)> {
    let mutual = (ListFilter::Mutual, Key("show-mutual"));
    match list {
        OwnList::Followings => vec![
            mutual,
            (ListFilter::OneWay, Key("show-not-following-back")),
            (ListFilter::Ungrouped, Key("show-ungrouped")),
            (ListFilter::Special, Key("show-special")),
        ],
        OwnList::Followers => vec![mutual, (ListFilter::OneWay, Key("show-not-followed-back"))],
        OwnList::Whispers | OwnList::Blocks => Vec::new(),
    }
}

fn changes(list: OwnList) -> Vec<(RelationOp, Key, bool)> {
    let block = (RelationOp::Block, Key("block"), false);
    match list {
        OwnList::Followings => vec![
            (RelationOp::Unfollow, Key("unfollow"), false),
            (RelationOp::Whisper, Key("make-private"), false),
            block,
        ],
        OwnList::Followers => vec![(RelationOp::RemoveFollower, Key("remove-follower"), false), block],
        OwnList::Whispers => vec![
            (RelationOp::Unwhisper, Key("unfollow-privately"), false),
            (RelationOp::Follow, Key("make-public"), false),
            block,
        ],
        OwnList::Blocks => vec![(RelationOp::Unblock, Key("unblock"), true)],
    }
}

fn group_changes(list: OwnList, is_group: bool) -> &'static [(RelationOp, Key)] {
    match (list, is_group) {
        (OwnList::Followings, true) => &[ADD, MOVE, REMOVE],
        (OwnList::Followings, false) => &[ADD, SET, REMOVE],
        (OwnList::Followers, _) => &[FOLLOW],
        (OwnList::Whispers | OwnList::Blocks, _) => &[],
    }
}
