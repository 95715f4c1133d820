//! `GET /passport/relations`: the caller's own lists, filtered and sorted.

use crate::endpoint::endpoint;
use crate::member_list::RelationListItem;
use crate::relations::own_list::{ListFilter, ListSort, OwnList};
use guanxi_types::{PageNumber, PageSize, Tagid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/relations`: returns a page of a list of the caller, filtered and sorted. A search, a filter, or
    /// an order other than by time scans the newest entries only, up to the setting `search_scan_limit`, with
    /// `oldest` the oldest ones. If too many scans run, it is 503. Errors: -101, -400, 22104.
    ListRelations: GET "/passport/relations", Session -> Data {
        /// The list: `followings`, `followers`, `whispers` or `blocks`.
        list: OwnList,
        /// A group of the caller. Only for followings.
        group: Option<Tagid>,
        /// A text that the name or the caller's remark contains, or a mid. At most 64 characters.
        q: Option<String>,
        /// The filter: `mutual`, `one_way`, `ungrouped` or `special`. The last two are for followings, and all of them
        /// match nobody in other lists than followings and followers.
        show: Option<ListFilter>,
        /// The order: `newest`, `oldest`, `name` or `active`.
        sort: ListSort,
        /// Entries per page. A number above 50 counts as 50.
        ps: PageSize,
        /// The number of the page. The list is empty after the last page.
        pn: PageNumber,
    }
}

/// A page of a list of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The entries of the page.
    pub list: Vec<OwnListItem>,
    /// The number of matching entries.
    pub total: u64,
    /// The number of scanned entries if the list has more, else null.
    pub scanned: Option<u64>,
}

/// An entry of a list of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnListItem {
    /// The relation, with the listed member.
    #[serde(flatten)]
    pub relation: RelationListItem,
    /// The caller's remark on the member. Empty without one.
    pub remark: String,
}
