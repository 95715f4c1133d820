//! The log at trace level contains no personal data and no secrets.

use crate::captured_log::capture;
use crate::client::PASSWORD;
use crate::service::Service;
use guanxi_server::jobs::scheduler::resume_key_rotation;
use guanxi_types::Role;
use serde_json::json;
use tracing::Level;

/// Texts that must not appear in the log.
const PRIVATE: [&str; 9] = [
    "15312345056",
    "1531234505x",
    "new@qq.com",
    "another@qq.com",
    "最喜欢的动物",
    PASSWORD,
    "guess-8",
    "陈唯恺",
    "110101199003072316",
];

/// Runs a member's whole life: signup, errors, changes, operators' actions, deletion. Returns the secrets used.
async fn run_scenario() -> Vec<String> {
    let service = Service::new().await;
    let admin = service.operator(Role::Admin).await;
    let browser = service.anonymous().with_address("36.40.120.1");
    let bad = [("uname", "新来的"), ("password", PASSWORD), ("tel", "1531234505x")];
    assert_eq!(browser.post("/passport/signup", &bad).await.code(), -400);
    browser.sign_up("新来的", &[("tel", "15312345056"), ("mail", "new@qq.com")]).await;
    let mut secrets = vec![admin.token.clone().unwrap(), browser.cookie("SESSDATA").unwrap(), browser.csrf()];
    for (account, password) in
        [("15312345056", "guess-8"), ("new@qq.com", PASSWORD), ("another@qq.com", "guess-8")]
    {
        browser.log_in(account, password).await;
        secrets.extend([browser.cookie("SESSDATA").unwrap(), browser.csrf()]);
    }
    let forms: [(&str, &[(&str, &str)]); 6] = [
        ("/passport/mail", &[("mail", "another@qq.com"), ("password", PASSWORD)]),
        ("/passport/tel", &[("tel", "1531234505x"), ("password", PASSWORD)]),
        (
            "/passport/question",
            &[("question", "最喜欢的动物"), ("answer", "guess-8"), ("password", PASSWORD)],
        ),
        ("/passport/password", &[("old", "guess-8"), ("new", "guess-8")]),
        ("/passport/realname", &[("realname", "陈唯恺"), ("card", "110101199003072316"), ("card_type", "9")]),
        ("/passport/realname", &[("realname", "陈唯恺"), ("card", "110101199003072316"), ("card_type", "0")]),
    ];
    for (path, form) in forms {
        browser.post(path, form).await;
    }
    let key = browser.post("/passport/qrcode", &[]).await.data()["key"].as_str().unwrap().to_owned();
    service.log_in_as(7).await.get(&format!("/passport/qrcode/confirm?key={key}")).await;
    browser.get(&format!("/passport/qrcode?key={key}")).await;
    secrets.extend([key, browser.cookie("qrcode_caller").unwrap()]);
    for query in
        ["tel=15312345056", "mail=another@qq.com", "tel=1531234505x", "mid=15312345056x", "guess-8=1"]
    {
        admin.get(&format!("/operator/member?{query}")).await;
    }
    let bodies = [
        ("/operator/member/create", json!({"uname": "店长", "tel": "15312345056", "password": PASSWORD})),
        ("/operator/member/create", json!({"uname": "店长", "tel": ["15312345056"], "password": PASSWORD})),
        ("/operator/member/update", json!({"mid": "15312345056", "tel": "15312345056"})),
        ("/operator/member/update", json!({"mid": 61, "tel": "1531234505x"})),
        ("/operator/member/update", json!({"mid": 61, "account": {"tel": "15312345056"}})),
        ("/operator/member/update", json!({"mid": 61, "account": {"score": "guess-8"}})),
        ("/operator/reviews/realname", json!({"mid": 61, "approve": true})),
        ("/operator/keys/rotate", json!({})),
        ("/operator/member/delete", json!({"mid": 61})),
    ];
    for (path, body) in bodies {
        admin.post(path, body).await;
    }
    resume_key_rotation(&service.app).await.unwrap();
    service.run_due_tasks().await;
    secrets
}

#[tokio::test]
async fn log_contains_no_personal_data() {
    let (secrets, log) = capture(Level::TRACE, Box::pin(run_scenario())).await;
    let has_rejection = |path: &str| log.contains(&format!(r#"request rejected path="{path}"#));
    assert!(has_rejection("/passport/") && has_rejection("/operator/"), "the log was not captured: {log}");
    for private in PRIVATE.into_iter().chain(secrets.iter().map(String::as_str)) {
        let line = log.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "{private}");
    }
}
