//! The tables `member_group` and `group_member`. Members of the default group are rows of `relation` with a
//! `join_seq`.

use super::builder::{delete, insert, numbers, select_list, statements, writes};
use crate::model::Group;

statements! {
    /// Returns the sizes of the built-in groups, and each group of the member with its size. One row without a
    /// group if the member has none.
    GROUPS_WITH_SIZES = format!(
        "select c.special, c.\"default\", \
         (select count(*) from group_member g where g.mid = $1 and g.tagid = m.tagid), {} \
         from counters c left join member_group m on m.mid = $1 where c.mid = $1 order by m.tagid",
        select_list::<Group>("m")
    );
    GROUPS = format!(
        "select {} from member_group m where m.mid = $1 order by m.tagid",
        select_list::<Group>("m")
    );
}

/// Returns the groups of a relation in the order they were joined, with the names of those that the member created.
pub(crate) const GROUPS_OF_RELATION: &str = "select x.tagid, m.name from ( \
     select r.join_seq, 0::bigint as tagid from relation r where r.mid = $1 and r.fid = $2 and r.join_seq is not null \
     union all select g.join_seq, g.tagid from group_member g where g.mid = $1 and g.fid = $2) x \
     left join member_group m on m.mid = $1 and m.tagid = x.tagid order by x.join_seq";
pub(crate) const DEFAULT_GROUP_MEMBERS: &str =
    "select fid from relation where mid = $1 and join_seq is not null order by join_seq, fid";
pub(crate) const GROUP_MEMBERS: &str =
    "select fid from group_member where mid = $1 and tagid = $2 order by join_seq, fid";

writes! {
    INSERT_GROUP_MEMBER = insert("group_member", &numbers(&["mid", "tagid", "join_seq", "fid"]), "");
    DELETE_GROUP_MEMBER = delete("group_member", &numbers(&["mid", "tagid", "join_seq", "fid"]));
}
