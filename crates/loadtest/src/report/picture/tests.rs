use super::*;
use crate::kind::Kind;
use crate::report::{OfKind, Setup};
use std::collections::BTreeMap;

fn report() -> Report {
    let of = |kind: Option<Kind>, micros: f64| OfKind {
        kind,
        requests: 10,
        mean: micros,
        percentiles: [micros; 5],
        max: micros,
        curve: [(0.0, micros), (99.0, 2.0 * micros), (99.99, 9.0 * micros)].to_vec(),
    };
    let second = |requests| OfSecond { requests, p50: 50.0, p99: 900.0 };
    Report {
        setup: Setup {
            url: "http://a?b&c<d".to_owned(),
            mix: "read".to_owned(),
            connections: 64,
            threads: 1,
            rate: Some(1_000),
            even: false,
            seed: 1,
        },
        seconds: 3.0,
        requests: 30,
        per_second: 10.0,
        mean_bytes: 300,
        blocked: 0,
        failures: BTreeMap::new(),
        generator: None,
        service: None,
        late_p99: Some(1.0),
        kinds: vec![of(Some(Kind::Stat), 40.0), of(Some(Kind::Card), 41.0), of(None, 40.5)],
        over_time: vec![second(10), second(12), second(8)],
    }
}

#[test]
fn every_kind_has_a_line_and_a_name() {
    let svg = svg(&report());
    for name in ["stat", "card", "all", "p50", "p99", "99.99%", "requests/s"] {
        assert!(svg.contains(&format!(">{name}</text>")), "{name} is missing");
    }
    assert!(svg.contains("http://a?b&amp;c&lt;d") && !svg.contains("b&c"));
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
}

#[test]
fn names_do_not_lie_upon_each_other() {
    let svg = svg(&report());
    let y = |name: &str| -> f64 {
        let line = svg.lines().find(|line| line.contains(&format!(">{name}<"))).unwrap();
        line.split("y=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    let mut all = ["stat", "card", "all"].map(y);
    all.sort_by(f64::total_cmp);
    assert!(all[1] - all[0] > 15.9 && all[2] - all[1] > 15.9, "{all:?}");
}

#[test]
fn a_run_of_nothing_is_drawn_too() {
    let nothing = Report { kinds: vec![], over_time: vec![], ..report() };
    assert!(svg(&nothing).ends_with("</svg>\n"));
}
