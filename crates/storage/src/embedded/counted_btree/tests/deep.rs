//! Trees of several levels, with entries larger than a node, and with keys at their limits.

use super::super::tree::parse_node;
use super::*;

/// The number of levels above the leaves.
fn levels(nodes: &MemNodes) -> u8 {
    parse_node(&nodes.nodes[TREE.0]).unwrap().layout.level
}

/// Inserts entries in the given order, then removes them in random order, and compares the tree with a sorted map
/// meanwhile.
fn assert_grows_and_shrinks(entries: &[(EntryKey, Vec<u8>)], min_levels: u8) {
    let (mut nodes, mut model) = (MemNodes::default(), BTreeMap::new());
    for (key, value) in entries {
        TREE.insert(&mut nodes, *key, Some(value)).unwrap();
        model.insert(*key, value.clone());
    }
    assert_matches_model(&nodes, &model);
    assert!(levels(&nodes) >= min_levels, "{}", levels(&nodes));
    let mut left: Vec<EntryKey> = model.keys().copied().collect();
    let mut numbers = random_numbers(7);
    while !left.is_empty() {
        let at = usize::try_from(numbers.next().unwrap()).unwrap() % left.len();
        let key = left.swap_remove(at);
        assert!(TREE.remove(&mut nodes, key).unwrap(), "{key:?}");
        model.remove(&key);
        if left.len().is_multiple_of(1500) || left.len() < 5 {
            assert_matches_model(&nodes, &model);
        }
    }
    assert!(nodes.nodes.is_empty(), "an empty tree has no nodes");
}

#[test]
fn tree_of_several_levels_grows_and_shrinks() {
    let numbers: Vec<u64> = random_numbers(1).take(9000).collect();
    let entry = |at: usize, number: &u64| {
        (
            (u32::try_from(number % 3).unwrap(), u32::try_from(number % 5).unwrap(), *number),
            vec![7; 300 + at % 100],
        )
    };
    let random: Vec<(EntryKey, Vec<u8>)> =
        numbers.iter().enumerate().map(|(at, number)| entry(at, number)).collect();
    assert_grows_and_shrinks(&random, 3);
    let mut sorted = random;
    sorted.sort_unstable();
    assert_grows_and_shrinks(&sorted, 2);
    sorted.reverse();
    assert_grows_and_shrinks(&sorted, 3);
}

#[test]
fn entry_larger_than_node_is_stored() {
    let mut numbers = random_numbers(2);
    let mut entries = Vec::new();
    for at in 0..600usize {
        let number = numbers.next().unwrap() % 5000;
        let size = if at % 7 == 0 { 3 * NODE_MAX_BYTES } else { at % 90 };
        entries.push(((0, 0, number), vec![u8::try_from(at % 251).unwrap(); size]));
    }
    // Each value is replaced, a large one by a small one and a small one by a large one.
    let again = entries.iter().map(|(key, value)| {
        (*key, vec![3; if value.len() > NODE_MAX_BYTES { 2 } else { 2 * NODE_MAX_BYTES }])
    });
    let all: Vec<(EntryKey, Vec<u8>)> = entries.iter().cloned().chain(again).collect();
    assert_grows_and_shrinks(&all, 1);
}

#[test]
fn keys_at_their_limits_are_in_order() {
    let max_mid = (1 << 53) - 1;
    let mut entries = Vec::new();
    for primary in [0, 1, 255, 256, u32::MAX - 1, u32::MAX] {
        for mid in [1, 255, 256, 65_535, 65_536, max_mid - 1, max_mid, u64::MAX] {
            for secondary in [0, 255, 256, u32::MAX] {
                entries.push(((primary, secondary, mid), Vec::new()));
            }
        }
    }
    assert_grows_and_shrinks(&entries, 0);
    entries.reverse();
    assert_grows_and_shrinks(&entries, 0);
}

#[test]
fn narrow_node_widens_and_keeps_its_entries() {
    let narrow = (1..=1200u64).map(|mid| ((0, 0, mid), Vec::new()));
    let wide = (0..40u32).map(|at| ((u32::MAX - at, u32::MAX - at, u64::MAX - u64::from(at)), Vec::new()));
    let entries: Vec<(EntryKey, Vec<u8>)> = narrow.chain(wide).collect();
    assert_grows_and_shrinks(&entries, 1);
}
