//! Signs are submitted, wait, and are shown (8, D29).

use crate::community::{Community, due_signs, mid, read};
use crate::told::told;
use guanxi_domain::sign::{Review, Words};
use guanxi_storage::command::{ApproveDue, SubmitSign};
use guanxi_storage::row::{Card, Record, SignReview};
use guanxi_storage::{Row, Store};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

impl<S: Store> Community<S> {
    pub(crate) async fn submit(
        &self,
        me: u64,
        sign: &str,
        review: Review,
        now: i64,
    ) -> Result<(), ErrorCode> {
        let words = Arc::new(Words::parse("代开发票").expect("a list of one word"));
        self.run(SubmitSign { me: mid(me), sign: sign.to_owned(), words, review, now }).await
    }

    async fn approve(&self, member: u64, now: i64) {
        assert_eq!(self.run(ApproveDue { mid: mid(member), now }).await, Ok(()));
    }

    /// The sign that is shown, and the one that waits.
    async fn signs(&self, member: u64) -> (String, Option<String>) {
        let card = read(self.store.get::<Card>(mid(member)).await);
        let review = read(self.store.get::<SignReview>(mid(member)).await);
        let waits = review.filter(|review| review.waits().is_some());
        (card.expect("the member exists").sign, waits.map(|review| review.sign))
    }

    /// How the review of the sign that was submitted last ended: the sign, why it was rejected if it was, and when.
    pub(crate) async fn ended(&self, member: u64) -> Option<(String, Option<String>, i64)> {
        let review = read(self.store.get::<SignReview>(mid(member)).await)?;
        (review.waits().is_none()).then_some((review.sign, review.rejected, review.ended))
    }

    async fn due(&self, now: i64) -> Vec<Mid> {
        due_signs(&self.store, now).await
    }
}

fn shown(sign: &str) -> (String, Option<String>) {
    (sign.to_owned(), None)
}

fn waits(shown: &str, waits: &str) -> (String, Option<String>) {
    (shown.to_owned(), Some(waits.to_owned()))
}

pub(crate) async fn a_sign_waits_and_is_shown(store: impl Store) {
    let community = Community::of(store, 1).await;
    assert_eq!(community.submit(1, "早", Review::After(60), 100).await, Ok(()));
    assert_eq!(community.signs(1).await, waits("", "早"));
    assert_eq!(community.due(159).await, []);
    community.approve(1, 159).await;
    assert_eq!(community.signs(1).await, waits("", "早"), "it has not waited long enough");

    assert_eq!(community.due(160).await, [mid(1)]);
    assert_eq!(community.ended(1).await, None);
    community.approve(1, 160).await;
    community.approve(1, 161).await;
    assert_eq!(community.signs(1).await, shown("早"));
    assert_eq!(community.ended(1).await, Some(("早".to_owned(), None, 160)), "it is kept when");
    assert_eq!(read(community.store.waiting::<SignReview>(0, 9).await), []);
    assert_eq!(community.due(i64::MAX).await, []);
}

pub(crate) async fn a_newer_sign_takes_the_place_of_one_that_waits(store: impl Store) {
    let community = Community::of(store, 1).await;
    assert_eq!(community.submit(1, "早", Review::After(60), 100).await, Ok(()));
    assert_eq!(community.submit(1, "晚", Review::After(60), 130).await, Ok(()));
    assert_eq!(community.due(160).await, [], "the older one's turn is gone with it");
    community.approve(1, 160).await;
    assert_eq!(community.signs(1).await, waits("", "晚"));
    assert_eq!(community.due(190).await, [mid(1)]);
    community.approve(1, 190).await;
    assert_eq!(community.signs(1).await, shown("晚"));
}

pub(crate) async fn clearing_takes_effect_at_once(store: impl Store) {
    let community = Community::of(store, 1).await;
    assert_eq!(community.submit(1, "早", Review::After(0), 100).await, Ok(()));
    community.approve(1, 100).await;
    assert_eq!(community.submit(1, "晚", Review::After(60), 200).await, Ok(()));
    assert_eq!(community.signs(1).await, waits("早", "晚"));
    assert_eq!(community.submit(1, "", Review::After(60), 210).await, Ok(()));
    assert_eq!(community.signs(1).await, shown(""), "nothing waits behind it");
    assert_eq!(community.ended(1).await, None, "nor is it told of the one before");
    assert_eq!(community.due(i64::MAX).await, []);
    community.approve(1, 300).await;
    assert_eq!(community.signs(1).await, shown(""));
}

pub(crate) async fn a_sign_that_was_shown_makes_room_for_the_next(store: impl Store) {
    let community = Community::of(store, 1).await;
    assert_eq!(community.submit(1, "早", Review::After(0), 100).await, Ok(()));
    community.approve(1, 100).await;
    assert_eq!(community.submit(1, "晚", Review::After(60), 100).await, Ok(()));
    assert_eq!((community.signs(1).await, community.ended(1).await), (waits("早", "晚"), None));
    assert_eq!(community.due(160).await, [mid(1)]);
    community.approve(1, 170).await;
    assert_eq!(community.ended(1).await, Some(("晚".to_owned(), None, 170)));
    assert_eq!(community.submit(1, "", Review::After(60), 180).await, Ok(()));
    assert_eq!((community.signs(1).await, community.ended(1).await), (shown(""), None));
}

pub(crate) async fn a_moderator_is_waited_for(store: impl Store) {
    let community = Community::of(store, 1).await;
    assert_eq!(community.submit(1, "早", Review::After(60), 100).await, Ok(()));
    assert_eq!(community.submit(1, "晚", Review::Moderator, 110).await, Ok(()));
    assert_eq!(community.due(i64::MAX).await, []);
    community.approve(1, i64::MAX).await;
    assert_eq!(community.signs(1).await, waits("", "晚"));
}

pub(crate) async fn many_that_are_due_are_all_told(store: impl Store) {
    let community = Community::of(store, 301).await;
    let waiting = |number, due| SignReview {
        mid: mid(number),
        sign: "早".to_owned(),
        submitted: 100,
        due,
        rejected: None,
        ended: 0,
    };
    let rows = (1..=301).map(|number| Row::Sign(waiting(number, Some(if number > 300 { 161 } else { 160 }))));
    assert_eq!(community.load(rows.collect()).await.fault, None);
    // An engine may tell them some at a time: who approves what it tells comes to the end.
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
    assert_eq!(community.signs(301).await, waits("", "早"));
}

pub(crate) async fn a_refused_sign_leaves_the_one_that_waits(store: impl Store) {
    let community = Community::of(store, 1).await;
    assert_eq!(community.submit(1, "早", Review::After(60), 100).await, Ok(()));
    let before = told(&community.store, 1).await;
    let long = "字".repeat(71);
    for (sign, refusal) in [
        ("代-开发票", ErrorCode::SignSensitive),
        ("😀", ErrorCode::SignEmoji),
        (&long, ErrorCode::SignTooLong),
    ] {
        assert_eq!(community.submit(1, sign, Review::After(60), 110).await, Err(refusal), "{sign}");
        assert_eq!(told(&community.store, 1).await, before, "{sign}");
    }
}

pub(crate) async fn two_signs_of_one_second_are_told_apart(store: impl Store) {
    let community = Community::of(store, 1).await;
    let submitted =
        async || read(community.store.get::<SignReview>(mid(1)).await).map(|review| review.submitted);
    for (sign, at) in [("早", 100), ("晚", 101), ("夜", 102)] {
        assert_eq!(community.submit(1, sign, Review::Moderator, 100).await, Ok(()));
        assert_eq!(submitted().await, Some(at), "{sign}");
    }
    assert_eq!(community.submit(1, "晨", Review::Moderator, 500).await, Ok(()));
    assert_eq!(submitted().await, Some(500));
}
