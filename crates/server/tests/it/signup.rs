//! Registration of members.

use crate::client::PASSWORD;
use crate::service::{Service, TestResponse};
use guanxi_server::config::Registration;
use guanxi_types::Role;
use serde_json::json;
use std::num::NonZeroU32;

const SIGNUP: &str = "/passport/signup";

#[tokio::test]
async fn signup_creates_a_logged_in_member() {
    let service = Service::new().await;
    let browser = service.anonymous();
    let mid = browser.sign_up(" 新来的 ", &[("tel", "153 1234 5056"), ("mail", "New@QQ.com")]).await;
    assert_eq!(mid, 61);
    let account = browser.get("/x/member/web/account").await.data();
    assert_eq!(
        (&account["mid"], &account["uname"], &account["userid"]),
        (&json!(61), &json!("新来的"), &json!("gx_61"))
    );
    let safe = browser.get("/web/site/user/info").await.data();
    let expected = json!({
        "hide_tel": "153*****056", "hide_mail": "new****@qq.com", "bind_tel": true, "bind_mail": true,
        "tel_verify": false, "mail_verify": false, "unneeded_check": false
    });
    assert_eq!(safe["account_info"], expected);
    let reward = browser.get("/x/member/web/exp/reward").await.data();
    assert_eq!(
        (&reward["login"], &reward["email"], &reward["tel"]),
        (&json!(true), &json!(true), &json!(true))
    );
    let space = service.anonymous().get("/x/space/acc/info?mid=61").await.data();
    assert_eq!((&space["name"], &space["jointime"]), (&json!("新来的"), &json!(service.app.now())));
    // A write needs the CSRF token of the cookie, as always.
    assert_eq!(browser.cookie("bili_jct").unwrap(), browser.csrf());
    assert_eq!(browser.change_relation(1, 1).await, 0);
    service.assert_consistent().await;
}

#[tokio::test]
async fn signup_errors_have_a_fixed_order() {
    let service = Service::new().await;
    service.anonymous().sign_up("老成员", &[("tel", "15312345056"), ("mail", "old@qq.com")]).await;
    let (long, fits) = ("字".repeat(17), "字".repeat(16));
    let huge = "长".repeat(129);
    #[rustfmt::skip]
    let cases: [(&str, &str, &str, &str, i64); 26] = [
        // uname, password, tel, mail -> code
        (&long,      "short",  "x",               "x",              -400),
        ("",         PASSWORD, "1531234505x",     "",               -400),
        ("",         PASSWORD, "",                "nobody",         -400),
        (&long,      "short",  "15312345056",     "old@qq.com",     30001),
        ("   ",      PASSWORD, "",                "",               30001),
        ("13800138000", PASSWORD, "",             "",               30001),
        ("a@b.cn",   PASSWORD, "",                "",               30001),
        ("gx_7",     PASSWORD, "",                "",               30001),
        ("a\u{34f}b", PASSWORD, "",               "",               30001),
        ("❤\u{fe0f}", PASSWORD, "",               "",               30001),
        ("账号已注销", PASSWORD, "",               "",               30001),
        ("Ad.Min",   PASSWORD, "",                "",               30001),
        ("\u{430}dmin", PASSWORD, "",             "",               30001),
        ("老成员",   "short",  "15312345056",     "old@qq.com",     30010),
        ("新来的",   "七个字的密码呀", "",        "",               30010),
        ("新来的",   &huge,    "",                "",               30010),
        ("老成员",   PASSWORD, "15312345056",     "old@qq.com",     30002),
        ("成员1",    PASSWORD, "",                "",               30002),
        (" 老成员 ", PASSWORD, "",                "",               30002),
        ("新来的",   PASSWORD, "15312345056",     "old@qq.com",     30003),
        ("新来的",   PASSWORD, "+86 153-1234-5056", "",             30003),
        ("新来的",   PASSWORD, "0086 15312345056", "",              30003),
        ("新来的",   PASSWORD, "",                "OLD@QQ.COM",     30004),
        ("新来的",   PASSWORD, "15312345057",     " old@qq.com ",   30004),
        (&fits,      PASSWORD, "",                "",               0),
        ("成员61",   PASSWORD, " ",               " ",              0),
    ];
    for (uname, password, tel, mail, code) in cases {
        let browser = service.anonymous();
        let answer = browser
            .post(SIGNUP, &[("uname", uname), ("password", password), ("tel", tel), ("mail", mail)])
            .await;
        assert_eq!(answer.code(), code, "{uname} {password} {tel} {mail}");
        assert_eq!(answer.cookies().is_empty(), code != 0, "a rejected signup sets no cookies");
    }
    service.assert_consistent().await;
}

#[tokio::test]
async fn equivalent_names_are_taken_once() {
    let service = Service::new().await;
    service.anonymous().sign_up("Straße", &[]).await;
    for uname in ["STRASSE", "ｓｔｒａｓｓｅ", "straße"] {
        let answer = service.anonymous().post(SIGNUP, &[("uname", uname), ("password", PASSWORD)]).await;
        assert_eq!(answer.code(), 30002, "{uname}");
    }
}

#[tokio::test]
async fn closed_registration_rejects_signup() {
    let service = Service::with_settings(|settings| settings.registration = Registration::Closed).await;
    // Closed registration is checked before the name.
    for uname in ["新来的", ""] {
        let answer = service.anonymous().post(SIGNUP, &[("uname", uname), ("password", PASSWORD)]).await;
        assert_eq!(answer.code(), 30000);
        assert!(answer.cookies().is_empty());
    }
    assert_eq!(service.anonymous().post(SIGNUP, &[("uname", "新来的")]).await.code(), -400);
}

#[tokio::test]
async fn signups_per_address_are_limited() {
    let service =
        Service::with_settings(|settings| settings.registrations_per_address = NonZeroU32::new(2).unwrap())
            .await;
    let from = |address| service.anonymous().with_address(address);
    from("36.40.120.1").sign_up("甲", &[]).await;
    // A failed signup counts too, so that names cannot be probed one after another.
    let taken = from("36.40.120.1").post(SIGNUP, &[("uname", "甲"), ("password", PASSWORD)]).await;
    assert_eq!(taken.code(), 30002);
    let limited = from("36.40.120.1").post(SIGNUP, &[("uname", "乙"), ("password", PASSWORD)]).await;
    assert_eq!((limited.code(), limited.retry_after()), (30012, Some(60)));
    from("36.40.120.2").sign_up("乙", &[]).await;
    // An invalid name is rejected before the rate limit, which protects the password hashing only.
    let malformed = from("36.40.120.1").post(SIGNUP, &[("uname", ""), ("password", PASSWORD)]).await;
    assert_eq!(malformed.code(), 30001);
    let later = service.at_time("2026-01-15T12:01:01+08:00");
    later.anonymous().with_address("36.40.120.1").sign_up("丙", &[]).await;
}

#[tokio::test]
async fn concurrent_signups_for_one_name_create_one() {
    let service = Service::new().await;
    let browsers: Vec<_> = (0..8).map(|_| service.anonymous()).collect();
    let form = [("uname", "一个人"), ("password", PASSWORD)];
    let answers =
        futures_util::future::join_all(browsers.iter().map(|browser| browser.post(SIGNUP, &form))).await;
    let codes: Vec<i64> = answers.iter().map(TestResponse::code).collect();
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == 30002).count(), 7, "{codes:?}");
}

#[tokio::test]
async fn reserved_names_are_assigned_by_operators_only() {
    let service = Service::new().await;
    let admin = service.operator(Role::Admin).await;
    let created = admin.post("/operator/member/create", json!({"uname": "管理员"})).await;
    assert_eq!(created.code(), 0);
    let update = json!({"mid": 1, "card": {"uname": "Admin"}});
    assert_eq!(admin.post("/operator/member/update", update).await.code(), 0);
    // A confusable name is taken now, also for operators.
    let alike = admin.post("/operator/member/create", json!({"uname": "\u{430}dmin"})).await;
    assert_eq!((alike.status.as_u16(), alike.code()), (409, 30002));
}
