//! Calls every endpoint with missing, malformed and valid input. No call may return 500.

use crate::client::TestClient;
use crate::service::{Service, TestResponse};
use axum::body::Body;
use guanxi_api::auth::AuthRequirement;
use guanxi_api::endpoint::EndpointInfo;
use guanxi_api::params::encode_form;
use guanxi_server::routes::endpoints;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{Method, Request};

/// Endpoints of the contract: method, path, required parameters, credentials.
#[rustfmt::skip]
const CONTRACT: [(&str, &str, &[&str], AuthRequirement); 26] = [
    ("GET",  "/x/member/web/account",           &[],                 AuthRequirement::Session),
    ("GET",  "/x/member/web/exp/reward",        &[],                 AuthRequirement::Session),
    ("GET",  "/x/vip/web/user/info",            &[],                 AuthRequirement::Session),
    ("GET",  "/web/site/user/info",             &[],                 AuthRequirement::SessionWithUidCookie),
    ("GET",  "/x/member/realname/status",       &[],                 AuthRequirement::Session),
    ("GET",  "/x/member/realname/apply/status", &[],                 AuthRequirement::Session),
    ("GET",  "/x/member/web/coin/log",          &[],                 AuthRequirement::Session),
    ("POST", "/x/member/web/sign/update",       &[],                 AuthRequirement::SessionWithCsrf),
    ("GET",  "/x/space/acc/info",               &["mid"],            AuthRequirement::Public),
    ("GET",  "/x/web-interface/card",           &["mid"],            AuthRequirement::Public),
    ("GET",  "/x/space/upstat",                 &["mid"],            AuthRequirement::Public),
    ("GET",  "/x/relation/stat",                &["vmid"],           AuthRequirement::Public),
    ("GET",  "/x/relation/followers",           &["vmid"],           AuthRequirement::Public),
    ("GET",  "/x/relation/followings",          &["vmid"],           AuthRequirement::Public),
    ("POST", "/x/relation/modify",              &["fid", "act"],     AuthRequirement::SessionWithCsrf),
    ("GET",  "/x/relation",                     &["fid"],            AuthRequirement::Session),
    ("GET",  "/x/space/acc/relation",           &["mid"],            AuthRequirement::Session),
    ("GET",  "/x/relation/tags",                &[],                 AuthRequirement::Session),
    ("GET",  "/x/relation/tag",                 &["tagid"],          AuthRequirement::Session),
    ("GET",  "/x/relation/tag/user",            &["fid"],            AuthRequirement::Session),
    ("POST", "/x/relation/tag/create",          &["tag"],            AuthRequirement::SessionWithCsrf),
    ("POST", "/x/relation/tag/update",          &["tagid", "name"],  AuthRequirement::SessionWithCsrf),
    ("POST", "/x/relation/tag/del",             &["tagid"],          AuthRequirement::SessionWithCsrf),
    ("POST", "/x/relation/tags/addUsers",       &["fids", "tagids"], AuthRequirement::SessionWithCsrf),
    ("GET",  "/x/safecenter/login_notice",      &["mid"],            AuthRequirement::Session),
    ("GET",  "/x/member/web/login/log",         &[],                 AuthRequirement::Session),
];

/// Endpoints of the passport, likewise.
#[rustfmt::skip]
const PASSPORT: [(&str, &str, &[&str], AuthRequirement); 33] = [
    ("POST", "/passport/signup",          &["uname", "password"],          AuthRequirement::AnonymousWrite),
    ("POST", "/passport/login",           &["account", "password"],        AuthRequirement::AnonymousWrite),
    ("POST", "/passport/login/factor",    &["code"],                       AuthRequirement::AnonymousWrite),
    ("POST", "/passport/logout",          &[],                             AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/password",        &["new"],                        AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/tel",             &[],                             AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/mail",            &[],                             AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/contact/code",    &["contact"],                    AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/contact/verify",  &["contact", "code"],            AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/recovery/code",   &["account"],                    AuthRequirement::AnonymousWrite),
    ("POST", "/passport/recovery/question", &["account", "code"],          AuthRequirement::AnonymousWrite),
    ("POST", "/passport/recovery/password", &["account", "code", "new"],   AuthRequirement::AnonymousWrite),
    ("POST", "/passport/question",        &["question", "answer"],         AuthRequirement::SessionWithCsrf),
    ("GET",  "/passport/factors",         &[],                             AuthRequirement::Session),
    ("POST", "/passport/totp",            &[],                             AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/totp/confirm",    &["code"],                       AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/totp/remove",     &[],                             AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/recovery",        &[],                             AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/proof",           &[],                             AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/passkeys/challenge", &[],                          AuthRequirement::AnonymousWrite),
    ("POST", "/passport/passkeys/login",  &["credential"],                 AuthRequirement::AnonymousWrite),
    ("POST", "/passport/passkeys/start",  &[],                             AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/passkeys",        &["label", "credential"],        AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/passkeys/rename", &["passkey", "label"],           AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/passkeys/remove", &["passkey"],                    AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/realname",        &["realname", "card", "card_type"], AuthRequirement::SessionWithCsrf),
    ("GET",  "/passport/sessions",        &[],                             AuthRequirement::Session),
    ("POST", "/passport/sessions/revoke", &["id"],                         AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/qrcode",          &[],                             AuthRequirement::AnonymousWrite),
    ("GET",  "/passport/qrcode",          &["key"],                        AuthRequirement::Public),
    ("GET",  "/passport/qrcode/confirm",  &["key"],                        AuthRequirement::Session),
    ("POST", "/passport/qrcode/confirm",  &["key"],                        AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/qrcode/cancel",   &["key"],                        AuthRequirement::SessionWithCsrf),
];

/// Endpoints of members' own data, likewise.
#[rustfmt::skip]
const OWN_DATA: [(&str, &str, &[&str], AuthRequirement); 8] = [
    ("GET",  "/passport/privacy",         &[],                             AuthRequirement::Session),
    ("POST", "/passport/privacy",         &[],                             AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/leave",           &["mid"],                        AuthRequirement::SessionWithCsrf),
    ("GET",  "/passport/leave",           &[],                             AuthRequirement::Session),
    ("POST", "/passport/leave/cancel",    &[],                             AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/export",          &[],                             AuthRequirement::SessionWithCsrf),
    ("GET",  "/passport/export",          &[],                             AuthRequirement::Session),
    ("POST", "/passport/relations/import", &["csv"],                       AuthRequirement::SessionWithCsrf),
];

/// Endpoints for members' own pages, likewise.
#[rustfmt::skip]
const PAGE_ENDPOINTS: [(&str, &str, &[&str], AuthRequirement); 24] = [
    ("GET",  "/x/relation/whispers",      &[],                             AuthRequirement::Session),
    ("GET",  "/x/relation/blacks",        &[],                             AuthRequirement::Session),
    ("GET",  "/passport/sign",            &[],                             AuthRequirement::Session),
    ("GET",  "/passport/logins",          &[],                             AuthRequirement::Session),
    ("GET",  "/passport/news",            &[],                             AuthRequirement::Session),
    ("POST", "/passport/news/seen",       &["until"],                      AuthRequirement::SessionWithCsrf),
    ("GET",  "/passport/members",         &["q"],                          AuthRequirement::Public),
    ("GET",  "/passport/name",            &[],                             AuthRequirement::Session),
    ("POST", "/passport/name",            &["uname"],                      AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/sex",             &["sex"],                        AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/birthday",        &[],                             AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/face",            &["picture"],                    AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/face/delete",     &[],                             AuthRequirement::SessionWithCsrf),
    ("POST", "/passport/news/read",       &["item"],                       AuthRequirement::SessionWithCsrf),
    ("GET",  "/passport/news/unread",     &[],                             AuthRequirement::Session),
    ("GET",  "/passport/levels",          &[],                             AuthRequirement::Session),
    ("GET",  "/passport/exp/log",         &[],                             AuthRequirement::Session),
    ("GET",  "/passport/coins/log",       &[],                             AuthRequirement::Session),
    ("GET",  "/passport/steps",           &[],                             AuthRequirement::Session),
    ("POST", "/passport/steps/dismiss",   &[],                             AuthRequirement::SessionWithCsrf),
    ("GET",  "/passport/relations",       &["list"],                       AuthRequirement::Session),
    ("POST", "/passport/relations/change", &["mids", "op"],                AuthRequirement::SessionWithCsrf),
    ("GET",  "/passport/remark",          &["mid"],                        AuthRequirement::Session),
    ("POST", "/passport/remark",          &["mid"],                        AuthRequirement::SessionWithCsrf),
];

/// A valid value and invalid values of the parameters that have any.
#[rustfmt::skip]
pub(crate) const VALUES: [(&str, &str, &[&str]); 33] = [
    ("mid",       "1",    NO_MEMBERS),
    ("vmid",      "2",    NO_MEMBERS),
    ("fid",       "2",    NO_MEMBERS),
    ("fids",      "2,3",  &["", "0", "2,", "2,-3", "2, 3", "x", "2;3", "9007199254740992"]),
    ("mids",      "2,3",  &["", "0", "2,", "2,-3", "2, 3", "x", "2;3", "9007199254740992"]),
    ("list",      "followings", &["", "x", "Followings"]),
    ("op",        "follow", &["", "1", "x"]),
    ("show",      "mutual", &["x", "0"]),
    ("sort",      "name", &["x", "desc"]),
    ("tagid",     "0",    &["", "-1", "-11", "+5", " 5", "x", "1.0", "9007199254740992"]),
    ("tagids",    "-10",  &["", "-1", "5,", "5 ", "x"]),
    ("ps",        "20",   &["0", "-1", " 5", "x", "1.0"]),
    ("pn",        "1",    &["0", "-1", "+1", "x"]),
    ("order",     "desc", &["new", "DESC"]),
    ("photo",     "1",    &["2", "yes"]),
    ("act",       "1",    &["", "0", "8", "-1", "x", "1.0"]),
    ("tag",       "同学", &["", " ", "%ff"]),
    ("label",     "手机", &["", " ", "%ff"]),
    ("passkey",   "1",    &["", "x", "1.0"]),
    ("name",      "同学", &["", " ", "%ff"]),
    ("user_sign", "慢",   &["%ff"]),
    ("buvid",     "b",    &["%ff"]),
    ("card_type", "0",    &["", "-1", "256", "x"]),
    ("until",     "0",    &["", "-1", "+1", "1.0", "x"]),
    ("contact",   "tel",  &["", "x", "Tel", "%ff"]),
    ("account",   "15312345056", &["%ff"]),
    ("code",      "123456", &["%ff"]),
    ("sex",       "保密", &["", "x", "%ff"]),
    ("birthday",  "2000-01-31", &["x", "2000-1-31", "2000-01-31 ", "%ff"]),
    ("item",      "5-1",  &["", "5", "5-", "-5-1", "5-1-1", "x"]),
    ("before",    "5-1",  &["5", "5-", "-5-1", "5-1-1", "x"]),
    ("month",     "2026-01", &["2026", "2026-13", "1969-12", "26-01", "x"]),
    ("all",       "1",    &["2", "yes"]),
];
const NO_MEMBERS: &[&str] =
    &["", "0", "-1", "+1", " 1", "1 ", "1.0", "1e3", "x", "9007199254740992", "99999999999999999999"];

fn good(name: &str) -> &'static str {
    VALUES.iter().find(|(known, ..)| *known == name).map_or("11", |(_, good, _)| good)
}

fn bad(name: &str) -> &'static [&'static str] {
    VALUES.iter().find(|(known, ..)| *known == name).map_or(&[], |(.., bad)| bad)
}

/// Returns the required parameters with valid values, except one that has another value or is left out.
pub(crate) fn params(info: &EndpointInfo, other: Option<(&str, Option<&str>)>) -> String {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for param in info.params {
        match other.filter(|(name, _)| *name == param.name) {
            Some((name, Some(value))) => pairs.push((name, value)),
            None if param.required => pairs.push((param.name, good(param.name))),
            Some((_, None)) | None => (),
        }
    }
    // Percent escapes of the cases are sent unchanged.
    encode_form(pairs).replace("%25ff", "%ff")
}

async fn call(browser: &TestClient<'_>, info: &EndpointInfo, params: &str, csrf: &str) -> TestResponse {
    let answer = if info.method == Method::GET {
        browser.get(&format!("{}?{params}", info.path)).await
    } else {
        browser.post_raw(info.path, &format!("{params}&csrf={csrf}")).await
    };
    assert_eq!(answer.status, 200, "{} {params}: {}", info.path, answer.text());
    assert_eq!(answer.headers[CONTENT_TYPE], "application/json; charset=utf-8");
    assert_eq!(answer.headers[CACHE_CONTROL], "no-store");
    assert!(answer.text().starts_with("{\"code\":"), "{}", answer.text());
    if answer.code() != 0 {
        assert!(answer.json().get("data").is_none(), "{}", answer.text());
    }
    answer
}

#[test]
fn routes_match_the_contract() {
    let actual: Vec<_> = endpoints()
        .into_iter()
        .map(|info| {
            let required =
                info.params.iter().filter(|param| param.required).map(|param| param.name).collect();
            (info.method.to_string(), info.path, required, info.auth)
        })
        .collect();
    let expected: Vec<(String, &str, Vec<&str>, AuthRequirement)> = CONTRACT
        .iter()
        .chain(&PASSPORT)
        .chain(&PAGE_ENDPOINTS)
        .chain(&OWN_DATA)
        .map(|(method, path, required, needs)| ((*method).to_owned(), *path, required.to_vec(), *needs))
        .collect();
    assert_eq!(actual, expected);
}

#[tokio::test]
async fn call_without_session_is_rejected() {
    let service = Service::new().await;
    for info in endpoints() {
        for params in [params(&info, None), String::new()] {
            let code = call(&service.anonymous(), &info, &params, "x").await.code();
            match info.auth {
                AuthRequirement::Public => {
                    assert_eq!(code, if params.is_empty() { -400 } else { 0 }, "{}", info.path);
                }
                // These endpoints have tests of their own.
                AuthRequirement::AnonymousWrite => assert_ne!(code, -101, "{}", info.path),
                _ => assert_eq!(code, -101, "{}", info.path),
            }
        }
    }
}

#[tokio::test]
async fn write_without_csrf_is_rejected() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let writes = [AuthRequirement::SessionWithCsrf, AuthRequirement::AnonymousWrite];
    for info in endpoints().into_iter().filter(|info| writes.contains(&info.auth)) {
        for csrf in ["", "0", &service.log_in_as(2).await.csrf(), &format!("{}x", me.csrf())] {
            // The CSRF check comes before parameter validation (D4).
            for params in [params(&info, None), String::new()] {
                assert_eq!(call(&me, &info, &params, csrf).await.code(), -111, "{} {csrf}", info.path);
            }
        }
        let none = me.post_raw(info.path, &params(&info, None)).await;
        assert_eq!(none.code(), -111, "{}", info.path);
    }
}

#[tokio::test]
async fn missing_or_malformed_parameter_returns_400() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for info in endpoints() {
        for param in info.params {
            if param.required {
                let missing = call(&me, &info, &params(&info, Some((param.name, None))), &me.csrf()).await;
                assert_eq!(missing.code(), -400, "{} without {}", info.path, param.name);
                assert_eq!(missing.headers["guanxi-hint"], format!("{} is missing", param.name));
            }
            for value in bad(param.name) {
                let malformed =
                    call(&me, &info, &params(&info, Some((param.name, Some(value)))), &me.csrf()).await;
                assert_eq!(malformed.code(), -400, "{} with {}={value:?}", info.path, param.name);
            }
        }
    }
}

#[tokio::test]
async fn valid_parameters_are_accepted() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    assert_eq!((me.change_relation(1, 2).await, me.change_relation(1, 3).await), (0, 0));
    for info in endpoints().into_iter().take(CONTRACT.len()) {
        let answer = call(&me, &info, &params(&info, None), &me.csrf()).await;
        // These calls are rejected for reasons of their own: built-in groups cannot be changed.
        let expected = match info.path {
            "/x/relation/tag/update" | "/x/relation/tag/del" => -400,
            _ => 0,
        };
        assert_eq!(answer.code(), expected, "{}: {}", info.path, answer.text());
    }
}

/// Returns the code of an endpoint of the contract for a mid that never existed (D39).
fn unknown_member_code(path: &str) -> i64 {
    match path {
        "/x/space/acc/info" | "/x/web-interface/card" | "/x/space/upstat" | "/x/relation/stat" => -404,
        "/x/relation/modify" => 40061,
        "/x/safecenter/login_notice" => -403,
        "/x/relation/tags/addUsers" => 22105,
        "/x/relation/followers"
        | "/x/relation/followings"
        | "/x/relation"
        | "/x/space/acc/relation"
        | "/x/relation/tag/user" => -400,
        other => panic!("{other} names a member, but has no expected code"),
    }
}

/// Decision D5.
#[tokio::test]
async fn empty_optional_parameter_counts_as_absent() {
    for info in endpoints() {
        for param in info.params.iter().filter(|param| !param.required) {
            let mut results = Vec::new();
            for value in [None, Some("")] {
                // Each case has its own service, since a repeated call may be rejected.
                let service = Service::new().await;
                let me = service.log_in_as(1).await;
                let params = params(&info, value.map(|value| (param.name, Some(value))));
                assert_eq!(params.contains(param.name), value.is_some(), "{params}");
                let answer = call(&me, &info, &params, &me.csrf()).await;
                results.push((answer.code(), answer.json()["data"].clone()));
            }
            assert_eq!(results[0].0, results[1].0, "{} with {} empty", info.path, param.name);
            if info.method == Method::GET {
                assert_eq!(results[0].1, results[1].1, "{} with {} empty", info.path, param.name);
            }
        }
    }
}

/// Decision D4: an unknown mid is malformed, which wins over the page limit.
#[tokio::test]
async fn unknown_member_wins_over_page_limit() {
    let service = Service::new().await;
    for path in ["/x/relation/followers", "/x/relation/followings"] {
        for (vmid, pn, code) in [(999, 6, -400), (999, 1, -400), (2, 6, 22007), (2, 5, 0)] {
            let answer = service.anonymous().get(&format!("{path}?vmid={vmid}&pn={pn}")).await;
            assert_eq!(answer.code(), code, "{path} of {vmid}, page {pn}");
        }
    }
}

#[tokio::test]
async fn unknown_member_is_rejected() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for info in endpoints().into_iter().take(CONTRACT.len()) {
        for name in ["mid", "vmid", "fid", "fids"] {
            if info.params.iter().any(|param| param.name == name) {
                let answer = call(&me, &info, &params(&info, Some((name, Some("999")))), &me.csrf()).await;
                assert_eq!(answer.code(), unknown_member_code(info.path), "{}", info.path);
                if answer.code() == -400 {
                    assert_eq!(answer.headers["guanxi-hint"], format!("{name} is nobody's"));
                }
            }
        }
    }
}

#[tokio::test]
async fn other_method_returns_405() {
    let service = Service::new().await;
    for info in endpoints() {
        let both = endpoints().iter().filter(|other| other.path == info.path).count() > 1;
        let other = match info.method {
            _ if both => Method::PUT,
            Method::GET => Method::POST,
            _ => Method::GET,
        };
        let request = Request::builder().method(other).uri(info.path).body(Body::empty()).unwrap();
        let answer = service.send(request).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (405, -405), "{}", info.path);
        let allow = answer.headers[ALLOW].to_str().unwrap();
        assert!(allow.split(',').any(|method| method == info.method.as_str()), "{}: {allow}", info.path);
    }
}
