//! The state of a row in a transaction: its stored value, its new value, and the change to write.

/// The stored value of a row, as far as the transaction knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Loaded<T> {
    /// The row was not read.
    Unread,
    /// The row does not exist.
    Absent,
    /// The value of the row.
    Present(T),
}

impl<T> Loaded<T> {
    /// Returns the stored value, if the row was read and exists.
    pub(super) fn value(&self) -> Option<&T> {
        if let Loaded::Present(value) = self { Some(value) } else { None }
    }
}

impl<T> From<Option<T>> for Loaded<T> {
    fn from(value: Option<T>) -> Loaded<T> {
        value.map_or(Loaded::Absent, Loaded::Present)
    }
}

/// A row that the transaction has read or written.
#[derive(Clone, Debug)]
pub(super) struct TrackedRow<T> {
    stored: Loaded<T>,
    current: Option<T>,
    changed: bool,
}

/// A change of a row to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowChange<T> {
    pub(super) old: Loaded<T>,
    pub(super) new: Option<T>,
}

impl<T: Clone> TrackedRow<T> {
    /// Creates the state of a row that was read.
    pub(super) fn loaded(stored: Option<T>) -> TrackedRow<T> {
        TrackedRow { stored: stored.clone().into(), current: stored, changed: false }
    }

    /// Creates the state of a row that is written without being read.
    pub(super) fn not_loaded() -> TrackedRow<T> {
        TrackedRow { stored: Loaded::Unread, current: None, changed: false }
    }

    /// Returns the value inside the transaction.
    pub(super) fn get(&self) -> Option<T> {
        self.current.clone()
    }

    /// Sets the value inside the transaction. `None` deletes the row.
    pub(super) fn put(&mut self, value: Option<T>) {
        self.current = value;
        self.changed = true;
    }

    /// Returns the change to write, if there is one. The new value counts as stored from then on.
    pub(super) fn take_change(&mut self) -> Option<RowChange<T>> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let new = self.current.clone();
        let old = std::mem::replace(&mut self.stored, new.clone().into());
        Some(RowChange { old, new })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracked_row_yields_each_change_once() {
        let mut row = TrackedRow::loaded(Some(1));
        assert_eq!(row.take_change(), None);
        row.put(Some(2));
        row.put(Some(3));
        assert_eq!(row.take_change(), Some(RowChange { old: Loaded::Present(1), new: Some(3) }));
        assert_eq!(row.take_change(), None);
        row.put(None);
        assert_eq!(row.take_change(), Some(RowChange { old: Loaded::Present(3), new: None }));
        let mut row = TrackedRow::not_loaded();
        row.put(Some(1));
        assert_eq!(row.take_change(), Some(RowChange { old: Loaded::Unread, new: Some(1) }));
    }
}
