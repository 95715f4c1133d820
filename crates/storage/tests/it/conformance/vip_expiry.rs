//! Expiry of VIP statuses (D38).

use crate::community::{Community, expect_read, mid};
use guanxi_storage::commands::RunDueTask;
use guanxi_storage::model::{Card, Table, Vip};
use guanxi_storage::store::{List, Page};
use guanxi_storage::{Row, Store};
use guanxi_types::RelationAction;
use std::sync::Arc;

/// A due date between two seconds, and the first second after it.
const DUE_DATE: i64 = 1_600_000_000_500;
const ENDED: i64 = 1_600_000_001;

fn vip(status: u8, due_date: i64) -> Vip {
    Vip { kind: 2, status, due_date, pay_type: 1, ..Vip::default() }
}

impl<S: Store> Community<S> {
    /// Imports cards with VIP statuses.
    async fn set_vips(&self, vips: &[(u64, Vip)]) {
        let card = |(member, vip): &(u64, Vip)| Card { vip: vip.clone(), ..Card::new(mid(*member)) };
        let rows = vips.iter().map(|vip| Row::Card(Box::new(card(vip)))).collect();
        assert_eq!(self.import(rows).await.error, None);
    }

    async fn vip(&self, member: u64) -> Vip {
        expect_read(self.store.get::<Card>(mid(member)).await).expect("the member has a card").vip
    }
}

/// Returns the VIP statuses on a page.
fn statuses(page: &Page) -> Vec<u8> {
    page.cards.iter().map(|(_, card)| card.vip.status).collect()
}

pub(crate) async fn vip_expires_in_the_second_of_its_due_date(store: impl Store) {
    let community = Community::with_members(store, 5).await;
    // Active, frozen and locked statuses expire alike. Member 5 has none.
    community.set_vips(&[(2, vip(1, DUE_DATE)), (3, vip(2, ENDED * 1000)), (4, vip(3, DUE_DATE))]).await;
    for other in 2..=5 {
        community
            .relate_all(&[(1, RelationAction::Follow, other, 100), (other, RelationAction::Follow, 1, 100)])
            .await;
    }
    for (now, expected) in [(ENDED - 1, [0, 3, 2, 1]), (ENDED, [0; 4])] {
        community.run_all_due_tasks(now).await;
        for list in [List::Followers, List::Followings] {
            assert_eq!(statuses(&community.list(1, list).await), expected, "{list:?} at {now}");
        }
        let space = expect_read(community.store.space(mid(2), None).await).expect("the member exists");
        assert_eq!(space.card.vip.status, expected[3], "at {now}");
        let has_expired = now == ENDED;
        for (member, status) in [(2, 1), (3, 2), (4, 3)] {
            assert_eq!(
                community.vip(member).await.status,
                if has_expired { 0 } else { status },
                "{member} at {now}"
            );
        }
    }
    assert_eq!(community.vip(2).await, vip(0, DUE_DATE), "all other fields are kept");
    assert_eq!(community.run_due_tasks(i64::MAX).await, 0, "the status expires once");
}

pub(crate) async fn vip_without_due_date_never_expires(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    community.set_vips(&[(1, vip(1, 0)), (2, vip(0, DUE_DATE)), (3, Vip::default())]).await;
    assert_eq!(community.run_due_tasks(ENDED + 1_000_000).await, 0);
    assert_eq!([community.vip(1).await.status, community.vip(2).await.status], [1, 0]);
}

pub(crate) async fn vip_with_past_due_date_expires(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    for _ in 0..2 {
        community.set_vips(&[(1, vip(1, DUE_DATE))]).await;
        assert_eq!(community.vip(1).await.status, 1);
        assert_eq!(community.run_due_tasks(ENDED + 5).await, 1);
        assert_eq!(community.vip(1).await.status, 0);
    }
}

pub(crate) async fn extended_vip_does_not_expire(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    community.set_vips(&[(1, vip(1, DUE_DATE))]).await;
    let task = expect_read(community.store.due_tasks(ENDED, Table::scheduled()).await).remove(0);
    community.set_vips(&[(1, vip(1, DUE_DATE + 10_000))]).await;
    // The task of the old due date is stale.
    assert_eq!(
        community.run(RunDueTask { task, cipher: Arc::clone(&community.cipher), now: ENDED }).await,
        Ok(())
    );
    assert_eq!(community.run_due_tasks(ENDED + 9).await, 0);
    assert_eq!(community.vip(1).await.status, 1);
    assert_eq!(community.run_due_tasks(ENDED + 10).await, 1);
    assert_eq!(community.vip(1).await.status, 0);
}

pub(crate) async fn due_tasks_are_of_the_requested_tables(store: impl Store) {
    let community = Community::with_members(store, 300).await;
    let vips: Vec<(u64, Vip)> = (1..=300).map(|member| (member, vip(1, DUE_DATE))).collect();
    community.set_vips(&vips).await;
    community.delete_member(7).await;
    let tables = async |tables: &[Table]| -> Vec<Table> {
        expect_read(community.store.due_tasks(i64::MAX, tables).await)
            .into_iter()
            .map(|task| task.table)
            .collect()
    };
    // Rows of other tables do not fill the batch.
    assert_eq!(tables(&[Table::PendingDeletion]).await, [Table::PendingDeletion]);
    assert_eq!(tables(&[Table::RateLimit, Table::QrLogin]).await, []);
    let cards = tables(&[Table::Card]).await;
    assert!(cards.len() > 1 && cards.iter().all(|table| *table == Table::Card), "{cards:?}");
}

pub(crate) async fn member_with_vip_can_be_deleted(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    community.set_vips(&[(1, vip(1, DUE_DATE))]).await;
    community.delete_member(1).await;
    community.run_all_due_tasks(crate::members::NOW).await;
    assert_eq!(expect_read(community.store.counters(mid(1)).await), None);
    assert_eq!(community.run_due_tasks(i64::MAX).await, 0);
}
