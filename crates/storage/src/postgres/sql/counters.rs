//! The table `counters`. Its row is the lock of a member: a transaction locks it before it reads or writes their
//! data.

use super::builder::{column_names, placeholders, select_list, statements};
use crate::counters::Counters;

statements! {
    /// Locks a member and returns their counters.
    LOCK = format!("select c.mid, {} from counters c where c.mid = $1 for update", select_list::<Counters>("c"));
    /// Locks members in the order of their mids.
    LOCK_BATCH = format!(
        "select c.mid, {} from counters c where c.mid = any($1) order by c.mid for update",
        select_list::<Counters>("c")
    );
    /// Locks members of a distributed table: Citus locks many rows only by an update.
    LOCK_BATCH_CITUS = format!(
        "update counters c set last_seq = c.last_seq from unnest($1::bigint[]) u (mid) where c.mid = u.mid \
         returning c.mid, {}",
        select_list::<Counters>("c")
    );
    /// Returns the counters of a member without a lock.
    GET = format!("select {} from counters c where c.mid = $1", select_list::<Counters>("c"));
    COLUMNS = format!("mid, {}", column_names::<Counters>().join(", "));
    /// Inserts a new member. An existing one is a conflict.
    INSERT = {
        let names = column_names::<Counters>();
        format!("insert into counters (mid, {}) values ({})", names.join(", "), placeholders(names.len() + 1))
    };
    UPDATE = {
        let names = column_names::<Counters>().into_iter().zip(2..);
        let assignments = names.map(|(column, number)| format!("{column} = ${number}"));
        format!("update counters set {} where mid = $1", assignments.collect::<Vec<_>>().join(", "))
    };
    /// Updates many members. Each parameter is the list of a column's values.
    UPDATE_BATCH = {
        let names = column_names::<Counters>();
        let assignments: Vec<String> = names.iter().map(|column| format!("{column} = u.{column}")).collect();
        let lists = (1..=names.len() + 1).map(|number| format!("${number}::bigint[]"));
        format!(
            "update counters set {} from unnest({}) u (mid, {}) where counters.mid = u.mid",
            assignments.join(", "),
            lists.collect::<Vec<_>>().join(", "),
            names.join(", ")
        )
    };
    ALL = format!("select c.mid, {} from counters c order by c.mid", select_list::<Counters>("c"));
}

pub(crate) const DELETE: &str = "delete from counters where mid = $1";
pub(crate) const ANY_MEMBER: &str = "select mid from counters limit 1";
/// Returns members by mid, for a walk over all of them.
pub(crate) const MEMBERS_AFTER: &str = "select mid from counters where mid > $1 order by mid limit $2";
