//! Parsing of parameters and bodies, valid and invalid.

use crate::client::PASSWORD;
use crate::service::Service;
use axum::body::Body;
use guanxi_server::config::Registration;
use guanxi_types::Role;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{Method, Request};
use proptest::prelude::*;

/// Posts a body of some content type as member 1, and returns the code.
async fn post(service: &Service, uri: &str, kind: &str, body: impl Into<Body>) -> i64 {
    let me = service.log_in_as(1).await;
    let request = Request::post(uri.replace("CSRF", &me.csrf()))
        .header(COOKIE, me.cookies())
        .header(CONTENT_TYPE, kind);
    let answer = service.send(request.body(body.into()).unwrap()).await;
    assert_eq!(answer.status, 200);
    answer.code()
}

/// Decision D4.
#[tokio::test]
async fn malformed_phone_wins_over_closed_registration() {
    let service = Service::with_settings(|settings| settings.registration = Registration::Closed).await;
    for (tel, code) in [("15987654321", 30000), ("x", -400)] {
        let form = format!("uname=a&password=chang-an-yi-pian-yue&tel={tel}");
        assert_eq!(service.anonymous().post_raw("/passport/signup", &form).await.code(), code, "{tel}");
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const MODIFY: &str = "/x/relation/modify";

#[tokio::test]
async fn parameters_are_read_from_body_and_query() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let csrf = me.csrf();
    let ask = async |query: &str, form: String| me.post_raw(&format!("{MODIFY}{query}"), &form).await.code();
    assert_eq!(ask("", format!("fid=2&act=1&re_src=11&csrf={csrf}")).await, 0);
    assert_eq!(ask(&format!("?fid=2&act=1&csrf={csrf}"), String::new()).await, 0);
    // The body wins over the query, and the first value over later ones.
    assert_eq!(ask("?fid=999", format!("fid=2&act=1&csrf={csrf}")).await, 0);
    assert_eq!(ask("?fid=2", format!("fid=999&act=1&csrf={csrf}")).await, 40061);
    assert_eq!(ask("", format!("fid=2&fid=999&act=1&csrf={csrf}")).await, 0);
    // `csrf_token` counts only if `csrf` is absent (D6).
    assert_eq!(ask("", format!("fid=2&act=1&csrf_token={csrf}")).await, 0);
    assert_eq!(ask("", format!("fid=2&act=1&csrf=wrong&csrf_token={csrf}")).await, -111);
    assert_eq!(ask("", format!("fid=2&act=1&csrf={csrf}&csrf_token=wrong&unknown=1")).await, 0);
}

#[tokio::test]
async fn body_types_are_handled() {
    let service = Service::new().await;
    assert_eq!(
        post(&service, &format!("{MODIFY}?csrf=CSRF"), "application/json", r#"{"fid":2,"act":1}"#).await,
        -400
    );
    assert_eq!(post(&service, &format!("{MODIFY}?csrf=CSRF&fid=2&act=1"), "application/json", "{}").await, 0);
    assert_eq!(
        post(&service, &format!("{MODIFY}?csrf=CSRF"), &format!("{FORM}; charset=UTF-8"), "fid=2&act=1")
            .await,
        0
    );
    let part = |name: &str, value: &str| {
        format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let complete = format!("{}{}--B--\r\n", part("fid", "2"), part("act", "1"));
    let multipart = "multipart/form-data; boundary=B";
    assert_eq!(post(&service, &format!("{MODIFY}?csrf=CSRF"), multipart, complete.clone()).await, 0);
    assert_eq!(post(&service, &format!("{MODIFY}?csrf=CSRF&fid=2&act=1"), multipart, "").await, 0);
    // A truncated body is discarded. A bio that was not received completely must not clear the old one.
    let sign = "/x/member/web/sign/update?csrf=CSRF";
    assert_eq!(post(&service, sign, multipart, complete[..complete.len() - 20].to_owned()).await, -400);
    assert_eq!(post(&service, sign, "multipart/form-data", complete).await, -400);
}

/// Returns parameters with different names.
fn pairs(count: usize) -> String {
    (0..count).map(|name| name.to_string()).collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn more_than_1000_parameters_return_400() {
    let service = Service::new().await;
    let uri = format!("{MODIFY}?csrf=CSRF");
    for (count, code) in [(998, 0), (999, -400), (10_000, -400)] {
        assert_eq!(
            post(&service, &uri, FORM, format!("fid=2&act=1&{}", pairs(count))).await,
            code,
            "{count}"
        );
    }
    let part = |name: usize| format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n\r\n");
    for (count, code) in [(1_000, 0), (1_001, -400)] {
        let body: String = (0..count).map(part).collect();
        let uri = format!("{uri}&fid=2&act=1");
        assert_eq!(
            post(&service, &uri, "multipart/form-data; boundary=B", body + "--B--\r\n").await,
            code,
            "{count}"
        );
    }
    for (count, code) in [(998, 0), (1_000, -400)] {
        let path = format!("/x/relation/stat?vmid=1&{}", pairs(count));
        assert_eq!(service.anonymous().get(&path).await.code(), code, "{count} in a query");
    }
    // Authentication comes before the parameter limit (D4).
    assert_eq!(service.anonymous().post_raw(MODIFY, &pairs(1_001)).await.code(), -101);
    assert_eq!(service.log_in_as(1).await.post_raw(MODIFY, &pairs(1_001)).await.code(), -111);
}

#[tokio::test]
async fn form_with_too_many_parameters_changes_nothing() {
    let service = Service::new().await;
    let anonymous = service.anonymous().post_raw("/form/passport/logout", &pairs(10_000)).await;
    assert_eq!(
        (anonymous.status.as_u16(), &anonymous.headers["location"]),
        (303, &http::HeaderValue::from_static("/login"))
    );
    let me = service.log_in_as(1).await;
    let refused =
        me.post_raw("/form/passport/logout", &format!("csrf={}&back=/me&{}", me.csrf(), pairs(10_000))).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(me.is_logged_in().await);
    assert_eq!(me.get(&format!("/fans?{}", pairs(1_001))).await.status, 422);
}

#[tokio::test]
async fn body_of_a_get_is_ignored() {
    let service = Service::new().await;
    let request =
        Request::get("/x/relation/stat?vmid=1").header(CONTENT_TYPE, FORM).body(Body::from("vmid=999"));
    assert_eq!(service.send(request.unwrap()).await.code(), 0);
}

#[tokio::test]
async fn oversized_body_returns_413() {
    let service = Service::with_settings(|settings| settings.body_limit_bytes = 100).await;
    let me = service.log_in_as(1).await;
    for filler in [100, 100_000, 3_000_000] {
        let answer = me.post_raw(MODIFY, &format!("fid=2&filler={}", "x".repeat(filler))).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (413, -413));
    }
}

#[tokio::test]
async fn hint_header_names_the_invalid_parameter() {
    let service = Service::new().await;
    let answer = service.anonymous().get("/x/relation/followers?vmid=1&ps=0").await;
    assert_eq!(answer.headers["guanxi-hint"], "ps is not a number from 1");
    assert_eq!(answer.text(), r#"{"code":-400,"message":"请求错误","ttl":1}"#);
}

#[tokio::test]
async fn nul_in_text_is_rejected() {
    let service = Service::new().await;
    let (me, admin) = (service.log_in_as(1).await, service.operator(Role::Admin).await);
    assert_eq!(me.post("/x/member/web/sign/update", &[("user_sign", "慢\0慢")]).await.code(), -400);
    let signup = [("uname", "新\0来的"), ("password", PASSWORD)];
    assert_eq!(service.anonymous().post("/passport/signup", &signup).await.code(), -400);
    let coins = serde_json::json!({"mid": 1, "coins": 1, "reason": "活\0动"});
    let answer = admin.post("/operator/member/coins", coins).await;
    assert!(answer.text().contains("NUL"), "{}", answer.text());
    // A device id with a NUL counts as none.
    let browser = service.anonymous();
    browser.set_cookie("buvid3", "a%00b");
    browser.sign_up("新来的", &[]).await;
    assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Arbitrary bytes return an envelope.
    #[test]
    fn any_request_returns_an_envelope(
        at in 0usize..26,
        requests in proptest::collection::vec(("[ -~]{0,60}", any::<Vec<u8>>(), "[ -~]{0,40}", "[ -~]{0,60}"), 12),
    ) {
        runtime().block_on(async {
            let service = Service::new().await;
            let me = service.log_in_as(1).await;
            let info = &guanxi_server::routes::endpoints()[at];
            for (query, mut body, kind, cookie) in requests {
                let query = guanxi_api::params::encode_form([("q", query.as_str())]) + &query.replace(['#', ' ', '<', '>', '"'], "");
                let Ok(uri) = format!("{}?{query}&csrf={}", info.path, me.csrf()).parse::<http::Uri>() else { continue };
                if info.method == Method::GET {
                    body.clear();
                }
                let request = Request::builder().method(info.method.clone()).uri(uri);
                let request = request.header(COOKIE, format!("{}; {cookie}", me.cookies())).header(CONTENT_TYPE, kind);
                let Ok(request) = request.body(Body::from(body)) else { continue };
                let answer = service.send(request).await;
                assert_eq!(answer.status, 200);
                assert!(answer.text().starts_with("{\"code\":"));
                answer.code();
            }
        });
    }
}
