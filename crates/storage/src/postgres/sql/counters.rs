//! The table `counters`. Its row is the lock of a member: a transaction locks it before it reads or writes their
//! data.

use super::builder::{
    WriteStatements, column_names, delete, insert, lists, numbers, select_list, statements, writes,
};
use crate::counters::Counters;
use crate::model::{Column, columns};

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
    ALL = format!("select c.mid, {} from counters c order by c.mid", select_list::<Counters>("c"));
}

writes! {
    /// Inserts new members. An existing one is a conflict.
    INSERT = insert("counters", &columns_with_mid(), "");
    UPDATE = update();
    DELETE = delete("counters", &numbers(&["mid"]));
}

fn columns_with_mid() -> Vec<Column> {
    numbers(&["mid"]).into_iter().chain(columns::<Counters>()).collect()
}

fn update() -> WriteStatements {
    let names = column_names::<Counters>();
    let one = names.iter().zip(2..).map(|(column, number)| format!("{column} = ${number}"));
    let many = names.iter().map(|column| format!("{column} = u.{column}")).collect::<Vec<_>>().join(", ");
    let columns = format!("mid, {}", names.join(", "));
    let lists = lists(&columns_with_mid()).unwrap_or_default();
    let many =
        format!("update counters set {many} from unnest({lists}) u ({columns}) where counters.mid = u.mid");
    WriteStatements {
        table: "counters",
        one: format!("update counters set {} where mid = $1", one.collect::<Vec<_>>().join(", ")),
        of_shard: Some(format!("{many} and counters.mid = any($1)")),
        by_size: Vec::new(),
        many: Some(many),
        columns,
    }
}

pub(crate) const ANY_MEMBER: &str = "select mid from counters limit 1";
/// Returns members by mid, for a walk over all of them.
pub(crate) const MEMBERS_AFTER: &str = "select mid from counters where mid > $1 order by mid limit $2";
