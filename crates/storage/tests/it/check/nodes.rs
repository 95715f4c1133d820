//! Long rolls, of several nodes: each must be there, whole, counted, in order, and where it is looked for.

use super::leaf::{CHAIN, Item, fans_key, node_key, ties_key};
use super::{blames, home, put, reach_into, remove, report};
use crate::community::{Community, card, mid};
use crate::dumped::tie;
use guanxi_domain::tie::RelationKind;
use guanxi_storage::key::Key;
use guanxi_storage::{StorageError, Store};
use std::path::Path;
use tempfile::TempDir;

/// How many follow member 1, who follows as many: three leaves of fans, and some more of ties.
const OTHERS: u64 = 700;
/// How long an entry of such a leaf is: a byte of mtime, and two of the fan.
const FAN: usize = 3;
/// How long an entry of the node above is: such an item, and how many are below.
const BELOW: usize = FAN + 4;
const HEAD: usize = 2;

/// What is done to a node: in words, its key, and what is there then.
type Damage<'d> = (&'d str, &'d [u8], Option<&'d [u8]>);

/// Member 1 and all others follow each other; nobody has it open.
async fn filled() -> TempDir {
    let (home, store) = home::fresh();
    let community = Community::empty(store);
    let cards = (1..=OTHERS + 1).map(card);
    let turns = 0u32..;
    let ties = (2..=OTHERS + 1).zip(turns).flat_map(|(other, turn)| {
        let fan = tie(other, RelationKind::Follow, 1, 100, &[(0, 0)]);
        [tie(1, RelationKind::Follow, other, 100, &[(0, turn)]), fan]
    });
    let loaded = community.load(cards.chain(ties).collect()).await;
    assert_eq!(loaded.fault, None);
    home
}

/// The nodes of a roll: the root first, then the leaves in order.
fn nodes(home: &Path, roll: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    reach_into(home, Some(CHAIN), |db, txn| {
        db.prefix_iter(txn, roll)?.map(|node| node.map(|(key, node)| (key.to_vec(), node.to_vec()))).collect()
    })
}

/// The nodes of the fans of member 1.
fn fans(home: &Path) -> [(Vec<u8>, Vec<u8>); 4] {
    let fans: [_; 4] = nodes(home, &fans_key(1)).try_into().expect("a root and three leaves");
    assert_eq!(fans[0].1[..HEAD], [1, 0x12], "a node above leaves, of items of one byte and two");
    assert_eq!(fans[1].1[..HEAD], [0, 0x12], "a leaf of such items");
    assert_eq!((fans[0].1.len() - HEAD) % BELOW + (fans[1].1.len() - HEAD) % FAN, 0);
    fans
}

#[tokio::test]
async fn long_rolls_are_clean() {
    let home = filled().await;
    let many = nodes(home.path(), &ties_key(1)).len();
    assert!(many > 4, "ties carry something, so there are more leaves: {many}");
    assert_eq!(fans(home.path()).len(), 4);
    let report = report(home.path()).await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.follows, 2 * OTHERS);
}

#[tokio::test]
async fn a_count_that_is_wrong() {
    let home = filled().await;
    let [(key, mut root), (_, first), ..] = fans(home.path());
    let count = u32::try_from((first.len() - HEAD) / FAN).unwrap();
    assert_eq!(root[HEAD + FAN..][..4], count.to_be_bytes());
    root[HEAD + FAN..][..4].copy_from_slice(&(count + 1).to_be_bytes());
    put(home.path(), CHAIN, &key, &root);
    let wrong = format!("the list Fans of 1 counts {} entries where {count} are", count + 1);
    blames(home.path(), &[&wrong]).await;
}

#[tokio::test]
async fn a_node_that_no_list_knows() {
    for (roll, item) in [(fans_key(1), (100, 0, 77)), (fans_key(9), (0, 0, 0)), (ties_key(1), (0, 0, 77))] {
        let home = filled().await;
        let [_, (_, leaf), ..] = fans(home.path());
        put(home.path(), CHAIN, &node_key(&roll, 0, item), &leaf);
        let parts: u64 = reach_into(home.path(), Some(CHAIN), |db, txn| db.len(txn));
        let wrong = format!("there are {parts} parts of lists, and {} that a list knows", parts - 1);
        blames(home.path(), &[&wrong]).await;
    }
}

#[tokio::test]
async fn what_lies_under_no_members_key() {
    for key in [vec![7], mid(1).bytes(), (mid(1), 6u8).bytes(), (mid(1), (2u8, 3u8)).bytes(), vec![0; 9]] {
        let home = filled().await;
        put(home.path(), CHAIN, &key, &[]);
        let report = report(home.path()).await;
        assert_eq!(report.offences, 1, "{key:?}: {report}");
        assert!(report.offenders[0].ends_with("that a list knows"), "{report}");
    }
}

#[tokio::test]
async fn entries_that_are_out_of_order() {
    let home = filled().await;
    let [_, _, (key, mut leaf), _] = fans(home.path());
    let (one, other) = leaf[HEAD + FAN..].split_at_mut(FAN);
    one.swap_with_slice(&mut other[..FAN]);
    put(home.path(), CHAIN, &key, &leaf);
    let report = report(home.path()).await;
    assert_eq!(report.offenders[0], "the list Fans of 1 is out of order");
}

#[tokio::test]
async fn a_tie_where_nobody_looks_for_it() {
    let home = filled().await;
    let ties = nodes(home.path(), &ties_key(1));
    let (key, leaf) = &ties[5];
    assert_eq!(leaf[..HEAD], [128, 0x02], "a leaf of items of two bytes, each with what it carries");
    // It begins with one member, and is said to begin with the next: so the first of it is never found.
    let first = u64::from(leaf[HEAD]) << 8 | u64::from(leaf[HEAD + 1]);
    assert_eq!(*key, node_key(&ties_key(1), 0, (0, 0, first)));
    let mut root = ties[0].1.clone();
    assert_eq!(root[..HEAD], [1, 0x02], "a node above leaves, of such items");
    let fifth = HEAD + 4 * (2 + 4);
    assert_eq!(root[fifth..][..2], first.to_be_bytes()[6..]);
    root[fifth..][..2].copy_from_slice(&(first + 1).to_be_bytes()[6..]);
    put(home.path(), CHAIN, &ties[0].0, &root);
    remove(home.path(), CHAIN, key);
    let moved: Item = (0, 0, first + 1);
    put(home.path(), CHAIN, &node_key(&ties_key(1), 0, moved), leaf);

    // Who asks for that pair is told of a tie on one side only, and the other side has it mutual.
    let store = home::reopen(home.path());
    assert_eq!(store.pair(mid(1), mid(first)).await.unwrap().unwrap().outgoing, None);
    drop(store);
    let report = report(home.path()).await;
    assert!(!report.is_clean(), "{report}");
    assert_eq!(report.offenders[0], "the list Ties of 1 has an entry where nobody looks for it");
}

#[tokio::test]
async fn a_node_that_is_gone_or_damaged_is_a_fault_and_no_panic() {
    let home = filled().await;
    let [(root_key, root), (key, leaf), (_, other), _] = fans(home.path());
    let above = [&[1], &leaf[1..]].concat();
    let cases: [Damage<'_>; 6] = [
        ("a leaf is gone", &key, None),
        ("a leaf is cut short", &key, Some(&leaf[..leaf.len() - 1])),
        ("a leaf is one byte", &key, Some(&leaf[..1])),
        ("a leaf is none", &key, Some(&above)),
        ("a root is cut short", &root_key, Some(&root[..root.len() - 1])),
        ("items are wider than they get", &key, Some(&[0, 0x5f, 1, 2, 3])),
    ];
    for (what, key, damaged) in cases {
        match damaged {
            Some(bytes) => put(home.path(), CHAIN, key, bytes),
            None => remove(home.path(), CHAIN, key),
        }
        let checked = home::reopen(home.path()).check().await;
        assert!(matches!(checked, Err(StorageError::Corrupted("a list", _))), "{what}: {checked:?}");
        put(home.path(), CHAIN, key, if key == root_key { &root } else { &leaf });
    }
    assert!(report(home.path()).await.is_clean(), "it is as it was");
    put(home.path(), CHAIN, &key, &other);
    assert!(!report(home.path()).await.is_clean(), "a leaf that is another's is blamed");
}
