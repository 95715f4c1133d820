//! The TOML document of a compatibility file. Each value knows its key and its line, so that errors name both.

use super::error::CompatError;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The text of a file, for the lines of its parts.
#[derive(Debug)]
pub(super) struct Document<'d> {
    file: &'d Path,
    text: &'d str,
    /// The offset of each line feed.
    line_feeds: Vec<usize>,
}

impl<'d> Document<'d> {
    pub(super) fn new(file: &'d Path, text: &'d str) -> Document<'d> {
        Document { file, text, line_feeds: memchr::memchr_iter(b'\n', text.as_bytes()).collect() }
    }

    /// Returns the line of an offset. The first line is 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.line_feeds.partition_point(|line_feed| *line_feed < offset) + 1
    }

    /// Parses the document.
    pub(super) fn parse(&self) -> Result<Table<'_>, CompatError> {
        let parsed = DeTable::parse(self.text).map_err(|error| CompatError::Malformed {
            file: self.file.to_owned(),
            line: self.line(error.span().map_or(0, |span| span.start)),
            reason: error.message().to_owned(),
        })?;
        Ok(Table { document: self, key: String::new(), offset: 0, entries: parsed.into_inner() })
    }
}

/// A table, whose keys are taken one by one.
#[derive(Debug)]
pub(super) struct Table<'d> {
    document: &'d Document<'d>,
    key: String,
    offset: usize,
    entries: DeTable<'d>,
}

impl<'d> Table<'d> {
    /// Rejects keys other than these.
    pub(super) fn expect_keys(&self, known: &[&str]) -> Result<(), CompatError> {
        let is_unknown = |name: &str| !known.contains(&name);
        let unknown = self.entries.keys().filter(|key| is_unknown(key.get_ref()));
        let Some(first) = unknown.min_by_key(|key| key.span().start) else { return Ok(()) };
        let (key, offset) = (nested(&self.key, first.get_ref()), first.span().start);
        Err(invalid(self.document, offset, key, format!("unknown key, expected one of {}", known.join(", "))))
    }

    /// Takes the value of a key.
    pub(super) fn take(&mut self, key: &str) -> Option<Field<'d>> {
        let value = self.entries.remove(key)?;
        Some(Field { document: self.document, key: nested(&self.key, key), value })
    }

    /// Takes the value of a key, or returns the error that it is missing.
    pub(super) fn require(&mut self, key: &str, expected: &str) -> Result<Field<'d>, CompatError> {
        self.take(key).ok_or_else(|| self.error(key, format!("missing, expected {expected}")))
    }

    /// Returns the error of a key of the table.
    pub(super) fn error(&self, key: &str, reason: String) -> CompatError {
        invalid(self.document, self.offset, nested(&self.key, key), reason)
    }

    /// Returns all values in the order of the file.
    fn into_fields(self) -> Vec<(String, Field<'d>)> {
        let mut entries: Vec<_> = self.entries.into_iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let field =
            |name: &str, value| Field { document: self.document, key: nested(&self.key, name), value };
        entries
            .into_iter()
            .map(|(key, value)| (key.get_ref().to_string(), field(key.get_ref(), value)))
            .collect()
    }
}

fn nested(table: &str, key: &str) -> String {
    if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") }
}

fn invalid(document: &Document<'_>, offset: usize, key: String, reason: String) -> CompatError {
    let (file, line) = (document.file.to_owned(), document.line(offset));
    CompatError::Invalid { file, line, key, reason, source: None }
}

/// A value with its key.
#[derive(Debug)]
pub(super) struct Field<'d> {
    document: &'d Document<'d>,
    key: String,
    value: Spanned<DeValue<'d>>,
}

impl<'d> Field<'d> {
    /// Returns the line at which the value begins.
    pub(super) fn line(&self) -> usize {
        self.document.line(self.value.span().start)
    }

    /// Returns the line at which the text of the value begins. TOML drops a line feed after the opening quotes.
    pub(super) fn text_line(&self) -> usize {
        let source = &self.document.text[self.value.span()];
        let opens_line =
            ["'''\n", "'''\r\n", "\"\"\"\n", "\"\"\"\r\n"].iter().any(|open| source.starts_with(open));
        self.line() + usize::from(opens_line)
    }

    /// Returns the error of the value.
    pub(super) fn error(&self, reason: impl Into<String>) -> CompatError {
        invalid(self.document, self.value.span().start, self.key.clone(), reason.into())
    }

    /// Returns the error at a line of the value.
    pub(super) fn error_at(
        &self,
        line: usize,
        reason: String,
        source: Option<Box<dyn Error + Send + Sync>>,
    ) -> CompatError {
        CompatError::Invalid {
            file: self.document.file.to_owned(),
            line,
            key: self.key.clone(),
            reason,
            source,
        }
    }

    fn type_error(&self, expected: &str) -> CompatError {
        self.error(format!("is of type {}, expected {expected}", self.value.get_ref().type_str()))
    }

    /// Returns the text.
    pub(super) fn text(&self) -> Result<&str, CompatError> {
        self.value.get_ref().as_str().ok_or_else(|| self.type_error("a text"))
    }

    /// Returns the boolean.
    pub(super) fn boolean(&self) -> Result<bool, CompatError> {
        self.value.get_ref().as_bool().ok_or_else(|| self.type_error("true or false"))
    }

    /// Returns the table.
    pub(super) fn table(self) -> Result<Table<'d>, CompatError> {
        let Field { document, key, value } = self;
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(entries) => Ok(Table { document, key, offset: span.start, entries }),
            other => Err(Field { document, key, value: Spanned::new(span, other) }.type_error("a table")),
        }
    }

    /// Returns the values of the array.
    pub(super) fn array(self, expected: &str) -> Result<Vec<Field<'d>>, CompatError> {
        let Field { document, key, value } = self;
        let span = value.span();
        match value.into_inner() {
            DeValue::Array(values) => {
                Ok(values.into_iter().map(|value| Field { document, key: key.clone(), value }).collect())
            }
            other => Err(Field { document, key, value: Spanned::new(span, other) }.type_error(expected)),
        }
    }

    /// Returns the texts of a table with their keys and fields.
    pub(super) fn texts(self) -> Result<Vec<(String, String, Field<'d>)>, CompatError> {
        let fields = self.table()?.into_fields().into_iter();
        fields.map(|(name, field)| Ok((name, field.text()?.to_owned(), field))).collect()
    }

    /// Returns the table as JSON.
    pub(super) fn json_object(self) -> Result<Value, CompatError> {
        if self.value.get_ref().is_table() { self.json() } else { Err(self.type_error("a table")) }
    }

    /// Returns the value as JSON.
    pub(super) fn json(self) -> Result<Value, CompatError> {
        Ok(match self.value.get_ref() {
            DeValue::String(text) => json!(text),
            DeValue::Boolean(boolean) => json!(boolean),
            DeValue::Integer(integer) => {
                let number = i64::from_str_radix(integer.as_str(), integer.radix());
                json!(number.map_err(|_| self.error("is out of range, expected a number of 64 bits"))?)
            }
            DeValue::Float(float) => match float.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() => json!(number),
                _ => return Err(self.error("is no number of JSON, expected a finite one")),
            },
            DeValue::Datetime(_) => return Err(self.type_error("a text, since JSON has no dates")),
            DeValue::Array(_) => {
                self.array("an array")?.into_iter().map(Field::json).collect::<Result<_, _>>()?
            }
            DeValue::Table(_) => {
                let fields = self.table()?.into_fields().into_iter();
                Value::Object(
                    fields
                        .map(|(name, field)| Ok((name, field.json()?)))
                        .collect::<Result<Map<_, _>, _>>()?,
                )
            }
        })
    }
}
