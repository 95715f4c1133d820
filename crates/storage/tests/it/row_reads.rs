//! Concurrent reads of single rows, which share statements on PostgreSQL.

use crate::community::{Community, mid};
use crate::database_faults::{LONG, options, store_behind_proxy};
use crate::tempdir::new_database_store;
use futures_util::future::join_all;
use futures_util::poll;
use guanxi_storage::model::{Card, RewardRow};
use guanxi_storage::{StorageError, Store};
use guanxi_test_postgres::ProxyState;
use tokio::time::timeout;

#[tokio::test]
async fn concurrent_reads_return_their_own_rows() {
    const MEMBERS: u64 = 40;
    let Some((_schema, store)) = new_database_store().await else { return };
    let community = Community::with_members(store, MEMBERS).await;
    let store = &community.store;
    // Some of the rows are absent, and some keys are read twice.
    let cards = join_all((1..=600).map(|number| store.get::<Card>(mid(number % 60 + 1)))).await;
    for (number, card) in (1..=600).zip(cards) {
        let member = number % 60 + 1;
        let expected = (member <= MEMBERS).then(|| Card::new(mid(member)));
        assert_eq!(card.expect("the store is readable"), expected, "{member}");
    }
    let day = jiff::civil::date(2026, 1, 15);
    let rewards = join_all((1..=9).map(|member| store.get::<RewardRow>((mid(member), day)))).await;
    assert!(rewards.into_iter().all(|reward| matches!(reward, Ok(None))));
}

#[tokio::test]
async fn cancelled_reads_do_not_block_others() {
    let Some((_schema, store)) = new_database_store().await else { return };
    let community = Community::with_members(store, 9).await;
    for cancelled in 1..6 {
        let mut reads: Vec<_> =
            (1..=9).map(|member| Box::pin(community.store.get::<Card>(mid(member)))).collect();
        for read in &mut reads {
            assert!(poll!(read).is_pending());
        }
        reads.drain(..cancelled);
        for card in timeout(LONG, join_all(reads)).await.expect("no read waits forever") {
            assert!(card.expect("the store is readable").is_some());
        }
    }
}

#[tokio::test]
async fn reads_of_an_unavailable_database_fail() {
    let Some((_schema, proxy, community)) = store_behind_proxy(options()).await else { return };
    proxy.set(ProxyState::Refusing);
    let cards = join_all((1..=9).map(|_| community.store.get::<Card>(mid(1)))).await;
    assert!(cards.iter().all(|card| matches!(card, Err(StorageError::Unavailable(_)))), "{cards:?}");
    proxy.set(ProxyState::Forwarding);
    assert!(community.store.get::<Card>(mid(1)).await.expect("the database is back").is_some());
}
