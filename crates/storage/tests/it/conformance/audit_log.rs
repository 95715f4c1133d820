//! Entries of the audit log.

use super::operator_commands::{card_patch, part, payment};
use crate::community::{Community, expect_read, mid};
use crate::members::{NOW, member_with_phone, new_password};
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{
    AdjustCoins, CreateMember, DeleteMember, LogKeyRotation, MemberPatch, ReviewRealname,
    RevokeMemberSessions, Verdict, VerifyContact,
};
use guanxi_storage::commands::{ContactKind, NewMember, SetQuestion, SubmitRealname};
use guanxi_types::{Coins, ErrorCode, EventOutcome};
use serde_json::json;
use std::sync::Arc;

pub(crate) async fn audit_log_is_numbered_and_newest_first(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let pay = |coins| payment(1, Coins::from_whole(coins), "");
    for coins in 1..=5 {
        assert!(community.run_as_operator(pay(coins)).await.is_ok());
        assert_eq!(
            community.run_as_operator(pay(-100)).await,
            Err(ErrorCode::InsufficientCoins),
            "a rejection is not logged"
        );
    }
    let newest_first = community.audit_log().await;
    assert_eq!(newest_first.iter().map(|row| row.seq).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    assert!(
        newest_first.iter().all(|row| row.operator == "操作员" && row.time == NOW && row.mid == Some(mid(1)))
    );
    #[rustfmt::skip]
    let cases: [(Option<u64>, usize, &[u64]); 7] = [
        (None,     3, &[5, 4, 3]),
        (Some(3),  2, &[2, 1]),
        (Some(5),  2, &[4, 3]),
        (Some(2),  9, &[1]),
        (Some(1),  9, &[]),
        (Some(99), 9, &[5, 4, 3, 2, 1]),
        (None,     0, &[]),
    ];
    for (before, limit, expected) in cases {
        let rows = expect_read(community.store.audit_log(before, limit).await);
        let seqs: Vec<u64> = rows.iter().map(|row| row.seq).collect();
        assert_eq!(seqs, expected, "before {before:?}, limit {limit}");
    }
}

pub(crate) async fn audit_entry_has_the_changed_values(store: impl Store) {
    let community = Community::new(store);
    let (cipher, me) = (Arc::clone(&community.cipher), mid(1));
    let entry = async || {
        let (action, before, after) = community.latest_audit_entry().await;
        [action, before, after].join(" ")
    };
    assert_eq!(
        community
            .run_as_operator(CreateMember { new_member: member_with_phone("甲", "15312345056"), cipher })
            .await,
        Ok(me)
    );
    assert_eq!(entry().await, r#"/operator/member/create  {"uname":"甲"}"#);
    let mut update = card_patch(json!({"uname": "乙", "vip": {"status": 1}}));
    update.growth = part(json!({"exp": 300}));
    assert_eq!(community.update(1, update).await, Ok(None));
    assert_eq!(
        entry().await,
        r#"/operator/member/update {"card":{"uname":"甲","vip":null},"growth":{"exp":null}} {"card":{"uname":"乙","vip":{"status":1}},"growth":{"exp":300}}"#
    );
    assert_eq!(community.run_as_operator(VerifyContact { mid: me, kind: ContactKind::Tel }).await, Ok(()));
    assert_eq!(entry().await, r#"/operator/member/verify {"tel_verified":false} {"tel_verified":true}"#);
    community.set_contact(1, ContactKind::Tel, Some("15312345057")).await;
    assert_eq!(
        entry().await,
        r#"/operator/member/update {"account":{"tel_verified":true},"tel":"set"} {"account":{"tel_verified":null},"tel":"changed"}"#
    );
    community.set_contact(1, ContactKind::Tel, None).await;
    assert_eq!(entry().await, r#"/operator/member/update {"tel":"set"} {"tel":null}"#);
    community.set_contact(1, ContactKind::Mail, Some("a@b.cn")).await;
    assert_eq!(entry().await, r#"/operator/member/update {"mail":null} {"mail":"set"}"#);
    community.set_contact(1, ContactKind::Mail, Some("a@b.cn")).await;
    assert_eq!(entry().await, "/operator/member/update {} {}", "the mail address is unchanged");
    let pay = AdjustCoins { mid: me, ..payment(1, Coins::from_tenths(15), "补偿") };
    assert_eq!(community.run_as_operator(pay).await, Ok((Coins::from_tenths(15), EventOutcome::Applied)));
    assert_eq!(
        entry().await,
        r#"/operator/member/coins {"coins":0,"reason":null} {"coins":1.5,"reason":"补偿"}"#
    );
    assert_eq!(community.run_as_operator(RevokeMemberSessions(me)).await, Ok(0));
    assert_eq!(entry().await, r#"/operator/member/sessions/revoke  {"sessions_ended":0}"#);
    assert_eq!(community.run_as_operator(LogKeyRotation { key: 2 }).await, Ok(()));
    assert_eq!(entry().await, r#"/operator/keys/rotate  {"key":2}"#);
    community.delete_member(1).await;
    assert_eq!(entry().await, r#"/operator/member/delete {"uname":"乙"} "#);
}

pub(crate) async fn audit_log_has_no_private_data(store: impl Store) {
    let community = Community::new(store);
    let cipher = || Arc::clone(&community.cipher);
    let secrets =
        ["15312345056", "15312345057", "a@b.cn", "b@b.cn", "陈唯恺", "610502200203054117", "谁？", "phc"];
    let new_member = NewMember {
        password: Some(new_password("phc-1")),
        mail: Some("a@b.cn".to_owned()),
        ..member_with_phone("甲", "15312345056")
    };
    assert_eq!(community.run_as_operator(CreateMember { new_member, cipher: cipher() }).await, Ok(mid(1)));
    let (question, answer_hash) = ("谁？".to_owned(), "phc-2".to_owned());
    let set = SetQuestion { me: mid(1), question, answer_hash, cipher: cipher() };
    assert_eq!(community.run(set).await, Ok(()));
    let contacts = vec![
        (ContactKind::Tel, Some("15312345057".to_owned())),
        (ContactKind::Mail, Some("b@b.cn".to_owned())),
    ];
    let (profile, password) = (part(json!({"place": "陕西"})), Some((new_password("phc-3"), [9; 32])));
    assert_eq!(
        community.update(1, MemberPatch { contacts, profile, password, ..MemberPatch::default() }).await,
        Ok(None)
    );
    for kind in [ContactKind::Tel, ContactKind::Mail] {
        assert_eq!(community.run_as_operator(VerifyContact { mid: mid(1), kind }).await, Ok(()));
    }
    let invalid = MemberPatch { account: part(json!({"tel": "15312345058"})), ..MemberPatch::default() };
    assert!(community.update(1, invalid).await.is_ok_and(|error| error.is_some()));
    for verdict in [Verdict::Reject("不清楚".to_owned()), Verdict::Approve] {
        let (name, card) = ("陈唯恺".to_owned(), "610502200203054117".to_owned());
        let apply = SubmitRealname { me: mid(1), name, card, card_type: 0, cipher: cipher(), now: NOW };
        assert_eq!(community.run(apply).await, Ok(()));
        let review = ReviewRealname { mid: mid(1), submitted: None, verdict };
        assert_eq!(community.run_as_operator(review).await, Ok(()));
    }
    community.set_contact(1, ContactKind::Mail, None).await;
    assert_eq!(community.run_as_operator(DeleteMember { mid: mid(1), cipher: cipher() }).await, Ok(()));

    let log = format!("{:?}", community.audit_log().await);
    assert_eq!(community.audit_log().await.len(), 8);
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
    for public in ["甲", "陕西", "不清楚", "verified"] {
        assert!(log.contains(public), "{public} is not in {log}");
    }
}
