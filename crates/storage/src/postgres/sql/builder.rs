//! Parts of statements that follow from the columns of a row type.

use crate::model::{SqlRow, columns};

/// Defines statements that are built when they are first used.
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$meta])* pub(crate) static $name: std::sync::LazyLock<String> =
            std::sync::LazyLock::new(|| $text);)+
    };
}
pub(super) use statements;

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

/// Returns `$1, $2, …`.
pub(super) fn placeholders(count: usize) -> String {
    (1..=count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// Returns the condition that each column equals its parameter, counted from `$1`.
pub(super) fn equals(columns: &[String]) -> String {
    let terms = columns.iter().zip(1..).map(|(column, number)| format!("{column} = ${number}"));
    terms.collect::<Vec<_>>().join(" and ")
}

/// Returns the insert of one row.
pub(super) fn insert<R: SqlRow>(table: &str) -> String {
    let names = column_names::<R>();
    format!("insert into {table} ({}) values ({})", names.join(", "), placeholders(names.len()))
}
