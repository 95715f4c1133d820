//! The invariants: counters, indexes and lists are recomputed from the relations and the logs, and compared.

use super::counted_btree::{CountedBTree, TreeReport};
use super::encoding::{self, ListKind, Table};
use super::queries::Queries;
use crate::StorageError;
use crate::counters::Counters;
use crate::integrity::{RelationViolation, Report, Violation};
use crate::key::{Key, KeyReader};
use crate::model::{
    BioReview, Card, CoinRow, Entity, EventRow, Group, LoginIdentifier, PendingDeletion, QrLogin,
    RateLimitBucket, Realname, Session,
};
use guanxi_domain::relation::Relation;
use guanxi_types::{Mid, Tagid};
use std::collections::HashMap;

/// Reads every table once, and looks up the rows that must agree with each row.
pub(super) fn check(queries: Queries<'_>) -> Result<Report, StorageError> {
    let mut check = IntegrityCheck {
        queries,
        report: Report::default(),
        expected: HashMap::new(),
        group_sizes: HashMap::new(),
        list_entries: HashMap::new(),
    };
    check.check_graph()?;
    check.check_list_entries();
    check.check_coins()?;
    check.check_groups()?;
    check.check_row_indexes()?;
    check.check_sessions()?;
    check.check_login_identifiers()?;
    check.check_members()?;
    Ok(check.report)
}

struct IntegrityCheck<'s> {
    queries: Queries<'s>,
    report: Report,
    /// The counters of each member, recomputed from the relations and the coin log.
    expected: HashMap<Mid, Counters>,
    /// The sizes of groups, recomputed from the relations.
    group_sizes: HashMap<(Mid, Tagid), u32>,
    /// The number of entries in all lists of a kind.
    list_entries: HashMap<&'static str, u64>,
}

const BY_KIND: &str = "relations by kind";
const FOLLOWERS: &str = "followers";
const PRIVATE_RELATIONS: &str = "private relations";
const GROUP_MEMBERS: &str = "group members";
const DUE: &str = "due rows";
const PENDING_REVIEW: &str = "pending reviews";
const MEMBER_SESSIONS: &str = "member sessions";

impl IntegrityCheck<'_> {
    /// Checks every list, and every relation against the lists that must have it.
    fn check_graph(&mut self) -> Result<(), StorageError> {
        let view = self.queries.0;
        let (mut reachable, mut values) = (0, 0);
        for entry in view.all(Table::Graph)? {
            let (key, _) = entry?;
            values += 1;
            if encoding::counters_key_owner(key).is_some() {
                reachable += 1;
                continue;
            }
            let Some((owner, kind)) = encoding::list_of_root_key(key) else { continue };
            reachable += self.check_list(CountedBTree(key), owner, kind)?;
            if kind == ListKind::Relations {
                CountedBTree(key).for_each(&view, &mut |key, value| {
                    let (to, relation) = (encoding::key_mid(key)?, encoding::decode_relation(value)?);
                    self.count(owner, to, &relation);
                    self.check_relation(owner, to, &relation)?;
                    Ok(false)
                })?;
            }
        }
        if reachable != values {
            self.report.add(Violation::UnreachableNodes { values, reachable });
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
        *self.list_entries.entry(index).or_default() += entries;
        Ok(nodes)
    }

    fn count(&mut self, from: Mid, to: Mid, relation: &Relation) {
        *self.report.relation_count_mut(relation.kind) += 1;
        self.expected.entry(from).or_default().apply_outgoing(None, Some(relation));
        self.expected.entry(to).or_default().apply_incoming(None, Some(relation));
        for membership in &relation.groups {
            self.report.grouped += 1;
            *self.group_sizes.entry((from, membership.tagid)).or_default() += 1;
        }
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

    /// Checks that no list has an entry without a relation. Every relation is listed, so equal counts mean equal
    /// sets.
    fn check_list_entries(&mut self) {
        let Report { follows, whispers, blocks, grouped, .. } = self.report;
        for (index, expected) in [
            (BY_KIND, follows + whispers + blocks),
            (FOLLOWERS, follows),
            (PRIVATE_RELATIONS, whispers + blocks),
            (GROUP_MEMBERS, grouped),
        ] {
            let found = self.list_entries.get(index).copied().unwrap_or(0);
            self.check_index_len(index, found, expected);
        }
    }

    fn check_index_len(&mut self, index: &'static str, found: u64, expected: u64) {
        if found != expected {
            self.report.add(Violation::IndexLength { index, found, expected });
        }
    }

    fn table_len(&self, table: Table) -> Result<u64, StorageError> {
        self.queries.0.all(table)?.try_fold(0, |sum, entry| entry.map(|_| sum + 1))
    }

    fn check_coins(&mut self) -> Result<(), StorageError> {
        for entry in self.queries.0.all(Table::Coin)? {
            let (key, value) = entry?;
            let row: CoinRow = encoding::decode("a log", value)?;
            if KeyReader(key).mid() != Some(row.mid) {
                self.report.add(Violation::MisplacedCoinEntry(row.mid));
            }
            self.expected.entry(row.mid).or_default().coins += row.delta;
            self.report.coin_entries += 1;
        }
        Ok(())
    }

    fn check_groups(&mut self) -> Result<(), StorageError> {
        let mut owners = HashMap::new();
        for entry in self.queries.0.all(Table::Rows(Group::TABLE))? {
            let group: Group = encoding::decode(Group::TABLE.name(), entry?.1)?;
            let (owner, tagid) = group.key();
            let listed = self.queries.group_list_len(owner, tagid)?;
            let counted = self.group_sizes.remove(&(owner, tagid)).unwrap_or(0);
            let is_being_deleted = self.queries.get::<PendingDeletion>(owner)?.is_some();
            if listed != counted && !is_being_deleted {
                let (found, expected) = (listed, counted);
                self.report.add(Violation::GroupLength { owner, tagid, found, expected });
            }
            if owners.insert(tagid, owner).is_some() {
                self.report.add(Violation::SharedGroup(tagid));
            }
            self.report.groups += 1;
        }
        let (last, next) = (owners.into_keys().max(), self.queries.next_tagid()?);
        if let Some(last) = last.filter(|last| last.0 >= next) {
            self.report.add(Violation::NextIdInUse { sequence: "tagid", next, largest: last.0 });
        }
        Ok(())
    }

    /// Checks that `due` and `pending_review` have an entry for each row that needs one, and no other.
    fn check_row_indexes(&mut self) -> Result<(), StorageError> {
        let (mut due, mut pending) = (0, 0);
        self.check_indexes_of::<Card>(&mut due, &mut pending)?;
        self.check_indexes_of::<BioReview>(&mut due, &mut pending)?;
        self.check_indexes_of::<Realname>(&mut due, &mut pending)?;
        self.check_indexes_of::<Session>(&mut due, &mut pending)?;
        self.check_indexes_of::<QrLogin>(&mut due, &mut pending)?;
        self.check_indexes_of::<RateLimitBucket>(&mut due, &mut pending)?;
        self.check_indexes_of::<EventRow>(&mut due, &mut pending)?;
        self.check_indexes_of::<PendingDeletion>(&mut due, &mut pending)?;
        let (found_due, found_pending) = (self.table_len(Table::Due)?, self.table_len(Table::PendingReview)?);
        self.check_index_len(DUE, found_due, due);
        self.check_index_len(PENDING_REVIEW, found_pending, pending);
        Ok(())
    }

    fn check_indexes_of<R: Entity>(&mut self, due: &mut u64, pending: &mut u64) -> Result<(), StorageError> {
        let view = self.queries.0;
        for entry in view.all(Table::Rows(R::TABLE))? {
            let row: R = encoding::decode(R::TABLE.name(), entry?.1)?;
            for (key, table, index, count) in [
                (encoding::due_key(&row), Table::Due, DUE, &mut *due),
                (encoding::review_key(&row), Table::PendingReview, PENDING_REVIEW, &mut *pending),
            ] {
                let Some(key) = key else { continue };
                *count += 1;
                if view.get(table, &key)?.is_none() {
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
        let listed = self.table_len(Table::MemberSession)?;
        self.check_index_len(MEMBER_SESSIONS, listed, sessions);
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

    fn check_members(&mut self) -> Result<(), StorageError> {
        for entry in self.queries.0.all(Table::Graph)? {
            let (key, value) = entry?;
            let Some(mid) = encoding::counters_key_owner(key) else { continue };
            let stored = encoding::decode_counters(value)?;
            let expected = self.expected.remove(&mid).unwrap_or_default();
            let is_being_deleted = self.queries.get::<PendingDeletion>(mid)?.is_some();
            self.report.check_counters(mid, &stored, &expected, is_being_deleted);
            if self.queries.get::<Card>(mid)?.is_none() && !is_being_deleted {
                self.report.add(Violation::MissingCard(mid));
            }
            self.report.members += 1;
        }
        self.report.report_unknown_members(self.expected.keys().copied());
        Ok(())
    }
}
