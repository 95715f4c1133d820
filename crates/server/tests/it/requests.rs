//! Requests as clients send them, and as nobody should.

use crate::browser::PASSWORD;
use crate::service::Service;
use axum::body::Body;
use guanxi_server::settings::Signup;
use guanxi_types::Role;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{Method, Request};
use proptest::prelude::*;

/// A write by member 1, with a body of some type.
async fn post(service: &Service, uri: &str, kind: &str, body: impl Into<Body>) -> i64 {
    let me = service.member(1).await;
    let request = Request::post(uri.replace("CSRF", &me.csrf()))
        .header(COOKIE, me.cookies())
        .header(CONTENT_TYPE, kind);
    let answer = service.send(request.body(body.into()).unwrap()).await;
    assert_eq!(answer.status, 200);
    answer.code()
}

/// D4.
#[tokio::test]
async fn the_shape_of_a_phone_comes_before_what_is_closed() {
    let service = Service::with(|settings| settings.signup = Signup::Closed).await;
    for (tel, code) in [("15987654321", 30000), ("x", -400)] {
        let form = format!("uname=a&password=chang-an-yi-pian-yue&tel={tel}");
        assert_eq!(service.anyone().post_bare("/passport/signup", &form).await.code(), code, "{tel}");
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const MODIFY: &str = "/x/relation/modify";

#[tokio::test]
async fn parameters_come_in_the_body_or_the_query() {
    let service = Service::new().await;
    let me = service.member(1).await;
    let csrf = me.csrf();
    let ask = async |query: &str, form: String| me.post_bare(&format!("{MODIFY}{query}"), &form).await.code();
    assert_eq!(ask("", format!("fid=2&act=1&re_src=11&csrf={csrf}")).await, 0);
    assert_eq!(ask(&format!("?fid=2&act=1&csrf={csrf}"), String::new()).await, 0);
    // The body wins over the query, and the first over the second.
    assert_eq!(ask("?fid=999", format!("fid=2&act=1&csrf={csrf}")).await, 0);
    assert_eq!(ask("?fid=2", format!("fid=999&act=1&csrf={csrf}")).await, 40061);
    assert_eq!(ask("", format!("fid=2&fid=999&act=1&csrf={csrf}")).await, 0);
    // Some clients write csrf_token; it counts where there is no csrf (D6).
    assert_eq!(ask("", format!("fid=2&act=1&csrf_token={csrf}")).await, 0);
    assert_eq!(ask("", format!("fid=2&act=1&csrf=wrong&csrf_token={csrf}")).await, -111);
    assert_eq!(ask("", format!("fid=2&act=1&csrf={csrf}&csrf_token=wrong&unknown=1")).await, 0);
}

#[tokio::test]
async fn bodies_of_other_types() {
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
    let whole = format!("{}{}--B--\r\n", part("fid", "2"), part("act", "1"));
    let multipart = "multipart/form-data; boundary=B";
    assert_eq!(post(&service, &format!("{MODIFY}?csrf=CSRF"), multipart, whole.clone()).await, 0);
    assert_eq!(post(&service, &format!("{MODIFY}?csrf=CSRF&fid=2&act=1"), multipart, "").await, 0);
    // Of a body that breaks off nothing is taken: a sign that was not sent to the end must not clear the old one.
    let sign = "/x/member/web/sign/update?csrf=CSRF";
    assert_eq!(post(&service, sign, multipart, whole[..whole.len() - 20].to_owned()).await, -400);
    assert_eq!(post(&service, sign, "multipart/form-data", whole).await, -400);
}

/// So many pairs of different names.
fn pairs(count: usize) -> String {
    (0..count).map(|name| name.to_string()).collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn more_pairs_than_are_read_are_malformed() {
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
        assert_eq!(service.anyone().get(&path).await.code(), code, "{count} in a query");
    }
    // Who calls is told first (D4).
    assert_eq!(service.anyone().post_bare(MODIFY, &pairs(1_001)).await.code(), -101);
    assert_eq!(service.member(1).await.post_bare(MODIFY, &pairs(1_001)).await.code(), -111);
}

#[tokio::test]
async fn more_pairs_than_a_form_may_have_do_nothing() {
    let service = Service::new().await;
    let anyone = service.anyone().post_bare("/do/passport/logout", &pairs(10_000)).await;
    assert_eq!(
        (anyone.status.as_u16(), &anyone.headers["location"]),
        (303, &http::HeaderValue::from_static("/login"))
    );
    let me = service.member(1).await;
    let refused =
        me.post_bare("/do/passport/logout", &format!("csrf={}&back=/me&{}", me.csrf(), pairs(10_000))).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(me.is_logged_in().await);
    assert_eq!(me.get(&format!("/fans?{}", pairs(1_001))).await.status, 422);
}

#[tokio::test]
async fn a_get_may_carry_a_body() {
    let service = Service::new().await;
    let request =
        Request::get("/x/relation/stat?vmid=1").header(CONTENT_TYPE, FORM).body(Body::from("vmid=999"));
    assert_eq!(service.send(request.unwrap()).await.code(), 0);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let service = Service::with(|settings| settings.body_limit_bytes = 100).await;
    let me = service.member(1).await;
    for filler in [100, 100_000, 3_000_000] {
        let answer = me.post_bare(MODIFY, &format!("fid=2&filler={}", "x".repeat(filler))).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (413, -413));
    }
}

#[tokio::test]
async fn what_was_wrong_is_hinted_at() {
    let service = Service::new().await;
    let answer = service.anyone().get("/x/relation/followers?vmid=1&ps=0").await;
    assert_eq!(answer.headers["guanxi-hint"], "ps is not a number from 1");
    assert_eq!(answer.text(), r#"{"code":-400,"message":"请求错误","ttl":1}"#);
}

#[tokio::test]
async fn no_text_has_a_nul() {
    let service = Service::new().await;
    let (me, admin) = (service.member(1).await, service.operator(Role::Admin).await);
    assert_eq!(me.post("/x/member/web/sign/update", &[("user_sign", "慢\0慢")]).await.code(), -400);
    let signup = [("uname", "新\0来的"), ("password", PASSWORD)];
    assert_eq!(service.anyone().post("/passport/signup", &signup).await.code(), -400);
    let coins = serde_json::json!({"mid": 1, "coins": 1, "reason": "活\0动"});
    let answer = admin.post("/operator/member/coins", coins).await;
    assert!(answer.text().contains("NUL"), "{}", answer.text());
    // A device that names itself so is none.
    let browser = service.anyone();
    browser.keep("buvid3", "a%00b");
    browser.sign_up("新来的", &[]).await;
    assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Any bytes in, an envelope out.
    #[test]
    fn any_request_is_answered_in_the_envelope(
        at in 0usize..26,
        requests in proptest::collection::vec(("[ -~]{0,60}", any::<Vec<u8>>(), "[ -~]{0,40}", "[ -~]{0,60}"), 12),
    ) {
        runtime().block_on(async {
            let service = Service::new().await;
            let me = service.member(1).await;
            let info = &guanxi_server::routes::endpoints()[at];
            for (query, mut body, kind, cookie) in requests {
                let query = guanxi_api::params::encode([("q", query.as_str())]) + &query.replace(['#', ' ', '<', '>', '"'], "");
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
