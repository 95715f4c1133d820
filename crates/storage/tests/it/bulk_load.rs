//! A bulk-loaded store of each engine equals the store that commands wrote.

use crate::community::{Community, expect_read, mid};
use crate::tempdir::{empty_dir, new_database_store, new_store, reopen};
use guanxi_domain::relation::RelationKind;
use guanxi_storage::embedded::Options;
use guanxi_storage::error::OpenError;
use guanxi_storage::member_bundle::MemberBundle;
use guanxi_storage::model::{Card, LoginIdentifier, RelationRow};
use guanxi_storage::{EmbeddedStore, Row, Store};
use guanxi_types::{Mid, RelationAction};
use std::collections::BTreeMap;
use std::sync::Arc;

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
    // Equal and confusable names: the first member keeps the identifier.
    let named = ["陈唯恺", "Tom1", "TOM1", "toml", "陈唯恺"].into_iter().zip(1..);
    let named = named.map(|(name, number)| Card { uname: name.to_owned(), ..Card::new(mid(number)) });
    let named = named.map(|card| Row::Card(Box::new(card))).collect();
    assert_eq!(community.import(named).await.error, None);
    let rows = community.exported_encrypted().await;
    let home = empty_dir();
    EmbeddedStore::bulk_load(home.path(), Options::default(), bundles(&rows).into_iter()).unwrap();
    assert_equal(reopen(home.path()), &community, &rows).await;
    let Some((_schema, loaded)) = new_database_store().await else { return };
    loaded.bulk_load(bundles(&rows).into_iter()).await.unwrap();
    assert_equal(loaded, &community, &rows).await;
}

/// Asserts that a loaded store equals a community with the rows, and can be changed.
async fn assert_equal<S: Store>(loaded: S, community: &Community<EmbeddedStore>, rows: &[Row]) {
    let report = loaded.check_integrity().await.expect("readable store");
    assert!(report.is_clean(), "{report}");
    let without_versions = |rows: Vec<Row>| -> Vec<Row> {
        rows.into_iter().filter(|row| !matches!(row, Row::Versions(_))).collect()
    };
    let identifiers: Vec<LoginIdentifier> = expect_read(community.store.all().await);
    assert_eq!(expect_read(loaded.all::<LoginIdentifier>().await), identifiers);
    assert_eq!(identifiers.len(), 4, "a name that differs from its skeleton has two");
    let community = Community { store: loaded, cipher: Arc::clone(&community.cipher) };
    assert_eq!(without_versions(community.exported_encrypted().await), without_versions(rows.to_vec()));
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
