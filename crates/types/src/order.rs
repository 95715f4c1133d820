//! The order of a list.

use serde::{Deserialize, Serialize};

/// `order`: newest first or last. The default is `desc`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Newest first.
    #[default]
    Desc,
    /// Oldest first.
    Asc,
}

crate::inline_schema!(Order: { "type": "string", "enum": ["desc", "asc"], "default": "desc" });
