//! Members change their name, sex and birthday.

use crate::client::PASSWORD;
use crate::service::Service;
use guanxi_server::config::NameApproval;
use guanxi_types::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn changed_name_is_shown_and_logs_in() {
    let service = Service::new().await;
    let me = service.anonymous();
    let mid = me.sign_up("老名字", &[]).await;
    assert_eq!(me.change_relation(1, 2).await, 0);
    let shown = async || {
        let browser = service.anonymous();
        let card =
            browser.get(&format!("/x/web-interface/card?mid={mid}")).await.data()["card"]["name"].clone();
        let listed = browser.get("/x/relation/followers?vmid=2").await.data()["list"][0]["uname"].clone();
        assert_eq!(card, listed);
        card
    };
    assert_eq!(shown().await, "老名字");
    assert_eq!(me.post("/passport/name", &[("uname", " 新名字 ")]).await.code(), 0);
    assert_eq!(shown().await, "新名字");
    assert_eq!(service.anonymous().log_in("新名字", PASSWORD).await.code(), 0);
    assert_eq!(service.anonymous().log_in("老名字", PASSWORD).await.code(), 30011);
    let account = me.get("/x/member/web/account").await.data();
    assert_eq!((&account["uname"], &account["nick_free"]), (&json!("新名字"), &json!(false)));
}

#[tokio::test]
async fn unusable_name_is_rejected() {
    let service = Service::new().await;
    let (me, other) = (service.anonymous(), service.anonymous());
    me.sign_up("小甲", &[]).await;
    other.sign_up("Tom", &[]).await;
    for (name, code) in [
        ("", 30001),
        ("13800138000", 30001),
        ("一二三四五六七八九十一二三四五六七", 30001),
        ("admin", 30001),
        ("tom", 30002),
        ("T\u{43e}m", 30002),
    ] {
        assert_eq!(me.post("/passport/name", &[("uname", name)]).await.code(), code, "{name:?}");
    }
    assert_eq!(
        me.get("/passport/name").await.data(),
        json!({"uname": "小甲", "changeable": 0, "waits": null, "ended": null})
    );
}

#[tokio::test]
async fn name_is_changed_once_in_a_week() {
    let service = Service::new().await;
    let me = service.anonymous();
    me.sign_up("小甲", &[]).await;
    assert_eq!(me.post("/passport/name", &[("uname", "小乙")]).await.code(), 0);
    let again = me.post("/passport/name", &[("uname", "小丙")]).await;
    assert_eq!((again.code(), again.retry_after()), (30080, Some(7 * 86_400)));
    let next = me.get("/passport/name").await.data()["changeable"].as_i64().unwrap();
    assert_eq!(next, service.app.now() + 7 * 86_400);
    assert_eq!(
        me.post("/passport/name", &[("uname", "小乙")]).await.code(),
        0,
        "the current name is no change"
    );
    let later = service.at_time("2026-01-22T12:00:01+08:00");
    assert_eq!(me.with_service(&later).post("/passport/name", &[("uname", "小丙")]).await.code(), 0);
    let free = service.reconfigured(|settings| settings.name_change_days = 0);
    assert_eq!(me.with_service(&free).post("/passport/name", &[("uname", "小丁")]).await.code(), 0);
}

#[tokio::test]
async fn reviewed_name_is_shown_after_its_approval() {
    let service = Service::with_settings(|settings| settings.name_review = NameApproval::Moderator).await;
    let (me, moderator) = (service.anonymous(), service.operator(Role::Moderator).await);
    let mid = me.sign_up("小甲", &[]).await;
    let state = async || {
        let data = me.get("/passport/name").await.data();
        let field = |part: &str| data[part].get("uname").cloned().unwrap_or(Value::Null);
        (data["uname"].clone(), field("waits"), field("ended"))
    };
    assert_eq!(me.post("/passport/name", &[("uname", "小乙")]).await.code(), 0);
    assert_eq!(state().await, (json!("小甲"), json!("小乙"), Value::Null));
    let list = moderator.get("/operator/reviews/names").await.data()["list"].clone();
    let submitted = list[0]["submitted"].clone();
    assert_eq!(list, json!([{"mid": mid, "uname": "小乙", "shown": "小甲", "submitted": submitted}]));
    let review = async |verdict: Value| moderator.post("/operator/reviews/name", verdict).await.code();
    assert_eq!(review(json!({"mid": mid, "approve": false})).await, -400, "a rejection has a reason");
    assert_eq!(review(json!({"mid": mid, "approve": false, "remark": "广告"})).await, 0);
    assert_eq!(state().await, (json!("小甲"), Value::Null, json!("小乙")));
    let ended = me.get("/passport/name").await.data()["ended"].clone();
    assert_eq!((&ended["approved"], &ended["remark"]), (&json!(false), &json!("广告")));
    assert_eq!(me.post("/passport/name", &[("uname", "小丙")]).await.code(), 0);
    assert_eq!(review(json!({"mid": mid, "approve": true, "submitted": 1})).await, 30041);
    assert_eq!(review(json!({"mid": mid, "approve": true})).await, 0);
    assert_eq!(state().await, (json!("小丙"), Value::Null, json!("小丙")));
    assert_eq!(review(json!({"mid": mid, "approve": true})).await, 30040);
}

#[tokio::test]
async fn others_see_the_birthday_without_its_year() {
    let service = Service::new().await;
    let (me, them) = (service.log_in_as(1).await, service.log_in_as(2).await);
    assert_eq!(me.post("/passport/birthday", &[("birthday", "2002-03-05")]).await.code(), 0);
    assert_eq!(me.post("/passport/sex", &[("sex", "女")]).await.code(), 0);
    let own = me.get("/x/member/web/account").await.data();
    assert_eq!((&own["birthday"], &own["sex"]), (&json!("2002-03-05"), &json!("女")));
    let space = them.get("/x/space/acc/info?mid=1").await;
    assert_eq!((&space.data()["birthday"], &space.data()["sex"]), (&json!("03-05"), &json!("女")));
    let card = them.get("/x/web-interface/card?mid=1").await;
    assert_eq!((&card.data()["card"]["birthday"], &card.data()["card"]["sex"]), (&json!(""), &json!("女")));
    for answer in [space, card, them.get("/space/1").await] {
        assert!(!answer.text().contains("2002"));
    }
    for (path, form) in [("/passport/birthday", ("birthday", "")), ("/passport/sex", ("sex", "保密"))] {
        assert_eq!(me.post(path, &[form]).await.code(), 0);
    }
    let own = me.get("/x/member/web/account").await.data();
    assert_eq!((&own["birthday"], &own["sex"]), (&json!(""), &json!("保密")));
}

#[tokio::test]
async fn future_birthday_is_rejected() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for (day, code) in [("2026-01-15", 0), ("2026-01-16", -400), ("1900-01-01", 0), ("1899-12-31", -400)] {
        assert_eq!(me.post("/passport/birthday", &[("birthday", day)]).await.code(), code, "{day}");
    }
}
