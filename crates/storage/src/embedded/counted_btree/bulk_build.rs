//! A counted B+tree built from sorted entries, with full nodes.

use super::NODE_MAX_BYTES;
use super::node::{EntryKey, MIN_KEY, NodeMut};
use super::tree::CountedBTree;

/// The largest size of an entry without its value, in bytes.
const ENTRY_MAX_BYTES: usize = 20;

impl CountedBTree<'_> {
    /// Builds the tree of sorted entries. Returns the keys and values of its nodes, in key order.
    pub(in super::super) fn bulk_build<'v>(
        self,
        entries: impl Iterator<Item = (EntryKey, Option<&'v [u8]>)>,
    ) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut level: Vec<(EntryKey, NodeMut)> = Vec::new();
        for (key, value) in entries {
            let size = level.last().map_or(NODE_MAX_BYTES, |(_, node)| node.size());
            if size + ENTRY_MAX_BYTES + value.map_or(0, <[u8]>::len) > NODE_MAX_BYTES {
                let first = if level.is_empty() { MIN_KEY } else { key };
                level.push((first, NodeMut::leaf(value.is_some())));
            }
            if let Some((_, node)) = level.last_mut() {
                node.push(key, value.unwrap_or_default());
            }
        }
        let mut levels = Vec::new();
        while level.len() > 1 {
            let parents = build_parents(&level);
            levels.push(std::mem::replace(&mut level, parents));
        }
        let root = level.pop().map(|(_, root)| (self.0.to_vec(), root.to_bytes()));
        let below = (0..).zip(levels).flat_map(|(number, level)| {
            level.into_iter().map(move |(first, node)| (self.node_key(number, first), node.to_bytes()))
        });
        root.into_iter().chain(below).collect()
    }
}

/// Builds the parents of one level of nodes.
fn build_parents(level: &[(EntryKey, NodeMut)]) -> Vec<(EntryKey, NodeMut)> {
    let mut parents: Vec<(EntryKey, NodeMut)> = Vec::new();
    for (first, node) in level {
        if parents.last().is_none_or(|(_, parent)| parent.size() + ENTRY_MAX_BYTES > NODE_MAX_BYTES) {
            parents.push((*first, NodeMut::inner(node.layout.level + 1)));
        }
        if let Some((_, parent)) = parents.last_mut() {
            parent.push(*first, &node.as_node().subtree_len().to_be_bytes());
        }
    }
    parents
}
