//! Events are counted once, each at its time (D26 to D28).

use super::operators::pay_of;
use crate::community::{Community, mid, read};
use crate::members::NOW;
use crate::told::{common, told};
use guanxi_api::operator::events::{Counted, Event, TipCoins, What};
use guanxi_domain::reward::DailyRewards;
use guanxi_domain::value::{LARGEST, LARGEST_BALANCE};
use guanxi_storage::command::{GrantDailyLogin, ImportResult, Ingest, RunDueTask};
use guanxi_storage::row::{CoinRow, EventRow, Growth, RewardRow, Table, Upstat};
use guanxi_storage::{Row, Store};
use guanxi_types::{Coins, ErrorCode};
use jiff::civil::{Date, date};
use std::slice;
use tokio::task::JoinSet;

/// How old an event may be.
const REMEMBER: i64 = 7 * 86_400;
/// How far ahead of the service another's clock may be.
const AHEAD: i64 = 300;

use Counted::{Before, Now};

fn event(id: &str, time: i64, what: What) -> Event {
    Event { id: id.to_owned().try_into().expect("an id"), time: Some(time), what }
}

fn watch(member: u64) -> What {
    What::Watch { mid: mid(member) }
}

fn share(member: u64) -> What {
    What::Share { mid: mid(member) }
}

fn tip(giver: u64, maker: u64, coins: u8) -> What {
    What::Tip {
        giver: mid(giver),
        maker: mid(maker),
        bvid: "BV1".to_owned().try_into().expect("a bvid"),
        coins: TipCoins(coins),
    }
}

fn likes(member: u64, likes: u64) -> What {
    What::Counts {
        mid: mid(member),
        archive_view: None,
        article_view: None,
        likes: Some(likes),
        archive_count: None,
        article_count: None,
    }
}

fn coin(member: u64, time: i64, tenths: i64, reason: &str) -> CoinRow {
    CoinRow { mid: mid(member), time, delta: Coins::tenths(tenths), reason: reason.to_owned() }
}

impl<S: Store> Community<S> {
    /// Members with so many coins each, who have them since long.
    async fn rich(store: S, members: u64, coins: i64) -> Community<S> {
        let community = Community::of(store, members).await;
        let rows = (1..=members).map(|member| Row::Coin(coin(member, 1, coins * 10, "")));
        assert_eq!(community.load(rows.collect()).await.fault, None);
        community
    }

    async fn ingest(&self, events: &[Event], now: i64) -> Vec<Result<Counted, ErrorCode>> {
        let told = self.run(Ingest { events: events.to_vec(), remember: REMEMBER, now }).await;
        told.expect("each event is told of, and none refuses all")
    }

    async fn tell(&self, id: &str, time: i64, what: What) -> Result<Counted, ErrorCode> {
        self.ingest(&[event(id, time, what)], NOW).await[0]
    }

    async fn tenths(&self, member: u64) -> i64 {
        self.stat(member).await.coins.in_tenths()
    }

    async fn day(&self, member: u64, day: Date) -> DailyRewards {
        let row = read(self.store.get::<RewardRow>((mid(member), day)).await);
        row.map(|row| row.given).unwrap_or_default()
    }

    async fn upstat(&self, member: u64) -> Upstat {
        read(self.store.get(mid(member)).await).unwrap_or(Upstat::of(mid(member)))
    }
}

pub(crate) async fn each_kind_counts(store: impl Store) {
    let community = Community::rich(store, 3, 5).await;
    let day = date(2020, 5, 20);
    assert_eq!(community.tell("a", NOW, watch(1)).await, Ok(Now));
    assert_eq!(
        (community.exp(1).await, community.day(1, day).await),
        (5, DailyRewards { watch: true, ..DailyRewards::default() })
    );
    assert_eq!(community.tell("b", NOW, watch(1)).await, Ok(Now), "a second one that day brings nothing");
    assert_eq!(community.exp(1).await, 5);
    assert_eq!(community.tell("c", NOW, share(1)).await, Ok(Now));
    assert_eq!(community.exp(1).await, 10);
    assert_eq!(community.tell("d", NOW - 9, tip(1, 2, 2)).await, Ok(Now));
    assert_eq!((community.exp(1).await, community.exp(2).await), (20 + 10, 0));
    assert_eq!((community.tenths(1).await, community.tenths(2).await), (30, 52));
    // The ledger stands in the order in which coins moved.
    let paid = coin(1, NOW, -20, "给视频 BV1 打赏");
    assert_eq!(read(community.store.coins(mid(1), 2, usize::MAX).await), slice::from_ref(&paid));
    assert_eq!(read(community.store.coins(mid(2), 2, usize::MAX).await), [coin(2, NOW, 2, &paid.reason)]);
    assert_eq!(community.tell("e", NOW, likes(3, 7)).await, Ok(Now));
    assert_eq!(community.upstat(3).await, Upstat { likes: 7, told: NOW, ..Upstat::of(mid(3)) });
    assert_eq!((community.exp(3).await, community.tenths(3).await), (0, 50));
}

pub(crate) async fn an_event_told_again_changes_nothing(store: impl Store) {
    let community = Community::rich(store, 2, 5).await;
    let events = [
        event("a", NOW, watch(1)),
        event("b", NOW, share(1)),
        event("c", NOW, tip(1, 2, 1)),
        event("d", NOW, likes(2, 7)),
    ];
    assert_eq!(community.ingest(&events, NOW).await, [Ok(Now); 4]);
    let before = (told(&community.store, 2).await, common(&community.store).await);
    assert_eq!(community.ingest(&events, NOW + 1).await, [Ok(Before); 4]);
    let changed = [
        event("a", NOW, share(1)),
        event("a", NOW, watch(2)),
        event("b", NOW + 1, share(1)),
        Event { time: None, ..event("b", NOW, share(1)) },
        event("c", NOW, tip(1, 2, 2)),
        event("c", NOW, tip(2, 1, 1)),
        event("d", NOW, likes(2, 8)),
    ];
    assert_eq!(community.ingest(&changed, NOW).await, [Err(ErrorCode::EventChanged); 7]);
    assert_eq!((told(&community.store, 2).await, common(&community.store).await), before);
    let twice = [event("e", NOW, tip(1, 2, 1)), event("e", NOW, tip(1, 2, 1)), event("e", NOW, watch(1))];
    assert_eq!(community.ingest(&twice, NOW).await, [Ok(Now), Ok(Before), Err(ErrorCode::EventChanged)]);
    assert_eq!(community.tenths(1).await, 30);
    assert_eq!(community.tell("A", NOW, watch(1)).await, Ok(Now), "ids are told apart by every letter");
}

pub(crate) async fn a_bad_event_spoils_no_other(store: impl Store) {
    let community = Community::rich(store, 3, 1).await;
    let events = [
        event("a", NOW, tip(1, 2, 1)),
        event("b", NOW, tip(1, 2, 1)),
        event("c", NOW, tip(2, 2, 1)),
        event("d", NOW, tip(2, 9, 1)),
        event("e", NOW, tip(9, 2, 1)),
        event("f", NOW, watch(9)),
        event("g", NOW, share(9)),
        event("h", NOW, likes(9, 1)),
        event("i", NOW - REMEMBER, watch(3)),
        event("j", NOW + AHEAD + 1, watch(3)),
        event("k", NOW, tip(2, 1, 2)),
        event("l", NOW, tip(2, 1, 1)),
    ];
    let (late, nobody) = (Err(ErrorCode::EventTime), Err(ErrorCode::NoMember));
    let expected = [
        Ok(Now),
        Err(ErrorCode::CoinsShort),
        Err(ErrorCode::Oneself),
        nobody,
        nobody,
        nobody,
        nobody,
        nobody,
        late,
        late,
        Err(ErrorCode::CoinsShort),
        Ok(Now),
    ];
    assert_eq!(community.ingest(&events, NOW).await, expected);
    assert_eq!((community.tenths(1).await, community.tenths(2).await), (1, 1));
    assert_eq!((community.exp(1).await, community.exp(2).await, community.exp(3).await), (10, 10, 0));
    assert_eq!(read(community.store.all::<EventRow>().await).len(), 2);
    // What was refused was not counted: once it can be, it is.
    assert_eq!(community.load(vec![Row::Coin(coin(1, NOW, 9, ""))]).await.fault, None);
    assert_eq!(community.ingest(&events[1..2], NOW).await, [Ok(Now)]);
    assert_eq!(community.tenths(1).await, 0);
}

pub(crate) async fn a_day_gives_so_much_for_coins(store: impl Store) {
    let community = Community::rich(store, 3, 100).await;
    let (today, midnight) = (date(2020, 5, 20), NOW);
    // Tips of one day, and what the day has brought then.
    for (id, (coins, exp)) in ('a'..).zip([(2, 20), (1, 30), (1, 40), (2, 50), (2, 50)]) {
        let maker = 2 + u64::from(coins % 2);
        assert_eq!(community.tell(&id.to_string(), midnight + 60, tip(1, maker, coins)).await, Ok(Now));
        assert_eq!(
            (community.exp(1).await, community.day(1, today).await.coins),
            (exp, u8::try_from(exp).expect("at most 50"))
        );
    }
    assert_eq!(community.tenths(1).await, 1000 - 80, "coins move all the same");
    // Of the evening before, told today.
    assert_eq!(community.tell("y", midnight - 1, tip(1, 2, 2)).await, Ok(Now));
    assert_eq!((community.exp(1).await, community.day(1, date(2020, 5, 19)).await.coins), (70, 20));
    assert_eq!(community.tell("z", midnight, tip(1, 2, 2)).await, Ok(Now));
    assert_eq!(community.exp(1).await, 70);
    for (id, time, exp) in
        [("1", midnight - 1, 75), ("2", midnight, 80), ("3", midnight + 1, 80), ("4", midnight - 86_400, 80)]
    {
        assert_eq!(community.tell(id, time, watch(1)).await, Ok(Now));
        assert_eq!(community.exp(1).await, exp, "watched at {time}");
    }
}

pub(crate) async fn counts_are_whole_and_of_a_moment(store: impl Store) {
    let community = Community::of(store, 1).await;
    let some = |archive_view, archive_count| What::Counts {
        mid: mid(1),
        archive_view,
        article_view: Some(3),
        likes: None,
        archive_count,
        article_count: Some(0),
    };
    let told = Upstat { article_view: 3, ..Upstat::of(mid(1)) };
    #[rustfmt::skip]
    let cases = [
        // of when, what -> what is known
        (50, likes(1, 7),        Upstat { likes: 7, told: NOW - 50, ..Upstat::of(mid(1)) }),
        (60, likes(1, 9),        Upstat { likes: 7, told: NOW - 50, ..Upstat::of(mid(1)) }),
        (50, likes(1, 8),        Upstat { likes: 8, told: NOW - 50, ..Upstat::of(mid(1)) }),
        (40, likes(1, 5),        Upstat { likes: 5, told: NOW - 40, ..Upstat::of(mid(1)) }),
        (30, some(Some(9), None), Upstat { likes: 5, archive_view: 9, told: NOW - 30, ..told.clone() }),
        (35, some(Some(1), None), Upstat { likes: 5, archive_view: 9, told: NOW - 30, ..told.clone() }),
        (20, some(None, Some(2)), Upstat { likes: 5, archive_view: 9, archive_count: 2, told: NOW - 20, ..told }),
    ];
    for (id, (ago, what, known)) in ('a'..).zip(cases) {
        assert_eq!(
            community.tell(&id.to_string(), NOW - ago, what).await,
            Ok(Now),
            "an older one counts as told"
        );
        assert_eq!(community.upstat(1).await, known, "{id}");
    }
}

pub(crate) async fn no_moment_lets_an_event_count_twice(store: impl Store) {
    let community = Community::rich(store, 2, 100).await;
    // Of a second each, the earliest and the latest that may be told.
    for (id, time) in [("old", NOW - REMEMBER + 1), ("now", NOW), ("ahead", NOW + AHEAD)] {
        assert_eq!(community.tell(id, time, tip(1, 2, 1)).await, Ok(Now), "{id}");
        let tenths = community.tenths(1).await;
        let tell = async |now| community.ingest(&[event(id, time, tip(1, 2, 1))], now).await[0];
        let last = time + REMEMBER - 1;
        for now in [NOW, last - 1, last] {
            community.attend_all(now).await;
            assert_eq!(tell(now).await, Ok(Before), "{id} at {now}");
        }
        // A second later it is too old, before the clock has forgotten it and after.
        assert_eq!(tell(last + 1).await, Err(ErrorCode::EventTime), "{id}");
        assert_eq!(community.attend(last).await, 0);
        assert_eq!(community.attend(last + 1).await, 1, "it is kept no longer than it must");
        assert_eq!(read(community.store.all::<EventRow>().await), []);
        assert_eq!(tell(last + 1).await, Err(ErrorCode::EventTime), "{id}");
        assert_eq!(community.tenths(1).await, tenths, "{id} counted once");
    }
    for (id, time) in
        [("older", NOW - REMEMBER), ("further", NOW + AHEAD + 1), ("min", i64::MIN), ("max", i64::MAX)]
    {
        assert_eq!(community.tell(id, time, tip(1, 2, 1)).await, Err(ErrorCode::EventTime), "{id}");
    }
}

pub(crate) async fn a_stale_look_forgets_nothing(store: impl Store) {
    let community = Community::of(store, 1).await;
    assert_eq!(community.tell("a", NOW - 100, watch(1)).await, Ok(Now));
    let due = read(community.store.due(i64::MAX, Table::awaited()).await);
    assert_eq!(due.len(), 1);
    // Whoever asks too early, or twice, changes nothing.
    for (now, left) in [(NOW - 100 + REMEMBER - 1, 1), (NOW - 100 + REMEMBER, 0), (NOW + REMEMBER, 0)] {
        assert_eq!(community.run(RunDueTask { due: due[0].clone(), now }).await, Ok(()));
        assert_eq!(read(community.store.all::<EventRow>().await).len(), left);
    }
}

pub(crate) async fn an_event_without_a_time_is_of_when_it_is_told(store: impl Store) {
    let community = Community::rich(store, 2, 5).await;
    let event = [Event { time: None, ..event("a", 0, tip(1, 2, 1)) }];
    assert_eq!(community.ingest(&event, NOW).await, [Ok(Now)]);
    assert_eq!(community.day(1, date(2020, 5, 20)).await.coins, 10);
    for now in [NOW + 1, NOW + REMEMBER - 1] {
        community.attend_all(now).await;
        assert_eq!(community.ingest(&event, now).await, [Ok(Before)]);
    }
    assert_eq!(community.tenths(1).await, 40);
}

pub(crate) async fn one_event_told_by_many_at_once_counts_once(store: impl Store) {
    let community = Community::rich(store, 2, 5).await;
    let mut tasks = JoinSet::new();
    for now in NOW..NOW + 100 {
        let store = community.store.clone();
        let events = vec![event("a", NOW, tip(1, 2, 1)), event("b", NOW, watch(1))];
        let ingest = Ingest { events, remember: REMEMBER, now };
        tasks.spawn(async move { store.run(ingest).await.expect("the engine writes") });
    }
    let told = tasks.join_all().await;
    assert_eq!(told.iter().filter(|told| **told == [Ok(Now), Ok(Now)]).count(), 1);
    assert_eq!(told.iter().filter(|told| **told == [Ok(Before), Ok(Before)]).count(), 99);
    assert_eq!((community.tenths(1).await, community.tenths(2).await, community.exp(1).await), (40, 51, 15));
}

pub(crate) async fn a_day_said_by_many_at_once_gives_once(store: impl Store) {
    let community = Community::of(store, 1).await;
    let mut tasks = JoinSet::new();
    for now in NOW..NOW + 200 {
        let store = community.store.clone();
        tasks.spawn(async move {
            store.run(GrantDailyLogin { me: mid(1), now }).await.expect("the engine writes")
        });
    }
    tasks.join_all().await;
    assert_eq!((community.tenths(1).await, community.exp(1).await), (10, 5));
    assert_eq!(read(community.store.coins(mid(1), 0, usize::MAX).await).len(), 1);
}

pub(crate) async fn remembering_for_longer_lets_nothing_count_twice(store: impl Store) {
    let community = Community::rich(store, 2, 5).await;
    let told = [event("a", NOW, tip(1, 2, 1))];
    assert_eq!(community.ingest(&told, NOW).await, [Ok(Now)]);
    let later = NOW + REMEMBER;
    community.attend_all(later).await;
    assert_eq!(read(community.store.all::<EventRow>().await), []);
    // From now on ids are remembered twice as long: this one is forgotten all the same.
    let longer = |events: &[Event]| Ingest { events: events.to_vec(), remember: 2 * REMEMBER, now: later };
    assert_eq!(community.run(longer(&told)).await, Ok(vec![Err(ErrorCode::EventTime)]));
    assert_eq!(community.tenths(1).await, 40);
    let next = [event("b", NOW + 1, tip(1, 2, 1))];
    assert_eq!(community.run(longer(&next)).await, Ok(vec![Ok(Now)]), "what is later was never told");
}

pub(crate) async fn gains_end_at_the_largest_balance_and_exp(store: impl Store) {
    let community = Community::of(store, 2).await;
    let most = LARGEST_BALANCE.in_tenths();
    let rows = (1..=1_000).map(|time| Row::Coin(coin(1, time, most / 1_000, "")));
    assert_eq!(community.load(rows.collect()).await.fault, None);
    let ImportResult { rows, fault } = community.load(vec![Row::Coin(coin(1, 2_000, 1, ""))]).await;
    assert!(rows == 0 && fault.is_some_and(|fault| fault.contains("a balance from 0 to")));
    let exp = Growth { exp: LARGEST, ..Growth::of(mid(1)) };
    assert_eq!(community.load(vec![Row::Growth(exp), Row::Coin(coin(2, 1, 20, ""))]).await.fault, None);

    let pay = |tenths| pay_of(1, Coins::tenths(tenths), "补偿");
    assert_eq!(community.operate(pay(1)).await, Err(ErrorCode::CoinsFull));
    assert_eq!(community.tell("a", NOW, tip(2, 1, 1)).await, Ok(Now), "its giver pays all the same");
    community.visit(1, NOW).await;
    assert_eq!((community.tenths(1).await, community.tenths(2).await), (most, 10));
    assert_eq!(community.exp(1).await, LARGEST);
    assert_eq!(read(community.store.coins(mid(1), 2_000, 10).await), [], "what brings nothing is no entry");

    // Where there is room for a part, that part comes.
    assert_eq!(community.operate(pay(-4)).await, Ok((Coins::tenths(most - 4), Counted::Now)));
    community.visit(1, NOW + 86_400).await;
    assert_eq!(community.tenths(1).await, most);
}
