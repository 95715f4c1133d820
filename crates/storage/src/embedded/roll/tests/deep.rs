//! Rolls of several levels, of entries larger than a node, and of items at their limits.

use super::*;

/// How many levels are above the leaves.
fn levels(map: &Map) -> u8 {
    read(&map.nodes[ROLL.0]).unwrap().shape.level
}

/// Puts entries in some order, then takes them in another; compares on the way.
fn grows_and_shrinks(entries: &[(Item, Vec<u8>)], levels_at_least: u8) {
    let (mut map, mut model) = (Map::default(), BTreeMap::new());
    for (item, load) in entries {
        ROLL.put(&mut map, *item, Some(load)).unwrap();
        model.insert(*item, load.clone());
    }
    agrees(&map, &model);
    assert!(levels(&map) >= levels_at_least, "{}", levels(&map));
    let mut left: Vec<Item> = model.keys().copied().collect();
    let mut numbers = drawn(7);
    while !left.is_empty() {
        let at = usize::try_from(numbers.next().unwrap()).unwrap() % left.len();
        let item = left.swap_remove(at);
        assert!(ROLL.take(&mut map, item).unwrap(), "{item:?}");
        model.remove(&item);
        if left.len().is_multiple_of(1500) || left.len() < 5 {
            agrees(&map, &model);
        }
    }
    assert!(map.nodes.is_empty(), "nothing is left of it");
}

#[test]
fn a_tree_of_any_depth_grows_and_shrinks() {
    let numbers: Vec<u64> = drawn(1).take(9000).collect();
    let entry = |at: usize, number: &u64| {
        (
            (u32::try_from(number % 3).unwrap(), u32::try_from(number % 5).unwrap(), *number),
            vec![7; 300 + at % 100],
        )
    };
    let random: Vec<(Item, Vec<u8>)> =
        numbers.iter().enumerate().map(|(at, number)| entry(at, number)).collect();
    grows_and_shrinks(&random, 3);
    let mut growing = random;
    growing.sort_unstable();
    grows_and_shrinks(&growing, 2);
    growing.reverse();
    grows_and_shrinks(&growing, 3);
}

#[test]
fn an_entry_may_be_larger_than_a_node() {
    let mut numbers = drawn(2);
    let mut entries = Vec::new();
    for at in 0..600usize {
        let number = numbers.next().unwrap() % 5000;
        let size = if at % 7 == 0 { 3 * MOST } else { at % 90 };
        entries.push(((0, 0, number), vec![u8::try_from(at % 251).unwrap(); size]));
    }
    // Each is replaced by a small one and by a large one, wherever it lies.
    let again =
        entries.iter().map(|(item, load)| (*item, vec![3; if load.len() > MOST { 2 } else { 2 * MOST }]));
    let all: Vec<(Item, Vec<u8>)> = entries.iter().cloned().chain(again).collect();
    grows_and_shrinks(&all, 1);
}

#[test]
fn items_at_their_limits_are_in_order() {
    let longest = (1 << 53) - 1;
    let mut entries = Vec::new();
    for number in [0, 1, 255, 256, u32::MAX - 1, u32::MAX] {
        for member in [1, 255, 256, 65_535, 65_536, longest - 1, longest, u64::MAX] {
            for place in [0, 255, 256, u32::MAX] {
                entries.push(((number, place, member), Vec::new()));
            }
        }
    }
    grows_and_shrinks(&entries, 0);
    entries.reverse();
    grows_and_shrinks(&entries, 0);
}

#[test]
fn a_narrow_roll_becomes_wide() {
    // A node of small numbers is widened by one that is not, and holds what it held.
    let narrow = (1..=1200u64).map(|member| ((0, 0, member), Vec::new()));
    let wide = (0..40u32).map(|at| ((u32::MAX - at, u32::MAX - at, u64::MAX - u64::from(at)), Vec::new()));
    let entries: Vec<(Item, Vec<u8>)> = narrow.chain(wide).collect();
    grows_and_shrinks(&entries, 1);
}
