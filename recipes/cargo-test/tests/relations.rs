mod emulator;

use emulator::Emulator;
use recipe_cargo_test::{Failure, follow, follower_count};
use serde_json::json;

const ME: u64 = 293_793_435;
const OTHER: u64 = 50_995_243;
const DAY: i64 = 24 * 60 * 60;

#[test]
fn follow_adds_a_follower() {
    // The second run passes only if the community was restored.
    for _ in 0..2 {
        let emulator = Emulator::open();
        let (http, (cookie, csrf)) = (emulator.client(), emulator.session(ME));
        assert_eq!(follower_count(&http, OTHER).unwrap(), 713);
        follow(&http, &cookie, &csrf, OTHER).unwrap();
        assert_eq!(follower_count(&http, OTHER).unwrap(), 714);
    }
}

#[test]
fn failed_request_is_repeated() {
    let emulator = Emulator::open();
    emulator.post("/emulator/fault", json!({ "path": "/x/relation/stat", "status": 503, "count": 1 }));
    assert_eq!(follower_count(&emulator.client(), OTHER).unwrap(), 713);
    let requests = emulator.get("/emulator/requests?path=/x/relation/stat");
    assert_eq!([&requests["list"][0]["status"], &requests["list"][1]["status"]], [503, 200]);
}

#[test]
fn expired_session_is_reported() {
    let emulator = Emulator::open();
    let (http, (cookie, csrf)) = (emulator.client(), emulator.session(ME));
    emulator.post("/emulator/clock", json!({ "advance": 400 * DAY }));
    let rejection = follow(&http, &cookie, &csrf, OTHER).unwrap_err();
    assert!(matches!(rejection, Failure::Rejected(-101)), "{rejection:?}");
}

#[test]
fn follow_sends_one_request() {
    let emulator = Emulator::open();
    let (cookie, csrf) = emulator.session(ME);
    follow(&emulator.client(), &cookie, &csrf, OTHER).unwrap();
    let requests = emulator.get("/emulator/requests");
    let [request] = requests["list"].as_array().unwrap().as_slice() else { panic!("{requests}") };
    assert_eq!(request["path"], "/x/relation/modify");
    assert!(request["body"].as_str().unwrap().contains(&format!("fid={OTHER}&act=1")));
}
