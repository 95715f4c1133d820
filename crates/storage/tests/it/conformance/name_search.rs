//! The search of members by name: part of the name, pinyin, order, pages and bounds.

use crate::community::{Community, WHOLE_LIST, expect_read, mid};
use crate::members::{NOW, member_with_phone};
use guanxi_domain::paging::PageWindow;
use guanxi_storage::commands::operator::{MemberPatch, UpdateMember};
use guanxi_storage::model::{Card, Official, OfficialKind};
use guanxi_storage::name_search::{FoundPage, NameQuery};
use guanxi_storage::{Row, Store};
use guanxi_types::RelationAction;
use serde_json::json;
use std::sync::Arc;

/// A number of index entries that no test reaches.
const ENTRIES: usize = 1_000;

async fn find<S: Store>(store: &S, text: &str, viewer: Option<u64>) -> FoundPage {
    expect_read(store.find_members(NameQuery::new(text, viewer.map(mid), ENTRIES, WHOLE_LIST)).await)
}

/// Returns the found members, best matches first.
async fn found<S: Store>(store: &S, text: &str) -> Vec<u64> {
    mids(&find(store, text, None).await)
}

fn mids(page: &FoundPage) -> Vec<u64> {
    let entries: Vec<u64> = page.entries.iter().map(|entry| entry.mid.get()).collect();
    let cards: Vec<u64> = page.cards.iter().map(|card| card.mid.get()).collect();
    assert_eq!(entries, cards);
    entries
}

fn named(number: u64, uname: &str, verified: OfficialKind) -> Row {
    let official = Official { verified, ..Official::default() };
    Row::Card(Box::new(Card { uname: uname.to_owned(), official, ..Card::new(mid(number)) }))
}

/// Creates members with names, numbered from 1. A name with `!` is of a verified member.
async fn with_names<S: Store>(store: S, names: &[&str]) -> Community<S> {
    let community = Community::new(store);
    let row = |(name, number): (&&str, u64)| match name.strip_suffix('!') {
        Some(name) => named(number, name, OfficialKind::Person),
        None => named(number, name, OfficialKind::None),
    };
    assert_eq!(community.import(names.iter().zip(1..).map(row).collect()).await.error, None);
    community
}

pub(crate) async fn member_is_found_by_part_of_name_and_pinyin(store: impl Store) {
    let community = with_names(store, &["陈睿", "Bob Lee", "大海陈", "单田芳", "étude"]).await;
    for (text, expected) in [
        ("陈", &[1, 3][..]),
        (" 睿 ", &[1]),
        ("CR", &[1]),
        ("chenrui", &[1]),
        ("chen r", &[1]),
        ("c", &[4, 1, 3]),
        ("dh", &[3]),
        ("stf", &[4]),
        ("dtf", &[4]),
        ("shantian", &[4]),
        ("BOB  l", &[2]),
        ("lee", &[2]),
        ("ＬＥＥ", &[2]),
        ("E\u{301}TUDE", &[5]),
        ("海睿", &[]),
        ("", &[]),
        ("\0", &[]),
        ("\u{10ffff}", &[]),
        ("%", &[]),
    ] {
        assert_eq!(found(&community.store, text).await, expected, "{text:?}");
    }
}

pub(crate) async fn found_members_have_an_order(store: impl Store) {
    let names = ["小李", "李二", "李", "李三!", "李四", "李五", "蓝", "l", "李六"];
    let community = with_names(store, &names).await;
    // The exact name, the verified one, others by name, then those with the text inside.
    let by_code_point = [3, 4, 2, 5, 6, 9, 1];
    let mut expected = by_code_point.to_vec();
    expected[2..6].sort_by_key(|number| names[usize::try_from(*number - 1).expect("a small number")]);
    assert_eq!(found(&community.store, "李").await, expected);
    // Names in letters come before pinyin.
    let by_initial = found(&community.store, "l").await;
    assert_eq!((by_initial[0], by_initial[by_initial.len() - 1]), (8, 1), "{by_initial:?}");
    assert_eq!(by_initial.len(), names.len());

    // The viewer follows 6 and blocks 4.
    let actions = [(2, RelationAction::Follow, 6, 100), (2, RelationAction::Block, 4, 100)];
    community.relate_all(&actions).await;
    let page = find(&community.store, "李", Some(2)).await;
    let own = mids(&page);
    assert_eq!((own[0], own[1], own[5], own[6]), (3, 6, 4, 1), "{own:?}");
    let attributes: Vec<u8> = page.entries.iter().map(|entry| entry.attribute).collect();
    assert_eq!((attributes[1], attributes[5]), (2, 128));
    // A member who blocks the viewer is found as by everybody: blocks are private (D13).
    assert_eq!(mids(&find(&community.store, "李", Some(4)).await)[1], 4);
}

pub(crate) async fn found_members_are_paged_and_bounded(store: impl Store) {
    let names: Vec<String> = (0..30).map(|number| format!("aaaa{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let community = with_names(store, &names).await;
    let all = find(&community.store, "a", None).await;
    assert_eq!((all.total, all.is_complete, mids(&all)), (30, true, (1..=30).collect()));
    let page = async |offset, limit, max_entries| {
        let query = NameQuery::new("a", None, max_entries, PageWindow { offset, limit });
        expect_read(community.store.find_members(query).await)
    };
    for offset in [0, 7, 29] {
        let part = page(offset, 5, ENTRIES).await;
        let expected: Vec<u64> = (offset + 1..=(offset + 5).min(30)).collect();
        assert_eq!((mids(&part), part.total), (expected, 30));
    }
    assert_eq!(mids(&page(30, 5, ENTRIES).await), [0; 0]);
    // Each name has one entry that begins it, and three inside.
    let bounded = page(0, 50, 20).await;
    assert_eq!((mids(&bounded), bounded.total, bounded.is_complete), ((1..=20).collect(), 20, false));
    assert_eq!(page(0, 50, 31).await.total, 30);
}

pub(crate) async fn renamed_member_is_found_by_the_new_name(store: impl Store) {
    let community = Community::new(store);
    let me = community.sign_up(member_with_phone("陈睿", "15312345056"), 1).await.expect("a new member");
    assert_eq!(found(&community.store, "陈").await, [me]);
    for (card, text, expected) in [
        (json!({"uname": "王睿"}), "陈", &[][..]),
        (json!({"sign": "新签名"}), "w", &[me]),
        (json!({"official": {"verified": "person"}}), "wr", &[me]),
        (json!({"uname": ""}), "睿", &[]),
    ] {
        let card = card.as_object().expect("an object").clone();
        let patch = MemberPatch { card, ..MemberPatch::default() };
        // A member cannot lose the name.
        let cipher = Arc::clone(&community.cipher);
        let result = community.run_as_operator(UpdateMember { mid: mid(me), patch, cipher }).await;
        assert_eq!(result.is_ok(), text != "睿", "{text}");
        let expected = if text == "睿" { &[me] } else { expected };
        assert_eq!(found(&community.store, text).await, expected, "{text}");
        assert!(expect_read(community.store.check_integrity().await).is_clean());
    }
}

pub(crate) async fn deleted_member_is_not_found(store: impl Store) {
    let community = with_names(store, &["陈睿", "陈"]).await;
    assert_eq!(found(&community.store, "陈").await, [2, 1]);
    community.delete_member(1).await;
    for text in ["睿", "cr", "账号", "1"] {
        assert_eq!(found(&community.store, text).await, [0; 0], "{text}");
    }
    assert!(expect_read(community.store.check_integrity().await).is_clean());
    community.run_all_due_tasks(NOW).await;
    assert_eq!(found(&community.store, "陈").await, [2]);
}

pub(crate) async fn mid_finds_its_member_first(store: impl Store) {
    let community = with_names(store, &["3a", "x3", "甲"]).await;
    assert_eq!(found(&community.store, " 3 ").await, [3, 1, 2]);
    assert_eq!(found(&community.store, "99").await, [0; 0]);
}
