//! `guanxi bench`: filling, running and comparing.

use crate::program::{Service, TestDir, assert_error, run, stdout, utf8};
use serde_json::Value;
use std::fs;

fn fill(folder: &TestDir) {
    let size = ["--members", "2000", "--edges", "40000", "--sessions", "50"];
    let places = ["--data-dir", &folder.path("data"), "--community", &folder.path("c.json")];
    let output = run(&[&["bench", "fill"][..], &size, &places].concat());
    assert!(stdout(&output).contains("2,000 members and "), "{output:?}");
}

#[test]
fn filled_community_passes_the_check_and_load_tests() {
    let folder = TestDir::new();
    fill(&folder);
    assert!(stdout(&run(&["check", "--data-dir", &folder.path("data")])).contains("everything agrees"));
    let repeated =
        run(&["bench", "fill", "--data-dir", &folder.path("data"), "--community", &folder.path("d.json")]);
    assert_error(&repeated, "already contains a community");
    assert!(!fs::exists(folder.path("d.json")).unwrap());

    let service = Service::serve(folder.0.path().join("data").as_path());
    let (pid, community) = (service.child.id().to_string(), folder.path("c.json"));
    let run_bench = |more: &[&str]| {
        let args = ["bench", "run", "--url", &service.base, "--community", &community, "--connections", "8"];
        run(&[&args[..], more].concat())
    };
    let (json, svg) = (folder.path("run.json"), folder.path("run.svg"));
    let output =
        run_bench(&["--mix", "social", "--seconds", "0.5", "--json", &json, "--svg", &svg, "--pid", &pid]);
    let table = stdout(&output);
    for expected in ["closed loop", "followings", "follow ", "p99.99", "generator: ", "service: "] {
        assert!(table.contains(expected) || !cfg!(target_os = "linux"), "{expected} is missing in {table}");
    }
    let report: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert!(report["requests"].as_u64().unwrap() > 0 && report["setup"]["mix"] == "social", "{report}");
    assert!(fs::read_to_string(&svg).unwrap().starts_with("<svg "));

    for mix in ["read", "write", "group", "default-group"] {
        let output = run_bench(&["--mix", mix, "--rate", "100", "--seconds", "0.3"]);
        assert!(stdout(&output).contains("open loop: 100 requests/s"), "{output:?}");
    }
    let own_page = ["--mix", "followers", "--own", "--pn", "9", "--order", "asc", "--seconds", "0.1"];
    assert!(stdout(&run_bench(&own_page)).contains("followers"));
    // Others may not see that page, and every rejection is a failure.
    let rejected = run_bench(&["--mix", "followers", "--pn", "9", "--rate", "100", "--seconds", "0.1"]);
    assert_eq!(rejected.status.code(), Some(1), "{rejected:?}");
    assert!(utf8(&rejected.stdout).contains("code 22007"), "{rejected:?}");
    drop(service);
    assert!(stdout(&run(&["check", "--data-dir", &folder.path("data")])).contains("everything agrees"));
}

#[test]
fn compare_measures_a_service_and_fixed_bodies() {
    let folder = TestDir::new();
    fill(&folder);
    let (data, community, json) = (folder.path("data"), folder.path("c.json"), folder.path("compared.json"));
    let args = [
        "bench",
        "compare",
        "--data-dir",
        &data,
        "--community",
        &community,
        "--rounds",
        "2",
        "--seconds",
        "0.05",
    ];
    let output = run(&[&args[..], &["--connections", "4", "--json", &json]].concat());
    let table = stdout(&output);
    let texts = ["stat", "fixed body", "group of 2,000", "p99 of reads", "256 in flight", "generator delay"];
    for expected in texts {
        assert!(table.contains(expected), "{expected} is missing in {table}");
    }
    let rows: Vec<Value> = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert!(rows.iter().all(|row| row["one"].as_array().unwrap().len() == 2), "{rows:?}");
    let no_service =
        run(&["bench", "compare", "--data-dir", &folder.path("c.json"), "--community", &community]);
    assert_error(&no_service, "the service did not start");
}

#[cfg(unix)]
#[test]
fn community_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TestDir::new();
    fill(&folder);
    let mode = fs::metadata(folder.path("c.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn invalid_arguments_are_rejected() {
    let folder = TestDir::new();
    assert_error(&run(&["bench", "run"]), "--community");
    assert_error(&run(&["bench", "run", "--mix", "all"]), "a mix is read, write or social");
    assert_error(
        &run(&["bench", "run", "--url", "https://127.0.0.1", "--vmid", "1"]),
        "only http is supported",
    );
    assert_error(&run(&["bench", "run", "--community", &folder.path("none")]), "none");
    assert_error(&run(&["bench", "run", "--rate", "0"]), "a rate is");
    assert_error(&run(&["bench", "compare"]), "--url");
}
