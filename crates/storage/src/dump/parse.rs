//! Parsing of dump lines. Error messages name the field and the kind of an invalid value, but never the value: it
//! may be private.

use super::{Header, VERSION};
use serde::Deserialize;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// The maximum length of an error message.
const MAX_ERROR_CHARS: usize = 500;

/// Checks the header.
pub(super) fn check_header(text: &str) -> Result<(), String> {
    let Header { guanxi_dump } = parse(text)?;
    if guanxi_dump != VERSION {
        return Err(format!("unsupported dump version {guanxi_dump}, expected {VERSION}"));
    }
    Ok(())
}

/// Parses a line. The error is a message for people.
pub(super) fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
    // The full check is only for lines with a possible escape. After a backslash, `\u0000` is no escape.
    if text.contains("\\u0000") && serde_json::from_str(text).is_ok_and(|value| has_nul(&value)) {
        return Err("NUL character in a text".to_owned());
    }
    let describe = |error| describe_error::<T>(text, &error).chars().take(MAX_ERROR_CHARS).collect();
    serde_json::from_str(text).map_err(describe)
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// Returns a message with the field and the error, without the invalid value.
fn describe_error<T: for<'de> Deserialize<'de>>(text: &str, error: &serde_json::Error) -> String {
    let full = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = full.strip_suffix(&position).unwrap_or(&full);
    if !error.is_data() {
        return format!("invalid JSON: {message} at column {}", error.column());
    }
    let mut input = serde_json::Deserializer::from_str(text);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut input) else { return message.to_owned() };
    let path = error.path();
    // These messages contain no value. A short value could occur in them by chance.
    let names_field =
        ["unknown field", "missing field", "duplicate field"].iter().any(|name| message.starts_with(name));
    let message = match find_scalar(text, path) {
        Some((kind, value)) if !names_field && mentions(message, &value) => {
            match message.rsplit_once(", expected ") {
                Some((_, expected)) => format!("invalid {kind}, expected {expected}"),
                None if kind == "number" => message.replace(&value, "the number"),
                None => format!("invalid {kind}"),
            }
        }
        _ => message.to_owned(),
    };
    if path.iter().len() == 0 { message } else { format!("{path}: {message}") }
}

/// Returns true if a message contains a value, as it is or escaped.
fn mentions(message: &str, value: &str) -> bool {
    let escaped = format!("{value:?}");
    message.contains(value) || message.contains(escaped.trim_matches('"'))
}

/// Returns the kind and the value of the text or number at a path.
fn find_scalar(line: &str, path: &Path) -> Option<(&'static str, String)> {
    let line: Value = serde_json::from_str(line).ok()?;
    let found = path.iter().try_fold(&line, |value, segment| match segment {
        Segment::Map { key } | Segment::Enum { variant: key } => value.get(key).or(Some(value)),
        Segment::Seq { index } => value.get(index),
        Segment::Unknown => Some(value),
    })?;
    match found {
        Value::String(text) if !text.is_empty() => Some(("text", text.clone())),
        Value::Number(number) => Some(("number", number.to_string())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Row;

    fn error(line: &str) -> String {
        parse::<Row>(line).unwrap_err()
    }

    #[test]
    fn errors_name_field_but_not_value() {
        let cases = [
            (r#"{"account":{"mid":7,"tel":15312345056}}"#, "account.tel: invalid number, expected a string"),
            (r#"{"account":{"mid":7,"score":"15312345056"}}"#, "account.score: invalid text, expected u8"),
            (r#"{"card":{"mid":1,"nmae":"x"}}"#, "card.nmae: unknown field `nmae`, expected one of"),
            (r#"{"account":{"mid":7,"tel_verified":"15312345056"}}"#, "account.tel_verified"),
            (r#"{"realname":{"mid":7,"status":"15312345056"}}"#, "realname.status"),
            (r#"{"realname":{"mid":7,"status":{"rejected":["15312345056"]}}}"#, "realname.status"),
            (r#"{"profile":{"mid":7,"birthday":"15312345056"}}"#, "profile.birthday"),
            (r#"{"profile":{"mid":7,"tags":["a","b",3]}}"#, "profile.tags[2]"),
            (r#"{"profile":{"mid":7,"sex":"15312345056"}}"#, "profile.sex"),
            (r#"{"login":{"mid":7,"time":1,"ip":"15312345056","method":"qr","success":true}}"#, "login.ip"),
            (r#"{"card":{"mid":7,"vip":{"kind":256}}}"#, "card.vip.kind"),
            (r#"{"card":{"mid":7,"vip":{"kind":"15312345056\"\n"}}}"#, "card.vip.kind"),
            (r#"{"card":{"mid":"15312345056"}}"#, "card.mid"),
            (
                r#"{"growth":{"mid":7,"exp":9007199254740993}}"#,
                "growth.exp: the number exceeds the maximum count",
            ),
            (r#"{"card":{"mid":7,"sign":"15312345056"}"#, "invalid JSON"),
        ];
        for (line, expected) in cases {
            let error = error(line);
            assert!(error.contains(expected), "{line}: {error}");
            assert!(!error.contains("15312345056"), "{line}: {error}");
        }
        let huge = "é".repeat(100_000);
        assert!(error(&format!(r#"{{"{huge}":1}}"#)).chars().count() <= MAX_ERROR_CHARS);
    }
}
