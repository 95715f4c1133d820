//! The reads of a counted B+tree.

use super::corrupt;
use super::key_range::{FULL_RANGE, KeyRange, entries_with_ranges, order_violation};
use super::node::{EntryKey, NodeRef};
use crate::StorageError;
use crate::key::Key;
use std::ops::Range;

/// Read access to stored nodes.
pub(in super::super) trait NodeRead {
    fn get_node(&self, key: &[u8]) -> Result<Option<&[u8]>, StorageError>;
}

/// Write access to stored nodes.
pub(in super::super) trait NodeWrite: NodeRead {
    fn put_node(&mut self, key: &[u8], value: &[u8]);

    fn delete_node(&mut self, key: &[u8]);
}

/// A counted B+tree, identified by the key of its root.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct CountedBTree<'k>(pub(in super::super) &'k [u8]);

impl CountedBTree<'_> {
    /// The number of entries.
    pub(in super::super) fn len(self, nodes: &impl NodeRead) -> Result<u32, StorageError> {
        Ok(nodes.get_node(self.0)?.map(parse_node).transpose()?.map_or(0, NodeRef::subtree_len))
    }

    /// Returns the value of a key, or `None` if there is no such entry.
    pub(in super::super) fn get(
        self,
        nodes: &impl NodeRead,
        key: EntryKey,
    ) -> Result<Option<&[u8]>, StorageError> {
        let Some(root) = nodes.get_node(self.0)? else { return Ok(None) };
        let mut node = parse_node(root)?;
        while node.layout.level > 0 {
            let entry = node.child_for(key).ok_or_else(corrupt)?;
            node = self.child(nodes, node, entry.key)?;
        }
        match node.search(key) {
            Ok(entry) => Ok(Some(entry.value)),
            // The entry may be in a truncated part of the node.
            Err(_) => check_complete(node).map(|_| None),
        }
    }

    /// Calls `visit` for each of the sorted `keys` that has an entry. Reads each node once.
    pub(in super::super) fn get_many(
        self,
        nodes: &impl NodeRead,
        keys: &[EntryKey],
        visit: &mut impl FnMut(EntryKey, &[u8]) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        match nodes.get_node(self.0)? {
            Some(root) => self.get_many_below(nodes, parse_node(root)?, keys, visit),
            None => Ok(()),
        }
    }

    fn get_many_below(
        self,
        nodes: &impl NodeRead,
        node: NodeRef<'_>,
        mut keys: &[EntryKey],
        visit: &mut impl FnMut(EntryKey, &[u8]) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let mut entries = check_complete(node)?.entries().peekable();
        while let Some(entry) = entries.next() {
            // The keys below an entry end at the next entry's key.
            let end = match entries.peek() {
                _ if keys.is_empty() => break,
                Some(next) => keys.partition_point(|key| *key < next.key),
                None => keys.len(),
            };
            let (here, behind) = keys.split_at(end);
            keys = behind;
            if node.layout.level > 0 && !here.is_empty() {
                self.get_many_below(nodes, self.child(nodes, node, entry.key)?, here, visit)?;
            } else if node.layout.level == 0 && here.contains(&entry.key) {
                visit(entry.key, entry.value)?;
            }
        }
        Ok(())
    }

    /// Returns the greatest key that is not greater than `key`.
    pub(in super::super) fn last_up_to(
        self,
        nodes: &impl NodeRead,
        key: EntryKey,
    ) -> Result<Option<EntryKey>, StorageError> {
        match nodes.get_node(self.0)? {
            Some(root) => self.last_up_to_below(nodes, parse_node(root)?, key),
            None => Ok(None),
        }
    }

    fn last_up_to_below(
        self,
        nodes: &impl NodeRead,
        node: NodeRef<'_>,
        key: EntryKey,
    ) -> Result<Option<EntryKey>, StorageError> {
        let keys = check_complete(node)?.entries().map(|entry| entry.key);
        let candidates: Vec<EntryKey> = keys.take_while(|candidate| *candidate <= key).collect();
        if node.layout.level == 0 {
            return Ok(candidates.last().copied());
        }
        // A child may have lost all of its keys up to `key`, so several children are tried.
        for first in candidates.into_iter().rev() {
            if let Some(found) = self.last_up_to_below(nodes, self.child(nodes, node, first)?, key)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Returns the number of entries with lesser keys.
    pub(in super::super) fn rank(self, nodes: &impl NodeRead, key: EntryKey) -> Result<usize, StorageError> {
        let Some(root) = nodes.get_node(self.0)? else { return Ok(0) };
        let (mut node, mut rank) = (parse_node(root)?, 0);
        while node.layout.level > 0 {
            let covering = node.child_for(key).ok_or_else(corrupt)?.key;
            let before = node.entries().take_while(|entry| entry.key != covering);
            rank += before.map(|entry| entry.subtree_len() as usize).sum::<usize>();
            node = self.child(nodes, node, covering)?;
        }
        Ok(rank + check_complete(node)?.entries().take_while(|entry| entry.key < key).count())
    }

    /// Returns the keys at a range of ranks, in order.
    pub(in super::super) fn range_by_rank(
        self,
        nodes: &impl NodeRead,
        ranks: Range<usize>,
    ) -> Result<Vec<EntryKey>, StorageError> {
        let mut keys = Vec::with_capacity(ranks.len().min(1024));
        if let Some(root) = nodes.get_node(self.0)? {
            self.collect_ranks(nodes, parse_node(root)?, ranks, &mut keys)?;
        }
        Ok(keys)
    }

    fn collect_ranks(
        self,
        nodes: &impl NodeRead,
        node: NodeRef<'_>,
        ranks: Range<usize>,
        keys: &mut Vec<EntryKey>,
    ) -> Result<(), StorageError> {
        if node.layout.level == 0 {
            keys.extend(check_complete(node)?.keys(ranks));
            return Ok(());
        }
        for (key, part) in node.children_at(ranks) {
            self.collect_ranks(nodes, self.child(nodes, node, key)?, part, keys)?;
        }
        Ok(())
    }

    /// Calls `visit` for every entry, in order, until it returns true. Returns true if it did.
    pub(in super::super) fn for_each(
        self,
        nodes: &impl NodeRead,
        visit: &mut impl FnMut(EntryKey, &[u8]) -> Result<bool, StorageError>,
    ) -> Result<bool, StorageError> {
        match nodes.get_node(self.0)? {
            Some(root) => self.visit_below(nodes, parse_node(root)?, FULL_RANGE, visit),
            None => Ok(false),
        }
    }

    fn visit_below(
        self,
        nodes: &impl NodeRead,
        node: NodeRef<'_>,
        range: KeyRange,
        visit: &mut impl FnMut(EntryKey, &[u8]) -> Result<bool, StorageError>,
    ) -> Result<bool, StorageError> {
        // A misordered leaf is visited as it is: `verify` reports it. A misordered inner node could lead to a node
        // twice.
        if order_violation(check_complete(node)?, range).is_some() && node.layout.level > 0 {
            return Err(corrupt());
        }
        for (entry, below) in entries_with_ranges(node, range) {
            let is_done = if node.layout.level == 0 {
                visit(entry.key, entry.value)?
            } else {
                self.visit_below(nodes, self.child(nodes, node, entry.key)?, below, visit)?
            };
            if is_done {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the child of an inner node that was created with `key`.
    pub(super) fn child<'n>(
        self,
        nodes: &'n impl NodeRead,
        node: NodeRef<'_>,
        key: EntryKey,
    ) -> Result<NodeRef<'n>, StorageError> {
        let bytes = nodes.get_node(&self.node_key(node.layout.level - 1, key))?;
        let child = parse_node(bytes.ok_or_else(corrupt)?)?;
        if child.layout.level + 1 == node.layout.level { Ok(child) } else { Err(corrupt()) }
    }

    /// The key under which a node below the root is stored.
    pub(super) fn node_key(self, level: u8, key: EntryKey) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() + 17);
        bytes.extend_from_slice(self.0);
        (level, key).write(&mut bytes);
        bytes
    }
}

pub(super) fn parse_node(bytes: &[u8]) -> Result<NodeRef<'_>, StorageError> {
    NodeRef::parse(bytes).ok_or_else(corrupt)
}

/// Fails if an entry of the node is truncated.
pub(super) fn check_complete(node: NodeRef<'_>) -> Result<NodeRef<'_>, StorageError> {
    if node.is_complete() { Ok(node) } else { Err(corrupt()) }
}
