//! Statements of the tables of entities, generated from their columns and keys.

use super::builder::{WriteStatements, delete, equals, insert, lists, numbers, quoted};
use crate::model::{Column, Table, TableSchema};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// The statements of one table.
#[derive(Debug)]
pub(crate) struct EntityStatements {
    /// Returns the row of a key.
    pub(crate) get: String,
    /// Returns the rows of many keys, each behind the number of its key, counted from 1. The parameters are lists,
    /// one a column of the key.
    pub(crate) get_batch: String,
    /// Returns the same rows. They are of one shard. Only for tables of members.
    pub(crate) get_of_shard: String,
    /// Inserts rows, or replaces the rows of the same keys.
    pub(crate) upsert: WriteStatements,
    /// Deletes the rows of keys.
    pub(crate) delete: WriteStatements,
    /// Returns all rows in the order of their keys.
    pub(crate) all: String,
    /// Returns some rows of a member in the order of their keys. Only for tables of members.
    pub(crate) of_member: String,
    /// Returns the rows that wait for a moderator since a time, oldest first. Only for tables with a schedule.
    pub(crate) reviewable: String,
    /// Deletes some rows of a member. Only for tables of members.
    pub(crate) delete_batch: String,
}

/// The columns of a table's schedule: when the scheduler has to process a row, and since when a moderator is waited
/// for.
pub(crate) const SCHEDULE_COLUMNS: [&str; 2] = ["run_at", "review_since"];

/// The column of a card's version.
pub(crate) const VERSION_COLUMN: &str = "version";

/// Returns the statements of a table.
pub(crate) fn of(table: Table) -> &'static EntityStatements {
    static ALL: LazyLock<Vec<EntityStatements>> =
        LazyLock::new(|| Table::ALL.iter().map(|table| build(table.schema())).collect());
    &ALL[table as usize]
}

fn written_columns(schema: &TableSchema) -> Vec<Column> {
    let version = if schema.table == Table::Card { &[VERSION_COLUMN][..] } else { &[] };
    let schedule = if schema.is_scheduled { &SCHEDULE_COLUMNS[..] } else { &[] };
    schema.columns.iter().cloned().chain(numbers(version)).chain(numbers(schedule)).collect()
}

/// Returns the columns of the primary key.
fn key_columns(schema: &TableSchema) -> Vec<Column> {
    let column = |name: &&str| schema.columns.iter().find(|column| column.name == **name).cloned();
    schema.key.iter().filter_map(column).collect()
}

fn build(schema: &TableSchema) -> EntityStatements {
    let table = schema.table.name();
    let (written, key) =
        (written_columns(schema), schema.key.iter().copied().map(quoted).collect::<Vec<_>>());
    let columns: Vec<String> = schema.columns.iter().map(|column| quoted(&column.name)).collect();
    let of_row = columns.iter().map(|column| format!("t.{column}")).collect::<Vec<_>>().join(", ");
    let of_key: Vec<String> = key.iter().map(|column| format!("t.{column} = k.{column}")).collect();
    let (columns, keys) = (columns.join(", "), key.join(", "));
    let has_key = equals(&key);
    let updated = written.iter().map(|column| quoted(&column.name)).filter(|column| !key.contains(column));
    let updated: Vec<String> = updated.map(|column| format!("{column} = excluded.{column}")).collect();
    let on_conflict =
        if updated.is_empty() { "nothing".to_owned() } else { format!("update set {}", updated.join(", ")) };
    let get_batch = format!(
        "select k.number, {of_row} from unnest({}) with ordinality k ({keys}, number) join {table} t on {}",
        lists(&key_columns(schema)).unwrap_or_default(),
        of_key.join(" and ")
    );
    EntityStatements {
        get: format!("select {columns} from {table} where {has_key}"),
        get_of_shard: format!("{get_batch} where t.{} = any($1)", key[0]),
        get_batch,
        upsert: insert(table, &written, &format!(" on conflict ({keys}) do {on_conflict}")),
        delete: delete(table, &key_columns(schema)),
        all: format!("select {columns} from {table} order by {keys}"),
        of_member: format!("select {columns} from {table} where mid = $1 order by {keys} limit $2"),
        reviewable: format!(
            "select {columns} from {table} where review_since >= $1 order by review_since, {keys} limit $2"
        ),
        delete_batch: format!(
            "delete from {table} where mid = $1 and ({keys}) in \
             (select {keys} from {table} where mid = $1 limit $2) returning 1"
        ),
    }
}

/// Returns the due rows of the tables in `$3`, the longest due first. A row's key is a mid, a mid and a
/// number, or a hash.
pub(crate) static DUE_ROWS: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    for schema in Table::ALL.iter().map(|table| table.schema()).filter(|schema| schema.is_scheduled) {
        let (table, key) = (schema.table.name(), quoted(schema.key[0]));
        let (mid, hash) =
            if schema.is_member_keyed() { (key.as_str(), "null") } else { ("null", key.as_str()) };
        let number = schema.key.get(1).map_or("null".to_owned(), |column| quoted(column));
        let union = if text.is_empty() { "" } else { " union all " };
        let _ = write!(
            text,
            "{union}(select run_at, {}::smallint, {mid}::bigint, {hash}::bytea, {number}::bigint from {table} \
             where run_at <= $1 and {}::bigint = any($3) order by run_at limit $2)",
            schema.table as u8, schema.table as u8
        );
    }
    text + " order by 1, 2, 3, 4, 5 limit $2"
});
