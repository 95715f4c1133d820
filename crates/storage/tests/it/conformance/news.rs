//! News: stored items, new followers, and the logs by month.

use crate::community::{Community, expect_read, mid};
use crate::fixtures::{coin, relation};
use crate::members::{NOW, member_named, new_session, no_outbox};
use guanxi_domain::day;
use guanxi_domain::news::{FollowerDay, MAX_FOLLOWERS, NewFollower, NewsItem, NewsKind, NewsLimits};
use guanxi_domain::relation::RelationKind;
use guanxi_domain::reward::DailyRewards;
use guanxi_storage::commands::operator::{AdjustCoins, MemberPatch, ReviewBio, UpdateMember, Verdict};
use guanxi_storage::commands::{
    ChangePassword, MarkNewsRead, MarkNewsSeen, NewSession, RegisterMember, SessionRenewal, session_mark,
};
use guanxi_storage::model::{BioReview, NewsRow, RewardRow};
use guanxi_storage::store::LogWindow;
use guanxi_storage::{Row, Store};
use guanxi_types::{Coins, ErrorCode, Mid, RelationAction, TimeCursor};
use jiff::civil::{Date, date};
use serde_json::json;
use std::sync::Arc;

const DAY: i64 = day::DAY_SECONDS;

/// 2026-01-15 12:00:00 in Asia/Shanghai.
const NOON: i64 = 1_768_449_600;

const TODAY: Date = date(2026, 1, 15);

impl<S: Store> Community<S> {
    async fn news(&self, member: u64) -> NewsRow {
        expect_read(self.store.news(mid(member), 0).await).row
    }

    async fn items(&self, member: u64) -> Vec<NewsItem> {
        self.news(member).await.items
    }

    /// Returns the unread followers since a time: their times, and true for answered ones.
    async fn unread_followers(&self, member: u64, since: i64) -> Vec<(i64, bool)> {
        let news = expect_read(self.store.news(mid(member), since).await);
        let order = |NewFollower { time, is_answered }| (time, is_answered);
        news.followers.into_iter().map(order).collect()
    }

    async fn give_coins(&self, member: u64, coins: i64, reason: &str) {
        let command = AdjustCoins {
            mid: mid(member),
            delta: Coins::from_whole(coins),
            reason: reason.to_owned(),
            id: None,
            id_retention: DAY,
        };
        assert!(self.run_as_operator(command).await.is_ok());
    }

    async fn follower_days(
        &self,
        member: u64,
        days: (Date, Date),
        limit: usize,
    ) -> Vec<(i64, usize, Vec<u64>)> {
        let days = self.store.follower_days(mid(member), days.0..=days.1, limit).await;
        let plain = |FollowerDay { newest, count, members }: FollowerDay| {
            (newest, count, members.into_iter().map(Mid::get).collect())
        };
        expect_read(days).into_iter().map(plain).collect()
    }
}

pub(crate) async fn operators_events_are_stored_as_news(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    community.give_coins(1, 5, "补偿").await;
    let review = BioReview { sign: "慢".to_owned(), submitted: 90, ..BioReview::new(mid(1)) };
    community.import(vec![Row::BioReview(review)]).await;
    let verdict = Verdict::Reject("太短".to_owned());
    let review = ReviewBio { mid: mid(1), submitted: None, verdict };
    assert_eq!(community.run_as_operator(review).await, Ok(()));
    let growth = [("exp".to_owned(), json!(250))].into_iter().collect();
    let patch = MemberPatch { growth, ..MemberPatch::default() };
    let update = UpdateMember { mid: mid(1), patch, cipher: Arc::clone(&community.cipher) };
    assert_eq!(community.run_as_operator(update).await, Ok(Ok(())));
    let item = |id, kind| NewsItem { id, ..NewsItem::new(kind, NOW) };
    let expected = [
        NewsItem { coins: Coins::from_whole(5), remark: "补偿".to_owned(), ..item(1, NewsKind::Coins) },
        NewsItem { text: "慢".to_owned(), remark: "太短".to_owned(), ..item(2, NewsKind::SignRejected) },
        NewsItem { level: 2, ..item(3, NewsKind::Level) },
    ];
    assert_eq!(community.items(1).await, expected);
    assert_eq!(community.items(2).await, []);
    // The exp of the day has the correction.
    let today = day::date_at(NOW);
    let rewards = expect_read(community.store.rewards(mid(1), today..=today).await);
    let reward = RewardRow { mid: mid(1), day: today, granted: DailyRewards::default(), other: 250 };
    assert_eq!(rewards, [reward]);
}

pub(crate) async fn exp_reports_each_level_once(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    for number in 0..40 {
        community.daily_login(1, NOON + number * DAY).await;
    }
    let levels: Vec<_> = community.items(1).await.iter().map(|item| (item.level, item.time)).collect();
    assert_eq!(levels, [(2, NOON + 39 * DAY)], "level 1 is no news");
}

pub(crate) async fn unfamiliar_login_is_news_to_other_sessions(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let outbox = no_outbox(&community.cipher);
    let session = NewSession { is_unfamiliar: true, ..new_session(7) };
    let new_member = guanxi_storage::commands::NewMember {
        password: Some(crate::members::new_password("phc")),
        ..member_named("甲")
    };
    let register = RegisterMember { new_member, session, outbox: outbox.clone(), now: NOW };
    assert_eq!(community.run(register).await, Ok(mid(2)));
    let mark = |byte: u8| Some(session_mark(&[byte; 32]));
    let item = community.items(2).await.pop().expect("the login is news");
    assert_eq!((item.kind, item.time, item.is_unread(0, mark(7))), (NewsKind::Login, NOW, false));
    assert!(item.is_unread(0, mark(8)) && item.is_unread(0, None));
    // The session keeps its mark under a new token.
    let command = ChangePassword {
        me: mid(2),
        expected_phc: Some("phc".to_owned()),
        new_password: crate::members::new_password("new"),
        renewal: SessionRenewal { old: [7; 32], new: [8; 32], expires: NOW * 2 },
        attempts: None,
        outbox,
    };
    assert_eq!(community.run(command).await, Ok(()));
    let item = community.items(2).await.pop().expect("the login is news");
    assert!(!item.is_unread(0, mark(8)) && item.is_unread(0, mark(7)));
}

pub(crate) async fn news_are_bounded_and_expire(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let limits = NewsLimits::default();
    for number in 1..=101 {
        community.give_coins(1, number, "补偿").await;
    }
    let ids: Vec<u32> = community.items(1).await.iter().map(|item| item.id).collect();
    assert_eq!(ids, (2..=101).collect::<Vec<_>>());
    let old = NewsItem { id: 7, ..NewsItem::new(NewsKind::Level, NOW - 30 * DAY) };
    let new = NewsItem { id: 9, ..NewsItem::new(NewsKind::Level, NOW) };
    let expires = Some(limits.expires(old.time));
    let row = NewsRow { last_id: 9, expires, items: vec![old.clone(), new.clone()], ..NewsRow::new(mid(2)) };
    community.import(vec![Row::News(row)]).await;
    community.run_all_due_tasks(limits.expires(old.time) - 1).await;
    assert_eq!(community.items(2).await, [old.clone(), new.clone()]);
    community.run_all_due_tasks(limits.expires(old.time)).await;
    assert_eq!(community.items(2).await, std::slice::from_ref(&new));
    community.run_all_due_tasks(limits.expires(new.time)).await;
    for member in [1, 2] {
        assert_eq!(expect_read(community.store.get::<NewsRow>(mid(member)).await), None);
    }
}

pub(crate) async fn one_item_is_marked_as_read(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    for coins in [1, 2] {
        community.give_coins(1, coins, "补偿").await;
    }
    let read = |time, number| MarkNewsRead { me: mid(1), id: TimeCursor { time, number }, now: NOW + 5 };
    for (time, number) in [(NOW, 1), (NOW, 1), (NOW, 9), (NOW + 1, 2)] {
        assert_eq!(community.run(read(time, number)).await, Ok(()));
    }
    let marks: Vec<bool> = community.items(1).await.iter().map(|item| item.read).collect();
    assert_eq!(marks, [true, false], "an unknown item changes nothing");
    for (time, seen) in [(NOW - 9, NOW - 9), (NOW - 10, NOW - 9), (i64::MAX, NOW + 5)] {
        assert_eq!(community.run(read(time, 0)).await, Ok(()));
        assert_eq!(community.news(1).await.followers_seen, seen, "{time}");
    }
    let unknown = MarkNewsRead { me: mid(9), ..read(NOW, 0) };
    assert_eq!(community.run(unknown).await, Err(ErrorCode::MemberNotFound));
}

pub(crate) async fn new_followers_are_unread_until_seen(store: impl Store) {
    let community = Community::with_members(store, 6).await;
    community
        .relate_all(&[
            (2, RelationAction::Follow, 1, 100),
            (3, RelationAction::Whisper, 1, 200),
            (4, RelationAction::Follow, 1, 300),
            (5, RelationAction::Follow, 1, 400),
            (1, RelationAction::Follow, 6, 150),
            (6, RelationAction::Follow, 1, 400),
        ])
        .await;
    let all = [(400, false), (400, false), (300, false), (100, false)];
    assert_eq!(community.unread_followers(1, 0).await, all, "a whisper is no news");
    assert_eq!(community.unread_followers(1, 100).await, all[..3]);
    // An answer renews the time of the follow, and the member knows of it. The other member does not.
    community.relate_all(&[(1, RelationAction::Follow, 2, 500)]).await;
    let answered = [(500, true), (400, false), (400, false), (300, false)];
    assert_eq!(community.unread_followers(1, 0).await, answered);
    assert_eq!(community.unread_followers(2, 0).await, [(500, false)]);
    // A blocked member, and one who ended the follow, leave the news.
    community.relate_all(&[(1, RelationAction::Block, 4, 600), (5, RelationAction::Unfollow, 1, 600)]).await;
    assert_eq!(community.unread_followers(1, 0).await, [(500, true), (400, false)]);
    assert_eq!(community.run(MarkNewsSeen { me: mid(1), until: 450, now: 700 }).await, Ok(()));
    assert_eq!(community.unread_followers(1, 0).await, [(500, true)]);
    let read = MarkNewsRead { me: mid(1), id: TimeCursor { time: 500, number: 0 }, now: 700 };
    assert_eq!(community.run(read).await, Ok(()));
    assert_eq!(community.unread_followers(1, 0).await, []);
    assert_eq!(expect_read(community.store.news(mid(99), 0).await).followers, [], "an unknown member");
}

pub(crate) async fn followers_are_counted_by_day(store: impl Store) {
    let community = Community::with_members(store, 300).await;
    let follow = |from, time| relation(from, RelationKind::Follow, 1, time, &[(0, 0)]);
    let midnight = NOON - DAY / 2;
    let mut rows: Vec<Row> = (2..=251).map(|from| follow(from, NOON - 9 * DAY)).collect();
    rows.extend([
        follow(252, NOON),
        follow(253, NOON - 5),
        follow(254, midnight),
        follow(255, NOON - 1),
        follow(256, midnight - 1),
        follow(257, NOON - 3 * DAY),
        relation(258, RelationKind::Whisper, 1, NOON, &[]),
    ]);
    assert_eq!(community.import(rows).await.error, None);
    let expected = [
        (NOON, 4, vec![252, 255, 253]),
        (midnight - 1, 1, vec![256]),
        (NOON - 3 * DAY, 1, vec![257]),
        (NOON - 9 * DAY, MAX_FOLLOWERS, vec![251, 250, 249]),
    ];
    let first = date(2026, 1, 1);
    for limit in 0..=5 {
        let days = community.follower_days(1, (first, TODAY), limit).await;
        assert_eq!(days, expected[..limit.min(4)], "{limit}");
    }
    for (range, found) in [
        ((date(2026, 1, 7), TODAY), &expected[..3]),
        ((date(2026, 1, 14), date(2026, 1, 14)), &expected[1..2]),
        ((date(2026, 1, 13), date(2026, 1, 13)), &[]),
        ((first, date(2026, 1, 12)), &expected[2..]),
    ] {
        assert_eq!(community.follower_days(1, range, 9).await, found, "{range:?}");
    }
    assert_eq!(community.follower_days(2, (first, TODAY), 9).await, []);
    // At most some of the followers are scanned.
    let unread = community.unread_followers(1, 0).await;
    assert_eq!((unread.len(), unread[6]), (MAX_FOLLOWERS, (NOON - 9 * DAY, false)));
}

pub(crate) async fn coin_window_is_a_part_of_the_log(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let rows = vec![
        coin(1, 100, 10, "a"),
        coin(1, 200, 20, "b"),
        coin(1, 200, 30, "c"),
        coin(2, 200, 70, "x"),
        coin(1, 200, 40, "d"),
        coin(1, 300, 50, "e"),
    ];
    assert_eq!(community.import(rows).await.error, None);
    let newest_first = ["e", "d", "c", "b", "a"];
    // since, until, skip, limit -> entries
    for (since, until, skip, limit, range) in [
        (0, i64::MAX, 0, 9, 0..5),
        (0, 300, 0, 2, 0..2),
        (0, 200, 1, 2, 2..4),
        (200, 200, 0, 9, 1..4),
        (101, 299, 2, 9, 3..4),
        (100, 199, 0, 9, 4..5),
        (0, 99, 0, 9, 0..0),
        (0, 300, 5, 9, 0..0),
    ] {
        let window = LogWindow { since, until, skip, limit };
        let found = expect_read(community.store.coin_window(mid(1), window).await);
        let reasons: Vec<_> = found.iter().map(|row| row.reason.as_str()).collect();
        assert_eq!(reasons, newest_first[range], "{window:?}");
    }
}
