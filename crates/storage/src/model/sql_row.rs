//! Conversion between rows and SQL columns. Each field is a column. A struct field becomes a column for each of its
//! fields, named after both.

use crate::StorageError;
use guanxi_domain::privacy::Audience;
use guanxi_domain::rate_limit::BucketState;
use guanxi_domain::reward::DailyRewards;
use guanxi_domain::verification::VerificationStatus;
use guanxi_types::{Coins, Mid, Role, Tagid};
use jiff::civil::Date;
use std::net::IpAddr;
use std::vec;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlType {
    /// A boolean.
    Bool,
    /// An integer. A `u64` is stored as the `i64` with the same bits.
    Int,
    /// A text.
    Text,
    /// A byte string.
    Bytes,
    /// An array of texts.
    Texts,
    /// An array of integers.
    Ints,
    /// An IP address.
    Address,
    /// A date.
    Day,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name.
    pub name: String,
    /// The type.
    pub sql_type: SqlType,
    /// True if the column may be null.
    pub nullable: bool,
}

/// The value of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant has the type of its name")]
pub enum SqlValue {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Texts(Vec<String>),
    Ints(Vec<i64>),
    List(Vec<SqlValue>),
    Address(IpAddr),
    Day(Date),
}

/// The values of a row, read in order.
#[derive(Clone, Debug)]
pub struct SqlValues(vec::IntoIter<SqlValue>);

impl From<Vec<SqlValue>> for SqlValues {
    fn from(values: Vec<SqlValue>) -> SqlValues {
        SqlValues(values.into_iter())
    }
}

impl SqlValues {
    /// Returns the next value. `None` at the end of the row.
    pub fn next_value(&mut self) -> Option<SqlValue> {
        self.0.next()
    }

    /// Returns the unread values.
    pub fn into_remaining(self) -> Vec<SqlValue> {
        self.0.collect()
    }

    /// Reads the next values of a type. `None` if all of them are null.
    fn read_nullable<T: SqlRow>(&mut self) -> Result<Option<T>, StorageError> {
        let values = self.0.as_slice().get(..T::COLUMN_COUNT).unwrap_or_default();
        if values.iter().all(|value| *value == SqlValue::Null) {
            self.0.nth(T::COLUMN_COUNT - 1);
            return Ok(None);
        }
        T::read_values(self).map(Some)
    }
}

pub(crate) fn corrupted_row(expected: &'static str) -> StorageError {
    StorageError::corrupted("a row", format!("expected {expected}"))
}

/// A value that is stored in one or more columns.
pub trait SqlRow: Sized {
    /// The number of columns.
    const COLUMN_COUNT: usize;

    /// Appends the columns. `name` is the name of the field, or empty for a whole row.
    fn push_columns(name: &str, out: &mut Vec<Column>);

    /// Appends the values of the columns.
    fn push_values(&self, out: &mut Vec<SqlValue>);

    /// Reads the values of the columns.
    fn read_values(from: &mut SqlValues) -> Result<Self, StorageError>;
}

/// Returns the columns of a row.
pub fn columns<R: SqlRow>() -> Vec<Column> {
    let mut columns = Vec::new();
    R::push_columns("", &mut columns);
    columns
}

/// Returns the column name of a part of a field.
pub(crate) fn prefixed(prefix: &str, part: &str) -> String {
    if prefix.is_empty() { part.to_owned() } else { format!("{prefix}_{part}") }
}

/// Implements [`SqlRow`] for a struct: the columns of its fields in order.
macro_rules! impl_sql_row {
    ($name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        impl crate::model::sql_row::SqlRow for $name {
            const COLUMN_COUNT: usize = 0 $(+ <$type as crate::model::sql_row::SqlRow>::COLUMN_COUNT)*;

            fn push_columns(name: &str, out: &mut Vec<crate::model::sql_row::Column>) {
                $({
                    let name = crate::model::sql_row::prefixed(name, stringify!($field));
                    <$type as crate::model::sql_row::SqlRow>::push_columns(&name, out);
                })*
            }

            fn push_values(&self, out: &mut Vec<crate::model::sql_row::SqlValue>) {
                $(crate::model::sql_row::SqlRow::push_values(&self.$field, out);)*
            }

            fn read_values(from: &mut crate::model::sql_row::SqlValues) -> Result<Self, crate::StorageError> {
                Ok($name { $($field: crate::model::sql_row::SqlRow::read_values(from)?,)* })
            }
        }
    };
}
pub(crate) use impl_sql_row;

/// Implements [`SqlRow`] for a type with one column, by two conversions.
macro_rules! impl_single_column {
    ($type:ty, $sql_type:ident, $to_sql:expr, $from_sql:expr) => {
        impl SqlRow for $type {
            const COLUMN_COUNT: usize = 1;

            fn push_columns(name: &str, out: &mut Vec<Column>) {
                out.push(Column { name: name.to_owned(), sql_type: SqlType::$sql_type, nullable: false });
            }

            fn push_values(&self, out: &mut Vec<SqlValue>) {
                let to_sql: fn(&$type) -> SqlValue = $to_sql;
                out.push(to_sql(self));
            }

            fn read_values(from: &mut SqlValues) -> Result<$type, StorageError> {
                let from_sql: fn(SqlValue) -> Option<$type> = $from_sql;
                from.next_value().and_then(from_sql).ok_or_else(|| corrupted_row(stringify!($type)))
            }
        }
    };
}

/// Implements [`SqlRow`] for integers.
macro_rules! impl_integers {
    ($($type:ty),+) => {
        $(impl_single_column!($type, Int, |number| SqlValue::Int(i64::from(*number)), |value| {
            if let SqlValue::Int(number) = value { <$type>::try_from(number).ok() } else { None }
        });)+
    };
}

/// Implements [`SqlRow`] for enums, with their names in dumps.
macro_rules! impl_enums {
    ($($type:ty),+) => {
        $(impl_single_column!($type, Text, |name| enum_text(name), |value| {
            if let SqlValue::Text(name) = value { serde_json::from_value(name.into()).ok() } else { None }
        });)+
    };
}
pub(super) use impl_single_column;

/// Returns the name of an enum variant in dumps.
pub(super) fn enum_text(name: &impl serde::Serialize) -> SqlValue {
    match serde_json::to_value(name) {
        Ok(serde_json::Value::String(name)) => SqlValue::Text(name),
        _ => unreachable!("a unit variant serializes to its name"),
    }
}

impl_integers!(u8, u32, i32, i64);
impl_enums!(
    Role,
    Audience,
    super::Sex,
    super::OfficialKind,
    super::LoginMethod,
    super::ContactKind,
    super::MessageKind
);
impl_single_column!(bool, Bool, |flag| SqlValue::Bool(*flag), |value| {
    if let SqlValue::Bool(flag) = value { Some(flag) } else { None }
});
impl_single_column!(u64, Int, |number| SqlValue::Int(number.cast_signed()), |value| {
    if let SqlValue::Int(number) = value { Some(number.cast_unsigned()) } else { None }
});
impl_single_column!(String, Text, |text| SqlValue::Text(text.clone()), |value| {
    if let SqlValue::Text(text) = value { Some(text) } else { None }
});
impl_single_column!(Vec<String>, Texts, |texts| SqlValue::Texts(texts.clone()), |value| {
    if let SqlValue::Texts(texts) = value { Some(texts) } else { None }
});
impl_single_column!(Vec<i64>, Ints, |numbers| SqlValue::Ints(numbers.clone()), |value| {
    if let SqlValue::Ints(numbers) = value { Some(numbers) } else { None }
});
impl_single_column!(Date, Day, |day| SqlValue::Day(*day), |value| {
    if let SqlValue::Day(day) = value { Some(day) } else { None }
});
impl_single_column!(IpAddr, Address, |address| SqlValue::Address(*address), |value| {
    if let SqlValue::Address(address) = value { Some(address) } else { None }
});
impl_single_column!([u8; 32], Bytes, |hash| SqlValue::Bytes(hash.to_vec()), |value| {
    if let SqlValue::Bytes(hash) = value { hash.try_into().ok() } else { None }
});
impl_single_column!(Mid, Int, |mid| SqlValue::Int(mid.get().cast_signed()), |value| {
    if let SqlValue::Int(mid) = value { Mid::new(mid.try_into().ok()?) } else { None }
});
impl_single_column!(Tagid, Int, |tagid| SqlValue::Int(tagid.0), |value| {
    if let SqlValue::Int(tagid) = value { Some(Tagid(tagid)) } else { None }
});
impl_single_column!(Coins, Int, |coins| SqlValue::Int(coins.tenths()), |value| {
    if let SqlValue::Int(tenths) = value { Some(Coins::from_tenths(tenths)) } else { None }
});
impl_sql_row!(DailyRewards { login: bool, watch: bool, coins: u8, share: bool });
impl_sql_row!(BucketState { attempts: Vec<i64>, locked_until: i64, lockouts: u32 });

impl<T: SqlRow> SqlRow for Option<T> {
    const COLUMN_COUNT: usize = T::COLUMN_COUNT;

    fn push_columns(name: &str, out: &mut Vec<Column>) {
        let first = out.len();
        T::push_columns(name, out);
        out[first..].iter_mut().for_each(|column| column.nullable = true);
    }

    fn push_values(&self, out: &mut Vec<SqlValue>) {
        if let Some(value) = self {
            return value.push_values(out);
        }
        out.extend((0..T::COLUMN_COUNT).map(|_| SqlValue::Null));
    }

    fn read_values(from: &mut SqlValues) -> Result<Option<T>, StorageError> {
        from.read_nullable()
    }
}

/// The status and the remark of a rejection, in two columns.
impl SqlRow for VerificationStatus {
    const COLUMN_COUNT: usize = 2;

    fn push_columns(name: &str, out: &mut Vec<Column>) {
        String::push_columns(name, out);
        Option::<String>::push_columns(&prefixed(name, "remark"), out);
    }

    fn push_values(&self, out: &mut Vec<SqlValue>) {
        let (name, remark) = match self {
            VerificationStatus::Waiting => ("waiting", None),
            VerificationStatus::Verified => ("verified", None),
            VerificationStatus::Rejected(remark) => ("rejected", Some(remark.clone())),
        };
        out.push(SqlValue::Text(name.to_owned()));
        remark.push_values(out);
    }

    fn read_values(from: &mut SqlValues) -> Result<VerificationStatus, StorageError> {
        let (name, remark) = (String::read_values(from)?, Option::<String>::read_values(from)?);
        match (name.as_str(), remark) {
            ("waiting", None) => Ok(VerificationStatus::Waiting),
            ("verified", None) => Ok(VerificationStatus::Verified),
            ("rejected", Some(remark)) => Ok(VerificationStatus::Rejected(remark)),
            _ => Err(corrupted_row("the status of an application")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Account, Card, Honour, Profile, Realname};

    fn assert_round_trip<R: SqlRow + PartialEq + std::fmt::Debug>(row: &R) {
        let mut values = Vec::new();
        row.push_values(&mut values);
        assert_eq!((values.len(), columns::<R>().len()), (R::COLUMN_COUNT, R::COLUMN_COUNT));
        assert_eq!(R::read_values(&mut values.into()).unwrap(), *row);
    }

    #[test]
    fn rows_round_trip_through_columns() {
        let mid = Mid::new(7).unwrap();
        assert_round_trip(&Card { uname: "甲".into(), ..Card::new(mid) });
        let tel = Some(crate::model::Sensitive::Ciphertext(vec![1]));
        assert_round_trip(&Account { tel, ..Account::new(mid) });
        let honour = Honour { colour: None, tags: vec![] };
        assert_round_trip(&Profile { honour: Some(honour), tags: Some(vec![]), ..Profile::new(mid) });
        assert_round_trip(&Profile::new(mid));
        for status in [
            VerificationStatus::Waiting,
            VerificationStatus::Verified,
            VerificationStatus::Rejected(String::new()),
        ] {
            let (name, card) = (None, None);
            assert_round_trip(&Realname { mid, status, name, card, card_type: 0, submitted: 9, ended: 10 });
        }
    }

    #[test]
    fn nested_field_column_has_prefix() {
        let names: Vec<String> = columns::<Card>().into_iter().map(|column| column.name).collect();
        assert!(names.contains(&"vip_label_text_color".to_owned()), "{names:?}");
        assert_eq!(names[0], "mid");
    }

    #[test]
    fn value_of_wrong_type_is_error() {
        assert!(Card::read_values(&mut vec![SqlValue::Text("7".into())].into()).is_err());
        assert!(u8::read_values(&mut vec![SqlValue::Int(256)].into()).is_err());
        assert!(Mid::read_values(&mut vec![].into()).is_err());
    }
}
