//! Loads that are cut short and gone on with, and dumps that are merged into a community.

use crate::community::{Community, card, mid, read};
use crate::dumped::{audit, coin, dump, event, login, rich, tie, versions};
use crate::members::NOW;
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_domain::tie::RelationKind;
use guanxi_storage::dump::ImportMode::{Fill, Merge};
use guanxi_storage::row::{Card, EventHorizon, Next};
use guanxi_storage::{Row, Store};
use guanxi_types::{Coins, Tagid};

/// The reasons in a member's coin log, oldest first.
async fn reasons<S: Store>(community: &Community<S>, member: u64) -> Vec<String> {
    let log = read(community.store.coins(mid(member), 0, usize::MAX).await);
    log.into_iter().rev().map(|row| row.reason).collect()
}

pub(crate) async fn a_load_that_is_cut_short_goes_on_where_it_was(store: impl Store) {
    let community = Community::empty(store);
    let (rich, dump) = (rich(), dump(&rich()));
    let mut taken = 0;
    for rows in 1..=rich.len() {
        let (some, fault) = community.take_in(&dump, Fill, rows % 3 + 1, 1).await;
        assert_eq!(fault, None);
        taken += some;
        if taken == rich.len() {
            break;
        }
        assert_eq!(community.loading().await.map(|progress| progress.rows), Some(taken as u64));
    }
    assert_eq!(community.take_in(&dump, Fill, 9, 1).await, (0, None));
    assert_eq!(community.loading().await, None, "it is whole");
    assert_eq!(community.exported().await, rich);
}

pub(crate) async fn a_load_with_a_fault_goes_on_with_a_better_dump(store: impl Store) {
    let community = Community::empty(store);
    let good = rich();
    let mut bad = good.clone();
    let at = good.len() - 8;
    bad[at] = login(4, 100, "nobody's");
    let (taken, fault) = community.take_in(&dump(&bad), Fill, 10, usize::MAX).await;
    assert_eq!(taken, at);
    let (line, why) = fault.expect("there is no member 4");
    assert_eq!((line, why.contains("no member 4")), (at + 2, true), "{why}");
    assert_eq!(community.take_in(&dump(&good), Fill, 10, usize::MAX).await, (good.len() - at, None));
    assert_eq!(community.exported().await, good);
}

pub(crate) async fn a_fault_in_the_first_row_begins_no_load(store: impl Store) {
    let community = Community::empty(store);
    for purpose in [Fill, Merge] {
        let bad = dump(&[tie(1, RelationKind::Follow, 2, 1, &[(0, 0)]), card(1)]);
        assert_eq!(community.take_in(&bad, purpose, 10, 1).await.0, 0);
        assert_eq!(community.loading().await, None);
    }
}

pub(crate) async fn a_merge_into_nobody_is_a_load(store: impl Store) {
    let community = Community::empty(store);
    let rich = rich();
    community.merge(&rich).await;
    let mut exported = community.exported().await;
    // Its ties moved these on beyond what the dump says.
    for row in &mut exported {
        if let Row::Versions(row) = row
            && row.mid == mid(2)
        {
            (row.fans, row.followings) = (0, 0);
        }
    }
    exported.retain(|row| !matches!(row, Row::Versions(row) if row.mid == mid(3)));
    let expected: Vec<Row> =
        rich.into_iter().filter(|row| !matches!(row, Row::Versions(row) if row.mid == mid(3))).collect();
    assert_eq!(exported, expected);
}

pub(crate) async fn a_merge_said_again_changes_nothing(store: impl Store) {
    let community = Community::of(store, 3).await;
    community.acts(&[(2, RelationAction::Follow, 1, 10), (3, RelationAction::Follow, 1, 15)]).await;
    community.merge(&rich()).await;
    let before = community.exported().await;
    community.merge(&rich()).await;
    assert_eq!(community.exported().await, before);
    community.merge(&before).await;
    assert_eq!(community.exported().await, before, "nor does one's own export");
}

pub(crate) async fn a_merge_adds_whom_it_brings_and_replaces_what_it_tells(store: impl Store) {
    let community = Community::of(store, 2).await;
    community.acts(&[(1, RelationAction::Follow, 2, 10)]).await;
    let renamed = Card { uname: "乙".to_owned(), ..Card::of(mid(2)) };
    community
        .merge(&[
            Row::Card(Box::new(renamed.clone())),
            card(3),
            tie(1, RelationKind::Follow, 2, 20, &[(-10, 4)]),
            tie(3, RelationKind::Follow, 2, 30, &[(0, 0)]),
        ])
        .await;
    assert_eq!(read(community.store.get::<Card>(mid(2)).await), Some(renamed));
    assert_eq!(community.fans(2).await, [3, 1]);
    assert_eq!(community.group(1, Tagid::SPECIAL).await, [2]);
    assert_eq!(community.counts(1).await, [1, 0, 0, 0]);
}

pub(crate) async fn entries_of_logs_are_merged_by_their_count(store: impl Store) {
    let community = Community::of(store, 1).await;
    let there = [coin(1, 100, 5, "a"), coin(1, 100, 5, "b"), coin(1, 200, 5, "a"), login(1, 100, "x")];
    assert_eq!(community.load(there.to_vec()).await.fault, None);
    let merged = [
        coin(1, 100, 5, "a"),
        coin(1, 100, 5, "b"),
        coin(1, 100, 5, "a"),
        coin(1, 200, 5, "b"),
        login(1, 100, "x"),
        login(1, 100, "x"),
        login(1, 100, "y"),
    ];
    for _ in 0..2 {
        community.merge(&merged).await;
        assert_eq!(reasons(&community, 1).await, ["a", "b", "a", "a", "b"]);
        assert_eq!(community.stat(1).await.coins, Coins::tenths(25));
        assert_eq!(read(community.store.logins(mid(1), 0, usize::MAX).await).len(), 3);
    }
}

pub(crate) async fn a_merge_with_a_fault_within_a_second_goes_on_and_loses_nothing(store: impl Store) {
    let community = Community::of(store, 2).await;
    let good =
        [card(3), coin(1, 100, 5, "a"), coin(1, 100, 5, "a"), coin(1, 100, 5, "a"), coin(2, 100, 5, "b")];
    let mut bad = good.clone();
    bad[3] = coin(1, 100, -500, "more than there is");
    let (taken, fault) = community.take_in(&dump(&bad), Merge, 10, usize::MAX).await;
    assert_eq!((taken, fault.map(|(line, _)| line)), (3, Some(5)));
    // The second that was begun is begun again.
    assert_eq!(community.loading().await.map(|progress| progress.rows), Some(1));
    assert_eq!(community.take_in(&dump(&good), Merge, 10, usize::MAX).await, (4, None));
    assert_eq!(reasons(&community, 1).await, ["a", "a", "a"]);
    assert_eq!(reasons(&community, 2).await, ["b"]);
}

pub(crate) async fn what_only_rises_is_not_lowered_by_a_merge(store: impl Store) {
    let community = Community::of(store, 2).await;
    let horizon = |time| Row::EventHorizon(EventHorizon { id: 0, time });
    let next = |mid, tagid| Row::Next(Next { mid, tagid });
    let high = [versions(1, 50, 60), horizon(500), next(100, 200)];
    let low = [versions(1, 40, 70), horizon(400), next(90, 210)];
    let mixed = [versions(1, 50, 70), horizon(500), next(100, 210)];
    for (merged, expected) in [(&high, &high), (&low, &mixed), (&high, &mixed)] {
        community.merge(merged).await;
        let exported = community.exported().await;
        for row in expected {
            assert!(exported.contains(row), "{row:?}");
        }
    }
    assert_eq!(community.create(1, "同学").await, Ok(Tagid(210)));
}

pub(crate) async fn the_operators_log_is_merged_and_keeps_what_it_has(store: impl Store) {
    let community = Community::of(store, 1).await;
    assert_eq!(community.load(vec![audit(1, 10, "own"), audit(2, 20, "both")]).await.fault, None);
    let merged = [
        audit(1, 5, "theirs"),
        audit(2, 20, "both"),
        audit(3, 30, "twice"),
        audit(4, 30, "twice"),
        audit(7, 40, "last"),
    ];
    let expected = [
        (1, "own".to_owned()),
        (2, "both".to_owned()),
        (3, "theirs".to_owned()),
        (4, "twice".to_owned()),
        (5, "twice".to_owned()),
        (7, "last".to_owned()),
    ];
    for _ in 0..2 {
        community.merge(&merged).await;
        let mut log = community.audit().await;
        log.reverse();
        let told: Vec<(u64, String)> = log.into_iter().map(|row| (row.seq, row.deed)).collect();
        assert_eq!(told, expected);
    }
}

pub(crate) async fn a_load_changes_no_entry_of_the_operators_log(store: impl Store) {
    let community = Community::empty(store);
    for row in [audit(1, 10, "own"), audit(1, 20, "theirs"), audit(1, 10, "own")] {
        assert_eq!(community.load(vec![row]).await.fault, None);
    }
    let deeds: Vec<String> = community.audit().await.into_iter().map(|row| row.deed).collect();
    assert_eq!(deeds, ["theirs", "own"]);
}

pub(crate) async fn who_is_leaving_takes_nothing_in(store: impl Store) {
    let community = Community::of(store, 3).await;
    community.let_go(2).await;
    let rows = [card(2), coin(2, 100, 5, "a"), tie(1, RelationKind::Follow, 2, 1, &[(0, 0)])];
    for row in rows {
        let (_, fault) = community.take_in(&dump(&[row]), Merge, 10, 1).await;
        let (_, why) = fault.expect("they are leaving");
        assert!(why.contains("the member 2 is leaving"), "{why}");
    }
    community.attend_all(NOW).await;
    community.merge(&[card(2)]).await;
    assert_eq!(community.counts(2).await, [0; 4], "who has left may come back");
}

pub(crate) async fn bad_rows_of_the_service_are_named(store: impl Store) {
    let community = Community::of(store, 1).await;
    let next = |mid, tagid| Row::Next(Next { mid, tagid });
    #[rustfmt::skip]
    let cases = [
        // row -> what is said of it
        (Row::EventHorizon(EventHorizon { id: 1, time: 5 }), "event_horizon.id: not 0"),
        (audit(0, 5, "pay"),                                 "audit.seq: not a number from 1"),
        (audit(4_503_599_627_370_497, 5, "pay"),             "audit.seq: not a number from 1"),
        (next(0, 1),                                         "next.mid: not a number from 1"),
        (next(6_755_399_441_055_745, 1),                     "next.mid: not a number from 1"),
        (next(1, 0),                                         "next.tagid: not a number from 1"),
        (next(1, 6_755_399_441_055_745),                     "next.tagid: not a number from 1"),
    ];
    let before = community.exported().await;
    for (row, said) in cases {
        let loaded = community.load(vec![row.clone()]).await;
        assert!(loaded.fault.as_ref().is_some_and(|fault| fault.contains(said)), "{row:?}: {loaded:?}");
        assert_eq!(community.exported().await, before);
    }
    assert_eq!(
        community.load(vec![event(1, 0), next(6_755_399_441_055_744, 6_755_399_441_055_744)]).await.fault,
        None
    );
}
