//! Review status, login log and news of a member.

use crate::client::{CHROME, FIREFOX};
use crate::client::{PASSWORD, TestClient};
use crate::pages::get_page;
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

/// Returns the time up to which the news are seen, and the number of unread ones.
async fn seen_and_unread(me: &TestClient<'_>) -> (i64, usize) {
    let news = me.get("/passport/news").await.data();
    let listed = news["list"].as_array().unwrap().len();
    assert_eq!(me.get("/passport/news/unread").await.data(), json!({"count": news["unread"]}));
    (news["seen"].as_i64().unwrap(), listed)
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
    assert_eq!((&news["seen"], &news["unread"], &news["next"]), (&json!(0), &json!(1), &Value::Null));
    let id = format!("{}-1", ended["time"]);
    assert_eq!(
        news["list"],
        json!([{
            "id": id, "type": "sign_approved", "time": ended["time"], "unread": true, "text": "慢慢来",
            "remark": "", "ip": "", "level": 0, "coins": 0, "count": 0, "members": []
        }])
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
    assert_eq!(seen_and_unread(&me).await, (0, 0), "both are pending");

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
    assert_eq!(seen_and_unread(&me).await, (times[0], 0));

    // Marking news as seen is limited to the current time.
    let ahead = service.at_time("2026-01-15T14:00:00+08:00");
    assert_eq!(mark_seen(&me, i64::MAX).await, 0);
    let (me, moderator) = (me.with_service(&ahead), moderator.with_service(&ahead));
    assert_eq!(me.post("/passport/realname", &card).await.code(), 0);
    let yes = json!({"mid": 7, "approve": true});
    assert_eq!(moderator.post("/operator/reviews/realname", yes).await.code(), 0);
    assert_eq!(fields_of(&me.get("/passport/news").await.data(), ["type"]), [[json!("realname_verified")]]);
    assert_eq!(seen_and_unread(&service.log_in_as(8).await).await, (0, 0));
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

/// Returns the news of member 7 as a dump row, with one item a second.
fn news_row(count: i64) -> String {
    let item =
        |id| json!({"id": id, "time": NOON - 3600 + id, "kind": "coins", "coins": 1, "remark": "补偿"});
    let items: Vec<Value> = (1..=count).map(item).collect();
    json!({"news": {"mid": 7, "last_id": count, "expires": NOON + 90 * DAY, "items": items}}).to_string()
}

#[tokio::test]
async fn news_are_read_page_by_page() {
    let service = Service::new().await;
    service.import_rows(&[&news_row(45)]).await;
    let me = service.log_in_as(7).await;
    let (mut times, mut path) = (Vec::new(), "/passport/news?all=1".to_owned());
    for length in [20, 20, 5] {
        let page = me.get(&path).await;
        let data = page.data();
        assert_eq!((page.ints("time").len(), &data["unread"]), (length, &json!(45)));
        times.extend(page.ints("time"));
        path = format!("/passport/news?all=1&before={}", data["next"].as_str().unwrap_or_default());
    }
    assert_eq!(times, (1..=45).rev().map(|id| NOON - 3600 + id).collect::<Vec<_>>());
    assert_eq!(me.get("/passport/news?before=x").await.code(), -400);
}

#[tokio::test]
async fn read_item_stays_in_the_history() {
    let service = Service::new().await;
    service.import_rows(&[&news_row(2)]).await;
    let me = service.log_in_as(7).await;
    let id = format!("{}-1", NOON - 3599);
    for _ in 0..2 {
        assert_eq!(me.post("/passport/news/read", &[("item", &id)]).await.code(), 0);
        assert_eq!(seen_and_unread(&me).await, (0, 1));
    }
    let all = me.get("/passport/news?all=1").await.data();
    assert_eq!(
        fields_of(&all, ["unread", "remark", "coins"]),
        [[json!(true), json!("补偿"), json!(1)], [json!(false), json!("补偿"), json!(1)]]
    );
    // After the time that they are kept, the news are gone.
    let later = service.at_time("2026-05-01T12:00:00+08:00");
    let me = later.log_in_as(7).await;
    assert_eq!(me.get("/passport/news?all=1").await.data()["list"], json!([]));
    later.run_due_tasks().await;
    later.assert_consistent().await;
}

#[tokio::test]
async fn new_followers_are_news_of_a_day() {
    let service = Service::new().await;
    let follow = async |service: &Service, from: u64, act: u8, to: u64| {
        assert_eq!(service.log_in_as(from).await.change_relation(act, to).await, 0);
    };
    for (from, act) in [(40, 1), (41, 1), (42, 1), (43, 3), (44, 1)] {
        follow(&service, from, act, 39).await;
    }
    let service = service.at_time("2026-01-16T12:00:00+08:00");
    follow(&service, 45, 1, 39).await;
    let me = service.log_in_as(39).await;
    let summary = async |path: &str| {
        let news = me.get(path).await.data();
        let names = |members: &Value| -> Vec<u64> {
            members.as_array().unwrap().iter().map(|member| member["mid"].as_u64().unwrap()).collect()
        };
        let rows = fields_of(&news, ["type", "count", "unread", "members"]);
        let rows = rows.into_iter().map(|[kind, count, unread, members]| {
            assert_eq!(kind, "followers");
            (count.as_u64().unwrap(), unread.as_bool().unwrap(), names(&members))
        });
        (news["unread"].as_u64().unwrap(), rows.collect::<Vec<_>>())
    };
    // The whisper of 43 is no news.
    let expected = vec![(1, true, vec![45]), (4, true, vec![44, 42, 41])];
    assert_eq!(summary("/passport/news").await, (5, expected));
    assert_eq!(summary("/passport/news?all=1").await.1.len(), 2);

    // Whom the member follows back, and whom the member blocks, is unread no more.
    assert_eq!(me.change_relation(1, 44).await, 0);
    assert_eq!(me.change_relation(5, 42).await, 0);
    let expected = vec![(2, true, vec![44, 45]), (2, true, vec![41, 40])];
    assert_eq!(summary("/passport/news").await, (3, expected));
    let oldest = me.get("/passport/news").await.data()["list"][1]["id"].as_str().unwrap().to_owned();
    assert_eq!(me.post("/passport/news/read", &[("item", &oldest)]).await.code(), 0);
    let expected = vec![(2, true, vec![44, 45])];
    assert_eq!(summary("/passport/news").await, (1, expected));
    assert_eq!(mark_seen(&me, i64::MAX).await, 0);
    assert_eq!(summary("/passport/news").await, (0, vec![]));
    let expected = vec![(2, false, vec![44, 45]), (2, false, vec![41, 40])];
    assert_eq!(summary("/passport/news?all=1").await, (0, expected));
    // An answer of the other member is news again.
    let service = service.at_time("2026-01-17T12:00:00+08:00");
    let me = me.with_service(&service);
    assert_eq!(me.change_relation(1, 46).await, 0);
    assert_eq!(me.get("/passport/news").await.data()["unread"], 0);
    follow(&service, 46, 1, 39).await;
    assert_eq!(me.get("/passport/news/unread").await.data(), json!({"count": 1}));
    service.assert_consistent().await;
}

#[tokio::test]
async fn level_and_coins_of_operators_are_news() {
    let service = Service::new().await;
    let (me, admin) = (service.log_in_as(7).await, service.operator(Role::Admin).await);
    let coins = json!({"mid": 7, "delta": -0.5, "reason": "更正"});
    assert_eq!(admin.post("/operator/member/coins", coins).await.code(), 30050);
    assert_eq!(seen_and_unread(&me).await, (0, 0), "level 1 is no news");
    let coins = json!({"mid": 7, "delta": 2.5, "reason": "补偿"});
    assert_eq!(admin.post("/operator/member/coins", coins).await.code(), 0);
    let update = json!({"mid": 7, "growth": {"exp": 1500}});
    assert_eq!(admin.post("/operator/member/update", update).await.code(), 0);
    let news = me.get("/passport/news").await.data();
    assert_eq!(
        fields_of(&news, ["type", "level", "coins", "remark"]),
        [
            [json!("level"), json!(3), json!(0), json!("")],
            [json!("coins"), json!(0), json!(2.5), json!("补偿")],
        ]
    );
    service.assert_consistent().await;
}

#[tokio::test]
async fn badge_counts_unread_news_on_every_page() {
    let service = Service::new().await;
    let (me, name) = (service.log_in_as(7).await, "aria-label=\"消息");
    for (count, label, badge) in [
        (0, "消息\"", None),
        (3, "消息，3 条未读\"", Some(">3</b>")),
        (99, "消息，99 条未读\"", Some(">99</b>")),
        (100, "消息，99 条以上未读\"", Some(">99+</b>")),
    ] {
        service.import_rows(&[&news_row(count)]).await;
        for path in ["/", "/coins", "/fans", "/space/2", "/find?who=nobody"] {
            let answer = me.get(path).await;
            let text = answer.text();
            assert!(text.contains(&format!("aria-label=\"{label}")), "{path}: {text}");
            assert!(badge.is_none_or(|badge| text.contains(badge)), "{path}");
        }
    }
    assert!(!service.anonymous().get("/login").await.text().contains(name));
}

#[tokio::test]
async fn page_of_news_has_history_and_escapes_names() {
    let service = Service::new().await;
    service
        .import_rows(&[&json!({"card": {"mid": 46, "uname": "<i>小明"}}).to_string(), &news_row(25)])
        .await;
    assert_eq!(service.log_in_as(46).await.change_relation(1, 7).await, 0);
    let me = service.log_in_as(7).await;
    let page = get_page(&me, "/news").await;
    assert!(page.contains("<bdi>&#60;i&#62;") && page.contains("</bdi> 关注了你"), "{page}");
    assert_eq!(page.matches("/form/passport/news/read").count(), 20);
    let older = page.split("/news?before=").nth(1).unwrap().split('"').next().unwrap();
    let older = get_page(&me, &format!("/news?before={older}")).await;
    assert_eq!(older.matches("/form/passport/news/read").count(), 6);
    let seen =
        me.post("/form/passport/news/seen", &[("until", &i64::MAX.to_string()), ("back", "/news")]).await;
    assert_eq!(seen.redirect_target(), "/news");
    let page = get_page(&me, "/news").await;
    assert!(!page.contains("/form/passport/news/read") && page.contains("关注了你"));
}
