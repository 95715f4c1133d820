//! Counted B+trees: ordered lists of any length, with access by rank.
//!
//! A tree consists of [nodes](node) of about a kilobyte. The root is stored under the key of the list itself. Every
//! other node is stored under that key, its level, and the entry key that it was created with. An inner node counts
//! the entries below each child. So a short list is one small value beside its owner's other data, and in a long
//! list any rank is found with a few node reads, near either end or in the middle.

mod bulk_build;
mod key_range;
mod node;
mod tree;
mod update;
mod verify;

pub(super) use node::EntryKey;
pub(super) use tree::{CountedBTree, NodeRead, NodeWrite};
pub(super) use verify::TreeReport;

use crate::StorageError;

/// The largest size of a node with more than one entry, in bytes. Four nodes with their keys fill a page of LMDB.
const NODE_MAX_BYTES: usize = 960;
/// A node that shrinks below this size is merged with a sibling, if both fit into [`NODE_MERGED_MAX_BYTES`].
const NODE_MERGE_BYTES: usize = NODE_MAX_BYTES / 4;
/// The largest size of a merged node, which leaves room for insertions.
const NODE_MERGED_MAX_BYTES: usize = NODE_MAX_BYTES / 4 * 3;

fn corrupt() -> StorageError {
    StorageError::corrupted("a list", "a node is missing or truncated")
}

#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing;
#[cfg(test)]
mod tests;
