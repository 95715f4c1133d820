//! Benchmarks of the embedded engine without HTTP: `cargo bench -p guanxi-loadtest --bench engine`.

use criterion::{Criterion, criterion_group, criterion_main};
use guanxi_domain::paging::PageWindow;
use guanxi_loadtest::community::Community;
use guanxi_storage::commands::ChangeRelation;
use guanxi_storage::embedded::Options;
use guanxi_storage::store::{List, ListQuery};
use guanxi_storage::{EmbeddedStore, Store};
use guanxi_types::{Mid, Order, RelationAction, RelationSource};

const MEMBERS: u32 = 50_000;
const EDGES: u64 = 1_000_000;

fn engine(criterion: &mut Criterion) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("start a runtime");
    let folder = tempfile::tempdir().expect("create a temporary directory");
    let mut community = Community::generate(1, MEMBERS, EDGES);
    let dataset = community.open_sessions(&[], 0, 0);
    EmbeddedStore::bulk_load(folder.path(), Options::default(), community.members()).expect("fill the store");
    let store = EmbeddedStore::open(folder.path(), Options::default()).expect("open the store");
    let mids: Vec<Mid> = (0..MEMBERS).map(|index| dataset.topology.mid_at(index)).collect();
    let mut offset = 0;
    let mut next = move || {
        offset = (offset + 7919) % mids.len();
        mids[offset]
    };
    let popular = community.longest_follower_list();
    criterion.bench_function("stat", |bench| {
        bench.iter(|| runtime.block_on(store.counters(next())).expect("read"));
    });
    criterion.bench_function("relation pair", |bench| {
        bench.iter(|| runtime.block_on(store.relation_pair(next(), next())).expect("read"));
    });
    for (name, skip) in [("newest 50 followers", 0), ("middle 50 followers", u64::from(popular.1) / 2)] {
        let window = PageWindow { offset: skip, limit: 50 };
        let page =
            ListQuery { owner: popular.0, list: List::Followers, viewer: None, window, order: Order::Desc };
        criterion.bench_function(name, |bench| {
            // As in the service, whose cache has most profiles, the engine reads no card.
            bench.iter(|| runtime.block_on(store.page(page, |_, listed| listed.clear())).expect("read"));
        });
    }
    let mut acts = [RelationAction::Follow, RelationAction::Unfollow].into_iter().cycle();
    let (me, them) = (dataset.topology.mid_at(1), dataset.topology.mid_at(2));
    criterion.bench_function("durable follow, sequential", |bench| {
        bench.iter(|| {
            let act = acts.next().unwrap_or(RelationAction::Follow);
            let command = ChangeRelation {
                me,
                them,
                action: act,
                source: RelationSource::DEFAULT,
                limit: 5000,
                now: 2_000_000_000,
            };
            runtime.block_on(store.run(command))
        });
    });
}

criterion_group!(benches, engine);
criterion_main!(benches);
