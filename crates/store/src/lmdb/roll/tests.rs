mod deep;

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
struct Map(BTreeMap<Vec<u8>, Vec<u8>>);

impl Look for Map {
    fn look(&self, key: &[u8]) -> Result<Option<&[u8]>, Fault> {
        Ok(self.0.get(key).map(Vec::as_slice))
    }
}

impl Shelf for Map {
    fn keep(&mut self, key: &[u8], value: &[u8]) {
        self.0.insert(key.to_vec(), value.to_vec());
    }

    fn drop(&mut self, key: &[u8]) {
        self.0.remove(key);
    }
}

const ROLL: Roll<'_> = Roll(b"roll");

fn agrees(map: &Map, model: &BTreeMap<Item, Vec<u8>>) {
    let items: Vec<Item> = model.keys().copied().collect();
    assert_eq!(ROLL.total(map).unwrap() as usize, items.len());
    assert_eq!(ROLL.stretch(map, 0..usize::MAX).unwrap(), items);
    for from in [1, items.len() / 3, items.len().saturating_sub(5)] {
        let to = (from + 50).min(items.len());
        let expected = items.get(from..to).unwrap_or_default();
        assert_eq!(ROLL.stretch(map, from..to.max(from)).unwrap(), expected);
    }
    for (item, load) in model {
        assert_eq!(ROLL.find(map, *item).unwrap(), Some(load.as_slice()), "{item:?}");
    }
    // Every third of them, and others beside each.
    let mut asked: Vec<Item> = items
        .iter()
        .step_by(3)
        .flat_map(|item| [*item, (item.0, item.1, item.2.saturating_add(1))])
        .collect();
    asked.extend([LEAST, (u32::MAX, u32::MAX, u64::MAX)]);
    asked.sort_unstable();
    let mut picked = Vec::new();
    ROLL.pick(map, &asked, &mut |item, load| {
        picked.push((item, load.to_vec()));
        Ok(())
    })
    .unwrap();
    for item in &asked {
        let last = model.range(..=*item).next_back().map(|(last, _)| *last);
        assert_eq!(ROLL.last_to(map, *item).unwrap(), last, "up to {item:?}");
    }
    asked.dedup();
    let expected = asked.iter().filter_map(|item| Some((*item, model.get(item)?.clone())));
    assert_eq!(picked, expected.collect::<Vec<_>>());
    let Checked { entries, nodes, wrong, .. } = ROLL.check(map).unwrap();
    assert_eq!(wrong, None);
    assert_eq!((entries, nodes), (items.len() as u64, map.0.len() as u64));
}

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
        prop_assert!(map.0.len() <= 1 + left / 4);
    }

    #[test]
    fn one_that_is_made_at_once_is_the_same(many in 0..3000u32, loaded: bool) {
        let model: BTreeMap<Item, Vec<u8>> =
            (0..many).map(|at| ((at / 4, at % 4 / 2, u64::from(at) * 7), if loaded { vec![1, 2] } else { vec![] })).collect();
        let made = ROLL.made(model.iter().map(|(item, load)| (*item, loaded.then_some(load.as_slice()))));
        prop_assert!(made.is_sorted_by(|a, b| a.0 < b.0));
        agrees(&Map(made.into_iter().collect()), &model);
    }

    #[test]
    fn damaged_bytes_are_a_fault_and_no_panic(bytes: Vec<u8>, item: Item) {
        let map = Map([(ROLL.0.to_vec(), bytes)].into());
        let _ = (ROLL.total(&map), ROLL.find(&map, item), ROLL.stretch(&map, 3..50), ROLL.check(&map));
        let mut map = map;
        let _ = ROLL.take(&mut map, item);
        let _ = ROLL.put(&mut map, item, None);
    }
}

#[test]
fn a_tie_of_a_long_list_takes_little() {
    let mut map = Map::default();
    for at in 0..100_000u32 {
        ROLL.put(&mut map, (1_600_000_000 + at, 0, u64::from(at.reverse_bits())), None).unwrap();
    }
    let bytes: usize = map.0.iter().map(|(key, value)| key.len() + value.len()).sum();
    assert!(bytes < 100_000 * 9, "{bytes}");
}
