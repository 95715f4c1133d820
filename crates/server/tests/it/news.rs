//! What a member's own pages tell them: how reviews stand, who has logged in as them, and what they have not seen yet.

use crate::browser::{Browser, PASSWORD};
use crate::service::Service;
use guanxi_server::settings::SignReview;
use guanxi_storage::Store;
use guanxi_types::Role;
use serde_json::{Value, json};

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
/// 2026-01-15 12:00:00 in Asia/Shanghai, when services in tests begin.
const NOON: i64 = 1_768_449_600;
const DAY: i64 = 86_400;

async fn submit(me: &Browser<'_>, sign: &str) {
    assert_eq!(me.post("/x/member/web/sign/update", &[("user_sign", sign)]).await.code(), 0);
}

async fn sign(me: &Browser<'_>) -> Value {
    me.get("/passport/sign").await.data()
}

async fn see(me: &Browser<'_>, until: i64) -> i64 {
    me.post("/passport/news/seen", &[("until", &until.to_string())]).await.code()
}

async fn agrees(service: &Service) {
    let report = service.app.store.check().await.unwrap();
    assert!(report.is_clean(), "{report}");
}

/// A list, some fields of each.
fn told<const N: usize>(data: &Value, fields: [&str; N]) -> Vec<[Value; N]> {
    let list = data["list"].as_array().unwrap();
    list.iter().map(|entry| fields.map(|field| entry[field].clone())).collect()
}

#[tokio::test]
async fn a_member_reads_how_their_sign_stands() {
    let service = Service::with(|settings| settings.sign_review = SignReview::Moderator).await;
    let (me, moderator) = (service.member(7).await, service.operator(Role::Moderator).await);
    assert_eq!(sign(&me).await, json!({"sign": "", "waits": null, "ended": null}));
    submit(&me, "广告").await;
    let waits = sign(&me).await;
    assert_eq!((&waits["sign"], &waits["waits"]["sign"]), (&json!(""), &json!("广告")));
    assert_eq!((&waits["waits"]["due"], &waits["ended"]), (&Value::Null, &Value::Null));
    let submitted = waits["waits"]["submitted"].as_i64().unwrap();
    assert!((NOON..NOON + 600).contains(&submitted));

    let no = json!({"mid": 7, "approve": false, "remark": "不可以"});
    assert_eq!(moderator.post("/operator/reviews/sign", no).await.code(), 0);
    let ended = sign(&me).await["ended"].take();
    let time = ended["time"].as_i64().unwrap();
    assert!((submitted..NOON + 600).contains(&time));
    assert_eq!(ended, json!({"sign": "广告", "approved": false, "remark": "不可以", "time": time}));

    submit(&me, "慢慢来").await;
    assert_eq!(sign(&me).await["ended"], Value::Null, "a newer one is what is told of");
    assert_eq!(moderator.post("/operator/reviews/sign", json!({"mid": 7, "approve": true})).await.code(), 0);
    let shown = sign(&me).await;
    assert_eq!((&shown["sign"], &shown["waits"]), (&json!("慢慢来"), &Value::Null));
    let ended = &shown["ended"];
    assert_eq!((&ended["sign"], &ended["approved"]), (&json!("慢慢来"), &json!(true)));
    assert_eq!(ended["remark"], "");
    assert_eq!(moderator.get("/operator/reviews/signs").await.data()["list"], json!([]));

    submit(&me, "").await;
    assert_eq!(sign(&me).await, json!({"sign": "", "waits": null, "ended": null}));
    agrees(&service).await;
}

#[tokio::test]
async fn what_the_clock_approves_is_told_too() {
    let service = Service::new().await;
    let me = service.member(7).await;
    submit(&me, "慢慢来").await;
    let waits = sign(&me).await["waits"].take();
    let (submitted, due) = (waits["submitted"].as_i64().unwrap(), waits["due"].as_i64().unwrap());
    assert!(due > submitted);
    let service = service.at("2026-01-15T13:00:00+08:00");
    service.attend().await;
    let me = me.at(&service);
    let ended = sign(&me).await["ended"].take();
    assert_eq!((&ended["approved"], ended["time"].as_i64() >= Some(NOON + 3600)), (&json!(true), true));
    let news = me.get("/passport/news").await.data();
    assert_eq!(news["seen"], 0);
    assert_eq!(
        news["list"],
        json!([{"type": "sign_approved", "time": ended["time"], "text": "慢慢来", "remark": "", "ip": ""}])
    );
    service.attend().await;
    agrees(&service).await;
}

#[tokio::test]
async fn reviews_that_end_are_news_until_they_are_seen() {
    let service = Service::with(|settings| settings.sign_review = SignReview::Moderator).await;
    let (me, moderator) = (service.member(7).await, service.operator(Role::Moderator).await);
    let card = [("realname", "王小明"), ("card", "110101199003072316"), ("card_type", "0")];
    assert_eq!(me.post("/passport/realname", &card).await.code(), 0);
    submit(&me, "慢慢来").await;
    assert_eq!(me.get("/passport/news").await.data(), json!({"seen": 0, "list": []}), "both wait");

    let no = json!({"mid": 7, "approve": false, "remark": "照片不清楚"});
    assert_eq!(moderator.post("/operator/reviews/realname", no).await.code(), 0);
    let service = service.at("2026-01-15T13:00:00+08:00");
    let (me, moderator) = (me.at(&service), moderator.at(&service));
    let no = json!({"mid": 7, "approve": false, "remark": "太短"});
    assert_eq!(moderator.post("/operator/reviews/sign", no).await.code(), 0);
    let news = me.get("/passport/news").await.data();
    assert_eq!(
        told(&news, ["type", "text", "remark", "ip"]),
        [
            [json!("sign_rejected"), json!("慢慢来"), json!("太短"), json!("")],
            [json!("realname_rejected"), json!(""), json!("照片不清楚"), json!("")],
        ]
    );
    let times = me.get("/passport/news").await.each("time");
    assert_eq!(see(&me, times[1]).await, 0);
    let news = me.get("/passport/news").await.data();
    assert_eq!((&news["seen"], told(&news, ["type"])), (&json!(times[1]), vec![[json!("sign_rejected")]]));
    assert_eq!(see(&me, times[0]).await, 0);
    assert_eq!(see(&me, 5).await, 0);
    assert_eq!(me.get("/passport/news").await.data(), json!({"seen": times[0], "list": []}));

    // Nobody has seen what is to come.
    let ahead = service.at("2026-01-15T14:00:00+08:00");
    assert_eq!(see(&me, i64::MAX).await, 0);
    let (me, moderator) = (me.at(&ahead), moderator.at(&ahead));
    assert_eq!(me.post("/passport/realname", &card).await.code(), 0);
    let yes = json!({"mid": 7, "approve": true});
    assert_eq!(moderator.post("/operator/reviews/realname", yes).await.code(), 0);
    assert_eq!(told(&me.get("/passport/news").await.data(), ["type"]), [[json!("realname_verified")]]);
    assert_eq!(service.member(8).await.get("/passport/news").await.data(), json!({"seen": 0, "list": []}));
    agrees(&ahead).await;
}

#[tokio::test]
async fn a_login_from_elsewhere_is_marked_and_is_news_to_the_others() {
    let service = Service::new().await;
    let home = service.anyone().from("36.40.120.1").with("user-agent", CHROME);
    home.sign_up("新来的", &[]).await;
    let service = service.at("2026-01-16T12:00:00+08:00");
    let home = home.at(&service);
    assert_eq!(home.log_in("新来的", PASSWORD).await.code(), 0);
    let service = service.at("2026-01-16T13:00:00+08:00");
    let away = service.anyone().from("202.96.128.86").with("user-agent", FIREFOX);
    assert_eq!(away.log_in("新来的", "wrong").await.code(), 30011);
    let service = service.at("2026-01-16T14:00:00+08:00");
    let (home, away) = (home.at(&service), away.at(&service));
    assert_eq!(away.log_in("新来的", PASSWORD).await.code(), 0);

    let logins = home.get("/passport/logins").await.data();
    let marks = told(&logins, ["status", "device", "new_device", "new_place", "current"]);
    let row = |status, device, device_is_new, place_is_new, current| {
        [json!(status), json!(device), json!(device_is_new), json!(place_is_new), json!(current)]
    };
    assert_eq!(
        marks,
        [
            row(true, "Firefox浏览器", true, true, false),
            row(false, "Firefox浏览器", false, false, false),
            // The browser had no buvid3 when it signed up, and is known by its name.
            row(true, "Chrome浏览器", false, false, true),
            row(true, "Chrome浏览器", false, false, false),
        ]
    );
    let latest = &logins["list"][0];
    assert_eq!((&latest["ip"], &latest["type"]), (&json!("202.96.*.*"), &json!(0)));
    assert!(latest["place"].as_str().unwrap().starts_with("中国广东"), "{latest}");
    let opened = told(&logins, ["session"]).concat();
    assert!(opened[0].is_string() && opened[1].is_null() && opened[2].is_string(), "{opened:?}");

    let news = home.get("/passport/news").await.data();
    assert_eq!(
        told(&news, ["type", "time", "text", "remark", "ip"]),
        [[
            json!("login"),
            latest["time"].clone(),
            json!("Firefox浏览器"),
            latest["place"].clone(),
            json!("202.96.*.*")
        ]]
    );
    assert_eq!(away.get("/passport/news").await.data()["list"], json!([]), "it is no news to who came");

    // It was somebody else: their session ends, and the login is still told.
    let id = opened[0].as_str().unwrap();
    assert_eq!(home.post("/passport/sessions/revoke", &[("id", id)]).await.code(), 0);
    assert!(!away.is_logged_in().await);
    let after = home.get("/passport/logins").await.data();
    assert_eq!((&after["list"][0]["session"], &after["list"][0]["new_place"]), (&Value::Null, &json!(true)));
    assert_eq!(told(&home.get("/passport/news").await.data(), ["type"]).len(), 1);
    assert_eq!(see(&home, latest["time"].as_i64().unwrap()).await, 0);
    assert_eq!(home.get("/passport/news").await.data()["list"], json!([]));
    agrees(&service).await;
}

/// A login of member 7's, as a dump has it.
fn login(time: i64, buvid: &str, place: &str) -> String {
    json!({"login": {"mid": 7, "time": time, "ip": "36.40.120.15", "how": "qr", "ok": true, "device": "Chrome浏览器",
        "buvid": buvid, "place": place, "carrier": "电信"}})
    .to_string()
}

#[tokio::test]
async fn marks_do_not_change_as_days_go_by() {
    let service = Service::new().await;
    let rows = [login(NOON - 33 * DAY, "A", "中国陕西渭南"), login(NOON, "A", "中国陕西渭南")];
    service.load(&rows.each_ref().map(String::as_str)).await;
    // The one of 33 days before is read with these at first, and then no more.
    for day in ["2026-01-15T13:00:00+08:00", "2026-01-21T13:00:00+08:00"] {
        let service = service.at(day);
        let logins = service.member(7).await.get("/passport/logins").await.data();
        let marks = told(&logins, ["new_device", "new_place", "type"]);
        assert_eq!(marks, [[json!(true), json!(true), json!(1)]], "{day}");
    }
    let later = service.at("2026-01-23T13:00:00+08:00");
    let me = later.member(7).await;
    assert_eq!(me.get("/passport/logins").await.data()["list"], json!([]));
    assert_eq!(me.get("/passport/news").await.data()["list"], json!([]));
}

#[tokio::test]
async fn at_most_twenty_are_told() {
    let service = Service::new().await;
    let rows: Vec<String> =
        (0..25).map(|number| login(NOON - 3600 + number, &format!("device {number}"), "")).collect();
    service.load(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let me = service.member(7).await;
    let times = me.get("/passport/news").await.each("time");
    assert_eq!(times, (5..25).rev().map(|number| NOON - 3600 + number).collect::<Vec<_>>());
    assert_eq!(me.get("/passport/logins").await.data()["list"].as_array().unwrap().len(), 25);
}
