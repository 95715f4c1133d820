//! Moderators review signs and real names; some rewards are given once ever (D27, D29, D30).

use crate::community::{Community, card, due_signs, mid, read};
use crate::members::{NOW, reached};
use crate::told::{common, told};
use guanxi_domain::realname::VerificationStatus;
use guanxi_domain::sign::Review;
use guanxi_storage::command::operate::{ReviewRealname, ReviewSign, Verdict, Verify};
use guanxi_storage::command::{ApplyRealname, ChangeReach, ContactKind};
use guanxi_storage::row::{Card, Growth, Realname, SignReview};
use guanxi_storage::vault::Field;
use guanxi_storage::{Row, Store};
use guanxi_types::ErrorCode;
use std::sync::Arc;

fn no(why: &str) -> Verdict {
    Verdict::Reject(why.to_owned())
}

impl<S: Store> Community<S> {
    async fn review_sign(
        &self,
        member: u64,
        submitted: Option<i64>,
        verdict: Verdict,
    ) -> Result<(), ErrorCode> {
        self.operate(ReviewSign { mid: mid(member), submitted, verdict }).await
    }

    async fn review_name(
        &self,
        member: u64,
        submitted: Option<i64>,
        verdict: Verdict,
    ) -> Result<(), ErrorCode> {
        self.operate(ReviewRealname { mid: mid(member), submitted, verdict }).await
    }

    async fn apply_as(&self, me: u64, name: &str, now: i64) -> Result<(), ErrorCode> {
        let (name, card, vault) = (name.to_owned(), "610502200203054117".to_owned(), Arc::clone(&self.vault));
        self.run(ApplyRealname { me: mid(me), name, card, card_type: 0, vault, now }).await
    }

    async fn realname(&self, member: u64) -> Realname {
        read(self.store.get(mid(member)).await).expect("they have applied")
    }

    async fn shown(&self, member: u64) -> String {
        read(self.store.get::<Card>(mid(member)).await).expect("the member exists").sign
    }

    /// Whose signs wait for a moderator.
    async fn waiting(&self, since: i64, most: usize) -> Vec<u64> {
        let rows = read(self.store.waiting::<SignReview>(since, most).await);
        rows.iter().map(|row| row.mid.get()).collect()
    }
}

pub(crate) async fn who_waits_longest_comes_first(store: impl Store) {
    let community = Community::of(store, 5).await;
    for (me, now) in [(3, 200), (1, 300), (5, 100), (2, 200)] {
        assert_eq!(community.submit(me, "早", Review::Moderator, now).await, Ok(()));
    }
    assert_eq!(community.submit(4, "早", Review::After(60), 250).await, Ok(()), "this one waits as well");
    assert_eq!(community.apply_as(1, "陈唯恺", 1).await, Ok(()));
    #[rustfmt::skip]
    let cases = [
        // since, at most -> who
        (0,   9, vec![5, 2, 3, 4, 1]),
        (0,   2, vec![5, 2]),
        (100, 1, vec![5]),
        (101, 9, vec![2, 3, 4, 1]),
        (250, 9, vec![4, 1]),
        (301, 9, vec![]),
        (0,   0, vec![]),
    ];
    for (since, most, who) in cases {
        assert_eq!(community.waiting(since, most).await, who, "since {since}, at most {most}");
    }
    let names = read(community.store.waiting::<Realname>(0, 9).await);
    assert_eq!(names.iter().map(|row| row.mid.get()).collect::<Vec<_>>(), [1], "each table has its own");
    assert_eq!(community.submit(5, "晚", Review::Moderator, 400).await, Ok(()), "a newer one is at the end");
    assert_eq!(community.waiting(0, 9).await, [2, 3, 4, 1, 5]);
    assert_eq!(community.submit(2, "", Review::Moderator, 400).await, Ok(()), "who clears it does not wait");
    assert_eq!(community.waiting(0, 9).await, [3, 4, 1, 5]);
}

pub(crate) async fn an_approved_sign_is_shown(store: impl Store) {
    let community = Community::of(store, 2).await;
    for (me, review) in [(1, Review::Moderator), (2, Review::After(60))] {
        assert_eq!(community.submit(me, "早", review, 100).await, Ok(()));
        assert_eq!(community.review_sign(me, Some(100), Verdict::Approve).await, Ok(()));
        assert_eq!(community.shown(me).await, "早");
        assert_eq!(community.ended(me).await, Some(("早".to_owned(), None, NOW)));
        let deed = ("review/sign".to_owned(), r#"{"sign":""}"#.to_owned(), r#"{"sign":"早"}"#.to_owned());
        assert_eq!(community.latest_deed().await, deed);
        assert_eq!(community.review_sign(me, None, Verdict::Approve).await, Err(ErrorCode::NothingWaits));
    }
    assert_eq!(due_signs(&community.store, i64::MAX).await, [], "the clock has nothing to do with it");
    assert_eq!(community.waiting(0, 9).await, [0; 0]);
}

pub(crate) async fn a_rejected_sign_stays_and_does_not_wait(store: impl Store) {
    let community = Community::of(store, 1).await;
    assert_eq!(community.submit(1, "早", Review::After(60), 100).await, Ok(()));
    assert_eq!(community.review_sign(1, Some(100), no("广告")).await, Ok(()));
    let kept: SignReview = read(community.store.get(mid(1)).await).expect("it stays");
    assert_eq!((kept.sign.as_str(), kept.rejected.as_deref(), kept.ended), ("早", Some("广告"), NOW));
    assert_eq!((community.waiting(0, 9).await, community.shown(1).await), (vec![], String::new()));
    assert_eq!(due_signs(&community.store, i64::MAX).await, [], "nor does the clock show it");
    assert_eq!(community.review_sign(1, None, Verdict::Approve).await, Err(ErrorCode::NothingWaits));
    assert_eq!(community.review_sign(1, Some(100), no("")).await, Err(ErrorCode::NothingWaits));

    assert_eq!(community.submit(1, "晚", Review::Moderator, 200).await, Ok(()));
    let kept: SignReview = read(community.store.get(mid(1)).await).expect("it waits");
    assert_eq!((kept.rejected, kept.ended, community.waiting(0, 9).await), (None, 0, vec![1]));
    assert_eq!(community.review_sign(1, None, no("")).await, Ok(()), "a moderator need not say why");
    assert_eq!(community.waiting(0, 9).await, [0; 0]);
}

pub(crate) async fn what_was_looked_at_is_what_is_judged(store: impl Store) {
    let community = Community::of(store, 2).await;
    assert_eq!(community.submit(1, "早", Review::Moderator, 100).await, Ok(()));
    assert_eq!(community.submit(1, "广告", Review::Moderator, 101).await, Ok(()));
    assert_eq!(community.apply_as(1, "陈唯恺", 100).await, Ok(()));
    assert_eq!(community.apply_as(1, "陈睿", 101).await, Ok(()));
    let before = (told(&community.store, 2).await, common(&community.store).await);
    for verdict in [Verdict::Approve, no("")] {
        assert_eq!(community.review_sign(1, Some(100), verdict.clone()).await, Err(ErrorCode::WaitsAnew));
        assert_eq!(community.review_name(1, Some(100), verdict.clone()).await, Err(ErrorCode::WaitsAnew));
        for nobody in [2, 9] {
            assert_eq!(
                community.review_sign(nobody, Some(100), verdict.clone()).await,
                Err(ErrorCode::NothingWaits)
            );
            assert_eq!(
                community.review_name(nobody, None, verdict.clone()).await,
                Err(ErrorCode::NothingWaits)
            );
        }
        let after = (told(&community.store, 2).await, common(&community.store).await);
        assert_eq!(after, before, "{verdict:?}");
    }
    assert_eq!(community.review_name(1, None, Verdict::Approve).await, Ok(()));
    let name = community.realname(1).await.name;
    assert_eq!(community.open(Field::Name, 1, name.as_ref()).as_deref(), Some("陈睿"));
}

pub(crate) async fn a_real_name_is_verified_once(store: impl Store) {
    let community = Community::of(store, 1).await;
    assert_eq!(community.apply_as(1, "陈唯恺", 100).await, Ok(()));
    assert_eq!(community.review_name(1, Some(100), no("不清楚")).await, Ok(()));
    let rejected = community.realname(1).await;
    assert_eq!((rejected.standing, rejected.ended), (VerificationStatus::Rejected("不清楚".to_owned()), NOW));
    assert_eq!(read(community.store.waiting::<Realname>(0, 9).await), []);
    assert_eq!(community.exp(1).await, 0);
    assert_eq!(community.review_name(1, None, Verdict::Approve).await, Err(ErrorCode::NothingWaits));

    assert_eq!(community.apply_as(1, "陈睿", 200).await, Ok(()));
    let waits = read(community.store.waiting::<Realname>(0, 9).await);
    assert_eq!(waits, [community.realname(1).await]);
    assert_eq!(waits[0].ended, 0);
    assert_eq!(community.review_name(1, Some(200), Verdict::Approve).await, Ok(()));
    let verified = community.realname(1).await;
    assert_eq!((verified.standing, verified.ended), (VerificationStatus::Verified, NOW));
    assert_eq!(community.growth(1).await, Growth { exp: 50, identify_card: true, ..Growth::of(mid(1)) });
    assert_eq!(community.apply_as(1, "陈唯恺", 300).await, Err(ErrorCode::RealnameVerified));
    assert_eq!(community.review_name(1, None, no("")).await, Err(ErrorCode::NothingWaits));

    // Whatever brings it before a moderator again, the exp was given.
    let again = Realname {
        standing: VerificationStatus::Waiting,
        name: None,
        card: None,
        ..community.realname(1).await
    };
    assert_eq!(community.load(vec![Row::Realname(again)]).await.fault, None);
    assert_eq!(community.review_name(1, None, Verdict::Approve).await, Ok(()));
    assert_eq!(community.exp(1).await, 50);
    assert_eq!(community.apply_as(9, "陈", 1).await, Err(ErrorCode::NoMember));
}

pub(crate) async fn a_phone_brings_its_exp_once(store: impl Store) {
    let community = Community::empty(store);
    assert_eq!(community.sign_up(reached("甲", "15312345056"), 1).await, Ok(1));
    assert_eq!(community.load(vec![card(5)]).await.fault, None);
    let verify = |member, by| Verify { mid: mid(member), by };
    assert_eq!(community.operate(verify(1, ContactKind::Mail)).await, Err(ErrorCode::NothingToVerify));
    assert_eq!(community.operate(verify(5, ContactKind::Tel)).await, Err(ErrorCode::NothingToVerify));
    assert_eq!(community.operate(verify(9, ContactKind::Tel)).await, Err(ErrorCode::NoMember));
    let reward = Growth { exp: 100, tel: true, ..Growth::of(mid(1)) };
    for (next, is_verified) in [(None, true), (Some("15312345057"), false)] {
        if let Some(next) = next {
            let (next, vault) = (Some(next.to_owned()), Arc::clone(&community.vault));
            let change = ChangeReach { me: mid(1), by: ContactKind::Tel, next, vault };
            assert_eq!(community.run(change).await, Ok(()));
            assert_eq!(community.account(1).await.tel_verified, is_verified);
        }
        for _ in 0..2 {
            assert_eq!(community.operate(verify(1, ContactKind::Tel)).await, Ok(()));
            assert!(community.account(1).await.tel_verified);
            assert_eq!(community.growth(1).await, reward);
        }
    }
    let (next, vault) = (Some("a@b.cn".to_owned()), Arc::clone(&community.vault));
    assert_eq!(community.run(ChangeReach { me: mid(1), by: ContactKind::Mail, next, vault }).await, Ok(()));
    assert_eq!(community.operate(verify(1, ContactKind::Mail)).await, Ok(()));
    assert!(community.account(1).await.mail_verified);
    assert_eq!(community.growth(1).await, reward, "a mail address brings none");
}
