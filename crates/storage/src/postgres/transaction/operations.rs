//! The operations of a transaction that commands use.

use super::locks::table_lock;
use super::{PgTransaction, limit_value};
use crate::StorageError;
use crate::commands::{Prefetch, RowKey};
use crate::counters::{Counters, is_visible_change};
use crate::dump::ImportProgress;
use crate::key::{Key, KeyReader};
use crate::model::{AuditRow, CoinRow, Entity, Group, LoginRow, Session, SqlRow, SqlValue, Table};
use crate::postgres::changeset::Log;
use crate::postgres::sql::{counters, entities, groups, logs, members, relations, system};
use crate::postgres::unit_of_work::TrackedRow;
use crate::transaction::{Transaction, allocated_mid};
use guanxi_domain::news::NewsLimits;
use guanxi_domain::relation::{Relation, RelationPair};
use guanxi_types::{Mid, Tagid};
use std::collections::BTreeMap;

impl Transaction for PgTransaction {
    fn news_limits(&self) -> NewsLimits {
        self.news_limits
    }

    async fn get<R: Entity>(&mut self, key: R::Key) -> Result<Option<R>, StorageError> {
        let row = self.entity(RowKey::new::<R>(key)).await?.get();
        row.map(|values| R::read_values(&mut values.into())).transpose()
    }

    async fn rows_of<R: Entity>(&mut self, mid: Mid, limit: usize) -> Result<Vec<R>, StorageError> {
        self.lock_member(mid).await?;
        self.flush(None).await?;
        let rows =
            self.query(&entities::of(R::TABLE).of_member, vec![mid_value(mid), limit_value(limit)]).await?;
        rows.into_iter().map(|mut row| R::read_values(&mut row)).collect()
    }

    async fn put<R: Entity>(&mut self, row: &R) -> Result<(), StorageError> {
        let key = RowKey::new::<R>(row.key());
        if R::TABLE == Table::Audit {
            let seq = key.values.first().map(|value| if let SqlValue::Int(seq) = value { *seq } else { 0 });
            self.mark_used("audit", seq.unwrap_or(0));
        }
        self.put_entity(key, Some(row));
        Ok(())
    }

    async fn delete<R: Entity>(&mut self, key: R::Key) -> Result<(), StorageError> {
        self.put_entity::<R>(RowKey::new::<R>(key), None);
        Ok(())
    }

    async fn counters(&mut self, mid: Mid) -> Result<Option<Counters>, StorageError> {
        Ok(self.lock_member(mid).await?.get())
    }

    async fn create_member(&mut self, mid: Mid) -> Result<(), StorageError> {
        self.mark_mid_used(mid);
        match self.counters(mid).await? {
            Some(_) => Ok(()),
            None => self.update_counters(mid, |_| ()).await,
        }
    }

    async fn relation_pair(&mut self, me: Mid, them: Mid) -> Result<RelationPair, StorageError> {
        Ok(RelationPair {
            outgoing: self.relation(me, them).await?,
            incoming: self.relation(them, me).await?,
        })
    }

    async fn relation(&mut self, from: Mid, to: Mid) -> Result<Option<Relation>, StorageError> {
        if !self.relations.contains_key(&(from, to)) {
            self.load(Prefetch { relations: vec![(from, to)], ..Prefetch::default() }).await?;
        }
        Ok(self.relations.get(&(from, to)).and_then(TrackedRow::get))
    }

    async fn last_seq(&mut self, mid: Mid, time: i64) -> Result<Option<u32>, StorageError> {
        self.lock_member(mid).await?;
        self.flush(None).await?;
        let rows = self.query(relations::LAST_SEQ, vec![mid_value(mid), SqlValue::Int(time)]).await?;
        rows.into_iter().next().as_mut().map_or(Ok(None), Option::read_values)
    }

    async fn put_relation(
        &mut self,
        from: Mid,
        to: Mid,
        old: Option<&Relation>,
        new: Option<&Relation>,
    ) -> Result<(), StorageError> {
        self.write_count += 1;
        let row = self.relations.entry((from, to)).or_insert_with(|| TrackedRow::loaded(old.cloned()));
        row.put(new.cloned());
        self.update_counters(from, |counters| counters.apply_outgoing(old, new)).await?;
        // The target's counters are locked only if they change: a member with many followers is a hot row.
        if is_visible_change(old, new) {
            self.update_counters(to, |counters| counters.apply_incoming(old, new)).await?;
        }
        Ok(())
    }

    async fn set_import_progress(&mut self, progress: Option<ImportProgress>) -> Result<(), StorageError> {
        self.write_count += 1;
        self.statements.push(match progress {
            Some(ImportProgress { rows, digest }) => {
                (system::UPSERT_IMPORT_PROGRESS, (rows, digest).values())
            }
            None => (system::DELETE_IMPORT_PROGRESS, Vec::new()),
        });
        Ok(())
    }

    async fn set_next(&mut self, mid: u64, tagid: i64) -> Result<(), StorageError> {
        self.write_count += 1;
        self.mark_used("mid", mid.cast_signed() - 1);
        self.mark_used("tagid", tagid - 1);
        Ok(())
    }

    async fn set_versions(&mut self, mid: Mid, followers: u32, followings: u32) -> Result<(), StorageError> {
        self.update_counters(mid, |counters| counters.set_versions(followers, followings)).await
    }

    async fn groups(&mut self, owner: Mid) -> Result<Vec<Group>, StorageError> {
        if !self.stored_groups.contains_key(&owner) {
            self.lock_member(owner).await?;
            let rows = self.query(&groups::GROUPS, owner.values()).await?;
            let groups: Result<_, StorageError> =
                rows.into_iter().map(|mut row| Group::read_values(&mut row)).collect();
            self.stored_groups.insert(owner, groups?);
        }
        let mut groups: BTreeMap<Tagid, Group> =
            self.stored_groups[&owner].iter().map(|group| (group.tagid, group.clone())).collect();
        // Changes of this transaction replace the stored groups.
        let first = RowKey { table: Table::Group, bytes: owner.bytes(), values: Vec::new() };
        let changed = self
            .entities
            .range(first..)
            .take_while(|(key, _)| key.table == Table::Group && key.bytes.starts_with(&owner.bytes()));
        for (key, row) in changed {
            let tagid = KeyReader(&key.bytes[owner.bytes().len()..]).tagid();
            let group = row.get().map(|values| Group::read_values(&mut values.into())).transpose()?;
            match (tagid, group) {
                (_, Some(group)) => drop(groups.insert(group.tagid, group)),
                (Some(tagid), None) => drop(groups.remove(&tagid)),
                (None, None) => (),
            }
        }
        Ok(groups.into_values().collect())
    }

    async fn group_members(&mut self, owner: Mid, tagid: Tagid) -> Result<Vec<Mid>, StorageError> {
        self.lock_member(owner).await?;
        self.flush(None).await?;
        let rows = if tagid == Tagid::DEFAULT {
            self.query(groups::DEFAULT_GROUP_MEMBERS, owner.values()).await?
        } else {
            self.query(groups::GROUP_MEMBERS, (owner, tagid).values()).await?
        };
        rows.into_iter().map(|mut row| Mid::read_values(&mut row)).collect()
    }

    async fn allocate_tagid(&mut self) -> Result<Tagid, StorageError> {
        Ok(Tagid(self.next_id("tagid").await?))
    }

    async fn put_group(&mut self, group: &Group) -> Result<(), StorageError> {
        self.mark_used("tagid", group.tagid.0);
        self.put(group).await
    }

    async fn append_coin_entry(&mut self, row: &CoinRow) -> Result<(), StorageError> {
        let mut values = Vec::new();
        row.push_values(&mut values);
        self.new_log_entries.entry(Log::Coin).or_default().push(values);
        self.update_counters(row.mid, |counters| counters.coins += row.delta).await
    }

    async fn append_login(&mut self, row: &LoginRow) -> Result<(), StorageError> {
        self.write_count += 1;
        self.lock_member(row.mid).await?;
        let mut values = Vec::new();
        row.push_values(&mut values);
        self.new_log_entries.entry(Log::Login).or_default().push(values);
        Ok(())
    }

    async fn count_coin_entries(&mut self, row: &CoinRow) -> Result<usize, StorageError> {
        self.count_equal(row.mid, &logs::COUNT_EQUAL_COINS, row).await
    }

    async fn count_login_entries(&mut self, row: &LoginRow) -> Result<usize, StorageError> {
        self.count_equal(row.mid, &logs::COUNT_EQUAL_LOGINS, row).await
    }

    async fn put_session(&mut self, session: &Session) -> Result<(), StorageError> {
        self.lock_member(session.mid).await?;
        self.statements.push((members::INSERT_MEMBER_SESSION, (session.mid, session.hash).values()));
        self.put(session).await
    }

    async fn delete_session(&mut self, session: &Session) -> Result<(), StorageError> {
        self.lock_member(session.mid).await?;
        self.statements.push((members::DELETE_MEMBER_SESSION, (session.mid, session.hash).values()));
        self.delete::<Session>(session.hash).await
    }

    async fn sessions(&mut self, mid: Mid) -> Result<Vec<Session>, StorageError> {
        self.lock_member(mid).await?;
        self.flush(None).await?;
        let rows = self.query(members::MEMBER_SESSIONS, mid.values()).await?;
        let hashes = rows.into_iter().map(|mut row| <[u8; 32]>::read_values(&mut row));
        let hashes = hashes.collect::<Result<Vec<_>, StorageError>>()?;
        let keys = hashes.iter().map(|hash| RowKey::new::<Session>(*hash)).collect();
        self.load(Prefetch { rows: keys, ..Prefetch::default() }).await?;
        let mut sessions = Vec::with_capacity(hashes.len());
        for hash in hashes {
            sessions.extend(self.get::<Session>(hash).await?);
        }
        Ok(sessions)
    }

    async fn allocate_mid(&mut self) -> Result<Mid, StorageError> {
        allocated_mid(self.next_id("mid").await?.cast_unsigned())
    }

    async fn write_probe(&mut self) -> Result<(), StorageError> {
        self.write_count += 1;
        self.statements.push((system::PROBE_WRITE, Vec::new()));
        Ok(())
    }

    async fn members_after(&mut self, after: Option<Mid>, limit: usize) -> Result<Vec<Mid>, StorageError> {
        self.flush(None).await?;
        let after = after.map_or(0, |after| after.get().cast_signed());
        let params = vec![SqlValue::Int(after), limit_value(limit)];
        let rows = self.query(counters::MEMBERS_AFTER, params).await?;
        rows.into_iter().map(|mut row| Mid::read_values(&mut row)).collect()
    }

    async fn relations_batch(&mut self, mid: Mid, limit: usize) -> Result<Vec<(Mid, Mid)>, StorageError> {
        self.lock_member(mid).await?;
        self.flush(None).await?;
        let mut batch = Vec::new();
        for text in [relations::BATCH, relations::FOLLOWER_BATCH] {
            let rows = self.query(text, vec![mid_value(mid), limit_value(limit - batch.len())]).await?;
            for mut row in rows {
                batch.push((Mid::read_values(&mut row)?, Mid::read_values(&mut row)?));
            }
        }
        // Locks all other members in order, in one pipeline.
        let members = batch.iter().flat_map(|(from, to)| [*from, *to]).collect();
        self.load(Prefetch { members, relations: batch.clone(), ..Prefetch::default() }).await?;
        Ok(batch)
    }

    async fn delete_rows_batch(&mut self, mid: Mid, limit: usize) -> Result<usize, StorageError> {
        self.lock_member(mid).await?;
        self.flush(None).await?;
        let mut remaining = limit;
        let of_entities = Table::MEMBER_TABLES.iter().map(|table| entities::of(*table).delete_batch.as_str());
        for text in of_entities.chain([logs::DELETE_COIN_BATCH, logs::DELETE_LOGIN_BATCH]) {
            remaining -= self.query(text, vec![mid_value(mid), limit_value(remaining)]).await?.len();
        }
        self.entities.retain(|key, _| key.owner() != Some(mid));
        self.write_count += 1;
        if remaining > 0 {
            self.lock_member(mid).await?.put(None);
        }
        Ok(limit - remaining)
    }

    async fn all<R: Entity>(&mut self) -> Result<Vec<R>, StorageError> {
        let lock = table_lock(R::TABLE);
        if !self.advisory_locks.contains(&lock) {
            self.check_may_lock()?;
            self.advisory_locks.insert(lock);
            self.query(system::ADVISORY_LOCK, vec![SqlValue::Int(lock)]).await?;
        }
        self.flush(None).await?;
        let rows = self.query(&entities::of(R::TABLE).all, Vec::new()).await?;
        rows.into_iter().map(|mut row| R::read_values(&mut row)).collect()
    }

    async fn append_audit(&mut self, row: AuditRow) -> Result<(), StorageError> {
        let seq = self.next_id("audit").await?.cast_unsigned();
        self.put(&AuditRow { seq, ..row }).await
    }
}

fn mid_value(mid: Mid) -> SqlValue {
    SqlValue::Int(mid.get().cast_signed())
}
