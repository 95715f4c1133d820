//! Outline of a schema: one line per field, with the fields of nested objects indented.

use super::{code, concat, entries, escape, str_of, with_code};
use serde_json::Value;

/// Returns the outline of a schema; empty if it has no fields.
pub(super) fn outline(schema: &Value, document: &Value) -> String {
    outline_at(schema, document, 0)
}

/// Depth limit for recursive types.
const MAX_DEPTH: usize = 8;

fn outline_at(schema: &Value, document: &Value, depth: usize) -> String {
    let object = resolve(schema, document);
    let named = entries(&object["properties"]).map(|(name, field)| (code(name), field));
    let mapped = entries(&object["patternProperties"]).map(|(_, field)| ("<i>each</i>".to_owned(), field));
    let required = object["required"].as_array();
    let lines = concat(named.chain(mapped), |(name, field)| {
        let always = required.is_none_or(|names| names.iter().any(|known| code(str_of(known)) == name));
        let absent = if always { "" } else { ", or absent" };
        let deeper = if depth < MAX_DEPTH { outline_at(field, document, depth + 1) } else { String::new() };
        let (kind, description) = (type_name(field), with_code(str_of(&field["description"])));
        format!("<li><p>{name} <small>{kind}{absent}</small> <span>{description}</span></p>{deeper}</li>\n")
    });
    if lines.is_empty() { lines } else { format!("<ul class=\"outline\">\n{lines}</ul>\n") }
}

/// Returns the object behind a schema: through a reference, the items of an array, or the variant that is not null.
fn resolve<'d>(schema: &'d Value, document: &'d Value) -> &'d Value {
    if let Some(name) = schema["$ref"].as_str() {
        return name.strip_prefix('#').and_then(|path| document.pointer(path)).unwrap_or(schema);
    }
    if schema.get("items").is_some() {
        return resolve(&schema["items"], document);
    }
    let either = schema["anyOf"].as_array().into_iter().flatten().find(|either| either["type"] != "null");
    either.filter(|either| either.get("$ref").is_some()).map_or(schema, |either| resolve(either, document))
}

/// Describes type, range and default of a parameter.
pub(super) fn describe(schema: &Value) -> String {
    let mut kind = type_name(schema);
    if let Some(range) = range(schema) {
        kind = format!("{kind} {range}");
    }
    match schema.get("default") {
        Some(default) => format!("{kind}, default {}", value(default)),
        None => kind,
    }
}

/// Describes the type of a schema, without its range.
pub(super) fn type_name(schema: &Value) -> String {
    if schema.get("$ref").is_some() {
        return "object".to_owned();
    }
    let types = escape(&types(schema));
    if let Some(items) = schema.get("items") {
        return types.replace("array", &format!("array of {}s", type_name(items)));
    }
    if let Some(all) = schema["enum"].as_array() {
        return all.iter().map(value).collect::<Vec<_>>().join(", ");
    }
    let Some(either) = schema["oneOf"].as_array() else { return types };
    let lines = concat(either, |either| {
        format!("<li>{} {}</li>", value(&either["const"]), with_code(str_of(&either["description"])))
    });
    format!("{types}: <ul>{lines}</ul>")
}

fn types(schema: &Value) -> String {
    match &schema["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().map(str_of).collect::<Vec<_>>().join(" or "),
        _ => {
            let either = schema["anyOf"].as_array().into_iter().flatten();
            either.map(|either| either["type"].as_str().unwrap_or("object")).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// Returns the range of a number, unless its format implies it.
fn range(schema: &Value) -> Option<String> {
    if schema.get("format").is_some() {
        return None;
    }
    let (min, max) = (&schema["minimum"], &schema["maximum"]);
    match (min.is_null(), max.is_null()) {
        (false, false) => Some(format!("{min} to {max}")),
        (false, true) => Some(format!("from {min}")),
        (true, _) => {
            let either = schema["anyOf"].as_array()?.iter();
            let ranges = either.filter_map(|either| either.get("const").map(value).or_else(|| range(either)));
            Some(ranges.collect::<Vec<_>>().join(", ")).filter(|ranges| !ranges.is_empty())
        }
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::String(text) => code(text),
        _ => code(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn types_are_described() {
        let tagid = json!({ "type": "integer", "anyOf": [{ "const": -10 }, { "minimum": 0, "maximum": 9 }] });
        let cases = [
            (json!({ "type": "string" }), "string"),
            (json!({ "type": "integer", "format": "uint8", "minimum": 0, "maximum": 255 }), "integer"),
            (
                json!({ "type": "integer", "minimum": 1, "default": 50 }),
                "integer from 1, default <code>50</code>",
            ),
            (json!({ "type": "string", "enum": ["a", "<"] }), "<code>a</code>, <code>&lt;</code>"),
            (json!({ "type": ["array", "null"], "items": { "type": "string" } }), "array of strings or null"),
            (json!({ "type": "array", "items": { "$ref": "#/x" } }), "array of objects"),
            (json!({ "anyOf": [{ "$ref": "#/x" }, { "type": "null" }] }), "object or null"),
            (tagid.clone(), "integer <code>-10</code>, 0 to 9"),
            (json!({ "type": "array", "items": tagid }), "array of integers"),
        ];
        for (schema, words) in cases {
            assert_eq!(describe(&schema), words, "{schema}");
        }
    }

    #[test]
    fn recursive_schema_is_cut_at_max_depth() {
        let document = json!({ "a": { "properties": { "next": { "$ref": "#/a" } } } });
        let outline = outline(&json!({ "$ref": "#/a" }), &document);
        assert_eq!(outline.matches("<code>next</code>").count(), MAX_DEPTH + 1);
    }
}
