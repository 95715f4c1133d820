//! Errors and retries: what the client retries, and which error it returns.

use crate::fake_server::{Behaviour, FakeServer, error, success, success_without_data};
use crate::mid;
use guanxi_api::login::poll_qr_code::PollQrCode;
use guanxi_api::operator::members::get_member::GetMember;
use guanxi_api::relations::get_relation_counters::GetRelationCounters;
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_client::{Client, Error, Operator, Options, UnknownOutcome};
use guanxi_types::{ErrorCode, HttpError, RelationAction, RelationSource};
use serde_json::json;
use std::time::Duration;
use tokio::net::TcpListener;

const STAT: GetRelationCounters = GetRelationCounters { vmid: guanxi_types::Mid::MAX };

fn follow() -> ModifyRelation {
    ModifyRelation { fid: mid(2), act: RelationAction::Follow, re_src: RelationSource::DEFAULT }
}

fn counters() -> Behaviour {
    success(&json!({ "mid": 7, "following": 1, "whisper": 2, "black": 3, "follower": 4 }))
}

fn unavailable() -> Behaviour {
    error(503, -503, &["retry-after: 0"])
}

fn client(fake: &FakeServer) -> Client {
    Client::new(&fake.address).unwrap()
}

#[tokio::test]
async fn read_is_retried() {
    for first in
        [unavailable(), Behaviour::Disconnect, Behaviour::Respond(503, Vec::new(), "<html>".to_owned())]
    {
        let fake = FakeServer::start(vec![first, counters()]).await;
        assert_eq!(client(&fake).send(&STAT).await.unwrap().follower, 4);
        assert_eq!(fake.requests().len(), 2);
    }
}

#[tokio::test]
async fn read_retries_end() {
    let fake = FakeServer::start((0..9).map(|_| unavailable()).collect()).await;
    let error = client(&fake).send(&STAT).await.unwrap_err();
    assert!(
        matches!(error, Error::Http { status, .. } if status == HttpError::Unavailable.status()),
        "{error}"
    );
    assert!(!error.may_have_happened());
    assert_eq!(fake.requests().len(), 4);
}

#[tokio::test]
async fn long_retry_after_prevents_retry() {
    let fake = FakeServer::start(vec![error(503, -503, &["retry-after: 3600"]), counters()]).await;
    let error = client(&fake).send(&STAT).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    assert_eq!(fake.requests().len(), 1);
}

#[tokio::test]
async fn sent_write_is_not_retried() {
    let cases = [
        unavailable(),
        Behaviour::Disconnect,
        error(500, -500, &[]),
        Behaviour::Respond(502, Vec::new(), String::new()),
    ];
    for first in cases {
        let fake = FakeServer::start(vec![first, success_without_data(&[])]).await;
        let error = client(&fake).send(&follow()).await.unwrap_err();
        assert!(error.may_have_happened(), "{error}");
        assert_eq!(fake.requests().len(), 1, "{error}");
    }
}

#[tokio::test]
async fn qr_code_poll_is_not_retried() {
    let fake = FakeServer::start(vec![Behaviour::Disconnect, counters()]).await;
    let error = client(&fake).send(&PollQrCode { key: "k".to_owned() }).await.unwrap_err();
    assert!(error.may_have_happened(), "{error}");
    assert_eq!(fake.requests().len(), 1);
}

#[tokio::test]
async fn refused_connection_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::new(&address).unwrap().send(&follow()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)) && !error.may_have_happened(), "{error:?}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn missing_response_times_out() {
    let fake = FakeServer::start(vec![Behaviour::Hang, Behaviour::Hang]).await;
    let options = Options { request_timeout: Duration::from_millis(50), ..Options::default() };
    let client = Client::with_options(&fake.address, &options).unwrap();
    let read = client.send(&STAT).await.unwrap_err();
    assert!(
        matches!(read, Error::OutcomeUnknown { reason: UnknownOutcome::Timeout, is_write: false }),
        "{read:?}"
    );
    let write = client.send(&follow()).await.unwrap_err();
    assert!(
        matches!(write, Error::OutcomeUnknown { reason: UnknownOutcome::Timeout, is_write: true }),
        "{write:?}"
    );
}

#[tokio::test]
async fn endless_response_is_too_large() {
    let fake = FakeServer::start(vec![Behaviour::EndlessBody]).await;
    let error = client(&fake).send(&STAT).await.unwrap_err();
    assert!(
        matches!(error, Error::OutcomeUnknown { reason: UnknownOutcome::TooLarge(8_388_608), .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn invalid_response_is_an_error() {
    let page = || Behaviour::Respond(200, Vec::new(), "<html>log in to the proxy</html>".to_owned());
    let fake = FakeServer::start(vec![page(), page(), success(&json!({ "mid": 0 }))]).await;
    let client = client(&fake);
    for error in [client.send(&STAT).await.unwrap_err(), client.send(&follow()).await.unwrap_err()] {
        assert!(
            matches!(error, Error::OutcomeUnknown { reason: UnknownOutcome::InvalidResponse(_), .. }),
            "{error:?}"
        );
    }
    let invalid_mid = client.send(&STAT).await.unwrap_err();
    assert!(invalid_mid.to_string().contains("a mid is a number"), "{invalid_mid}");
}

#[tokio::test]
async fn rejection_has_code_hint_and_retry_after() {
    let hint = "guanxi-hint: vmid is missing";
    let cases = [
        error(200, -400, &[hint]),
        error(200, 30012, &["retry-after: 60"]),
        error(200, 30061, &[]),
        error(200, 99, &[]),
    ];
    let fake = FakeServer::start(cases.into()).await;
    let client = client(&fake);
    let malformed = client.send(&STAT).await.unwrap_err();
    assert_eq!(malformed.to_string(), "no (-400): vmid is missing");
    let limited = client.send(&follow()).await.unwrap_err();
    assert_eq!(
        (limited.code(), limited.retry_after()),
        (Some(ErrorCode::TooManyAttempts), Some(Duration::from_mins(1)))
    );
    assert!(!limited.may_have_happened());
    assert_eq!(client.send(&STAT).await.unwrap_err().code(), Some(ErrorCode::KeyRotationInProgress));
    let unknown = client.send(&STAT).await.unwrap_err();
    assert!(matches!(unknown, Error::Rejected { code: None, number: 99, .. }), "{unknown:?}");
}

#[tokio::test]
async fn http_error_has_status() {
    // Only the status distinguishes an HTTP error from a missing member.
    let cases = [error(404, -404, &[]), error(403, -403, &[]), error(413, -413, &[])];
    let fake = FakeServer::start(cases.into()).await;
    let client = client(&fake);
    for expected in [HttpError::NotFound, HttpError::Forbidden, HttpError::PayloadTooLarge] {
        let error = client.send(&follow()).await.unwrap_err();
        assert!(matches!(error, Error::Http { status, .. } if status == expected.status()), "{error:?}");
        assert!(!error.may_have_happened(), "{error}");
    }
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let other = FakeServer::start(vec![counters()]).await;
    let location = format!("location: {}/x/relation/stat", other.address);
    let fake = FakeServer::start(vec![Behaviour::Respond(302, vec![location], String::new())]).await;
    let error = client(&fake).send(&STAT).await.unwrap_err();
    assert!(matches!(error, Error::Http { status, .. } if status == 302), "{error:?}");
    assert_eq!(other.requests(), [""; 0]);
}

#[tokio::test]
async fn base_url_path_prefix_is_sent() {
    for prefix in ["", "/", "/guanxi", "/guanxi/", "/a/b"] {
        let fake = FakeServer::start(vec![counters()]).await;
        Client::new(&format!("{}{prefix}", fake.address)).unwrap().send(&STAT).await.unwrap();
        let line =
            format!("GET {}/x/relation/stat?vmid=9007199254740991 HTTP/1.1", prefix.trim_end_matches('/'));
        assert_eq!(fake.requests()[0].lines().next(), Some(line.as_str()));
    }
}

#[test]
fn invalid_base_urls_are_rejected() {
    let cases = [
        ("", "http:// or https://"),
        ("127.0.0.1:8080", "http:// or https://"),
        ("localhost:8080", "http:// or https://"),
        ("ftp://example.cn", "http:// or https://"),
        ("http://", "http:// or https://"),
        ("http://example.cn/?a=1", "before the first ?"),
        ("http://example.cn/#a", "before the first ?"),
        ("http://me:secret@example.cn", "no password"),
    ];
    for (address, reason) in cases {
        let error = Client::new(address).unwrap_err();
        assert!(matches!(error, Error::InvalidInput(_)), "{address}: {error:?}");
        assert!(error.to_string().contains(reason) && !error.to_string().contains("secret"), "{error}");
        assert!(Operator::new(address, "token").is_err(), "{address}");
    }
    assert!(Operator::new("http://example.cn", "a\nb").is_err());
}

#[tokio::test]
async fn errors_hide_query_and_token() {
    let fake = FakeServer::start(Vec::new()).await;
    let operator = Operator::new(&fake.address, "secret").unwrap();
    let tel = Some("15312345056".to_owned());
    let error = operator
        .send(&GetMember { mid: None, uname: None, userid: None, tel, mail: None })
        .await
        .unwrap_err();
    for text in [format!("{error}"), format!("{error:?}"), format!("{operator:?}")] {
        assert!(!text.contains("15312345056") && !text.contains("secret"), "{text}");
    }
}
