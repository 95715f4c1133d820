//! The client of the operators' endpoints, against a server.

use crate::mid;
use futures_util::TryStreamExt;
use guanxi_api::account::submit_bio::SubmitBio;
use guanxi_api::operator::list_audit_entries::ListAuditEntries;
use guanxi_api::operator::members::adjust_coins::AdjustCoins;
use guanxi_api::operator::members::get_member::GetMember;
use guanxi_client::{Error, Operator, PagerEnd};
use guanxi_test_server::TestServer;
use guanxi_types::{Coins, ErrorCode, HttpError, Role};

fn get_member(number: u64) -> GetMember {
    GetMember { mid: Some(mid(number)), uname: None, userid: None, tel: None, mail: None }
}

#[tokio::test]
async fn operator_reads_and_writes() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for delta in 1..=3 {
        let delta = Coins::from_whole(delta);
        admin.send(&AdjustCoins { mid: mid(1), delta, reason: "开张".to_owned(), id: None }).await.unwrap();
    }
    assert_eq!(admin.send(&get_member(1)).await.unwrap().coins, Coins::from_whole(6));
    assert_eq!(admin.send(&get_member(999)).await.unwrap_err().code(), Some(ErrorCode::MemberNotFound));
    let mut audit = admin.paginate(ListAuditEntries { before: None, limit: Some(2) });
    let mut seen = Vec::new();
    while let Some(entry) = audit.next().await.unwrap() {
        seen.push(entry.seq);
    }
    assert!(seen.len() >= 3 && seen.is_sorted_by(|newer, older| newer > older), "{seen:?}");
    assert_eq!(audit.end(), Some(PagerEnd::Exhausted));
}

#[tokio::test]
async fn pending_reviews_are_listed() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for number in 1..=3 {
        let bio = SubmitBio { user_sign: Some("慢慢来".to_owned()) };
        server.member(number).await.send(&bio).await.unwrap();
    }
    let mut pending: Vec<u64> =
        admin.bio_reviews().into_stream().map_ok(|entry| entry.mid.get()).try_collect().await.unwrap();
    pending.sort_unstable();
    assert_eq!(pending, [1, 2, 3]);
    assert_eq!(admin.realname_reviews().next().await.unwrap(), None);
    assert_eq!(admin.audit_entries().next().await.unwrap().unwrap().by, "test server");
}

#[tokio::test]
async fn invalid_token_is_rejected() {
    let server = TestServer::start().await;
    let unknown = Operator::new(&server.operators, "nobody's").unwrap();
    let moderator = Operator::new(&server.operators, &server.token(Role::Moderator).await).unwrap();
    let audit = ListAuditEntries { before: None, limit: None };
    let cases = [
        (unknown.send(&audit).await.unwrap_err(), HttpError::Unauthorized),
        (moderator.send(&audit).await.unwrap_err(), HttpError::Forbidden),
    ];
    for (error, fault) in cases {
        assert!(matches!(&error, Error::Http { status, .. } if *status == fault.status()), "{error:?}");
        assert!(!error.may_have_happened(), "{error}");
    }
}
