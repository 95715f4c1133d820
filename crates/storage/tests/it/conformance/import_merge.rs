//! Interrupted imports that resume, and merges of a dump into a community.

use crate::community::{Community, card, expect_read, mid};
use crate::fixtures::{audit, coin, dump_text, event, login, relation, sample_community, versions};
use crate::members::NOW;
use guanxi_domain::relation::RelationKind;
use guanxi_storage::dump::ImportMode::{Initial, Merge};
use guanxi_storage::model::{Card, EventIdWatermark, NextIds};
use guanxi_storage::{Row, Store};
use guanxi_types::{Coins, RelationAction, Tagid};

/// Returns the reasons in a member's coin log, oldest first.
async fn reasons<S: Store>(community: &Community<S>, member: u64) -> Vec<String> {
    let log = expect_read(community.store.coin_log(mid(member), 0, usize::MAX).await);
    log.into_iter().rev().map(|row| row.reason).collect()
}

pub(crate) async fn interrupted_import_resumes(store: impl Store) {
    let community = Community::new(store);
    let (all, dump) = (sample_community(), dump_text(&sample_community()));
    let mut imported = 0;
    for rows in 1..=all.len() {
        let (count, error) = community.import_chunks(&dump, Initial, rows % 3 + 1, 1).await;
        assert_eq!(error, None);
        imported += count;
        if imported == all.len() {
            break;
        }
        assert_eq!(community.import_progress().await.map(|progress| progress.rows), Some(imported as u64));
    }
    assert_eq!(community.import_chunks(&dump, Initial, 9, 1).await, (0, None));
    assert_eq!(community.import_progress().await, None, "the import is complete");
    assert_eq!(community.exported().await, all);
}

pub(crate) async fn failed_import_resumes_with_corrected_dump(store: impl Store) {
    let community = Community::new(store);
    let good = sample_community();
    let mut bad = good.clone();
    let at = good.len() - 8;
    bad[at] = login(4, 100, "unknown");
    let (imported, error) = community.import_chunks(&dump_text(&bad), Initial, 10, usize::MAX).await;
    assert_eq!(imported, at);
    let (line, reason) = error.expect("member 4 does not exist");
    assert_eq!((line, reason.contains("no member 4")), (at + 2, true), "{reason}");
    assert_eq!(
        community.import_chunks(&dump_text(&good), Initial, 10, usize::MAX).await,
        (good.len() - at, None)
    );
    assert_eq!(community.exported().await, good);
}

pub(crate) async fn bad_first_row_starts_no_import(store: impl Store) {
    let community = Community::new(store);
    for mode in [Initial, Merge] {
        let bad = dump_text(&[relation(1, RelationKind::Follow, 2, 1, &[(0, 0)]), card(1)]);
        assert_eq!(community.import_chunks(&bad, mode, 10, 1).await.0, 0);
        assert_eq!(community.import_progress().await, None);
    }
}

pub(crate) async fn merge_into_empty_store_equals_import(store: impl Store) {
    let community = Community::new(store);
    let rows = sample_community();
    community.merge(&rows).await;
    let mut exported = community.exported().await;
    // The relations raised these versions above those of the dump.
    for row in &mut exported {
        if let Row::Versions(row) = row
            && row.mid == mid(2)
        {
            (row.followers, row.followings) = (0, 0);
        }
    }
    exported.retain(|row| !matches!(row, Row::Versions(row) if row.mid == mid(3)));
    let expected: Vec<Row> =
        rows.into_iter().filter(|row| !matches!(row, Row::Versions(row) if row.mid == mid(3))).collect();
    assert_eq!(exported, expected);
}

pub(crate) async fn repeated_merge_changes_nothing(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    community.relate_all(&[(2, RelationAction::Follow, 1, 10), (3, RelationAction::Follow, 1, 15)]).await;
    community.merge(&sample_community()).await;
    let before = community.exported().await;
    community.merge(&sample_community()).await;
    assert_eq!(community.exported().await, before);
    community.merge(&before).await;
    assert_eq!(community.exported().await, before, "merging the own export changes nothing");
}

pub(crate) async fn merge_adds_members_and_replaces_rows(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    community.relate_all(&[(1, RelationAction::Follow, 2, 10)]).await;
    let renamed = Card { uname: "乙".to_owned(), ..Card::new(mid(2)) };
    community
        .merge(&[
            Row::Card(Box::new(renamed.clone())),
            card(3),
            relation(1, RelationKind::Follow, 2, 20, &[(-10, 4)]),
            relation(3, RelationKind::Follow, 2, 30, &[(0, 0)]),
        ])
        .await;
    assert_eq!(expect_read(community.store.get::<Card>(mid(2)).await), Some(renamed));
    assert_eq!(community.followers(2).await, [3, 1]);
    assert_eq!(community.group_members(1, Tagid::SPECIAL).await, [2]);
    assert_eq!(community.counts(1).await, [1, 0, 0, 0]);
}

pub(crate) async fn log_entries_are_merged_by_count(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let existing = [coin(1, 100, 5, "a"), coin(1, 100, 5, "b"), coin(1, 200, 5, "a"), login(1, 100, "x")];
    assert_eq!(community.import(existing.to_vec()).await.error, None);
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
        assert_eq!(community.counters(1).await.coins, Coins::from_tenths(25));
        assert_eq!(expect_read(community.store.login_log(mid(1), 0, usize::MAX).await).len(), 3);
    }
}

pub(crate) async fn merge_failed_within_a_second_resumes(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let good =
        [card(3), coin(1, 100, 5, "a"), coin(1, 100, 5, "a"), coin(1, 100, 5, "a"), coin(2, 100, 5, "b")];
    let mut bad = good.clone();
    bad[3] = coin(1, 100, -500, "more than there is");
    let (imported, error) = community.import_chunks(&dump_text(&bad), Merge, 10, usize::MAX).await;
    assert_eq!((imported, error.map(|(line, _)| line)), (3, Some(5)));
    // The second that failed is imported again from its start.
    assert_eq!(community.import_progress().await.map(|progress| progress.rows), Some(1));
    assert_eq!(community.import_chunks(&dump_text(&good), Merge, 10, usize::MAX).await, (4, None));
    assert_eq!(reasons(&community, 1).await, ["a", "a", "a"]);
    assert_eq!(reasons(&community, 2).await, ["b"]);
}

pub(crate) async fn merge_does_not_lower_watermarks(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let watermark = |time| Row::EventIdWatermark(EventIdWatermark { id: 0, time });
    let next = |mid, tagid| Row::Next(NextIds { mid, tagid });
    let high = [versions(1, 50, 60), watermark(500), next(100, 200)];
    let low = [versions(1, 40, 70), watermark(400), next(90, 210)];
    let mixed = [versions(1, 50, 70), watermark(500), next(100, 210)];
    for (merged, expected) in [(&high, &high), (&low, &mixed), (&high, &mixed)] {
        community.merge(merged).await;
        let exported = community.exported().await;
        for row in expected {
            assert!(exported.contains(row), "{row:?}");
        }
    }
    assert_eq!(community.create_group(1, "同学").await, Ok(Tagid(210)));
}

pub(crate) async fn audit_log_merge_keeps_existing_entries(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.import(vec![audit(1, 10, "own"), audit(2, 20, "both")]).await.error, None);
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
        let mut log = community.audit_log().await;
        log.reverse();
        let entries: Vec<(u64, String)> = log.into_iter().map(|row| (row.seq, row.action)).collect();
        assert_eq!(entries, expected);
    }
}

pub(crate) async fn import_does_not_change_audit_entries(store: impl Store) {
    let community = Community::new(store);
    for row in [audit(1, 10, "own"), audit(1, 20, "theirs"), audit(1, 10, "own")] {
        assert_eq!(community.import(vec![row]).await.error, None);
    }
    let actions: Vec<String> = community.audit_log().await.into_iter().map(|row| row.action).collect();
    assert_eq!(actions, ["theirs", "own"]);
}

pub(crate) async fn merge_rejects_rows_of_pending_deletions(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    community.delete_member(2).await;
    let rows = [card(2), coin(2, 100, 5, "a"), relation(1, RelationKind::Follow, 2, 1, &[(0, 0)])];
    for row in rows {
        let (_, error) = community.import_chunks(&dump_text(&[row]), Merge, 10, 1).await;
        let (_, reason) = error.expect("the deletion is pending");
        assert!(reason.contains("the deletion of member 2 is pending"), "{reason}");
    }
    community.run_all_due_tasks(NOW).await;
    community.merge(&[card(2)]).await;
    assert_eq!(community.counts(2).await, [0; 4], "a deleted member may be imported again");
}

pub(crate) async fn bad_service_rows_are_reported(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let next = |mid, tagid| Row::Next(NextIds { mid, tagid });
    #[rustfmt::skip]
    let cases = [
        // row -> part of the error
        (Row::EventIdWatermark(EventIdWatermark { id: 1, time: 5 }), "event_id_watermark.id: not 0"),
        (audit(0, 5, "pay"),                                 "audit.seq: not a number from 1"),
        (audit(4_503_599_627_370_497, 5, "pay"),             "audit.seq: not a number from 1"),
        (next(0, 1),                                         "next.mid: not a number from 1"),
        (next(6_755_399_441_055_745, 1),                     "next.mid: not a number from 1"),
        (next(1, 0),                                         "next.tagid: not a number from 1"),
        (next(1, 6_755_399_441_055_745),                     "next.tagid: not a number from 1"),
    ];
    let before = community.exported().await;
    for (row, message) in cases {
        let result = community.import(vec![row.clone()]).await;
        assert!(result.error.as_ref().is_some_and(|error| error.contains(message)), "{row:?}: {result:?}");
        assert_eq!(community.exported().await, before);
    }
    assert_eq!(
        community.import(vec![event(1, 0), next(6_755_399_441_055_744, 6_755_399_441_055_744)]).await.error,
        None
    );
}
