//! What fails on the way, what is sent again, and what is said of it.

use crate::fake::{Act, Fake, denied, done, written};
use crate::mid;
use guanxi_api::api::passport::qrcode::PollQr;
use guanxi_api::api::relation::modify::{Modify, RelationAction as Deed, Source};
use guanxi_api::api::relation::stat::RelationStat;
use guanxi_api::operator::member::Member;
use guanxi_client::{Client, Error, Operator, Options, Why};
use guanxi_types::{ErrorCode, HttpError};
use serde_json::json;
use std::time::Duration;
use tokio::net::TcpListener;

const STAT: RelationStat = RelationStat { vmid: guanxi_types::Mid::MAX };

fn follow() -> Modify {
    Modify { fid: mid(2), act: Deed::Follow, re_src: Source::USUAL }
}

fn counted() -> Act {
    done(&json!({ "mid": 7, "following": 1, "whisper": 2, "black": 3, "follower": 4 }))
}

fn unavailable() -> Act {
    denied(503, -503, &["retry-after: 0"])
}

fn client(fake: &Fake) -> Client {
    Client::new(&fake.address).unwrap()
}

#[tokio::test]
async fn a_read_is_sent_again() {
    for first in [unavailable(), Act::HangUp, Act::Say(503, Vec::new(), "<html>".to_owned())] {
        let fake = Fake::new(vec![first, counted()]).await;
        assert_eq!(client(&fake).send(&STAT).await.unwrap().follower, 4);
        assert_eq!(fake.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_read_is_not_sent_for_ever() {
    let fake = Fake::new((0..9).map(|_| unavailable()).collect()).await;
    let error = client(&fake).send(&STAT).await.unwrap_err();
    assert!(
        matches!(error, Error::Fault { status, .. } if status == HttpError::Unavailable.status()),
        "{error}"
    );
    assert!(!error.may_have_happened());
    assert_eq!(fake.requests().len(), 4);
}

#[tokio::test]
async fn who_asks_for_too_long_a_rest_is_not_asked_again() {
    let fake = Fake::new(vec![denied(503, -503, &["retry-after: 3600"]), counted()]).await;
    let error = client(&fake).send(&STAT).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    assert_eq!(fake.requests().len(), 1);
}

#[tokio::test]
async fn a_write_that_was_sent_is_not_sent_again() {
    let cases =
        [unavailable(), Act::HangUp, denied(500, -500, &[]), Act::Say(502, Vec::new(), String::new())];
    for first in cases {
        let fake = Fake::new(vec![first, written(&[])]).await;
        let error = client(&fake).send(&follow()).await.unwrap_err();
        assert!(error.may_have_happened(), "{error}");
        assert_eq!(fake.requests().len(), 1, "{error}");
    }
}

#[tokio::test]
async fn the_state_of_a_code_is_asked_for_once() {
    let fake = Fake::new(vec![Act::HangUp, counted()]).await;
    let error = client(&fake).send(&PollQr { key: "k".to_owned() }).await.unwrap_err();
    assert!(error.may_have_happened(), "{error}");
    assert_eq!(fake.requests().len(), 1);
}

#[tokio::test]
async fn nobody_is_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::new(&address).unwrap().send(&follow()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)) && !error.may_have_happened(), "{error:?}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn no_answer_in_time() {
    let fake = Fake::new(vec![Act::Silence, Act::Silence]).await;
    let options = Options { patience: Duration::from_millis(50), ..Options::default() };
    let client = Client::with(&fake.address, &options).unwrap();
    let read = client.send(&STAT).await.unwrap_err();
    assert!(matches!(read, Error::Unanswered { why: Why::Slow, changes: false }), "{read:?}");
    let write = client.send(&follow()).await.unwrap_err();
    assert!(matches!(write, Error::Unanswered { why: Why::Slow, changes: true }), "{write:?}");
}

#[tokio::test]
async fn more_than_the_client_takes() {
    let fake = Fake::new(vec![Act::Flood]).await;
    let error = client(&fake).send(&STAT).await.unwrap_err();
    assert!(matches!(error, Error::Unanswered { why: Why::TooLarge(8_388_608), .. }), "{error:?}");
}

#[tokio::test]
async fn what_the_contract_does_not_say() {
    let page = || Act::Say(200, Vec::new(), "<html>log in to the proxy</html>".to_owned());
    let fake = Fake::new(vec![page(), page(), done(&json!({ "mid": 0 }))]).await;
    let client = client(&fake);
    for unread in [client.send(&STAT).await.unwrap_err(), client.send(&follow()).await.unwrap_err()] {
        assert!(matches!(unread, Error::Unanswered { why: Why::Shape(_), .. }), "{unread:?}");
    }
    let other = client.send(&STAT).await.unwrap_err();
    assert!(other.to_string().contains("a mid is a number"), "{other}");
}

#[tokio::test]
async fn a_refusal_tells_what_to_do() {
    let hint = "guanxi-hint: vmid is missing";
    let cases = [
        denied(200, -400, &[hint]),
        denied(200, 30012, &["retry-after: 60"]),
        denied(200, 30061, &[]),
        denied(200, 99, &[]),
    ];
    let fake = Fake::new(cases.into()).await;
    let client = client(&fake);
    let malformed = client.send(&STAT).await.unwrap_err();
    assert_eq!(malformed.to_string(), "no (-400): vmid is missing");
    let later = client.send(&follow()).await.unwrap_err();
    assert_eq!(
        (later.code(), later.retry_after()),
        (Some(ErrorCode::TooManyTries), Some(Duration::from_mins(1)))
    );
    assert!(!later.may_have_happened());
    assert_eq!(client.send(&STAT).await.unwrap_err().code(), Some(ErrorCode::Rotating));
    let newer = client.send(&STAT).await.unwrap_err();
    assert!(matches!(newer, Error::Refused { code: None, number: 99, .. }), "{newer:?}");
}

#[tokio::test]
async fn a_fault_tells_its_status() {
    // Of them only the status tells what is a fault of HTTP's and what is a member who is not there.
    let cases = [denied(404, -404, &[]), denied(403, -403, &[]), denied(413, -413, &[])];
    let fake = Fake::new(cases.into()).await;
    let client = client(&fake);
    for expected in [HttpError::NotFound, HttpError::Forbidden, HttpError::TooLarge] {
        let error = client.send(&follow()).await.unwrap_err();
        assert!(matches!(error, Error::Fault { status, .. } if status == expected.status()), "{error:?}");
        assert!(!error.may_have_happened(), "{error}");
    }
}

#[tokio::test]
async fn another_address_is_not_followed() {
    let other = Fake::new(vec![counted()]).await;
    let location = format!("location: {}/x/relation/stat", other.address);
    let fake = Fake::new(vec![Act::Say(302, vec![location], String::new())]).await;
    let error = client(&fake).send(&STAT).await.unwrap_err();
    assert!(matches!(error, Error::Fault { status, .. } if status == 302), "{error:?}");
    assert_eq!(other.requests(), [""; 0]);
}

#[tokio::test]
async fn what_stands_before_the_paths_is_kept() {
    for prefix in ["", "/", "/guanxi", "/guanxi/", "/a/b"] {
        let fake = Fake::new(vec![counted()]).await;
        Client::new(&format!("{}{prefix}", fake.address)).unwrap().send(&STAT).await.unwrap();
        let line =
            format!("GET {}/x/relation/stat?vmid=9007199254740991 HTTP/1.1", prefix.trim_end_matches('/'));
        assert_eq!(fake.requests()[0].lines().next(), Some(line.as_str()));
    }
}

#[test]
fn addresses_that_are_none() {
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
    for (address, why) in cases {
        let error = Client::new(address).unwrap_err();
        assert!(matches!(error, Error::Wrong(_)), "{address}: {error:?}");
        assert!(error.to_string().contains(why) && !error.to_string().contains("secret"), "{error}");
        assert!(Operator::new(address, "token").is_err(), "{address}");
    }
    assert!(Operator::new("http://example.cn", "a\nb").is_err());
}

#[tokio::test]
async fn what_was_asked_is_not_in_an_error() {
    let fake = Fake::new(Vec::new()).await;
    let operator = Operator::new(&fake.address, "secret").unwrap();
    let tel = Some("15312345056".to_owned());
    let error =
        operator.send(&Member { mid: None, uname: None, userid: None, tel, mail: None }).await.unwrap_err();
    for shown in [format!("{error}"), format!("{error:?}"), format!("{operator:?}")] {
        assert!(!shown.contains("15312345056") && !shown.contains("secret"), "{shown}");
    }
}
