//! Outline of a schema: one line per field, with the fields of nested objects indented.

use super::{code, concat, described, entries, escape, str_of};
use crate::web::language::Language;
use serde_json::Value;

/// Returns the outline of a schema; empty if it has no fields.
pub(super) fn outline(schema: &Value, document: &Value, t: Language) -> String {
    outline_at(schema, document, 0, t)
}

/// Depth limit for recursive types.
const MAX_DEPTH: usize = 8;

fn outline_at(schema: &Value, document: &Value, depth: usize, t: Language) -> String {
    let object = resolve(schema, document);
    let named = entries(&object["properties"]).map(|(name, field)| (code(name), field));
    let mapped = entries(&object["patternProperties"])
        .map(|(_, field)| (format!("<i>{}</i>", t.text("openapi-each")), field));
    let required = object["required"].as_array();
    let lines = concat(named.chain(mapped), |(name, field)| {
        let always = required.is_none_or(|names| names.iter().any(|known| code(str_of(known)) == name));
        let absent = if always { String::new() } else { t.text("openapi-or-absent").to_string() };
        let deeper =
            if depth < MAX_DEPTH { outline_at(field, document, depth + 1, t) } else { String::new() };
        let (kind, description) = (type_name(field, t), described(str_of(&field["description"]), t));
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
pub(super) fn describe(schema: &Value, t: Language) -> String {
    let mut kind = type_name(schema, t);
    if let Some(range) = range(schema, t) {
        kind = format!("{kind} {range}");
    }
    match schema.get("default") {
        Some(default) => format!("{kind}{} {}", t.text("openapi-default"), value(default)),
        None => kind,
    }
}

/// Describes the type of a schema, without its range.
pub(super) fn type_name(schema: &Value, t: Language) -> String {
    if schema.get("$ref").is_some() {
        return t.text("type-object").to_string();
    }
    let types = types(schema, t);
    if let Some(all) = schema["enum"].as_array() {
        return all.iter().map(value).collect::<Vec<_>>().join(", ");
    }
    let Some(either) = schema["oneOf"].as_array() else { return types };
    let lines = concat(either, |either| {
        format!("<li>{} {}</li>", value(&either["const"]), described(str_of(&either["description"]), t))
    });
    format!("{types}: <ul>{lines}</ul>")
}

fn types(schema: &Value, t: Language) -> String {
    let kind = |kind: &str| kind_text(kind, schema, t);
    let or = t.text("openapi-or").to_string();
    match &schema["type"] {
        Value::String(name) => kind(name),
        Value::Array(kinds) => kinds.iter().map(|name| kind(str_of(name))).collect::<Vec<_>>().join(&or),
        _ => {
            let either = schema["anyOf"].as_array().into_iter().flatten();
            let kinds = either.map(|either| kind(either["type"].as_str().unwrap_or("object")));
            kinds.collect::<Vec<_>>().join(&or)
        }
    }
}

/// Returns the name of a type. That of an array contains the type of its items.
fn kind_text(kind: &str, schema: &Value, t: Language) -> String {
    let text = match kind {
        "integer" => t.text("type-integer"),
        "number" => t.text("type-number"),
        "string" => t.text("type-string"),
        "boolean" => t.text("type-boolean"),
        "object" => t.text("type-object"),
        "array" => match schema.get("items") {
            Some(items) => t.text("type-array-of").with("items", type_name(items, t)),
            None => t.text("type-array"),
        },
        kind => return escape(kind),
    };
    text.to_string()
}

/// Returns the range of a number, unless its format implies it.
fn range(schema: &Value, t: Language) -> Option<String> {
    if schema.get("format").is_some() {
        return None;
    }
    let (min, max) = (&schema["minimum"], &schema["maximum"]);
    match (min.is_null(), max.is_null()) {
        (false, false) => {
            let range = t.text("openapi-range").with("min", min.to_string()).with("max", max.to_string());
            Some(range.to_string())
        }
        (false, true) => Some(t.text("openapi-from").with("min", min.to_string()).to_string()),
        (true, _) => {
            let either = schema["anyOf"].as_array()?.iter();
            let ranges =
                either.filter_map(|either| either.get("const").map(value).or_else(|| range(either, t)));
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
            assert_eq!(describe(&schema, Language::English), words, "{schema}");
        }
    }

    #[test]
    fn recursive_schema_is_cut_at_max_depth() {
        let document = json!({ "a": { "properties": { "next": { "$ref": "#/a" } } } });
        let outline = outline(&json!({ "$ref": "#/a" }), &document, Language::English);
        assert_eq!(outline.matches("<code>next</code>").count(), MAX_DEPTH + 1);
    }
}
