//! Values on their way to the database and back.

use crate::StorageError;
use crate::row::{Value, Values};
use bytes::BytesMut;
use std::error::Error;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

type Failure = Box<dyn Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Bool(is) => is.to_sql(kind, out),
            Value::Int(number) if *kind == Type::INT2 => i16::try_from(*number)?.to_sql(kind, out),
            Value::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Value::Int(number) => number.to_sql(kind, out),
            Value::Text(text) => text.to_sql(kind, out),
            Value::Bytes(bytes) => bytes.to_sql(kind, out),
            Value::Texts(texts) => texts.to_sql(kind, out),
            Value::Ints(numbers) => numbers.to_sql(kind, out),
            Value::Hashes(hashes) => hashes.to_sql(kind, out),
            Value::Address(address) => address.to_sql(kind, out),
            Value::Day(day) => day.to_sql(kind, out),
        }
    }

    // Each statement is ours, and so are the types of its parameters.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Value, Failure> {
        Ok(match *kind {
            Type::BOOL => Value::Bool(bool::from_sql(kind, raw)?),
            Type::INT2 => Value::Int(i16::from_sql(kind, raw)?.into()),
            Type::INT4 => Value::Int(i32::from_sql(kind, raw)?.into()),
            Type::INT8 => Value::Int(i64::from_sql(kind, raw)?),
            Type::TEXT | Type::VARCHAR => Value::Text(String::from_sql(kind, raw)?),
            Type::BYTEA => Value::Bytes(Vec::from_sql(kind, raw)?),
            Type::TEXT_ARRAY => Value::Texts(Vec::from_sql(kind, raw)?),
            Type::INT8_ARRAY => Value::Ints(Vec::from_sql(kind, raw)?),
            Type::INET => Value::Address(FromSql::from_sql(kind, raw)?),
            Type::DATE => Value::Day(FromSql::from_sql(kind, raw)?),
            _ => return Err(format!("a column of type {kind}").into()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Value, Failure> {
        Ok(Value::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// What a row has, from the first column on.
pub(super) fn values(row: &Row) -> Result<Values, StorageError> {
    let values = (0..row.len()).map(|at| row.try_get::<_, Value>(at));
    let values: Result<Vec<Value>, _> = values.collect();
    Ok(values.map_err(|error| StorageError::Corrupted("a row", error.to_string()))?.into())
}
