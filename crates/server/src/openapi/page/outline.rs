//! A schema as an outline: a line a field, and the fields of an object indented below it.

use super::{code, each, entries, marked, said, text};
use serde_json::Value;

/// The outline of the fields of a schema, if it has any.
pub(super) fn outline(schema: &Value, document: &Value) -> String {
    below(schema, document, 0)
}

/// Types may name each other in a circle, and an outline ends somewhere.
const DEEPEST: usize = 8;

fn below(schema: &Value, document: &Value, depth: usize) -> String {
    let object = inner(schema, document);
    let named = entries(&object["properties"]).map(|(name, field)| (code(name), field));
    let mapped = entries(&object["patternProperties"]).map(|(_, field)| ("<i>each</i>".to_owned(), field));
    let required = object["required"].as_array();
    let lines = each(named.chain(mapped), |(name, field)| {
        let always = required.is_none_or(|names| names.iter().any(|known| code(said(known)) == name));
        let absent = if always { "" } else { ", or absent" };
        let deeper = if depth < DEEPEST { below(field, document, depth + 1) } else { String::new() };
        let (kind, about) = (sort(field), marked(said(&field["description"])));
        format!("<li><p>{name} <small>{kind}{absent}</small> <span>{about}</span></p>{deeper}</li>\n")
    });
    if lines.is_empty() { lines } else { format!("<ul class=\"outline\">\n{lines}</ul>\n") }
}

/// The object of a schema: what it names, its entries, or what else than null it may be.
fn inner<'d>(schema: &'d Value, document: &'d Value) -> &'d Value {
    if let Some(name) = schema["$ref"].as_str() {
        return name.strip_prefix('#').and_then(|path| document.pointer(path)).unwrap_or(schema);
    }
    if schema.get("items").is_some() {
        return inner(&schema["items"], document);
    }
    let either = schema["anyOf"].as_array().into_iter().flatten().find(|either| either["type"] != "null");
    either.filter(|either| either.get("$ref").is_some()).map_or(schema, |either| inner(either, document))
}

/// What a parameter takes, in a few words.
pub(super) fn kind(schema: &Value) -> String {
    let mut kind = sort(schema);
    if let Some(range) = range(schema) {
        kind = format!("{kind} {range}");
    }
    match schema.get("default") {
        Some(default) => format!("{kind}, default {}", value(default)),
        None => kind,
    }
}

/// What a schema takes, whatever its range.
pub(super) fn sort(schema: &Value) -> String {
    if schema.get("$ref").is_some() {
        return "object".to_owned();
    }
    let types = text(&types(schema));
    if let Some(items) = schema.get("items") {
        return types.replace("array", &format!("array of {}s", sort(items)));
    }
    if let Some(all) = schema["enum"].as_array() {
        return all.iter().map(value).collect::<Vec<_>>().join(", ");
    }
    let Some(either) = schema["oneOf"].as_array() else { return types };
    let lines = each(either, |either| {
        format!("<li>{} {}</li>", value(&either["const"]), marked(said(&either["description"])))
    });
    format!("{types}: <ul>{lines}</ul>")
}

fn types(schema: &Value) -> String {
    match &schema["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().map(said).collect::<Vec<_>>().join(" or "),
        _ => {
            let either = schema["anyOf"].as_array().into_iter().flatten();
            either.map(|either| either["type"].as_str().unwrap_or("object")).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// The range of a number; that of a number's format goes without saying.
fn range(schema: &Value) -> Option<String> {
    if schema.get("format").is_some() {
        return None;
    }
    let (least, most) = (&schema["minimum"], &schema["maximum"]);
    match (least.is_null(), most.is_null()) {
        (false, false) => Some(format!("{least} to {most}")),
        (false, true) => Some(format!("from {least}")),
        (true, _) => {
            let either = schema["anyOf"].as_array()?.iter();
            let told = either.filter_map(|either| either.get("const").map(value).or_else(|| range(either)));
            Some(told.collect::<Vec<_>>().join(", ")).filter(|told| !told.is_empty())
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
    fn kinds_in_words() {
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
            assert_eq!(kind(&schema), words, "{schema}");
        }
    }

    #[test]
    fn a_circle_ends() {
        let document = json!({ "a": { "properties": { "next": { "$ref": "#/a" } } } });
        let told = outline(&json!({ "$ref": "#/a" }), &document);
        assert_eq!(told.matches("<code>next</code>").count(), DEEPEST + 1);
    }
}
