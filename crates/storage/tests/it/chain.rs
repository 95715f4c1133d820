//! Random commands among a few members, against a naive model of the relation chain.

mod deed;
mod model;

use crate::community::{ALL, Community, card, mid, vault};
use crate::dumped::{dump, rows};
use crate::home;
use deed::{Deed, Step};
use guanxi_domain::tie::{self, GroupMembership};
use guanxi_storage::command::InsertRows;
use guanxi_storage::store::{Entry, List, ListQuery};
use guanxi_storage::{CommandError, Store};
use guanxi_test_postgres::Schema;
use guanxi_types::Order;
use guanxi_types::{ErrorCode, Mid, Tagid};
use model::Model;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// How many there are. The next number is nobody's.
const MEMBERS: u64 = 5;

fn everybody() -> impl Iterator<Item = Mid> {
    (1..=MEMBERS).map(mid)
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    // A case costs one directory, and a commit for each burst: some 4,000 steps in all.
    #![proptest_config(cases(40))]

    #[test]
    fn the_store_agrees_with_the_model(
        bursts in prop::collection::vec(prop::collection::vec(deed::step(), 1..=10), 12..=24)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (_home, store) = home::fresh();
        let model = runtime.block_on(agrees(&store, &bursts, 1));
        runtime.block_on(moves(store, &model));
    }
}

#[test]
fn a_database_agrees_with_the_model() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Some((schema, store)) = runtime.block_on(home::database()) else { return };
    // It keeps no order among those that are asked at once, and each look at all of it is some hundred questions: every step's
    // answer is compared, and what all of them came to now and then. Some 3,000 steps in all.
    let bursts = prop::collection::vec(prop::collection::vec(deed::step(), 1), 50..=250);
    let done = TestRunner::new(cases(20)).run(&bursts, |bursts| {
        runtime.block_on(async {
            empty(&schema).await;
            let model = agrees(&store, &bursts, 50).await;
            moves(store.clone(), &model).await;
        });
        Ok(())
    });
    if let Err(failed) = done {
        panic!("{failed}");
    }
}

/// Takes everybody out of a database; what is given next stays.
async fn empty(schema: &Schema) {
    let text = "do $$ begin execute (select 'truncate ' || string_agg(quote_ident(table_name), ', ') \
                from information_schema.tables where table_schema = current_schema() \
                and table_name not in ('next', 'refinery_schema_history')); end $$";
    schema.client().await.batch_execute(text).await.expect("nobody uses it");
}

/// Plays steps on a store and on the model, and compares what both tell: each answer, and everything after so many bursts and
/// at the end. The steps of a burst are queued at once, in their order, so that they share a commit: an engine that keeps no
/// such order takes bursts of one.
async fn agrees<S: Store>(store: &S, bursts: &[Vec<Step>], often: usize) -> Model {
    let rows = (1..=MEMBERS).map(card).collect();
    store.run(InsertRows { rows, vault: vault() }).await.expect("there is room");
    let mut model = Model::new(everybody());
    for (burst, number) in bursts.iter().zip(1..) {
        let deeds: Vec<Deed> = burst.iter().map(|step| step.deed(&mut model)).collect();
        let answers = at_once(deeds.iter().cloned().map(|deed| answer(store, deed))).await;
        for (deed, told) in deeds.iter().zip(answers) {
            let expected = model.play(deed, told.ok().flatten());
            assert_eq!(told.map(|_| ()), expected, "{deed:?}");
        }
        if number % often == 0 || number == bursts.len() {
            compare(store, &mut model).await;
        }
    }
    let report = store.check().await.expect("everything can be read");
    assert!(report.is_clean(), "{report}");
    model
}

/// What is exported and loaded elsewhere is exported there as it was, and listed there in the same order.
async fn moves<S: Store>(store: S, model: &Model) {
    let exported = dump(&Community::empty(store).exported().await);
    let (_home, other) = home::fresh();
    let other = Community::empty(other);
    assert_eq!(other.load(rows(&exported)).await.fault, None);
    assert_eq!(dump(&other.exported().await), exported);
    for owner in everybody() {
        compare_lists(&other.store, model, owner).await;
    }
    let report = other.store.check().await.expect("everything can be read");
    assert!(report.is_clean(), "{report}");
}

/// Does a deed: the tagid of a group that was made, or the refusal.
async fn answer<S: Store>(store: &S, deed: Deed) -> Result<Option<Tagid>, ErrorCode> {
    let done = match deed {
        Deed::Relate(command) => store.run(command).await.map(|()| None),
        Deed::Create(command) => store.run(command).await.map(Some),
        Deed::Rename(command) => store.run(command).await.map(|()| None),
        Deed::Delete(command) => store.run(command).await.map(|()| None),
        Deed::Assign(command) => store.run(command).await.map(|()| None),
    };
    done.map_err(|error| match error {
        CommandError::Rejected(code) => code,
        CommandError::Fault(fault) => panic!("the engine broke: {fault}"),
    })
}

/// Waits for all, each asked in its order.
async fn at_once<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
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
    for owner in everybody() {
        let stat = store.stat(owner).await.expect("the engine reads").expect("the member exists");
        let told = [stat.following, stat.whisper, stat.black, stat.follower, stat.special, stat.default];
        assert_eq!(told, model.counts(owner), "the counters of {owner}");
        model.versions_agree(owner, [stat.fans_version, stat.version_of_followings(true)]);

        let groups = store.groups(owner).await.expect("the engine reads");
        let groups: Vec<_> =
            groups.own.into_iter().map(|(group, size)| (group.tagid, group.name, size)).collect();
        assert_eq!(groups, model.groups(owner), "the groups of {owner}");

        compare_pairs(store, model, owner).await;
        compare_lists(store, model, owner).await;
    }
}

async fn compare_lists<S: Store>(store: &S, model: &Model, owner: Mid) {
    let tagids = [Tagid::SPECIAL, Tagid::DEFAULT].into_iter().chain(model.tagids(owner)).map(List::Group);
    let lists = [List::Fans, List::Followings, List::Whispers, List::Blacks];
    for list in lists.into_iter().chain(tagids) {
        compare_list(store, model, owner, list).await;
    }
}

async fn compare_pairs<S: Store>(store: &S, model: &Model, me: Mid) {
    for them in everybody() {
        let pair = store.pair(me, them).await.expect("the engine reads").expect("the other exists");
        let attribute = tie::attribute(pair.outgoing.as_ref(), pair.incoming.as_ref());
        assert_eq!(attribute, model.attribute(me, them), "{me} to {them}");
        let told =
            pair.outgoing.map(|tie| (tie.mtime, tie.source, tie.tag().unwrap_or_default(), tie.special()));
        assert_eq!(told, model.tie(me, them), "{me} to {them}");
    }
}

async fn compare_list<S: Store>(store: &S, model: &Model, owner: Mid, list: List) {
    let expected = model.list(owner, list);
    for viewer in [None].into_iter().chain(everybody().map(Some)) {
        for order in [Order::Desc, Order::Asc] {
            let page = store.page(ListQuery { owner, list, viewer, window: ALL, order }).await;
            let page = page.expect("the engine reads");
            let hidden = matches!(list, List::Whispers | List::Blacks);
            assert_eq!(page.is_some(), !hidden || viewer == Some(owner), "{list:?} of {owner} to {viewer:?}");
            let Some(page) = page else { continue };
            let told: Vec<_> = page.entries.into_iter().map(shown).collect();
            let mut expected: Vec<_> = expected
                .iter()
                .map(|&(them, mtime)| {
                    let attribute = viewer.map_or(0, |viewer| model.attribute(viewer, them));
                    let group = matches!(list, List::Group(_));
                    let own = viewer == Some(owner) && (group || list == List::Followings);
                    let mtime = if group && !own { 0 } else { mtime };
                    (them, mtime, attribute, if own { model.tags(owner, them) } else { vec![] })
                })
                .collect();
            if order == Order::Asc {
                expected.reverse();
            }
            assert_eq!(told, expected, "{list:?} of {owner}, {order:?}, seen by {viewer:?}");
            assert_eq!(page.total as usize, expected.len());
        }
    }
}

/// What an entry shows: who, since when, the viewer's attribute, the groups but the default one.
fn shown(entry: Entry) -> (Mid, i64, u8, Vec<Tagid>) {
    let tagids = entry.groups.into_iter().map(|GroupMembership { tagid, .. }| tagid);
    let tags = tagids.filter(|tagid| *tagid != Tagid::DEFAULT).collect();
    (entry.mid, entry.mtime, entry.attribute, tags)
}
