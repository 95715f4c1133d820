//! The transaction as commands see it. LMDB never waits, so every future here is ready at its first poll.

use super::super::encoding::{self, Table};
use super::EmbeddedTransaction;
use crate::StorageError;
use crate::counters::{Counters, is_visible_change};
use crate::dump::ImportProgress;
use crate::key::Key;
use crate::model::{self, AuditRow, CoinRow, Entity, Group, LoginRow, Session};
use crate::transaction::{Transaction, allocated_mid};
use guanxi_domain::news::NewsLimits;
use guanxi_domain::relation::{Relation, RelationPair, memberships};
use guanxi_domain::value::MAX_ASSIGNED_ID;
use guanxi_types::{Mid, Tagid};

impl Transaction for EmbeddedTransaction<'_> {
    fn news_limits(&self) -> NewsLimits {
        self.news_limits
    }

    async fn get<R: Entity>(&mut self, key: R::Key) -> Result<Option<R>, StorageError> {
        self.queries().get(key)
    }

    async fn rows_of<R: Entity>(&mut self, mid: Mid, limit: usize) -> Result<Vec<R>, StorageError> {
        self.queries().rows_of(mid, limit)
    }

    async fn put<R: Entity>(&mut self, row: &R) -> Result<(), StorageError> {
        self.put_row(row)
    }

    async fn delete<R: Entity>(&mut self, key: R::Key) -> Result<(), StorageError> {
        self.delete_row::<R>(key)
    }

    async fn counters(&mut self, mid: Mid) -> Result<Option<Counters>, StorageError> {
        self.queries().counters(mid)
    }

    async fn create_member(&mut self, mid: Mid) -> Result<(), StorageError> {
        match self.queries().counters(mid)? {
            Some(_) => Ok(()),
            None => self.update_counters(mid, |_| ()),
        }
    }

    async fn relation_pair(&mut self, me: Mid, them: Mid) -> Result<RelationPair, StorageError> {
        let queries = self.queries();
        Ok(RelationPair { outgoing: queries.relation(me, them)?, incoming: queries.relation(them, me)? })
    }

    async fn relation(&mut self, from: Mid, to: Mid) -> Result<Option<Relation>, StorageError> {
        self.queries().relation(from, to)
    }

    async fn last_seq(&mut self, mid: Mid, time: i64) -> Result<Option<u32>, StorageError> {
        self.queries().last_seq(mid, time)
    }

    async fn put_relation(
        &mut self,
        from: Mid,
        to: Mid,
        previous: Option<&Relation>,
        next: Option<&Relation>,
    ) -> Result<(), StorageError> {
        let list = encoding::relations_key(from);
        match next {
            Some(relation) => {
                let value = encoding::encode_relation(relation);
                self.tree_insert(&list, encoding::key_by_mid(to), Some(&value))?;
            }
            None => self.tree_remove(&list, encoding::key_by_mid(to))?,
        }
        let by_kind = |relation: &Relation| {
            (encoding::relations_by_kind_key(from, relation.kind), encoding::key_by_time(relation, to))
        };
        self.move_list_entry(previous.map(by_kind), next.map(by_kind))?;
        let follower = |relation: &Relation| {
            relation.is_follow().then(|| (encoding::followers_key(to), encoding::key_by_time(relation, from)))
        };
        self.move_list_entry(previous.and_then(follower), next.and_then(follower))?;
        let private = |relation: &Relation| {
            let entry = || (encoding::private_relations_key(to), encoding::key_by_mid(from));
            (!relation.is_follow()).then(entry)
        };
        self.move_list_entry(previous.and_then(private), next.and_then(private))?;
        self.update_group_lists(from, to, memberships(previous), memberships(next))?;
        self.update_counters(from, |counters| counters.apply_outgoing(previous, next))?;
        if is_visible_change(previous, next) {
            self.update_counters(to, |counters| counters.apply_incoming(previous, next))?;
        }
        Ok(())
    }

    async fn set_import_progress(&mut self, progress: Option<ImportProgress>) -> Result<(), StorageError> {
        match progress {
            Some(progress) => {
                self.put_bytes(Table::Meta, encoding::IMPORT_PROGRESS, &encoding::encode(&progress)?);
            }
            None => self.delete_bytes(Table::Meta, encoding::IMPORT_PROGRESS),
        }
        Ok(())
    }

    async fn set_next(&mut self, mid: u64, tagid: i64) -> Result<(), StorageError> {
        self.raise_next_mid(mid)?;
        self.raise_next_tagid(tagid)
    }

    async fn set_versions(&mut self, mid: Mid, followers: u32, followings: u32) -> Result<(), StorageError> {
        self.update_counters(mid, |counters| counters.set_versions(followers, followings))
    }

    async fn groups(&mut self, owner: Mid) -> Result<Vec<Group>, StorageError> {
        self.queries().own_groups(owner)
    }

    async fn group_members(&mut self, owner: Mid, tagid: Tagid) -> Result<Vec<Mid>, StorageError> {
        self.queries().all_group_members(owner, tagid)
    }

    async fn allocate_tagid(&mut self) -> Result<Tagid, StorageError> {
        Ok(Tagid(self.queries().next_tagid()?))
    }

    async fn put_group(&mut self, group: &Group) -> Result<(), StorageError> {
        self.raise_next_tagid(group.tagid.0.saturating_add(1))?;
        self.put_row(group)
    }

    async fn append_coin_entry(&mut self, row: &CoinRow) -> Result<(), StorageError> {
        self.append_log_row(Table::Coin, row.mid, row.time, row)?;
        self.update_counters(row.mid, |counters| counters.coins += row.delta)
    }

    async fn count_coin_entries(&mut self, row: &CoinRow) -> Result<usize, StorageError> {
        self.queries().count_equal_log_rows(Table::Coin, row.mid, row.time, row)
    }

    async fn append_login(&mut self, row: &LoginRow) -> Result<(), StorageError> {
        self.append_log_row(Table::Login, row.mid, row.time, row)
    }

    async fn count_login_entries(&mut self, row: &LoginRow) -> Result<usize, StorageError> {
        self.queries().count_equal_log_rows(Table::Login, row.mid, row.time, row)
    }

    async fn put_session(&mut self, session: &Session) -> Result<(), StorageError> {
        self.put_bytes(Table::MemberSession, &(session.mid, session.hash).bytes(), &[]);
        self.put_row(session)
    }

    async fn delete_session(&mut self, session: &Session) -> Result<(), StorageError> {
        self.delete_bytes(Table::MemberSession, &(session.mid, session.hash).bytes());
        self.delete_row::<Session>(session.hash)
    }

    async fn sessions(&mut self, mid: Mid) -> Result<Vec<Session>, StorageError> {
        self.queries().sessions(mid)
    }

    async fn allocate_mid(&mut self) -> Result<Mid, StorageError> {
        allocated_mid(self.queries().next_mid()?)
    }

    async fn write_probe(&mut self) -> Result<(), StorageError> {
        self.put_bytes(Table::Meta, encoding::PROBE, &encoding::PROBE_VALUE);
        Ok(())
    }

    async fn members_after(&mut self, after: Option<Mid>, limit: usize) -> Result<Vec<Mid>, StorageError> {
        self.queries().members_after(after, limit)
    }

    async fn relations_batch(&mut self, mid: Mid, limit: usize) -> Result<Vec<(Mid, Mid)>, StorageError> {
        self.queries().relations_batch(mid, limit)
    }

    async fn delete_rows_batch(&mut self, mid: Mid, limit: usize) -> Result<usize, StorageError> {
        let mut left = limit;
        let of_member = model::Table::MEMBER_TABLES.iter().map(|table| Table::Rows(*table));
        for table in of_member.chain([Table::Coin, Table::Login]) {
            let keys = self.queries().member_keys(table, mid, left)?;
            left -= keys.len();
            for key in keys {
                self.delete_bytes(table, &key);
            }
        }
        if left > 0 {
            // No mid is assigned twice, not even that of the last deleted member.
            if mid.get() <= MAX_ASSIGNED_ID {
                self.raise_next_mid(mid.get() + 1)?;
            }
            self.delete_bytes(Table::Graph, &encoding::counters_key(mid));
        }
        Ok(limit - left)
    }

    async fn all<R: Entity>(&mut self) -> Result<Vec<R>, StorageError> {
        self.queries().all()
    }

    async fn append_audit(&mut self, row: AuditRow) -> Result<(), StorageError> {
        let last = self.queries().audit_log(None, 1)?.first().map_or(0, |row| row.seq);
        self.put_row(&AuditRow { seq: last.saturating_add(1), ..row })
    }
}
