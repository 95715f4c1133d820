//! The structural check of a counted B+tree.

use super::key_range::{FULL_RANGE, KeyRange, entries_with_ranges, order_violation};
use super::node::NodeRef;
use super::tree::{CountedBTree, NodeRead, check_complete, parse_node};
use crate::StorageError;

/// The result of [`CountedBTree::verify`].
#[derive(Debug, Default)]
pub(in super::super) struct TreeReport {
    /// The number of entries in the leaves.
    pub(in super::super) entries: u64,
    /// The number of nodes.
    pub(in super::super) nodes: u64,
    /// The last violation found.
    pub(in super::super) violation: Option<String>,
}

impl CountedBTree<'_> {
    /// Reads the whole tree, and checks the order of its entries and the counts of its inner nodes.
    pub(in super::super) fn verify(self, nodes: &impl NodeRead) -> Result<TreeReport, StorageError> {
        let mut report = TreeReport::default();
        if let Some(root) = nodes.get_node(self.0)? {
            self.verify_node(nodes, parse_node(root)?, FULL_RANGE, &mut report)?;
        }
        Ok(report)
    }

    /// Checks a node, and the nodes below it unless its own entries are out of order.
    fn verify_node(
        self,
        nodes: &impl NodeRead,
        node: NodeRef<'_>,
        range: KeyRange,
        report: &mut TreeReport,
    ) -> Result<(), StorageError> {
        report.nodes += 1;
        let violation = order_violation(check_complete(node)?, range);
        if violation.is_some() {
            report.violation = violation.map(str::to_owned);
        }
        if node.layout.level == 0 {
            report.entries += node.len() as u64;
            return Ok(());
        }
        for (entry, here) in entries_with_ranges(node, range).take_while(|_| violation.is_none()) {
            let child = self.child(nodes, node, entry.key)?;
            let (counted, actual) = (entry.subtree_len(), child.subtree_len());
            if counted != actual {
                report.violation = Some(format!("counts {counted} entries where there are {actual}"));
            }
            self.verify_node(nodes, child, here, report)?;
        }
        Ok(())
    }
}
