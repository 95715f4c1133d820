//! Conversion of column values to and from the binary format of PostgreSQL.

use crate::StorageError;
use crate::model::{SqlRow, SqlValue, SqlValues};
use bytes::BytesMut;
use guanxi_types::Mid;
use std::error::Error;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

type ConversionError = Box<dyn Error + Sync + Send>;

impl ToSql for SqlValue {
    fn to_sql(&self, sql_type: &Type, out: &mut BytesMut) -> Result<IsNull, ConversionError> {
        match self {
            SqlValue::Null => Ok(IsNull::Yes),
            SqlValue::Bool(value) => value.to_sql(sql_type, out),
            SqlValue::Int(number) if *sql_type == Type::INT2 => i16::try_from(*number)?.to_sql(sql_type, out),
            SqlValue::Int(number) if *sql_type == Type::INT4 => i32::try_from(*number)?.to_sql(sql_type, out),
            SqlValue::Int(number) => number.to_sql(sql_type, out),
            SqlValue::Text(text) => text.to_sql(sql_type, out),
            SqlValue::Bytes(bytes) => bytes.to_sql(sql_type, out),
            SqlValue::Texts(texts) => texts.to_sql(sql_type, out),
            SqlValue::Ints(numbers) => numbers.to_sql(sql_type, out),
            SqlValue::List(values) => values.to_sql(sql_type, out),
            SqlValue::Address(address) => address.to_sql(sql_type, out),
            SqlValue::Day(day) => day.to_sql(sql_type, out),
        }
    }

    // The parameter types are fixed by the statements of this crate.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for SqlValue {
    fn from_sql(sql_type: &Type, raw: &'a [u8]) -> Result<SqlValue, ConversionError> {
        Ok(match *sql_type {
            Type::BOOL => SqlValue::Bool(bool::from_sql(sql_type, raw)?),
            Type::INT2 => SqlValue::Int(i16::from_sql(sql_type, raw)?.into()),
            Type::INT4 => SqlValue::Int(i32::from_sql(sql_type, raw)?.into()),
            Type::INT8 => SqlValue::Int(i64::from_sql(sql_type, raw)?),
            Type::TEXT | Type::VARCHAR => SqlValue::Text(String::from_sql(sql_type, raw)?),
            Type::BYTEA => SqlValue::Bytes(Vec::from_sql(sql_type, raw)?),
            Type::TEXT_ARRAY => SqlValue::Texts(Vec::from_sql(sql_type, raw)?),
            Type::INT8_ARRAY => SqlValue::Ints(Vec::from_sql(sql_type, raw)?),
            Type::INET => SqlValue::Address(FromSql::from_sql(sql_type, raw)?),
            Type::DATE => SqlValue::Day(FromSql::from_sql(sql_type, raw)?),
            _ => return Err(format!("unexpected column type {sql_type}").into()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<SqlValue, ConversionError> {
        Ok(SqlValue::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Returns the values of a row, in the order of its columns.
pub(super) fn values(row: &Row) -> Result<SqlValues, StorageError> {
    let values = (0..row.len()).map(|index| row.try_get::<_, SqlValue>(index));
    let values: Result<Vec<SqlValue>, _> = values.collect();
    Ok(values.map_err(|error| StorageError::corrupted("a row", error))?.into())
}

/// Returns members as one array parameter.
pub(super) fn mids(members: impl IntoIterator<Item = Mid>) -> SqlValue {
    SqlValue::Ints(members.into_iter().map(|mid| mid.get().cast_signed()).collect())
}

/// Turns rows into one list parameter a column.
pub(super) fn transpose(rows: Vec<Vec<SqlValue>>) -> Vec<SqlValue> {
    let mut columns = vec![Vec::with_capacity(rows.len()); rows.first().map_or(0, Vec::len)];
    for row in rows {
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    columns.into_iter().map(SqlValue::List).collect()
}

/// Returns each row of a list of keys. A row is behind the number of its key, counted from 1.
pub(super) fn numbered_rows(
    key_count: usize,
    rows: Vec<SqlValues>,
) -> Result<Vec<Option<Vec<SqlValue>>>, StorageError> {
    let mut found = vec![None; key_count];
    for mut row in rows {
        let number = usize::try_from(i64::read_values(&mut row)?).unwrap_or_default();
        if let Some(found) = found.get_mut(number.wrapping_sub(1)) {
            *found = Some(row.into_remaining());
        }
    }
    Ok(found)
}
