//! Tests of every statement: it prepares against the schema, and Citus routes the statements of requests to one
//! node.

use super::lists::Viewer;
use super::{
    WriteStatements, counters, entities, groups, integrity, lists, logs, member_list, members, names, news,
    relations, system,
};
use crate::counters::Counters;
use crate::model::{CoinRow, Column, LoginRow, SqlType, Table, columns};
use crate::postgres::{parse_url, schema};
use crate::store::List;
use guanxi_test_postgres::Schema;
use guanxi_types::{Order, Tagid};
use std::collections::BTreeSet;
use std::iter;
use std::ops::Deref;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, SimpleQueryMessage};

/// A statement by its name.
type Named = (String, String);

macro_rules! named {
    ($($module:ident: $($name:ident),+;)+) => {
        named!(to_string; $($module: $($name),+;)+)
    };
    ($get:ident; $($module:ident: $($name:ident),+;)+) => {
        vec![$($((concat!(stringify!($module), "::", stringify!($name)).to_owned(), $module::$name.$get())),+),+]
    };
}

/// The source files of statements that have a name.
const SOURCES: &[(&str, &str)] = &[
    ("counters", include_str!("counters.rs")),
    ("entities", include_str!("entities.rs")),
    ("groups", include_str!("groups.rs")),
    ("integrity", include_str!("integrity.rs")),
    ("logs", include_str!("logs.rs")),
    ("members", include_str!("members.rs")),
    ("names", include_str!("names.rs")),
    ("news", include_str!("news.rs")),
    ("relations", include_str!("relations.rs")),
    ("system", include_str!("system.rs")),
];

/// Constants that are parts of statements, or statements without a table.
const FRAGMENTS: [&str; 13] = [
    "entities::ALL",
    "entities::SCHEDULE_COLUMNS",
    "entities::VERSION_COLUMN",
    "relations::COLUMNS",
    "relations::FOLLOWER_COLUMNS",
    "system::BEGIN_EXCLUSIVE",
    "system::BEGIN_EXCLUSIVE_CITUS",
    "system::BEGIN_SHARED",
    "system::BEGIN_SHARED_CITUS",
    "system::BEGIN_SNAPSHOT",
    "system::COMMIT",
    "system::REGISTER_CONNECTION",
    "system::ROLLBACK",
];

/// The writes of tables without entities.
fn writes() -> Vec<(String, &'static WriteStatements)> {
    named![deref;
        counters: INSERT, UPDATE, DELETE;
        relations: UPSERT, INSERT, DELETE, UPSERT_FOLLOWER, INSERT_FOLLOWER, DELETE_FOLLOWER;
        groups: INSERT_GROUP_MEMBER, DELETE_GROUP_MEMBER;
        logs: INSERT_COIN, INSERT_LOGIN;
        names: INSERT, DELETE, DELETE_OF_MEMBER;
    ]
}

/// The statements of members' requests, of the writes behind them and of the scheduler's tasks.
fn request_statements() -> Vec<Named> {
    let mut all = named![
        counters: LOCK, LOCK_BATCH, GET;
        relations: GET, GET_WITH_KEY, GET_OF_SHARD, GET_OF_MEMBER, BATCH, FOLLOWER_BATCH, LAST_SEQ;
        lists: VIEWER_RELATIONS;
        groups: GROUPS_WITH_SIZES, GROUPS, GROUPS_OF_RELATION, DEFAULT_GROUP_MEMBERS, GROUP_MEMBERS;
        news: NEWS, FOLLOWER_DAYS, COIN_WINDOW, REWARDS;
        members: SPACE, MEMBER_SESSIONS, INSERT_MEMBER_SESSION, DELETE_MEMBER_SESSION;
        logs: COUNT_EQUAL_COINS, COINS, COUNT_EQUAL_LOGINS, LOGINS, FIRST_LOGIN,
            DELETE_COIN_BATCH, DELETE_LOGIN_BATCH;
    ];
    all.extend(writes().into_iter().flat_map(|(name, write)| of_shard(&name, write)));
    for table in distributed() {
        let (statements, name) = (entities::of(table), table.name());
        all.push((format!("get {name}"), statements.get.clone()));
        // Cards are a reference table: every node has them, and every node is written.
        if table != Table::Card {
            all.extend(of_shard(&format!("upsert {name}"), &statements.upsert));
            all.extend(of_shard(&format!("delete {name}"), &statements.delete));
        }
        if table.schema().is_member_keyed() && table != Table::Card {
            all.push((format!("get_of_shard {name}"), statements.get_of_shard.clone()));
        }
    }
    for table in Table::MEMBER_TABLES.into_iter().filter(|table| *table != Table::Card) {
        all.push((format!("delete_batch {}", table.name()), entities::of(table).delete_batch.clone()));
    }
    all.extend([Viewer::Unknown, Viewer::Owner].into_iter().flat_map(list_pages));
    all
}

/// The statements of a write for rows of one shard.
fn of_shard(name: &str, write: &WriteStatements) -> Vec<Named> {
    let texts = iter::once(&write.one).chain(&write.of_shard).chain(&write.by_size);
    texts.map(|text| (name.to_owned(), text.clone())).collect()
}

/// The statements of pages that a viewer sees.
fn list_pages(viewer: Viewer) -> Vec<Named> {
    let groups = [Tagid::DEFAULT, Tagid::SPECIAL, Tagid(1)].map(List::Group);
    let lists = [List::Followers, List::Followings, List::Whispers, List::Blocks].into_iter().chain(groups);
    let orders = lists.flat_map(|list| [(list, Order::Desc), (list, Order::Asc)]);
    let page = |(list, order)| {
        let text = lists::list_page(list, order, viewer).to_owned();
        (format!("{list:?} {order:?} {viewer:?}"), text)
    };
    orders.map(page).collect()
}

/// The statements of the operators' list of members.
fn member_lists() -> impl Iterator<Item = Named> {
    let orders =
        member_list::SOURCES.into_iter().flat_map(|source| [(source, Order::Asc), (source, Order::Desc)]);
    orders.flat_map(|(source, order)| {
        let texts = [member_list::last_compared(source, order), member_list::page(source, order)];
        texts.map(|text| (format!("members {source:?} {order:?}"), text.to_owned()))
    })
}

/// The statements of the whole service: locks and ids, operators, the scheduler, and those that read or write
/// everything.
fn service_statements() -> Vec<Named> {
    let mut all = named![
        counters: LOCK_BATCH_CITUS, ALL, ANY_MEMBER, MEMBERS_AFTER;
        relations: GET_BATCH, GET_PAIR, ALL;
        lists: CARDS;
        entities: DUE_ROWS;
        integrity: COUNT_RELATIONS, COUNT_FOLLOWERS, COUNT_GROUP_MEMBERS, COUNT_COINS, RELATION_CHECKSUMS,
            FOLLOWER_CHECKSUMS, BLOCKS_WITH_REVERSE, MUTUAL_FOLLOWS, WRONG_GROUPING, DEFAULT_AND_OTHER_GROUP,
            GROUP_MEMBER_WITHOUT_FOLLOW, GROUP_MEMBER_WITHOUT_GROUP, OWNERS_OF_GROUPS, LARGEST_TAGID, LARGEST_MID,
            LARGEST_AUDIT_SEQ, SESSIONS, SESSION_INDEX, CARDS;
        logs: ALL_COINS, ALL_LOGINS, AUDIT_LOG;
        names: SCAN, ALL;
        system: ADVISORY_LOCK, LOCK_NEXT_IDS, NEXT_ID, RAISE_NEXT_ID, PROBE_WRITE, IMPORT_PROGRESS,
            UPSERT_IMPORT_PROGRESS, DELETE_IMPORT_PROGRESS, COUNT_CONNECTIONS,
            OWN_BACKEND, CANCEL_BACKEND;
    ];
    let many = |(name, write): (_, &WriteStatements)| Some((name, write.many.clone()?));
    all.extend(writes().into_iter().filter_map(many));
    // On Citus, the viewer's relations are a statement of their own.
    all.extend(list_pages(Viewer::Other));
    all.extend(member_lists());
    for table in Table::ALL {
        let (statements, name) = (entities::of(*table), table.name());
        all.push((format!("all {name}"), statements.all.clone()));
        all.push((format!("get_batch {name}"), statements.get_batch.clone()));
        let many = [&statements.upsert, &statements.delete].map(|write| write.many.clone());
        all.extend(many.into_iter().flatten().map(|text| (format!("many of {name}"), text)));
        if !distributed().any(|distributed| distributed == *table) || *table == Table::Card {
            let texts =
                [&statements.get, &statements.get_of_shard, &statements.upsert.one, &statements.delete.one];
            all.extend(texts.map(|text| (name.to_owned(), text.clone())));
        }
        if table.schema().is_scheduled {
            all.push((format!("reviewable {name}"), statements.reviewable.clone()));
        }
    }
    all
}

/// The tables of entities that Citus distributes or replicates.
fn distributed() -> impl Iterator<Item = Table> {
    let names: BTreeSet<&str> = schema::distribution().into_iter().map(|(name, _)| name).collect();
    Table::ALL.iter().copied().filter(move |table| names.contains(table.name()))
}

/// A migrated schema and a connection to it.
async fn migrated() -> Option<(Schema, Client)> {
    let schema = Schema::create().await?;
    schema::migrate(&parse_url(&schema.url()).unwrap(), true).await.unwrap();
    let client = schema.client().await;
    Some((schema, client))
}

/// The names of the constants and statics in a source file.
fn declared_names(source: &str) -> impl Iterator<Item = &str> {
    let is_name = |word: &&str| {
        word.len() > 2 && word.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
    };
    source.lines().filter_map(move |line| {
        let line = line
            .trim_start()
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("const ")
            .trim_start_matches("static ");
        line.split([' ', ':']).next().filter(is_name)
    })
}

#[test]
fn every_statement_is_in_exactly_one_list() {
    let all = request_statements().into_iter().chain(service_statements());
    let listed: BTreeSet<String> = all.map(|(name, _)| name).collect();
    for (module, source) in SOURCES {
        let names: Vec<&str> = declared_names(source).collect();
        assert!(!names.is_empty(), "{module}");
        for name in names {
            let name = format!("{module}::{name}");
            assert!(listed.contains(&name) != FRAGMENTS.contains(&name.as_str()), "{name}");
        }
    }
}

#[test]
fn request_statements_name_their_distribution_column() {
    for (name, text) in request_statements() {
        let has_column = if let Some(insert) = text.strip_prefix("insert into ") {
            let columns = insert.split_once('(').unwrap().1;
            columns.trim_start_matches('"').starts_with("mid") || columns.starts_with("\"hash\"")
        } else {
            let is_column = |name| ["$1", "any($1)"].map(|value| format!("{name} = {value}"));
            let mut columns = ["mid", "\"mid\"", "\"hash\""].into_iter().flat_map(is_column);
            columns.any(|condition| text.contains(&condition))
        };
        assert!(has_column, "{name}: {text}");
    }
}

#[tokio::test]
async fn every_statement_prepares() {
    let Some((_schema, client)) = migrated().await else { return };
    for (name, text) in request_statements().into_iter().chain(service_statements()) {
        if let Err(error) = client.prepare(&text).await {
            panic!("{name}: {text}: {error:?}");
        }
    }
}

/// Returns parameters of a statement. All of them are of one member.
async fn literals(client: &Client, text: &str) -> String {
    let statement = client.prepare(text).await.unwrap();
    let literal = |sql_type: &Type| {
        let value = match sql_type.name() {
            "bool" => "true",
            "bytea" => "\\x6162",
            "inet" => "127.0.0.1",
            "date" => "2026-01-15",
            "_int8" | "_text" => "{7,7,7}",
            "_date" => "{2026-01-15}",
            "_bytea" => "{\\x6162}",
            _ => "7",
        };
        format!("'{value}'::{}", sql_type.name())
    };
    statement.params().iter().map(literal).collect::<Vec<_>>().join(", ")
}

/// The number of executions after which PostgreSQL may plan a statement without the values of its parameters.
const CUSTOM_PLANS: usize = 5;

#[tokio::test]
async fn request_statements_have_one_citus_task() {
    let Some((_schema, client)) = migrated().await else { return };
    if !schema::is_distributed(&client).await.unwrap() {
        return;
    }
    for (name, text) in request_statements() {
        let values = literals(&client, &text).await;
        client.batch_execute(&format!("deallocate all; prepare statement as {text}")).await.unwrap();
        let explain = format!("explain (costs off) execute statement({values})");
        let mut plan = Vec::new();
        for _ in 0..=CUSTOM_PLANS {
            plan = client
                .simple_query(&explain)
                .await
                .unwrap_or_else(|error| panic!("{name}: {text}: {error:?}"));
        }
        let plan: Vec<&str> = plan.iter().filter_map(line).collect();
        let counts: Vec<&str> =
            plan.iter().filter_map(|line| line.trim().strip_prefix("Task Count: ")).collect();
        // A reference table is read on the coordinator.
        let is_local = name == "get card";
        assert!(counts == ["1"] || is_local && counts.is_empty(), "{name}: {text}: {plan:#?}");
    }
}

/// Returns the text of a row of one column.
fn line(message: &SimpleQueryMessage) -> Option<&str> {
    if let SimpleQueryMessage::Row(row) = message { row.get(0) } else { None }
}

fn has_type(expected: SqlType, name: &str) -> bool {
    match expected {
        SqlType::Bool => name == "bool",
        SqlType::Int => ["int2", "int4", "int8"].contains(&name),
        SqlType::Text => name == "text",
        SqlType::Bytes => name == "bytea",
        SqlType::Texts => name == "_text",
        SqlType::Ints => name == "_int8",
        SqlType::Address => name == "inet",
        SqlType::Day => name == "date",
    }
}

/// A table, the columns of its row type, and the columns of its primary key.
type ExpectedTable = (&'static str, Vec<Column>, Vec<&'static str>);

fn expected_tables() -> Vec<ExpectedTable> {
    let number = |name: &str| Column { name: name.to_owned(), sql_type: SqlType::Int, nullable: false };
    let schedule = || entities::SCHEDULE_COLUMNS.map(|name| Column { nullable: true, ..number(name) });
    let mut tables: Vec<ExpectedTable> = Vec::new();
    for schema in Table::ALL.iter().map(|table| table.schema()) {
        let schedule = schedule().into_iter().filter(|_| schema.is_scheduled);
        let version = (schema.table == Table::Card).then(|| number(entities::VERSION_COLUMN));
        let columns = schema.columns.iter().cloned().chain(version).chain(schedule).collect();
        tables.push((schema.table.name(), columns, schema.key.to_vec()));
    }
    let with = |before: &[&str], row: Vec<Column>, after: &[&str]| -> Vec<Column> {
        let (before, after) = (before.iter().map(|name| number(name)), after.iter().map(|name| number(name)));
        before.chain(row).chain(after).collect()
    };
    tables.push(("counters", with(&["mid"], columns::<Counters>(), &[]), vec!["mid"]));
    tables.push(("coin", with(&[], columns::<CoinRow>(), &["id"]), vec!["mid", "time", "id"]));
    tables.push(("login", with(&[], columns::<LoginRow>(), &["id"]), vec!["mid", "time", "id"]));
    tables
}

#[tokio::test]
async fn tables_have_the_columns_of_their_row_types() {
    let Some((_schema, client)) = migrated().await else { return };
    for (table, mut expected, key) in expected_tables() {
        let text = "select column_name::text, udt_name::text, is_nullable = 'YES' from information_schema.columns \
                    where table_schema = current_schema() and table_name = $1";
        let rows = client.query(text, &[&table]).await.unwrap();
        let mut found: Vec<(String, String, bool)> =
            rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
        assert_eq!(found.len(), expected.len(), "{table}: {found:?}");
        // A later migration appends its columns, so the order is not compared.
        expected.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        found.sort_unstable();
        for (column, (name, type_name, is_nullable)) in expected.iter().zip(&found) {
            assert_eq!((name, is_nullable), (&column.name, &column.nullable), "{table}");
            assert!(has_type(column.sql_type, type_name), "{table}: {name} is {type_name}");
        }
        let text = "select c.column_name::text from information_schema.key_column_usage c \
                    join information_schema.table_constraints k using (constraint_schema, constraint_name) \
                    where k.constraint_type = 'PRIMARY KEY' and c.table_schema = current_schema() and c.table_name = $1 \
                    order by c.ordinal_position";
        let rows = client.query(text, &[&table]).await.unwrap();
        let primary_key: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(primary_key, key, "{table}");
    }
}

#[tokio::test]
async fn every_table_has_a_comment() {
    let Some((_schema, client)) = migrated().await else { return };
    let text = "select relname::text, obj_description(oid, 'pg_class') from pg_class \
                where relkind = 'r' and relnamespace = current_schema()::regnamespace \
                and relname <> 'refinery_schema_history'";
    let tables = client.query(text, &[]).await.unwrap();
    assert!(tables.len() > Table::ALL.len());
    for table in tables {
        let (name, comment): (String, Option<String>) = (table.get(0), table.get(1));
        assert!(comment.is_some_and(|comment| comment.ends_with('.')), "{name}");
    }
}
