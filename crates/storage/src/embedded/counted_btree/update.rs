//! The changes of a counted B+tree.

use super::node::{EntryKey, MIN_KEY, NodeMut};
use super::tree::{CountedBTree, NodeWrite, check_complete, parse_node};
use super::{NODE_MAX_BYTES, NODE_MERGE_BYTES, NODE_MERGED_MAX_BYTES, corrupt};
use crate::StorageError;

impl CountedBTree<'_> {
    /// Inserts or replaces an entry. Returns true if the key is new. In one tree all entries have a value, or none
    /// has.
    pub(in super::super) fn insert(
        self,
        nodes: &mut impl NodeWrite,
        key: EntryKey,
        value: Option<&[u8]>,
    ) -> Result<bool, StorageError> {
        let root = nodes.get_node(self.0)?.map(parse_node).transpose()?.map(NodeMut::from);
        let mut root = root.unwrap_or_else(|| NodeMut::leaf(value.is_some()));
        let is_new = self.insert_below(nodes, &mut root, key, value.unwrap_or_default())?;
        if root.size() > NODE_MAX_BYTES && root.as_node().len() > 1 {
            let level = root.layout.level;
            let next = root.split(key);
            let mut parent = NodeMut::inner(level + 1);
            parent.push(MIN_KEY, &root.as_node().subtree_len().to_be_bytes());
            parent.push(next.first_key(), &next.as_node().subtree_len().to_be_bytes());
            nodes.put_node(&self.node_key(level, MIN_KEY), &root.to_bytes());
            nodes.put_node(&self.node_key(level, next.first_key()), &next.to_bytes());
            root = parent;
        }
        nodes.put_node(self.0, &root.to_bytes());
        Ok(is_new)
    }

    fn insert_below(
        self,
        nodes: &mut impl NodeWrite,
        node: &mut NodeMut,
        key: EntryKey,
        value: &[u8],
    ) -> Result<bool, StorageError> {
        if node.layout.level == 0 {
            check_complete(node.as_node())?;
            return Ok(node.insert(key, value));
        }
        let first = node.as_node().child_for(key).ok_or_else(corrupt)?.key;
        let mut child = NodeMut::from(self.child(nodes, node.as_node(), first)?);
        let is_new = self.insert_below(nodes, &mut child, key, value)?;
        if child.size() > NODE_MAX_BYTES && child.as_node().len() > 1 {
            let next = child.split(key);
            node.insert(next.first_key(), &next.as_node().subtree_len().to_be_bytes());
            nodes.put_node(&self.node_key(next.layout.level, next.first_key()), &next.to_bytes());
        }
        node.insert(first, &child.as_node().subtree_len().to_be_bytes());
        nodes.put_node(&self.node_key(child.layout.level, first), &child.to_bytes());
        Ok(is_new)
    }

    /// Removes an entry. Returns false if there is none with this key.
    pub(in super::super) fn remove(
        self,
        nodes: &mut impl NodeWrite,
        key: EntryKey,
    ) -> Result<bool, StorageError> {
        let Some(root) = nodes.get_node(self.0)? else { return Ok(false) };
        let mut root = NodeMut::from(parse_node(root)?);
        if !self.remove_below(nodes, &mut root, key)? {
            return Ok(false);
        }
        while root.layout.level > 0 && root.as_node().len() == 1 {
            let (level, first) = (root.layout.level - 1, root.first_key());
            root = NodeMut::from(self.child(nodes, root.as_node(), first)?);
            nodes.delete_node(&self.node_key(level, first));
        }
        match root.as_node().len() {
            0 => nodes.delete_node(self.0),
            _ => nodes.put_node(self.0, &root.to_bytes()),
        }
        Ok(true)
    }

    fn remove_below(
        self,
        nodes: &mut impl NodeWrite,
        node: &mut NodeMut,
        key: EntryKey,
    ) -> Result<bool, StorageError> {
        if node.layout.level == 0 {
            check_complete(node.as_node())?;
            return Ok(node.remove(key));
        }
        let first = node.as_node().child_for(key).ok_or_else(corrupt)?.key;
        let mut child = NodeMut::from(self.child(nodes, node.as_node(), first)?);
        if !self.remove_below(nodes, &mut child, key)? {
            return Ok(false);
        }
        if child.size() >= NODE_MERGE_BYTES || !self.merge_with_sibling(nodes, node, first, &child)? {
            node.insert(first, &child.as_node().subtree_len().to_be_bytes());
            nodes.put_node(&self.node_key(child.layout.level, first), &child.to_bytes());
        }
        Ok(true)
    }

    /// Merges a node that shrank with its previous sibling, or with its next one if it is the first. Returns false
    /// if the result would be too large, or if there is no sibling.
    fn merge_with_sibling(
        self,
        nodes: &mut impl NodeWrite,
        parent: &mut NodeMut,
        first: EntryKey,
        shrunk: &NodeMut,
    ) -> Result<bool, StorageError> {
        let keys: Vec<EntryKey> = parent.as_node().entries().map(|entry| entry.key).collect();
        let at = keys.iter().position(|key| *key == first).ok_or_else(corrupt)?;
        let Some(sibling) = at.checked_sub(1).or(Some(1)).and_then(|sibling| keys.get(sibling)) else {
            return Ok(false);
        };
        let other = NodeMut::from(self.child(nodes, parent.as_node(), *sibling)?);
        let is_empty = shrunk.as_node().len() == 0;
        if other.size() + shrunk.size() > NODE_MERGED_MAX_BYTES && !is_empty {
            return Ok(false);
        }
        let (mut left, right) = if at == 0 { (shrunk.clone(), other) } else { (other, shrunk.clone()) };
        let (left_key, right_key) = (first.min(*sibling), first.max(*sibling));
        left.append(right.as_node());
        parent.remove(right_key);
        parent.insert(left_key, &left.as_node().subtree_len().to_be_bytes());
        nodes.delete_node(&self.node_key(left.layout.level, right_key));
        nodes.put_node(&self.node_key(left.layout.level, left_key), &left.to_bytes());
        Ok(true)
    }
}
