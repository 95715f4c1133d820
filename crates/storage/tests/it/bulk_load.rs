//! A bulk-loaded store equals the store that commands wrote.

use crate::community::Community;
use crate::tempdir::{empty_dir, new_store, reopen};
use guanxi_domain::relation::RelationKind;
use guanxi_storage::embedded::Options;
use guanxi_storage::error::OpenError;
use guanxi_storage::member_bundle::MemberBundle;
use guanxi_storage::model::RelationRow;
use guanxi_storage::{EmbeddedStore, Row, Store};
use guanxi_types::{Mid, RelationAction};
use std::collections::BTreeMap;

fn empty_bundle(mid: Mid) -> MemberBundle {
    MemberBundle {
        mid,
        rows: vec![],
        relations: vec![],
        followers: vec![],
        private_relations: vec![],
        sessions: vec![],
    }
}

/// Groups the rows of an export by member.
fn bundles(rows: &[Row]) -> Vec<MemberBundle> {
    let mut members: BTreeMap<Mid, MemberBundle> = BTreeMap::new();
    let mut add = |mid: Mid, change: &mut dyn FnMut(&mut MemberBundle)| {
        change(members.entry(mid).or_insert_with(|| empty_bundle(mid)));
    };
    for row in rows {
        match row {
            Row::Card(card) => add(card.mid, &mut |bundle| bundle.rows.push(row.clone())),
            Row::Group(group) => add(group.mid, &mut |bundle| bundle.rows.push(row.clone())),
            Row::Relation(outgoing @ RelationRow { from, to, relation }) => {
                add(*from, &mut |bundle| bundle.relations.push(outgoing.clone()));
                add(*to, &mut |other| match relation.kind {
                    RelationKind::Follow => other.followers.push((*from, relation.mtime, relation.seq)),
                    RelationKind::Whisper | RelationKind::Block => other.private_relations.push(*from),
                });
            }
            _ => (),
        }
    }
    members.into_values().collect()
}

#[tokio::test]
async fn bulk_loaded_store_equals_store_written_by_commands() {
    const MEMBERS: u64 = 400;
    let (_home, store) = new_store();
    let community = Community::with_members(store.clone(), MEMBERS).await;
    let actions = [
        RelationAction::Follow,
        RelationAction::Follow,
        RelationAction::Follow,
        RelationAction::Whisper,
        RelationAction::Block,
    ];
    for number in 0..3000u64 {
        let (me, them) = (number * 7 % MEMBERS + 1, number * number % 13 * (number % 29) % MEMBERS + 1);
        if me != them {
            let action = actions[usize::try_from(number % 5).unwrap()];
            // Some of them are rejected, which does not matter here.
            let _ = community.relate(me, action, them, i64::try_from(number / 100).unwrap()).await;
        }
    }
    let rows = community.exported_encrypted().await;
    let home = empty_dir();
    EmbeddedStore::bulk_load(home.path(), Options::default(), bundles(&rows).into_iter()).unwrap();
    let loaded = reopen(home.path());
    let report = loaded.check_integrity().await.unwrap();
    assert!(report.is_clean(), "{report}");
    let without_versions = |rows: Vec<Row>| -> Vec<Row> {
        rows.into_iter().filter(|row| !matches!(row, Row::Versions(_))).collect()
    };
    let community = Community { store: loaded, ..community };
    assert_eq!(without_versions(community.exported_encrypted().await), without_versions(rows));
    community
        .relate_all(&[(1, RelationAction::Unfollow, 2, 9000), (1, RelationAction::Follow, 2, 9001)])
        .await;
    assert_eq!(community.attribute(1, 2).await.1, 9001);
}

#[tokio::test]
async fn bulk_load_into_open_directory_is_rejected() {
    let (home, store) = new_store();
    let _community = Community::with_members(store, 1).await;
    let result = EmbeddedStore::bulk_load(home.path(), Options::default(), std::iter::empty());
    assert!(matches!(result, Err(OpenError::InUse(_))), "{result:?}");
}
