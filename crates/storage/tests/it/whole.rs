//! A store that is made at once is the one that members made in time.

use crate::community::Community;
use crate::home::{empty, fresh, reopen};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_domain::tie::RelationKind;
use guanxi_storage::embedded::Options;
use guanxi_storage::error::OpenError;
use guanxi_storage::row::TieRow;
use guanxi_storage::whole::MemberBundle;
use guanxi_storage::{EmbeddedStore, Row, Store};
use guanxi_types::Mid;
use std::collections::BTreeMap;

/// Each member's part of a community that was told row by row.
fn wholes(rows: &[Row]) -> Vec<MemberBundle> {
    let mut members: BTreeMap<Mid, MemberBundle> = BTreeMap::new();
    let of = |mid| MemberBundle {
        mid,
        rows: vec![],
        ties: vec![],
        fans: vec![],
        hidden: vec![],
        sessions: vec![],
    };
    for row in rows {
        match row {
            Row::Card(card) => members.entry(card.mid).or_insert_with(|| of(card.mid)).rows.push(row.clone()),
            Row::Group(group) => {
                members.entry(group.mid).or_insert_with(|| of(group.mid)).rows.push(row.clone());
            }
            Row::Tie(tie @ TieRow { from, to, .. }) => {
                members.entry(*from).or_insert_with(|| of(*from)).ties.push(tie.clone());
                let other = members.entry(*to).or_insert_with(|| of(*to));
                match tie.tie.kind {
                    RelationKind::Follow => other.fans.push((*from, tie.tie.mtime, tie.tie.seq)),
                    RelationKind::Whisper | RelationKind::Black => other.hidden.push(*from),
                }
            }
            _ => (),
        }
    }
    members.into_values().collect()
}

#[tokio::test]
async fn it_is_the_store_that_members_made_in_time() {
    const MEMBERS: u64 = 400;
    let (_home, store) = fresh();
    let community = Community::of(store.clone(), MEMBERS).await;
    let acts = [
        RelationAction::Follow,
        RelationAction::Follow,
        RelationAction::Follow,
        RelationAction::Whisper,
        RelationAction::Black,
    ];
    for number in 0..3000u64 {
        let (me, them) = (number * 7 % MEMBERS + 1, number * number % 13 * (number % 29) % MEMBERS + 1);
        if me != them {
            let act = acts[usize::try_from(number % 5).unwrap()];
            // Some are refused, as they may be.
            let _ = community.act(me, act, them, i64::try_from(number / 100).unwrap()).await;
        }
    }
    let rows = community.exported_as_kept().await;
    let home = empty();
    EmbeddedStore::build(home.path(), Options::default(), wholes(&rows).into_iter()).unwrap();
    let made = reopen(home.path());
    let report = made.check().await.unwrap();
    assert!(report.is_clean(), "{report}");
    let without_versions = |rows: Vec<Row>| -> Vec<Row> {
        rows.into_iter().filter(|row| !matches!(row, Row::Versions(_))).collect()
    };
    let community = Community { store: made, ..community };
    assert_eq!(without_versions(community.exported_as_kept().await), without_versions(rows));
    community.acts(&[(1, RelationAction::Unfollow, 2, 9000), (1, RelationAction::Follow, 2, 9001)]).await;
    assert_eq!(community.attribute(1, 2).await.1, 9001);
}

#[tokio::test]
async fn it_is_made_where_nobody_is() {
    let (home, store) = fresh();
    let _community = Community::of(store, 1).await;
    let again = EmbeddedStore::build(home.path(), Options::default(), std::iter::empty());
    assert!(matches!(again, Err(OpenError::InUse(_))), "{again:?}");
}
