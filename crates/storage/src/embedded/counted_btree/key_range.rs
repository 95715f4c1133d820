//! The range of keys that a subtree may hold.

use super::node::{Entry, EntryKey, MIN_KEY, NodeRef};

/// The least key that a subtree may hold, and the least key behind it.
pub(super) type KeyRange = (EntryKey, Option<EntryKey>);

/// The range of the root.
pub(super) const FULL_RANGE: KeyRange = (MIN_KEY, None);

/// The entries of a node, each with the range of the keys below it. The ranges are disjoint, so a walk that checks
/// them visits each node at most once, however corrupt the tree is.
pub(super) fn entries_with_ranges(
    node: NodeRef<'_>,
    (_, end): KeyRange,
) -> impl Iterator<Item = (Entry<'_>, KeyRange)> {
    let ends = node.entries().skip(1).map(|entry| Some(entry.key)).chain([end]);
    node.entries().zip(ends).map(|(entry, end)| {
        let range = (entry.key, end);
        (entry, range)
    })
}

/// Returns the violation if the entries of a node are out of order or outside the range of the node.
pub(super) fn order_violation(node: NodeRef<'_>, (first, end): KeyRange) -> Option<&'static str> {
    let mut previous = None;
    for Entry { key, .. } in node.entries() {
        if key < first {
            return Some("has an entry outside the key range of its node");
        }
        if previous.is_some_and(|previous| previous >= key) || end.is_some_and(|end| key >= end) {
            return Some("is out of order");
        }
        previous = Some(key);
    }
    None
}
