//! Templates of answers: JSON text with expressions over the answer of an endpoint.
//!
//! An expression is written as JSON, so a text has its quotes and needs no escaping. [`syntax`](super::syntax)
//! restricts the language. Fuel bounds time and memory, and the writer bounds the output.

use super::syntax::{self, SyntaxError};
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, filters};
use serde::Serialize;
use serde::de::IgnoredAny;
use std::io::{self, Write};

/// The maximum size of a template, in bytes.
pub(super) const TEMPLATE_MAX_BYTES: usize = 64 << 10;

/// The maximum size of an answer of a template, and of one value in it, in bytes.
const OUTPUT_MAX_BYTES: usize = 1 << 20;

/// The fuel of a template: one unit for each step, and for 64 bytes of text.
const FUEL: u64 = 100_000;

/// The number of bytes that a unit of fuel pays for.
const BYTES_PER_FUEL: usize = 64;

/// The name of the template in its environment.
const NAME: &str = "template";

/// A checked template.
#[derive(Debug)]
pub(super) struct Template {
    environment: Environment<'static>,
}

/// The failure of a template for an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum RenderError {
    /// The template failed.
    #[error("{}", describe(.0))]
    Template(#[from] Error),
    /// The output is no JSON.
    #[error("the output is no JSON")]
    Json(#[source] serde_json::Error),
}

fn describe(error: &Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()))
}

impl RenderError {
    /// Returns the line of the template. The first line is 1.
    pub(super) fn line(&self) -> usize {
        match self {
            RenderError::Template(error) => error.line().unwrap_or(1),
            RenderError::Json(_) => 1,
        }
    }

    /// Returns the kind of the failure, which contains no value of an answer.
    pub(super) fn kind(&self) -> String {
        match self {
            RenderError::Template(error) => error.kind().to_string(),
            RenderError::Json(_) => self.to_string(),
        }
    }
}

impl Template {
    /// Checks and compiles a template.
    pub(super) fn compile(source: &str) -> Result<Template, SyntaxError> {
        syntax::check(source)?;
        let mut environment = Environment::empty();
        environment.set_fuel(Some(FUEL));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_formatter(write_json);
        environment.add_filter("default", filters::default);
        environment.add_filter("float", filters::float);
        environment.add_filter("int", filters::int);
        environment.add_filter("items", filters::items);
        environment.add_filter("length", filters::length);
        environment.add_filter("lower", filters::lower);
        environment.add_filter("string", filters::string);
        environment.add_filter("tojson", to_json);
        environment.add_filter("upper", filters::upper);
        environment.add_test("defined", minijinja::tests::is_defined);
        environment.add_test("none", minijinja::tests::is_none);
        environment.add_test("number", minijinja::tests::is_number);
        environment.add_test("string", minijinja::tests::is_string);
        environment.add_template_owned(NAME, source.to_owned())?;
        Ok(Template { environment })
    }

    /// Returns the answer of the template for the values of its variables.
    pub(super) fn render(&self, context: &impl Serialize) -> Result<Vec<u8>, RenderError> {
        let mut output = LimitedWriter::default();
        self.environment.get_template(NAME)?.render_captured_to(Value::from(Serde(context)), &mut output)?;
        serde_json::from_slice::<IgnoredAny>(&output.0).map_err(RenderError::Json)?;
        Ok(output.0.trim_ascii().to_vec())
    }
}

/// A buffer of at most [`OUTPUT_MAX_BYTES`].
#[derive(Debug, Default)]
struct LimitedWriter(Vec<u8>);

impl Write for LimitedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > OUTPUT_MAX_BYTES - self.0.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns a value as JSON, which expressions then write unchanged.
fn to_json(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    encode(state, value).map(Value::from_safe_string)
}

/// Writes the value of an expression.
fn write_json(output: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str().filter(|_| value.is_safe()) {
        Some(json) => output.write_str(json),
        None => output.write_str(&encode(state, value)?),
    }
    .map_err(Error::from)
}

fn encode(state: &State<'_, '_>, value: &Value) -> Result<String, Error> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    let mut json = LimitedWriter::default();
    serde_json::to_writer(&mut json, value)
        .map_err(|error| Error::new(ErrorKind::BadSerialization, "value is too large").with_source(error))?;
    state.consume_fuel((json.0.len() / BYTES_PER_FUEL) as u64)?;
    String::from_utf8(json.0).map_err(|error| Error::from(ErrorKind::BadSerialization).with_source(error))
}

#[cfg(test)]
mod tests;
