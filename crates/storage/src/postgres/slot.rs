//! Something that was loaded or put: what is kept of it, and what is to be.

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kept<T> {
    /// Nobody has looked.
    Unknown,
    /// Nothing.
    Nothing,
    /// This.
    This(T),
}

impl<T> Kept<T> {
    /// What is known to be kept.
    pub(super) fn known(&self) -> Option<&T> {
        if let Kept::This(this) = self { Some(this) } else { None }
    }
}

impl<T> From<Option<T>> for Kept<T> {
    fn from(told: Option<T>) -> Kept<T> {
        told.map_or(Kept::Nothing, Kept::This)
    }
}

/// Something that was loaded or put.
#[derive(Clone, Debug)]
pub(super) struct Slot<T> {
    kept: Kept<T>,
    next: Option<T>,
    changed: bool,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change<T> {
    pub(super) was: Kept<T>,
    pub(super) next: Option<T>,
}

impl<T: Clone> Slot<T> {
    pub(super) fn loaded(kept: Option<T>) -> Slot<T> {
        Slot { kept: kept.clone().into(), next: kept, changed: false }
    }

    /// One that is put without a look.
    pub(super) fn unknown() -> Slot<T> {
        Slot { kept: Kept::Unknown, next: None, changed: false }
    }

    /// What it is by now.
    pub(super) fn get(&self) -> Option<T> {
        self.next.clone()
    }

    pub(super) fn put(&mut self, next: Option<T>) {
        self.next = next;
        self.changed = true;
    }

    /// What is to be written, if anything is. It is kept from then on.
    pub(super) fn change(&mut self) -> Option<Change<T>> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let next = self.next.clone();
        let was = std::mem::replace(&mut self.kept, next.clone().into());
        Some(Change { was, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_written_once() {
        let mut slot = Slot::loaded(Some(1));
        assert_eq!(slot.change(), None);
        slot.put(Some(2));
        slot.put(Some(3));
        assert_eq!(slot.change(), Some(Change { was: Kept::This(1), next: Some(3) }));
        assert_eq!(slot.change(), None);
        slot.put(None);
        assert_eq!(slot.change(), Some(Change { was: Kept::This(3), next: None }));
        let mut slot = Slot::unknown();
        slot.put(Some(1));
        assert_eq!(slot.change(), Some(Change { was: Kept::Unknown, next: Some(1) }));
    }
}
