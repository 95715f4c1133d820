//! Lines of a dump as values. What is wrong with one is told by field and kind, without a text of it: it may be private.

use super::{Header, VERSION};
use serde::Deserialize;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// The most characters of what is told of a line.
const TOLD: usize = 500;

/// Looks at the first line.
pub(super) fn header(text: &str) -> Result<(), String> {
    let Header { guanxi_dump } = parse(text)?;
    if !(1..=VERSION).contains(&guanxi_dump) {
        return Err(format!(
            "this dump has version {guanxi_dump}, and this program reads versions 1 to {VERSION}"
        ));
    }
    Ok(())
}

/// Reads the value of a line, or says what is wrong with it.
pub(super) fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
    // It is looked at closer only if it may have one: a backslash before the escape would make it letters.
    if text.contains("\\u0000") && serde_json::from_str(text).is_ok_and(|value| has_nul(&value)) {
        return Err("a text may not have a NUL character".to_owned());
    }
    serde_json::from_str(text).map_err(|error| why::<T>(text, &error).chars().take(TOLD).collect())
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// What is wrong with a line, and with which field.
fn why<T: for<'de> Deserialize<'de>>(text: &str, error: &serde_json::Error) -> String {
    let whole = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let said = whole.strip_suffix(&place).unwrap_or(&whole);
    if !error.is_data() {
        return format!("it is no JSON: {said} at column {}", error.column());
    }
    let mut input = serde_json::Deserializer::from_str(text);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut input) else { return said.to_owned() };
    let path = error.path();
    // These name a field, and no value: a short one would be found in them by chance.
    let names_field =
        ["unknown field", "missing field", "duplicate field"].iter().any(|name| said.starts_with(name));
    let said = match scalar_at(text, path) {
        Some((kind, value)) if !names_field && quotes(said, &value) => {
            match said.rsplit_once(", expected ") {
                Some((_, expected)) => format!("a {kind}, and it takes {expected}"),
                None if kind == "number" => said.replace(&value, "the number"),
                None => format!("a {kind} that it does not take"),
            }
        }
        _ => said.to_owned(),
    };
    if path.iter().len() == 0 { said } else { format!("{path}: {said}") }
}

/// Returns true if a message has a text in it, as it is or escaped.
fn quotes(said: &str, value: &str) -> bool {
    let escaped = format!("{value:?}");
    said.contains(value) || said.contains(escaped.trim_matches('"'))
}

/// The text or the number at a path, if there is one.
fn scalar_at(line: &str, path: &Path) -> Option<(&'static str, String)> {
    let line: Value = serde_json::from_str(line).ok()?;
    let part = path.iter().try_fold(&line, |value, segment| match segment {
        Segment::Map { key } | Segment::Enum { variant: key } => value.get(key).or(Some(value)),
        Segment::Seq { index } => value.get(index),
        Segment::Unknown => Some(value),
    })?;
    match part {
        Value::String(text) if !text.is_empty() => Some(("text", text.clone())),
        Value::Number(number) => Some(("number", number.to_string())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Row;

    fn wrong(line: &str) -> String {
        parse::<Row>(line).unwrap_err()
    }

    #[test]
    fn errors_name_the_field_and_tell_no_text() {
        let cases = [
            (r#"{"account":{"mid":7,"tel":15312345056}}"#, "account.tel: a number, and it takes a string"),
            (r#"{"account":{"mid":7,"score":"15312345056"}}"#, "account.score: a text, and it takes u8"),
            (r#"{"card":{"mid":1,"nmae":"x"}}"#, "card.nmae: unknown field `nmae`, expected one of"),
            (r#"{"account":{"mid":7,"tel_verified":"15312345056"}}"#, "account.tel_verified"),
            (r#"{"realname":{"mid":7,"standing":"15312345056"}}"#, "realname.standing"),
            (r#"{"realname":{"mid":7,"standing":{"rejected":["15312345056"]}}}"#, "realname.standing"),
            (r#"{"profile":{"mid":7,"birthday":"15312345056"}}"#, "profile.birthday"),
            (r#"{"profile":{"mid":7,"tags":["a","b",3]}}"#, "profile.tags[2]"),
            (r#"{"profile":{"mid":7,"sex":"15312345056"}}"#, "profile.sex"),
            (r#"{"login":{"mid":7,"time":1,"ip":"15312345056","how":"qr","ok":true}}"#, "login.ip"),
            (r#"{"card":{"mid":7,"vip":{"kind":256}}}"#, "card.vip.kind"),
            (r#"{"card":{"mid":7,"vip":{"kind":"15312345056\"\n"}}}"#, "card.vip.kind"),
            (r#"{"card":{"mid":"15312345056"}}"#, "card.mid"),
            (r#"{"growth":{"mid":7,"exp":9007199254740993}}"#, "growth.exp: the number is no count"),
            (r#"{"card":{"mid":7,"sign":"15312345056"}"#, "it is no JSON"),
        ];
        for (line, told) in cases {
            let wrong = wrong(line);
            assert!(wrong.contains(told), "{line}: {wrong}");
            assert!(!wrong.contains("15312345056"), "{line}: {wrong}");
        }
        let huge = "é".repeat(100_000);
        assert!(wrong(&format!(r#"{{"{huge}":1}}"#)).chars().count() <= TOLD);
    }
}
