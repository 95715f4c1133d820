//! The reward of the daily login, and the coin log (D26 to D28).

use crate::community::{Community, expect_read, mid};
use guanxi_domain::reward::{DailyRewards, LOGIN_REASON};
use guanxi_storage::model::{CoinRow, Experience, RewardRow};
use guanxi_storage::{Row, Store};
use guanxi_types::Coins;
use jiff::civil::{Date, date};

/// 2020-05-20 00:00:00 in Asia/Shanghai.
const MIDNIGHT: i64 = 1_589_904_000;

impl<S: Store> Community<S> {
    async fn granted(&self, me: u64, day: Date) -> Option<DailyRewards> {
        expect_read(self.store.get::<RewardRow>((mid(me), day)).await).map(|row| row.granted)
    }

    /// Returns the coin log from a time on: times, and tenths of coins.
    async fn coins(&self, me: u64, since: i64) -> Vec<(i64, i64)> {
        let rows = expect_read(self.store.coin_log(mid(me), since, usize::MAX).await);
        rows.into_iter().map(|row| (row.time, row.delta.tenths())).collect()
    }
}

pub(crate) async fn daily_login_is_rewarded_once(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    community.daily_login(1, MIDNIGHT + 60).await;
    community.daily_login(1, MIDNIGHT + 120).await;
    assert_eq!((community.exp(1).await, community.counters(1).await.coins), (5, Coins::from_whole(1)));
    let coin = CoinRow {
        mid: mid(1),
        time: MIDNIGHT + 60,
        delta: Coins::from_whole(1),
        reason: LOGIN_REASON.to_owned(),
    };
    assert_eq!(expect_read(community.store.coin_log(mid(1), 0, usize::MAX).await), [coin]);
    let granted = community.granted(1, date(2020, 5, 20)).await;
    assert_eq!(granted, Some(DailyRewards { login: true, ..DailyRewards::default() }));
    assert_eq!(
        (community.exp(2).await, community.counters(2).await.coins),
        (0, Coins::ZERO),
        "only the member who logged in is rewarded"
    );

    community.daily_login(1, MIDNIGHT + 86_400).await;
    assert_eq!((community.exp(1).await, community.counters(1).await.coins), (10, Coins::from_whole(2)));
}

pub(crate) async fn day_ends_at_midnight_in_shanghai(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    for (now, exp) in [(MIDNIGHT - 1, 5), (MIDNIGHT, 10), (MIDNIGHT + 86_399, 10), (MIDNIGHT + 86_400, 15)] {
        community.daily_login(1, now).await;
        assert_eq!(community.exp(1).await, exp, "at {now}");
    }
}

pub(crate) async fn daily_login_keeps_other_rewards(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let (me, day) = (mid(1), date(2020, 5, 20));
    let other_rewards = DailyRewards { watch: true, coins: 30, ..DailyRewards::default() };
    let experience = Experience { exp: 1495, tel: true, ..Experience::new(me) };
    let rows = vec![
        Row::Reward(RewardRow { mid: me, day, granted: other_rewards, other: 0 }),
        Row::Experience(experience.clone()),
    ];
    community.import(rows).await;
    community.daily_login(1, MIDNIGHT).await;
    assert_eq!(community.granted(1, day).await, Some(DailyRewards { login: true, ..other_rewards }));
    assert_eq!(
        expect_read(community.store.get::<Experience>(me).await),
        Some(Experience { exp: 1500, active: Some(day), ..experience })
    );
}

pub(crate) async fn coin_log_starts_at_the_given_time(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let coin = |member, time, tenths| {
        Row::Coin(CoinRow {
            mid: mid(member),
            time,
            delta: Coins::from_tenths(tenths),
            reason: String::new(),
        })
    };
    // Three entries of one second, with an entry of another member between them.
    let rows = [(1, 300, 10), (1, 100, 20), (1, 200, 1), (2, 200, 70), (1, 200, 2), (1, 200, -3)];
    community.import(rows.map(|(member, time, tenths)| coin(member, time, tenths)).to_vec()).await;
    let newest_first = [(300, 10), (200, -3), (200, 2), (200, 1), (100, 20)];
    for (since, count) in [(0, 5), (-1, 5), (100, 5), (101, 4), (200, 4), (201, 1), (300, 1), (301, 0)] {
        assert_eq!(community.coins(1, since).await, newest_first[..count], "since {since}");
    }
    for limit in 0..=6 {
        let rows = expect_read(community.store.coin_log(mid(1), 0, limit).await);
        let entries: Vec<_> = rows.iter().map(|row| (row.time, row.delta.tenths())).collect();
        assert_eq!(entries, newest_first[..limit.min(5)], "limit {limit}");
    }
    assert_eq!(community.counters(1).await.coins, Coins::from_tenths(30));
    assert_eq!(community.counters(2).await.coins, Coins::from_tenths(70));
}
