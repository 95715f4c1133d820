//! What rules take by themselves: `cargo bench -p guanxi-loadtest --bench rules`.

use criterion::{Criterion, criterion_group, criterion_main};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_domain::relation::{Other, RelationContext, RelationPair, apply_action};
use guanxi_domain::sign::{Words, check};
use guanxi_domain::tie::{GroupMembership, Relation, RelationKind, attribute};
use guanxi_types::Tagid;
use std::hint::black_box;

fn follow(mtime: i64) -> Relation {
    Relation {
        kind: RelationKind::Follow,
        mtime,
        seq: 0,
        source: 11,
        groups: vec![GroupMembership { tagid: Tagid::DEFAULT, seq: 7 }],
    }
}

fn rules(criterion: &mut Criterion) {
    let about = RelationContext {
        other: Other::Member,
        oneself: false,
        following: 20,
        limit: 2000,
        turn: 20,
        seq: 0,
        source: 11,
        now: 100,
    };
    let (none, theirs) =
        (RelationPair::default(), RelationPair { outgoing: None, incoming: Some(follow(50)) });
    criterion.bench_function("a follow", |bench| {
        bench.iter(|| apply_action(black_box(&none), RelationAction::Follow, about))
    });
    criterion.bench_function("a follow back", |bench| {
        bench.iter(|| apply_action(black_box(&theirs), RelationAction::Follow, about))
    });
    let both = (follow(1), follow(2));
    criterion.bench_function("an attribute", |bench| {
        bench.iter(|| attribute(black_box(Some(&both.0)), black_box(Some(&both.1))));
    });
    let words: Vec<String> = (0..1000).map(|number| format!("不要{number}")).collect();
    let words = Words::parse(&words.join("\n")).expect("they are words");
    criterion.bench_function("a sign among a thousand words", |bench| {
        bench.iter(|| check(black_box("今天也要好好生活，慢慢来，比较快。不要着急"), &words));
    });
}

criterion_group!(benches, rules);
criterion_main!(benches);
