//! What commands ask of a transaction, and what they put.

use super::{NUMBERS, PgTxn, count, number_of};
use crate::StorageError;
use crate::command::{Prefetch, RowKey};
use crate::dump::Progress;
use crate::key::{Key, Parts};
use crate::postgres::slot::Slot;
use crate::postgres::sql;
use crate::postgres::write::Log;
use crate::row::{AuditRow, CoinRow, Columns, Group, LoginRow, Record, Session, Table, Value};
use crate::stat::{Counters, is_seen};
use crate::txn::Transaction;
use guanxi_domain::relation::RelationPair;
use guanxi_domain::tie::Relation;
use guanxi_domain::value::LARGEST_COUNTED;
use guanxi_types::{Mid, Tagid};
use std::collections::BTreeMap;

impl Transaction for PgTxn {
    async fn get<R: Record>(&mut self, key: R::Key) -> Result<Option<R>, StorageError> {
        let kept = self.row(RowKey::of::<R>(key)).await?.get();
        kept.map(|values| R::read(&mut values.into())).transpose()
    }

    async fn put<R: Record>(&mut self, row: &R) -> Result<(), StorageError> {
        let key = RowKey::of::<R>(row.key());
        if R::TABLE == Table::Audit {
            let seq = key.values.first().map(|value| if let Value::Int(seq) = value { *seq } else { 0 });
            self.given("audit", seq.unwrap_or(0));
        }
        self.put_row(key, Some(row));
        Ok(())
    }

    async fn delete<R: Record>(&mut self, key: R::Key) -> Result<(), StorageError> {
        self.put_row::<R>(RowKey::of::<R>(key), None);
        Ok(())
    }

    async fn counters(&mut self, mid: Mid) -> Result<Option<Counters>, StorageError> {
        Ok(self.member(mid).await?.get())
    }

    async fn create_member(&mut self, mid: Mid) -> Result<(), StorageError> {
        if mid.get() <= LARGEST_COUNTED {
            self.given("mid", mid.get().cast_signed());
        }
        match self.counters(mid).await? {
            Some(_) => Ok(()),
            None => self.change_stat(mid, |_| ()).await,
        }
    }

    async fn relation_pair(&mut self, me: Mid, them: Mid) -> Result<RelationPair, StorageError> {
        Ok(RelationPair {
            outgoing: self.relation(me, them).await?,
            incoming: self.relation(them, me).await?,
        })
    }

    async fn relation(&mut self, from: Mid, to: Mid) -> Result<Option<Relation>, StorageError> {
        if !self.ties.contains_key(&(from, to)) {
            self.load(Prefetch { ties: vec![(from, to)], ..Prefetch::default() }).await?;
        }
        Ok(self.ties.get(&(from, to)).and_then(Slot::get))
    }

    async fn last_seq(&mut self, mid: Mid, second: i64) -> Result<Option<u32>, StorageError> {
        self.member(mid).await?;
        self.write(None).await?;
        let told = self.ask(sql::LAST_SEQ, vec![mid.values().remove(0), Value::Int(second)]).await?;
        told.into_iter().next().as_mut().map_or(Ok(None), Option::read)
    }

    async fn put_relation(
        &mut self,
        from: Mid,
        to: Mid,
        was: Option<&Relation>,
        next: Option<&Relation>,
    ) -> Result<(), StorageError> {
        self.puts += 1;
        let slot = self.ties.entry((from, to)).or_insert_with(|| Slot::loaded(was.cloned()));
        slot.put(next.cloned());
        self.change_stat(from, |stat| stat.count(was, next)).await?;
        // Whoever has many fans should not be held for what is no change to them.
        if is_seen(was, next) {
            self.change_stat(to, |stat| stat.count_fan(was, next)).await?;
        }
        Ok(())
    }

    async fn set_loading(&mut self, progress: Option<Progress>) -> Result<(), StorageError> {
        self.puts += 1;
        self.more.push(match progress {
            Some(Progress { rows, digest }) => (sql::SET_LOADING, (rows, digest).values()),
            None => (sql::LOADED, Vec::new()),
        });
        Ok(())
    }

    async fn set_next(&mut self, mid: u64, tagid: i64) -> Result<(), StorageError> {
        self.puts += 1;
        self.given("mid", mid.cast_signed() - 1);
        self.given("tagid", tagid - 1);
        Ok(())
    }

    async fn set_versions(&mut self, mid: Mid, fans: u32, followings: u32) -> Result<(), StorageError> {
        self.change_stat(mid, |stat| {
            stat.fans_version = fans;
            stat.followings_version = followings;
            stat.hidden_version = 0;
        })
        .await
    }

    async fn groups(&mut self, owner: Mid) -> Result<Vec<Group>, StorageError> {
        if !self.groups.contains_key(&owner) {
            self.member(owner).await?;
            let told = self.ask(&sql::OWN_GROUPS, owner.values()).await?;
            let groups: Result<_, StorageError> =
                told.into_iter().map(|mut row| Group::read(&mut row)).collect();
            self.groups.insert(owner, groups?);
        }
        let mut own: BTreeMap<Tagid, Group> =
            self.groups[&owner].iter().map(|group| (group.tagid, group.clone())).collect();
        // What was put since stands over what is kept.
        let first = RowKey { table: Table::Group, bytes: owner.bytes(), values: Vec::new() };
        let put = self
            .rows
            .range(first..)
            .take_while(|(row, _)| row.table == Table::Group && row.bytes.starts_with(&owner.bytes()));
        for (row, slot) in put {
            let tagid = Parts(&row.bytes[owner.bytes().len()..]).tagid();
            let group = slot.get().map(|values| Group::read(&mut values.into())).transpose()?;
            match (tagid, group) {
                (_, Some(group)) => drop(own.insert(group.tagid, group)),
                (Some(tagid), None) => drop(own.remove(&tagid)),
                (None, None) => (),
            }
        }
        Ok(own.into_values().collect())
    }

    async fn grouped(&mut self, owner: Mid, tagid: Tagid) -> Result<Vec<Mid>, StorageError> {
        self.member(owner).await?;
        self.write(None).await?;
        let told = if tagid == Tagid::DEFAULT {
            self.ask(sql::UNGROUPED, owner.values()).await?
        } else {
            self.ask(sql::GROUPED, (owner, tagid).values()).await?
        };
        told.into_iter().map(|mut row| Mid::read(&mut row)).collect()
    }

    async fn new_tagid(&mut self) -> Result<Tagid, StorageError> {
        Ok(Tagid(self.least("tagid").await?))
    }

    async fn put_group(&mut self, group: &Group) -> Result<(), StorageError> {
        self.given("tagid", group.tagid.0);
        self.put(group).await
    }

    async fn append_coin_entry(&mut self, row: &CoinRow) -> Result<(), StorageError> {
        let mut values = Vec::new();
        row.write(&mut values);
        self.logs.entry(Log::Coin).or_default().push(values);
        self.change_stat(row.mid, |stat| stat.coins += row.delta).await
    }

    async fn put_login(&mut self, row: &LoginRow) -> Result<(), StorageError> {
        self.puts += 1;
        self.member(row.mid).await?;
        let mut values = Vec::new();
        row.write(&mut values);
        self.logs.entry(Log::Login).or_default().push(values);
        Ok(())
    }

    async fn coin_entries(&mut self, row: &CoinRow) -> Result<usize, StorageError> {
        self.entries(row.mid, &sql::COIN_ENTRIES, row).await
    }

    async fn login_entries(&mut self, row: &LoginRow) -> Result<usize, StorageError> {
        self.entries(row.mid, &sql::LOGIN_ENTRIES, row).await
    }

    async fn put_session(&mut self, session: &Session) -> Result<(), StorageError> {
        self.member(session.mid).await?;
        self.more.push((sql::PUT_MEMBER_SESSION, (session.mid, session.hash).values()));
        self.put(session).await
    }

    async fn drop_session(&mut self, session: &Session) -> Result<(), StorageError> {
        self.member(session.mid).await?;
        self.more.push((sql::DROP_MEMBER_SESSION, (session.mid, session.hash).values()));
        self.delete::<Session>(session.hash).await
    }

    async fn sessions(&mut self, mid: Mid) -> Result<Vec<Session>, StorageError> {
        self.member(mid).await?;
        self.write(None).await?;
        let told = self.ask(sql::MEMBER_SESSIONS, mid.values()).await?;
        let hashes = told.into_iter().map(|mut row| <[u8; 32]>::read(&mut row));
        let hashes = hashes.collect::<Result<Vec<_>, StorageError>>()?;
        let rows = hashes.iter().map(|hash| RowKey::of::<Session>(*hash)).collect();
        self.load(Prefetch { rows, ..Prefetch::default() }).await?;
        let mut sessions = Vec::with_capacity(hashes.len());
        for hash in hashes {
            sessions.extend(self.get::<Session>(hash).await?);
        }
        Ok(sessions)
    }

    async fn new_mid(&mut self) -> Result<Mid, StorageError> {
        let next = self.least("mid").await?.cast_unsigned();
        Mid::new(next).ok_or_else(|| StorageError::Engine("there is no mid left to give".to_owned()))
    }

    async fn touch(&mut self) -> Result<(), StorageError> {
        self.puts += 1;
        self.more.push((sql::TOUCH, Vec::new()));
        Ok(())
    }

    async fn members_after(&mut self, after: Option<Mid>, most: usize) -> Result<Vec<Mid>, StorageError> {
        self.write(None).await?;
        let after = after.map_or(0, |after| after.get().cast_signed());
        let told = self.ask(sql::MEMBERS_AFTER, vec![Value::Int(after), count(most)]).await?;
        told.into_iter().map(|mut row| Mid::read(&mut row)).collect()
    }

    async fn relations_batch(&mut self, mid: Mid, most: usize) -> Result<Vec<(Mid, Mid)>, StorageError> {
        self.member(mid).await?;
        self.write(None).await?;
        let mut ties = Vec::new();
        for text in [sql::SOME_TIES, sql::SOME_FANS] {
            let told = self.ask(text, vec![mid.values().remove(0), count(most - ties.len())]).await?;
            for mut row in told {
                ties.push((Mid::read(&mut row)?, Mid::read(&mut row)?));
            }
        }
        // Held in their order, all in one trip.
        let others = ties.iter().flat_map(|(from, to)| [*from, *to]);
        self.load(Prefetch { members: others.collect(), ties: ties.clone(), ..Prefetch::default() }).await?;
        Ok(ties)
    }

    async fn delete_rows_batch(&mut self, mid: Mid, most: usize) -> Result<usize, StorageError> {
        self.member(mid).await?;
        self.write(None).await?;
        let mut left = most;
        let of_member = Table::OF_MEMBERS.iter().map(|table| sql::of(*table).erase.as_str());
        for text in of_member.chain([sql::ERASE_COINS, sql::ERASE_LOGINS]) {
            left -= self.ask(text, vec![mid.values().remove(0), count(left)]).await?.len();
        }
        self.rows.retain(|row, _| row.member() != Some(mid));
        self.puts += 1;
        if left > 0 {
            self.member(mid).await?.put(None);
        }
        Ok(most - left)
    }

    async fn all<R: Record>(&mut self) -> Result<Vec<R>, StorageError> {
        let whole = number_of(R::TABLE) + NUMBERS;
        if self.held.insert(whole) {
            self.ask(sql::HOLD, vec![Value::Int(whole)]).await?;
        }
        self.write(None).await?;
        let told = self.ask(&sql::of(R::TABLE).all, Vec::new()).await?;
        told.into_iter().map(|mut row| R::read(&mut row)).collect()
    }

    async fn put_audit(&mut self, row: AuditRow) -> Result<(), StorageError> {
        let seq = self.least("audit").await?.cast_unsigned();
        self.put(&AuditRow { seq, ..row }).await
    }
}
