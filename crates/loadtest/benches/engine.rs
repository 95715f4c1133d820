//! What the embedded engine takes by itself: `cargo bench -p guanxi-loadtest --bench engine`.

use criterion::{Criterion, criterion_group, criterion_main};
use guanxi_api::api::relation::modify::{RelationAction, Source};
use guanxi_domain::page::Window;
use guanxi_loadtest::community::Community;
use guanxi_storage::command::ChangeRelation;
use guanxi_storage::embedded::Options;
use guanxi_storage::store::{List, ListQuery};
use guanxi_storage::{EmbeddedStore, Store};
use guanxi_types::Mid;
use guanxi_types::Order;

const MEMBERS: u32 = 50_000;
const EDGES: u64 = 1_000_000;

fn engine(criterion: &mut Criterion) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("there are threads");
    let folder = tempfile::tempdir().expect("there is room");
    let mut community = Community::draw(1, MEMBERS, EDGES);
    let known = community.open_sessions(&[], 0, 0);
    EmbeddedStore::build(folder.path(), Options::default(), community.members()).expect("it is made");
    let store = EmbeddedStore::open(folder.path(), Options::default()).expect("it opens");
    let mids: Vec<Mid> = (0..MEMBERS).map(|index| known.shape.mid(index)).collect();
    let mut turn = 0;
    let mut next = move || {
        turn = (turn + 7919) % mids.len();
        mids[turn]
    };
    let longest = community.longest();
    criterion.bench_function("stat", |bench| {
        bench.iter(|| runtime.block_on(store.stat(next())).expect("it is read"));
    });
    criterion.bench_function("both ties of two", |bench| {
        bench.iter(|| runtime.block_on(store.pair(next(), next())).expect("it is read"));
    });
    for (name, skip) in [("the newest fifty fans", 0), ("fifty in the middle", u64::from(longest.1) / 2)] {
        let window = Window { skip, take: 50 };
        let page = ListQuery { owner: longest.0, list: List::Fans, viewer: None, window, order: Order::Desc };
        criterion.bench_function(name, |bench| {
            bench.iter(|| runtime.block_on(store.page(page)).expect("it is read"));
        });
    }
    let mut acts = [RelationAction::Follow, RelationAction::Unfollow].into_iter().cycle();
    let (me, them) = (known.shape.mid(1), known.shape.mid(2));
    criterion.bench_function("a durable follow, one by one", |bench| {
        bench.iter(|| {
            let act = acts.next().unwrap_or(RelationAction::Follow);
            let relate =
                ChangeRelation { me, them, act, source: Source::USUAL, limit: 5000, now: 2_000_000_000 };
            runtime.block_on(store.run(relate))
        });
    });
}

criterion_group!(benches, engine);
criterion_main!(benches);
