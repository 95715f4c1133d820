//! `POST /passport/relations/import`: imports relations and groups.

use crate::endpoint::endpoint;
use crate::param::{File, Flag};
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /passport/relations/import`: imports follows, whispers, blocks and groups from a CSV file with the columns
    /// `mid`, `kind` and `groups`, such as `relations.csv` of `/data.zip`. Each line has the rules and limits of
    /// `POST /x/relation/modify`, and a refused line leaves the others. An import adds relations and groups, and
    /// removes no member from a group. An invalid line is 30122, the header `guanxi-hint` names it, and nothing
    /// changes. The setting `import_limit` bounds the number of lines. Errors: -101, -111, -400, 30122.
    ImportRelations: POST "/passport/relations/import", SessionWithCsrf -> Data {
        /// The file, in UTF-8. The first line has the titles of the columns. Several groups in a field have a line
        /// each.
        csv: File,
        /// 1 changes nothing, and returns what would change.
        dry_run: Flag,
    }
}

/// The result of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The names of the new groups.
    pub groups: Vec<String>,
    /// The lines, in their order.
    pub rows: Vec<ImportedRow>,
}

/// The result of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportedRow {
    /// The number of the line, from 1 on.
    pub line: usize,
    /// The other member.
    pub mid: Mid,
    /// The outcome.
    pub outcome: ImportOutcome,
    /// The code of a refusal, else 0.
    pub code: i32,
    /// The text of a refusal, else empty.
    pub message: String,
}

/// The outcome of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// The relation is new.
    Added,
    /// The follow exists, and joins groups.
    Joined,
    /// The relation is as the line says already.
    Unchanged,
    /// The line is refused.
    Refused,
}
