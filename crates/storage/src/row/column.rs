//! Rows as columns, for engines that keep tables: each field is a column, a struct within a row is a column for each of its
//! fields, named after both.

use crate::StorageError;
use guanxi_domain::realname::VerificationStatus;
use guanxi_domain::reward::DailyRewards;
use guanxi_domain::tries::BucketState;
use guanxi_types::Role;
use guanxi_types::{Coins, Mid, Tagid};
use jiff::civil::Date;
use std::net::IpAddr;
use std::vec;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    Bool,
    /// A whole number. One of 64 bits without a sign is kept as the one with a sign that has the same bits.
    Int,
    /// A text.
    Text,
    /// Bytes.
    Bytes,
    /// Texts in their order.
    Texts,
    /// Whole numbers in their order.
    Ints,
    /// A network address.
    Address,
    /// A day.
    Day,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it is called.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may hold nothing.
    pub optional: bool,
}

/// What a row has in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is of the kind of its name")]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Texts(Vec<String>),
    Ints(Vec<i64>),
    Hashes(Vec<Vec<u8>>),
    Address(IpAddr),
    Day(Date),
}

/// The values of a row, read from the first on.
#[derive(Clone, Debug)]
pub struct Values(vec::IntoIter<Value>);

impl From<Vec<Value>> for Values {
    fn from(values: Vec<Value>) -> Values {
        Values(values.into_iter())
    }
}

impl Values {
    /// The next value; none if the row is over.
    pub fn take(&mut self) -> Option<Value> {
        self.0.next()
    }

    /// What was not read yet.
    pub fn into_rest(self) -> Vec<Value> {
        self.0.collect()
    }

    /// What the next values are, or nothing if there is nothing in any of them.
    fn optional<T: Columns>(&mut self) -> Result<Option<T>, StorageError> {
        let here = self.0.as_slice().get(..T::COUNT).unwrap_or_default();
        if here.iter().all(|value| *value == Value::Null) {
            self.0.nth(T::COUNT - 1);
            return Ok(None);
        }
        T::read(self).map(Some)
    }
}

pub(super) fn damaged(expected: &'static str) -> StorageError {
    StorageError::Corrupted("a row", format!("{expected} was expected"))
}

/// What lies in columns.
pub trait Columns: Sized {
    /// How many columns it takes.
    const COUNT: usize;

    /// Its columns, behind those that are there; `name` is what it is called itself, nothing for a whole row.
    fn columns(name: &str, out: &mut Vec<Column>);

    /// Its values, behind those that are there.
    fn write(&self, out: &mut Vec<Value>);

    /// Reads them back.
    fn read(from: &mut Values) -> Result<Self, StorageError>;
}

/// The columns of a row.
pub fn columns<R: Columns>() -> Vec<Column> {
    let mut columns = Vec::new();
    R::columns("", &mut columns);
    columns
}

/// What a part is called within a whole.
pub(crate) fn within(whole: &str, part: &str) -> String {
    if whole.is_empty() { part.to_owned() } else { format!("{whole}_{part}") }
}

/// Puts a struct into columns, field by field.
macro_rules! in_columns {
    ($name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        impl crate::row::column::Columns for $name {
            const COUNT: usize = 0 $(+ <$type as crate::row::column::Columns>::COUNT)*;

            fn columns(name: &str, out: &mut Vec<crate::row::column::Column>) {
                $({
                    let name = crate::row::column::within(name, stringify!($field));
                    <$type as crate::row::column::Columns>::columns(&name, out);
                })*
            }

            fn write(&self, out: &mut Vec<crate::row::column::Value>) {
                $(crate::row::column::Columns::write(&self.$field, out);)*
            }

            fn read(from: &mut crate::row::column::Values) -> Result<Self, crate::StorageError> {
                Ok($name { $($field: crate::row::column::Columns::read(from)?,)* })
            }
        }
    };
}
pub(crate) use in_columns;

/// Puts a type into one column: what it is there, and back.
macro_rules! in_column {
    ($type:ty, $kind:ident, $write:expr, $read:expr) => {
        impl Columns for $type {
            const COUNT: usize = 1;

            fn columns(name: &str, out: &mut Vec<Column>) {
                out.push(Column { name: name.to_owned(), kind: Kind::$kind, optional: false });
            }

            fn write(&self, out: &mut Vec<Value>) {
                let write: fn(&$type) -> Value = $write;
                out.push(write(self));
            }

            fn read(from: &mut Values) -> Result<$type, StorageError> {
                let read: fn(Value) -> Option<$type> = $read;
                from.take().and_then(read).ok_or_else(|| damaged(stringify!($type)))
            }
        }
    };
}

/// Whole numbers in one column.
macro_rules! numbers {
    ($($type:ty),+) => {
        $(in_column!($type, Int, |number| Value::Int(i64::from(*number)), |value| {
            if let Value::Int(number) = value { <$type>::try_from(number).ok() } else { None }
        });)+
    };
}

/// Enums in one column, under the names that a dump has for them.
macro_rules! names {
    ($($type:ty),+) => {
        $(in_column!($type, Text, |name| text_of(name), |value| {
            if let Value::Text(name) = value { serde_json::from_value(name.into()).ok() } else { None }
        });)+
    };
}
pub(super) use in_column;

/// What an enum's value is called in a dump.
pub(super) fn text_of(name: &impl serde::Serialize) -> Value {
    match serde_json::to_value(name) {
        Ok(serde_json::Value::String(name)) => Value::Text(name),
        _ => unreachable!("a value without fields is called something"),
    }
}

numbers!(u8, u32, i32, i64);
names!(Role, super::Sex, super::Verified, super::LoginMethod);
in_column!(bool, Bool, |is| Value::Bool(*is), |value| {
    if let Value::Bool(is) = value { Some(is) } else { None }
});
in_column!(u64, Int, |number| Value::Int(number.cast_signed()), |value| {
    if let Value::Int(number) = value { Some(number.cast_unsigned()) } else { None }
});
in_column!(String, Text, |text| Value::Text(text.clone()), |value| {
    if let Value::Text(text) = value { Some(text) } else { None }
});
in_column!(Vec<String>, Texts, |texts| Value::Texts(texts.clone()), |value| {
    if let Value::Texts(texts) = value { Some(texts) } else { None }
});
in_column!(Vec<i64>, Ints, |numbers| Value::Ints(numbers.clone()), |value| {
    if let Value::Ints(numbers) = value { Some(numbers) } else { None }
});
in_column!(Date, Day, |day| Value::Day(*day), |value| {
    if let Value::Day(day) = value { Some(day) } else { None }
});
in_column!(IpAddr, Address, |address| Value::Address(*address), |value| {
    if let Value::Address(address) = value { Some(address) } else { None }
});
in_column!([u8; 32], Bytes, |hash| Value::Bytes(hash.to_vec()), |value| {
    if let Value::Bytes(hash) = value { hash.try_into().ok() } else { None }
});
in_column!(Mid, Int, |mid| Value::Int(mid.get().cast_signed()), |value| {
    if let Value::Int(mid) = value { Mid::new(mid.try_into().ok()?) } else { None }
});
in_column!(Tagid, Int, |tagid| Value::Int(tagid.0), |value| {
    if let Value::Int(tagid) = value { Some(Tagid(tagid)) } else { None }
});
// In tenths, as everywhere within.
in_column!(Coins, Int, |coins| Value::Int(coins.in_tenths()), |value| {
    if let Value::Int(tenths) = value { Some(Coins::tenths(tenths)) } else { None }
});
in_columns!(DailyRewards { login: bool, watch: bool, coins: u8, share: bool });
in_columns!(BucketState { recent: Vec<i64>, until: i64, waits: u32 });

impl<T: Columns> Columns for Option<T> {
    const COUNT: usize = T::COUNT;

    fn columns(name: &str, out: &mut Vec<Column>) {
        let first = out.len();
        T::columns(name, out);
        out[first..].iter_mut().for_each(|column| column.optional = true);
    }

    fn write(&self, out: &mut Vec<Value>) {
        if let Some(what) = self {
            return what.write(out);
        }
        out.extend((0..T::COUNT).map(|_| Value::Null));
    }

    fn read(from: &mut Values) -> Result<Option<T>, StorageError> {
        from.optional()
    }
}

/// How an application stands, and if it was rejected, why.
impl Columns for VerificationStatus {
    const COUNT: usize = 2;

    fn columns(name: &str, out: &mut Vec<Column>) {
        String::columns(name, out);
        Option::<String>::columns(&within(name, "remark"), out);
    }

    fn write(&self, out: &mut Vec<Value>) {
        let (name, remark) = match self {
            VerificationStatus::Waiting => ("waiting", None),
            VerificationStatus::Verified => ("verified", None),
            VerificationStatus::Rejected(remark) => ("rejected", Some(remark.clone())),
        };
        out.push(Value::Text(name.to_owned()));
        remark.write(out);
    }

    fn read(from: &mut Values) -> Result<VerificationStatus, StorageError> {
        let (name, remark) = (String::read(from)?, Option::<String>::read(from)?);
        match (name.as_str(), remark) {
            ("waiting", None) => Ok(VerificationStatus::Waiting),
            ("verified", None) => Ok(VerificationStatus::Verified),
            ("rejected", Some(remark)) => Ok(VerificationStatus::Rejected(remark)),
            _ => Err(damaged("how an application stands")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::{Account, Card, Honour, Profile, Realname};

    fn comes_back<R: Columns + PartialEq + std::fmt::Debug>(row: &R) {
        let mut values = Vec::new();
        row.write(&mut values);
        assert_eq!((values.len(), columns::<R>().len()), (R::COUNT, R::COUNT));
        assert_eq!(R::read(&mut values.into()).unwrap(), *row);
    }

    #[test]
    fn rows_come_back_from_their_columns() {
        let mid = Mid::new(7).unwrap();
        comes_back(&Card { uname: "甲".into(), ..Card::of(mid) });
        comes_back(&Account { tel: Some(crate::row::Sensitive::Sealed(vec![1])), ..Account::of(mid) });
        let honour = Honour { colour: None, tags: vec![] };
        comes_back(&Profile { honour: Some(honour), tags: Some(vec![]), ..Profile::of(mid) });
        comes_back(&Profile::of(mid));
        for standing in [
            VerificationStatus::Waiting,
            VerificationStatus::Verified,
            VerificationStatus::Rejected(String::new()),
        ] {
            comes_back(&Realname {
                mid,
                standing,
                name: None,
                card: None,
                card_type: 0,
                submitted: 9,
                ended: 10,
            });
        }
    }

    #[test]
    fn a_field_within_a_field_is_named_after_both() {
        let names: Vec<String> = columns::<Card>().into_iter().map(|column| column.name).collect();
        assert!(names.contains(&"vip_label_text_color".to_owned()), "{names:?}");
        assert_eq!(names[0], "mid");
    }

    #[test]
    fn what_is_not_of_the_kind_is_a_fault() {
        assert!(Card::read(&mut vec![Value::Text("7".into())].into()).is_err());
        assert!(u8::read(&mut vec![Value::Int(256)].into()).is_err());
        assert!(Mid::read(&mut vec![].into()).is_err());
    }
}
