//! What is asked of the database. Each statement of a member's names the member, so that with Citus it goes to one node.

use crate::row::{Columns, Shape, Table, columns};
use crate::stat::Counters;
use crate::store::List;
use guanxi_types::Order;
use guanxi_types::Tagid;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// The statements of a table of records.
#[derive(Debug)]
pub(super) struct OfTable {
    /// The row of a key.
    pub(super) get: String,
    /// The rows of many, where the key is one column.
    pub(super) get_many: String,
    /// Keeps a row, in place of one of its key.
    pub(super) put: String,
    /// The columns that are written.
    pub(super) written: String,
    /// Forgets the row of a key.
    pub(super) delete: String,
    /// All rows, by their keys.
    pub(super) all: String,
    /// Those that wait for a moderator, the longest first.
    pub(super) waiting: String,
    /// Takes away some rows of a member's.
    pub(super) erase: String,
}

/// The statements of a table.
pub(super) fn of(table: Table) -> &'static OfTable {
    static ALL: LazyLock<Vec<OfTable>> =
        LazyLock::new(|| Table::ALL.iter().map(|table| of_shape(table.shape())).collect());
    &ALL[table as usize]
}

/// What a table is called: `group` is a word of SQL's own.
pub(super) const fn name(table: Table) -> &'static str {
    match table {
        Table::Group => "own_group",
        table => table.name(),
    }
}

/// What a row has beside itself, if the clock or a moderator may have something to do with it.
pub(super) const AWAITED: [&str; 2] = ["attend_at", "waits_since"];

/// The columns of a table as they are written.
pub(super) fn written(shape: &Shape) -> Vec<String> {
    let awaited = if shape.awaited { &AWAITED[..] } else { &[] };
    let names = shape.columns.iter().map(|column| column.name.as_str());
    names.chain(awaited.iter().copied()).map(quoted).collect()
}

fn of_shape(shape: &Shape) -> OfTable {
    let table = name(shape.table);
    let (written, key) = (written(shape), shape.key.iter().copied().map(quoted).collect::<Vec<_>>());
    let columns: Vec<String> = shape.columns.iter().map(|column| quoted(&column.name)).collect();
    let (columns, keys) = (columns.join(", "), key.join(", "));
    let found = matched(&key);
    let next = written.iter().filter(|column| !key.contains(column));
    let next: Vec<String> = next.map(|column| format!("{column} = excluded.{column}")).collect();
    let next = if next.is_empty() { "nothing".to_owned() } else { format!("update set {}", next.join(", ")) };
    OfTable {
        get: format!("select {columns} from {table} where {found}"),
        get_many: format!("select {columns} from {table} where {} = any($1)", key[0]),
        put: format!(
            "insert into {table} ({}) values ({}) on conflict ({keys}) do {next}",
            written.join(", "),
            placeholders(written.len())
        ),
        written: written.join(", "),
        delete: format!("delete from {table} where {found}"),
        all: format!("select {columns} from {table} order by {keys}"),
        waiting: format!(
            "select {columns} from {table} where waits_since >= $1 order by waits_since, {keys} limit $2"
        ),
        erase: format!(
            "delete from {table} where mid = $1 and ({keys}) in (select {keys} from {table} where mid = $1 limit $2) returning 1"
        ),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn matched(columns: &[String]) -> String {
    let equal = columns.iter().zip(1..).map(|(column, number)| format!("{column} = ${number}"));
    equal.collect::<Vec<_>>().join(" and ")
}

fn placeholders(count: usize) -> String {
    (1..=count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// The columns of rows in a query that calls their table `alias`.
pub(super) fn select<R: Columns>(alias: &str) -> String {
    let names = columns::<R>().into_iter().map(|column| format!("{alias}.{}", quoted(&column.name)));
    names.collect::<Vec<_>>().join(", ")
}

macro_rules! texts {
    ($($(#[$meta:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$meta])* pub(super) static $name: LazyLock<String> = LazyLock::new(|| $text);)+
    };
}

/// The columns of a tie: `$from` and `$to` are whose it is and to whom.
fn tie_columns(alias: &str, from: &str, to: &str) -> String {
    let grouped = |what: &str, first: &str| {
        format!(
            "case when {alias}.turn is null then coalesce((select array_agg(g.{what} order by g.turn) from grouped g \
             where g.mid = {from} and g.fid = {to}), '{{}}') else array[{first}]::bigint[] end"
        )
    };
    format!(
        "{alias}.attribute, {alias}.mtime, {alias}.seq, {alias}.source, case when {alias}.mid is not null then {} end, \
         case when {alias}.mid is not null then {} end",
        grouped("tagid", &Tagid::DEFAULT.0.to_string()),
        grouped("turn", &format!("{alias}.turn")),
    )
}

texts! {
    /// A member's counters, and their lock.
    LOCK = format!("select s.mid, {} from stat s where s.mid = $1 for update", select::<Counters>("s"));
    /// The same of many, in their order.
    LOCK_MANY = format!(
        "select s.mid, {} from stat s where s.mid = any($1) order by s.mid for update",
        select::<Counters>("s")
    );
    STAT = format!("select {} from stat s where s.mid = $1", select::<Counters>("s"));
    STAT_COLUMNS = format!("mid, {}", names::<Counters>().join(", "));
    PUT_STAT = {
        let next = names::<Counters>().into_iter().zip(2..).map(|(column, number)| format!("{column} = ${number}"));
        format!("update stat set {} where mid = $1", next.collect::<Vec<_>>().join(", "))
    };
    /// The same where Citus has distributed them: it locks many rows only by writing them.
    TOUCH_MANY = format!(
        "update stat s set turn = s.turn from unnest($1::bigint[]) u (mid) where s.mid = u.mid returning s.mid, {}",
        select::<Counters>("s")
    );
    /// The counters of many: a list of them for each column.
    PUT_STATS = {
        let names = names::<Counters>();
        let next: Vec<String> = names.iter().map(|column| format!("{column} = u.{column}")).collect();
        let lists = (1..=names.len() + 1).map(|number| format!("${number}::bigint[]"));
        format!(
            "update stat set {} from unnest({}) u (mid, {}) where stat.mid = u.mid",
            next.join(", "), lists.collect::<Vec<_>>().join(", "), names.join(", ")
        )
    };
    /// Counters of somebody new. If they are not, it is a conflict.
    NEW_STAT = {
        let names = names::<Counters>();
        format!("insert into stat (mid, {}) values ({})", names.join(", "), placeholders(names.len() + 1))
    };
    COIN_COLUMNS = names::<crate::row::CoinRow>().join(", ");
    LOGIN_COLUMNS = names::<crate::row::LoginRow>().join(", ");
    /// A tie.
    TIE = format!("select {} from tie t where t.mid = $1 and t.fid = $2", tie_columns("t", "$1", "$2"));
    /// A tie, and whose it is.
    TIE_ENDS = format!(
        "select t.mid, t.fid, {} from tie t where t.mid = $1 and t.fid = $2",
        tie_columns("t", "$1", "$2")
    );
    /// Many of them.
    TIE_MANY = format!(
        "select t.mid, t.fid, {} from unnest($1::bigint[], $2::bigint[]) k (mid, fid) \
         join tie t on t.mid = k.mid and t.fid = k.fid",
        tie_columns("t", "t.mid", "t.fid")
    );
    /// Whether there is a member, and their tie to another.
    TIE_OF_SOMEBODY = format!(
        "select {} from stat s left join tie t on t.mid = $1 and t.fid = $2 where s.mid = $1",
        tie_columns("t", "$1", "$2")
    );
    /// All that a space shows but the viewer's tie.
    SPACE = {
        use crate::row::{Card, Growth, Profile, Upstat};
        format!(
            "select {}, {}, {}, {}, {} from stat s left join card c on c.mid = $1 left join profile p on p.mid = $1 \
             left join growth g on g.mid = $1 left join upstat u on u.mid = $1 where s.mid = $1",
            select::<Counters>("s"), select::<Card>("c"), select::<Profile>("p"), select::<Growth>("g"),
            select::<Upstat>("u")
        )
    };
    ALL_TIES = "select t.mid, t.fid, t.attribute, t.mtime, t.seq, t.source, \
         case when t.turn is null then coalesce(g.tagids, '{}') else array[0]::bigint[] end, \
         case when t.turn is null then coalesce(g.turns, '{}') else array[t.turn]::bigint[] end \
         from tie t left join (select mid, fid, array_agg(tagid order by turn) as tagids, \
         array_agg(turn order by turn) as turns from grouped group by mid, fid) g \
         on g.mid = t.mid and g.fid = t.fid order by t.mid, t.fid".to_owned();
    ALL_STATS = format!("select s.mid, {} from stat s order by s.mid", select::<Counters>("s"));
    ALL_COINS = format!("select {} from coin order by mid, time, id", names::<crate::row::CoinRow>().join(", "));
    ALL_LOGINS = format!("select {} from login order by mid, time, id", names::<crate::row::LoginRow>().join(", "));
    /// How many entries of a log equal one.
    COIN_ENTRIES = entries::<crate::row::CoinRow>("coin");
    LOGIN_ENTRIES = entries::<crate::row::LoginRow>("login");
    COINS = format!(
        "select {} from coin c where c.mid = $1 and c.time >= $2 order by c.time desc, c.id desc limit $3",
        select::<crate::row::CoinRow>("c")
    );
    LOGINS = format!(
        "select {} from login l where l.mid = $1 and l.time >= $2 order by l.time desc, l.id desc limit $3",
        select::<crate::row::LoginRow>("l")
    );
    FIRST_LOGIN = format!(
        "select {} from login l where l.mid = $1 order by l.time, l.id limit 1",
        select::<crate::row::LoginRow>("l")
    );
    PAY = insert::<crate::row::CoinRow>("coin");
    PUT_LOGIN = insert::<crate::row::LoginRow>("login");
    AUDIT = format!(
        "select {} from audit a where a.seq < $1 order by a.seq desc limit $2",
        select::<crate::row::AuditRow>("a")
    );
    GROUPS = format!(
        "select s.special, s.\"default\", \
         (select count(*) from grouped g where g.mid = $1 and g.tagid = o.tagid), {} \
         from stat s left join own_group o on o.mid = $1 where s.mid = $1 order by o.tagid",
        select::<crate::row::Group>("o")
    );
    OWN_GROUPS = format!(
        "select {} from own_group o where o.mid = $1 order by o.tagid",
        select::<crate::row::Group>("o")
    );
}

fn insert<R: Columns>(table: &str) -> String {
    let names = names::<R>();
    format!("insert into {table} ({}) values ({})", names.join(", "), placeholders(names.len()))
}

fn entries<R: Columns>(table: &str) -> String {
    format!("select count(*) from {table} where {}", matched(&names::<R>()))
}

fn names<R: Columns>() -> Vec<String> {
    columns::<R>().iter().map(|column| quoted(&column.name)).collect()
}

pub(super) const DELETE_STAT: &str = "delete from stat where mid = $1";
pub(super) const PUT_TIE: &str = "insert into tie (mid, fid, attribute, mtime, seq, source, turn) \
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (mid, fid) do update set attribute = excluded.attribute, \
     mtime = excluded.mtime, seq = excluded.seq, source = excluded.source, turn = excluded.turn";
pub(super) const TIE_COLUMNS: &str = "mid, fid, attribute, mtime, seq, source, turn";
pub(super) const FAN_COLUMNS: &str = "mid, fid, attribute, mtime, seq";
pub(super) const GROUPED_COLUMNS: &str = "mid, tagid, turn, fid";
pub(super) const UNGROUPED: &str =
    "select fid from tie where mid = $1 and turn is not null order by turn, fid";
pub(super) const ERASE_COINS: &str = "delete from coin where mid = $1 and (time, id) in \
     (select time, id from coin where mid = $1 limit $2) returning 1";
pub(super) const ERASE_LOGINS: &str = "delete from login where mid = $1 and (time, id) in \
     (select time, id from login where mid = $1 limit $2) returning 1";
pub(super) const DELETE_TIE: &str = "delete from tie where mid = $1 and fid = $2";
pub(super) const PUT_FAN: &str = "insert into fan (mid, fid, attribute, mtime, seq) values ($1, $2, $3, $4, $5) \
     on conflict (mid, fid) do update set attribute = excluded.attribute, mtime = excluded.mtime, seq = excluded.seq";
/// The last place among the ties of a member's lists that began in a second.
pub(super) const LAST_SEQ: &str = "select greatest( \
     (select max(seq) from tie where mid = $1 and attribute = 2 and mtime = $2), \
     (select max(seq) from tie where mid = $1 and attribute in (1, 128) and mtime = $2), \
     (select max(seq) from fan where mid = $1 and attribute = 2 and mtime = $2)) from stat where mid = $1";
pub(super) const DELETE_FAN: &str = "delete from fan where mid = $1 and fid = $2";
pub(super) const JOIN_GROUP: &str = "insert into grouped (mid, tagid, turn, fid) values ($1, $2, $3, $4)";
pub(super) const LEAVE_GROUP: &str =
    "delete from grouped where mid = $1 and tagid = $2 and turn = $3 and fid = $4";
pub(super) const GROUPED: &str = "select fid from grouped where mid = $1 and tagid = $2 order by turn, fid";
pub(super) const PUT_MEMBER_SESSION: &str =
    "insert into member_session (mid, hash) values ($1, $2) on conflict (mid, hash) do nothing";
pub(super) const DROP_MEMBER_SESSION: &str = "delete from member_session where mid = $1 and hash = $2";
pub(super) const MEMBER_SESSIONS: &str = "select hash from member_session where mid = $1 order by hash";
pub(super) const GROUPS_OF: &str = "select x.tagid, o.name from ( \
     select t.turn, 0::bigint as tagid from tie t where t.mid = $1 and t.fid = $2 and t.turn is not null \
     union all select g.turn, g.tagid from grouped g where g.mid = $1 and g.fid = $2) x \
     left join own_group o on o.mid = $1 and o.tagid = x.tagid order by x.turn";
pub(super) const ATTRIBUTES: &str = "select t.fid, t.attribute, b.attribute from tie t \
     left join fan b on b.mid = $1 and b.fid = t.fid where t.mid = $1 and t.fid = any($2)";
/// Begins a transaction that may take its time.
pub(super) const BEGIN_ALONE: &str = "begin; set local statement_timeout = 0";
/// The same where Citus has distributed the tables: one node after another, as it may write what all of them have.
pub(super) const BEGIN_ALONE_DISTRIBUTED: &str = "begin; set local statement_timeout = 0; \
     set local citus.multi_shard_modify_mode to 'sequential'";
/// Holds off others from what a number stands for, until the transaction ends.
pub(super) const HOLD: &str = "select true from pg_advisory_xact_lock($1)";
pub(super) const NEXT: &str = "select value from next where name = $1 for update";
pub(super) const NEXT_OF: &str = "select value from next where name = $1";
/// What reads everything may take its time.
pub(super) const UNHURRIED: &str =
    "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0";
/// Says that somebody works with this schema, for as long as the connection lasts.
pub(super) const PRESENT: &str = "select pg_advisory_lock_shared(1735745902, hashtext(current_schema()))";
/// How many connections say so.
pub(super) const ALL_PRESENT: &str = "select count(*) from pg_locks where locktype = 'advisory' and objsubid = 2 \
     and classid = 1735745902 and objid = hashtext(current_schema())::oid \
     and database = (select oid from pg_database where datname = current_database())";
pub(super) const SOMEBODY: &str = "select mid from stat limit 1";
pub(super) const LOADING: &str = "select rows, digest from loading";
pub(super) const RAISE: &str = "update next set value = greatest(value, $2) where name = $1";
/// A row that is written only to be written.
pub(super) const TOUCH: &str = "insert into next (name, value) values ('touched', 0) \
     on conflict (name) do update set value = next.value";
pub(super) const MEMBERS_AFTER: &str = "select mid from stat where mid > $1 order by mid limit $2";
pub(super) const SOME_TIES: &str = "select mid, fid from tie where mid = $1 limit $2";
pub(super) const SOME_FANS: &str = "select fid, mid from fan where mid = $1 limit $2";
pub(super) const SET_LOADING: &str = "insert into loading (id, rows, digest) values (0, $1, $2) \
     on conflict (id) do update set rows = excluded.rows, digest = excluded.digest";
pub(super) const LOADED: &str = "delete from loading";

/// What is due in some tables, the longest first.
pub(super) static DUE: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    for shape in Table::ALL.iter().map(|table| table.shape()).filter(|shape| shape.awaited) {
        let (table, key) = (name(shape.table), quoted(shape.key[0]));
        let (number, hashed) =
            if shape.is_of_members() { (key.as_str(), "null") } else { ("null", key.as_str()) };
        let or = if text.is_empty() { "" } else { " union all " };
        let _ = write!(
            text,
            "{or}(select attend_at, {}::smallint, {number}::bigint, {hashed}::bytea from {table} \
             where attend_at <= $1 and {}::bigint = any($3) order by attend_at limit $2)",
            shape.table as u8, shape.table as u8
        );
    }
    text + " order by 1, 2, 3, 4 limit $2"
});

/// A stretch of a list: its total and its version, then for each entry who, by what it is ordered, the card, and if the
/// owner looks, their tie and what comes back.
pub(super) fn page(list: List, order: Order, own: bool) -> &'static str {
    // A group of one's own is told by its number, so one text serves all of them.
    const LISTS: [List; 7] = [
        List::Fans,
        List::Followings,
        List::Whispers,
        List::Blacks,
        List::Group(Tagid::DEFAULT),
        List::Group(Tagid::SPECIAL),
        List::Group(Tagid(1)),
    ];
    static PAGES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let ways =
            |list| [Order::Desc, Order::Asc].map(|order| [true, false].map(|own| page_of(list, order, own)));
        LISTS.into_iter().flat_map(ways).flatten().collect()
    });
    let kind = LISTS.iter().position(|known| *known == list).unwrap_or(LISTS.len() - 1);
    &PAGES[4 * kind + 2 * usize::from(order == Order::Asc) + usize::from(!own)]
}

fn page_of(list: List, order: Order, own: bool) -> String {
    let (total, version) = match list {
        List::Fans => ("s.follower", "s.fans_version"),
        List::Followings => ("s.following", "s.followings_version"),
        List::Whispers => ("s.whisper", "s.followings_version"),
        List::Blacks => ("s.black", "s.followings_version"),
        List::Group(Tagid::DEFAULT) => ("s.\"default\"", "s.followings_version"),
        List::Group(Tagid::SPECIAL) => ("s.special", "s.followings_version"),
        List::Group(_) => {
            ("(select count(*) from grouped g where g.mid = $1 and g.tagid = $4)", "s.followings_version")
        }
    };
    let (entries, by, seq) = match list {
        List::Fans => ("fan l where l.mid = $1 and l.attribute = 2", "l.mtime", "l.seq"),
        List::Followings => ("tie l where l.mid = $1 and l.attribute = 2", "l.mtime", "l.seq"),
        List::Whispers => ("tie l where l.mid = $1 and l.attribute = 1", "l.mtime", "l.seq"),
        List::Blacks => ("tie l where l.mid = $1 and l.attribute = 128", "l.mtime", "l.seq"),
        List::Group(Tagid::DEFAULT) => ("tie l where l.mid = $1 and l.turn is not null", "l.turn", "0"),
        List::Group(_) => ("grouped l where l.mid = $1 and l.tagid = $4", "l.turn", "0"),
    };
    let way = if order == Order::Desc { "desc" } else { "asc" };
    let mut told = format!(
        "{total}, {version}, s.hidden_version, e.fid, e.at, e.seq, {}",
        select::<crate::row::Card>("c")
    );
    let then = if seq == "0" { String::new() } else { format!("{seq} {way}, ") };
    let mut from = format!(
        "stat s left join lateral (select l.fid, {by} as at, {seq} as seq from {entries} order by {by} {way}, {then}l.fid {way} \
         offset $2 limit $3) e on true left join card c on c.mid = e.fid"
    );
    if own {
        let _ = write!(told, ", b.attribute, {}", tie_columns("t", "$1", "e.fid"));
        from += " left join tie t on t.mid = $1 and t.fid = e.fid left join fan b on b.mid = $1 and b.fid = e.fid";
    }
    if matches!(list, List::Group(tagid) if !tagid.is_built_in()) {
        from += " join own_group o on o.mid = $1 and o.tagid = $4";
    }
    format!("select {told} from {from} where s.mid = $1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_has_its_own_text() {
        let groups = [Tagid::DEFAULT, Tagid::SPECIAL, Tagid(1), Tagid(77)].map(List::Group);
        let lists = [List::Fans, List::Followings, List::Whispers, List::Blacks];
        for list in lists.into_iter().chain(groups) {
            for (order, own) in
                [Order::Desc, Order::Asc].into_iter().flat_map(|order| [(order, true), (order, false)])
            {
                assert_eq!(page(list, order, own), page_of(list, order, own), "{list:?} {order:?} {own}");
            }
        }
    }
}
