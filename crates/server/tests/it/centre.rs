//! The member centre, as members see it.

use crate::service::{NOON, Service};
use guanxi_server::settings::VipExpiry;
use guanxi_storage::Store;
use guanxi_types::Role;
use serde_json::json;

#[tokio::test]
async fn the_first_request_of_a_day_is_its_login() {
    let service = Service::new().await;
    let me = service.member(1).await;
    // Any request made with a session counts, even one that is refused.
    assert_eq!(me.post_bare("/x/relation/modify", "fid=2&act=1").await.code(), -111);
    let log = me.get("/x/member/web/coin/log").await.data();
    assert_eq!(log["count"], 1);
    assert_eq!((&log["list"][0]["delta"], &log["list"][0]["reason"]), (&json!(1), &json!("登录奖励")));
    assert_eq!(me.get("/x/space/acc/info?mid=1").await.data()["coins"], 1);
    assert_eq!(me.get("/x/space/acc/info?mid=1").await.data()["level"], 1);
    assert_eq!(service.anyone().get("/x/space/acc/info?mid=1").await.data()["coins"], 0);
    let level = me.get("/x/web-interface/card?mid=1").await.data()["card"]["level_info"].take();
    assert_eq!(level, json!({"current_level": 1, "current_min": 1, "current_exp": 5, "next_exp": 200}));

    let service = service.at("2026-01-16T00:00:01+08:00");
    let me = service.member(1).await;
    let reward = me.get("/x/member/web/exp/reward").await.data();
    assert_eq!(
        (&reward["login"], &reward["watch"], &reward["coins"]),
        (&json!(true), &json!(false), &json!(0))
    );
    assert_eq!(me.get("/x/member/web/coin/log").await.data()["count"], 2);
    // 7 × 24 hours after the first it is shown no more, and the balance stays.
    let service = service.at("2026-01-22T23:00:00+08:00");
    let me = service.member(1).await;
    assert_eq!(me.get("/x/member/web/coin/log").await.data()["count"], 2);
    assert_eq!(me.get("/x/space/acc/info?mid=1").await.data()["coins"], 3);
    assert!(service.app.store.check().await.unwrap().is_clean());
}

#[tokio::test]
async fn a_sign_waits_and_then_is_shown() {
    let service = Service::new().await;
    let me = service.member(1).await;
    let shown = async || service.anyone().get("/x/space/acc/info?mid=1").await.data()["sign"].take();
    let submit = async |sign: &str| me.post("/x/member/web/sign/update", &[("user_sign", sign)]).await;
    assert_eq!(submit("慢慢来").await.text(), r#"{"code":0,"message":"0","ttl":1}"#);
    assert_eq!(submit("比较快").await.code(), 0);
    guanxi_server::tend::attend_due(&service.app).await.unwrap();
    assert_eq!(shown().await, "");

    let service = service.at("2026-01-15T12:01:30+08:00");
    guanxi_server::tend::attend_due(&service.app).await.unwrap();
    let me = service.member(1).await;
    let shown = async || service.anyone().get("/x/space/acc/info?mid=1").await.data()["sign"].take();
    assert_eq!(shown().await, "比较快");
    // Clearing takes effect at once, and what waits is gone.
    me.post("/x/member/web/sign/update", &[("user_sign", "又一个")]).await.data();
    assert_eq!(me.post("/x/member/web/sign/update", &[]).await.code(), 0);
    assert_eq!(shown().await, "");
    let service = service.at("2026-01-15T13:00:00+08:00");
    guanxi_server::tend::attend_due(&service.app).await.unwrap();
    assert_eq!(service.anyone().get("/x/space/acc/info?mid=1").await.data()["sign"], "");
}

/// Gives member 2 a VIP that ends a second after noon.
async fn with_vip(service: &Service) {
    let due_date = NOON.parse::<jiff::Timestamp>().unwrap().as_millisecond() + 1_000;
    let vip = json!({"kind": 2, "status": 1, "due_date": due_date, "pay_type": 1});
    service.load(&[&json!({"card": {"mid": 2, "uname": "成员2", "vip": vip}}).to_string()]).await;
    service.member(2).await.act(1, 1).await;
}

/// The status of member 2's VIP, wherever it is told: to themselves, to anybody in a space, a card, a list.
async fn statuses(service: &Service) -> [i64; 5] {
    let (me, anyone) = (service.member(2).await, service.anyone());
    let own = me.get("/x/vip/web/user/info").await.data();
    let space = anyone.get("/x/space/acc/info?mid=2").await.data();
    let card = anyone.get("/x/web-interface/card?mid=2").await.data();
    let fans = anyone.get("/x/relation/followers?vmid=1").await.data();
    [
        &own["vip_status"],
        &space["vip"]["status"],
        &card["card"]["vip"]["status"],
        &card["card"]["vip"]["vipStatus"],
        &fans["list"][0]["vip"]["vipStatus"],
    ]
    .map(|status| status.as_i64().unwrap())
}

#[tokio::test]
async fn vip_ends_at_its_due_date_everywhere() {
    let service = Service::new().await;
    with_vip(&service).await;
    assert_eq!(statuses(&service).await, [1; 5]);
    let ended = service.at("2026-01-15T12:00:01+08:00");
    guanxi_server::tend::attend_due(&ended.app).await.unwrap();
    assert_eq!(statuses(&ended).await, [0; 5]);
    let own = ended.member(2).await.get("/x/vip/web/user/info").await.data();
    assert_eq!((&own["vip_type"], &own["vip_pay_type"]), (&json!(2), &json!(1)), "all else stays");
    // An operator may write one that has ended long ago: it ends again.
    let operator = ended.operator(Role::Admin).await;
    let past =
        json!({"mid": 2, "card": {"vip": {"kind": 1, "status": 1, "due_date": 1_600_000_000_000_i64}}});
    operator.post("/operator/member/update", past).await.data();
    guanxi_server::tend::attend_due(&ended.app).await.unwrap();
    assert_eq!(statuses(&ended).await, [0; 5]);
    assert!(ended.app.store.check().await.unwrap().is_clean());
}

#[tokio::test]
async fn vip_stays_where_the_setting_says_so() {
    let service = Service::with(|settings| settings.vip_expiry = VipExpiry::Never).await;
    with_vip(&service).await;
    let later = service.at("2027-01-15T12:00:00+08:00");
    guanxi_server::tend::attend_due(&later.app).await.unwrap();
    assert_eq!(statuses(&later).await, [1; 5]);
}

#[tokio::test]
async fn signs_that_are_refused() {
    let service = Service::new().await;
    let me = service.member(1).await;
    let (fits, long) = ("字".repeat(70), "字".repeat(71));
    for (sign, code) in
        [("代 开-发票", 40015), ("开心😀", 40021), (long.as_str(), 40022), (fits.as_str(), 0), ("☆ ♥ ©", 0)]
    {
        let answer = me.post("/x/member/web/sign/update", &[("user_sign", sign)]).await;
        assert_eq!(answer.code(), code, "{sign}");
    }
}

#[tokio::test]
async fn with_a_moderator_a_sign_waits_for_them() {
    let moderated = |settings: &mut guanxi_server::Settings| {
        settings.sign_review = guanxi_server::settings::SignReview::Moderator;
    };
    let service = Service::with(moderated).await;
    service.member(1).await.post("/x/member/web/sign/update", &[("user_sign", "慢慢来")]).await.data();
    let service = service.at("2027-01-15T12:00:00+08:00");
    guanxi_server::tend::attend_due(&service.app).await.unwrap();
    assert_eq!(service.anyone().get("/x/space/acc/info?mid=1").await.data()["sign"], "");
}

#[tokio::test]
async fn real_names_are_told_as_they_stand() {
    let service = Service::new().await;
    let row = |standing: &str| {
        format!(
            r#"{{"realname":{{"mid":1,"standing":{standing},"name":"陈小明","card":"110101199003070011"}}}}"#
        )
    };
    let none = json!({"status": 3, "remark": "", "realname": "", "card": "", "card_type": 0});
    let me = service.member(1).await;
    assert_eq!(me.get("/x/member/realname/apply/status").await.data(), none);
    for (standing, verified, status, remark) in [
        (r#""waiting""#, 0, 3, ""),
        (r#"{"rejected":"证件模糊"}"#, 0, 3, "证件模糊"),
        (r#""verified""#, 1, 1, ""),
    ] {
        service.load(&[&row(standing)]).await;
        assert_eq!(me.get("/x/member/realname/status").await.data()["status"], verified);
        let told = json!({
            "status": status, "remark": remark, "realname": "*小明", "card": "1***************11", "card_type": 0
        });
        assert_eq!(me.get("/x/member/realname/apply/status").await.data(), told);
        assert_eq!(me.get("/x/member/web/exp/reward").await.data()["identify_card"], verified == 1);
    }
}

#[tokio::test]
async fn logins_are_told_and_masked() {
    let service = Service::new().await;
    let noon = service.app.now();
    let row = |ago: i64, ip: &str, how: &str, ok: bool, buvid: &str| {
        let login = json!({
            "mid": 1, "time": noon - ago, "ip": ip, "how": how, "ok": ok, "buvid": buvid,
            "device": "Chrome浏览器", "place": "中国陕西渭南", "carrier": "电信"
        });
        json!({ "login": login }).to_string()
    };
    let rows = [
        row(8 * 86_400, "36.40.120.15", "password", true, "old"),
        row(7_200, "36.40.120.15", "qr", true, "here"),
        row(3_600, "240e:3b7::1", "password", false, "here"),
        row(60, "36.40.7.1", "password", true, ""),
    ];
    service.load(&rows.each_ref().map(String::as_str)).await;
    let me = service.member(1).await;
    let log = me.get("/x/member/web/login/log").await.data();
    assert_eq!(log["count"], 3);
    let ips: Vec<&str> =
        log["list"].as_array().unwrap().iter().map(|entry| entry["ip"].as_str().unwrap()).collect();
    assert_eq!(ips, ["36.40.*.*", "240e:*:*:*:*:*:*:*", "36.40.*.*"]);
    assert_eq!((&log["list"][1]["status"], &log["list"][2]["type"]), (&json!(false), &json!(1)));
    assert_eq!(log["list"][0]["geo"], "中国陕西渭南电信");

    let notice = async |query: &str| me.get(&format!("/x/safecenter/login_notice?{query}")).await;
    // The latest that succeeded there, however long ago; without a buvid, the latest made without one (D34).
    let here = notice("mid=1&buvid=here").await.data();
    assert_eq!((&here["ip"], &here["login_type"]), (&json!("36.40.***.**"), &json!("扫码登录")));
    assert_eq!(notice("mid=1&buvid=old").await.data()["login_type"], "密码登录");
    assert_eq!(notice("mid=1").await.data()["ip"], "36.40.*.*");
    assert_eq!(notice("mid=1&buvid=").await.data()["ip"], "36.40.*.*");
    let none = json!({
        "mid": 1, "device_name": "", "login_type": "", "login_time": "", "location": "", "ip": ""
    });
    assert_eq!(notice("mid=1&buvid=nowhere").await.data(), none);
    // Whose it is wins over whether there is any (D4).
    assert_eq!(notice("mid=2&buvid=here").await.code(), -403);
}
