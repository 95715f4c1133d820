//! Events of an external service are applied once, each at its time (D26 to D28).

use super::operator_commands::payment;
use crate::community::{Community, expect_read, mid};
use crate::dump_state::{member_states, service_state};
use crate::members::NOW;
use guanxi_domain::reward::DailyRewards;
use guanxi_domain::value::{MAX_BALANCE, MAX_COUNT};
use guanxi_storage::commands::{GrantDailyLogin, ImportResult, IngestEvents, RunDueTask};
use guanxi_storage::model::{CoinRow, EventRow, Experience, RewardRow, Table, Upstat};
use guanxi_storage::{Row, Store};
use guanxi_types::{Coins, ErrorCode, Event, EventKind, EventOutcome, TipCoins};
use jiff::civil::{Date, date};
use std::slice;
use tokio::task::JoinSet;

/// The retention of event ids: the largest age of an event.
const ID_RETENTION: i64 = 7 * 86_400;
/// The tolerated clock skew of an event in the future.
const CLOCK_SKEW: i64 = 300;

use EventOutcome::{Applied, Duplicate};
use std::sync::Arc;

fn event(id: &str, time: i64, kind: EventKind) -> Event {
    Event { id: id.to_owned().try_into().expect("an id"), time: Some(time), kind }
}

fn watch(member: u64) -> EventKind {
    EventKind::Watch { mid: mid(member) }
}

fn share(member: u64) -> EventKind {
    EventKind::Share { mid: mid(member) }
}

fn tip(giver: u64, maker: u64, coins: u8) -> EventKind {
    EventKind::Tip {
        giver: mid(giver),
        maker: mid(maker),
        bvid: "BV1".to_owned().try_into().expect("a bvid"),
        coins: TipCoins(coins),
    }
}

fn likes(member: u64, likes: u64) -> EventKind {
    EventKind::Counts {
        mid: mid(member),
        archive_view: None,
        article_view: None,
        likes: Some(likes),
        archive_count: None,
        article_count: None,
    }
}

fn coin(member: u64, time: i64, tenths: i64, reason: &str) -> CoinRow {
    CoinRow { mid: mid(member), time, delta: Coins::from_tenths(tenths), reason: reason.to_owned() }
}

impl<S: Store> Community<S> {
    /// Creates members with an old coin entry each.
    async fn with_coins(store: S, members: u64, coins: i64) -> Community<S> {
        let community = Community::with_members(store, members).await;
        let rows = (1..=members).map(|member| Row::Coin(coin(member, 1, coins * 10, "")));
        assert_eq!(community.import(rows.collect()).await.error, None);
        community
    }

    async fn ingest(&self, events: &[Event], now: i64) -> Vec<Result<EventOutcome, ErrorCode>> {
        let outcomes =
            self.run(IngestEvents { events: events.to_vec(), id_retention: ID_RETENTION, now }).await;
        outcomes.expect("each event has an outcome of its own")
    }

    async fn ingest_one(&self, id: &str, time: i64, kind: EventKind) -> Result<EventOutcome, ErrorCode> {
        self.ingest(&[event(id, time, kind)], NOW).await[0]
    }

    async fn tenths(&self, member: u64) -> i64 {
        self.counters(member).await.coins.tenths()
    }

    async fn day(&self, member: u64, day: Date) -> DailyRewards {
        let row = expect_read(self.store.get::<RewardRow>((mid(member), day)).await);
        row.map(|row| row.granted).unwrap_or_default()
    }

    async fn upstat(&self, member: u64) -> Upstat {
        expect_read(self.store.get(mid(member)).await).unwrap_or(Upstat::new(mid(member)))
    }
}

pub(crate) async fn every_event_kind_is_applied(store: impl Store) {
    let community = Community::with_coins(store, 3, 5).await;
    let day = date(2020, 5, 20);
    assert_eq!(community.ingest_one("a", NOW, watch(1)).await, Ok(Applied));
    assert_eq!(
        (community.exp(1).await, community.day(1, day).await),
        (5, DailyRewards { watch: true, ..DailyRewards::default() })
    );
    assert_eq!(
        community.ingest_one("b", NOW, watch(1)).await,
        Ok(Applied),
        "a second one on that day has no reward"
    );
    assert_eq!(community.exp(1).await, 5);
    assert_eq!(community.ingest_one("c", NOW, share(1)).await, Ok(Applied));
    assert_eq!(community.exp(1).await, 10);
    assert_eq!(community.ingest_one("d", NOW - 9, tip(1, 2, 2)).await, Ok(Applied));
    assert_eq!((community.exp(1).await, community.exp(2).await), (20 + 10, 0));
    assert_eq!((community.tenths(1).await, community.tenths(2).await), (30, 52));
    // The coin log is in the order of the payments.
    let paid = coin(1, NOW, -20, "给视频 BV1 打赏");
    assert_eq!(expect_read(community.store.coin_log(mid(1), 2, usize::MAX).await), slice::from_ref(&paid));
    assert_eq!(
        expect_read(community.store.coin_log(mid(2), 2, usize::MAX).await),
        [coin(2, NOW, 2, &paid.reason)]
    );
    assert_eq!(community.ingest_one("e", NOW, likes(3, 7)).await, Ok(Applied));
    assert_eq!(community.upstat(3).await, Upstat { likes: 7, counted_at: NOW, ..Upstat::new(mid(3)) });
    assert_eq!((community.exp(3).await, community.tenths(3).await), (0, 50));
}

pub(crate) async fn duplicate_event_changes_nothing(store: impl Store) {
    let community = Community::with_coins(store, 2, 5).await;
    let events = [
        event("a", NOW, watch(1)),
        event("b", NOW, share(1)),
        event("c", NOW, tip(1, 2, 1)),
        event("d", NOW, likes(2, 7)),
    ];
    assert_eq!(community.ingest(&events, NOW).await, [Ok(Applied); 4]);
    let before = (member_states(&community.store, 2).await, service_state(&community.store).await);
    assert_eq!(community.ingest(&events, NOW + 1).await, [Ok(Duplicate); 4]);
    let changed = [
        event("a", NOW, share(1)),
        event("a", NOW, watch(2)),
        event("b", NOW + 1, share(1)),
        Event { time: None, ..event("b", NOW, share(1)) },
        event("c", NOW, tip(1, 2, 2)),
        event("c", NOW, tip(2, 1, 1)),
        event("d", NOW, likes(2, 8)),
    ];
    assert_eq!(community.ingest(&changed, NOW).await, [Err(ErrorCode::EventIdReused); 7]);
    assert_eq!((member_states(&community.store, 2).await, service_state(&community.store).await), before);
    let twice = [event("e", NOW, tip(1, 2, 1)), event("e", NOW, tip(1, 2, 1)), event("e", NOW, watch(1))];
    assert_eq!(
        community.ingest(&twice, NOW).await,
        [Ok(Applied), Ok(Duplicate), Err(ErrorCode::EventIdReused)]
    );
    assert_eq!(community.tenths(1).await, 30);
    assert_eq!(community.ingest_one("A", NOW, watch(1)).await, Ok(Applied), "ids are case-sensitive");
}

pub(crate) async fn bad_event_does_not_affect_others(store: impl Store) {
    let community = Community::with_coins(store, 3, 1).await;
    let events = [
        event("a", NOW, tip(1, 2, 1)),
        event("b", NOW, tip(1, 2, 1)),
        event("c", NOW, tip(2, 2, 1)),
        event("d", NOW, tip(2, 9, 1)),
        event("e", NOW, tip(9, 2, 1)),
        event("f", NOW, watch(9)),
        event("g", NOW, share(9)),
        event("h", NOW, likes(9, 1)),
        event("i", NOW - ID_RETENTION, watch(3)),
        event("j", NOW + CLOCK_SKEW + 1, watch(3)),
        event("k", NOW, tip(2, 1, 2)),
        event("l", NOW, tip(2, 1, 1)),
    ];
    let (late, not_found) = (Err(ErrorCode::EventTimeOutOfRange), Err(ErrorCode::MemberNotFound));
    let expected = [
        Ok(Applied),
        Err(ErrorCode::InsufficientCoins),
        Err(ErrorCode::TargetIsSelf),
        not_found,
        not_found,
        not_found,
        not_found,
        not_found,
        late,
        late,
        Err(ErrorCode::InsufficientCoins),
        Ok(Applied),
    ];
    assert_eq!(community.ingest(&events, NOW).await, expected);
    assert_eq!((community.tenths(1).await, community.tenths(2).await), (1, 1));
    assert_eq!((community.exp(1).await, community.exp(2).await, community.exp(3).await), (10, 10, 0));
    assert_eq!(expect_read(community.store.all::<EventRow>().await).len(), 2);
    // A rejected event is not counted, so it can be sent again.
    assert_eq!(community.import(vec![Row::Coin(coin(1, NOW, 9, ""))]).await.error, None);
    assert_eq!(community.ingest(&events[1..2], NOW).await, [Ok(Applied)]);
    assert_eq!(community.tenths(1).await, 0);
}

pub(crate) async fn tip_rewards_are_limited_per_day(store: impl Store) {
    let community = Community::with_coins(store, 3, 100).await;
    let (today, midnight) = (date(2020, 5, 20), NOW);
    // (coins of a tip, rewarded exp of the day behind it)
    for (id, (coins, exp)) in ('a'..).zip([(2, 20), (1, 30), (1, 40), (2, 50), (2, 50)]) {
        let maker = 2 + u64::from(coins % 2);
        assert_eq!(
            community.ingest_one(&id.to_string(), midnight + 60, tip(1, maker, coins)).await,
            Ok(Applied)
        );
        assert_eq!(
            (community.exp(1).await, community.day(1, today).await.coins),
            (exp, u8::try_from(exp).expect("at most 50"))
        );
    }
    assert_eq!(community.tenths(1).await, 1000 - 80, "coins are paid without a reward too");
    // An event of the previous evening.
    assert_eq!(community.ingest_one("y", midnight - 1, tip(1, 2, 2)).await, Ok(Applied));
    assert_eq!((community.exp(1).await, community.day(1, date(2020, 5, 19)).await.coins), (70, 20));
    assert_eq!(community.ingest_one("z", midnight, tip(1, 2, 2)).await, Ok(Applied));
    assert_eq!(community.exp(1).await, 70);
    for (id, time, exp) in
        [("1", midnight - 1, 75), ("2", midnight, 80), ("3", midnight + 1, 80), ("4", midnight - 86_400, 80)]
    {
        assert_eq!(community.ingest_one(id, time, watch(1)).await, Ok(Applied));
        assert_eq!(community.exp(1).await, exp, "watched at {time}");
    }
}

pub(crate) async fn older_counts_do_not_replace_newer(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let some = |archive_view, archive_count| EventKind::Counts {
        mid: mid(1),
        archive_view,
        article_view: Some(3),
        likes: None,
        archive_count,
        article_count: Some(0),
    };
    let counts = Upstat { article_view: 3, ..Upstat::new(mid(1)) };
    #[rustfmt::skip]
    let cases = [
        // age, event -> stored counts
        (50, likes(1, 7),        Upstat { likes: 7, counted_at: NOW - 50, ..Upstat::new(mid(1)) }),
        (60, likes(1, 9),        Upstat { likes: 7, counted_at: NOW - 50, ..Upstat::new(mid(1)) }),
        (50, likes(1, 8),        Upstat { likes: 8, counted_at: NOW - 50, ..Upstat::new(mid(1)) }),
        (40, likes(1, 5),        Upstat { likes: 5, counted_at: NOW - 40, ..Upstat::new(mid(1)) }),
        (30, some(Some(9), None), Upstat { likes: 5, archive_view: 9, counted_at: NOW - 30, ..counts.clone() }),
        (35, some(Some(1), None), Upstat { likes: 5, archive_view: 9, counted_at: NOW - 30, ..counts.clone() }),
        (20, some(None, Some(2)), Upstat { likes: 5, archive_view: 9, archive_count: 2, counted_at: NOW - 20, ..counts }),
    ];
    for (id, (age, kind, expected)) in ('a'..).zip(cases) {
        assert_eq!(
            community.ingest_one(&id.to_string(), NOW - age, kind).await,
            Ok(Applied),
            "an older event counts as applied"
        );
        assert_eq!(community.upstat(1).await, expected, "{id}");
    }
}

pub(crate) async fn event_counts_once_at_any_time(store: impl Store) {
    let community = Community::with_coins(store, 2, 100).await;
    // The earliest and the latest time that are accepted, and the current time.
    for (id, time) in [("old", NOW - ID_RETENTION + 1), ("now", NOW), ("ahead", NOW + CLOCK_SKEW)] {
        assert_eq!(community.ingest_one(id, time, tip(1, 2, 1)).await, Ok(Applied), "{id}");
        let tenths = community.tenths(1).await;
        let resend = async |now| community.ingest(&[event(id, time, tip(1, 2, 1))], now).await[0];
        let last = time + ID_RETENTION - 1;
        for now in [NOW, last - 1, last] {
            community.run_all_due_tasks(now).await;
            assert_eq!(resend(now).await, Ok(Duplicate), "{id} at {now}");
        }
        // A second later the event is too old, before the task deletes its id and after.
        assert_eq!(resend(last + 1).await, Err(ErrorCode::EventTimeOutOfRange), "{id}");
        assert_eq!(community.run_due_tasks(last).await, 0);
        assert_eq!(community.run_due_tasks(last + 1).await, 1, "the id is deleted when it expires");
        assert_eq!(expect_read(community.store.all::<EventRow>().await), []);
        assert_eq!(resend(last + 1).await, Err(ErrorCode::EventTimeOutOfRange), "{id}");
        assert_eq!(community.tenths(1).await, tenths, "{id} was applied once");
    }
    for (id, time) in [
        ("older", NOW - ID_RETENTION),
        ("further", NOW + CLOCK_SKEW + 1),
        ("min", i64::MIN),
        ("max", i64::MAX),
    ] {
        assert_eq!(
            community.ingest_one(id, time, tip(1, 2, 1)).await,
            Err(ErrorCode::EventTimeOutOfRange),
            "{id}"
        );
    }
}

pub(crate) async fn stale_task_deletes_no_event_id(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.ingest_one("a", NOW - 100, watch(1)).await, Ok(Applied));
    let tasks = expect_read(community.store.due_tasks(i64::MAX, Table::scheduled()).await);
    assert_eq!(tasks.len(), 1);
    // A task that runs too early, or twice, changes nothing.
    for (now, left) in
        [(NOW - 100 + ID_RETENTION - 1, 1), (NOW - 100 + ID_RETENTION, 0), (NOW + ID_RETENTION, 0)]
    {
        assert_eq!(
            community
                .run(RunDueTask { task: tasks[0].clone(), cipher: Arc::clone(&community.cipher), now })
                .await,
            Ok(())
        );
        assert_eq!(expect_read(community.store.all::<EventRow>().await).len(), left);
    }
}

pub(crate) async fn event_without_time_uses_the_current_time(store: impl Store) {
    let community = Community::with_coins(store, 2, 5).await;
    let event = [Event { time: None, ..event("a", 0, tip(1, 2, 1)) }];
    assert_eq!(community.ingest(&event, NOW).await, [Ok(Applied)]);
    assert_eq!(community.day(1, date(2020, 5, 20)).await.coins, 10);
    for now in [NOW + 1, NOW + ID_RETENTION - 1] {
        community.run_all_due_tasks(now).await;
        assert_eq!(community.ingest(&event, now).await, [Ok(Duplicate)]);
    }
    assert_eq!(community.tenths(1).await, 40);
}

pub(crate) async fn concurrent_duplicate_events_count_once(store: impl Store) {
    let community = Community::with_coins(store, 2, 5).await;
    let mut tasks = JoinSet::new();
    for now in NOW..NOW + 100 {
        let store = community.store.clone();
        let events = vec![event("a", NOW, tip(1, 2, 1)), event("b", NOW, watch(1))];
        let ingest = IngestEvents { events, id_retention: ID_RETENTION, now };
        tasks.spawn(async move { store.run(ingest).await.expect("the store is writable") });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == [Ok(Applied), Ok(Applied)]).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == [Ok(Duplicate), Ok(Duplicate)]).count(), 99);
    assert_eq!((community.tenths(1).await, community.tenths(2).await, community.exp(1).await), (40, 51, 15));
}

pub(crate) async fn concurrent_daily_logins_are_rewarded_once(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let mut tasks = JoinSet::new();
    for now in NOW..NOW + 200 {
        let store = community.store.clone();
        tasks.spawn(async move {
            store.run(GrantDailyLogin { me: mid(1), now }).await.expect("the store is writable");
        });
    }
    tasks.join_all().await;
    assert_eq!((community.tenths(1).await, community.exp(1).await), (10, 5));
    assert_eq!(expect_read(community.store.coin_log(mid(1), 0, usize::MAX).await).len(), 1);
}

pub(crate) async fn longer_retention_counts_no_event_twice(store: impl Store) {
    let community = Community::with_coins(store, 2, 5).await;
    let events = [event("a", NOW, tip(1, 2, 1))];
    assert_eq!(community.ingest(&events, NOW).await, [Ok(Applied)]);
    let later = NOW + ID_RETENTION;
    community.run_all_due_tasks(later).await;
    assert_eq!(expect_read(community.store.all::<EventRow>().await), []);
    // The retention doubles. The id that expired before stays expired.
    let longer = |events: &[Event]| IngestEvents {
        events: events.to_vec(),
        id_retention: 2 * ID_RETENTION,
        now: later,
    };
    assert_eq!(community.run(longer(&events)).await, Ok(vec![Err(ErrorCode::EventTimeOutOfRange)]));
    assert_eq!(community.tenths(1).await, 40);
    let next = [event("b", NOW + 1, tip(1, 2, 1))];
    assert_eq!(community.run(longer(&next)).await, Ok(vec![Ok(Applied)]), "a later event was never sent");
}

pub(crate) async fn gains_stop_at_the_largest_balance(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let max_balance = MAX_BALANCE.tenths();
    let rows = (1..=1_000).map(|time| Row::Coin(coin(1, time, max_balance / 1_000, "")));
    assert_eq!(community.import(rows.collect()).await.error, None);
    let ImportResult { rows, error } = community.import(vec![Row::Coin(coin(1, 2_000, 1, ""))]).await;
    assert!(rows == 0 && error.is_some_and(|error| error.contains("a balance from 0 to")));
    let exp = Experience { exp: MAX_COUNT, ..Experience::new(mid(1)) };
    assert_eq!(community.import(vec![Row::Experience(exp), Row::Coin(coin(2, 1, 20, ""))]).await.error, None);

    let pay = |tenths| payment(1, Coins::from_tenths(tenths), "补偿");
    assert_eq!(community.run_as_operator(pay(1)).await, Err(ErrorCode::BalanceLimitExceeded));
    assert_eq!(community.ingest_one("a", NOW, tip(2, 1, 1)).await, Ok(Applied), "the giver pays anyway");
    community.daily_login(1, NOW).await;
    assert_eq!((community.tenths(1).await, community.tenths(2).await), (max_balance, 10));
    assert_eq!(community.exp(1).await, MAX_COUNT);
    assert_eq!(
        expect_read(community.store.coin_log(mid(1), 2_000, 10).await),
        [],
        "a reward of 0 has no log entry"
    );

    // A part of the reward fits.
    assert_eq!(
        community.run_as_operator(pay(-4)).await,
        Ok((Coins::from_tenths(max_balance - 4), EventOutcome::Applied))
    );
    community.daily_login(1, NOW + 86_400).await;
    assert_eq!(community.tenths(1).await, max_balance);
}
