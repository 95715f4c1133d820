mod deep;

use super::fuzzing::{MemNodes, assert_matches_model};
use super::node::NodeMut;
use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const TREE: CountedBTree<'_> = CountedBTree(b"tree");

/// A reproducible sequence of random numbers.
fn random_numbers(seed: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(seed.wrapping_mul(2).wrapping_add(1)), |last| {
        Some(last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    })
    .map(|number| number >> 20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn tree_equals_sorted_map(
        seed: u64,
        has_values: bool,
        many in 1..4000usize,
        left in 0..60usize,
        ascending: bool,
    ) {
        let (mut nodes, mut model) = (MemNodes::default(), BTreeMap::new());
        let mut numbers = random_numbers(seed);
        for at in 0..many {
            let primary = if ascending { at as u64 } else { numbers.next().unwrap() % 5000 };
            let secondary = u32::try_from(numbers.next().unwrap() % (1 + at as u64 / 9)).unwrap();
            let key = (u32::try_from(primary).unwrap(), secondary, numbers.next().unwrap() >> (at % 40));
            let value = if has_values { vec![7; (key.2 % 30) as usize] } else { Vec::new() };
            let is_new = TREE.insert(&mut nodes, key, has_values.then_some(&value)).unwrap();
            prop_assert_eq!(is_new, model.insert(key, value).is_none());
        }
        assert_matches_model(&nodes, &model);
        while model.len() > left {
            let at = usize::try_from(numbers.next().unwrap()).unwrap() % model.len();
            let key = *model.keys().nth(at).unwrap();
            model.remove(&key);
            prop_assert!(TREE.remove(&mut nodes, key).unwrap());
            prop_assert!(!TREE.remove(&mut nodes, key).unwrap());
        }
        assert_matches_model(&nodes, &model);
        // The rest is packed about as well as if the removed entries had never existed.
        prop_assert!(nodes.nodes.len() <= 1 + left / 4);
    }

    #[test]
    fn bulk_built_tree_equals_sorted_map(many in 0..3000u32, has_values: bool) {
        let value = || if has_values { vec![1, 2] } else { vec![] };
        let model: BTreeMap<EntryKey, Vec<u8>> =
            (0..many).map(|at| ((at / 4, at % 4 / 2, u64::from(at) * 7), value())).collect();
        let built =
            TREE.bulk_build(model.iter().map(|(key, value)| (*key, has_values.then_some(value.as_slice()))));
        prop_assert!(built.is_sorted_by(|a, b| a.0 < b.0));
        let nodes = MemNodes { nodes: built.into_iter().collect(), ..MemNodes::default() };
        assert_matches_model(&nodes, &model);
    }

    #[test]
    fn arbitrary_root_is_read_without_panic(bytes: Vec<u8>, key: EntryKey) {
        let mut nodes = MemNodes { nodes: [(TREE.0.to_vec(), bytes)].into(), ..MemNodes::default() };
        let _ = (TREE.len(&nodes), TREE.get(&nodes, key));
        let _ = (TREE.range_by_rank(&nodes, 3..50), TREE.verify(&nodes));
        let _ = TREE.remove(&mut nodes, key);
        let _ = TREE.insert(&mut nodes, key, None);
    }
}

#[test]
fn corrupt_tree_with_shared_nodes_is_walked_once() {
    // Each node of fifteen levels, the maximum, names the one below it a hundred times: 100^15 paths lead down.
    let mut nodes = MemNodes::default();
    let mut leaf = NodeMut::leaf(false);
    leaf.push((0, 0, 7), &[]);
    nodes.put_node(&TREE.node_key(0, (0, 0, 7)), &leaf.to_bytes());
    for level in 1..=15 {
        let mut node = NodeMut::inner(level);
        (0..100).for_each(|_| node.push((0, 0, 7), &[0, 0, 0, 1]));
        let key = if level == 15 { TREE.0.to_vec() } else { TREE.node_key(level, (0, 0, 7)) };
        nodes.put_node(&key, &node.to_bytes());
    }
    assert_eq!(TREE.verify(&nodes).unwrap().violation.as_deref(), Some("is out of order"));
    assert!(TREE.for_each(&nodes, &mut |_, _| Ok(false)).is_err());
    assert!(nodes.reads.get() <= 2 * nodes.nodes.len(), "{}", nodes.reads.get());
}

#[test]
fn entry_of_long_list_takes_at_most_nine_bytes() {
    let mut nodes = MemNodes::default();
    for at in 0..100_000u32 {
        TREE.insert(&mut nodes, (1_600_000_000 + at, 0, u64::from(at.reverse_bits())), None).unwrap();
    }
    let bytes: usize = nodes.nodes.iter().map(|(key, value)| key.len() + value.len()).sum();
    assert!(bytes < 100_000 * 9, "{bytes}");
}
