//! `guanxi bench`: a community is filled, checked, served, asked and compared.

use crate::program::{Folder, Service, done, failed, run, text};
use serde_json::Value;
use std::fs;

fn filled(folder: &Folder) {
    let size = ["--members", "2000", "--edges", "40000", "--sessions", "50"];
    let places = ["--data", &folder.path("data"), "--community", &folder.path("c.json")];
    let output = run(&[&["bench", "fill"][..], &size, &places].concat());
    assert!(done(&output).contains("2,000 members and "), "{output:?}");
}

#[test]
fn a_community_is_filled_and_asked() {
    let folder = Folder::new();
    filled(&folder);
    assert!(done(&run(&["check", "--data", &folder.path("data")])).contains("everything agrees"));
    let again =
        run(&["bench", "fill", "--data", &folder.path("data"), "--community", &folder.path("d.json")]);
    failed(&again, "already holds a community");
    assert!(!fs::exists(folder.path("d.json")).unwrap());

    let service = Service::serve(folder.0.path().join("data").as_path());
    let (pid, community) = (service.child.id().to_string(), folder.path("c.json"));
    let asked = |more: &[&str]| {
        let of = ["bench", "run", "--url", &service.base, "--community", &community, "--connections", "8"];
        run(&[&of[..], more].concat())
    };
    let (json, svg) = (folder.path("run.json"), folder.path("run.svg"));
    let output =
        asked(&["--mix", "social", "--seconds", "0.5", "--json", &json, "--svg", &svg, "--pid", &pid]);
    let table = done(&output);
    for told in ["closed loop", "followings", "follow ", "p99.99", "generator: ", "service: "] {
        assert!(table.contains(told) || !cfg!(target_os = "linux"), "{told} is missing in {table}");
    }
    let report: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert!(report["requests"].as_u64().unwrap() > 0 && report["setup"]["mix"] == "social", "{report}");
    assert!(fs::read_to_string(&svg).unwrap().starts_with("<svg "));

    for mix in ["read", "write", "group", "default-group"] {
        let output = asked(&["--mix", mix, "--rate", "100", "--seconds", "0.3"]);
        assert!(done(&output).contains("open loop: 100 a second"), "{output:?}");
    }
    let deep = asked(&["--mix", "followers", "--own", "--pn", "9", "--order", "asc", "--seconds", "0.1"]);
    assert!(done(&deep).contains("followers"));
    // A stranger may not see that page, and every refusal is a failure.
    let refused = asked(&["--mix", "followers", "--pn", "9", "--rate", "100", "--seconds", "0.1"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(text(&refused.stdout).contains("code 22007"), "{refused:?}");
    drop(service);
    assert!(done(&run(&["check", "--data", &folder.path("data")])).contains("everything agrees"));
}

#[test]
fn a_service_and_fixed_bodies_are_compared() {
    let folder = Folder::new();
    filled(&folder);
    let (data, community, json) = (folder.path("data"), folder.path("c.json"), folder.path("compared.json"));
    let of =
        ["bench", "compare", "--data", &data, "--community", &community, "--rounds", "2", "--seconds", "0.1"];
    let output = run(&[&of[..], &["--connections", "4", "--json", &json]].concat());
    let table = done(&output);
    for told in ["stat", "fixed body", "group of 2,000", "p99 of reads", "256 in flight"] {
        assert!(table.contains(told), "{told} is missing in {table}");
    }
    let rows: Vec<Value> = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert!(rows.iter().all(|row| row["one"].as_array().unwrap().len() == 2), "{rows:?}");
    let nowhere = run(&["bench", "compare", "--data", &folder.path("c.json"), "--community", &community]);
    failed(&nowhere, "the service could not be started");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_sessions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    filled(&folder);
    let mode = fs::metadata(folder.path("c.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_cannot_be_asked_is_said() {
    let folder = Folder::new();
    failed(&run(&["bench", "run"]), "--community");
    failed(&run(&["bench", "run", "--mix", "all"]), "a mix is read, write or social");
    failed(&run(&["bench", "run", "--url", "https://127.0.0.1", "--vmid", "1"]), "only http is spoken");
    failed(&run(&["bench", "run", "--community", &folder.path("none")]), "none");
    failed(&run(&["bench", "run", "--rate", "0"]), "a rate is");
    failed(&run(&["bench", "compare"]), "--url");
}
