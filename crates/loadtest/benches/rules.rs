//! What rules take by themselves: `cargo bench -p guanxi-loadtest --bench rules`.

use criterion::{Criterion, criterion_group, criterion_main};
use guanxi_api::api::relation::modify::Act;
use guanxi_domain::relation::{Circumstances, Other, Pair, act};
use guanxi_domain::sign::{Words, check};
use guanxi_domain::tie::{Joined, Kind, Tie, attribute};
use guanxi_types::Tagid;
use std::hint::black_box;

fn follow(mtime: i64) -> Tie {
    Tie {
        kind: Kind::Follow,
        mtime,
        seq: 0,
        source: 11,
        groups: vec![Joined { tagid: Tagid::DEFAULT, turn: 7 }],
    }
}

fn rules(criterion: &mut Criterion) {
    let about = Circumstances {
        other: Other::Member,
        oneself: false,
        following: 20,
        limit: 2000,
        turn: 20,
        seq: 0,
        source: 11,
        now: 100,
    };
    let (none, theirs) = (Pair::default(), Pair { mine: None, theirs: Some(follow(50)) });
    criterion.bench_function("a follow", |bench| bench.iter(|| act(black_box(&none), Act::Follow, about)));
    criterion
        .bench_function("a follow back", |bench| bench.iter(|| act(black_box(&theirs), Act::Follow, about)));
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
