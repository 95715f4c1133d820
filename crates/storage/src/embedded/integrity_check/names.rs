//! The name index, compared with the names.

use super::IntegrityCheck;
use crate::StorageError;
use crate::embedded::encoding::{self, Table};
use crate::integrity::Violation;
use crate::model::{Card, Entity};
use std::collections::BTreeSet;

impl IntegrityCheck<'_> {
    /// Reports the members whose entries in the name index differ from those that follow from their names.
    pub(super) fn report_wrong_names(&mut self) -> Result<(), StorageError> {
        let view = self.queries.0;
        let mut wrong = BTreeSet::new();
        for entry in view.all(Table::Rows(Card::TABLE))? {
            let card: Card = encoding::decode(Card::TABLE.name(), entry?.1)?;
            for key in encoding::name_keys::<Card>(card.mid, card.indexed_name()) {
                if view.get(Table::NameIndex, &key)?.is_none() {
                    wrong.insert(card.mid);
                }
            }
        }
        for entry in view.all(Table::NameIndex)? {
            let (key, _) = entry?;
            let mid = encoding::name_entry_mid(key)?;
            let card: Option<Card> = self.queries.get(mid)?;
            let name = card.as_ref().and_then(Card::indexed_name);
            if !encoding::name_keys::<Card>(mid, name).contains(key) {
                wrong.insert(mid);
            }
        }
        for mid in wrong {
            self.report.add(Violation::NameIndex(mid));
        }
        Ok(())
    }
}
