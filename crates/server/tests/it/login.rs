//! Login by password, and the login log.

use crate::client::{CHROME, PASSWORD};
use crate::service::Service;
use guanxi_api::params::encode_form;
use serde_json::{Value, json};
use std::num::NonZeroU32;

#[tokio::test]
async fn account_has_many_spellings() {
    let service = Service::new().await;
    let mid =
        service.anonymous().sign_up("Straße", &[("tel", "15312345056"), ("mail", "Big.Name@QQ.com")]).await;
    service.anonymous().sign_up("别人", &[("tel", "+1 415 555 0100")]).await;
    for unverified in ["15312345056", "big.name@qq.com"] {
        assert_eq!(service.anonymous().log_in(unverified, PASSWORD).await.code(), 30011, "{unverified}");
    }
    service.verify_contacts(mid).await;
    service.verify_contacts(62).await;
    #[rustfmt::skip]
    let cases = [
        ("Straße", mid), (" straße ", mid), ("STRASSE", mid), ("ｓｔｒａｓｓｅ", mid),
        ("gx_61", mid), ("GX_61", mid), ("ｇｘ_61", mid),
        ("15312345056", mid), (" 153 1234 5056 ", mid), ("153-1234-5056", mid), ("+8615312345056", mid), ("0086 15312345056", mid),
        ("big.name@qq.com", mid), (" BIG.NAME@QQ.COM ", mid),
        ("+14155550100", 62), ("001 415-555-0100", 62), ("别人", 62),
    ];
    for (account, mid) in cases {
        let browser = service.anonymous();
        let answer = browser.log_in(account, PASSWORD).await;
        assert_eq!(answer.data(), json!({ "mid": mid }), "{account}");
        assert!(browser.is_logged_in().await);
    }
    for account in ["14155550100", "big.name@qq.com.cn", "61", "", "153****5056", "gx_63"] {
        let answer = service.anonymous().log_in(account, PASSWORD).await;
        assert_eq!(answer.code(), 30011, "{account}");
        assert!(answer.cookies().is_empty());
    }
}

#[tokio::test]
async fn password_is_compared_exactly() {
    let service =
        Service::with_settings(|settings| settings.login_failures_per_account = 100.try_into().unwrap())
            .await;
    service.anonymous().sign_up("新来的", &[]).await;
    let long = "长".repeat(129);
    for password in ["", "膜法指导", "膜法指导 8 号 ", "膜法指导8号", "膜法指导 ８ 号", &long]
    {
        assert_eq!(service.anonymous().log_in("新来的", password).await.code(), 30011, "{password:?}");
    }
    // Imported members have no password, and no text matches.
    assert_eq!(service.anonymous().log_in("成员1", "").await.code(), 30011);
    assert_eq!(service.anonymous().log_in("新来的", PASSWORD).await.code(), 0);
}

#[tokio::test]
async fn logins_are_recorded() {
    let service = Service::new().await;
    let mid = service.anonymous().sign_up("新来的", &[]).await;
    let service = service.at_time("2026-01-16T08:00:00+08:00");
    let browser = service.anonymous().with_address("36.40.120.1").with_header("user-agent", CHROME);
    browser.set_cookie("buvid3", "this-device");
    assert_eq!(browser.log_in("新来的", "wrong").await.code(), 30011);
    let service = service.at_time("2026-01-16T08:01:00+08:00");
    let browser = browser.with_service(&service);
    assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
    let service = service.at_time("2026-01-16T08:02:00+08:00");
    let browser = browser.with_service(&service);
    let other = service.anonymous().with_address("240e:3b7:1::1");
    assert_eq!(other.log_in("新来的", "wrong").await.code(), 30011);

    let notice =
        async |buvid: &str| browser.get(&format!("/x/safecenter/login_notice?mid={mid}&buvid={buvid}")).await;
    let expected = json!({
        "mid": 61, "device_name": "Chrome浏览器", "login_type": "密码登录", "login_time": "2026-01-16 08:01:00",
        "location": "中国陕西渭南", "ip": "36.40.***.*"
    });
    assert_eq!(notice("this-device").await.data(), expected);
    // A failed login is no login from the device.
    assert_eq!(notice("another").await.data()["login_time"], "");

    let log = browser.get("/x/member/web/login/log").await.data();
    let entries: Vec<[&Value; 5]> = log["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| ["ip", "time_at", "status", "type", "geo"].map(|field| &entry[field]))
        .collect();
    let expected = [
        ["240e:*:*:*:*:*:*:*", "2026-01-16 08:02:00", "false", "0"],
        ["36.40.*.*", "2026-01-16 08:01:00", "true", "0"],
        ["36.40.*.*", "2026-01-16 08:00:00", "false", "0"],
        ["127.0.*.*", "2026-01-15 12:00:00", "true", "0"],
    ];
    assert_eq!(log["count"], 4);
    for (entry, expected) in entries.iter().zip(expected) {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert_eq!(entry[..4].iter().map(|value| text(value)).collect::<Vec<_>>(), expected);
    }
    assert_eq!((entries[1][4], entries[2][4]), (&json!("中国陕西渭南电信"), &json!("中国陕西渭南电信")));
    // The log of another member is separate.
    assert_eq!(service.log_in_as(1).await.get("/x/member/web/login/log").await.data()["count"], 0);
}

#[tokio::test]
async fn login_log_is_limited() {
    let service = Service::with_settings(|settings| settings.log_limit = NonZeroU32::new(3).unwrap()).await;
    let rows = (1..=5).map(|second| {
        let time = service.app.now() - second;
        format!(
            r#"{{"login":{{"mid":1,"time":{time},"ip":"36.40.120.1","method":"password","success":true,"buvid":"{second}"}}}}"#
        )
    });
    service.import_rows(&rows.collect::<Vec<_>>().iter().map(String::as_str).collect::<Vec<_>>()).await;
    let me = service.log_in_as(1).await;
    assert_eq!(me.get("/x/member/web/login/log").await.data()["count"], 3);
    let logins = me.get("/passport/logins").await.data()["list"].as_array().unwrap().clone();
    assert_eq!(logins.len(), 3);
    assert!(
        logins.iter().all(|login| login["new_device"] == true),
        "each device may be new, since older logins are cut off: {logins:?}"
    );
}

#[tokio::test]
async fn cross_site_login_is_rejected() {
    let service = Service::new().await;
    service.anonymous().sign_up("新来的", &[]).await;
    let forms: [(&str, &[(&str, &str)]); 3] = [
        ("/passport/signup", &[("uname", "另一个"), ("password", PASSWORD)]),
        ("/passport/login", &[("account", "新来的"), ("password", PASSWORD)]),
        ("/passport/qrcode", &[]),
    ];
    #[rustfmt::skip]
    let cases: [(&[(&'static str, &str)], i64); 8] = [
        (&[("sec-fetch-site", "cross-site")], -111),
        (&[("sec-fetch-site", "same-site")], -111),
        (&[("origin", "https://evil.cn"), ("host", "a.cn")], -111),
        (&[("origin", "null"), ("host", "a.cn")], -111),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://a.cn"), ("host", "a.cn")], -111),
        (&[("sec-fetch-site", "same-origin")], 0),
        (&[("sec-fetch-site", "none")], 0),
        (&[("origin", "https://a.cn"), ("host", "a.cn")], 0),
    ];
    for (at, (headers, code)) in cases.into_iter().enumerate() {
        for (path, form) in forms {
            let browser = headers
                .iter()
                .fold(service.anonymous(), |browser, (name, value)| browser.with_header(name, value));
            let uname = format!("另一个{at}");
            let form: Vec<_> = form
                .iter()
                .map(|(name, value)| (*name, if *name == "uname" { uname.as_str() } else { value }))
                .collect();
            let answer = browser.post(path, &form).await;
            assert_eq!(answer.code(), code, "{path} {headers:?}");
            assert_eq!(answer.cookies().is_empty(), code != 0);
        }
    }
}

// With HTTP/2 the authority names the host and there is no `host` header.
#[tokio::test]
async fn same_site_check_works_in_every_http_version() {
    let service = Service::new().await;
    service.anonymous().sign_up("新来的", &[]).await;
    for (origin, code) in
        [("https://a.cn", 0), ("https://A.CN", 0), ("https://evil.cn", -111), ("null", -111)]
    {
        let browser = service.anonymous().with_header("origin", origin);
        let form = [("account", "新来的"), ("password", PASSWORD)];
        assert_eq!(browser.post("https://a.cn/passport/login", &form).await.code(), code, "{origin}");
    }
}

#[tokio::test]
async fn login_over_a_session_needs_its_csrf() {
    let service = Service::new().await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[]).await;
    let form = guanxi_api::params::encode_form([("account", "新来的"), ("password", PASSWORD)]);
    assert_eq!(browser.post_raw("/passport/login", &form).await.code(), -111);
    // An expired session counts as none.
    let later = service.at_time("2027-01-15T12:00:00+08:00");
    assert_eq!(browser.with_service(&later).post_raw("/passport/login", &form).await.code(), 0);
}

#[tokio::test]
async fn login_rehashes_with_raised_argon2_parameters() {
    let service = Service::new().await;
    service.anonymous().sign_up("新来的", &[]).await;
    let risen = service.reconfigured(|settings| settings.argon2_memory_kib = 16.try_into().unwrap());
    for _ in 0..2 {
        assert_eq!(risen.anonymous().log_in("新来的", PASSWORD).await.code(), 0);
    }
    assert_eq!(service.anonymous().log_in("新来的", PASSWORD).await.code(), 0);
}

#[tokio::test]
async fn concurrent_first_requests_grant_one_reward() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let asks = (0..200).map(|_| me.get("/x/member/web/coin/log"));
    for answer in futures_util::future::join_all(asks).await {
        assert_eq!(answer.data()["count"], 1);
    }
    assert_eq!(me.get("/x/space/acc/info?mid=1").await.data()["coins"], 1);
    let card = me.get("/x/web-interface/card?mid=1").await.data();
    assert_eq!(card["card"]["level_info"]["current_exp"], 5);
    service.assert_consistent().await;
}

#[tokio::test]
async fn password_in_query_is_rejected() {
    let service = Service::new().await;
    let query = encode_form([("account", "新来的"), ("password", PASSWORD)]);
    let answer = service.anonymous().post_raw(&format!("/passport/login?{query}"), "").await;
    assert_eq!((answer.code(), answer.header("guanxi-hint")), (-400, "account is missing"));
}
