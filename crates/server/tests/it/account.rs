//! The account endpoints and background tasks, as members see them.

use crate::service::{NOON, Service};
use guanxi_server::config::VipExpiry;
use guanxi_types::Role;
use serde_json::json;

#[tokio::test]
async fn first_request_of_a_day_is_its_login() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    // Any request with a session counts, even a rejected one.
    assert_eq!(me.post_raw("/x/relation/modify", "fid=2&act=1").await.code(), -111);
    let log = me.get("/x/member/web/coin/log").await.data();
    assert_eq!(log["count"], 1);
    assert_eq!((&log["list"][0]["delta"], &log["list"][0]["reason"]), (&json!(1), &json!("登录奖励")));
    assert_eq!(me.get("/x/space/acc/info?mid=1").await.data()["coins"], 1);
    assert_eq!(me.get("/x/space/acc/info?mid=1").await.data()["level"], 1);
    assert_eq!(service.anonymous().get("/x/space/acc/info?mid=1").await.data()["coins"], 0);
    let level = me.get("/x/web-interface/card?mid=1").await.data()["card"]["level_info"].take();
    assert_eq!(level, json!({"current_level": 1, "current_min": 1, "current_exp": 5, "next_exp": 200}));

    let service = service.at_time("2026-01-16T00:00:01+08:00");
    let me = service.log_in_as(1).await;
    let reward = me.get("/x/member/web/exp/reward").await.data();
    assert_eq!(
        (&reward["login"], &reward["watch"], &reward["coins"]),
        (&json!(true), &json!(false), &json!(0))
    );
    assert_eq!(me.get("/x/member/web/coin/log").await.data()["count"], 2);
    // Entries older than 7 × 24 hours are no longer listed. The balance stays.
    let service = service.at_time("2026-01-22T23:00:00+08:00");
    let me = service.log_in_as(1).await;
    assert_eq!(me.get("/x/member/web/coin/log").await.data()["count"], 2);
    assert_eq!(me.get("/x/space/acc/info?mid=1").await.data()["coins"], 3);
    service.assert_consistent().await;
}

#[tokio::test]
async fn bio_takes_effect_after_the_delay() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let shown = async || service.anonymous().get("/x/space/acc/info?mid=1").await.data()["sign"].take();
    let submit = async |sign: &str| me.post("/x/member/web/sign/update", &[("user_sign", sign)]).await;
    assert_eq!(submit("慢慢来").await.text(), r#"{"code":0,"message":"0","ttl":1}"#);
    assert_eq!(submit("比较快").await.code(), 0);
    guanxi_server::jobs::scheduler::run_once(&service.app).await.unwrap();
    assert_eq!(shown().await, "");

    let service = service.at_time("2026-01-15T12:01:30+08:00");
    guanxi_server::jobs::scheduler::run_once(&service.app).await.unwrap();
    let me = service.log_in_as(1).await;
    let shown = async || service.anonymous().get("/x/space/acc/info?mid=1").await.data()["sign"].take();
    assert_eq!(shown().await, "比较快");
    // Clearing takes effect at once and drops the pending bio.
    me.post("/x/member/web/sign/update", &[("user_sign", "又一个")]).await.data();
    assert_eq!(me.post("/x/member/web/sign/update", &[]).await.code(), 0);
    assert_eq!(shown().await, "");
    let service = service.at_time("2026-01-15T13:00:00+08:00");
    guanxi_server::jobs::scheduler::run_once(&service.app).await.unwrap();
    assert_eq!(service.anonymous().get("/x/space/acc/info?mid=1").await.data()["sign"], "");
}

/// Gives member 2 a VIP that expires a second after noon.
async fn give_vip(service: &Service) {
    let due_date = NOON.parse::<jiff::Timestamp>().unwrap().as_millisecond() + 1_000;
    let vip = json!({"kind": 2, "status": 1, "due_date": due_date, "pay_type": 1});
    service.import_rows(&[&json!({"card": {"mid": 2, "uname": "成员2", "vip": vip}}).to_string()]).await;
    service.log_in_as(2).await.change_relation(1, 1).await;
}

/// Returns the status of member 2's VIP in every endpoint: their own, the space, the card and a list.
async fn vip_statuses(service: &Service) -> [i64; 5] {
    let (me, anonymous) = (service.log_in_as(2).await, service.anonymous());
    let own = me.get("/x/vip/web/user/info").await.data();
    let space = anonymous.get("/x/space/acc/info?mid=2").await.data();
    let card = anonymous.get("/x/web-interface/card?mid=2").await.data();
    let fans = anonymous.get("/x/relation/followers?vmid=1").await.data();
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
async fn vip_expires_at_its_due_date_everywhere() {
    let service = Service::new().await;
    give_vip(&service).await;
    assert_eq!(vip_statuses(&service).await, [1; 5]);
    let ended = service.at_time("2026-01-15T12:00:01+08:00");
    guanxi_server::jobs::scheduler::run_once(&ended.app).await.unwrap();
    assert_eq!(vip_statuses(&ended).await, [0; 5]);
    assert_eq!(vip_statuses(&service).await, [0; 5], "its profile cache had the status from before");
    let own = ended.log_in_as(2).await.get("/x/vip/web/user/info").await.data();
    assert_eq!((&own["vip_type"], &own["vip_pay_type"]), (&json!(2), &json!(1)), "the other VIP fields stay");
    // An operator may write a VIP that expired long ago. It expires again.
    let operator = ended.operator(Role::Admin).await;
    let past =
        json!({"mid": 2, "card": {"vip": {"kind": 1, "status": 1, "due_date": 1_600_000_000_000_i64}}});
    operator.post("/operator/member/update", past).await.data();
    guanxi_server::jobs::scheduler::run_once(&ended.app).await.unwrap();
    assert_eq!(vip_statuses(&ended).await, [0; 5]);
    ended.assert_consistent().await;
}

#[tokio::test]
async fn vip_never_expires_if_configured() {
    let service = Service::with_settings(|settings| settings.vip_expiry = VipExpiry::Never).await;
    give_vip(&service).await;
    let later = service.at_time("2027-01-15T12:00:00+08:00");
    guanxi_server::jobs::scheduler::run_once(&later.app).await.unwrap();
    assert_eq!(vip_statuses(&later).await, [1; 5]);
}

#[tokio::test]
async fn invalid_bios_are_rejected() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let (fits, long) = ("字".repeat(70), "字".repeat(71));
    for (sign, code) in
        [("代 开-发票", 40015), ("开心😀", 40021), (long.as_str(), 40022), (fits.as_str(), 0), ("☆ ♥ ©", 0)]
    {
        let answer = me.post("/x/member/web/sign/update", &[("user_sign", sign)]).await;
        assert_eq!(answer.code(), code, "{sign}");
    }
}

#[tokio::test]
async fn moderated_bio_waits_for_approval() {
    let moderated = |settings: &mut guanxi_server::Settings| {
        settings.sign_review = guanxi_server::config::BioApproval::Moderator;
    };
    let service = Service::with_settings(moderated).await;
    service.log_in_as(1).await.post("/x/member/web/sign/update", &[("user_sign", "慢慢来")]).await.data();
    let service = service.at_time("2027-01-15T12:00:00+08:00");
    guanxi_server::jobs::scheduler::run_once(&service.app).await.unwrap();
    assert_eq!(service.anonymous().get("/x/space/acc/info?mid=1").await.data()["sign"], "");
}

#[tokio::test]
async fn realname_status_follows_the_review() {
    let service = Service::new().await;
    let row = |status: &str| {
        format!(r#"{{"realname":{{"mid":1,"status":{status},"name":"陈小明","card":"110101199003070011"}}}}"#)
    };
    let none = json!({"status": 3, "remark": "", "realname": "", "card": "", "card_type": 0});
    let me = service.log_in_as(1).await;
    assert_eq!(me.get("/x/member/realname/apply/status").await.data(), none);
    for (standing, verified, status, remark) in [
        (r#""waiting""#, 0, 3, ""),
        (r#"{"rejected":"证件模糊"}"#, 0, 3, "证件模糊"),
        (r#""verified""#, 1, 1, ""),
    ] {
        service.import_rows(&[&row(standing)]).await;
        assert_eq!(me.get("/x/member/realname/status").await.data()["status"], verified);
        let expected = json!({
            "status": status, "remark": remark, "realname": "*小明", "card": "1***************11", "card_type": 0
        });
        assert_eq!(me.get("/x/member/realname/apply/status").await.data(), expected);
        assert_eq!(me.get("/x/member/web/exp/reward").await.data()["identify_card"], verified == 1);
    }
}

#[tokio::test]
async fn login_log_is_masked() {
    let service = Service::new().await;
    let noon = service.app.now();
    let row = |ago: i64, ip: &str, method: &str, success: bool, buvid: &str| {
        let login = json!({
            "mid": 1, "time": noon - ago, "ip": ip, "method": method, "success": success, "buvid": buvid,
            "device": "Chrome浏览器", "location": "中国陕西渭南", "isp": "电信"
        });
        json!({ "login": login }).to_string()
    };
    let rows = [
        row(8 * 86_400, "36.40.120.15", "password", true, "old"),
        row(7_200, "36.40.120.15", "qr", true, "here"),
        row(3_600, "240e:3b7::1", "password", false, "here"),
        row(60, "36.40.7.1", "password", true, ""),
    ];
    service.import_rows(&rows.each_ref().map(String::as_str)).await;
    let me = service.log_in_as(1).await;
    let log = me.get("/x/member/web/login/log").await.data();
    assert_eq!(log["count"], 3);
    let ips: Vec<&str> =
        log["list"].as_array().unwrap().iter().map(|entry| entry["ip"].as_str().unwrap()).collect();
    assert_eq!(ips, ["36.40.*.*", "240e:*:*:*:*:*:*:*", "36.40.*.*"]);
    assert_eq!((&log["list"][1]["status"], &log["list"][2]["type"]), (&json!(false), &json!(1)));
    assert_eq!(log["list"][0]["geo"], "中国陕西渭南电信");

    let notice = async |query: &str| me.get(&format!("/x/safecenter/login_notice?{query}")).await;
    // The latest successful login from that device, however long ago. Without a buvid, the latest one made without
    // one (D34).
    let here = notice("mid=1&buvid=here").await.data();
    assert_eq!((&here["ip"], &here["login_type"]), (&json!("36.40.***.**"), &json!("扫码登录")));
    assert_eq!(notice("mid=1&buvid=old").await.data()["login_type"], "密码登录");
    assert_eq!(notice("mid=1").await.data()["ip"], "36.40.*.*");
    assert_eq!(notice("mid=1&buvid=").await.data()["ip"], "36.40.*.*");
    let none = json!({
        "mid": 1, "device_name": "", "login_type": "", "login_time": "", "location": "", "ip": ""
    });
    assert_eq!(notice("mid=1&buvid=nowhere").await.data(), none);
    // The ownership check comes before the existence check (D4).
    assert_eq!(notice("mid=2&buvid=here").await.code(), -403);
}
