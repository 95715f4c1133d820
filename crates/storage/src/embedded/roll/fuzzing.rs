//! Properties of nodes, and of the trees that they make.

use super::super::node::{Item, LEAST, Node, NodeBuf};
use super::{Checked, Look, Roll, Shelf};
use crate::StorageError;
use arbitrary::{Result, Unstructured};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Any bytes as a node.
///
/// # Panics
///
/// If a property does not hold.
pub fn node(data: &[u8]) {
    let Some(node) = Node::read(data) else { return };
    let entries: Vec<(Item, &[u8])> = node.entries().map(|entry| (entry.item, entry.load)).collect();
    assert!(entries.len() <= data.len());
    assert_eq!(node.len(), entries.len());
    let items: Vec<Item> = entries.iter().map(|(item, _)| *item).collect();
    for stretch in [0..usize::MAX, 1..3, items.len() / 2..items.len(), items.len()..usize::MAX] {
        let here = items.iter().skip(stretch.start).take(stretch.len()).copied();
        assert!(node.items(stretch).eq(here));
    }
    let is_good = node.is_whole() && items.is_sorted_by(|a, b| a < b);
    for (item, load) in &entries {
        let found = node.find(*item);
        let over = node.over(*item);
        if is_good {
            assert_eq!(found.expect("it is there").load, *load);
            assert_eq!(over.expect("it is there").item, *item);
        }
    }
    let whole = NodeBuf::from(node);
    assert_eq!(whole.bytes(), data);
    changed(whole, &entries, is_good);
}

/// A node that is changed. Where its entries stood in order they do so afterwards.
fn changed(mut node: NodeBuf, entries: &[(Item, &[u8])], is_good: bool) {
    let new = (7, 3, 0x1_0000_0001);
    let load: &[u8] = if node.shape.level > 0 { &[0, 0, 0, 9] } else { &[] };
    let is_new = node.put(new, load);
    let found = node.node().find(new).ok().map(|entry| entry.load.to_vec());
    let was_there = entries.iter().any(|(item, _)| *item == new);
    if is_good {
        assert_eq!(is_new, !was_there);
        assert_eq!(found.as_deref(), Some(load));
        assert!(Node::read(&node.bytes()).is_some_and(Node::is_whole));
    }
    let mut left = node.clone();
    let right = left.split(entries.first().map_or(new, |(item, _)| *item));
    assert!(left.size() + right.size() <= 2 * node.size());
    left.absorb(right.node());
    let taken = node.take(new);
    if is_good {
        assert!(taken && node.node().find(new).is_err());
        let kept = node.node().entries().map(|entry| (entry.item, entry.load));
        assert!(kept.eq(entries.iter().copied().filter(|(item, _)| *item != new)));
    }
}

/// A tree of nodes in memory, that counts how many are looked at.
#[derive(Debug, Default)]
pub(in super::super) struct Map {
    pub(in super::super) nodes: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(in super::super) looks: Cell<usize>,
}

impl Look for Map {
    fn look(&self, key: &[u8]) -> std::result::Result<Option<&[u8]>, StorageError> {
        self.looks.set(self.looks.get() + 1);
        Ok(self.nodes.get(key).map(Vec::as_slice))
    }
}

impl Shelf for Map {
    fn keep(&mut self, key: &[u8], value: &[u8]) {
        self.nodes.insert(key.to_vec(), value.to_vec());
    }

    fn drop(&mut self, key: &[u8]) {
        self.nodes.remove(key);
    }
}

const ROLL: Roll<'_> = Roll(b"roll");
const GREATEST: Item = (u32::MAX, u32::MAX, u64::MAX);
/// The most entries that an input may make.
const MOST_ENTRIES: usize = 2000;

/// Any puts and takes, held against a sorted map, and then any damage to what they have made.
///
/// # Panics
///
/// If a property does not hold.
pub fn roll(data: &[u8]) {
    let _ = used(&mut Unstructured::new(data));
}

fn used(input: &mut Unstructured<'_>) -> Result<()> {
    let (loaded, damages): (bool, u8) = input.arbitrary()?;
    let damages: Vec<Damage> = (0..damages % 8).map(|_| input.arbitrary()).collect::<Result<_>>()?;
    let (mut map, mut model) = (Map::default(), BTreeMap::new());
    while !input.is_empty() && model.len() < MOST_ENTRIES {
        change(&mut map, &mut model, input, loaded)?;
    }
    agrees(&map, &model);
    for damage in &damages {
        spoil(&mut map, *damage);
    }
    damaged(map, damages.is_empty(), &model);
    Ok(())
}

/// Puts or takes a run of items: one, or many that follow each other by a step.
fn change(
    map: &mut Map,
    model: &mut BTreeMap<Item, Vec<u8>>,
    input: &mut Unstructured<'_>,
    loaded: bool,
) -> Result<()> {
    let (what, count, step): (u8, u8, u8) = input.arbitrary()?;
    let (number, member): (u16, u64) = (input.arbitrary()?, input.arbitrary()?);
    for at in 0..u32::from(count) {
        let item = (
            (u32::from(number) << (what >> 4)).wrapping_add(at * u32::from(step)),
            u32::from(what >> 1 & 1) * (at % 3),
            (member >> (what >> 2 & 0x3c)).wrapping_add(u64::from(at)),
        );
        if what & 1 == 0 {
            let load = vec![step; if loaded { usize::from(step) * 2 } else { 0 }];
            let is_new = ROLL.put(map, item, loaded.then_some(&load)).expect("it is whole");
            assert_eq!(is_new, model.insert(item, load).is_none());
        } else {
            let was_there = ROLL.take(map, item).expect("it is whole");
            assert_eq!(was_there, model.remove(&item).is_some());
        }
    }
    Ok(())
}

/// Whether a tree holds what a sorted map does, wherever it is asked.
pub(in super::super) fn agrees(map: &Map, model: &BTreeMap<Item, Vec<u8>>) {
    let items: Vec<Item> = model.keys().copied().collect();
    assert_eq!(ROLL.total(map).expect("it is whole") as usize, items.len());
    assert_eq!(ROLL.stretch(map, 0..usize::MAX).expect("it is whole"), items);
    for from in [1, items.len() / 3, items.len().saturating_sub(5)] {
        let to = (from + 50).min(items.len());
        let expected = items.get(from..to).unwrap_or_default();
        assert_eq!(ROLL.stretch(map, from..to.max(from)).expect("it is whole"), expected);
    }
    for (item, load) in model {
        assert_eq!(ROLL.find(map, *item).expect("it is whole"), Some(load.as_slice()), "{item:?}");
    }
    // Every third of them, and others beside each.
    let beside = |item: &Item| [*item, (item.0, item.1, item.2.saturating_add(1))];
    let mut asked: Vec<Item> = items.iter().step_by(3).flat_map(beside).collect();
    asked.extend([LEAST, GREATEST]);
    asked.sort_unstable();
    let mut picked = Vec::new();
    ROLL.pick(map, &asked, &mut |item, load| {
        picked.push((item, load.to_vec()));
        Ok(())
    })
    .expect("it is whole");
    for item in &asked {
        let last = model.range(..=*item).next_back().map(|(last, _)| *last);
        assert_eq!(ROLL.last_to(map, *item).expect("it is whole"), last, "up to {item:?}");
    }
    asked.dedup();
    let expected = asked.iter().filter_map(|item| Some((*item, model.get(item)?.clone())));
    assert_eq!(picked, expected.collect::<Vec<_>>());
    let Checked { entries, nodes, wrong, .. } = ROLL.check(map).expect("it is whole");
    assert_eq!(wrong, None);
    assert_eq!((entries, nodes), (items.len() as u64, map.nodes.len() as u64));
}

/// Which node, where in it, and what becomes of it there.
type Damage = (u8, u16, u8);

fn spoil(map: &mut Map, (which, place, change): Damage) {
    let many = map.nodes.len();
    let Some(key) = map.nodes.keys().nth(usize::from(which) % many.max(1)).cloned() else { return };
    let other = map.nodes.values().nth(usize::from(place) % many).cloned();
    let Some(node) = map.nodes.get_mut(&key) else { return };
    match change {
        0 => drop(map.nodes.remove(&key)),
        1 => node.truncate(usize::from(place) % node.len()),
        2 => node.extend(other.unwrap_or_default()),
        3 => *node = other.unwrap_or_default(),
        _ => {
            let place = usize::from(place) % node.len().max(1);
            if let Some(byte) = node.get_mut(place) {
                *byte ^= change;
            }
        }
    }
}

/// A tree that may be damaged: whatever is asked of it looks at each node once at most, and what the check finds nothing wrong
/// with is in order, and each of its entries is found.
fn damaged(mut map: Map, is_whole: bool, model: &BTreeMap<Item, Vec<u8>>) {
    let most = map.nodes.len() + 1;
    let spared = |map: &Map, what: &str| {
        assert!(map.looks.get() <= most, "{what} looks {} times at {most} nodes", map.looks.get());
    };
    map.looks.set(0);
    let checked = ROLL.check(&map);
    spared(&map, "the check");
    map.looks.set(0);
    let mut shown = Vec::new();
    let each = ROLL.each(&map, &mut |item, load: &[u8]| {
        shown.push((item, load.to_vec()));
        Ok(false)
    });
    spared(&map, "the walk");
    if let Ok(Checked { entries, wrong: None, .. }) = &checked {
        assert!(each.is_ok());
        assert_eq!(*entries, shown.len() as u64);
        assert!(shown.is_sorted_by(|a, b| a.0 < b.0));
        for (item, load) in &shown {
            assert_eq!(ROLL.find(&map, *item).expect("it is whole"), Some(load.as_slice()));
        }
        let items: Vec<Item> = shown.iter().map(|(item, _)| *item).collect();
        assert_eq!(ROLL.stretch(&map, 0..usize::MAX).expect("it is whole"), items);
    }
    assert!(!is_whole || shown.iter().map(|(item, load)| (item, load)).eq(model));
    let some = model.keys().nth(model.len() / 2).copied().unwrap_or((3, 3, 3));
    map.looks.set(0);
    let _ = (ROLL.total(&map), ROLL.find(&map, some), ROLL.stretch(&map, 3..50));
    let _ = ROLL.stretch(&map, 0..usize::MAX);
    let _ = ROLL.pick(&map, &[LEAST, some, GREATEST], &mut |_, _| Ok(()));
    assert!(map.looks.get() <= 8 * most + 512);
    let load =
        (!map.nodes.is_empty() && shown.iter().any(|(_, load)| !load.is_empty())).then_some(&[1, 2, 3][..]);
    for item in [some, LEAST, GREATEST] {
        let _ = ROLL.take(&mut map, item);
        let _ = ROLL.put(&mut map, item, load);
    }
}
