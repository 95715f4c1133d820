mod deep;

use super::fuzzing::{Map, agrees};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const ROLL: Roll<'_> = Roll(b"roll");

/// Random numbers that repeat.
fn drawn(seed: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(seed.wrapping_mul(2).wrapping_add(1)), |last| {
        Some(last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    })
    .map(|number| number >> 20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn it_is_a_sorted_map(seed: u64, loaded: bool, many in 1..4000usize, left in 0..60usize, growing: bool) {
        let (mut map, mut model) = (Map::default(), BTreeMap::new());
        let mut numbers = drawn(seed);
        for at in 0..many {
            let number = if growing { at as u64 } else { numbers.next().unwrap() % 5000 };
            let place = u32::try_from(numbers.next().unwrap() % (1 + at as u64 / 9)).unwrap();
            let item = (u32::try_from(number).unwrap(), place, numbers.next().unwrap() >> (at % 40));
            let load = if loaded { vec![7; (item.2 % 30) as usize] } else { Vec::new() };
            let is_new = ROLL.put(&mut map, item, loaded.then_some(&load)).unwrap();
            prop_assert_eq!(is_new, model.insert(item, load).is_none());
        }
        agrees(&map, &model);
        while model.len() > left {
            let at = usize::try_from(numbers.next().unwrap()).unwrap() % model.len();
            let item = *model.keys().nth(at).unwrap();
            model.remove(&item);
            prop_assert!(ROLL.take(&mut map, item).unwrap());
            prop_assert!(!ROLL.take(&mut map, item).unwrap());
        }
        agrees(&map, &model);
        // What is left is packed about as if nothing had ever been taken away.
        prop_assert!(map.nodes.len() <= 1 + left / 4);
    }

    #[test]
    fn one_that_is_made_at_once_is_the_same(many in 0..3000u32, loaded: bool) {
        let model: BTreeMap<Item, Vec<u8>> =
            (0..many).map(|at| ((at / 4, at % 4 / 2, u64::from(at) * 7), if loaded { vec![1, 2] } else { vec![] })).collect();
        let made = ROLL.made(model.iter().map(|(item, load)| (*item, loaded.then_some(load.as_slice()))));
        prop_assert!(made.is_sorted_by(|a, b| a.0 < b.0));
        agrees(&Map { nodes: made.into_iter().collect(), ..Map::default() }, &model);
    }

    #[test]
    fn damaged_bytes_are_a_fault_and_no_panic(bytes: Vec<u8>, item: Item) {
        let map = Map { nodes: [(ROLL.0.to_vec(), bytes)].into(), ..Map::default() };
        let _ = (ROLL.total(&map), ROLL.find(&map, item), ROLL.stretch(&map, 3..50), ROLL.check(&map));
        let mut map = map;
        let _ = ROLL.take(&mut map, item);
        let _ = ROLL.put(&mut map, item, None);
    }
}

#[test]
fn damaged_tree_that_shares_nodes_is_walked_once() {
    // Each node of fifteen levels, the most there can be, names the one below it a hundred times: 100^15 ways lead down.
    let mut map = Map::default();
    let mut leaf = NodeBuf::leaf(false);
    leaf.push((0, 0, 7), &[]);
    map.keep(&ROLL.key(0, (0, 0, 7)), &leaf.bytes());
    for level in 1..=15 {
        let mut node = NodeBuf::over(level);
        (0..100).for_each(|_| node.push((0, 0, 7), &[0, 0, 0, 1]));
        let key = if level == 15 { ROLL.0.to_vec() } else { ROLL.key(level, (0, 0, 7)) };
        map.keep(&key, &node.bytes());
    }
    assert_eq!(ROLL.check(&map).unwrap().wrong.as_deref(), Some("is out of order"));
    assert!(ROLL.each(&map, &mut |_, _| Ok(false)).is_err());
    assert!(map.looks.get() <= 2 * map.nodes.len(), "{}", map.looks.get());
}

#[test]
fn a_tie_of_a_long_list_takes_little() {
    let mut map = Map::default();
    for at in 0..100_000u32 {
        ROLL.put(&mut map, (1_600_000_000 + at, 0, u64::from(at.reverse_bits())), None).unwrap();
    }
    let bytes: usize = map.nodes.iter().map(|(key, value)| key.len() + value.len()).sum();
    assert!(bytes < 100_000 * 9, "{bytes}");
}
