//! Several instances of the service on one database.

use crate::client::{PASSWORD, TestClient};
use crate::pictures;
use crate::service::{Service, mid_of};
use futures_util::future::join_all;
use guanxi_server::jobs::scheduler::run_once;
use guanxi_storage::Store;
use guanxi_storage::model::PendingDeletion;
use guanxi_types::Role;
use serde_json::{Value, json};

/// Returns two instances on one database, or `None` without PostgreSQL.
async fn two_instances() -> Option<[Service; 2]> {
    let one = Service::on_postgres().await?;
    let other = one.second_instance().await;
    Some([one, other])
}

#[tokio::test]
async fn revoked_session_is_invalid_on_all_instances() {
    let Some([one, other]) = two_instances().await else { return };
    let me = one.anonymous();
    let mid = me.sign_up("新来的", &[]).await;
    let elsewhere = other.anonymous();
    assert_eq!(
        elsewhere.log_in("新来的", PASSWORD).await.code(),
        0,
        "an account created on one instance logs in on the other"
    );
    assert!(
        me.with_service(&other).is_logged_in().await && elsewhere.with_service(&one).is_logged_in().await
    );
    // The member revokes one session, then an operator revokes all.
    let sessions = me.get("/passport/sessions").await.data();
    let list = sessions["list"].as_array().unwrap();
    let id = list.iter().find(|session| session["current"] == false).unwrap()["id"].as_str().unwrap();
    assert_eq!(me.with_service(&other).post("/passport/sessions/revoke", &[("id", id)]).await.code(), 0);
    assert!(!elsewhere.is_logged_in().await && !elsewhere.with_service(&one).is_logged_in().await);
    assert!(me.is_logged_in().await);
    one.log_in_as(9).await;
    assert_eq!(me.change_relation(1, 9).await, 0);
    let sees_follow = async || me.get("/x/web-interface/card?mid=9").await.data()["following"] == true;
    assert!(sees_follow().await);
    let operator = other.operator(Role::Admin).await;
    assert_eq!(operator.post("/operator/member/sessions/revoke", json!({"mid": mid})).await.code(), 0);
    assert!(!me.is_logged_in().await && !me.with_service(&other).is_logged_in().await);
    assert!(!sees_follow().await, "the page of the ended session is not sent");
}

#[tokio::test]
async fn follow_is_visible_on_all_instances() {
    let Some([one, other]) = two_instances().await else { return };
    let (me, them) = (one.log_in_as(1).await, one.log_in_as(2).await);
    assert_eq!(me.change_relation(1, 2).await, 0);
    assert_eq!(other.anonymous().get("/x/relation/followers?vmid=2").await.ints("mid"), [1]);
    assert_eq!(them.with_service(&other).change_relation(5, 1).await, 0);
    assert_eq!(me.change_relation(1, 2).await, 22003, "a block on one instance applies on the other");
    assert_eq!(one.anonymous().get("/x/relation/followers?vmid=2").await.ints("mid"), [0; 0]);
    one.assert_consistent().await;
}

#[tokio::test]
async fn changed_card_is_on_the_next_page_of_all_instances() {
    let Some([one, other]) = two_instances().await else { return };
    for mid in 1..=4 {
        assert_eq!(one.log_in_as(mid).await.change_relation(1, 9).await, 0);
    }
    let shown = async |service: &Service, mid: u64| {
        let page = service.anonymous().get("/x/relation/followers?vmid=9").await.data();
        let entry =
            page["list"].as_array().unwrap().iter().find(|entry| entry["mid"] == mid).cloned().unwrap();
        [&entry["uname"], &entry["sign"], &entry["vip"]["vipType"]].map(Value::clone)
    };
    let instances = [&one, &other];
    // The first card returns, and so does its version.
    for (round, kind) in [1, 2, 1, 0].into_iter().enumerate() {
        let (writer, mid) = (instances[round % 2], 3);
        let (uname, sign) = (format!("昵称{kind}"), format!("签名{kind}"));
        let vip = json!({"kind": kind, "status": 1, "due_date": 4_102_444_800_000_u64});
        let card = json!({"mid": mid, "uname": uname, "sign": sign, "vip": vip});
        writer.import_rows(&[&json!({"card": card}).to_string()]).await;
        for instance in [instances[(round + 1) % 2], writer] {
            assert_eq!(shown(instance, mid).await, [json!(uname), json!(sign), json!(kind)], "{round}");
        }
    }
    one.assert_consistent().await;
}

#[tokio::test]
async fn changed_name_and_picture_are_on_all_instances() {
    let Some([one, other]) = two_instances().await else { return };
    let me = one.log_in_as(1).await;
    assert_eq!(me.change_relation(1, 9).await, 0);
    let shown = async |service: &Service| {
        let browser = service.anonymous().with_header("host", "a.cn");
        let page = browser.get("/x/relation/followers?vmid=9").await.data();
        let card = browser.get("/x/web-interface/card?mid=1").await.data();
        let listed = [&page["list"][0]["uname"], &page["list"][0]["face"]].map(Value::clone);
        assert_eq!(listed, [&card["card"]["name"], &card["card"]["face"]].map(Value::clone));
        listed
    };
    let mut seen = vec![shown(&other).await];
    assert_eq!(me.post("/passport/name", &[("uname", "新名字")]).await.code(), 0);
    seen.push(shown(&other).await);
    let file = pictures::png(9, 9, [200, 20, 20]);
    assert_eq!(me.post_file("/passport/face", "picture", &file, &[]).await.code(), 0);
    seen.push(shown(&other).await);
    let path = seen[2][1].as_str().unwrap().strip_prefix("http://a.cn").unwrap();
    assert_eq!(other.anonymous().get(path).await.status, 200);
    assert_eq!(me.post("/passport/face/delete", &[]).await.code(), 0);
    assert_eq!(other.anonymous().get(path).await.status, 404);
    assert_eq!(shown(&other).await, seen[1]);
    assert_eq!(seen[1][0], "新名字");
    assert!(seen[0] != seen[1] && seen[1] != seen[2]);
    one.assert_consistent().await;
}

#[tokio::test]
async fn daily_reward_is_granted_once_across_instances() {
    let Some([one, other]) = two_instances().await else { return };
    let me = one.log_in_as(7).await;
    let visit = async |service: &Service| me.with_service(service).get("/x/member/web/account").await.code();
    let visits = (0..20).map(|number| visit(if number % 2 == 0 { &one } else { &other }));
    assert!(join_all(visits).await.into_iter().all(|code| code == 0));
    assert_eq!(me.get("/x/member/web/coin/log").await.data()["count"], 1);
    one.assert_consistent().await;
}

#[tokio::test]
async fn due_task_runs_once_across_instances() {
    let Some([one, other]) = two_instances().await else { return };
    for mid in 1..=8 {
        let sign = format!("签名{mid}");
        let submit =
            one.log_in_as(mid).await.post("/x/member/web/sign/update", &[("user_sign", &sign)]).await;
        assert_eq!(submit.code(), 0);
    }
    let operator = one.operator(Role::Admin).await;
    assert_eq!(operator.post("/operator/member/delete", json!({"mid": 9})).await.code(), 0);
    let later = "2026-01-15T12:02:00+08:00";
    let services = [one.at_time(later), other.at_time(later), one.at_time(later), other.at_time(later)];
    loop {
        let done = join_all(services.iter().map(|service| run_once(&service.app))).await;
        if done.into_iter().map(|done| done.unwrap()).sum::<usize>() == 0 {
            break;
        }
    }
    for mid in 1..=8 {
        let space = other.anonymous().get(&format!("/x/space/acc/info?mid={mid}")).await.data();
        assert_eq!(space["sign"], format!("签名{mid}"));
    }
    assert_eq!(other.anonymous().get("/x/space/acc/info?mid=9").await.code(), -404);
    assert_eq!(one.app.store.get::<PendingDeletion>(mid_of(9)).await.unwrap(), None);
    other.assert_consistent().await;
}

#[tokio::test]
async fn qr_login_works_across_instances() {
    let Some([one, other]) = two_instances().await else { return };
    let (screen, phone) = (one.anonymous(), other.log_in_as(7).await);
    let key = screen.post("/passport/qrcode", &[]).await.data()["key"].as_str().unwrap().to_owned();
    let status = async |screen: &TestClient<'_>| {
        screen.get(&format!("/passport/qrcode?key={key}")).await.data()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(phone.get(&format!("/passport/qrcode/confirm?key={key}")).await.code(), 0);
    assert_eq!(status(&screen).await, "scanned");
    assert_eq!(phone.post("/passport/qrcode/confirm", &[("key", &key)]).await.code(), 0);
    // Both poll concurrently, and one of them opens the session.
    let copy = screen.with_service(&other);
    let mut results = join_all([status(&screen), status(&copy)]).await;
    results.sort_unstable();
    assert_eq!(results, ["confirmed", "expired"]);
    assert_ne!(screen.is_logged_in().await, copy.is_logged_in().await);
}

#[tokio::test]
async fn rate_limit_is_shared_across_instances() {
    let Some([one, other]) = two_instances().await else { return };
    one.anonymous().sign_up("新来的", &[]).await;
    let guess = async |service: &Service| service.anonymous().log_in("新来的", "guess").await.code();
    let guesses = (0..20).map(|number| guess(if number % 2 == 0 { &one } else { &other }));
    let results = join_all(guesses).await;
    assert_eq!(results.iter().filter(|code| **code == 30011).count(), 5, "{results:?}");
    assert_eq!(other.anonymous().log_in("新来的", PASSWORD).await.code(), 30012);
}
