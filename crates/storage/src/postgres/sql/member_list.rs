//! The operators' list of members. It is no request of a member, so it reads all shards.

use super::builder::select_list;
use crate::model::Card;
use guanxi_domain::member_filter::MemberFlag;
use guanxi_types::Order;
use std::sync::LazyLock;

/// The members to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// All members.
    All,
    /// The members with a flag, by its partial index.
    Flag(MemberFlag),
    /// The members in a parameter.
    Named,
}

/// The sources, in the order of the statements.
pub(crate) const SOURCES: [Source; 5] = [
    Source::All,
    Source::Flag(MemberFlag::Silenced),
    Source::Flag(MemberFlag::UnverifiedTel),
    Source::Flag(MemberFlag::UnverifiedMail),
    Source::Named,
];

/// Returns the table of a flag, and the condition of its partial index.
fn flag_condition(flag: MemberFlag) -> (&'static str, &'static str) {
    match flag {
        MemberFlag::Silenced => ("profile", "p.silence"),
        MemberFlag::UnverifiedTel => ("account", "(a.tel is not null and not a.tel_verified)"),
        MemberFlag::UnverifiedMail => ("account", "(a.mail is not null and not a.mail_verified)"),
    }
}

/// Returns the statement that counts up to `$2` members of a source behind `$1`, and returns the last of them.
pub(crate) fn last_compared(source: Source, order: Order) -> &'static str {
    static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| build(last_compared_text));
    &TEXTS[number(source, order)]
}

/// Returns the statement of a page. `$1` is the member before it, `$2` the last member to compare, or the named
/// members.
pub(crate) fn page(source: Source, order: Order) -> &'static str {
    static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| build(page_text));
    &TEXTS[number(source, order)]
}

fn build(text: fn(Source, Order) -> String) -> Vec<String> {
    SOURCES
        .into_iter()
        .flat_map(|source| [Order::Asc, Order::Desc].map(|order| text(source, order)))
        .collect()
}

fn number(source: Source, order: Order) -> usize {
    let source = SOURCES.iter().position(|other| *other == source).unwrap_or(0);
    source * 2 + usize::from(order == Order::Desc)
}

fn last_compared_text(source: Source, order: Order) -> String {
    let (behind, direction, last) = match order {
        Order::Asc => (">", "asc", "max"),
        Order::Desc => ("<", "desc", "min"),
    };
    let (table, condition) = match source {
        Source::Flag(flag) => flag_condition(flag),
        Source::All | Source::Named => ("counters", "true"),
    };
    let alias = &table[..1];
    format!(
        "select count(*), {last}(mid) from (select {alias}.mid from {table} {alias} \
         where {condition} and {alias}.mid {behind} $1 order by {alias}.mid {direction} limit $2) compared"
    )
}

fn page_text(source: Source, order: Order) -> String {
    let (behind, until, direction) = match order {
        Order::Asc => (">", "<=", "asc"),
        Order::Desc => ("<", ">=", "desc"),
    };
    // The planner derives no range of one table from that of another.
    let range = |alias: &str| match source {
        Source::Named => format!("{alias}.mid = any($2)"),
        _ => format!("{alias}.mid {behind} $1 and {alias}.mid {until} $2"),
    };
    let join = |table: &str| {
        let alias = &table[..1];
        format!("left join {table} {alias} on {alias}.mid = s.mid and {}", range(alias))
    };
    let flags = MemberFlag::ALL.map(|flag| flag_condition(flag).1);
    let of_source = if let Source::Flag(flag) = source { flag_condition(flag).1 } else { "true" };
    format!(
        "select {}, coalesce(p.jointime, 0), coalesce(g.exp, 0), g.active, coalesce({}, false), \
         coalesce({}, false), coalesce({}, false) \
         from counters s join card c on c.mid = s.mid {} {} {} \
         where s.mid {behind} $1 and {} and {of_source} \
         and coalesce(p.jointime, 0) between $3 and $4 and coalesce(g.exp, 0) between $5 and $6 \
         and coalesce(g.active, '-infinity') between coalesce($7::date, '-infinity') and coalesce($8::date, 'infinity') \
         and (not $9 or {}) and (not $10 or {}) and (not $11 or {}) order by s.mid {direction} limit $12",
        select_list::<Card>("c"),
        flags[0],
        flags[1],
        flags[2],
        join("profile"),
        join("account"),
        join("growth"),
        range("s"),
        flags[0],
        flags[1],
        flags[2],
    )
}
