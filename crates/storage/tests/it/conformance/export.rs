//! Export of a community. A community that was imported in the order of a dump is exported equal.

use crate::community::{Community, card, change_relation, expect_read, mid};
use crate::fixtures::{dump_text, parse_dump, sample_community};
use crate::members::{NOW, member_with_phone};
use guanxi_storage::dump::redact_row;
use guanxi_storage::model::{NextIds, Sensitive, Versions};
use guanxi_storage::{Row, Store};
use guanxi_types::RelationAction;
use tokio::sync::mpsc;

pub(crate) async fn export_equals_the_imported_community(store: impl Store) {
    let community = Community::new(store);
    let rows = sample_community();
    assert_eq!(community.import(rows.clone()).await.error, None);
    let exported = community.exported().await;
    for (row, exported_row) in rows.iter().zip(&exported) {
        assert_eq!(exported_row, row);
    }
    assert_eq!(dump_text(&exported), dump_text(&rows));
    assert_eq!(parse_dump(&dump_text(&rows)), rows, "a dump parses to its rows");
}

pub(crate) async fn export_of_empty_store_has_next_ids(store: impl Store) {
    let community = Community::new(store);
    assert_eq!(community.exported().await, [Row::Next(NextIds { mid: 1, tagid: 1 })]);
}

pub(crate) async fn export_returns_ciphertext(store: impl Store) {
    let community = Community::new(store);
    assert_eq!(community.import(sample_community()).await.error, None);
    let is_encrypted = |text: &Option<Sensitive>| matches!(text, None | Some(Sensitive::Ciphertext(_)));
    let mut checked = 0;
    for row in community.exported_encrypted().await {
        match row {
            Row::Account(row) => assert!(is_encrypted(&row.tel) && is_encrypted(&row.mail)),
            Row::Realname(row) => assert!(is_encrypted(&row.name) && is_encrypted(&row.card)),
            Row::Question(row) => assert!(is_encrypted(&row.question)),
            _ => continue,
        }
        checked += 1;
    }
    assert!(checked > 3, "some rows are private");
}

pub(crate) async fn export_without_private_data_imports(store: impl Store) {
    let community = Community::new(store);
    let public: Vec<Row> = sample_community().into_iter().filter_map(redact_row).collect();
    assert_eq!(community.import(public.clone()).await.error, None);
    assert_eq!(dump_text(&community.exported().await), dump_text(&public));
}

pub(crate) async fn export_leaves_out_pending_deletions(store: impl Store) {
    let community = Community::new(store);
    for (name, tel, byte) in [("甲", "15312345056", 1), ("乙", "15312345057", 2), ("丙", "15312345058", 3)]
    {
        assert!(community.sign_up(member_with_phone(name, tel), byte).await.is_ok());
    }
    let follows = [
        (1, RelationAction::Follow, 2, 100),
        (2, RelationAction::Follow, 1, 200),
        (3, RelationAction::Follow, 2, 300),
        (1, RelationAction::Follow, 3, 400),
    ];
    community.relate_all(&follows).await;
    community.daily_login(2, NOW).await;
    community.create_group(2, "同学").await.expect("the name is free");
    community.delete_member(2).await;
    let exported = community.exported().await;
    let lines = dump_text(&exported);
    for field in [r#""mid":2,"#, r#""mid":2}"#, r#""from":2,"#, r#""to":2,"#] {
        // The tombstone and the audit log still name the member.
        let may_name = |line: &&str| line.starts_with("{\"audit\"") || line.starts_with("{\"tombstone\"");
        let found = lines.lines().filter(|line| !may_name(line)).find(|line| line.contains(field));
        assert_eq!(found, None);
    }
    let relations = exported.iter().filter(|row| matches!(row, Row::Relation(_))).count();
    assert_eq!(relations, 1, "only the relation from 1 to 3 is exported");
    // Neither the mid nor the tagid of their group is assigned again.
    assert_eq!(exported.last(), Some(&Row::Next(NextIds { mid: 4, tagid: 2 })));
}

pub(crate) async fn exported_versions_count_private_changes(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    community.relate_all(&[(1, RelationAction::Follow, 2, 100), (1, RelationAction::Whisper, 3, 200)]).await;
    let [followers, followings] = community.versions(1).await;
    let exported = community.exported().await;
    assert!(exported.contains(&Row::Versions(Versions { mid: mid(1), followers, followings })));
    assert_eq!(
        exported.iter().filter(|row| matches!(row, Row::Versions(_))).count(),
        3,
        "every member has versions"
    );
}

pub(crate) async fn export_is_a_snapshot_during_writes(store: impl Store) {
    let community = Community::with_members(store.clone(), 3000).await;
    let (out, mut batches) = mpsc::channel(1);
    let exporting = tokio::spawn(async move { store.export(out).await });
    let mut rows = batches.recv().await.expect("the export has rows");
    assert!(rows.len() < 3000, "the export has several batches");
    community.relate_all(&[(1, RelationAction::Follow, 2, 100)]).await;
    assert_eq!(community.import(vec![card(3001)]).await.error, None);
    while let Some(batch) = batches.recv().await {
        rows.extend(batch);
    }
    expect_read(exporting.await.expect("the task does not panic"));
    assert!(!rows.iter().any(|row| matches!(row, Row::Relation(_))), "later writes are not exported");
    assert_eq!(rows.iter().filter(|row| matches!(row, Row::Card(_))).count(), 3000);
    assert!(community.exported().await.iter().any(|row| matches!(row, Row::Relation(_))));
}

pub(crate) async fn export_without_receiver_ends(store: impl Store) {
    let community = Community::with_members(store.clone(), 3000).await;
    let (out, mut batches) = mpsc::channel(1);
    let exporting = tokio::spawn(async move { store.export(out).await });
    assert!(batches.recv().await.is_some());
    drop(batches);
    expect_read(exporting.await.expect("the task does not panic"));
    assert_eq!(community.run(change_relation(1, RelationAction::Follow, 2, 100)).await, Ok(()));
}
