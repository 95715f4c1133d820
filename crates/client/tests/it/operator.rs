//! The operators' side, against a service.

use crate::mid;
use futures_util::TryStreamExt;
use guanxi_api::api::member::web::sign::update::SignUpdate;
use guanxi_api::operator::audit::Audit;
use guanxi_api::operator::member::Member;
use guanxi_api::operator::member::coins::Pay;
use guanxi_client::{End, Error, Operator};
use guanxi_test_server::Sample;
use guanxi_types::Role;
use guanxi_types::{Coins, ErrorCode, HttpError};

fn member(number: u64) -> Member {
    Member { mid: Some(mid(number)), uname: None, userid: None, tel: None, mail: None }
}

#[tokio::test]
async fn reads_and_writes() {
    let sample = Sample::serve().await;
    let admin = sample.admin().await;
    for delta in 1..=3 {
        let delta = Coins::whole(delta);
        admin.send(&Pay { mid: mid(1), delta, reason: "开张".to_owned(), id: None }).await.unwrap();
    }
    assert_eq!(admin.send(&member(1)).await.unwrap().coins, Coins::whole(6));
    assert_eq!(admin.send(&member(999)).await.unwrap_err().code(), Some(ErrorCode::NoMember));
    let mut audit = admin.walk(Audit { before: None, limit: Some(2) });
    let mut seen = Vec::new();
    while let Some(entry) = audit.next().await.unwrap() {
        seen.push(entry.seq);
    }
    assert!(seen.len() >= 3 && seen.is_sorted_by(|newer, older| newer > older), "{seen:?}");
    assert_eq!(audit.end(), Some(End::List));
}

#[tokio::test]
async fn what_waits_for_a_review() {
    let sample = Sample::serve().await;
    let admin = sample.admin().await;
    for number in 1..=3 {
        let sign = SignUpdate { user_sign: Some("慢慢来".to_owned()) };
        sample.member(number).await.send(&sign).await.unwrap();
    }
    let mut waiting: Vec<u64> =
        admin.signs().into_stream().map_ok(|entry| entry.mid.get()).try_collect().await.unwrap();
    waiting.sort_unstable();
    assert_eq!(waiting, [1, 2, 3]);
    assert_eq!(admin.realnames().next().await.unwrap(), None);
    assert_eq!(admin.audit().next().await.unwrap().unwrap().by, "sample");
}

#[tokio::test]
async fn whose_token_does_not_do() {
    let sample = Sample::serve().await;
    let unknown = Operator::new(&sample.operators, "nobody's").unwrap();
    let moderator = Operator::new(&sample.operators, &sample.token(Role::Moderator).await).unwrap();
    let audit = Audit { before: None, limit: None };
    let cases = [
        (unknown.send(&audit).await.unwrap_err(), HttpError::Unauthorized),
        (moderator.send(&audit).await.unwrap_err(), HttpError::Forbidden),
    ];
    for (error, fault) in cases {
        assert!(matches!(&error, Error::Fault { status, .. } if *status == fault.status()), "{error:?}");
        assert!(!error.may_have_happened(), "{error}");
    }
}
