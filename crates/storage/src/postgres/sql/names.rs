//! The name index: entries of the names of members, to find members by name.

use super::builder::{delete, insert, numbers, writes};
use crate::model::{Column, SqlType};

/// Returns the members of the entries of a kind in a range of texts, in the order of texts and members.
pub(crate) const SCAN: &str = "select mid from name_index where kind = $1 and text >= $2 and text < $3 \
     order by text, mid limit $4";
pub(crate) const ALL: &str = "select mid, kind, text from name_index";

writes! {
    INSERT = insert("name_index", &columns(), " on conflict do nothing");
    DELETE = delete("name_index", &columns());
    /// Deletes all entries of members.
    DELETE_OF_MEMBER = delete("name_index", &numbers(&["mid"]));
}

fn columns() -> Vec<Column> {
    let text = Column { name: "text".to_owned(), sql_type: SqlType::Text, nullable: false };
    let mut columns = numbers(&["mid", "kind"]);
    columns.push(text);
    columns
}
