//! The integrity check: derived data is computed again from relations and logs, and compared.
//!
//! Every query is one that each Citus node answers for its own members. Data that is spread over nodes is compared
//! here.

use super::PostgresStore;
use super::changeset::content_version;
use super::connection::Connection;
use super::sql::{counters, entities, integrity, names, system};
use crate::StorageError;
use crate::counters::{Counters, clamp_secs};
use crate::integrity::{NameSums, RelationViolation, Report, Violation};
use crate::model::sql_row::corrupted_row;
use crate::model::{
    BioReview, Card, Challenge, ContactCode, DataExport, DataExportJob, Entity, EventRow, IndexedName,
    Leaving, LoginIdentifier, Message, NewsRow, PendingDeletion, QrLogin, RateLimitBucket, Realname, Remark,
    RemarkedBy, Session, SqlRow, SqlValue, SqlValues, TokenHash, UndoRow, kind_from_number,
};
use crate::store::CardVersion;
use futures_util::StreamExt;
use guanxi_domain::relation::RelationKind;
use guanxi_types::{Coins, Mid, Tagid};
use std::collections::{HashMap, HashSet};

/// Checks everything on one snapshot.
pub(super) async fn check(store: &PostgresStore) -> Result<Report, StorageError> {
    let scan = store.begin_scan().await?;
    let mut check = IntegrityCheck {
        connection: scan.connection(),
        report: Report::default(),
        expected: HashMap::new(),
        being_deleted: HashSet::new(),
    };
    scan.run(check.run()).await?;
    let report = check.report;
    scan.commit().await?;
    Ok(report)
}

struct IntegrityCheck<'c> {
    connection: &'c Connection,
    report: Report,
    /// The counters of each member that follow from their relations and their coin log.
    expected: HashMap<Mid, Counters>,
    /// Members whose deletion is pending.
    being_deleted: HashSet<Mid>,
}

impl IntegrityCheck<'_> {
    async fn run(&mut self) -> Result<(), StorageError> {
        let connection = self.connection;
        for_each(connection, &entities::of(PendingDeletion::TABLE).all, |row| {
            self.being_deleted.insert(PendingDeletion::read_values(row)?.mid);
            Ok(())
        })
        .await?;
        self.count_relations().await?;
        self.check_follower_index().await?;
        self.check_blocks().await?;
        self.check_groups().await?;
        self.check_next_ids().await?;
        self.count_coins().await?;
        self.check_schedules().await?;
        self.check_sessions().await?;
        self.check_names().await?;
        self.check_remarks().await?;
        self.check_members().await
    }

    /// Compares the name index with the entries that follow from the names.
    async fn check_names(&mut self) -> Result<(), StorageError> {
        let mut sums = NameSums::default();
        let entry = |kind: u8, text: &str| [&[kind], text.as_bytes()].concat();
        for_each(self.connection, &entities::of(Card::TABLE).all, |row| {
            let card = Card::read_values(row)?;
            let entries = card.indexed_name().map(IndexedName::entries).unwrap_or_default();
            for name in entries {
                sums.add(card.mid, &entry(name.kind as u8, &name.text));
            }
            Ok(())
        })
        .await?;
        for_each(self.connection, names::ALL, |row| {
            let (mid, kind) = (Mid::read_values(row)?, u8::read_values(row)?);
            sums.remove(mid, &entry(kind, &String::read_values(row)?));
            Ok(())
        })
        .await?;
        sums.report(&mut self.report);
        Ok(())
    }

    async fn count_relations(&mut self) -> Result<(), StorageError> {
        let connection = self.connection;
        for_each(connection, integrity::COUNT_RELATIONS, |row| {
            let counters = self.expected.entry(Mid::read_values(row)?).or_default();
            (counters.following, counters.whisper) = (u32::read_values(row)?, u32::read_values(row)?);
            counters.blocked = u32::read_values(row)?;
            (counters.default, counters.next_join_seq) = (u32::read_values(row)?, u32::read_values(row)?);
            (counters.last_mtime, counters.last_seq) = read_last(row)?;
            let counts = [
                (RelationKind::Follow, counters.following),
                (RelationKind::Whisper, counters.whisper),
                (RelationKind::Block, counters.blocked),
            ];
            for (kind, count) in counts {
                *self.report.relation_count_mut(kind) += u64::from(count);
            }
            self.report.grouped += u64::from(counters.default);
            Ok(())
        })
        .await?;
        for_each(connection, integrity::COUNT_FOLLOWERS, |row| {
            let counters = self.expected.entry(Mid::read_values(row)?).or_default();
            counters.follower = u32::read_values(row)?;
            (counters.last_mtime, counters.last_seq) =
                (counters.last_mtime, counters.last_seq).max(read_last(row)?);
            Ok(())
        })
        .await
    }

    /// Compares `follower_index` with `relation`. Their rows are on different nodes, so counts and sums of hashes
    /// are compared: equal ones mean equal sets.
    async fn check_follower_index(&mut self) -> Result<(), StorageError> {
        let connection = self.connection;
        let mut expected = HashMap::new();
        for_each(connection, integrity::RELATION_CHECKSUMS, |row| {
            expected.insert(Mid::read_values(row)?, (i64::read_values(row)?, String::read_values(row)?));
            Ok(())
        })
        .await?;
        for_each(connection, integrity::FOLLOWER_CHECKSUMS, |row| {
            let (mid, checksum) =
                (Mid::read_values(row)?, (i64::read_values(row)?, String::read_values(row)?));
            if expected.remove(&mid) != Some(checksum) {
                self.report.add(Violation::FollowerIndex(mid));
            }
            Ok(())
        })
        .await?;
        for mid in expected.into_keys() {
            self.report.add(Violation::FollowerIndex(mid));
        }
        Ok(())
    }

    async fn check_blocks(&mut self) -> Result<(), StorageError> {
        let connection = self.connection;
        for_each(connection, integrity::BLOCKS_WITH_REVERSE, |row| {
            let (mid, fid) = (Mid::read_values(row)?, Mid::read_values(row)?);
            let reverse =
                kind_from_number(u8::read_values(row)?).ok_or_else(|| corrupted_row("a relation kind"))?;
            let violation = RelationViolation::BlockWithReverse(reverse);
            self.report.add(Violation::Relation { from: mid, to: fid, violation });
            Ok(())
        })
        .await?;
        for_each(connection, integrity::MUTUAL_FOLLOWS, |row| {
            self.report.mutual = u64::read_values(row)? / 2;
            Ok(())
        })
        .await
    }

    async fn check_groups(&mut self) -> Result<(), StorageError> {
        let connection = self.connection;
        for_each(connection, integrity::COUNT_GROUP_MEMBERS, |row| {
            let (mid, special) = (Mid::read_values(row)?, u32::read_values(row)?);
            let (all, next_join_seq) = (u64::read_values(row)?, u32::read_values(row)?);
            let counters = self.expected.entry(mid).or_default();
            counters.special = special;
            counters.next_join_seq = counters.next_join_seq.max(next_join_seq);
            self.report.grouped += all;
            Ok(())
        })
        .await?;
        for (text, violation) in [
            (integrity::WRONG_GROUPING, RelationViolation::WrongGrouping),
            (integrity::DEFAULT_AND_OTHER_GROUP, RelationViolation::DefaultAndOtherGroup),
            (integrity::GROUP_MEMBER_WITHOUT_FOLLOW, RelationViolation::GroupWithoutFollow),
        ] {
            for_each(connection, text, |row| {
                let (from, to) = (Mid::read_values(row)?, Mid::read_values(row)?);
                self.report.add(Violation::Relation { from, to, violation });
                Ok(())
            })
            .await?;
        }
        for_each(connection, integrity::GROUP_MEMBER_WITHOUT_GROUP, |row| {
            let (from, to, tagid) =
                (Mid::read_values(row)?, Mid::read_values(row)?, Tagid::read_values(row)?);
            let violation = RelationViolation::UnknownGroup(tagid);
            self.report.add(Violation::Relation { from, to, violation });
            Ok(())
        })
        .await?;
        for_each(connection, integrity::OWNERS_OF_GROUPS, |row| {
            let (tagid, owners) = (Tagid::read_values(row)?, u64::read_values(row)?);
            if owners > 1 {
                self.report.add(Violation::SharedGroup(tagid));
            }
            self.report.groups += owners;
            Ok(())
        })
        .await
    }

    async fn check_next_ids(&mut self) -> Result<(), StorageError> {
        for (sequence, largest) in [
            ("tagid", integrity::LARGEST_TAGID),
            ("mid", integrity::LARGEST_MID),
            ("audit", integrity::LARGEST_AUDIT_SEQ),
        ] {
            let params = vec![SqlValue::Text(sequence.to_owned())];
            let next = read_number(self.connection, system::NEXT_ID, params).await?;
            let largest = read_number(self.connection, largest, Vec::new()).await?;
            if largest >= next {
                self.report.add(Violation::NextIdInUse { sequence, next, largest });
            }
        }
        Ok(())
    }

    async fn count_coins(&mut self) -> Result<(), StorageError> {
        for_each(self.connection, integrity::COUNT_COINS, |row| {
            let mid = Mid::read_values(row)?;
            self.expected.entry(mid).or_default().coins = Coins::read_values(row)?;
            self.report.coin_entries += u64::read_values(row)?;
            Ok(())
        })
        .await
    }

    /// Checks that the scheduler and the moderators find every row that they have to process.
    async fn check_schedules(&mut self) -> Result<(), StorageError> {
        self.check_schedule::<Card>().await?;
        self.check_schedule::<BioReview>().await?;
        self.check_schedule::<Realname>().await?;
        self.check_schedule::<NewsRow>().await?;
        self.check_schedule::<Session>().await?;
        self.check_schedule::<QrLogin>().await?;
        self.check_schedule::<Message>().await?;
        self.check_schedule::<ContactCode>().await?;
        self.check_schedule::<Challenge>().await?;
        self.check_schedule::<RateLimitBucket>().await?;
        self.check_schedule::<EventRow>().await?;
        self.check_schedule::<UndoRow>().await?;
        self.check_schedule::<Leaving>().await?;
        self.check_schedule::<DataExportJob>().await?;
        self.check_schedule::<DataExport>().await?;
        self.check_schedule::<PendingDeletion>().await
    }

    async fn check_schedule<R: Entity>(&mut self) -> Result<(), StorageError> {
        let table = R::TABLE.name();
        let text = format!("select {} from {table}", entities::of(R::TABLE).upsert.columns);
        for_each(self.connection, &text, |values| {
            let row = R::read_values(values)?;
            if R::TABLE == Card::TABLE && CardVersion::read_values(values)? != content_version(&row) {
                self.report.add(Violation::WrongVersion { table });
            }
            let stored = (Option::<i64>::read_values(values)?, Option::<i64>::read_values(values)?);
            if stored != (row.run_at(), row.review_since()) {
                self.report.add(Violation::WrongSchedule { table });
            }
            Ok(())
        })
        .await
    }

    async fn check_sessions(&mut self) -> Result<(), StorageError> {
        let mut sessions: HashMap<TokenHash, Mid> = HashMap::new();
        for_each(self.connection, integrity::SESSIONS, |row| {
            sessions.insert(SqlRow::read_values(row)?, SqlRow::read_values(row)?);
            Ok(())
        })
        .await?;
        for_each(self.connection, integrity::SESSION_INDEX, |row| {
            let (hash, mid) = (TokenHash::read_values(row)?, Mid::read_values(row)?);
            if sessions.remove(&hash) != Some(mid) {
                self.report.add(Violation::ForeignSession(mid));
            }
            Ok(())
        })
        .await?;
        for mid in sessions.into_values() {
            self.report.add(Violation::MissingSession(mid));
        }
        Ok(())
    }

    /// Checks that every remark has an index entry, and every index entry a remark.
    async fn check_remarks(&mut self) -> Result<(), StorageError> {
        let mut without_entry = HashSet::new();
        for_each(self.connection, &entities::of(Remark::TABLE).all, |row| {
            let Remark { mid: author, fid: subject, .. } = Remark::read_values(row)?;
            without_entry.insert((author, subject));
            Ok(())
        })
        .await?;
        for_each(self.connection, &entities::of(RemarkedBy::TABLE).all, |row| {
            let RemarkedBy { mid: subject, author } = RemarkedBy::read_values(row)?;
            if !without_entry.remove(&(author, subject)) {
                self.report.add(Violation::RemarkIndex { author, subject });
            }
            Ok(())
        })
        .await?;
        for (author, subject) in without_entry {
            self.report.add(Violation::RemarkIndex { author, subject });
        }
        Ok(())
    }

    async fn check_members(&mut self) -> Result<(), StorageError> {
        let mut members = HashSet::new();
        for_each(self.connection, &counters::ALL, |row| {
            let (mid, stored) = (Mid::read_values(row)?, Counters::read_values(row)?);
            let expected = self.expected.remove(&mid).unwrap_or_default();
            self.report.check_counters(mid, &stored, &expected, self.being_deleted.contains(&mid));
            self.report.members += 1;
            members.insert(mid);
            Ok(())
        })
        .await?;
        self.report.report_unknown_members(self.expected.keys().copied());
        let mut without_card = members.clone();
        for_each(self.connection, integrity::CARDS, |row| {
            without_card.remove(&Mid::read_values(row)?);
            Ok(())
        })
        .await?;
        for mid in without_card.difference(&self.being_deleted) {
            self.report.add(Violation::MissingCard(*mid));
        }
        for_each(self.connection, &entities::of(LoginIdentifier::TABLE).all, |row| {
            let LoginIdentifier { mid, .. } = LoginIdentifier::read_values(row)?;
            if !members.contains(&mid) {
                self.report.add(Violation::UnknownMemberOfIdentifier(mid));
            }
            Ok(())
        })
        .await
    }
}

/// Calls a function with each row of a query.
async fn for_each(
    connection: &Connection,
    text: &str,
    mut visit: impl FnMut(&mut SqlValues) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let mut rows = connection.stream(text).await?;
    while let Some(row) = rows.next().await {
        visit(&mut row?)?;
    }
    Ok(())
}

/// Reads the newest (mtime, seq) of a member's lists.
fn read_last(row: &mut SqlValues) -> Result<(u32, u32), StorageError> {
    let last = Option::<Vec<i64>>::read_values(row)?.unwrap_or_default();
    let number = |index: usize| last.get(index).map_or(0, |number| clamp_secs(*number));
    Ok((number(0), number(1)))
}

async fn read_number(
    connection: &Connection,
    text: &str,
    params: Vec<SqlValue>,
) -> Result<i64, StorageError> {
    let rows = connection.query(text, params).await?;
    rows.into_iter().next().as_mut().map_or(Ok(0), i64::read_values)
}
