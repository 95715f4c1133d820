//! Days: the login reward, and the coin log (D26 to D28).

use crate::community::{Community, mid, read};
use guanxi_domain::reward::{DailyRewards, LOGIN_REASON};
use guanxi_storage::row::{CoinRow, Growth, RewardRow};
use guanxi_storage::{Row, Store};
use guanxi_types::Coins;
use jiff::civil::{Date, date};

/// 2020-05-20 00:00:00 in Asia/Shanghai.
const MIDNIGHT: i64 = 1_589_904_000;

impl<S: Store> Community<S> {
    async fn given(&self, me: u64, day: Date) -> Option<DailyRewards> {
        read(self.store.get::<RewardRow>((mid(me), day)).await).map(|row| row.given)
    }

    /// The coin log from a second on: when, and how many tenths.
    async fn coins(&self, me: u64, since: i64) -> Vec<(i64, i64)> {
        let rows = read(self.store.coins(mid(me), since, usize::MAX).await);
        rows.into_iter().map(|row| (row.time, row.delta.in_tenths())).collect()
    }
}

pub(crate) async fn a_day_gives_once(store: impl Store) {
    let community = Community::of(store, 2).await;
    community.visit(1, MIDNIGHT + 60).await;
    community.visit(1, MIDNIGHT + 120).await;
    assert_eq!((community.exp(1).await, community.stat(1).await.coins), (5, Coins::whole(1)));
    let coin =
        CoinRow { mid: mid(1), time: MIDNIGHT + 60, delta: Coins::whole(1), reason: LOGIN_REASON.to_owned() };
    assert_eq!(read(community.store.coins(mid(1), 0, usize::MAX).await), [coin]);
    let given = community.given(1, date(2020, 5, 20)).await;
    assert_eq!(given, Some(DailyRewards { login: true, ..DailyRewards::default() }));
    assert_eq!((community.exp(2).await, community.stat(2).await.coins), (0, Coins::ZERO), "to who was here");

    community.visit(1, MIDNIGHT + 86_400).await;
    assert_eq!((community.exp(1).await, community.stat(1).await.coins), (10, Coins::whole(2)));
}

pub(crate) async fn a_day_ends_at_midnight_in_shanghai(store: impl Store) {
    let community = Community::of(store, 1).await;
    for (now, exp) in [(MIDNIGHT - 1, 5), (MIDNIGHT, 10), (MIDNIGHT + 86_399, 10), (MIDNIGHT + 86_400, 15)] {
        community.visit(1, now).await;
        assert_eq!(community.exp(1).await, exp, "at {now}");
    }
}

pub(crate) async fn a_visit_keeps_what_else_the_day_gave(store: impl Store) {
    let community = Community::of(store, 1).await;
    let (me, day) = (mid(1), date(2020, 5, 20));
    let watched = DailyRewards { watch: true, coins: 30, ..DailyRewards::default() };
    let growth = Growth { exp: 1495, tel: true, ..Growth::of(me) };
    let rows = vec![Row::Reward(RewardRow { mid: me, day, given: watched }), Row::Growth(growth.clone())];
    community.load(rows).await;
    community.visit(1, MIDNIGHT).await;
    assert_eq!(community.given(1, day).await, Some(DailyRewards { login: true, ..watched }));
    assert_eq!(read(community.store.get::<Growth>(me).await), Some(Growth { exp: 1500, ..growth }));
}

pub(crate) async fn coins_are_told_from_a_second_on(store: impl Store) {
    let community = Community::of(store, 2).await;
    let coin = |member, time, tenths| {
        Row::Coin(CoinRow { mid: mid(member), time, delta: Coins::tenths(tenths), reason: String::new() })
    };
    // Three in one second, and one of somebody else's between them.
    let rows = [(1, 300, 10), (1, 100, 20), (1, 200, 1), (2, 200, 70), (1, 200, 2), (1, 200, -3)];
    community.load(rows.map(|(member, time, tenths)| coin(member, time, tenths)).to_vec()).await;
    let newest_first = [(300, 10), (200, -3), (200, 2), (200, 1), (100, 20)];
    for (since, count) in [(0, 5), (-1, 5), (100, 5), (101, 4), (200, 4), (201, 1), (300, 1), (301, 0)] {
        assert_eq!(community.coins(1, since).await, newest_first[..count], "since {since}");
    }
    for most in 0..=6 {
        let rows = read(community.store.coins(mid(1), 0, most).await);
        let told: Vec<_> = rows.iter().map(|row| (row.time, row.delta.in_tenths())).collect();
        assert_eq!(told, newest_first[..most.min(5)], "at most {most}");
    }
    assert_eq!(community.stat(1).await.coins, Coins::tenths(30));
    assert_eq!(community.stat(2).await.coins, Coins::tenths(70));
}
