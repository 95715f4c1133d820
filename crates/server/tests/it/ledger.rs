//! Levels, exp by day, coins by month and first steps.

use crate::service::Service;
use guanxi_types::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn levels_and_sources_of_exp_are_returned() {
    let service = Service::new().await;
    let (me, admin) = (service.log_in_as(7).await, service.operator(Role::Admin).await);
    let verified = json!({"mid": 7, "what": "tel"});
    assert_eq!(admin.post("/operator/member/verify", verified.clone()).await.code(), 30053);
    assert_eq!(me.post("/passport/tel", &[("tel", "15312345056")]).await.code(), 0);
    let update = json!({"mid": 7, "growth": {"exp": 204}});
    assert_eq!(admin.post("/operator/member/update", update).await.code(), 0);
    assert_eq!(admin.post("/operator/member/verify", verified).await.code(), 0);
    let levels = me.get("/passport/levels").await.data();
    // 5 of them for the login of the day.
    assert_eq!((&levels["exp"], &levels["level"]), (&json!(304), &json!(2)));
    let steps: Vec<u64> =
        levels["levels"].as_array().unwrap().iter().map(|step| step["min"].as_u64().unwrap()).collect();
    assert_eq!(steps, [0, 1, 200, 1_500, 4_500, 10_800, 28_800]);
    let sources = levels["sources"].as_array().unwrap();
    let source = |kind: &str| sources.iter().find(|source| source["type"] == kind).unwrap().clone();
    let fields = |source: Value| ["exp", "max", "once", "granted"].map(|field| source[field].clone());
    assert_eq!(fields(source("login")), [json!(5), json!(5), json!(false), json!(5)]);
    assert_eq!(fields(source("coins")), [json!(10), json!(50), json!(false), json!(0)]);
    assert_eq!(fields(source("tel")), [json!(100), json!(100), json!(true), json!(100)]);
    assert_eq!(fields(source("identify_card")), [json!(50), json!(50), json!(true), json!(0)]);

    let log = me.get("/passport/exp/log").await.data();
    assert_eq!((&log["month"], &log["total"]), (&json!("2026-01"), &json!(304)));
    assert_eq!(
        log["list"],
        json!([{
            "day": "2026-01-15", "login": 5, "watch": 0, "coins": 0, "share": 0, "other": 299, "total": 304
        }])
    );
    assert_eq!(me.get("/passport/exp/log?month=2025-12").await.data()["list"], json!([]));
    assert_eq!(me.get("/passport/exp/log?month=2026-13").await.code(), -400);
    service.assert_consistent().await;
}

/// Returns a coin entry of member 7 as a dump row.
fn coin(time: &str, tenths: f64, reason: &str) -> String {
    let time: jiff::Timestamp = time.parse().unwrap();
    json!({"coin": {"mid": 7, "time": time.as_second(), "delta": tenths, "reason": reason}}).to_string()
}

#[tokio::test]
async fn coins_of_a_month_are_read_page_by_page() {
    let service = Service::new().await;
    let mut rows = vec![coin("2025-11-30T23:59:59+08:00", 100.0, "十一月")];
    rows.push(coin("2025-12-01T00:00:00+08:00", 1.0, "第一秒"));
    rows.extend((0..60).map(|number| coin("2025-12-15T12:00:00+08:00", 0.1, &format!("同一秒 {number}"))));
    rows.push(coin("2025-12-31T23:59:59+08:00", -0.5, "最后一秒"));
    rows.push(coin("2026-01-01T00:00:00+08:00", 2.0, "一月"));
    service.import_rows(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let me = service.log_in_as(7).await;
    for ps in [1, 7, 50] {
        let mut reasons = Vec::new();
        let mut path = format!("/passport/coins/log?month=2025-12&ps={ps}");
        loop {
            let page = me.get(&path).await.data();
            assert_eq!(page["month"], "2025-12");
            let list = page["list"].as_array().unwrap();
            assert!(list.len() <= ps, "{path}");
            reasons.extend(list.iter().map(|entry| entry["reason"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/passport/coins/log?month=2025-12&ps={ps}&before={next}");
        }
        let mut expected: Vec<String> = vec!["最后一秒".to_owned()];
        expected.extend((0..60).rev().map(|number| format!("同一秒 {number}")));
        expected.push("第一秒".to_owned());
        assert_eq!(reasons, expected, "{ps}");
    }
    // The current month, with the coin of today's login.
    let now = me.get("/passport/coins/log").await.data();
    let entries = now["list"].as_array().unwrap();
    assert_eq!((&now["month"], entries.len(), &entries[1]["delta"]), (&json!("2026-01"), 2, &json!(2)));
    assert_eq!(me.get("/passport/coins/log?month=2030-01").await.data()["list"], json!([]));
    // The contract's log has the last seven days.
    assert_eq!(me.get("/x/member/web/coin/log").await.data()["count"], 1);
}

#[tokio::test]
async fn first_steps_follow_the_account() {
    let service = Service::new().await;
    let me = service.log_in_as(40).await;
    let open = async || {
        let steps = me.get("/passport/steps").await.data();
        let list = steps["list"].as_array().unwrap();
        let open = list.iter().filter(|step| step["done"] == false);
        let open: Vec<String> = open.map(|step| step["step"].as_str().unwrap().to_owned()).collect();
        (steps["dismissed"].as_bool().unwrap(), open)
    };
    let steps = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let all = ["sign", "follow", "contact", "safe_question"];
    assert_eq!(open().await, (false, steps(&all)));
    assert_eq!(me.post("/x/member/web/sign/update", &[("user_sign", "慢慢来")]).await.code(), 0);
    assert_eq!(open().await, (false, steps(&all[1..])), "a sign that waits counts");
    assert_eq!(me.change_relation(3, 2).await, 0);
    assert_eq!(open().await, (false, steps(&all[2..])), "a private follow counts");
    assert_eq!(me.change_relation(4, 2).await, 0);
    assert_eq!(open().await, (false, steps(&all[1..])), "an undone step is open again");
    assert_eq!(me.post("/passport/steps/dismiss", &[]).await.code(), 0);
    assert_eq!(open().await, (true, steps(&all[1..])));
    assert!(!open().await.1.is_empty());
    service.assert_consistent().await;
}

#[tokio::test]
async fn coins_of_a_month_are_a_file() {
    let service =
        Service::with_settings(|settings| settings.coin_export_limit = 1_003.try_into().unwrap()).await;
    let mut rows: Vec<String> =
        (0..1_010).map(|number| coin("2025-12-15T12:00:00+08:00", 0.1, &format!("第 {number} 笔"))).collect();
    rows.push(coin("2025-12-31T23:59:58+08:00", -0.5, "=1+1"));
    rows.push(coin("2025-12-31T23:59:59+08:00", 2.0, "给 \"甲\", 乙"));
    rows.push(coin("2026-01-01T00:00:00+08:00", 2.0, "一月"));
    service.import_rows(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let me = service.log_in_as(7).await;
    let file = me.get("/coins.csv?month=2025-12").await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"coins-2025-12.csv\"");
    assert!(file.header("cache-control").contains("no-store"));
    let lines: Vec<&str> = file.text().split("\r\n").collect();
    // The title, the entries up to the limit, and the end of the last line.
    assert_eq!(lines.len(), 1 + 1_003 + 1);
    assert_eq!(lines[0], "\u{feff}time,change,reason");
    assert_eq!(lines[1], "2025-12-31 23:59:59,2,\"给 \"\"甲\"\", 乙\"");
    assert_eq!(lines[2], "2025-12-31 23:59:58,-0.5,'=1+1");
    assert_eq!(lines[3], "2025-12-15 12:00:00,0.1,第 1009 笔");
    assert_eq!(lines[1_003], "2025-12-15 12:00:00,0.1,第 9 笔");
    let other = service.log_in_as(8).await;
    let empty = other.get("/coins.csv?month=2025-12").await;
    assert_eq!(empty.text(), "\u{feff}time,change,reason\r\n");
    let to_login = service.anonymous().get("/coins.csv").await;
    assert_eq!(to_login.redirect_target(), "/login?back=%2Fcoins.csv");
}

#[tokio::test]
async fn pages_show_months_and_levels() {
    let service = Service::new().await;
    let rows = [
        coin("2025-12-31T23:59:59+08:00", 2.0, "<b>十二月</b>"),
        coin("2026-01-01T00:00:00+08:00", 2.0, "一月"),
    ];
    service.import_rows(&rows.each_ref().map(String::as_str)).await;
    let me = service.log_in_as(7).await;
    let page = async |path: &str| crate::pages::get_page(&me, path).await;
    let january = page("/coins").await;
    assert!(january.contains("一月") && january.contains("登录奖励") && !january.contains("十二月"));
    let december = page("/coins?month=2025-12").await;
    assert!(december.contains("&#60;b&#62;十二月") && !december.contains("一月</bdi>"), "{december}");
    assert!(december.contains("/coins.csv?month=2025-12"));
    for path in ["/coins?month=2026-02", "/coins?month=x"] {
        assert!(page(path).await.contains("<option selected>2026-01"), "{path}");
    }
    let levels = page("/levels").await;
    assert!(levels.contains("LV1，经验 5") && levels.contains("还差 195"), "{levels}");
    assert!(page("/levels?month=2025-12").await.contains("这个月没有得到经验"));
}

#[tokio::test]
async fn first_steps_are_shown_until_dismissed() {
    let service = Service::new().await;
    let me = service.log_in_as(40).await;
    let page = async || crate::pages::get_page(&me, "/").await;
    assert!(page().await.contains("已完成 0 / 4"));
    let answer = me.post("/form/passport/steps/dismiss", &[("back", "/")]).await;
    assert_eq!(answer.redirect_target(), "/");
    assert!(!page().await.contains("先做这几件事"));
}
