//! Review status, login log and news of a member.

use crate::client::{CHROME, FIREFOX};
use crate::client::{PASSWORD, TestClient};
use crate::service::Service;
use guanxi_server::config::BioApproval;
use guanxi_types::Role;
use serde_json::{Value, json};

/// 2026-01-15 12:00:00 in Asia/Shanghai, the start time of services in tests.
const NOON: i64 = 1_768_449_600;
const DAY: i64 = 86_400;

async fn submit_bio(me: &TestClient<'_>, sign: &str) {
    assert_eq!(me.post("/x/member/web/sign/update", &[("user_sign", sign)]).await.code(), 0);
}

async fn bio_status(me: &TestClient<'_>) -> Value {
    me.get("/passport/sign").await.data()
}

async fn mark_seen(me: &TestClient<'_>, until: i64) -> i64 {
    me.post("/passport/news/seen", &[("until", &until.to_string())]).await.code()
}

/// Returns some fields of each entry of a list.
fn fields_of<const N: usize>(data: &Value, fields: [&str; N]) -> Vec<[Value; N]> {
    let list = data["list"].as_array().unwrap();
    list.iter().map(|entry| fields.map(|field| entry[field].clone())).collect()
}

#[tokio::test]
async fn bio_review_status_is_reported() {
    let service = Service::with_settings(|settings| settings.sign_review = BioApproval::Moderator).await;
    let (me, moderator) = (service.log_in_as(7).await, service.operator(Role::Moderator).await);
    assert_eq!(bio_status(&me).await, json!({"sign": "", "waits": null, "ended": null}));
    submit_bio(&me, "广告").await;
    let waits = bio_status(&me).await;
    assert_eq!((&waits["sign"], &waits["waits"]["sign"]), (&json!(""), &json!("广告")));
    assert_eq!((&waits["waits"]["due"], &waits["ended"]), (&Value::Null, &Value::Null));
    let submitted = waits["waits"]["submitted"].as_i64().unwrap();
    assert!((NOON..NOON + 600).contains(&submitted));

    let no = json!({"mid": 7, "approve": false, "remark": "不可以"});
    assert_eq!(moderator.post("/operator/reviews/sign", no).await.code(), 0);
    let ended = bio_status(&me).await["ended"].take();
    let time = ended["time"].as_i64().unwrap();
    assert!((submitted..NOON + 600).contains(&time));
    assert_eq!(ended, json!({"sign": "广告", "approved": false, "remark": "不可以", "time": time}));

    submit_bio(&me, "慢慢来").await;
    assert_eq!(bio_status(&me).await["ended"], Value::Null, "a newer submission replaces the old result");
    assert_eq!(moderator.post("/operator/reviews/sign", json!({"mid": 7, "approve": true})).await.code(), 0);
    let shown = bio_status(&me).await;
    assert_eq!((&shown["sign"], &shown["waits"]), (&json!("慢慢来"), &Value::Null));
    let ended = &shown["ended"];
    assert_eq!((&ended["sign"], &ended["approved"]), (&json!("慢慢来"), &json!(true)));
    assert_eq!(ended["remark"], "");
    assert_eq!(moderator.get("/operator/reviews/signs").await.data()["list"], json!([]));

    submit_bio(&me, "").await;
    assert_eq!(bio_status(&me).await, json!({"sign": "", "waits": null, "ended": null}));
    service.assert_consistent().await;
}

#[tokio::test]
async fn automatic_approval_is_news() {
    let service = Service::new().await;
    let me = service.log_in_as(7).await;
    submit_bio(&me, "慢慢来").await;
    let waits = bio_status(&me).await["waits"].take();
    let (submitted, due) = (waits["submitted"].as_i64().unwrap(), waits["due"].as_i64().unwrap());
    assert!(due > submitted);
    let service = service.at_time("2026-01-15T13:00:00+08:00");
    service.run_due_tasks().await;
    let me = me.with_service(&service);
    let ended = bio_status(&me).await["ended"].take();
    assert_eq!((&ended["approved"], ended["time"].as_i64() >= Some(NOON + 3600)), (&json!(true), true));
    let news = me.get("/passport/news").await.data();
    assert_eq!(news["seen"], 0);
    assert_eq!(
        news["list"],
        json!([{"type": "sign_approved", "time": ended["time"], "text": "慢慢来", "remark": "", "ip": ""}])
    );
    service.run_due_tasks().await;
    service.assert_consistent().await;
}

#[tokio::test]
async fn finished_reviews_are_news_until_seen() {
    let service = Service::with_settings(|settings| settings.sign_review = BioApproval::Moderator).await;
    let (me, moderator) = (service.log_in_as(7).await, service.operator(Role::Moderator).await);
    let card = [("realname", "王小明"), ("card", "110101199003072316"), ("card_type", "0")];
    assert_eq!(me.post("/passport/realname", &card).await.code(), 0);
    submit_bio(&me, "慢慢来").await;
    assert_eq!(me.get("/passport/news").await.data(), json!({"seen": 0, "list": []}), "both are pending");

    let no = json!({"mid": 7, "approve": false, "remark": "照片不清楚"});
    assert_eq!(moderator.post("/operator/reviews/realname", no).await.code(), 0);
    let service = service.at_time("2026-01-15T13:00:00+08:00");
    let (me, moderator) = (me.with_service(&service), moderator.with_service(&service));
    let no = json!({"mid": 7, "approve": false, "remark": "太短"});
    assert_eq!(moderator.post("/operator/reviews/sign", no).await.code(), 0);
    let news = me.get("/passport/news").await.data();
    assert_eq!(
        fields_of(&news, ["type", "text", "remark", "ip"]),
        [
            [json!("sign_rejected"), json!("慢慢来"), json!("太短"), json!("")],
            [json!("realname_rejected"), json!(""), json!("照片不清楚"), json!("")],
        ]
    );
    let times = me.get("/passport/news").await.ints("time");
    assert_eq!(mark_seen(&me, times[1]).await, 0);
    let news = me.get("/passport/news").await.data();
    assert_eq!(
        (&news["seen"], fields_of(&news, ["type"])),
        (&json!(times[1]), vec![[json!("sign_rejected")]])
    );
    assert_eq!(mark_seen(&me, times[0]).await, 0);
    assert_eq!(mark_seen(&me, 5).await, 0);
    assert_eq!(me.get("/passport/news").await.data(), json!({"seen": times[0], "list": []}));

    // Marking news as seen is limited to the current time.
    let ahead = service.at_time("2026-01-15T14:00:00+08:00");
    assert_eq!(mark_seen(&me, i64::MAX).await, 0);
    let (me, moderator) = (me.with_service(&ahead), moderator.with_service(&ahead));
    assert_eq!(me.post("/passport/realname", &card).await.code(), 0);
    let yes = json!({"mid": 7, "approve": true});
    assert_eq!(moderator.post("/operator/reviews/realname", yes).await.code(), 0);
    assert_eq!(fields_of(&me.get("/passport/news").await.data(), ["type"]), [[json!("realname_verified")]]);
    assert_eq!(service.log_in_as(8).await.get("/passport/news").await.data(), json!({"seen": 0, "list": []}));
    ahead.assert_consistent().await;
}

#[tokio::test]
async fn login_from_elsewhere_is_marked_and_is_news() {
    let service = Service::new().await;
    let home = service.anonymous().with_address("36.40.120.1").with_header("user-agent", CHROME);
    home.sign_up("新来的", &[]).await;
    let service = service.at_time("2026-01-16T12:00:00+08:00");
    let home = home.with_service(&service);
    assert_eq!(home.log_in("新来的", PASSWORD).await.code(), 0);
    let service = service.at_time("2026-01-16T13:00:00+08:00");
    let away = service.anonymous().with_address("202.96.128.86").with_header("user-agent", FIREFOX);
    assert_eq!(away.log_in("新来的", "wrong").await.code(), 30011);
    let service = service.at_time("2026-01-16T14:00:00+08:00");
    let (home, away) = (home.with_service(&service), away.with_service(&service));
    assert_eq!(away.log_in("新来的", PASSWORD).await.code(), 0);

    let logins = home.get("/passport/logins").await.data();
    let marks = fields_of(&logins, ["status", "device", "new_device", "new_place", "current"]);
    let row = |status, device, device_is_new, place_is_new, current| {
        [json!(status), json!(device), json!(device_is_new), json!(place_is_new), json!(current)]
    };
    assert_eq!(
        marks,
        [
            row(true, "Firefox浏览器", true, true, false),
            row(false, "Firefox浏览器", false, false, false),
            // The browser had no buvid3 at signup, and is recognized by its name.
            row(true, "Chrome浏览器", false, false, true),
            row(true, "Chrome浏览器", false, false, false),
        ]
    );
    let latest = &logins["list"][0];
    assert_eq!((&latest["ip"], &latest["type"]), (&json!("202.96.*.*"), &json!(0)));
    assert!(latest["place"].as_str().unwrap().starts_with("中国广东"), "{latest}");
    let opened = fields_of(&logins, ["session"]).concat();
    assert!(opened[0].is_string() && opened[1].is_null() && opened[2].is_string(), "{opened:?}");

    let news = home.get("/passport/news").await.data();
    assert_eq!(
        fields_of(&news, ["type", "time", "text", "remark", "ip"]),
        [[
            json!("login"),
            latest["time"].clone(),
            json!("Firefox浏览器"),
            latest["place"].clone(),
            json!("202.96.*.*")
        ]]
    );
    assert_eq!(
        away.get("/passport/news").await.data()["list"],
        json!([]),
        "a login is no news to its own session"
    );

    // The member revokes that session. The login remains in the log.
    let id = opened[0].as_str().unwrap();
    assert_eq!(home.post("/passport/sessions/revoke", &[("id", id)]).await.code(), 0);
    assert!(!away.is_logged_in().await);
    let after = home.get("/passport/logins").await.data();
    assert_eq!((&after["list"][0]["session"], &after["list"][0]["new_place"]), (&Value::Null, &json!(true)));
    assert_eq!(fields_of(&home.get("/passport/news").await.data(), ["type"]).len(), 1);
    assert_eq!(mark_seen(&home, latest["time"].as_i64().unwrap()).await, 0);
    assert_eq!(home.get("/passport/news").await.data()["list"], json!([]));
    service.assert_consistent().await;
}

/// Returns a login of member 7 as a dump row.
fn login(time: i64, buvid: &str, place: &str) -> String {
    json!({"login": {"mid": 7, "time": time, "ip": "36.40.120.15", "method": "qr", "success": true, "device": "Chrome浏览器",
        "buvid": buvid, "location": place, "isp": "电信"}})
    .to_string()
}

#[tokio::test]
async fn login_marks_do_not_change_over_time() {
    let service = Service::new().await;
    let rows = [login(NOON - 33 * DAY, "A", "中国陕西渭南"), login(NOON, "A", "中国陕西渭南")];
    service.import_rows(&rows.each_ref().map(String::as_str)).await;
    // The login 33 days before is within the range that is read at first, and later outside.
    for day in ["2026-01-15T13:00:00+08:00", "2026-01-21T13:00:00+08:00"] {
        let service = service.at_time(day);
        let logins = service.log_in_as(7).await.get("/passport/logins").await.data();
        let marks = fields_of(&logins, ["new_device", "new_place", "type"]);
        assert_eq!(marks, [[json!(true), json!(true), json!(1)]], "{day}");
    }
    let later = service.at_time("2026-01-23T13:00:00+08:00");
    let me = later.log_in_as(7).await;
    assert_eq!(me.get("/passport/logins").await.data()["list"], json!([]));
    assert_eq!(me.get("/passport/news").await.data()["list"], json!([]));
}

#[tokio::test]
async fn news_are_limited_to_twenty() {
    let service = Service::new().await;
    let rows: Vec<String> =
        (0..25).map(|number| login(NOON - 3600 + number, &format!("device {number}"), "")).collect();
    service.import_rows(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let me = service.log_in_as(7).await;
    let times = me.get("/passport/news").await.ints("time");
    assert_eq!(times, (5..25).rev().map(|number| NOON - 3600 + number).collect::<Vec<_>>());
    assert_eq!(me.get("/passport/logins").await.data()["list"].as_array().unwrap().len(), 25);
}
