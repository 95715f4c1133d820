//! Reviews of bios and real names by moderators, and the rewards that are granted once (D27, D29, D30).

use crate::community::{Community, card, due_bios, expect_read, mid};
use crate::dump_state::{member_states, service_state};
use crate::members::{NOW, member_with_phone, no_outbox};
use guanxi_domain::bio::ReviewPolicy;
use guanxi_domain::verification::VerificationStatus;
use guanxi_storage::commands::operator::{ReviewBio, ReviewRealname, Verdict, VerifyContact};
use guanxi_storage::commands::{ChangeContact, ContactKind, SubmitRealname};
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::{BioReview, Card, Experience, Realname};
use guanxi_storage::{Row, Store};
use guanxi_types::ErrorCode;
use std::sync::Arc;

fn reject(reason: &str) -> Verdict {
    Verdict::Reject(reason.to_owned())
}

impl<S: Store> Community<S> {
    async fn review_bio(
        &self,
        member: u64,
        submitted: Option<i64>,
        verdict: Verdict,
    ) -> Result<(), ErrorCode> {
        self.run_as_operator(ReviewBio { mid: mid(member), submitted, verdict }).await
    }

    async fn review_realname(
        &self,
        member: u64,
        submitted: Option<i64>,
        verdict: Verdict,
    ) -> Result<(), ErrorCode> {
        self.run_as_operator(ReviewRealname { mid: mid(member), submitted, verdict }).await
    }

    async fn submit_realname(&self, me: u64, name: &str, now: i64) -> Result<(), ErrorCode> {
        let (name, card, cipher) =
            (name.to_owned(), "610502200203054117".to_owned(), Arc::clone(&self.cipher));
        self.run(SubmitRealname { me: mid(me), name, card, card_type: 0, cipher, now }).await
    }

    async fn realname(&self, member: u64) -> Realname {
        expect_read(self.store.get(mid(member)).await).expect("the application exists")
    }

    async fn published_bio(&self, member: u64) -> String {
        expect_read(self.store.get::<Card>(mid(member)).await).expect("the member exists").sign
    }

    /// Returns the members whose bio reviews are pending, oldest first.
    async fn pending_bios(&self, since: i64, limit: usize) -> Vec<u64> {
        let rows = expect_read(self.store.pending_reviews::<BioReview>(since, limit).await);
        rows.iter().map(|row| row.mid.get()).collect()
    }
}

pub(crate) async fn pending_reviews_are_oldest_first(store: impl Store) {
    let community = Community::with_members(store, 5).await;
    for (me, now) in [(3, 200), (1, 300), (5, 100), (2, 200)] {
        assert_eq!(community.submit(me, "早", ReviewPolicy::Moderator, now).await, Ok(()));
    }
    assert_eq!(
        community.submit(4, "早", ReviewPolicy::Delay(60), 250).await,
        Ok(()),
        "an automatic review can be moderated too"
    );
    assert_eq!(community.submit_realname(1, "陈唯恺", 1).await, Ok(()));
    #[rustfmt::skip]
    let cases = [
        // since, limit -> members
        (0,   9, vec![5, 2, 3, 4, 1]),
        (0,   2, vec![5, 2]),
        (100, 1, vec![5]),
        (101, 9, vec![2, 3, 4, 1]),
        (250, 9, vec![4, 1]),
        (301, 9, vec![]),
        (0,   0, vec![]),
    ];
    for (since, limit, expected) in cases {
        assert_eq!(community.pending_bios(since, limit).await, expected, "since {since}, limit {limit}");
    }
    let names = expect_read(community.store.pending_reviews::<Realname>(0, 9).await);
    assert_eq!(
        names.iter().map(|row| row.mid.get()).collect::<Vec<_>>(),
        [1],
        "each table has its own reviews"
    );
    assert_eq!(community.submit(5, "晚", ReviewPolicy::Moderator, 400).await, Ok(()), "a newer bio is last");
    assert_eq!(community.pending_bios(0, 9).await, [2, 3, 4, 1, 5]);
    assert_eq!(
        community.submit(2, "", ReviewPolicy::Moderator, 400).await,
        Ok(()),
        "an empty bio needs no review"
    );
    assert_eq!(community.pending_bios(0, 9).await, [3, 4, 1, 5]);
}

pub(crate) async fn approved_bio_is_published(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    for (me, review) in [(1, ReviewPolicy::Moderator), (2, ReviewPolicy::Delay(60))] {
        assert_eq!(community.submit(me, "早", review, 100).await, Ok(()));
        assert_eq!(community.review_bio(me, Some(100), Verdict::Approve).await, Ok(()));
        assert_eq!(community.published_bio(me).await, "早");
        assert_eq!(community.last_review(me).await, Some(("早".to_owned(), None, NOW)));
        let entry =
            ("/operator/reviews/sign".to_owned(), r#"{"sign":""}"#.to_owned(), r#"{"sign":"早"}"#.to_owned());
        assert_eq!(community.latest_audit_entry().await, entry);
        assert_eq!(community.review_bio(me, None, Verdict::Approve).await, Err(ErrorCode::NothingToReview));
    }
    assert_eq!(due_bios(&community.store, i64::MAX).await, [], "no review is due");
    assert_eq!(community.pending_bios(0, 9).await, [0; 0]);
}

pub(crate) async fn rejected_bio_stays_and_is_not_pending(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.submit(1, "早", ReviewPolicy::Delay(60), 100).await, Ok(()));
    assert_eq!(community.review_bio(1, Some(100), reject("广告")).await, Ok(()));
    let stored: BioReview =
        expect_read(community.store.get(mid(1)).await).expect("the rejected review is stored");
    assert_eq!((stored.sign.as_str(), stored.rejected.as_deref(), stored.ended), ("早", Some("广告"), NOW));
    assert_eq!(
        (community.pending_bios(0, 9).await, community.published_bio(1).await),
        (vec![], String::new())
    );
    assert_eq!(due_bios(&community.store, i64::MAX).await, [], "no review is due");
    assert_eq!(community.review_bio(1, None, Verdict::Approve).await, Err(ErrorCode::NothingToReview));
    assert_eq!(community.review_bio(1, Some(100), reject("")).await, Err(ErrorCode::NothingToReview));

    assert_eq!(community.submit(1, "晚", ReviewPolicy::Moderator, 200).await, Ok(()));
    let stored: BioReview = expect_read(community.store.get(mid(1)).await).expect("the review is pending");
    assert_eq!((stored.rejected, stored.ended, community.pending_bios(0, 9).await), (None, 0, vec![1]));
    assert_eq!(community.review_bio(1, None, reject("")).await, Ok(()), "a reason is optional");
    assert_eq!(community.pending_bios(0, 9).await, [0; 0]);
}

pub(crate) async fn review_of_an_outdated_submission_is_rejected(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    assert_eq!(community.submit(1, "早", ReviewPolicy::Moderator, 100).await, Ok(()));
    assert_eq!(community.submit(1, "广告", ReviewPolicy::Moderator, 101).await, Ok(()));
    assert_eq!(community.submit_realname(1, "陈唯恺", 100).await, Ok(()));
    assert_eq!(community.submit_realname(1, "陈睿", 101).await, Ok(()));
    let before = (member_states(&community.store, 2).await, service_state(&community.store).await);
    for verdict in [Verdict::Approve, reject("")] {
        assert_eq!(community.review_bio(1, Some(100), verdict.clone()).await, Err(ErrorCode::ReviewOutdated));
        assert_eq!(
            community.review_realname(1, Some(100), verdict.clone()).await,
            Err(ErrorCode::ReviewOutdated)
        );
        for member in [2, 9] {
            assert_eq!(
                community.review_bio(member, Some(100), verdict.clone()).await,
                Err(ErrorCode::NothingToReview)
            );
            assert_eq!(
                community.review_realname(member, None, verdict.clone()).await,
                Err(ErrorCode::NothingToReview)
            );
        }
        let after = (member_states(&community.store, 2).await, service_state(&community.store).await);
        assert_eq!(after, before, "{verdict:?}");
    }
    assert_eq!(community.review_realname(1, None, Verdict::Approve).await, Ok(()));
    let name = community.realname(1).await.name;
    assert_eq!(community.decrypt(SensitiveField::Name, 1, name.as_ref()).as_deref(), Some("陈睿"));
}

pub(crate) async fn real_name_is_verified_once(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.submit_realname(1, "陈唯恺", 100).await, Ok(()));
    assert_eq!(community.review_realname(1, Some(100), reject("不清楚")).await, Ok(()));
    let rejected = community.realname(1).await;
    assert_eq!((rejected.status, rejected.ended), (VerificationStatus::Rejected("不清楚".to_owned()), NOW));
    assert_eq!(expect_read(community.store.pending_reviews::<Realname>(0, 9).await), []);
    assert_eq!(community.exp(1).await, 0);
    assert_eq!(community.review_realname(1, None, Verdict::Approve).await, Err(ErrorCode::NothingToReview));

    assert_eq!(community.submit_realname(1, "陈睿", 200).await, Ok(()));
    let pending = expect_read(community.store.pending_reviews::<Realname>(0, 9).await);
    assert_eq!(pending, [community.realname(1).await]);
    assert_eq!(pending[0].ended, 0);
    assert_eq!(community.review_realname(1, Some(200), Verdict::Approve).await, Ok(()));
    let verified = community.realname(1).await;
    assert_eq!((verified.status, verified.ended), (VerificationStatus::Verified, NOW));
    assert_eq!(
        community.experience(1).await,
        Experience { exp: 50, identify_card: true, ..Experience::new(mid(1)) }
    );
    assert_eq!(community.submit_realname(1, "陈唯恺", 300).await, Err(ErrorCode::RealnameAlreadyVerified));
    assert_eq!(community.review_realname(1, None, reject("")).await, Err(ErrorCode::NothingToReview));

    // A second verification grants no exp again.
    let pending_again = Realname {
        status: VerificationStatus::Waiting,
        name: None,
        card: None,
        ..community.realname(1).await
    };
    assert_eq!(community.import(vec![Row::Realname(pending_again)]).await.error, None);
    assert_eq!(community.review_realname(1, None, Verdict::Approve).await, Ok(()));
    assert_eq!(community.exp(1).await, 50);
    assert_eq!(community.submit_realname(9, "陈", 1).await, Err(ErrorCode::MemberNotFound));
}

pub(crate) async fn phone_verification_is_rewarded_once(store: impl Store) {
    let community = Community::new(store);
    assert_eq!(community.sign_up(member_with_phone("甲", "15312345056"), 1).await, Ok(1));
    assert_eq!(community.import(vec![card(5)]).await.error, None);
    let verify = |member, kind| VerifyContact { mid: mid(member), kind };
    assert_eq!(
        community.run_as_operator(verify(1, ContactKind::Mail)).await,
        Err(ErrorCode::NothingToVerify)
    );
    assert_eq!(community.run_as_operator(verify(5, ContactKind::Tel)).await, Err(ErrorCode::NothingToVerify));
    assert_eq!(community.run_as_operator(verify(9, ContactKind::Tel)).await, Err(ErrorCode::MemberNotFound));
    let reward = Experience { exp: 100, tel: true, ..Experience::new(mid(1)) };
    for (next, is_verified) in [(None, true), (Some("15312345057"), false)] {
        if let Some(next) = next {
            let (next, outbox) = (Some(next.to_owned()), no_outbox(&community.cipher));
            let change = ChangeContact { me: mid(1), kind: ContactKind::Tel, value: next, outbox };
            assert_eq!(community.run(change).await, Ok(()));
            assert_eq!(community.account(1).await.tel_verified, is_verified);
        }
        for _ in 0..2 {
            assert_eq!(community.run_as_operator(verify(1, ContactKind::Tel)).await, Ok(()));
            assert!(community.account(1).await.tel_verified);
            assert_eq!(community.experience(1).await, reward);
        }
    }
    let (value, outbox) = (Some("a@b.cn".to_owned()), no_outbox(&community.cipher));
    assert_eq!(
        community.run(ChangeContact { me: mid(1), kind: ContactKind::Mail, value, outbox }).await,
        Ok(())
    );
    assert_eq!(community.run_as_operator(verify(1, ContactKind::Mail)).await, Ok(()));
    assert!(community.account(1).await.mail_verified);
    assert_eq!(community.experience(1).await, reward, "a mail address has no reward");
}
