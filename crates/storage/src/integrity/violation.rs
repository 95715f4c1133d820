//! The violated invariants, and their texts.

use guanxi_domain::relation::RelationKind;
use guanxi_types::{Coins, Mid, Tagid};
use std::fmt;

/// A violated invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A counter of a member differs from the number of relations.
    WrongCounter {
        /// The member.
        mid: Mid,
        /// The name of the counter.
        counter: &'static str,
        /// The stored number.
        stored: u32,
        /// The number of relations.
        expected: u32,
    },
    /// The next join sequence number of a member is in use.
    JoinSeqInUse {
        /// The member.
        mid: Mid,
        /// The next number.
        next: u32,
    },
    /// A relation is later than the last one that the counters of the member have.
    WrongLastRelation {
        /// The member.
        mid: Mid,
        /// The second of the relation.
        mtime: u32,
        /// The `seq` of the relation.
        seq: u32,
    },
    /// The balance of a member differs from the sum of the coin log.
    WrongBalance {
        /// The member.
        mid: Mid,
        /// The stored balance.
        stored: Coins,
        /// The sum of the coin log.
        expected: Coins,
    },
    /// Relations or coins belong to an unknown member.
    UnknownMember(Mid),
    /// A member has no card.
    MissingCard(Mid),
    /// The entries of a member in the name index differ from those that follow from the name.
    NameIndex(Mid),
    /// A login identifier belongs to an unknown member.
    UnknownMemberOfIdentifier(Mid),
    /// A remark has no index entry, or an index entry has no remark.
    RemarkIndex {
        /// The author.
        author: Mid,
        /// The subject.
        subject: Mid,
    },
    /// A relation is inconsistent.
    Relation {
        /// The owner.
        from: Mid,
        /// The target.
        to: Mid,
        /// The violated invariant.
        violation: RelationViolation,
    },
    /// The relations in the follower index of a member differ from the relations to the member.
    FollowerIndex(Mid),
    /// The graph table has values that no list reaches.
    UnreachableNodes {
        /// The number of values.
        values: u64,
        /// The number of reachable values.
        reachable: u64,
    },
    /// The B+tree of a list is invalid.
    List {
        /// The kind of the list.
        list: String,
        /// The owner of the list.
        owner: Mid,
        /// The error, as a predicate.
        error: String,
    },
    /// An index has more or fewer entries than rows.
    IndexLength {
        /// The index.
        index: &'static str,
        /// The number of entries.
        found: u64,
        /// The number of rows.
        expected: u64,
    },
    /// A row has no entry in an index.
    MissingIndexEntry {
        /// The table of the row.
        table: &'static str,
        /// The index.
        index: &'static str,
    },
    /// The scheduled time of a row differs from the one that follows from the row.
    WrongSchedule {
        /// The table of the row.
        table: &'static str,
    },
    /// The version of a row differs from the one that follows from the row.
    WrongVersion {
        /// The table of the row.
        table: &'static str,
    },
    /// A coin entry is in the log of another member.
    MisplacedCoinEntry(Mid),
    /// The number of members in a group differs from the number of relations in it.
    GroupLength {
        /// The owner.
        owner: Mid,
        /// The group.
        tagid: Tagid,
        /// The number of members in the list.
        found: u32,
        /// The number of relations in the group.
        expected: u32,
    },
    /// A group belongs to more than one member.
    SharedGroup(Tagid),
    /// The next id of a sequence is in use.
    NextIdInUse {
        /// The sequence.
        sequence: &'static str,
        /// The next id.
        next: i64,
        /// The largest id in use.
        largest: i64,
    },
    /// A page of the data file is damaged.
    DamagedPage {
        /// The number of the page.
        page: u64,
        /// The tree of the page.
        tree: &'static str,
        /// The damage, as a sentence whose subject is the page.
        damage: String,
    },
    /// A tree of the data file does not agree with its pages.
    DamagedTree {
        /// The tree.
        tree: &'static str,
        /// The damage, as a sentence whose subject is the tree.
        damage: String,
    },
    /// A row or a key cannot be decoded.
    Unreadable {
        /// The table.
        table: &'static str,
        /// A description of the key, without private text.
        key: String,
        /// The error.
        error: String,
    },
    /// A session is missing in the session index of its member.
    MissingSession(Mid),
    /// The session index of a member has an unknown session, or one of another member.
    ForeignSession(Mid),
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::WrongCounter { mid, counter, stored, expected } => {
                write!(out, "counter {counter} of {mid} is {stored}, expected {expected}")
            }
            Violation::JoinSeqInUse { mid, next } => {
                write!(out, "next join sequence number of {mid} is {next}, but it is in use")
            }
            Violation::WrongLastRelation { mid, mtime, seq } => {
                write!(
                    out,
                    "last relation of {mid} is earlier than the existing one of second {mtime}, seq {seq}"
                )
            }
            Violation::WrongBalance { mid, stored, expected } => {
                let (stored, expected) = (stored.tenths(), expected.tenths());
                write!(out, "balance of {mid} is {stored} tenths of a coin, expected {expected}")
            }
            Violation::UnknownMember(mid) => write!(out, "relations or coins of {mid}, who is not a member"),
            Violation::MissingCard(mid) => write!(out, "member {mid} has no card"),
            Violation::NameIndex(mid) => write!(out, "name index of {mid} differs from the member's name"),
            Violation::UnknownMemberOfIdentifier(mid) => {
                write!(out, "login identifier of {mid}, who is not a member")
            }
            Violation::RemarkIndex { author, subject } => {
                write!(out, "remark of {author} on {subject} differs from its index entry")
            }
            Violation::Relation { from, to, violation } => {
                write!(out, "relation from {from} to {to} {violation}")
            }
            Violation::FollowerIndex(mid) => {
                write!(out, "follower index of {mid} differs from the relations to the member")
            }
            Violation::UnreachableNodes { values, reachable } => {
                write!(out, "graph has {values} values, of which {reachable} are reachable")
            }
            Violation::List { list, owner, error } => write!(out, "list {list} of {owner} {error}"),
            Violation::IndexLength { index, found, expected } => {
                write!(out, "index of {index} has {found} entries, expected {expected}")
            }
            Violation::MissingIndexEntry { table, index } => {
                write!(out, "a row of {table} is missing in the index of {index}")
            }
            Violation::WrongSchedule { table } => {
                write!(out, "a row of {table} has a wrong run_at or review_since")
            }
            Violation::WrongVersion { table } => write!(out, "a row of {table} has a wrong version"),
            Violation::MisplacedCoinEntry(mid) => {
                write!(out, "coin entry of {mid} is in another member's log")
            }
            Violation::GroupLength { owner, tagid, found, expected } => {
                write!(out, "group {tagid} of {owner} lists {found} members, expected {expected}")
            }
            Violation::SharedGroup(tagid) => write!(out, "group {tagid} belongs to more than one member"),
            Violation::NextIdInUse { sequence, next, largest } => {
                write!(out, "next {sequence} is {next}, but {largest} is in use")
            }
            Violation::DamagedPage { page, tree, damage } => {
                write!(out, "page {page} of data.mdb ({tree}) {damage}")
            }
            Violation::DamagedTree { tree, damage } => write!(out, "tree of data.mdb ({tree}) {damage}"),
            Violation::Unreadable { table, key, error } => {
                write!(out, "row of {table} cannot be read ({key}): {error}")
            }
            Violation::MissingSession(mid) => write!(out, "session of {mid} is missing in the session index"),
            Violation::ForeignSession(mid) => write!(out, "session index of {mid} has a session of another"),
        }
    }
}

/// A violated invariant of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationViolation {
    /// The target is the owner.
    ToSelf,
    /// The owner's list of that kind does not contain the relation.
    MissingInOwnList,
    /// The target's index of private relations does not contain the relation.
    MissingInPrivateRelations,
    /// The target's list of followers does not contain the relation.
    MissingInFollowers,
    /// The list of a group does not contain the relation.
    MissingInGroup(Tagid),
    /// A group of the relation does not exist.
    UnknownGroup(Tagid),
    /// A follow has no group, or another relation has one.
    WrongGrouping,
    /// The relation is in the default group and in another one.
    DefaultAndOtherGroup,
    /// A group has a member without a follow.
    GroupWithoutFollow,
    /// The relation is a block, and the reverse one is of another kind.
    BlockWithReverse(RelationKind),
}

impl fmt::Display for RelationViolation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RelationViolation::ToSelf => write!(out, "has its owner as the target"),
            RelationViolation::MissingInOwnList => write!(out, "is missing in the owner's list of that kind"),
            RelationViolation::MissingInPrivateRelations => {
                write!(out, "is missing in the list of private relations")
            }
            RelationViolation::MissingInFollowers => write!(out, "is missing in the list of followers"),
            RelationViolation::MissingInGroup(tagid) => {
                write!(out, "is missing in the list of group {tagid}")
            }
            RelationViolation::UnknownGroup(tagid) => {
                write!(out, "is in group {tagid}, which does not exist")
            }
            RelationViolation::WrongGrouping => {
                write!(out, "is a follow without a group, or another kind in one")
            }
            RelationViolation::DefaultAndOtherGroup => {
                write!(out, "is in the default group and in another")
            }
            RelationViolation::GroupWithoutFollow => {
                write!(out, "is in a group, but is missing or not a follow")
            }
            RelationViolation::BlockWithReverse(kind) => {
                write!(out, "is a block, but the reverse one is a {}", format!("{kind:?}").to_lowercase())
            }
        }
    }
}
