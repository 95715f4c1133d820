//! The data model: typed rows. The same types are the values of the embedded engine, in binary, and the lines of a
//! dump, in JSON. Both omit a field with its default value. So fields can be added without a new format.

mod account;
mod binary;
mod bio_review;
mod card;
mod coins;
mod data_export;
mod factor;
mod login;
mod message;
mod name_review;
mod news;
mod operator;
mod picture;
mod privacy;
mod profile;
mod relation;
mod sensitive;
mod serde_count;
pub(crate) mod serde_hex;
mod session;
pub(crate) mod sql_row;
mod undo;
mod validation;

pub use account::{
    Account, Leaving, LoginIdentifier, Password, PendingDeletion, Question, Realname, Tombstone,
};
pub use binary::Binary;
pub use bio_review::BioReview;
pub(crate) use card::DELETED_NAME;
pub use card::{Card, Official, OfficialKind, Vip, VipLabel};
pub use coins::{CoinRow, Experience, RewardRow, Upstat};
pub use data_export::{DataExport, DataExportChunk, DataExportJob};
pub use factor::{Challenge, Factors, Passkey};
pub use login::{LatestLogin, LoginMethod, LoginRow};
pub use message::{ContactCode, ContactKind, Message, MessageKind};
pub use name_review::NameReview;
pub use news::NewsRow;
pub use operator::{AuditRow, EventIdWatermark, EventRow, KeyFingerprintRow, MemberNote, OperatorToken};
pub use picture::{Jpeg, Picture};
pub use privacy::Privacy;
pub use profile::{
    Honour, LiveRoom, LiveViewers, Medal, Nameplate, Pendant, Profession, Profile, Rank, Series, Sex,
};
pub use relation::{Group, NextIds, RelationRow, Remark, RemarkedBy, Versions};
pub(crate) use relation::{kind_from_number, kind_number};
pub use sensitive::Sensitive;
pub use session::{QrLogin, RateLimitBucket, Session, TokenHash};
pub use sql_row::{Column, SqlRow, SqlType, SqlValue, SqlValues, columns};
pub(crate) use undo::members;
pub use undo::{Change, UndoRow};
pub(crate) use validation::Validate;

use crate::key::Key;
use guanxi_domain::member_filter::MemberFlag;
use guanxi_domain::name_index::{self, NameEntry};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Defines a stored struct. Serialization omits a field with its default value, except the key fields in
/// parentheses.
macro_rules! stored_struct {
    (
        $(#[$meta:meta])*
        $name:ident $(($($(#[$key_meta:meta])* $key:ident: $key_type:ty),+))? {
            $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($($(#[$key_meta])* pub $key: $key_type,)+)?
            $($(#[$field_meta])* #[serde(default, skip_serializing_if = "crate::model::is_default")] pub $field: $type,)*
        }

        crate::model::binary::impl_binary!($name ($($($key),+)?) { $($field),* });
        crate::model::sql_row::impl_sql_row!($name { $($($key: $key_type,)+)? $($field: $type,)* });
        stored_struct!(@default $name [$($($key)+)?] {$($field: $type,)*});
    };
    (@default $name:ident [] {$($field:ident: $type:ty,)*}) => {
        impl Default for $name {
            fn default() -> Self {
                $name { $($field: <$type>::default(),)* }
            }
        }
    };
    (@default $name:ident [mid] {$($field:ident: $type:ty,)*}) => {
        impl $name {
            /// Returns the row of a member with all fields at their defaults.
            pub fn new(mid: guanxi_types::Mid) -> Self {
                $name { mid, $($field: <$type>::default(),)* }
            }
        }
    };
    (@default $name:ident [$($key:ident)+] {$($fields:tt)*}) => {};
}
use stored_struct;

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Table {
    /// The tables without schedules whose keys begin with a mid. The deletion of a member deletes these rows, the
    /// card last.
    pub const MEMBER_TABLES: [Table; 15] = [
        Table::Profile,
        Table::Account,
        Table::Upstat,
        Table::Experience,
        Table::Reward,
        Table::Group,
        Table::Password,
        Table::Question,
        Table::Factors,
        Table::LatestLogin,
        Table::Picture,
        Table::DataExportChunk,
        Table::MemberNote,
        Table::Privacy,
        Table::Card,
    ];
}

/// A scheduled task that is due: the row that it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueTask {
    /// The table of the row.
    pub table: Table,
    /// The encoded key of the row.
    pub key: Vec<u8>,
}

/// A row with a primary key.
pub trait Entity: SqlRow + Binary + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The primary key.
    type Key: Key;
    /// The table of the rows.
    const TABLE: Table;
    /// The columns of the primary key.
    const KEY: &'static [&'static str];

    /// True if rows may have a scheduled task or a pending review. The engine indexes these rows.
    const IS_SCHEDULED: bool = false;

    /// Returns the primary key of the row.
    fn key(&self) -> Self::Key;

    /// Returns the second at which the scheduled task of the row is due.
    fn run_at(&self) -> Option<i64> {
        None
    }

    /// Returns the second since which the row awaits a review by a moderator.
    fn review_since(&self) -> Option<i64> {
        None
    }

    /// True if rows may have flags. The engine indexes the members of each flag.
    const HAS_FLAGS: bool = false;

    /// Returns the flags of the row's member.
    fn flags(&self) -> Vec<MemberFlag> {
        Vec::new()
    }

    /// Returns the name by which the row's member is found. The engine indexes it.
    fn indexed_name(&self) -> Option<IndexedName<'_>> {
        None
    }
}

/// A name in the name index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexedName<'r> {
    /// The name.
    pub uname: &'r str,
    /// True if the member is officially verified.
    pub is_official: bool,
}

impl IndexedName<'_> {
    /// Returns the entries of the name.
    pub(crate) fn entries(self) -> BTreeSet<NameEntry> {
        name_index::entries(self.uname, self.is_official)
    }
}

/// A function over the type of a table's rows.
pub(crate) trait EntityVisitor {
    type Output;

    fn visit<R: Entity>(&mut self) -> Self::Output;
}

/// The schema of a table of [`Entity`] rows.
#[derive(Clone, Debug)]
pub struct TableSchema {
    /// The table.
    pub table: Table,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The columns of the primary key.
    pub key: &'static [&'static str],
    /// True if rows may have a scheduled task or a pending review.
    pub is_scheduled: bool,
}

impl TableSchema {
    fn new<R: Entity>() -> TableSchema {
        TableSchema { table: R::TABLE, columns: columns::<R>(), key: R::KEY, is_scheduled: R::IS_SCHEDULED }
    }

    /// Returns true if the primary key begins with a mid.
    pub fn is_member_keyed(&self) -> bool {
        self.key.first() == Some(&"mid")
    }
}

macro_rules! tables {
    ($($(#[$meta:meta])* $name:ident($row:ident) = $text:literal,)+) => {
        /// The tables of [`Entity`] rows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Table { $($(#[$meta])* $name,)+ }

        impl Table {
            /// All tables, in the order of their numbers.
            pub const ALL: &[Table] = &[$(Table::$name,)+];

            /// Returns the tables whose rows may have a scheduled task or a pending review.
            pub fn scheduled() -> &'static [Table] {
                static SCHEDULED: LazyLock<Vec<Table>> = LazyLock::new(|| {
                    Table::ALL.iter().copied().filter(|table| table.schema().is_scheduled).collect()
                });
                &SCHEDULED
            }

            /// Returns the table of a number.
            pub fn from_number(number: u8) -> Option<Table> {
                Table::ALL.get(usize::from(number)).copied()
            }

            /// Returns the name of the table on disk and in SQL.
            pub const fn name(self) -> &'static str {
                match self { $(Table::$name => $text,)+ }
            }

            /// Calls a visitor with the type of the table's rows.
            pub(crate) fn visit<V: EntityVisitor>(self, visitor: &mut V) -> V::Output {
                match self { $(Table::$name => visitor.visit::<$row>(),)+ }
            }

            /// Returns the schema of the table.
            pub fn schema(self) -> &'static TableSchema {
                static SCHEMAS: LazyLock<Vec<TableSchema>> =
                    LazyLock::new(|| vec![$(TableSchema::new::<$row>(),)+]);
                &SCHEMAS[self as usize]
            }
        }
    };
}

tables! {
    /// [`Card`] by member.
    Card(Card) = "card",
    /// [`Profile`] by member.
    Profile(Profile) = "profile",
    /// [`Account`] by member.
    Account(Account) = "account",
    /// [`Realname`] by member.
    Realname(Realname) = "realname",
    /// [`Upstat`] by member.
    Upstat(Upstat) = "upstat",
    /// [`Experience`] by member.
    Experience(Experience) = "growth",
    /// [`RewardRow`] by member and day.
    Reward(RewardRow) = "reward",
    /// [`Group`] by owner and tagid.
    Group(Group) = "member_group",
    /// [`BioReview`] by member.
    BioReview(BioReview) = "bio_review",
    /// [`Session`] by the hash of its token.
    Session(Session) = "session",
    /// [`Password`] by member.
    Password(Password) = "password",
    /// [`Question`] by member.
    Question(Question) = "question",
    /// [`LoginIdentifier`] by its hash.
    LoginIdentifier(LoginIdentifier) = "login_identifier",
    /// [`PendingDeletion`] by member.
    PendingDeletion(PendingDeletion) = "pending_deletion",
    /// [`LatestLogin`] by member and device.
    LatestLogin(LatestLogin) = "latest_login",
    /// [`QrLogin`] by the hash of its key.
    QrLogin(QrLogin) = "qr_login",
    /// [`RateLimitBucket`] by its hash.
    RateLimit(RateLimitBucket) = "rate_limit",
    /// [`EventRow`] by the hash of its id.
    Event(EventRow) = "event",
    /// [`OperatorToken`] by its hash.
    OperatorToken(OperatorToken) = "operator_token",
    /// [`AuditRow`] by its number.
    Audit(AuditRow) = "audit",
    /// [`KeyFingerprintRow`] by the key's number.
    KeyFingerprint(KeyFingerprintRow) = "key_fingerprint",
    /// The one [`EventIdWatermark`].
    EventIdWatermark(EventIdWatermark) = "event_id_watermark",
    /// [`Tombstone`] by mid.
    Tombstone(Tombstone) = "tombstone",
    /// [`UndoRow`] by member.
    Undo(UndoRow) = "undo",
    /// [`NameReview`] by member.
    NameReview(NameReview) = "name_review",
    /// [`Picture`] by member and size.
    Picture(Picture) = "picture",
    /// [`NewsRow`] by member.
    News(NewsRow) = "news",
    /// [`Remark`] by author and subject.
    Remark(Remark) = "remark",
    /// [`RemarkedBy`] by subject and author.
    RemarkedBy(RemarkedBy) = "remarked_by",
    /// [`Privacy`] by member.
    Privacy(Privacy) = "privacy",
    /// [`Leaving`] by member.
    Leaving(Leaving) = "leaving",
    /// [`DataExportJob`] by member.
    DataExportJob(DataExportJob) = "data_export_job",
    /// [`DataExport`] by member.
    DataExport(DataExport) = "data_export",
    /// [`DataExportChunk`] by member and number.
    DataExportChunk(DataExportChunk) = "data_export_chunk",
    /// [`MemberNote`] by member and number.
    MemberNote(MemberNote) = "member_note",
    /// [`Message`] by member and id.
    Message(Message) = "message",
    /// [`ContactCode`] by the hash of its subject.
    ContactCode(ContactCode) = "contact_code",
    /// [`Factors`] by member.
    Factors(Factors) = "factors",
    /// [`Challenge`] by the hash of its secret.
    Challenge(Challenge) = "challenge",
}

/// Implements [`Entity`] for a stored struct. `run_at` and `review_since` schedule its rows, `indexed_name` names
/// them, and `flags` flags their members.
macro_rules! entity {
    ($name:ident in $table:ident by $key:ident: $type:ty, flags: $flags:expr) => {
        impl crate::model::Entity for $name {
            type Key = $type;
            const TABLE: crate::model::Table = crate::model::Table::$table;
            const KEY: &'static [&'static str] = &[stringify!($key)];
            const HAS_FLAGS: bool = true;

            fn key(&self) -> $type {
                self.$key
            }

            fn flags(&self) -> Vec<guanxi_domain::member_filter::MemberFlag> {
                let flags: fn(&Self) -> Vec<guanxi_domain::member_filter::MemberFlag> = $flags;
                flags(self)
            }
        }
    };
    ($name:ident in $table:ident by $key:ident: $type:ty) => {
        entity!($name in $table by $key: $type,);
    };
    ($name:ident in $table:ident by $key:ident: $type:ty, $($schedule:ident: $when:expr),*) => {
        impl crate::model::Entity for $name {
            type Key = $type;
            const TABLE: crate::model::Table = crate::model::Table::$table;
            const KEY: &'static [&'static str] = &[stringify!($key)];

            fn key(&self) -> $type {
                self.$key
            }

            const IS_SCHEDULED: bool = entity!(@is_scheduled $($schedule)*);
            $(fn $schedule(&self) -> Option<entity!(@type $schedule)> {
                let when: fn(&Self) -> Option<entity!(@type $schedule)> = $when;
                when(self)
            })*
        }
    };
    (@type indexed_name) => { crate::model::IndexedName<'_> };
    (@type $schedule:ident) => { i64 };
    (@is_scheduled) => { false };
    (@is_scheduled $($schedule:ident)+) => { true };
    ($name:ident in $table:ident by ($first:ident: $first_type:ty, $second:ident: $second_type:ty)) => {
        entity!($name in $table by ($first: $first_type, $second: $second_type),);
    };
    (
        $name:ident in $table:ident by ($first:ident: $first_type:ty, $second:ident: $second_type:ty),
        $($schedule:ident: $when:expr),*
    ) => {
        impl crate::model::Entity for $name {
            type Key = ($first_type, $second_type);
            const TABLE: crate::model::Table = crate::model::Table::$table;
            const KEY: &'static [&'static str] = &[stringify!($first), stringify!($second)];

            fn key(&self) -> Self::Key {
                (self.$first, self.$second)
            }

            const IS_SCHEDULED: bool = entity!(@is_scheduled $($schedule)*);
            $(fn $schedule(&self) -> Option<i64> {
                let when: fn(&Self) -> Option<i64> = $when;
                when(self)
            })*
        }
    };
}
use entity;

/// A row of a dump. Variants are in the order of an export. A dump has no sessions: members log in again after a
/// move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// A member. Precedes all other rows of the member.
    Card(Box<Card>),
    /// The profile of a member.
    Profile(Box<Profile>),
    /// The account of a member.
    Account(Box<Account>),
    /// The password of a member.
    Password(Password),
    /// The security question of a member.
    Question(Question),
    /// The second factors of a member.
    Factors(Factors),
    /// The real name of a member.
    Realname(Realname),
    /// The statistics of a member's works.
    Upstat(Upstat),
    /// The exp of a member.
    #[serde(rename = "growth")]
    Experience(Experience),
    /// A group of a member. Precedes the relations in the group.
    Group(Group),
    /// A relation of a member.
    Relation(RelationRow),
    /// The remark of a member on another.
    Remark(Remark),
    /// The versions of a member's two lists. Follows their relations.
    Versions(Versions),
    /// A change of a member's coins.
    Coin(CoinRow),
    /// The rewards of a member for a day.
    Reward(RewardRow),
    /// A login attempt of a member.
    Login(LoginRow),
    /// The latest submitted bio of a member: in review, or reviewed.
    BioReview(BioReview),
    /// The latest submitted name of a member: in review, or reviewed.
    NameReview(NameReview),
    /// The audiences of a member's lists.
    Privacy(Privacy),
    /// A member who leaves, with the time of the deletion.
    Leaving(Leaving),
    /// A size of the picture of a member.
    Picture(Picture),
    /// The news of a member.
    News(NewsRow),
    /// A note of operators on a member.
    MemberNote(MemberNote),
    /// A message to a member that is not sent yet.
    Message(Message),
    /// An applied event.
    Event(EventRow),
    /// The time up to which event ids are deleted.
    EventIdWatermark(EventIdWatermark),
    /// An audit log entry.
    Audit(AuditRow),
    /// A deleted member. The mid is never assigned again.
    Tombstone(Tombstone),
    /// The next ids.
    Next(NextIds),
}

impl Row {
    /// Returns true if both rows are entries of the same log and the same second.
    pub fn is_entry_of_same_second(&self, before: &Row) -> bool {
        match (before, self) {
            (Row::Coin(before), Row::Coin(row)) => (before.mid, before.time) == (row.mid, row.time),
            (Row::Login(before), Row::Login(row)) => (before.mid, before.time) == (row.mid, row.time),
            (Row::Audit(before), Row::Audit(row)) => before.time == row.time,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
