//! Properties of nodes, and of the trees that they form.

use super::node::{EntryKey, MIN_KEY, NodeMut, NodeRef};
use super::{CountedBTree, NodeRead, NodeWrite, TreeReport};
use crate::StorageError;
use arbitrary::{Result, Unstructured};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Parses arbitrary bytes as a node, and changes it.
///
/// # Panics
///
/// If a property does not hold.
pub fn btree_node(data: &[u8]) {
    let Some(node) = NodeRef::parse(data) else { return };
    let entries: Vec<(EntryKey, &[u8])> = node.entries().map(|entry| (entry.key, entry.value)).collect();
    assert!(entries.len() <= data.len());
    assert_eq!(node.len(), entries.len());
    let keys: Vec<EntryKey> = entries.iter().map(|(key, _)| *key).collect();
    for range in [0..usize::MAX, 1..3, keys.len() / 2..keys.len(), keys.len()..usize::MAX] {
        let expected = keys.iter().skip(range.start).take(range.len()).copied();
        assert!(node.keys(range).eq(expected));
    }
    let is_valid = node.is_complete() && keys.is_sorted_by(|a, b| a < b);
    for (key, value) in &entries {
        let found = node.search(*key);
        let child = node.child_for(*key);
        if is_valid {
            assert_eq!(found.expect("the entry exists").value, *value);
            assert_eq!(child.expect("the entry exists").key, *key);
        }
    }
    let copy = NodeMut::from(node);
    assert_eq!(copy.to_bytes(), data);
    change_node(copy, &entries, is_valid);
}

/// Changes a node. Entries that were in order are in order afterwards.
fn change_node(mut node: NodeMut, entries: &[(EntryKey, &[u8])], is_valid: bool) {
    let new = (7, 3, 0x1_0000_0001);
    let value: &[u8] = if node.layout.level > 0 { &[0, 0, 0, 9] } else { &[] };
    let is_new = node.insert(new, value);
    let found = node.as_node().search(new).ok().map(|entry| entry.value.to_vec());
    let existed = entries.iter().any(|(key, _)| *key == new);
    if is_valid {
        assert_eq!(is_new, !existed);
        assert_eq!(found.as_deref(), Some(value));
        assert!(NodeRef::parse(&node.to_bytes()).is_some_and(NodeRef::is_complete));
    }
    let mut left = node.clone();
    let right = left.split(entries.first().map_or(new, |(key, _)| *key));
    assert!(left.size() + right.size() <= 2 * node.size());
    left.append(right.as_node());
    let removed = node.remove(new);
    if is_valid {
        assert!(removed && node.as_node().search(new).is_err());
        let remaining = node.as_node().entries().map(|entry| (entry.key, entry.value));
        assert!(remaining.eq(entries.iter().copied().filter(|(key, _)| *key != new)));
    }
}

/// Nodes in memory, with a count of reads.
#[derive(Debug, Default)]
pub(super) struct MemNodes {
    pub(super) nodes: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(super) reads: Cell<usize>,
}

impl NodeRead for MemNodes {
    fn get_node(&self, key: &[u8]) -> std::result::Result<Option<&[u8]>, StorageError> {
        self.reads.set(self.reads.get() + 1);
        Ok(self.nodes.get(key).map(Vec::as_slice))
    }
}

impl NodeWrite for MemNodes {
    fn put_node(&mut self, key: &[u8], value: &[u8]) {
        self.nodes.insert(key.to_vec(), value.to_vec());
    }

    fn delete_node(&mut self, key: &[u8]) {
        self.nodes.remove(key);
    }
}

const TREE: CountedBTree<'_> = CountedBTree(b"tree");
const MAX_KEY: EntryKey = (u32::MAX, u32::MAX, u64::MAX);
/// The largest number of entries that one input may create.
const MAX_ENTRIES: usize = 2000;

/// Compares arbitrary insertions and removals with a sorted map, then corrupts the nodes.
///
/// # Panics
///
/// If a property does not hold.
pub fn btree(data: &[u8]) {
    let _ = change_and_corrupt(&mut Unstructured::new(data));
}

fn change_and_corrupt(input: &mut Unstructured<'_>) -> Result<()> {
    let (has_values, corruptions): (bool, u8) = input.arbitrary()?;
    let corruptions: Vec<Corruption> =
        (0..corruptions % 8).map(|_| input.arbitrary()).collect::<Result<_>>()?;
    let (mut nodes, mut model) = (MemNodes::default(), BTreeMap::new());
    while !input.is_empty() && model.len() < MAX_ENTRIES {
        change_entries(&mut nodes, &mut model, input, has_values)?;
    }
    assert_matches_model(&nodes, &model);
    for corruption in &corruptions {
        corrupt_node(&mut nodes, *corruption);
    }
    assert_bounded_when_corrupt(nodes, corruptions.is_empty(), &model);
    Ok(())
}

/// Inserts or removes a run of keys with a constant step.
fn change_entries(
    nodes: &mut MemNodes,
    model: &mut BTreeMap<EntryKey, Vec<u8>>,
    input: &mut Unstructured<'_>,
    has_values: bool,
) -> Result<()> {
    let (operation, count, step): (u8, u8, u8) = input.arbitrary()?;
    let (primary, mid): (u16, u64) = (input.arbitrary()?, input.arbitrary()?);
    for at in 0..u32::from(count) {
        let key = (
            (u32::from(primary) << (operation >> 4)).wrapping_add(at * u32::from(step)),
            u32::from(operation >> 1 & 1) * (at % 3),
            (mid >> (operation >> 2 & 0x3c)).wrapping_add(u64::from(at)),
        );
        if operation & 1 == 0 {
            let value = vec![step; if has_values { usize::from(step) * 2 } else { 0 }];
            let is_new = TREE.insert(nodes, key, has_values.then_some(&value)).expect("the tree is valid");
            assert_eq!(is_new, model.insert(key, value).is_none());
        } else {
            let existed = TREE.remove(nodes, key).expect("the tree is valid");
            assert_eq!(existed, model.remove(&key).is_some());
        }
    }
    Ok(())
}

/// Asserts that every read of a tree returns the entries of a sorted map.
pub(super) fn assert_matches_model(nodes: &MemNodes, model: &BTreeMap<EntryKey, Vec<u8>>) {
    let keys: Vec<EntryKey> = model.keys().copied().collect();
    assert_eq!(TREE.len(nodes).expect("the tree is valid") as usize, keys.len());
    assert_eq!(TREE.range_by_rank(nodes, 0..usize::MAX).expect("the tree is valid"), keys);
    for from in [1, keys.len() / 3, keys.len().saturating_sub(5)] {
        let to = (from + 50).min(keys.len());
        let expected = keys.get(from..to).unwrap_or_default();
        assert_eq!(TREE.range_by_rank(nodes, from..to.max(from)).expect("the tree is valid"), expected);
    }
    for (key, value) in model {
        assert_eq!(TREE.get(nodes, *key).expect("the tree is valid"), Some(value.as_slice()), "{key:?}");
    }
    // Every third key, and a neighbour of each.
    let with_neighbour = |key: &EntryKey| [*key, (key.0, key.1, key.2.saturating_add(1))];
    let mut queried: Vec<EntryKey> = keys.iter().step_by(3).flat_map(with_neighbour).collect();
    queried.extend([MIN_KEY, MAX_KEY]);
    queried.sort_unstable();
    let mut found = Vec::new();
    TREE.get_many(nodes, &queried, &mut |key, value| {
        found.push((key, value.to_vec()));
        Ok(())
    })
    .expect("the tree is valid");
    for key in &queried {
        let last = model.range(..=*key).next_back().map(|(last, _)| *last);
        assert_eq!(TREE.last_up_to(nodes, *key).expect("the tree is valid"), last, "up to {key:?}");
    }
    queried.dedup();
    let expected = queried.iter().filter_map(|key| Some((*key, model.get(key)?.clone())));
    assert_eq!(found, expected.collect::<Vec<_>>());
    let TreeReport { entries, nodes: count, violation } = TREE.verify(nodes).expect("the tree is valid");
    assert_eq!(violation, None);
    assert_eq!((entries, count), (keys.len() as u64, nodes.nodes.len() as u64));
}

/// The number of a node, a position in it, and the change.
type Corruption = (u8, u16, u8);

fn corrupt_node(nodes: &mut MemNodes, (number, position, change): Corruption) {
    let count = nodes.nodes.len();
    let Some(key) = nodes.nodes.keys().nth(usize::from(number) % count.max(1)).cloned() else { return };
    let other = nodes.nodes.values().nth(usize::from(position) % count).cloned();
    let Some(node) = nodes.nodes.get_mut(&key) else { return };
    match change {
        0 => drop(nodes.nodes.remove(&key)),
        1 => node.truncate(usize::from(position) % node.len()),
        2 => node.extend(other.unwrap_or_default()),
        3 => *node = other.unwrap_or_default(),
        _ => {
            let position = usize::from(position) % node.len().max(1);
            if let Some(byte) = node.get_mut(position) {
                *byte ^= change;
            }
        }
    }
}

/// Asserts that an operation on a corrupt tree reads each node at most once. A tree without a reported violation is
/// in order, and each of its entries is found.
fn assert_bounded_when_corrupt(mut nodes: MemNodes, is_intact: bool, model: &BTreeMap<EntryKey, Vec<u8>>) {
    let max_reads = nodes.nodes.len() + 1;
    let assert_bounded = |nodes: &MemNodes, operation: &str| {
        assert!(nodes.reads.get() <= max_reads, "{operation}: {} reads of {max_reads}", nodes.reads.get());
    };
    nodes.reads.set(0);
    let verified = TREE.verify(&nodes);
    assert_bounded(&nodes, "verify");
    nodes.reads.set(0);
    let mut visited = Vec::new();
    let walk = TREE.for_each(&nodes, &mut |key, value: &[u8]| {
        visited.push((key, value.to_vec()));
        Ok(false)
    });
    assert_bounded(&nodes, "for_each");
    if let Ok(TreeReport { entries, violation: None, .. }) = &verified {
        assert!(walk.is_ok());
        assert_eq!(*entries, visited.len() as u64);
        assert!(visited.is_sorted_by(|a, b| a.0 < b.0));
        for (key, value) in &visited {
            assert_eq!(TREE.get(&nodes, *key).expect("verify found no error"), Some(value.as_slice()));
        }
        let keys: Vec<EntryKey> = visited.iter().map(|(key, _)| *key).collect();
        assert_eq!(TREE.range_by_rank(&nodes, 0..usize::MAX).expect("verify found no error"), keys);
    }
    assert!(!is_intact || visited.iter().map(|(key, value)| (key, value)).eq(model));
    let some = model.keys().nth(model.len() / 2).copied().unwrap_or((3, 3, 3));
    nodes.reads.set(0);
    let _ = (TREE.len(&nodes), TREE.get(&nodes, some), TREE.range_by_rank(&nodes, 3..50));
    let _ = TREE.range_by_rank(&nodes, 0..usize::MAX);
    let _ = TREE.get_many(&nodes, &[MIN_KEY, some, MAX_KEY], &mut |_, _| Ok(()));
    assert!(nodes.reads.get() <= 8 * max_reads + 512);
    let has_values = visited.iter().any(|(_, value)| !value.is_empty());
    let value = (!nodes.nodes.is_empty() && has_values).then_some(&[1, 2, 3][..]);
    for key in [some, MIN_KEY, MAX_KEY] {
        let _ = TREE.remove(&mut nodes, key);
        let _ = TREE.insert(&mut nodes, key, value);
    }
}
