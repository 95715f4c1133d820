//! Random commands of a few members, compared with a naive model of relations and groups.

mod model;
mod steps;

use crate::community::{Community, WHOLE_LIST, card, mid, new_cipher};
use crate::fixtures::{dump_text, parse_dump};
use crate::tempdir;
use guanxi_domain::relation::{self, GroupMembership};
use guanxi_storage::commands::InsertRows;
use guanxi_storage::name_search::NameQuery;
use guanxi_storage::store::{List, ListEntry, ListQuery, all_cards};
use guanxi_storage::{CommandError, Row, Store};
use guanxi_test_postgres::Schema;
use guanxi_types::{ErrorCode, Mid, Order, Tagid};
use model::Model;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use steps::{ModelCommand, Step};

/// The number of members. The next mid is not assigned.
const MEMBERS: u64 = 5;

fn all_members() -> impl Iterator<Item = Mid> {
    (1..=MEMBERS).map(mid)
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    // A case is one directory and one commit for each burst. All cases have some 4,000 steps.
    #![proptest_config(config(40))]

    #[test]
    fn embedded_store_matches_the_model(
        bursts in prop::collection::vec(prop::collection::vec(steps::step(), 1..=10), 12..=24)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (_home, store) = tempdir::new_store();
        let model = runtime.block_on(run_and_compare(&store, &bursts, 1));
        runtime.block_on(assert_export_round_trip(store, &model));
    }
}

#[test]
fn postgres_store_matches_the_model() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Some((schema, store)) = runtime.block_on(tempdir::new_database_store()) else { return };
    // Concurrent commands have no order in PostgreSQL, so bursts have one step. A full comparison is some hundred
    // queries, so only every 50th step has one. All cases have some 3,000 steps.
    let bursts = prop::collection::vec(prop::collection::vec(steps::step(), 1), 50..=250);
    let result = TestRunner::new(config(20)).run(&bursts, |bursts| {
        runtime.block_on(async {
            truncate(&schema).await;
            let model = run_and_compare(&store, &bursts, 50).await;
            assert_export_round_trip(store.clone(), &model).await;
        });
        Ok(())
    });
    if let Err(failed) = result {
        panic!("{failed}");
    }
}

/// Deletes all rows but the next ids.
async fn truncate(schema: &Schema) {
    let text = "do $$ begin execute (select 'truncate ' || string_agg(quote_ident(table_name), ', ') \
                from information_schema.tables where table_schema = current_schema() \
                and table_name not in ('next_id', 'refinery_schema_history')); end $$";
    schema.client().await.batch_execute(text).await.expect("the tables are not in use");
}

/// Runs steps on a store and on the model, and compares each result. Compares the whole state after every
/// `compare_every` bursts and at the end. The steps of a burst are queued together in order, so that they share a
/// commit. An engine that keeps no order needs bursts of one step.
async fn run_and_compare<S: Store>(store: &S, bursts: &[Vec<Step>], compare_every: usize) -> Model {
    let rows = (1..=MEMBERS).map(card).collect();
    store.run(InsertRows { rows, cipher: new_cipher() }).await.expect("the store is writable");
    let mut model = Model::new(all_members());
    for (burst, number) in bursts.iter().zip(1..) {
        let commands: Vec<ModelCommand> = burst.iter().map(|step| step.command(&mut model)).collect();
        let results =
            poll_in_order(commands.iter().cloned().map(|command| run_command(store, command))).await;
        for (command, result) in commands.iter().zip(results) {
            let expected = model.run(command, result.ok().flatten());
            assert_eq!(result.map(|_| ()), expected, "{command:?}");
        }
        if number % compare_every == 0 || number == bursts.len() {
            compare(store, &mut model).await;
        }
    }
    let report = store.check_integrity().await.expect("the store is readable");
    assert!(report.is_clean(), "{report}");
    model
}

/// Asserts that an export, imported into another store, has the same export and the same lists.
async fn assert_export_round_trip<S: Store>(store: S, model: &Model) {
    let exported = dump_text(&Community::new(store).exported().await);
    let (_home, other) = tempdir::new_store();
    let other = Community::new(other);
    assert_eq!(other.import(parse_dump(&exported)).await.error, None);
    assert_eq!(dump_text(&other.exported().await), exported);
    for owner in all_members() {
        compare_lists(&other.store, model, owner).await;
    }
    compare_searches(&other.store, model).await;
    let report = other.store.check_integrity().await.expect("the store is readable");
    assert!(report.is_clean(), "{report}");
}

/// Runs a command. Returns the tagid of a created group, or the rejection.
async fn run_command<S: Store>(store: &S, command: ModelCommand) -> Result<Option<Tagid>, ErrorCode> {
    let result = match command {
        ModelCommand::Relate(command) => store.run(command).await.map(|()| None),
        ModelCommand::Create(command) => store.run(command).await.map(Some),
        ModelCommand::Rename(command) => store.run(command).await.map(|()| None),
        ModelCommand::Delete(command) => store.run(command).await.map(|()| None),
        ModelCommand::Assign(command) => store.run(command).await.map(|()| None),
        ModelCommand::SetName(card) => {
            let insert = InsertRows { rows: vec![Row::Card(card)], cipher: new_cipher() };
            store.run(insert).await.map(|result| assert_eq!(result.error, None)).map(|()| None)
        }
        ModelCommand::Many(command) => store.run(command).await.map(|_| None),
        ModelCommand::Undo(command) => store.run(command).await.map(|_| None),
    };
    result.map_err(|error| match error {
        CommandError::Rejected(code) => code,
        CommandError::Fault(error) => panic!("storage error: {error}"),
    })
}

/// Waits for all futures. Each round polls them in their order.
async fn poll_in_order<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<Pin<Box<F>>> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = waiting.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, output) in waiting.iter_mut().zip(&mut done) {
            if output.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *output = Some(value);
            }
        }
        if done.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

async fn compare<S: Store>(store: &S, model: &mut Model) {
    for owner in all_members() {
        let counters =
            store.counters(owner).await.expect("the store is readable").expect("the member exists");
        let counts = [
            counters.following,
            counters.whisper,
            counters.blocked,
            counters.follower,
            counters.special,
            counters.default,
        ];
        assert_eq!(counts, model.counts(owner), "the counters of {owner}");
        let versions = [counters.followers_version, counters.followings_version_for(true)];
        model.assert_versions(owner, versions);

        let groups = store.groups(owner).await.expect("the store is readable");
        let groups: Vec<_> =
            groups.own.into_iter().map(|(group, size)| (group.tagid, group.name, size)).collect();
        assert_eq!(groups, model.groups(owner), "the groups of {owner}");

        compare_pairs(store, model, owner).await;
        compare_lists(store, model, owner).await;
    }
    compare_searches(store, model).await;
}

/// Texts that are searched, with the names that they find.
const SEARCHES: [(&str, &[&str]); 7] = [
    ("陈", &["陈睿", "睿陈"]),
    ("睿", &["陈睿", "睿陈", "chen 睿"]),
    ("chen", &["Chen", "chen 睿", "ＣＨＥＮ", "陈睿"]),
    ("r", &["陈睿", "睿陈", "chen 睿"]),
    ("rc", &["睿陈"]),
    ("s", &["单"]),
    ("n", &["Chen", "chen 睿", "ＣＨＥＮ"]),
];

async fn compare_searches<S: Store>(store: &S, model: &Model) {
    for (text, names) in SEARCHES {
        let query = NameQuery::new(text, None, 100, WHOLE_LIST);
        let page = store.find_members(query).await.expect("the store is readable");
        let mut found: Vec<Mid> = page.entries.iter().map(|entry| entry.mid).collect();
        found.sort_unstable();
        let has_name = |mid: &Mid| model.unames.get(mid).is_some_and(|uname| names.contains(&uname.as_str()));
        assert_eq!(found, all_members().filter(has_name).collect::<Vec<_>>(), "{text}");
    }
}

async fn compare_lists<S: Store>(store: &S, model: &Model, owner: Mid) {
    let tagids = [Tagid::SPECIAL, Tagid::DEFAULT].into_iter().chain(model.tagids(owner)).map(List::Group);
    let lists = [List::Followers, List::Followings, List::Whispers, List::Blocks];
    for list in lists.into_iter().chain(tagids) {
        compare_list(store, model, owner, list).await;
    }
}

async fn compare_pairs<S: Store>(store: &S, model: &Model, me: Mid) {
    for them in all_members() {
        let pair =
            store.relation_pair(me, them).await.expect("the store is readable").expect("the other exists");
        let attribute = relation::encode_attribute(pair.outgoing.as_ref(), pair.incoming.as_ref());
        assert_eq!(attribute, model.attribute(me, them), "{me} to {them}");
        let outgoing = pair.outgoing.map(|relation| {
            let groups = relation.tag().unwrap_or_default();
            (relation.mtime, relation.source, groups, relation.special())
        });
        assert_eq!(outgoing, model.relation(me, them), "{me} to {them}");
    }
}

async fn compare_list<S: Store>(store: &S, model: &Model, owner: Mid, list: List) {
    let expected = model.list(owner, list);
    for viewer in [None].into_iter().chain(all_members().map(Some)) {
        for order in [Order::Desc, Order::Asc] {
            let query = ListQuery { owner, list, viewer, window: WHOLE_LIST, order };
            let page = store.page(query, all_cards).await;
            let page = page.expect("the store is readable").ok();
            let is_private = matches!(list, List::Whispers | List::Blocks);
            assert_eq!(
                page.is_some(),
                !is_private || viewer == Some(owner),
                "{list:?} of {owner} to {viewer:?}"
            );
            let Some(page) = page else { continue };
            let entries: Vec<_> = page.entries.into_iter().map(shown).collect();
            let mut expected: Vec<_> = expected
                .iter()
                .map(|&(them, mtime)| {
                    let attribute = viewer.map_or(0, |viewer| model.attribute(viewer, them));
                    let is_group = matches!(list, List::Group(_));
                    let is_own = viewer == Some(owner) && (is_group || list == List::Followings);
                    let mtime = if is_group && !is_own { 0 } else { mtime };
                    (
                        them,
                        mtime,
                        attribute,
                        if is_own { model.groups_of_relation(owner, them) } else { vec![] },
                    )
                })
                .collect();
            if order == Order::Asc {
                expected.reverse();
            }
            assert_eq!(entries, expected, "{list:?} of {owner}, {order:?}, seen by {viewer:?}");
            assert_eq!(page.total as usize, expected.len());
        }
    }
}

/// Returns the content of an entry: member, time, the viewer's attribute, the groups without the default one.
fn shown(entry: ListEntry) -> (Mid, i64, u8, Vec<Tagid>) {
    let tagids = entry.groups.into_iter().map(|GroupMembership { tagid, .. }| tagid);
    let groups = tagids.filter(|tagid| *tagid != Tagid::DEFAULT).collect();
    (entry.mid, entry.mtime, entry.attribute, groups)
}
