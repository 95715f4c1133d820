//! Rolls: long lists of a member's, packed, in order, and counted.
//!
//! A roll is a tree of [nodes](super::node) of about a kilobyte. Its root lies under the roll's own key, and the others under
//! that key, their level, and the first item they were made with; the nodes above the leaves tell how many entries are below
//! each. So a short roll is one small value beside its owner's others, and in a long one any place is found by a handful of
//! looks, be it the newest entry or the seven hundred thousandth.

use super::node::{Entry, Item, LEAST, Node, NodeBuf};
use crate::StorageError;
use crate::key::Key;
use std::ops::Range;

/// How large a node may be, in bytes. Four of them, with their keys, fill a page of the tree.
const MOST: usize = 960;
/// A node that shrank below this is put together with one beside it, if there is room.
const FEW: usize = MOST / 4;
const ROOM: usize = MOST / 4 * 3;

/// Where nodes are found.
pub(super) trait Look {
    /// The value of a key.
    fn look(&self, key: &[u8]) -> Result<Option<&[u8]>, StorageError>;
}

/// Where nodes are kept.
pub(super) trait Shelf: Look {
    /// Keeps a value.
    fn keep(&mut self, key: &[u8], value: &[u8]);

    /// Drops a value.
    fn drop(&mut self, key: &[u8]);
}

/// A roll, by its key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Roll<'k>(pub(super) &'k [u8]);

impl Roll<'_> {
    /// How many entries it has.
    pub(super) fn total(self, look: &impl Look) -> Result<u32, StorageError> {
        Ok(look.look(self.0)?.map(read).transpose()?.map_or(0, Node::total))
    }

    /// What the entry of an item carries; none if there is none.
    pub(super) fn find(self, look: &impl Look, item: Item) -> Result<Option<&[u8]>, StorageError> {
        let Some(root) = look.look(self.0)? else { return Ok(None) };
        let mut node = read(root)?;
        while node.shape.level > 0 {
            let below = node.over(item).ok_or_else(damaged)?;
            node = self.below(look, node, below.item)?;
        }
        match node.find(item) {
            Ok(entry) => Ok(Some(entry.load)),
            // It may be in what is cut short.
            Err(_) => intact(node).map(|_| None),
        }
    }

    /// Shows the entries of those of some items that there are; the items are in order. Each node is looked at once.
    pub(super) fn pick(
        self,
        look: &impl Look,
        items: &[Item],
        show: &mut impl FnMut(Item, &[u8]) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        match look.look(self.0)? {
            Some(root) => self.pick_below(look, read(root)?, items, show),
            None => Ok(()),
        }
    }

    fn pick_below(
        self,
        look: &impl Look,
        node: Node<'_>,
        mut items: &[Item],
        show: &mut impl FnMut(Item, &[u8]) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let mut entries = intact(node)?.entries().peekable();
        while let Some(entry) = entries.next() {
            // What lies below an entry ends where the next begins.
            let end = match entries.peek() {
                _ if items.is_empty() => break,
                Some(next) => items.partition_point(|item| *item < next.item),
                None => items.len(),
            };
            let (here, behind) = items.split_at(end);
            items = behind;
            if node.shape.level > 0 && !here.is_empty() {
                self.pick_below(look, self.below(look, node, entry.item)?, here, show)?;
            } else if node.shape.level == 0 && here.contains(&entry.item) {
                show(entry.item, entry.load)?;
            }
        }
        Ok(())
    }

    /// The last item that is not behind one; none if all are.
    pub(super) fn last_to(self, look: &impl Look, item: Item) -> Result<Option<Item>, StorageError> {
        match look.look(self.0)? {
            Some(root) => self.last_below(look, read(root)?, item),
            None => Ok(None),
        }
    }

    fn last_below(self, look: &impl Look, node: Node<'_>, item: Item) -> Result<Option<Item>, StorageError> {
        let items = intact(node)?.entries().map(|entry| entry.item);
        let before: Vec<Item> = items.take_while(|before| *before <= item).collect();
        if node.shape.level == 0 {
            return Ok(before.last().copied());
        }
        // The last of these nodes may have lost what was before the item.
        for first in before.into_iter().rev() {
            if let Some(found) = self.last_below(look, self.below(look, node, first)?, item)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The items of a stretch, in order.
    pub(super) fn stretch(self, look: &impl Look, stretch: Range<usize>) -> Result<Vec<Item>, StorageError> {
        let mut items = Vec::with_capacity(stretch.len().min(1024));
        if let Some(root) = look.look(self.0)? {
            self.gather(look, read(root)?, stretch, &mut items)?;
        }
        Ok(items)
    }

    fn gather(
        self,
        look: &impl Look,
        node: Node<'_>,
        stretch: Range<usize>,
        items: &mut Vec<Item>,
    ) -> Result<(), StorageError> {
        if node.shape.level == 0 {
            items.extend(intact(node)?.items(stretch));
            return Ok(());
        }
        let mut passed = 0;
        for entry in node.entries() {
            let here = passed..passed + entry.below() as usize;
            passed = here.end;
            if here.start >= stretch.end {
                break;
            }
            if here.end > stretch.start {
                let part = stretch.start.max(here.start) - here.start..stretch.end.min(here.end) - here.start;
                self.gather(look, self.below(look, node, entry.item)?, part, items)?;
            }
        }
        Ok(())
    }

    /// Shows every entry, in order, until it is told to end. Tells whether it was.
    pub(super) fn each(
        self,
        look: &impl Look,
        show: &mut impl FnMut(Item, &[u8]) -> Result<bool, StorageError>,
    ) -> Result<bool, StorageError> {
        match look.look(self.0)? {
            Some(root) => self.show(look, read(root)?, EVERYWHERE, show),
            None => Ok(false),
        }
    }

    fn show(
        self,
        look: &impl Look,
        node: Node<'_>,
        place: Place,
        show: &mut impl FnMut(Item, &[u8]) -> Result<bool, StorageError>,
    ) -> Result<bool, StorageError> {
        // A leaf is shown as it is, and the check says what is wrong with it. What is above leads to each node once.
        if misplaced(intact(node)?, place).is_some() && node.shape.level > 0 {
            return Err(damaged());
        }
        for (entry, below) in parts(node, place) {
            let ended = if node.shape.level == 0 {
                show(entry.item, entry.load)?
            } else {
                self.show(look, self.below(look, node, entry.item)?, below, show)?
            };
            if ended {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn below<'l>(self, look: &'l impl Look, node: Node<'_>, item: Item) -> Result<Node<'l>, StorageError> {
        let below = read(look.look(&self.key(node.shape.level - 1, item))?.ok_or_else(damaged)?)?;
        if below.shape.level + 1 == node.shape.level { Ok(below) } else { Err(damaged()) }
    }

    /// Puts an entry into its place; tells whether there was none of that item. One of a roll that carries nothing carries
    /// none.
    pub(super) fn put(
        self,
        shelf: &mut impl Shelf,
        item: Item,
        load: Option<&[u8]>,
    ) -> Result<bool, StorageError> {
        let root = shelf.look(self.0)?.map(read).transpose()?.map(NodeBuf::from);
        let mut root = root.unwrap_or_else(|| NodeBuf::leaf(load.is_some()));
        let is_new = self.put_below(shelf, &mut root, item, load.unwrap_or_default())?;
        if root.size() > MOST && root.node().len() > 1 {
            let level = root.shape.level;
            let next = root.split(item);
            let mut above = NodeBuf::over(level + 1);
            above.push(LEAST, &root.node().total().to_be_bytes());
            above.push(next.first(), &next.node().total().to_be_bytes());
            shelf.keep(&self.key(level, LEAST), &root.bytes());
            shelf.keep(&self.key(level, next.first()), &next.bytes());
            root = above;
        }
        shelf.keep(self.0, &root.bytes());
        Ok(is_new)
    }

    fn put_below(
        self,
        shelf: &mut impl Shelf,
        node: &mut NodeBuf,
        item: Item,
        load: &[u8],
    ) -> Result<bool, StorageError> {
        if node.shape.level == 0 {
            intact(node.node())?;
            return Ok(node.put(item, load));
        }
        let first = node.node().over(item).ok_or_else(damaged)?.item;
        let mut below = NodeBuf::from(self.below(shelf, node.node(), first)?);
        let is_new = self.put_below(shelf, &mut below, item, load)?;
        if below.size() > MOST && below.node().len() > 1 {
            let next = below.split(item);
            node.put(next.first(), &next.node().total().to_be_bytes());
            shelf.keep(&self.key(next.shape.level, next.first()), &next.bytes());
        }
        node.put(first, &below.node().total().to_be_bytes());
        shelf.keep(&self.key(below.shape.level, first), &below.bytes());
        Ok(is_new)
    }

    /// Takes an entry away; tells whether it was there.
    pub(super) fn take(self, shelf: &mut impl Shelf, item: Item) -> Result<bool, StorageError> {
        let Some(root) = shelf.look(self.0)? else { return Ok(false) };
        let mut root = NodeBuf::from(read(root)?);
        if !self.take_below(shelf, &mut root, item)? {
            return Ok(false);
        }
        while root.shape.level > 0 && root.node().len() == 1 {
            let (level, first) = (root.shape.level - 1, root.first());
            root = NodeBuf::from(self.below(shelf, root.node(), first)?);
            shelf.drop(&self.key(level, first));
        }
        match root.node().len() {
            0 => shelf.drop(self.0),
            _ => shelf.keep(self.0, &root.bytes()),
        }
        Ok(true)
    }

    fn take_below(
        self,
        shelf: &mut impl Shelf,
        node: &mut NodeBuf,
        item: Item,
    ) -> Result<bool, StorageError> {
        if node.shape.level == 0 {
            intact(node.node())?;
            return Ok(node.take(item));
        }
        let first = node.node().over(item).ok_or_else(damaged)?.item;
        let mut below = NodeBuf::from(self.below(shelf, node.node(), first)?);
        if !self.take_below(shelf, &mut below, item)? {
            return Ok(false);
        }
        if below.size() >= FEW || !self.unite(shelf, node, first, &below)? {
            node.put(first, &below.node().total().to_be_bytes());
            shelf.keep(&self.key(below.shape.level, first), &below.bytes());
        }
        Ok(true)
    }

    /// Puts a node that shrank together with the one before it or behind it; tells whether it did.
    fn unite(
        self,
        shelf: &mut impl Shelf,
        above: &mut NodeBuf,
        first: Item,
        shrunk: &NodeBuf,
    ) -> Result<bool, StorageError> {
        let items: Vec<Item> = above.node().entries().map(|entry| entry.item).collect();
        let at = items.iter().position(|item| *item == first).ok_or_else(damaged)?;
        let Some(beside) = at.checked_sub(1).or(Some(1)).and_then(|beside| items.get(beside)) else {
            return Ok(false);
        };
        let other = NodeBuf::from(self.below(shelf, above.node(), *beside)?);
        let is_empty = shrunk.node().len() == 0;
        if other.size() + shrunk.size() > ROOM && !is_empty {
            return Ok(false);
        }
        let (mut left, right) = if at == 0 { (shrunk.clone(), other) } else { (other, shrunk.clone()) };
        let (kept, gone) = (first.min(*beside), first.max(*beside));
        left.absorb(right.node());
        above.take(gone);
        above.put(kept, &left.node().total().to_be_bytes());
        shelf.drop(&self.key(left.shape.level, gone));
        shelf.keep(&self.key(left.shape.level, kept), &left.bytes());
        Ok(true)
    }

    /// All keys and values of a roll of these entries, which are in order, in the order of the keys.
    pub(super) fn made<'l>(
        self,
        entries: impl Iterator<Item = (Item, Option<&'l [u8]>)>,
    ) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut level: Vec<(Item, NodeBuf)> = Vec::new();
        for (item, load) in entries {
            let size = level.last().map_or(MOST, |(_, node)| node.size());
            if size + 20 + load.map_or(0, <[u8]>::len) > MOST {
                let first = if level.is_empty() { LEAST } else { item };
                level.push((first, NodeBuf::leaf(load.is_some())));
            }
            if let Some((_, node)) = level.last_mut() {
                node.push(item, load.unwrap_or_default());
            }
        }
        let mut levels = Vec::new();
        while level.len() > 1 {
            let above = above(&level);
            levels.push(std::mem::replace(&mut level, above));
        }
        let root = level.pop().map(|(_, root)| (self.0.to_vec(), root.bytes()));
        let below = (0..).zip(levels).flat_map(|(number, level)| {
            level.into_iter().map(move |(first, node)| (self.key(number, first), node.bytes()))
        });
        root.into_iter().chain(below).collect()
    }

    /// Looks the whole of it over.
    pub(super) fn check(self, look: &impl Look) -> Result<Checked, StorageError> {
        let mut seen = Checked::default();
        if let Some(root) = look.look(self.0)? {
            self.look_over(look, read(root)?, EVERYWHERE, &mut seen)?;
        }
        Ok(seen)
    }

    /// Checks a node, and the nodes below it unless its own entries are misplaced.
    fn look_over(
        self,
        look: &impl Look,
        node: Node<'_>,
        place: Place,
        seen: &mut Checked,
    ) -> Result<(), StorageError> {
        seen.nodes += 1;
        let wrong = misplaced(intact(node)?, place);
        if wrong.is_some() {
            seen.wrong = wrong.map(str::to_owned);
        }
        if node.shape.level == 0 {
            seen.entries += node.len() as u64;
            return Ok(());
        }
        for (entry, here) in parts(node, place).take_while(|_| wrong.is_none()) {
            let below = self.below(look, node, entry.item)?;
            if below.total() != entry.below() {
                seen.wrong = Some(format!("counts {} entries where {} are", entry.below(), below.total()));
            }
            self.look_over(look, below, here, seen)?;
        }
        Ok(())
    }

    fn key(self, level: u8, item: Item) -> Vec<u8> {
        let mut key = Vec::with_capacity(self.0.len() + 17);
        key.extend_from_slice(self.0);
        (level, item).write(&mut key);
        key
    }
}

/// The nodes above those of a level.
fn above(level: &[(Item, NodeBuf)]) -> Vec<(Item, NodeBuf)> {
    let mut above: Vec<(Item, NodeBuf)> = Vec::new();
    for (first, node) in level {
        if above.last().is_none_or(|(_, node)| node.size() + 20 > MOST) {
            above.push((*first, NodeBuf::over(node.shape.level + 1)));
        }
        if let Some((_, above)) = above.last_mut() {
            above.push(*first, &node.node().total().to_be_bytes());
        }
    }
    above
}

/// What a roll is found to be.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// How many entries it has.
    pub(super) entries: u64,
    /// Of how many nodes it is.
    pub(super) nodes: u64,
    /// What is wrong with it; none if nothing is.
    pub(super) wrong: Option<String>,
}

fn read(bytes: &[u8]) -> Result<Node<'_>, StorageError> {
    Node::read(bytes).ok_or_else(damaged)
}

/// The first item that a node may have, and the first behind it that it may not.
type Place = (Item, Option<Item>);

const EVERYWHERE: Place = (LEAST, None);

/// The entries of a node, and where those below each belong: no two places have an item in common, so a walk that keeps to
/// them comes to each node once at most, whatever is damaged.
fn parts(node: Node<'_>, (_, end): Place) -> impl Iterator<Item = (Entry<'_>, Place)> {
    let behind = node.entries().skip(1).map(|entry| Some(entry.item)).chain([end]);
    node.entries().zip(behind).map(|(entry, end)| {
        let place = (entry.item, end);
        (entry, place)
    })
}

/// Returns what is wrong with where the entries of a node stand; `None` if they are in order and belong into it.
fn misplaced(node: Node<'_>, (first, end): Place) -> Option<&'static str> {
    let mut before = None;
    for Entry { item, .. } in node.entries() {
        if item < first {
            return Some("has an entry where nobody looks for it");
        }
        if before.is_some_and(|before| before >= item) || end.is_some_and(|end| item >= end) {
            return Some("is out of order");
        }
        before = Some(item);
    }
    None
}

/// A node no entry of which is cut short.
fn intact(node: Node<'_>) -> Result<Node<'_>, StorageError> {
    if node.is_whole() { Ok(node) } else { Err(damaged()) }
}

fn damaged() -> StorageError {
    StorageError::Corrupted("a list", "a part of it is missing or cut short".to_owned())
}

#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing;
#[cfg(test)]
mod tests;
