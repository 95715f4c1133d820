//! Submission, review and publication of bios (D29).

use crate::community::{Community, due_bios, expect_read, mid};
use crate::dump_state::member_states;
use guanxi_domain::bio::{ReviewPolicy, SensitiveWords};
use guanxi_storage::commands::{ApproveDueBio, SubmitBio};
use guanxi_storage::model::{BioReview, Card, Entity};
use guanxi_storage::{Row, Store};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

impl<S: Store> Community<S> {
    pub(crate) async fn submit(
        &self,
        me: u64,
        sign: &str,
        review: ReviewPolicy,
        now: i64,
    ) -> Result<(), ErrorCode> {
        let words = Arc::new(SensitiveWords::parse("代开发票").expect("a valid list"));
        self.run(SubmitBio { me: mid(me), bio: sign.to_owned(), words, review, now }).await
    }

    async fn approve(&self, member: u64, now: i64) {
        assert_eq!(self.run(ApproveDueBio { mid: mid(member), now }).await, Ok(()));
    }

    /// Returns the published bio and the pending one.
    async fn bios(&self, member: u64) -> (String, Option<String>) {
        let card = expect_read(self.store.get::<Card>(mid(member)).await);
        let review = expect_read(self.store.get::<BioReview>(mid(member)).await);
        let pending = review.filter(|review| review.review_since().is_some());
        (card.expect("the member exists").sign, pending.map(|review| review.sign))
    }

    /// Returns the bio, the rejection and the end of the last review, if it has ended.
    pub(crate) async fn last_review(&self, member: u64) -> Option<(String, Option<String>, i64)> {
        let review = expect_read(self.store.get::<BioReview>(mid(member)).await)?;
        (review.review_since().is_none()).then_some((review.sign, review.rejected, review.ended))
    }

    async fn due(&self, now: i64) -> Vec<Mid> {
        due_bios(&self.store, now).await
    }
}

fn published(bio: &str) -> (String, Option<String>) {
    (bio.to_owned(), None)
}

fn pending(published: &str, pending: &str) -> (String, Option<String>) {
    (published.to_owned(), Some(pending.to_owned()))
}

pub(crate) async fn submitted_bio_is_published_when_due(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.submit(1, "早", ReviewPolicy::Delay(60), 100).await, Ok(()));
    assert_eq!(community.bios(1).await, pending("", "早"));
    assert_eq!(community.due(159).await, []);
    community.approve(1, 159).await;
    assert_eq!(community.bios(1).await, pending("", "早"), "the bio is not due yet");

    assert_eq!(community.due(160).await, [mid(1)]);
    assert_eq!(community.last_review(1).await, None);
    community.approve(1, 160).await;
    community.approve(1, 161).await;
    assert_eq!(community.bios(1).await, published("早"));
    assert_eq!(
        community.last_review(1).await,
        Some(("早".to_owned(), None, 160)),
        "the end of the review is stored"
    );
    assert_eq!(expect_read(community.store.pending_reviews::<BioReview>(0, 9).await), []);
    assert_eq!(community.due(i64::MAX).await, []);
}

pub(crate) async fn newer_bio_replaces_a_pending_one(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.submit(1, "早", ReviewPolicy::Delay(60), 100).await, Ok(()));
    assert_eq!(community.submit(1, "晚", ReviewPolicy::Delay(60), 130).await, Ok(()));
    assert_eq!(community.due(160).await, [], "the due time of the older bio is gone");
    community.approve(1, 160).await;
    assert_eq!(community.bios(1).await, pending("", "晚"));
    assert_eq!(community.due(190).await, [mid(1)]);
    community.approve(1, 190).await;
    assert_eq!(community.bios(1).await, published("晚"));
}

pub(crate) async fn empty_bio_is_published_at_once(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.submit(1, "早", ReviewPolicy::Delay(0), 100).await, Ok(()));
    community.approve(1, 100).await;
    assert_eq!(community.submit(1, "晚", ReviewPolicy::Delay(60), 200).await, Ok(()));
    assert_eq!(community.bios(1).await, pending("早", "晚"));
    assert_eq!(community.submit(1, "", ReviewPolicy::Delay(60), 210).await, Ok(()));
    assert_eq!(community.bios(1).await, published(""), "no bio is pending");
    assert_eq!(community.last_review(1).await, None, "the review of the earlier bio is deleted");
    assert_eq!(community.due(i64::MAX).await, []);
    community.approve(1, 300).await;
    assert_eq!(community.bios(1).await, published(""));
}

pub(crate) async fn published_bio_allows_a_new_submission(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.submit(1, "早", ReviewPolicy::Delay(0), 100).await, Ok(()));
    community.approve(1, 100).await;
    assert_eq!(community.submit(1, "晚", ReviewPolicy::Delay(60), 100).await, Ok(()));
    assert_eq!((community.bios(1).await, community.last_review(1).await), (pending("早", "晚"), None));
    assert_eq!(community.due(160).await, [mid(1)]);
    community.approve(1, 170).await;
    assert_eq!(community.last_review(1).await, Some(("晚".to_owned(), None, 170)));
    assert_eq!(community.submit(1, "", ReviewPolicy::Delay(60), 180).await, Ok(()));
    assert_eq!((community.bios(1).await, community.last_review(1).await), (published(""), None));
}

pub(crate) async fn bio_waits_for_a_moderator(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.submit(1, "早", ReviewPolicy::Delay(60), 100).await, Ok(()));
    assert_eq!(community.submit(1, "晚", ReviewPolicy::Moderator, 110).await, Ok(()));
    assert_eq!(community.due(i64::MAX).await, []);
    community.approve(1, i64::MAX).await;
    assert_eq!(community.bios(1).await, pending("", "晚"));
}

pub(crate) async fn all_due_bios_are_returned(store: impl Store) {
    let community = Community::with_members(store, 301).await;
    let pending_row = |number, due| BioReview {
        mid: mid(number),
        sign: "早".to_owned(),
        submitted: 100,
        due,
        rejected: None,
        ended: 0,
    };
    let rows = (1..=301)
        .map(|number| Row::BioReview(pending_row(number, Some(if number > 300 { 161 } else { 160 }))));
    assert_eq!(community.import(rows.collect()).await.error, None);
    // An engine may return due rows in batches. Approving each batch reaches the end.
    let mut approved = Vec::new();
    loop {
        let due = community.due(160).await;
        if due.is_empty() {
            break;
        }
        for member in due {
            assert!(!approved.contains(&member.get()), "{member} was approved and is due again");
            community.approve(member.get(), 160).await;
            approved.push(member.get());
        }
    }
    approved.sort_unstable();
    assert_eq!(approved, (1..=300).collect::<Vec<u64>>());
    assert_eq!(community.bios(301).await, pending("", "早"));
}

pub(crate) async fn rejected_bio_keeps_the_pending_one(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.submit(1, "早", ReviewPolicy::Delay(60), 100).await, Ok(()));
    let before = member_states(&community.store, 1).await;
    let long = "字".repeat(71);
    for (sign, rejection) in [
        ("代-开发票", ErrorCode::BioSensitiveWord),
        ("😀", ErrorCode::BioHasEmoji),
        (&long, ErrorCode::BioTooLong),
    ] {
        assert_eq!(community.submit(1, sign, ReviewPolicy::Delay(60), 110).await, Err(rejection), "{sign}");
        assert_eq!(member_states(&community.store, 1).await, before, "{sign}");
    }
}

pub(crate) async fn bios_of_one_second_get_distinct_times(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let submitted =
        async || expect_read(community.store.get::<BioReview>(mid(1)).await).map(|review| review.submitted);
    for (sign, at) in [("早", 100), ("晚", 101), ("夜", 102)] {
        assert_eq!(community.submit(1, sign, ReviewPolicy::Moderator, 100).await, Ok(()));
        assert_eq!(submitted().await, Some(at), "{sign}");
    }
    assert_eq!(community.submit(1, "晨", ReviewPolicy::Moderator, 500).await, Ok(()));
    assert_eq!(submitted().await, Some(500));
}
