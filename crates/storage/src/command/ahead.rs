//! What a command will look at first, told before it begins: an engine that is a trip away fetches it all in one, and holds
//! it in an order of its own. An engine that is not does without. It is no promise: what is not told is loaded as it is
//! asked for.

use crate::key::{Key, Parts};
use crate::row::{Record, Table, Value};
use guanxi_types::Mid;

/// A row of any table, by its key.
#[derive(Clone, Debug)]
pub struct RowKey {
    /// Its table.
    pub table: Table,
    /// The bytes of its key: these tell it from others.
    pub bytes: Vec<u8>,
    /// What the columns of its key have.
    pub values: Vec<Value>,
}

impl RowKey {
    /// The row of a key.
    pub fn of<R: Record>(key: R::Key) -> RowKey {
        RowKey { table: R::TABLE, bytes: key.bytes(), values: key.values() }
    }

    /// Whose it is; none if it is of no member.
    pub fn member(&self) -> Option<Mid> {
        if self.table.shape().is_of_members() { Parts(&self.bytes).mid() } else { None }
    }

    fn identity(&self) -> (Table, &[u8]) {
        (self.table, &self.bytes)
    }
}

impl PartialEq for RowKey {
    fn eq(&self, other: &RowKey) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for RowKey {}

impl PartialOrd for RowKey {
    fn partial_cmp(&self, other: &RowKey) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RowKey {
    fn cmp(&self, other: &RowKey) -> std::cmp::Ordering {
        self.identity().cmp(&other.identity())
    }
}

/// What a command will look at first.
#[derive(Clone, Debug, Default)]
pub struct Prefetch {
    /// Members, whose counters it looks at or changes.
    pub members: Vec<Mid>,
    /// Ties, as (whose, to whom).
    pub ties: Vec<(Mid, Mid)>,
    /// Rows.
    pub rows: Vec<RowKey>,
    /// Whether it is to be expected that nobody else writes meanwhile.
    pub alone: bool,
}

impl Prefetch {
    /// That, and a member.
    #[must_use]
    pub fn member(mut self, mid: Mid) -> Prefetch {
        self.members.push(mid);
        self
    }

    /// That, and a row.
    #[must_use]
    pub fn row<R: Record>(mut self, key: R::Key) -> Prefetch {
        self.rows.push(RowKey::of::<R>(key));
        self
    }

    /// That, and a member who acts, or is acted upon.
    #[must_use]
    pub fn actor(self, mid: Mid) -> Prefetch {
        self.member(mid).row::<crate::row::Farewell>(mid)
    }

    /// That, and both ties of two members.
    #[must_use]
    pub fn pair(mut self, me: Mid, them: Mid) -> Prefetch {
        self.ties.extend([(me, them), (them, me)]);
        self
    }
}
