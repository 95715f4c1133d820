//! Parts of statements that follow from the columns of a row type.

use crate::model::{Column, SqlRow, SqlType, columns};

/// Defines statements that are built when they are first used.
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$meta])* pub(crate) static $name: std::sync::LazyLock<String> =
            std::sync::LazyLock::new(|| $text);)+
    };
}
pub(super) use statements;

/// Defines writes whose statements are built when they are first used.
macro_rules! writes {
    ($($(#[$meta:meta])* $name:ident = $write:expr;)+) => {
        $($(#[$meta])* pub(crate) static $name: std::sync::LazyLock<$crate::postgres::sql::WriteStatements> =
            std::sync::LazyLock::new(|| $write);)+
    };
}
pub(super) use writes;

/// Quotes a column: some have the name of an SQL keyword.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// Returns the quoted columns of a row type.
pub(super) fn column_names<R: SqlRow>() -> Vec<String> {
    columns::<R>().iter().map(|column| quoted(&column.name)).collect()
}

/// Returns the columns of a row type as a select list, qualified with the alias of their table.
pub(super) fn select_list<R: SqlRow>(alias: &str) -> String {
    let names = column_names::<R>().into_iter().map(|name| format!("{alias}.{name}"));
    names.collect::<Vec<_>>().join(", ")
}

/// Returns `$first, …` for a count of parameters.
pub(super) fn placeholders(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// Returns the condition that each column equals its parameter, counted from `$1`.
pub(super) fn equals(columns: &[String]) -> String {
    let terms = columns.iter().zip(1..).map(|(column, number)| format!("{column} = ${number}"));
    terms.collect::<Vec<_>>().join(" and ")
}

/// The statements of one kind of write to a table.
#[derive(Debug)]
pub(crate) struct WriteStatements {
    pub(crate) table: &'static str,
    /// The columns of a row.
    pub(crate) columns: String,
    /// Writes one row. Its parameters are the values of the columns.
    pub(crate) one: String,
    /// Writes many rows. Its parameters are lists, one a column. `None` if a column is a list itself.
    pub(crate) many: Option<String>,
    /// Writes many rows of one shard, with the parameters of `many`. `None` if Citus does not route it to one node.
    pub(crate) of_shard: Option<String>,
    /// The statements that write 2, 4, 8, … rows of one shard. Their parameters are the values of one row behind
    /// another. Empty if there are none.
    pub(crate) by_size: Vec<String>,
}

/// The number of statements in [`WriteStatements::by_size`]. The last one writes 32 rows.
const SIZES: u32 = 5;

/// Returns the inserts of rows. `on_conflict` is the clause behind them.
pub(super) fn insert(table: &'static str, columns: &[Column], on_conflict: &str) -> WriteStatements {
    let names = quoted_names(columns);
    let into = format!("insert into {table} ({names})");
    let values = |rows: usize| {
        let row = |row| format!("({})", placeholders(row * columns.len() + 1, columns.len()));
        let rows: Vec<String> = (0..rows).map(row).collect();
        format!("{into} values {}{on_conflict}", rows.join(", "))
    };
    WriteStatements {
        table,
        one: values(1),
        many: lists(columns).map(|lists| format!("{into} select * from unnest({lists}){on_conflict}")),
        columns: names,
        of_shard: None,
        by_size: (1..=SIZES).map(|exponent| values(1 << exponent)).collect(),
    }
}

/// Returns the deletions of the rows whose key columns have given values.
pub(super) fn delete(table: &'static str, key: &[Column]) -> WriteStatements {
    let names: Vec<String> = key.iter().map(|column| quoted(&column.name)).collect();
    let equal: Vec<String> = names.iter().map(|name| format!("t.{name} = u.{name}")).collect();
    let (columns, equal) = (names.join(", "), equal.join(" and "));
    let from = format!("delete from {table}");
    WriteStatements {
        table,
        one: format!("{from} where {}", equals(&names)),
        many: lists(key).map(|lists| format!("{from} t using unnest({lists}) u ({columns}) where {equal}")),
        columns,
        of_shard: None,
        by_size: Vec::new(),
    }
}

/// Returns columns of numbers.
pub(super) fn numbers(names: &[&str]) -> Vec<Column> {
    let number = |name: &&str| Column { name: (*name).to_owned(), sql_type: SqlType::Int, nullable: false };
    names.iter().map(number).collect()
}

fn quoted_names(columns: &[Column]) -> String {
    columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
}

/// Returns a list parameter for each column, counted from `$1`. `None` if a column is a list itself: `unnest` would
/// join its lists.
pub(super) fn lists(columns: &[Column]) -> Option<String> {
    let list = |(column, number): (&Column, usize)| {
        let name = match column.sql_type {
            SqlType::Bool => "boolean",
            SqlType::Int => "bigint",
            SqlType::Text => "text",
            SqlType::Bytes => "bytea",
            SqlType::Address => "inet",
            SqlType::Day => "date",
            SqlType::Texts | SqlType::Ints => return None,
        };
        Some(format!("${number}::{name}[]"))
    };
    Some(columns.iter().zip(1..).map(list).collect::<Option<Vec<_>>>()?.join(", "))
}
