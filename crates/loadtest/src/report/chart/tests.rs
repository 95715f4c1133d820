use super::*;
use crate::kind::RequestKind;
use crate::report::{KindReport, Setup};
use std::collections::BTreeMap;

fn report() -> Report {
    let report = |kind: Option<RequestKind>, micros: f64| KindReport {
        kind,
        requests: 10,
        mean: micros,
        percentiles: [micros; 5],
        max: micros,
        curve: [(0.0, micros), (99.0, 2.0 * micros), (99.99, 9.0 * micros)].to_vec(),
    };
    let second = |requests| SecondReport { requests, p50: 50.0, p99: 900.0 };
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
        kinds: vec![
            report(Some(RequestKind::Stat), 40.0),
            report(Some(RequestKind::Card), 41.0),
            report(None, 40.5),
        ],
        over_time: vec![second(10), second(12), second(8)],
    }
}

#[test]
fn chart_has_a_named_line_per_kind() {
    let svg = render(&report());
    for name in ["stat", "card", "all", "p50", "p99", "99.99%", "requests/s"] {
        assert!(svg.contains(&format!(">{name}</text>")), "{name} is missing");
    }
    assert!(svg.contains("http://a?b&amp;c&lt;d") && !svg.contains("b&c"));
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
}

#[test]
fn line_names_do_not_overlap() {
    let svg = render(&report());
    let y = |name: &str| -> f64 {
        let line = svg.lines().find(|line| line.contains(&format!(">{name}<"))).unwrap();
        line.split("y=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    let mut all = ["stat", "card", "all"].map(y);
    all.sort_by(f64::total_cmp);
    assert!(all[1] - all[0] > 15.9 && all[2] - all[1] > 15.9, "{all:?}");
}

#[test]
fn chart_of_an_empty_run_is_valid() {
    let nothing = Report { kinds: vec![], over_time: vec![], ..report() };
    assert!(render(&nothing).ends_with("</svg>\n"));
}
