//! Lists of several nodes: missing, corrupt, miscounted and misplaced nodes are reported.

use super::btree_leaf::{EntryKey, GRAPH, followers_key, node_key, relations_key};
use super::{assert_violations, open_table, put, remove, report, value_of};
use crate::community::{Community, card, mid};
use crate::fixtures::relation;
use crate::tempdir;
use guanxi_domain::relation::RelationKind;
use guanxi_storage::Store;
use guanxi_storage::key::Key;
use std::path::Path;
use tempfile::TempDir;

/// The number of members who follow member 1, who follows them too. Their followers fill three leaves.
const OTHERS: u64 = 700;
/// The length of an entry in such a leaf: a byte of the mtime, and two of the mid.
const LEAF_ENTRY: usize = 3;
/// The length of an entry in the node above: such a key, and the number of entries below.
const INNER_ENTRY: usize = LEAF_ENTRY + 4;
const HEAD_LEN: usize = 2;

/// A description, the key of a node, and its new value.
type Damage<'d> = (&'d str, &'d [u8], Option<&'d [u8]>);

/// A closed store in which member 1 and all others follow each other.
async fn filled() -> TempDir {
    let (home, store) = tempdir::new_store();
    let community = Community::new(store);
    let cards = (1..=OTHERS + 1).map(card);
    let join_seqs = 0u32..;
    let relations = (2..=OTHERS + 1).zip(join_seqs).flat_map(|(other, join_seq)| {
        let follower = relation(other, RelationKind::Follow, 1, 100, &[(0, 0)]);
        [relation(1, RelationKind::Follow, other, 100, &[(0, join_seq)]), follower]
    });
    let result = community.import(cards.chain(relations).collect()).await;
    assert_eq!(result.error, None);
    home
}

/// The nodes of a list with their keys: the root first, then the leaves in order.
fn nodes(home: &Path, list: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    open_table(home, Some(GRAPH), |db, txn| {
        let nodes = db.prefix_iter(txn, list)?;
        nodes.map(|node| node.map(|(key, node)| (key.to_vec(), value_of(node).to_vec()))).collect()
    })
}

/// The nodes of the followers of member 1.
fn follower_nodes(home: &Path) -> [(Vec<u8>, Vec<u8>); 4] {
    let nodes: [_; 4] = nodes(home, &followers_key(1)).try_into().expect("a root and three leaves");
    assert_eq!(nodes[0].1[..HEAD_LEN], [1, 0x12], "a node above leaves, with keys of one byte and two");
    assert_eq!(nodes[1].1[..HEAD_LEN], [0, 0x12], "a leaf with such keys");
    let remainders = (nodes[0].1.len() - HEAD_LEN) % INNER_ENTRY + (nodes[1].1.len() - HEAD_LEN) % LEAF_ENTRY;
    assert_eq!(remainders, 0);
    nodes
}

#[tokio::test]
async fn long_lists_are_clean() {
    let home = filled().await;
    let count = nodes(home.path(), &relations_key(1)).len();
    assert!(count > 4, "relations have values, so they need more leaves: {count}");
    assert_eq!(follower_nodes(home.path()).len(), 4);
    let report = report(home.path()).await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.follows, 2 * OTHERS);
}

#[tokio::test]
async fn wrong_count_in_inner_node_is_reported() {
    let home = filled().await;
    let [(key, mut root), (_, first), ..] = follower_nodes(home.path());
    let count = u32::try_from((first.len() - HEAD_LEN) / LEAF_ENTRY).unwrap();
    assert_eq!(root[HEAD_LEN + LEAF_ENTRY..][..4], count.to_be_bytes());
    root[HEAD_LEN + LEAF_ENTRY..][..4].copy_from_slice(&(count + 1).to_be_bytes());
    put(home.path(), GRAPH, &key, &root);
    let violation = format!("list Followers of 1 counts {} entries where there are {count}", count + 1);
    assert_violations(home.path(), &[&violation]).await;
}

#[tokio::test]
async fn unreachable_node_is_reported() {
    for (list, key) in
        [(followers_key(1), (100, 0, 77)), (followers_key(9), (0, 0, 0)), (relations_key(1), (0, 0, 77))]
    {
        let home = filled().await;
        let [_, (_, leaf), ..] = follower_nodes(home.path());
        put(home.path(), GRAPH, &node_key(&list, 0, key), &leaf);
        let values: u64 = open_table(home.path(), Some(GRAPH), |db, txn| db.len(txn));
        let violation = format!("graph has {values} values, of which {} are reachable", values - 1);
        assert_violations(home.path(), &[&violation]).await;
    }
}

#[tokio::test]
async fn value_under_unknown_key_is_reported() {
    for key in [vec![7], mid(1).bytes(), (mid(1), 6u8).bytes(), (mid(1), (2u8, 3u8)).bytes(), vec![0; 9]] {
        let home = filled().await;
        put(home.path(), GRAPH, &key, &[]);
        let report = report(home.path()).await;
        assert_eq!(report.violation_count, 1, "{key:?}: {report}");
        assert!(report.violations[0].to_string().ends_with("are reachable"), "{report}");
    }
}

#[tokio::test]
async fn entries_out_of_order_are_reported() {
    let home = filled().await;
    let [_, _, (key, mut leaf), _] = follower_nodes(home.path());
    let (one, other) = leaf[HEAD_LEN + LEAF_ENTRY..].split_at_mut(LEAF_ENTRY);
    one.swap_with_slice(&mut other[..LEAF_ENTRY]);
    put(home.path(), GRAPH, &key, &leaf);
    let report = report(home.path()).await;
    assert_eq!(report.violations[0].to_string(), "list Followers of 1 is out of order");
}

#[tokio::test]
async fn entry_outside_key_range_of_node_is_reported() {
    let home = filled().await;
    let relations = nodes(home.path(), &relations_key(1));
    let (key, leaf) = &relations[5];
    assert_eq!(leaf[..HEAD_LEN], [128, 0x02], "a leaf with keys of two bytes, and with values");
    // The root claims that the leaf begins with its second member, so its first entry is never found.
    let first = u64::from(leaf[HEAD_LEN]) << 8 | u64::from(leaf[HEAD_LEN + 1]);
    assert_eq!(*key, node_key(&relations_key(1), 0, (0, 0, first)));
    let mut root = relations[0].1.clone();
    assert_eq!(root[..HEAD_LEN], [1, 0x02], "a node above leaves, with such keys");
    let fifth = HEAD_LEN + 4 * (2 + 4);
    assert_eq!(root[fifth..][..2], first.to_be_bytes()[6..]);
    root[fifth..][..2].copy_from_slice(&(first + 1).to_be_bytes()[6..]);
    put(home.path(), GRAPH, &relations[0].0, &root);
    remove(home.path(), GRAPH, key);
    let moved: EntryKey = (0, 0, first + 1);
    put(home.path(), GRAPH, &node_key(&relations_key(1), 0, moved), leaf);

    // A query for the pair finds no outgoing relation, though the other member has an incoming one.
    let store = tempdir::reopen(home.path());
    assert_eq!(store.relation_pair(mid(1), mid(first)).await.unwrap().unwrap().outgoing, None);
    drop(store);
    let report = report(home.path()).await;
    assert!(!report.is_clean(), "{report}");
    assert_eq!(
        report.violations[0].to_string(),
        "list Relations of 1 has an entry outside the key range of its node"
    );
}

#[tokio::test]
async fn missing_or_corrupt_node_is_reported_without_panic() {
    let home = filled().await;
    let [(root_key, root), (key, leaf), (_, other), _] = follower_nodes(home.path());
    let inner = [&[1], &leaf[1..]].concat();
    let cases: [Damage<'_>; 6] = [
        ("a leaf is missing", &key, None),
        ("a leaf is truncated", &key, Some(&leaf[..leaf.len() - 1])),
        ("a leaf has one byte", &key, Some(&leaf[..1])),
        ("a leaf claims to be an inner node", &key, Some(&inner)),
        ("a root is truncated", &root_key, Some(&root[..root.len() - 1])),
        ("keys are wider than the maximum", &key, Some(&[0, 0x5f, 1, 2, 3])),
    ];
    for (case, key, damaged) in cases {
        match damaged {
            Some(bytes) => put(home.path(), GRAPH, key, bytes),
            None => remove(home.path(), GRAPH, key),
        }
        let text = report(home.path()).await.to_string();
        let expected = "violation: row of graph cannot be read (member 1, key 03): a list is corrupted: ";
        assert!(text.starts_with(expected), "{case}: {text}");
        put(home.path(), GRAPH, key, if key == root_key { &root } else { &leaf });
    }
    assert!(report(home.path()).await.is_clean(), "everything is restored");
    put(home.path(), GRAPH, &key, &other);
    assert!(!report(home.path()).await.is_clean(), "a leaf in the place of another is reported");
}
