//! A community is told whole: what was loaded in the order of a dump comes back as it was.

use crate::community::{Community, card, mid, read, relate};
use crate::dumped::{dump, rich, rows};
use crate::members::{NOW, reached};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_storage::dump::without_private;
use guanxi_storage::row::{Next, Sensitive, Versions};
use guanxi_storage::{Row, Store};
use tokio::sync::mpsc;

pub(crate) async fn a_rich_community_comes_back_as_it_was_loaded(store: impl Store) {
    let community = Community::empty(store);
    let rich = rich();
    assert_eq!(community.load(rich.clone()).await.fault, None);
    let exported = community.exported().await;
    for (row, told) in rich.iter().zip(&exported) {
        assert_eq!(told, row);
    }
    assert_eq!(dump(&exported), dump(&rich));
    assert_eq!(rows(&dump(&rich)), rich, "its lines are those rows");
}

pub(crate) async fn nobody_is_told_with_what_is_given_next(store: impl Store) {
    let community = Community::empty(store);
    assert_eq!(community.exported().await, [Row::Next(Next { mid: 1, tagid: 1 })]);
}

pub(crate) async fn private_texts_come_as_they_are_kept(store: impl Store) {
    let community = Community::empty(store);
    assert_eq!(community.load(rich()).await.fault, None);
    let sealed = |text: &Option<Sensitive>| matches!(text, None | Some(Sensitive::Sealed(_)));
    let mut seen = 0;
    for row in community.exported_as_kept().await {
        match row {
            Row::Account(row) => assert!(sealed(&row.tel) && sealed(&row.mail)),
            Row::Realname(row) => assert!(sealed(&row.name) && sealed(&row.card)),
            Row::Question(row) => assert!(sealed(&row.question)),
            _ => continue,
        }
        seen += 1;
    }
    assert!(seen > 3, "there are some");
}

pub(crate) async fn what_is_private_can_be_left_out(store: impl Store) {
    let community = Community::empty(store);
    let public: Vec<Row> = rich().into_iter().filter_map(without_private).collect();
    assert_eq!(community.load(public.clone()).await.fault, None);
    assert_eq!(dump(&community.exported().await), dump(&public));
}

pub(crate) async fn who_is_leaving_is_told_no_more(store: impl Store) {
    let community = Community::empty(store);
    for (name, tel, byte) in [("甲", "15312345056", 1), ("乙", "15312345057", 2), ("丙", "15312345058", 3)]
    {
        assert!(community.sign_up(reached(name, tel), byte).await.is_ok());
    }
    let follows = [
        (1, RelationAction::Follow, 2, 100),
        (2, RelationAction::Follow, 1, 200),
        (3, RelationAction::Follow, 2, 300),
        (1, RelationAction::Follow, 3, 400),
    ];
    community.acts(&follows).await;
    community.visit(2, NOW).await;
    community.create(2, "同学").await.expect("the name is free");
    community.let_go(2).await;
    let exported = community.exported().await;
    let lines = dump(&exported);
    for of_them in [r#""mid":2,"#, r#""mid":2}"#, r#""from":2,"#, r#""to":2,"#] {
        // That they left is told, and what operators did.
        let stays = |line: &&str| line.starts_with("{\"audit\"") || line.starts_with("{\"tombstone\"");
        let found = lines.lines().filter(|line| !stays(line)).find(|line| line.contains(of_them));
        assert_eq!(found, None);
    }
    let ties = exported.iter().filter(|row| matches!(row, Row::Tie(_))).count();
    assert_eq!(ties, 1, "that from 1 to 3 is left");
    // Neither their mid nor the tagid of their group is given again.
    assert_eq!(exported.last(), Some(&Row::Next(Next { mid: 4, tagid: 2 })));
}

pub(crate) async fn versions_are_told_as_their_member_sees_them(store: impl Store) {
    let community = Community::of(store, 3).await;
    community.acts(&[(1, RelationAction::Follow, 2, 100), (1, RelationAction::Whisper, 3, 200)]).await;
    let [fans, followings] = community.versions(1).await;
    let exported = community.exported().await;
    assert!(exported.contains(&Row::Versions(Versions { mid: mid(1), fans, followings })));
    assert_eq!(exported.iter().filter(|row| matches!(row, Row::Versions(_))).count(), 3, "each has some");
}

pub(crate) async fn an_export_is_of_one_moment_while_writes_go_on(store: impl Store) {
    let community = Community::of(store.clone(), 3000).await;
    let (out, mut batches) = mpsc::channel(1);
    let exporting = tokio::spawn(async move { store.export(out).await });
    let mut told = batches.recv().await.expect("there is something");
    assert!(told.len() < 3000, "it comes in batches");
    community.acts(&[(1, RelationAction::Follow, 2, 100)]).await;
    assert_eq!(community.load(vec![card(3001)]).await.fault, None);
    while let Some(batch) = batches.recv().await {
        told.extend(batch);
    }
    read(exporting.await.expect("it does not panic"));
    assert!(!told.iter().any(|row| matches!(row, Row::Tie(_))), "what came later is not in it");
    assert_eq!(told.iter().filter(|row| matches!(row, Row::Card(_))).count(), 3000);
    assert!(community.exported().await.iter().any(|row| matches!(row, Row::Tie(_))));
}

pub(crate) async fn an_export_that_nobody_receives_ends(store: impl Store) {
    let community = Community::of(store.clone(), 3000).await;
    let (out, mut batches) = mpsc::channel(1);
    let exporting = tokio::spawn(async move { store.export(out).await });
    assert!(batches.recv().await.is_some());
    drop(batches);
    read(exporting.await.expect("it does not panic"));
    assert_eq!(community.run(relate(1, RelationAction::Follow, 2, 100)).await, Ok(()));
}
