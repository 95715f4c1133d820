//! VIPs end by the clock (D38).

use crate::community::{Community, mid, read};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_api::listed::Face;
use guanxi_storage::command::RunDueTask;
use guanxi_storage::row::{Card, Table, Vip};
use guanxi_storage::store::{List, Page};
use guanxi_storage::{Row, Store};

/// A due date of a second and some milliseconds, and the first second in which it has passed.
const DUE_DATE: i64 = 1_600_000_000_500;
const ENDED: i64 = 1_600_000_001;

fn vip(status: u8, due_date: i64) -> Vip {
    Vip { kind: 2, status, due_date, pay_type: 1, ..Vip::default() }
}

impl<S: Store> Community<S> {
    /// Gives members VIPs.
    async fn give(&self, vips: &[(u64, Vip)]) {
        let card = |(member, vip): &(u64, Vip)| Card { vip: vip.clone(), ..Card::of(mid(*member)) };
        let rows = vips.iter().map(|vip| Row::Card(Box::new(card(vip)))).collect();
        assert_eq!(self.load(rows).await.fault, None);
    }

    async fn vip(&self, member: u64) -> Vip {
        read(self.store.get::<Card>(mid(member)).await).expect("they have a card").vip
    }
}

/// The VIP statuses that a page shows.
fn statuses(page: &Page) -> Vec<u8> {
    let status = |face: guanxi_storage::cards::FaceJson<'_>| {
        let mut json = b"{".to_vec();
        face.write(&mut json, "");
        json.push(b'}');
        serde_json::from_slice::<Face>(&json).expect("a face's fields").vip.vip_status
    };
    page.faces.iter().map(status).collect()
}

pub(crate) async fn vip_ends_in_the_second_of_its_due_date(store: impl Store) {
    let community = Community::of(store, 5).await;
    // In force, frozen and locked ones end alike; 5 had none.
    community.give(&[(2, vip(1, DUE_DATE)), (3, vip(2, ENDED * 1000)), (4, vip(3, DUE_DATE))]).await;
    for other in 2..=5 {
        community
            .acts(&[(1, RelationAction::Follow, other, 100), (other, RelationAction::Follow, 1, 100)])
            .await;
    }
    // A list shows 1 for the one in force, and 0 for every other (D37).
    for (now, expected) in [(ENDED - 1, [0, 0, 0, 1]), (ENDED, [0; 4])] {
        // What a list has shown is kept in memory, until it is another.
        community.list(1, List::Fans).await;
        community.attend_all(now).await;
        for list in [List::Fans, List::Followings] {
            assert_eq!(statuses(&community.list(1, list).await), expected, "{list:?} at {now}");
        }
        let space = read(community.store.space(mid(2), None).await).expect("they are there");
        assert_eq!(space.card.vip.status, expected[3], "at {now}");
        let ended = now == ENDED;
        for (member, status) in [(2, 1), (3, 2), (4, 3)] {
            assert_eq!(
                community.vip(member).await.status,
                if ended { 0 } else { status },
                "{member} at {now}"
            );
        }
    }
    assert_eq!(community.vip(2).await, vip(0, DUE_DATE), "all else stays");
    assert_eq!(community.attend(i64::MAX).await, 0, "it ends once");
}

pub(crate) async fn vip_without_an_end_never_ends(store: impl Store) {
    let community = Community::of(store, 3).await;
    community.give(&[(1, vip(1, 0)), (2, vip(0, DUE_DATE)), (3, Vip::default())]).await;
    assert_eq!(community.attend(ENDED + 1_000_000).await, 0);
    assert_eq!([community.vip(1).await.status, community.vip(2).await.status], [1, 0]);
}

pub(crate) async fn vip_that_is_written_with_a_past_due_date_ends(store: impl Store) {
    let community = Community::of(store, 1).await;
    for _ in 0..2 {
        community.give(&[(1, vip(1, DUE_DATE))]).await;
        assert_eq!(community.vip(1).await.status, 1);
        assert_eq!(community.attend(ENDED + 5).await, 1);
        assert_eq!(community.vip(1).await.status, 0);
    }
}

pub(crate) async fn vip_that_was_prolonged_goes_on(store: impl Store) {
    let community = Community::of(store, 1).await;
    community.give(&[(1, vip(1, DUE_DATE))]).await;
    let due = read(community.store.due(ENDED, Table::awaited()).await).remove(0);
    community.give(&[(1, vip(1, DUE_DATE + 10_000))]).await;
    // The look of before is of no use any more.
    assert_eq!(community.run(RunDueTask { due, now: ENDED }).await, Ok(()));
    assert_eq!(community.attend(ENDED + 9).await, 0);
    assert_eq!(community.vip(1).await.status, 1);
    assert_eq!(community.attend(ENDED + 10).await, 1);
    assert_eq!(community.vip(1).await.status, 0);
}

pub(crate) async fn due_tells_of_the_tables_that_are_asked_for(store: impl Store) {
    let community = Community::of(store, 300).await;
    let vips: Vec<(u64, Vip)> = (1..=300).map(|member| (member, vip(1, DUE_DATE))).collect();
    community.give(&vips).await;
    community.let_go(7).await;
    let tables = async |tables: &[Table]| -> Vec<Table> {
        read(community.store.due(i64::MAX, tables).await).into_iter().map(|due| due.table).collect()
    };
    // Those of other tables take none of the room.
    assert_eq!(tables(&[Table::Farewell]).await, [Table::Farewell]);
    assert_eq!(tables(&[Table::Door, Table::Qr]).await, []);
    let cards = tables(&[Table::Card]).await;
    assert!(cards.len() > 1 && cards.iter().all(|table| *table == Table::Card), "{cards:?}");
}

pub(crate) async fn member_with_a_vip_can_leave(store: impl Store) {
    let community = Community::of(store, 2).await;
    community.give(&[(1, vip(1, DUE_DATE))]).await;
    community.let_go(1).await;
    community.attend_all(crate::members::NOW).await;
    assert_eq!(read(community.store.stat(mid(1)).await), None);
    assert_eq!(community.attend(i64::MAX).await, 0);
}
