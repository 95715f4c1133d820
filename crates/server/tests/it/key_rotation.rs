//! Rotation of encryption keys while the service runs.

use crate::client::PASSWORD;
use crate::service::{Service, TestResponse};
use guanxi_server::jobs::scheduler::resume_key_rotation;
use guanxi_types::Role;
use serde_json::json;

#[tokio::test]
async fn rotation_is_invisible_to_members() {
    let service = Service::on_embedded().await;
    let admin = service.operator(Role::Admin).await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[("tel", "15312345056"), ("mail", "new@qq.com")]).await;
    let works = async |when: &str| {
        for account in ["新来的", "gx_61", "15312345056", "new@qq.com"] {
            assert_eq!(service.anonymous().log_in(account, PASSWORD).await.code(), 0, "{when}: {account}");
        }
        for query in ["tel=15312345056", "mail=new@qq.com", "userid=gx_61"] {
            assert_eq!(
                admin.get(&format!("/operator/member?{query}")).await.data()["mid"],
                61,
                "{when}: {query}"
            );
        }
        let shown = browser.get("/web/site/user/info").await.data();
        assert_eq!(shown["account_info"]["hide_tel"], "153*****056", "{when}");
        let taken = [("uname", "另一个"), ("password", PASSWORD), ("tel", "15312345056")];
        assert_eq!(service.anonymous().post("/passport/signup", &taken).await.code(), 30003, "{when}");
    };
    let status = async || admin.get("/operator/keys").await.data();
    works("before").await;
    assert_eq!(status().await, json!({"key": 1, "rotating": false}));
    assert_eq!(
        admin.post("/operator/keys/rotate", json!({})).await.data(),
        json!({"key": 2, "rotating": true})
    );
    works("during").await;
    let again = admin.post("/operator/keys/rotate", json!({})).await;
    assert_eq!((again.status.as_u16(), again.code()), (409, 30061));
    // A signup during the rotation encrypts with the new key.
    let during = service.anonymous();
    assert_eq!(during.sign_up("中途来的", &[("tel", "15312345058")]).await, 62);

    resume_key_rotation(&service.app).await.unwrap();
    assert_eq!(status().await, json!({"key": 2, "rotating": false}));
    works("after").await;
    assert_eq!(service.anonymous().log_in("15312345058", PASSWORD).await.data()["mid"], 62);
    // Without remaining work, resuming does nothing and the next rotation may start.
    resume_key_rotation(&service.app).await.unwrap();
    assert_eq!(admin.post("/operator/keys/rotate", json!({})).await.data()["key"], 3);
    resume_key_rotation(&service.app).await.unwrap();
    works("after another").await;
    service.assert_consistent().await;
}

#[tokio::test]
async fn logins_and_changes_work_during_rotation() {
    let service = Service::on_embedded().await;
    let admin = service.operator(Role::Admin).await;
    let browsers: Vec<_> = (0..10).map(|_| service.anonymous()).collect();
    for (at, browser) in browsers.iter().enumerate() {
        browser.sign_up(&format!("成员甲{at}"), &[("tel", &format!("1531234500{at}"))]).await;
    }
    assert_eq!(admin.post("/operator/keys/rotate", json!({})).await.code(), 0);
    let changes = browsers.iter().enumerate().map(async |(at, browser)| {
        let login = browser.log_in(&format!("1531234500{at}"), PASSWORD).await.code();
        let tel = format!("1531234600{at}");
        (login, browser.post("/passport/tel", &[("tel", &tel), ("password", PASSWORD)]).await.code())
    });
    let (results, rotated) =
        tokio::join!(futures_util::future::join_all(changes), resume_key_rotation(&service.app));
    rotated.unwrap();
    assert_eq!(results, [(0, 0); 10]);
    for at in 0..10 {
        let login = async |tel: String| service.anonymous().log_in(&tel, PASSWORD).await.code();
        let (old, new) = (login(format!("1531234500{at}")).await, login(format!("1531234600{at}")).await);
        assert_eq!((old, new), (30011, 0), "{at}");
    }
    service.assert_consistent().await;
}

#[tokio::test]
async fn concurrent_rotations_start_once() {
    let service = Service::on_embedded().await;
    let admin = service.operator(Role::Admin).await;
    let requests = (0..5).map(|_| admin.post("/operator/keys/rotate", json!({})));
    let mut codes: Vec<i64> =
        futures_util::future::join_all(requests).await.iter().map(TestResponse::code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 30061, 30061, 30061, 30061]);
    assert_eq!(admin.get("/operator/keys").await.data()["key"], 2);
}

#[tokio::test]
async fn shared_database_is_not_rotated_by_one_instance() {
    let Some(service) = Service::on_postgres().await else { return };
    let admin = service.operator(Role::Admin).await;
    let answer = admin.post("/operator/keys/rotate", json!({})).await;
    assert_eq!((answer.status, answer.code()), (http::StatusCode::BAD_REQUEST, -400));
    assert!(answer.text().contains("guanxi keys rotate"), "{}", answer.text());
}
