//! The fields of log lines for files and journals: `name=value`, without the styles of a terminal.

use std::fmt::{self, Debug, Write};
use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

/// A format of fields as `name=value`. The message has no name. Control characters are escaped, so that no value
/// can forge a line.
pub(super) struct PlainFields;

impl<'w> FormatFields<'w> for PlainFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut visitor = PlainVisitor { out: Escaping(writer), is_first: true, result: Ok(()) };
        fields.record(&mut visitor);
        visitor.result
    }
}

struct PlainVisitor<'w> {
    out: Escaping<Writer<'w>>,
    is_first: bool,
    result: fmt::Result,
}

impl PlainVisitor<'_> {
    fn write(&mut self, name: &str, value: &dyn Debug) -> fmt::Result {
        if !self.is_first {
            self.out.write_char(' ')?;
        }
        self.is_first = false;
        if name == "message" {
            return write!(self.out, "{value:?}");
        }
        self.out.write_str(name)?;
        write!(self.out, "={value:?}")
    }
}

impl Visit for PlainVisitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if self.result.is_ok() {
            self.result = self.write(field.name(), value);
        }
    }
}

/// A writer that escapes control characters.
struct Escaping<W>(W);

impl<W: Write> Write for Escaping<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Almost every text is printable ASCII.
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return self.0.write_str(text);
        }
        for char in text.chars() {
            if char.is_control() {
                write!(self.0, "{}", char.escape_default())?;
            } else {
                self.0.write_char(char)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Seek};
    use std::sync::Arc;

    #[test]
    fn fields_are_plain_and_cannot_forge_a_line() {
        let mut file = tempfile::tempfile().unwrap();
        let writer = Arc::new(file.try_clone().unwrap());
        let log = tracing_subscriber::fmt()
            .without_time()
            .with_ansi(false)
            .fmt_fields(PlainFields)
            .with_writer(writer);
        tracing::subscriber::with_default(log.finish(), || {
            let span = tracing::info_span!("request", id = %"7f", method = %"GET");
            let _entered = span.enter();
            tracing::warn!(error = %"full\n2026 INFO forged\u{1b}[2J", count = 2, path = "a b", "rejected: {}", 1);
        });
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        let line = " WARN request{id=7f method=GET}: guanxi::log::plain_fields::tests: rejected: 1 \
                    error=full\\n2026 INFO forged\\u{1b}[2J count=2 path=\"a b\"\n";
        assert_eq!(text, line);
    }
}
