//! The bulk load of an empty database. Complete members are copied into the tables without reads.

use super::PgTransaction;
use crate::StorageError;
use crate::key::Key;
use crate::member_bundle::{MemberBundle, RowSink, SharedValues};
use crate::postgres::PostgresStore;
use crate::postgres::changeset::ChangeSet;
use crate::postgres::sql::{members, system};
use crate::store::Store;

/// The approximate number of rows in one commit.
const ROWS_PER_COMMIT: usize = 20_000;

impl PostgresStore {
    /// Loads complete members into an empty store. After an error the store may hold some of them.
    pub async fn bulk_load(&self, members: impl Iterator<Item = MemberBundle>) -> Result<(), StorageError> {
        if !self.is_empty().await? {
            return Err(StorageError::engine("the store already has members"));
        }
        let mut shared = SharedValues::default();
        let mut members = members.peekable();
        while members.peek().is_some() {
            let mut transaction = self.exclusive_transaction().await?;
            let (mut changes, mut rows) = (ChangeSet::default(), 0);
            while rows < ROWS_PER_COMMIT
                && let Some(member) = members.next()
            {
                transaction.mark_mid_used(member.mid);
                shared.add_member(&member);
                add_member(&mut changes, &member)?;
                rows += 1 + member.rows.len() + 2 * member.relations.len();
            }
            transaction.mark_used("tagid", shared.next_tagid - 1);
            transaction.commit_changes(changes).await?;
        }
        for identifiers in shared.take_identifiers().chunks(ROWS_PER_COMMIT) {
            let mut changes = ChangeSet::default();
            identifiers.iter().try_for_each(|row| changes.add_row(row))?;
            self.exclusive_transaction().await?.commit_changes(changes).await?;
        }
        Ok(())
    }

    async fn exclusive_transaction(&self) -> Result<PgTransaction, StorageError> {
        let mut transaction = PgTransaction::new(self.acquire(true).await?, &self.0.shards);
        transaction.set_exclusive();
        Ok(transaction)
    }
}

impl PgTransaction {
    async fn commit_changes(mut self, changes: ChangeSet) -> Result<(), StorageError> {
        self.write_count += 1;
        self.write(changes, Some(system::COMMIT)).await?;
        self.connection.mark_idle();
        Ok(())
    }
}

fn add_member(changes: &mut ChangeSet, member: &MemberBundle) -> Result<(), StorageError> {
    changes.counters(member.mid, None, Some(member.counters()));
    for row in &member.relations {
        changes.relation((row.from, row.to), None, Some(&row.relation));
    }
    member.add_rows(changes)?;
    for session in &member.sessions {
        changes.statements.push((members::INSERT_MEMBER_SESSION, (session.mid, session.hash).values()));
        changes.add_row(session)?;
    }
    Ok(())
}
