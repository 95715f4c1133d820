//! Several services of one community on one database: what one of them does is so for all.

use crate::browser::{Browser, PASSWORD};
use crate::service::{Service, member};
use futures_util::future::join_all;
use guanxi_server::tend::attend_due;
use guanxi_storage::Store;
use guanxi_storage::row::Farewell;
use guanxi_types::Role;
use serde_json::json;

/// Two services of one community; none where there is no PostgreSQL.
async fn two() -> Option<[Service; 2]> {
    let one = Service::shared().await?;
    let other = one.twin().await;
    Some([one, other])
}

async fn agrees(service: &Service) {
    let report = service.app.store.check().await.unwrap();
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn a_session_that_is_revoked_is_none_anywhere() {
    let Some([one, other]) = two().await else { return };
    let me = one.anyone();
    let mid = me.sign_up("新来的", &[]).await;
    let elsewhere = other.anyone();
    assert_eq!(elsewhere.log_in("新来的", PASSWORD).await.code(), 0, "who signs up here logs in there");
    assert!(me.at(&other).is_logged_in().await && elsewhere.at(&one).is_logged_in().await);
    // One of them is ended by its member, and then all are by the operator.
    let sessions = me.get("/passport/sessions").await.data();
    let list = sessions["list"].as_array().unwrap();
    let id = list.iter().find(|session| session["current"] == false).unwrap()["id"].as_str().unwrap();
    assert_eq!(me.at(&other).post("/passport/sessions/revoke", &[("id", id)]).await.code(), 0);
    assert!(!elsewhere.is_logged_in().await && !elsewhere.at(&one).is_logged_in().await);
    assert!(me.is_logged_in().await);
    let operator = other.operator(Role::Admin).await;
    assert_eq!(operator.post("/operator/member/sessions/revoke", json!({"mid": mid})).await.code(), 0);
    assert!(!me.is_logged_in().await && !me.at(&other).is_logged_in().await);
}

#[tokio::test]
async fn a_follow_is_read_everywhere() {
    let Some([one, other]) = two().await else { return };
    let (me, them) = (one.member(1).await, one.member(2).await);
    assert_eq!(me.act(1, 2).await, 0);
    assert_eq!(other.anyone().get("/x/relation/followers?vmid=2").await.each("mid"), [1]);
    assert_eq!(them.at(&other).act(5, 1).await, 0);
    assert_eq!(me.act(1, 2).await, 22003, "who is blocked there is blocked here");
    assert_eq!(one.anyone().get("/x/relation/followers?vmid=2").await.each("mid"), [0; 0]);
    agrees(&one).await;
}

#[tokio::test]
async fn a_day_gives_once_whoever_is_visited() {
    let Some([one, other]) = two().await else { return };
    let me = one.member(7).await;
    let visit = async |service: &Service| me.at(service).get("/x/member/web/account").await.code();
    let visits = (0..20).map(|number| visit(if number % 2 == 0 { &one } else { &other }));
    assert!(join_all(visits).await.into_iter().all(|code| code == 0));
    assert_eq!(me.get("/x/member/web/coin/log").await.data()["count"], 1);
    agrees(&one).await;
}

#[tokio::test]
async fn what_is_due_is_done_once_though_all_attend() {
    let Some([one, other]) = two().await else { return };
    for mid in 1..=8 {
        let sign = format!("签名{mid}");
        let submit = one.member(mid).await.post("/x/member/web/sign/update", &[("user_sign", &sign)]).await;
        assert_eq!(submit.code(), 0);
    }
    let operator = one.operator(Role::Admin).await;
    assert_eq!(operator.post("/operator/member/delete", json!({"mid": 9})).await.code(), 0);
    let later = "2026-01-15T12:02:00+08:00";
    let services = [one.at(later), other.at(later), one.at(later), other.at(later)];
    loop {
        let done = join_all(services.iter().map(|service| attend_due(&service.app))).await;
        if done.into_iter().map(|done| done.unwrap()).sum::<usize>() == 0 {
            break;
        }
    }
    for mid in 1..=8 {
        let space = other.anyone().get(&format!("/x/space/acc/info?mid={mid}")).await.data();
        assert_eq!(space["sign"], format!("签名{mid}"));
    }
    assert_eq!(other.anyone().get("/x/space/acc/info?mid=9").await.code(), -404);
    assert_eq!(one.app.store.get::<Farewell>(member(9)).await.unwrap(), None);
    agrees(&other).await;
}

#[tokio::test]
async fn a_code_of_one_is_confirmed_at_another() {
    let Some([one, other]) = two().await else { return };
    let (screen, phone) = (one.anyone(), other.member(7).await);
    let key = screen.post("/passport/qrcode", &[]).await.data()["key"].as_str().unwrap().to_owned();
    let status = async |screen: &Browser<'_>| {
        screen.get(&format!("/passport/qrcode?key={key}")).await.data()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(phone.get(&format!("/passport/qrcode/confirm?key={key}")).await.code(), 0);
    assert_eq!(status(&screen).await, "scanned");
    assert_eq!(phone.post("/passport/qrcode/confirm", &[("key", &key)]).await.code(), 0);
    // Both are asked at once, and one of them opens the session.
    let copy = screen.at(&other);
    let mut told = join_all([status(&screen), status(&copy)]).await;
    told.sort_unstable();
    assert_eq!(told, ["confirmed", "expired"]);
    assert_ne!(screen.is_logged_in().await, copy.is_logged_in().await);
}

#[tokio::test]
async fn who_guesses_at_all_of_them_guesses_no_oftener() {
    let Some([one, other]) = two().await else { return };
    one.anyone().sign_up("新来的", &[]).await;
    let guess = async |service: &Service| service.anyone().log_in("新来的", "guess").await.code();
    let guesses = (0..20).map(|number| guess(if number % 2 == 0 { &one } else { &other }));
    let told = join_all(guesses).await;
    assert_eq!(told.iter().filter(|code| **code == 30011).count(), 5, "{told:?}");
    assert_eq!(other.anyone().log_in("新来的", PASSWORD).await.code(), 30012);
}
