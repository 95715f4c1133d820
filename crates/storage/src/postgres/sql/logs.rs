//! The append-only tables `coin`, `login` and `audit`.

use super::builder::{column_names, equals, insert, select_list, statements, writes};
use crate::model::{AuditRow, CoinRow, LoginRow, SqlRow, columns};

statements! {
    /// Counts the entries that equal a row.
    COUNT_EQUAL_COINS = count_equal::<CoinRow>("coin");
    /// Returns the newest coin entries of a member since a time, newest first.
    COINS = format!(
        "select {} from coin c where c.mid = $1 and c.time >= $2 order by c.time desc, c.id desc limit $3",
        select_list::<CoinRow>("c")
    );
    ALL_COINS = format!("select {} from coin order by mid, time, id", column_names::<CoinRow>().join(", "));

    /// Counts the entries that equal a row.
    COUNT_EQUAL_LOGINS = count_equal::<LoginRow>("login");
    /// Returns the newest login entries of a member since a time, newest first.
    LOGINS = format!(
        "select {} from login l where l.mid = $1 and l.time >= $2 order by l.time desc, l.id desc limit $3",
        select_list::<LoginRow>("l")
    );
    FIRST_LOGIN = format!(
        "select {} from login l where l.mid = $1 order by l.time, l.id limit 1",
        select_list::<LoginRow>("l")
    );
    ALL_LOGINS = format!("select {} from login order by mid, time, id", column_names::<LoginRow>().join(", "));

    /// Returns the newest entries of the audit log before a number, newest first.
    AUDIT_LOG = format!(
        "select {} from audit a where a.seq < $1 order by a.seq desc limit $2",
        select_list::<AuditRow>("a")
    );
}

writes! {
    INSERT_COIN = insert("coin", &columns::<CoinRow>(), "");
    INSERT_LOGIN = insert("login", &columns::<LoginRow>(), "");
}

pub(crate) const DELETE_COIN_BATCH: &str = "delete from coin where mid = $1 and (time, id) in \
     (select time, id from coin where mid = $1 limit $2) returning 1";
pub(crate) const DELETE_LOGIN_BATCH: &str = "delete from login where mid = $1 and (time, id) in \
     (select time, id from login where mid = $1 limit $2) returning 1";

fn count_equal<R: SqlRow>(table: &str) -> String {
    format!("select count(*) from {table} where {}", equals(&column_names::<R>()))
}
