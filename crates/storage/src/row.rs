//! What is kept, as typed rows. The same types are the engine's values and the lines of a dump, and a field that has its
//! default is left out of both, so fields can be added without a new format.

mod account;
mod card;
mod chain;
pub(crate) mod column;
mod ledger;
mod login;
mod number;
mod operator;
mod private;
mod profile;
mod session;
mod sign;
mod valid;

pub use account::{Account, Farewell, Handle, Password, Question, Realname, Tombstone};
pub use card::{Card, Label, Official, Verified, Vip};
pub use chain::{Group, Next, TieRow, Versions};
pub(crate) use chain::{kind_number, kind_of};
pub use column::{Column, Columns, Kind, Value, Values, columns};
pub use ledger::{CoinRow, Growth, RewardRow, Upstat};
pub use login::{LatestLogin, LoginMethod, LoginRow};
pub use operator::{AuditRow, EventHorizon, EventRow, KeyMark, OperatorToken};
pub use private::Sensitive;
pub use profile::{
    Honour, LiveRoom, Medal, Nameplate, Pendant, Profession, Profile, Rank, Series, Sex, Watched,
};
pub use session::{Door, Qr, Session, TokenHash};
pub use sign::SignReview;
pub(crate) use valid::Valid;

use crate::key::Key;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// Writes a struct all of whose fields are left out where they have their default. Those in parentheses are its key, and
/// always there.
macro_rules! row {
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
            $($(#[$field_meta])* #[serde(default, skip_serializing_if = "crate::row::is_default")] pub $field: $type,)*
        }

        crate::row::column::in_columns!($name { $($($key: $key_type,)+)? $($field: $type,)* });
        row!(@default $name [$($($key)+)?] {$($field: $type,)*});
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
            /// The row of a member of whom nothing is said.
            pub fn of(mid: guanxi_types::Mid) -> Self {
                $name { mid, $($field: <$type>::default(),)* }
            }
        }
    };
    (@default $name:ident [$($key:ident)+] {$($fields:tt)*}) => {};
}
use row;

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Table {
    /// Those whose keys begin with a member and that nobody awaits any more: what goes when the member goes, their card last.
    pub const OF_MEMBERS: [Table; 10] = [
        Table::Profile,
        Table::Account,
        Table::Upstat,
        Table::Growth,
        Table::Reward,
        Table::Group,
        Table::Password,
        Table::Question,
        Table::LatestLogin,
        Table::Card,
    ];
}

/// Something that the clock has to look at: a row, by its table and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its table.
    pub table: Table,
    /// The bytes of its key.
    pub key: Vec<u8>,
}

/// A row that is found by its key.
pub trait Record: Columns + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What it is found by.
    type Key: Key;
    /// Where it is kept.
    const TABLE: Table;
    /// The columns of its key.
    const KEY: &'static [&'static str];

    /// Whether the clock or a moderator may have something to do with rows of this table.
    const AWAITED: bool = false;

    /// Its own key.
    fn key(&self) -> Self::Key;

    /// From which second on the clock has something to do with it; none if never.
    fn due(&self) -> Option<i64> {
        None
    }

    /// Since which second it waits for a moderator; none if it does not.
    fn waits(&self) -> Option<i64> {
        None
    }
}

/// What a table of [`Record`]s looks like.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Which.
    pub table: Table,
    /// The columns of its rows.
    pub columns: Vec<Column>,
    /// Those of its key.
    pub key: &'static [&'static str],
    /// Whether the clock or a moderator may have something to do with its rows.
    pub awaited: bool,
}

impl Shape {
    fn of<R: Record>() -> Shape {
        Shape { table: R::TABLE, columns: columns::<R>(), key: R::KEY, awaited: R::AWAITED }
    }

    /// Whether its rows are members': their key begins with one.
    pub fn is_of_members(&self) -> bool {
        self.key.first() == Some(&"mid")
    }
}

macro_rules! tables {
    ($($(#[$meta:meta])* $name:ident($row:ident) = $text:literal,)+) => {
        /// The tables of [`Record`]s.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Table { $($(#[$meta])* $name,)+ }

        impl Table {
            /// All of them, in the order of their numbers.
            pub const ALL: &[Table] = &[$(Table::$name,)+];

            /// Those whose rows the clock or a moderator may have something to do with.
            pub fn awaited() -> &'static [Table] {
                static AWAITED: LazyLock<Vec<Table>> = LazyLock::new(|| {
                    Table::ALL.iter().copied().filter(|table| table.shape().awaited).collect()
                });
                &AWAITED
            }

            /// The table of that number.
            pub fn of(number: u8) -> Option<Table> {
                Table::ALL.get(usize::from(number)).copied()
            }

            /// The name on disk.
            pub const fn name(self) -> &'static str {
                match self { $(Table::$name => $text,)+ }
            }

            /// What it looks like.
            pub fn shape(self) -> &'static Shape {
                static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| vec![$(Shape::of::<$row>(),)+]);
                &SHAPES[self as usize]
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
    /// [`Growth`] by member.
    Growth(Growth) = "growth",
    /// [`RewardRow`] by member and day.
    Reward(RewardRow) = "reward",
    /// [`Group`] by owner and tagid.
    Group(Group) = "group",
    /// [`SignReview`] by member.
    Sign(SignReview) = "sign",
    /// [`Session`] by the hash of its token.
    Session(Session) = "session",
    /// [`Password`] by member.
    Password(Password) = "password",
    /// [`Question`] by member.
    Question(Question) = "question",
    /// [`Handle`] by its hash.
    Handle(Handle) = "handle",
    /// [`Farewell`] by member.
    Farewell(Farewell) = "farewell",
    /// [`LatestLogin`] by member and device.
    LatestLogin(LatestLogin) = "latest_login",
    /// [`Qr`] by the hash of its key.
    Qr(Qr) = "qr",
    /// [`Door`] by its hash.
    Door(Door) = "door",
    /// [`EventRow`] by the hash of its id.
    Event(EventRow) = "event",
    /// [`OperatorToken`] by its hash.
    OperatorToken(OperatorToken) = "operator_token",
    /// [`AuditRow`] by its number.
    Audit(AuditRow) = "audit",
    /// [`KeyMark`] by the key's number.
    KeyMark(KeyMark) = "key_mark",
    /// The one [`EventHorizon`].
    EventHorizon(EventHorizon) = "event_horizon",
    /// [`Tombstone`] by mid.
    Tombstone(Tombstone) = "tombstone",
}

macro_rules! record {
    ($name:ident in $table:ident by $key:ident: $type:ty) => {
        record!($name in $table by $key: $type,);
    };
    ($name:ident in $table:ident by $key:ident: $type:ty, $($index:ident: $when:expr),*) => {
        impl crate::row::Record for $name {
            type Key = $type;
            const TABLE: crate::row::Table = crate::row::Table::$table;
            const KEY: &'static [&'static str] = &[stringify!($key)];

            fn key(&self) -> $type {
                self.$key
            }

            const AWAITED: bool = record!(@awaited $($index)*);
            $(fn $index(&self) -> Option<i64> {
                let when: fn(&Self) -> Option<i64> = $when;
                when(self)
            })*
        }
    };
    (@awaited) => { false };
    (@awaited $($index:ident)+) => { true };
    ($name:ident in $table:ident by ($first:ident: $first_type:ty, $second:ident: $second_type:ty)) => {
        impl crate::row::Record for $name {
            type Key = ($first_type, $second_type);
            const TABLE: crate::row::Table = crate::row::Table::$table;
            const KEY: &'static [&'static str] = &[stringify!($first), stringify!($second)];

            fn key(&self) -> Self::Key {
                (self.$first, self.$second)
            }
        }
    };
}
use record;

/// Any row that a dump can hold, in the order in which an export has them. Sessions are in none: who moves a community logs
/// in again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// A member. Comes before every other row that names them.
    Card(Box<Card>),
    /// What their space shows.
    Profile(Box<Profile>),
    /// What only they see.
    Account(Box<Account>),
    /// Their password.
    Password(Password),
    /// Their safe question.
    Question(Question),
    /// Their real name.
    Realname(Realname),
    /// How their works are seen.
    Upstat(Upstat),
    /// Their exp.
    Growth(Growth),
    /// A group of theirs. Comes before the ties in it.
    Group(Group),
    /// A tie.
    Tie(TieRow),
    /// The versions of their two lists. Comes after their ties.
    Versions(Versions),
    /// A change of their coins.
    Coin(CoinRow),
    /// What a day has given them.
    Reward(RewardRow),
    /// A login of theirs, or a try.
    Login(LoginRow),
    /// The sign that they submitted last: it waits, or its review has ended.
    Sign(SignReview),
    /// An event that was counted.
    Event(EventRow),
    /// How far ids of events are forgotten.
    EventHorizon(EventHorizon),
    /// A write of an operator's.
    Audit(AuditRow),
    /// A member who left. Their mid is nobody's.
    Tombstone(Tombstone),
    /// What is given next.
    Next(Next),
}

impl Row {
    /// Whether it and the row before it are entries of one log and of one second.
    pub fn goes_on(&self, before: &Row) -> bool {
        match (before, self) {
            (Row::Coin(before), Row::Coin(row)) => (before.mid, before.time) == (row.mid, row.time),
            (Row::Login(before), Row::Login(row)) => (before.mid, before.time) == (row.mid, row.time),
            (Row::Audit(before), Row::Audit(row)) => before.time == row.time,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_types::Mid;

    #[test]
    fn defaults_are_left_out_and_come_back() {
        let mid = Mid::new(7).unwrap();
        let row = Row::Profile(Box::new(Profile::of(mid)));
        let line = serde_json::to_string(&row).unwrap();
        assert_eq!(line, r#"{"profile":{"mid":7}}"#);
        assert_eq!(serde_json::from_str::<Row>(&line).unwrap(), row);
    }

    #[test]
    fn an_unknown_field_is_named() {
        let error = serde_json::from_str::<Row>(r#"{"card":{"mid":7,"nmae":"x"}}"#).unwrap_err().to_string();
        assert!(error.contains("nmae"), "{error}");
        let error = serde_json::from_str::<Row>(r#"{"card":{"uname":"x"}}"#).unwrap_err().to_string();
        assert!(error.contains("mid"), "{error}");
    }

    #[test]
    fn a_count_is_no_larger_than_a_number_holds() {
        let growth =
            |exp: u64| serde_json::from_str::<Row>(&format!(r#"{{"growth":{{"mid":7,"exp":{exp}}}}}"#));
        assert!(growth(9_007_199_254_740_991).is_ok());
        let error = growth(9_007_199_254_740_992).unwrap_err().to_string();
        assert!(error.contains("9007199254740992 is no count"), "{error}");
        assert!(growth(u64::MAX).is_err());
    }

    #[test]
    fn hashes_are_digits_in_a_dump_and_bytes_on_disk() {
        let row = EventRow { hash: [0xab; 32], what: u64::MAX - 1, time: 100, forgotten: 200 };
        let line = serde_json::to_string(&row).unwrap();
        let digits = "ab".repeat(32);
        assert_eq!(
            line,
            format!(r#"{{"hash":"{digits}","what":"fffffffffffffffe","time":100,"forgotten":200}}"#)
        );
        assert_eq!(serde_json::from_str::<EventRow>(&line).unwrap(), row);
        let bytes = minicbor_serde::to_vec(&row).unwrap();
        assert_eq!(minicbor_serde::from_slice::<EventRow>(&bytes).unwrap(), row);
        for wrong in ["", "ab", &digits.replace('a', "A"), &digits.replacen("ab", "+b", 1), &"é".repeat(32)]
        {
            assert!(
                serde_json::from_str::<EventRow>(&format!(r#"{{"hash":"{wrong}"}}"#)).is_err(),
                "{wrong}"
            );
        }
    }
}
