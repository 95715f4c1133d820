//! Every statement, against the schema that the migrations make; and those of members' requests, each of which goes to one
//! node.

use super::{address, schema, sql};
use crate::row::{CoinRow, Column, Kind, LoginRow, Table, columns};
use crate::stat::Counters;
use crate::store::List;
use guanxi_test_postgres::Schema;
use guanxi_types::Order;
use guanxi_types::Tagid;
use std::collections::BTreeSet;
use tokio_postgres::Client;

/// A statement, by its name.
type Named = (String, String);

macro_rules! named {
    ($($name:ident),+ $(,)?) => { vec![$((stringify!($name).to_owned(), sql::$name.to_string())),+] };
}

/// Those of members' requests, and of the writes and the clock's steps that they bring about.
fn of_requests() -> Vec<Named> {
    let mut all = named![
        LOCK,
        STAT,
        PUT_STAT,
        NEW_STAT,
        DELETE_STAT,
        TIE,
        TIE_ENDS,
        TIE_OF_SOMEBODY,
        LAST_SEQ,
        PUT_TIE,
        DELETE_TIE,
        PUT_FAN,
        DELETE_FAN,
        SPACE,
        ATTRIBUTES,
        GROUPS,
        OWN_GROUPS,
        GROUPS_OF,
        GROUPED,
        UNGROUPED,
        JOIN_GROUP,
        LEAVE_GROUP,
        COINS,
        COIN_ENTRIES,
        PAY,
        LOGINS,
        FIRST_LOGIN,
        LOGIN_ENTRIES,
        PUT_LOGIN,
        MEMBER_SESSIONS,
        PUT_MEMBER_SESSION,
        DROP_MEMBER_SESSION,
        SOME_TIES,
        SOME_FANS,
        ERASE_COINS,
        ERASE_LOGINS,
    ];
    for table in distributed() {
        let (of, name) = (sql::of(table), sql::name(table));
        all.push((format!("the row of a {name}"), of.get.clone()));
        // Every node has the cards, and is told of what they are.
        if table != Table::Card {
            all.push((format!("a {name} kept"), of.put.clone()));
            all.push((format!("a {name} forgotten"), of.delete.clone()));
        }
    }
    for table in Table::OF_MEMBERS.into_iter().filter(|table| *table != Table::Card) {
        all.push((format!("some of {}", sql::name(table)), sql::of(table).erase.clone()));
    }
    let groups = [Tagid::DEFAULT, Tagid::SPECIAL, Tagid(1)].map(List::Group);
    let lists = [List::Fans, List::Followings, List::Whispers, List::Blacks];
    for list in lists.into_iter().chain(groups) {
        for order in [Order::Desc, Order::Asc] {
            for own in [false, true] {
                all.push((format!("{list:?} {order:?} {own}"), sql::page(list, order, own).to_owned()));
            }
        }
    }
    all
}

/// Those of the whole service: its counters and locks, operators, the clock, what reads and writes everything.
fn of_the_whole() -> Vec<Named> {
    let mut all = named![
        HOLD,
        NEXT,
        NEXT_OF,
        RAISE,
        TOUCH,
        AUDIT,
        DUE,
        MEMBERS_AFTER,
        SOMEBODY,
        LOADING,
        SET_LOADING,
        LOADED,
        LOCK_MANY,
        TOUCH_MANY,
        PUT_STATS,
        TIE_MANY,
        ALL_TIES,
        ALL_STATS,
        ALL_COINS,
        ALL_LOGINS,
        PRESENT,
        ALL_PRESENT,
    ];
    for table in Table::ALL {
        let of = sql::of(*table);
        all.push((format!("all of {}", sql::name(*table)), of.all.clone()));
        if table.shape().key.len() == 1 {
            all.push((format!("many of {}", sql::name(*table)), of.get_many.clone()));
        }
        if !distributed().any(|distributed| distributed == *table) || *table == Table::Card {
            all.extend(
                [&of.get, &of.put, &of.delete].map(|text| (sql::name(*table).to_owned(), text.clone())),
            );
        }
        if table.shape().awaited {
            all.push((format!("those of {} that wait", sql::name(*table)), sql::of(*table).waiting.clone()));
        }
    }
    all
}

/// The tables of records that do not stay with the coordinator.
fn distributed() -> impl Iterator<Item = Table> {
    let names: BTreeSet<&str> = schema::distribution().into_iter().map(|(name, _)| name).collect();
    Table::ALL.iter().copied().filter(move |table| names.contains(sql::name(*table)))
}

/// A schema as the migrations make it, and a connection to it.
async fn migrated() -> Option<(Schema, Client)> {
    let schema = Schema::fresh().await?;
    schema::migrate(&address(&schema.url()).unwrap(), true).await.unwrap();
    let client = schema.client().await;
    Some((schema, client))
}

#[test]
fn each_is_of_requests_or_of_the_whole() {
    // What only names columns, or is said to every connection, is none of either; nor is what keeps the texts that functions give.
    let none = [
        "ALL",
        "LISTS",
        "PAGES",
        "AWAITED",
        "STAT_COLUMNS",
        "COIN_COLUMNS",
        "LOGIN_COLUMNS",
        "TIE_COLUMNS",
        "FAN_COLUMNS",
        "GROUPED_COLUMNS",
        "UNHURRIED",
        "BEGIN_ALONE",
        "BEGIN_ALONE_DISTRIBUTED",
    ];
    let listed: BTreeSet<String> =
        of_requests().into_iter().chain(of_the_whole()).map(|(name, _)| name).collect();
    let is_name = |word: &&str| {
        word.len() > 2 && word.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
    };
    let named = include_str!("sql.rs").lines().filter_map(|line| {
        let line = line
            .trim_start()
            .trim_start_matches("pub(super) ")
            .trim_start_matches("const ")
            .trim_start_matches("static ");
        line.split([' ', ':']).next().filter(is_name)
    });
    let named: Vec<&str> = named.collect();
    assert!(named.contains(&"LOCK") && named.contains(&"NEXT") && named.contains(&"DUE"), "{named:?}");
    for name in named {
        assert!(listed.contains(name) != none.contains(&name), "{name}");
    }
}

#[test]
fn those_of_requests_name_what_they_are_distributed_by() {
    for (name, text) in of_requests() {
        let names_it = match text.strip_prefix("insert into ") {
            Some(insert) => {
                let columns = insert.split_once('(').unwrap().1;
                columns.trim_start_matches('"').starts_with("mid") || columns.starts_with("\"hash\"")
            }
            None => {
                text.contains("mid = $1") || text.contains("\"mid\" = $1") || text.contains("\"hash\" = $1")
            }
        };
        assert!(names_it, "{name}: {text}");
    }
}

#[tokio::test]
async fn each_prepares() {
    let Some((_schema, client)) = migrated().await else { return };
    for (name, text) in of_requests().into_iter().chain(of_the_whole()) {
        if let Err(error) = client.prepare(&text).await {
            panic!("{name}: {text}: {error:?}");
        }
    }
}

/// A statement with values in it.
async fn with_values(client: &Client, text: &str) -> String {
    let statement = client.prepare(text).await.unwrap();
    let mut text = text.to_owned();
    for (kind, number) in statement.params().iter().zip(1..).collect::<Vec<_>>().into_iter().rev() {
        let value = match kind.name() {
            "bool" => "true",
            "bytea" => "\\x6162",
            "inet" => "127.0.0.1",
            "date" => "2026-01-15",
            "_int8" | "_text" => "{1,2,3}",
            _ => "7",
        };
        text = text.replace(&format!("${number}"), &format!("'{value}'::{}", kind.name()));
    }
    text
}

#[tokio::test]
async fn those_of_requests_go_to_one_node() {
    let Some((_schema, client)) = migrated().await else { return };
    if !schema::is_distributed(&client).await.unwrap() {
        return;
    }
    for (name, text) in of_requests() {
        let text = with_values(&client, &text).await;
        let plan = client.query(&format!("explain (costs off) {text}"), &[]).await;
        let plan: Vec<String> = plan
            .unwrap_or_else(|error| panic!("{name}: {text}: {error:?}"))
            .iter()
            .map(|row| row.get(0))
            .collect();
        let counts: Vec<&str> =
            plan.iter().filter_map(|line| line.trim().strip_prefix("Task Count: ")).collect();
        // A card is read where the question is asked.
        let is_local = name == "the row of a card";
        assert!(counts == ["1"] || is_local && counts.is_empty(), "{name}: {text}: {plan:#?}");
    }
}

/// What a column of a kind is in the database.
fn is_of(kind: Kind, told: &str) -> bool {
    match kind {
        Kind::Bool => told == "bool",
        Kind::Int => ["int2", "int4", "int8"].contains(&told),
        Kind::Text => told == "text",
        Kind::Bytes => told == "bytea",
        Kind::Texts => told == "_text",
        Kind::Ints => told == "_int8",
        Kind::Address => told == "inet",
        Kind::Day => told == "date",
    }
}

#[tokio::test]
async fn tables_have_the_columns_of_their_rows() {
    let Some((_schema, client)) = migrated().await else { return };
    let number = |name: &str| Column { name: name.to_owned(), kind: Kind::Int, optional: false };
    let awaited = || sql::AWAITED.map(|name| Column { optional: true, ..number(name) });
    let mut tables: Vec<(&str, Vec<Column>, Vec<&str>)> = Vec::new();
    for shape in Table::ALL.iter().map(|table| table.shape()) {
        let awaited = awaited().into_iter().filter(|_| shape.awaited);
        let columns = shape.columns.iter().cloned().chain(awaited).collect();
        tables.push((sql::name(shape.table), columns, shape.key.to_vec()));
    }
    let with = |before: &[&str], row: Vec<Column>, after: &[&str]| -> Vec<Column> {
        before
            .iter()
            .map(|name| number(name))
            .chain(row)
            .chain(after.iter().map(|name| number(name)))
            .collect()
    };
    tables.push(("stat", with(&["mid"], columns::<Counters>(), &[]), vec!["mid"]));
    tables.push(("coin", with(&[], columns::<CoinRow>(), &["id"]), vec!["mid", "time", "id"]));
    tables.push(("login", with(&[], columns::<LoginRow>(), &["id"]), vec!["mid", "time", "id"]));
    for (table, expected, key) in tables {
        let text = "select column_name::text, udt_name::text, is_nullable = 'YES' from information_schema.columns \
                    where table_schema = current_schema() and table_name = $1 order by ordinal_position";
        let told: Vec<(String, String, bool)> = client
            .query(text, &[&table])
            .await
            .unwrap()
            .iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect();
        assert_eq!(told.len(), expected.len(), "{table}: {told:?}");
        // A column that came with a later migration stands behind the others.
        let (mut expected, mut told) = (expected, told);
        expected.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        told.sort_unstable();
        for (Column { name, kind, optional }, (found, found_kind, null)) in expected.iter().zip(&told) {
            assert_eq!((found, null), (name, optional), "{table}");
            assert!(is_of(*kind, found_kind), "{table}: {name} is {found_kind}");
        }
        let text = "select c.column_name::text from information_schema.key_column_usage c \
                    join information_schema.table_constraints k using (constraint_schema, constraint_name) \
                    where k.constraint_type = 'PRIMARY KEY' and c.table_schema = current_schema() and c.table_name = $1 \
                    order by c.ordinal_position";
        let told = client.query(text, &[&table]).await.unwrap();
        let told: Vec<String> = told.iter().map(|row| row.get(0)).collect();
        assert_eq!(told, key, "{table}");
    }
}

#[tokio::test]
async fn every_table_says_what_it_is() {
    let Some((_schema, client)) = migrated().await else { return };
    let text = "select relname::text, obj_description(oid, 'pg_class') from pg_class \
                where relkind = 'r' and relnamespace = current_schema()::regnamespace \
                and relname <> 'refinery_schema_history'";
    let tables = client.query(text, &[]).await.unwrap();
    assert!(tables.len() > Table::ALL.len());
    for table in tables {
        let (name, told): (String, Option<String>) = (table.get(0), table.get(1));
        assert!(told.is_some_and(|told| told.ends_with('.')), "{name}");
    }
}
