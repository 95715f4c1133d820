//! The invariants: counters, indexes and lists are recomputed from the relations and the logs, and compared.

mod names;

use super::counted_btree::{CountedBTree, TreeReport};
use super::encoding::{self, ListKind, Table};
use super::queries::Queries;
use crate::StorageError;
use crate::counters::Counters;
use crate::integrity::{RelationViolation, Report, Violation, hash_of};
use crate::key::{Key, KeyReader};
use crate::model::{
    self, Card, CoinRow, Entity, EntityVisitor, Group, LoginIdentifier, LoginRow, PendingDeletion, Remark,
    RemarkedBy, Session,
};
use guanxi_domain::relation::{Relation, RelationKind};
use guanxi_types::{Mid, Order, Tagid};
use std::collections::{BTreeSet, HashMap};

/// Reads every row of every table. A row that cannot be decoded is a violation. If there is none, compares the rows
/// with each other. Fails if the tree or the WAL cannot be read at all.
pub(super) fn check(queries: Queries<'_>) -> Result<Report, StorageError> {
    let mut check = IntegrityCheck {
        queries,
        report: Report::default(),
        unreadable: 0,
        index_lens: HashMap::new(),
        names: 0,
        due: 0,
        pending: 0,
        flags: 0,
    };
    check.read_all()?;
    if check.unreadable == 0 {
        check.compare_all()?;
    }
    Ok(check.report)
}

struct IntegrityCheck<'s> {
    queries: Queries<'s>,
    report: Report,
    /// The number of entries that cannot be decoded.
    unreadable: u64,
    /// The number of entries in each index, and in all lists of a kind.
    index_lens: HashMap<&'static str, u64>,
    /// The sum of hashes of the expected entries of the name index, without those of the stored ones. 0 if they agree.
    names: u64,
    /// The number of rows that must have an entry in `due`, and in `pending_review`, and of their flags.
    due: u64,
    pending: u64,
    flags: u64,
}

const BY_KIND: &str = "relations by kind";
const FOLLOWERS: &str = "followers";
const PRIVATE_RELATIONS: &str = "private relations";
const GROUP_MEMBERS: &str = "group members";
const DUE: &str = "due rows";
const PENDING_REVIEW: &str = "pending reviews";
const MEMBER_FLAGS: &str = "member flags";
const MEMBER_SESSIONS: &str = "member sessions";

impl IntegrityCheck<'_> {
    /// Decodes every entry.
    fn read_all(&mut self) -> Result<(), StorageError> {
        self.read_graph()?;
        self.for_each(Table::Coin, |check, key, value| {
            let row: CoinRow = encoding::decode("a log", value)?;
            if log_owner(key)? != row.mid {
                check.report.add(Violation::MisplacedCoinEntry(row.mid));
            }
            check.report.coin_entries += 1;
            Ok(())
        })?;
        self.for_each(Table::Login, |_, key, value| {
            let row: LoginRow = encoding::decode("a log", value)?;
            encoding::decoded("a log", (log_owner(key)? == row.mid).then_some(()))
        })?;
        let indexes = [
            (Table::Due, DUE),
            (Table::PendingReview, PENDING_REVIEW),
            (Table::MemberSession, MEMBER_SESSIONS),
            (Table::MemberFlag, MEMBER_FLAGS),
        ];
        for (table, index) in indexes {
            self.for_each(table, |check, _, _| {
                *check.index_lens.entry(index).or_default() += 1;
                Ok(())
            })?;
        }
        self.for_each(Table::NameIndex, |check, key, _| {
            check.names = check.names.wrapping_sub(hash_of(key));
            encoding::name_entry_mid(key).map(drop)
        })?;
        let queries = self.queries;
        self.for_each(Table::Meta, |_, key, _| match key {
            encoding::NEXT_TAGID => queries.next_tagid().map(drop),
            encoding::NEXT_MID => queries.next_mid().map(drop),
            encoding::IMPORT_PROGRESS => queries.import_progress().map(drop),
            _ => Ok(()),
        })?;
        model::Table::ALL.iter().try_for_each(|table| table.visit(self))
    }

    /// Calls `check` for each entry of a table. Reports damaged entries.
    fn for_each(
        &mut self,
        table: Table,
        mut check: impl FnMut(&mut Self, &[u8], &[u8]) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        for entry in self.queries.0.all(table)? {
            let (key, checked) = match entry {
                Ok((key, value)) => (Some(key), check(self, key, value)),
                Err(error) => (None, Err(error)),
            };
            match checked {
                Ok(()) => (),
                Err(error @ StorageError::Corrupted(..)) => {
                    // The error of a checksum names the key.
                    let key = key.map(|key| encoding::describe_key(table, key)).unwrap_or_default();
                    let (table, error) = (table.name(), error.to_string());
                    self.report.add(Violation::Unreadable { table, key, error });
                    self.unreadable += 1;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Decodes the counters, and checks the structure of every list.
    fn read_graph(&mut self) -> Result<(), StorageError> {
        let view = self.queries.0;
        let (mut reachable, mut values) = (0, 0);
        self.for_each(Table::Graph, |check, key, value| {
            values += 1;
            if encoding::counters_key_owner(key).is_some() {
                reachable += 1;
                return encoding::decode_counters(value).map(drop);
            }
            let Some((owner, kind)) = encoding::list_of_root_key(key) else { return Ok(()) };
            reachable += check.check_list(CountedBTree(key), owner, kind)?;
            CountedBTree(key).for_each(&view, &mut |key, value| {
                encoding::key_mid(key)?;
                if kind == ListKind::Relations {
                    encoding::decode_relation(value)?;
                }
                Ok(false)
            })?;
            Ok(())
        })?;
        // The nodes of an unreadable list are not counted.
        if self.unreadable == 0 && reachable != values {
            self.report.add(Violation::UnreachableNodes { values, reachable });
        }
        Ok(())
    }

    /// Compares rows with other rows. All of them are readable.
    fn compare_all(&mut self) -> Result<(), StorageError> {
        self.check_members()?;
        self.check_coin_owners()?;
        self.check_index_lens();
        self.check_tagids()?;
        self.check_sessions()?;
        self.check_login_identifiers()?;
        self.check_remarks()?;
        if self.names == 0 { Ok(()) } else { self.report_wrong_names() }
    }

    /// Checks each member that has counters or a list. All keys of a member are adjacent, so one member is in memory
    /// at a time.
    fn check_members(&mut self) -> Result<(), StorageError> {
        let mut last = None;
        for entry in self.queries.0.all(Table::Graph)? {
            // A key without a member is an unreachable value.
            let Some(owner) = KeyReader(entry?.0).mid() else { continue };
            if last.replace(owner) != Some(owner) {
                self.check_member(owner)?;
            }
        }
        Ok(())
    }

    /// Computes the counters of a member again, from the member's lists and coin log.
    fn check_member(&mut self, mid: Mid) -> Result<(), StorageError> {
        let (view, mut expected, mut group_sizes) = (self.queries.0, Counters::default(), HashMap::new());
        CountedBTree(&encoding::relations_key(mid)).for_each(&view, &mut |key, value| {
            let (to, relation) = (encoding::key_mid(key)?, encoding::decode_relation(value)?);
            expected.apply_outgoing(None, Some(&relation));
            *self.report.relation_count_mut(relation.kind) += 1;
            for membership in &relation.groups {
                self.report.grouped += 1;
                *group_sizes.entry(membership.tagid).or_default() += 1;
            }
            self.check_relation(mid, to, &relation)?;
            Ok(false)
        })?;
        // The list has exactly the follows of this member, since each of them is in it and the lengths agree.
        CountedBTree(&encoding::followers_key(mid)).for_each(&view, &mut |(mtime, seq, _), _| {
            let follow = Relation {
                kind: RelationKind::Follow,
                mtime: mtime.into(),
                seq,
                source: 0,
                groups: Vec::new(),
            };
            expected.apply_incoming(None, Some(&follow));
            Ok(false)
        })?;
        for entry in view.prefix(Table::Coin, &mid.bytes(), Order::Asc)? {
            expected.coins += encoding::decode::<CoinRow>("a log", entry?.1)?.delta;
        }
        let is_being_deleted = self.queries.get::<PendingDeletion>(mid)?.is_some();
        self.check_groups(mid, &group_sizes, is_being_deleted)?;
        let Some(stored) = self.queries.counters(mid)? else {
            self.report.add(Violation::UnknownMember(mid));
            return Ok(());
        };
        self.report.members += 1;
        self.report.check_counters(mid, &stored, &expected, is_being_deleted);
        if self.queries.get::<Card>(mid)?.is_none() && !is_being_deleted {
            self.report.add(Violation::MissingCard(mid));
        }
        Ok(())
    }

    fn check_groups(
        &mut self,
        owner: Mid,
        expected: &HashMap<Tagid, u32>,
        is_being_deleted: bool,
    ) -> Result<(), StorageError> {
        for group in self.queries.own_groups(owner)? {
            let tagid = group.key().1;
            let found = self.queries.group_list_len(owner, tagid)?;
            let expected = expected.get(&tagid).copied().unwrap_or(0);
            if found != expected && !is_being_deleted {
                self.report.add(Violation::GroupLength { owner, tagid, found, expected });
            }
        }
        Ok(())
    }

    /// Checks that every coin log belongs to an existing member.
    fn check_coin_owners(&mut self) -> Result<(), StorageError> {
        let mut last = None;
        for entry in self.queries.0.all(Table::Coin)? {
            let owner = log_owner(entry?.0)?;
            if last.replace(owner) != Some(owner) && self.queries.counters(owner)?.is_none() {
                self.report.add(Violation::UnknownMember(owner));
            }
        }
        Ok(())
    }

    /// Checks the structure of a list. Returns the number of its nodes.
    fn check_list(
        &mut self,
        list: CountedBTree<'_>,
        owner: Mid,
        kind: ListKind,
    ) -> Result<u64, StorageError> {
        let TreeReport { entries, nodes, violation } = list.verify(&self.queries.0)?;
        if let Some(error) = violation {
            self.report.add(Violation::List { list: format!("{kind:?}"), owner, error });
        }
        let index = match kind {
            ListKind::Relations => return Ok(nodes),
            ListKind::ByKind(_) => BY_KIND,
            ListKind::Followers => FOLLOWERS,
            ListKind::PrivateRelations => PRIVATE_RELATIONS,
            ListKind::Group(_) => GROUP_MEMBERS,
        };
        *self.index_lens.entry(index).or_default() += entries;
        Ok(nodes)
    }

    /// Checks that every list that must have a relation has it.
    fn check_relation(&mut self, from: Mid, to: Mid, relation: &Relation) -> Result<(), StorageError> {
        let view = self.queries.0;
        let is_listed =
            |list: Vec<u8>, key| Ok::<_, StorageError>(CountedBTree(&list).get(&view, key)?.is_some());
        let mut violations = Vec::new();
        if from == to {
            violations.push(RelationViolation::ToSelf);
        }
        let (by_time, by_owner) = (encoding::key_by_time(relation, to), encoding::key_by_mid(from));
        if !is_listed(encoding::relations_by_kind_key(from, relation.kind), by_time)? {
            violations.push(RelationViolation::MissingInOwnList);
        }
        if !relation.is_follow() && !is_listed(encoding::private_relations_key(to), by_owner)? {
            violations.push(RelationViolation::MissingInPrivateRelations);
        }
        let by_time = encoding::key_by_time(relation, from);
        if relation.is_follow() && !is_listed(encoding::followers_key(to), by_time)? {
            violations.push(RelationViolation::MissingInFollowers);
        }
        if relation.is_follow() == relation.groups.is_empty() {
            violations.push(RelationViolation::WrongGrouping);
        }
        for membership in &relation.groups {
            let tagid = membership.tagid;
            let key = encoding::key_by_join_seq(*membership, to);
            if !is_listed(encoding::group_members_key(from, tagid), key)? {
                violations.push(RelationViolation::MissingInGroup(tagid));
            }
            if !tagid.is_built_in() && self.queries.get::<Group>((from, tagid))?.is_none() {
                violations.push(RelationViolation::UnknownGroup(tagid));
            }
        }
        match self.queries.relation(to, from)? {
            Some(reverse) if relation.is_block() && !reverse.is_block() => {
                violations.push(RelationViolation::BlockWithReverse(reverse.kind));
            }
            Some(reverse) if relation.is_follow() && reverse.is_follow() && from < to => {
                self.report.mutual += 1;
            }
            _ => (),
        }
        for violation in violations {
            self.report.add(Violation::Relation { from, to, violation });
        }
        Ok(())
    }

    /// Checks that no list and no index has an entry without a relation or a row. Each of them is listed, so equal
    /// counts mean equal sets.
    fn check_index_lens(&mut self) {
        let Report { follows, whispers, blocks, grouped, .. } = self.report;
        for (index, expected) in [
            (BY_KIND, follows + whispers + blocks),
            (FOLLOWERS, follows),
            (PRIVATE_RELATIONS, whispers + blocks),
            (GROUP_MEMBERS, grouped),
            (DUE, self.due),
            (PENDING_REVIEW, self.pending),
            (MEMBER_FLAGS, self.flags),
        ] {
            self.check_index_len(index, expected);
        }
    }

    fn check_index_len(&mut self, index: &'static str, expected: u64) {
        let found = self.index_lens.get(index).copied().unwrap_or(0);
        if found != expected {
            self.report.add(Violation::IndexLength { index, found, expected });
        }
    }

    /// Checks that no two groups have the same id, and that the next one is greater.
    fn check_tagids(&mut self) -> Result<(), StorageError> {
        // The only memory that grows with the community: 8 bytes for each group.
        let mut tagids = Vec::new();
        for entry in self.queries.0.all(Table::Rows(Group::TABLE))? {
            let group: Group = encoding::decode(Group::TABLE.name(), entry?.1)?;
            tagids.push(group.key().1);
        }
        tagids.sort_unstable();
        self.report.groups = tagids.len() as u64;
        for pair in tagids.windows(2) {
            if pair[0] == pair[1] {
                self.report.add(Violation::SharedGroup(pair[0]));
            }
        }
        let (last, next) = (tagids.last(), self.queries.next_tagid()?);
        if let Some(last) = last.filter(|last| last.0 >= next) {
            self.report.add(Violation::NextIdInUse { sequence: "tagid", next, largest: last.0 });
        }
        Ok(())
    }

    /// Checks that `due`, `pending_review` and `member_flag` have an entry for a row that needs one.
    fn check_row_indexes<R: Entity>(&mut self, row: &R) -> Result<(), StorageError> {
        let set = |key: Option<Vec<u8>>| key.into_iter().collect::<BTreeSet<_>>();
        for (keys, table, index, count) in [
            (set(encoding::due_key(row)), Table::Due, DUE, &mut self.due),
            (set(encoding::review_key(row)), Table::PendingReview, PENDING_REVIEW, &mut self.pending),
            (encoding::flag_keys(Some(row)), Table::MemberFlag, MEMBER_FLAGS, &mut self.flags),
        ] {
            for key in keys {
                *count += 1;
                if self.queries.0.get(table, &key)?.is_none() {
                    self.report.add(Violation::MissingIndexEntry { table: R::TABLE.name(), index });
                }
            }
        }
        Ok(())
    }

    fn check_sessions(&mut self) -> Result<(), StorageError> {
        let view = self.queries.0;
        let mut sessions = 0;
        for entry in view.all(Table::Rows(Session::TABLE))? {
            let session: Session = encoding::decode(Session::TABLE.name(), entry?.1)?;
            sessions += 1;
            if view.get(Table::MemberSession, &(session.mid, session.hash).bytes())?.is_none() {
                self.report.add(Violation::MissingSession(session.mid));
            }
        }
        self.check_index_len(MEMBER_SESSIONS, sessions);
        Ok(())
    }

    /// Checks that every name, phone and mail address belongs to an existing member.
    fn check_login_identifiers(&mut self) -> Result<(), StorageError> {
        for entry in self.queries.0.all(Table::Rows(LoginIdentifier::TABLE))? {
            let LoginIdentifier { mid, .. } = encoding::decode(LoginIdentifier::TABLE.name(), entry?.1)?;
            if self.queries.counters(mid)?.is_none() {
                self.report.add(Violation::UnknownMemberOfIdentifier(mid));
            }
        }
        Ok(())
    }

    /// Checks that every remark has an index entry, and every index entry a remark.
    fn check_remarks(&mut self) -> Result<(), StorageError> {
        let view = self.queries.0;
        for entry in view.all(Table::Rows(Remark::TABLE))? {
            let Remark { mid: author, fid: subject, .. } = encoding::decode(Remark::TABLE.name(), entry?.1)?;
            if self.queries.get::<RemarkedBy>((subject, author))?.is_none() {
                self.report.add(Violation::RemarkIndex { author, subject });
            }
        }
        for entry in view.all(Table::Rows(RemarkedBy::TABLE))? {
            let RemarkedBy { mid: subject, author } = encoding::decode(RemarkedBy::TABLE.name(), entry?.1)?;
            if self.queries.get::<Remark>((author, subject))?.is_none() {
                self.report.add(Violation::RemarkIndex { author, subject });
            }
        }
        Ok(())
    }
}

impl EntityVisitor for IntegrityCheck<'_> {
    type Output = Result<(), StorageError>;

    /// Decodes every row of a table, and checks the indexes of each.
    fn visit<R: Entity>(&mut self) -> Result<(), StorageError> {
        self.for_each(Table::Rows(R::TABLE), |check, key, value| {
            let row: R = encoding::decode(R::TABLE.name(), value)?;
            for key in encoding::name_keys::<R>(row.key(), row.indexed_name()) {
                check.names = check.names.wrapping_add(hash_of(&key));
            }
            if row.key().bytes() != key {
                return Err(StorageError::corrupted(R::TABLE.name(), "the row belongs to another key"));
            }
            check.check_row_indexes(&row)
        })
    }
}

/// Returns the member of a log entry: its key has the member, the second, and the position within that second.
fn log_owner(key: &[u8]) -> Result<Mid, StorageError> {
    let mut reader = KeyReader(key);
    let owner = reader.mid().filter(|_| reader.u32().is_some() && reader.u32().is_some());
    encoding::decoded("a log", owner.filter(|_| reader.0.is_empty()))
}
