//! `/passport/leave`: members who leave, and who may stay until their account is deleted.

use crate::client::PASSWORD;
use crate::pages::{get_page, post_form};
use crate::service::Service;
use guanxi_types::Role;
use serde_json::json;

const WEEK: i64 = 7 * 86_400;

#[tokio::test]
async fn member_who_leaves_can_stay_until_the_deletion() {
    let service = Service::new().await;
    let (me, other_login) = (service.anonymous(), service.anonymous());
    let mid = me.sign_up("要走的人", &[]).await.to_string();
    other_login.log_in("要走的人", PASSWORD).await;
    for (typed, password, code) in [("1", PASSWORD, -400), (&mid, "wrong", 30011)] {
        let answer = me.post("/passport/leave", &[("mid", typed), ("password", password)]).await;
        assert_eq!(answer.code(), code, "{typed} {password}");
    }
    let later = service.at_time("2026-01-15T12:20:00+08:00");
    let unproved = me.with_service(&later).post("/passport/leave", &[("mid", &mid)]).await;
    assert_eq!(unproved.code(), 30113, "a proof that is not fresh needs the password");
    assert_eq!(me.get("/passport/leave").await.data(), json!({"due": 0}));
    let left = me.post("/passport/leave", &[("mid", &mid), ("password", PASSWORD)]).await;
    let due = left.data()["due"].as_i64().unwrap();
    // The clock advances during the test.
    assert!((WEEK - 60..=WEEK).contains(&(due - service.app.now())), "{due}");
    assert!(!me.is_logged_in().await && !other_login.is_logged_in().await, "all sessions end");
    let operator = service.operator(Role::Moderator).await;
    let record = async || operator.get(&format!("/operator/member?mid={mid}")).await.data();
    assert_eq!((&record().await["leaves_at"], &record().await["sessions"]), (&json!(due), &json!(0)));
    assert_eq!(me.log_in("要走的人", PASSWORD).await.code(), 0);
    assert_eq!(me.get("/passport/leave").await.data(), json!({"due": due}));
    let page = get_page(&me, "/").await;
    assert!(page.contains("2026-01-22") && page.contains(r#"id="stay""#));
    let stayed = post_form(&me, "/passport/leave/cancel", "/data", &[("csrf", &me.csrf())]).await;
    assert_eq!(stayed.redirect_target(), "/data");
    assert!(!get_page(&me, "/data").await.contains(r#"id="stay""#));
    assert_eq!(record().await["leaves_at"], json!(0));
    let later = service.at_time("2026-01-23T12:00:00+08:00");
    later.run_due_tasks().await;
    assert_eq!(later.anonymous().get(&format!("/x/relation/stat?vmid={mid}")).await.code(), 0);
}

#[tokio::test]
async fn account_is_deleted_after_the_days_of_the_settings() {
    let service = Service::with_settings(|settings| settings.leave_days = 2).await;
    let me = service.anonymous();
    let mid = me.sign_up("要走的人", &[]).await.to_string();
    let gone = post_form(
        &me,
        "/passport/leave",
        "/login",
        &[("csrf", &me.csrf()), ("at", "/data"), ("mid", &mid), ("password", PASSWORD)],
    )
    .await;
    assert_eq!(gone.redirect_target(), "/login");
    for (time, code) in [("2026-01-17T11:00:00+08:00", 0), ("2026-01-17T12:05:00+08:00", 30011)] {
        let later = service.at_time(time);
        later.run_due_tasks().await;
        assert_eq!(later.anonymous().log_in("要走的人", PASSWORD).await.code(), code, "{time}");
    }
    service.assert_consistent().await;
}
