//! Benchmarks of the domain rules: `cargo bench -p guanxi-loadtest --bench domain`.

use criterion::{Criterion, criterion_group, criterion_main};
use guanxi_domain::bio::{SensitiveWords, check_bio};
use guanxi_domain::relation::{GroupMembership, Relation, RelationKind, RelationPair, encode_attribute};
use guanxi_domain::relation_action::{RelationContext, TargetStatus, apply_action};
use guanxi_types::{RelationAction, Tagid};
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

fn domain(criterion: &mut Criterion) {
    let context = RelationContext {
        target: TargetStatus::Member,
        is_self: false,
        following_count: 20,
        following_limit: 2000,
        join_seq: 20,
        seq: 0,
        source: 11,
        now: 100,
    };
    let (none, theirs) =
        (RelationPair::default(), RelationPair { outgoing: None, incoming: Some(follow(50)) });
    criterion.bench_function("follow", |bench| {
        bench.iter(|| apply_action(black_box(&none), RelationAction::Follow, context));
    });
    criterion.bench_function("follow back", |bench| {
        bench.iter(|| apply_action(black_box(&theirs), RelationAction::Follow, context));
    });
    let both = (follow(1), follow(2));
    criterion.bench_function("attribute", |bench| {
        bench.iter(|| encode_attribute(black_box(Some(&both.0)), black_box(Some(&both.1))));
    });
    let words: Vec<String> = (0..1000).map(|number| format!("不要{number}")).collect();
    let words = SensitiveWords::parse(&words.join("\n")).expect("they are words");
    criterion.bench_function("bio against 1000 sensitive words", |bench| {
        bench.iter(|| check_bio(black_box("今天也要好好生活，慢慢来，比较快。不要着急"), &words));
    });
}

criterion_group!(benches, domain);
criterion_main!(benches);
