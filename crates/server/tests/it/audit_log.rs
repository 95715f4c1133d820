//! The audit log of operators' actions.

use crate::client::PASSWORD;
use crate::service::Service;
use guanxi_api::Endpoint;
use guanxi_api::operator::{ingest_events, keys, members, reviews, tokens};
use guanxi_server::operator::endpoints;
use guanxi_storage::commands::IngestEvents;
use guanxi_storage::commands::operator::{
    AddNote, AdjustCoins, CreateMember, CreateToken, DeleteMember, DeleteNote, LogKeyRotation,
    OperatorCommand, ReviewBio, ReviewRealname, RevokeMemberSessions, RevokeToken, SilenceMember,
    UpdateMember, VerifyContact,
};
use guanxi_types::Role;
use serde_json::{Value, json};

async fn log(service: &Service, query: &str) -> Vec<Value> {
    let admin = service.operator(Role::Admin).await;
    admin.get(&format!("/operator/audit{query}")).await.data()["list"].as_array().unwrap().clone()
}

#[tokio::test]
async fn operation_is_logged_with_its_changes() {
    let service = Service::new().await;
    let moderator = service.operator(Role::Moderator).await;
    for silence in [true, true, false] {
        let body = json!({"mid": 7, "silence": silence});
        assert_eq!(moderator.post("/operator/member/silence", body).await.code(), 0);
    }
    let refused = moderator.post("/operator/member/silence", json!({"mid": 999, "silence": true})).await;
    assert_eq!((refused.code(), moderator.get("/operator/member?mid=7").await.code()), (-404, 0));
    let log = log(&service, "").await;
    let entries: Vec<_> =
        log.iter().map(|entry| (&entry["seq"], &entry["by"], &entry["action"], &entry["mid"])).collect();
    let (mid, by, action) = (json!(7), json!("moderator"), json!("/operator/member/silence"));
    assert_eq!(
        entries[1..4],
        [(&json!(4), &by, &action, &mid), (&json!(3), &by, &action, &mid), (&json!(2), &by, &action, &mid)]
    );
    assert_eq!(
        (&log[1]["before"], &log[1]["after"]),
        (&json!({"profile": {"silence": true}}), &json!({"profile": {"silence": null}}))
    );
    assert_eq!(
        (&log[2]["before"], &log[2]["after"]),
        (&json!({}), &json!({})),
        "a change without effect is logged too"
    );
    assert_eq!(log[4]["action"], "/operator/tokens/create");
    assert_eq!(
        (&log[4]["by"], &log[4]["after"]),
        (&json!("shell"), &json!({"name": "moderator", "role": "moderator"}))
    );
}

#[tokio::test]
async fn log_is_paged() {
    let service = Service::new().await;
    let admin = service.operator(Role::Admin).await;
    for mid in 1..=9 {
        let body = json!({"mid": mid, "delta": 1, "reason": "开业"});
        assert_eq!(admin.post("/operator/member/coins", body).await.code(), 0);
    }
    let page = async |query: &str| admin.get(&format!("/operator/audit{query}")).await.ints("seq");
    assert_eq!(page("").await, (1..=10).rev().collect::<Vec<_>>());
    assert_eq!(page("?limit=4").await, [10, 9, 8, 7]);
    assert_eq!(page("?limit=4&before=7").await, [6, 5, 4, 3]);
    assert_eq!(page("?limit=4&before=3").await, [2, 1]);
    assert_eq!(page("?before=1").await, [0_i64; 0]);
    assert_eq!(page("?before=0").await, [0_i64; 0]);
}

#[tokio::test]
async fn log_contains_no_personal_data() {
    const PRIVATE: [&str; 8] = [
        "15312345056",
        "15312345057",
        "boss@qq.com",
        "new@qq.com",
        PASSWORD,
        "argon2",
        "陈唯恺",
        "110101199003072316",
    ];
    let service = Service::on_embedded().await;
    let admin = service.operator(Role::Admin).await;
    let post = async |path: &str, body: Value| assert_eq!(admin.post(path, body).await.code(), 0, "{path}");
    let boss = json!({"uname": "店长", "password": PASSWORD, "tel": "15312345056", "mail": "boss@qq.com"});
    post("/operator/member/create", boss).await;
    let parts = json!({"mid": 61, "password": PASSWORD, "tel": "15312345057", "mail": "new@qq.com"});
    post("/operator/member/update", parts).await;
    post("/operator/member/verify", json!({"mid": 61, "what": "tel"})).await;
    let me = service.log_in_as(61).await;
    for approve in [false, true] {
        let form = [("realname", "陈唯恺"), ("card", "110101199003072316"), ("card_type", "0")];
        assert_eq!(me.post("/passport/realname", &form).await.code(), 0);
        let remark = if approve { "" } else { "证件模糊" };
        post("/operator/reviews/realname", json!({"mid": 61, "approve": approve, "remark": remark})).await;
    }
    post("/operator/keys/rotate", json!({})).await;
    post("/operator/member/update", json!({"mid": 61, "tel": ""})).await;
    post("/operator/member/delete", json!({"mid": 61})).await;
    let log = admin.get("/operator/audit").await;
    assert_eq!(log.ints("seq").len(), 9, "{}", log.text());
    for private in PRIVATE.into_iter().chain(admin.token.as_deref()) {
        assert!(!log.text().contains(private), "{private}");
    }
    // The log may show that the phone changed, but not the number.
    let entry =
        log.data()["list"].as_array().unwrap().iter().find(|entry| entry["seq"] == 3).unwrap().clone();
    assert_eq!(
        (&entry["before"]["tel"], &entry["after"]["tel"], &entry["after"]["password"]),
        (&json!("set"), &json!("changed"), &json!("set"))
    );
}

#[test]
fn log_has_no_write_operation() {
    let operations_on_log: Vec<_> =
        endpoints().into_iter().filter(|info| info.path.contains("audit")).collect();
    assert_eq!(operations_on_log.len(), 1);
    assert_eq!(operations_on_log[0].method, http::Method::GET);
}

#[test]
fn audit_action_is_the_path_of_the_endpoint() {
    let actions = [
        (IngestEvents::ACTION, ingest_events::IngestEvents::PATH),
        (CreateMember::ACTION, members::create_member::CreateMember::PATH),
        (UpdateMember::ACTION, members::update_member::UpdateMember::PATH),
        (SilenceMember::ACTION, members::silence_member::SilenceMember::PATH),
        (VerifyContact::ACTION, members::verify_contact::VerifyContact::PATH),
        (AdjustCoins::ACTION, members::adjust_coins::AdjustCoins::PATH),
        (RevokeMemberSessions::ACTION, members::revoke_member_sessions::RevokeMemberSessions::PATH),
        (DeleteMember::ACTION, members::delete_member::DeleteMember::PATH),
        (AddNote::ACTION, members::add_note::AddNote::PATH),
        (DeleteNote::ACTION, members::delete_note::DeleteNote::PATH),
        (ReviewBio::ACTION, reviews::review_bio::ReviewBio::PATH),
        (ReviewRealname::ACTION, reviews::review_realname::ReviewRealname::PATH),
        (CreateToken::ACTION, tokens::create_token::CreateToken::PATH),
        (RevokeToken::ACTION, tokens::revoke_token::RevokeToken::PATH),
        (LogKeyRotation::ACTION, keys::rotate_keys::RotateKeys::PATH),
    ];
    for (action, path) in actions {
        assert_eq!(action, path);
    }
}
