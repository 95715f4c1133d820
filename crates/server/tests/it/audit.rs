//! The log of what operators did.

use crate::browser::PASSWORD;
use crate::service::Service;
use guanxi_server::operator::operations;
use guanxi_types::Role;
use serde_json::{Value, json};

async fn log(service: &Service, query: &str) -> Vec<Value> {
    let admin = service.operator(Role::Admin).await;
    admin.get(&format!("/operator/audit{query}")).await.data()["list"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_deed_is_written_with_what_it_changed() {
    let service = Service::new().await;
    let moderator = service.operator(Role::Moderator).await;
    for silence in [true, true, false] {
        let body = json!({"mid": 7, "silence": silence});
        assert_eq!(moderator.post("/operator/member/silence", body).await.code(), 0);
    }
    let refused = moderator.post("/operator/member/silence", json!({"mid": 999, "silence": true})).await;
    assert_eq!((refused.code(), moderator.get("/operator/member?mid=7").await.code()), (-404, 0));
    let log = log(&service, "").await;
    let told: Vec<_> =
        log.iter().map(|entry| (&entry["seq"], &entry["by"], &entry["deed"], &entry["mid"])).collect();
    let (seven, by, deed) = (json!(7), json!("moderator"), json!("member/update"));
    assert_eq!(
        told[1..4],
        [(&json!(4), &by, &deed, &seven), (&json!(3), &by, &deed, &seven), (&json!(2), &by, &deed, &seven)]
    );
    assert_eq!(
        (&log[1]["before"], &log[1]["after"]),
        (&json!({"profile": {"silence": true}}), &json!({"profile": {"silence": null}}))
    );
    assert_eq!((&log[2]["before"], &log[2]["after"]), (&json!({}), &json!({})), "nothing is a deed too");
    assert_eq!(log[4]["deed"], "token/create");
    assert_eq!(
        (&log[4]["by"], &log[4]["after"]),
        (&json!("shell"), &json!({"name": "moderator", "role": "moderator"}))
    );
}

#[tokio::test]
async fn it_is_told_page_by_page() {
    let service = Service::new().await;
    let admin = service.operator(Role::Admin).await;
    for mid in 1..=9 {
        let body = json!({"mid": mid, "delta": 1, "reason": "开业"});
        assert_eq!(admin.post("/operator/member/coins", body).await.code(), 0);
    }
    let page = async |query: &str| admin.get(&format!("/operator/audit{query}")).await.each("seq");
    assert_eq!(page("").await, (1..=10).rev().collect::<Vec<_>>());
    assert_eq!(page("?limit=4").await, [10, 9, 8, 7]);
    assert_eq!(page("?limit=4&before=7").await, [6, 5, 4, 3]);
    assert_eq!(page("?limit=4&before=3").await, [2, 1]);
    assert_eq!(page("?before=1").await, [0_i64; 0]);
    assert_eq!(page("?before=0").await, [0_i64; 0]);
}

#[tokio::test]
async fn nothing_private_is_in_it() {
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
    let service = Service::embedded().await;
    let admin = service.operator(Role::Admin).await;
    let did = async |path: &str, body: Value| assert_eq!(admin.post(path, body).await.code(), 0, "{path}");
    let boss = json!({"uname": "店长", "password": PASSWORD, "tel": "15312345056", "mail": "boss@qq.com"});
    did("/operator/member/create", boss).await;
    let parts = json!({"mid": 61, "password": PASSWORD, "tel": "15312345057", "mail": "new@qq.com"});
    did("/operator/member/update", parts).await;
    did("/operator/member/verify", json!({"mid": 61, "what": "tel"})).await;
    let me = service.member(61).await;
    for approve in [false, true] {
        let form = [("realname", "陈唯恺"), ("card", "110101199003072316"), ("card_type", "0")];
        assert_eq!(me.post("/passport/realname", &form).await.code(), 0);
        let remark = if approve { "" } else { "证件模糊" };
        did("/operator/reviews/realname", json!({"mid": 61, "approve": approve, "remark": remark})).await;
    }
    did("/operator/keys/rotate", json!({})).await;
    did("/operator/member/update", json!({"mid": 61, "tel": ""})).await;
    did("/operator/member/delete", json!({"mid": 61})).await;
    let log = admin.get("/operator/audit").await;
    assert_eq!(log.each("seq").len(), 9, "{}", log.text());
    for private in PRIVATE.into_iter().chain(admin.token.as_deref()) {
        assert!(!log.text().contains(private), "{private}");
    }
    // That there is another phone is no secret.
    let entry =
        log.data()["list"].as_array().unwrap().iter().find(|entry| entry["seq"] == 3).unwrap().clone();
    assert_eq!(
        (&entry["before"]["tel"], &entry["after"]["tel"], &entry["after"]["password"]),
        (&json!("set"), &json!("changed"), &json!("set"))
    );
}

#[test]
fn nothing_that_operators_may_do_changes_it() {
    let about: Vec<_> = operations().into_iter().filter(|info| info.path.contains("audit")).collect();
    assert_eq!(about.len(), 1);
    assert_eq!(about[0].method, http::Method::GET);
}
