//! JSON Schemas as short texts for tables.

use super::cell;
use serde_json::Value;
use std::fmt::Write as _;

/// Returns the type of a schema, such as `integer` or `array of RelationListItem`.
pub(super) fn type_name(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(choices) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
        let mut names: Vec<String> = choices.iter().map(type_name).filter(|name| !name.is_empty()).collect();
        names.dedup();
        if !names.is_empty() {
            return names.join(" or ");
        }
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("array of {}", type_name(&schema["items"])),
        Value::String(name) => name.clone(),
        Value::Array(names) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            names.join(" or ")
        }
        _ => constant(schema).map(|value| format!("`{value}`")).unwrap_or_default(),
    }
}

/// Returns the description of a schema with its values, range and default.
pub(super) fn description(schema: &Value) -> String {
    let mut text = schema["description"].as_str().unwrap_or_default().to_owned();
    let mut add = |part: String| {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&part);
    };
    let choices = schema["oneOf"].as_array().or_else(|| schema["items"]["oneOf"].as_array());
    let constants: Vec<String> = choices.into_iter().flatten().filter_map(choice).collect();
    if !constants.is_empty() {
        add(format!("{}.", constants.join(", ")));
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(|value| format!("`{}`", plain(value))).collect();
        add(format!("One of {}.", values.join(", ")));
    }
    match (schema["minimum"].as_number(), schema["maximum"].as_number()) {
        (Some(least), Some(most)) => add(format!("{least} to {most}.")),
        (Some(least), None) if least.as_u64() != Some(0) => add(format!("At least {least}.")),
        (None, Some(most)) => add(format!("At most {most}.")),
        _ => (),
    }
    if let Some(default) = schema.get("default").filter(|default| !default.is_null()) {
        add(format!("Default: `{}`.", plain(default)));
    }
    cell(&text)
}

/// Writes a table of the fields of an object, if the schema is one.
pub(super) fn fields(schema: &Value, out: &mut String) {
    let Some(properties) = schema["properties"].as_object() else { return };
    if properties.is_empty() {
        return;
    }
    out.push_str("\n| field | type | meaning |\n|---|---|---|\n");
    let required = |name: &str| {
        schema["required"].as_array().is_some_and(|names| names.iter().any(|known| known == name))
    };
    for (name, field) in properties {
        let optional = if required(name) { "" } else { ", optional" };
        let _ =
            writeln!(out, "| `{name}` | {}{optional} | {} |", cell(&type_name(field)), description(field));
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

fn constant(schema: &Value) -> Option<String> {
    schema.get("const").map(plain)
}

/// Returns a value of a choice, with its meaning.
fn choice(schema: &Value) -> Option<String> {
    let value = constant(schema)?;
    Some(match schema["description"].as_str() {
        Some(meaning) => format!("`{value}` {}", meaning.trim_end_matches('.')),
        None => format!("`{value}`"),
    })
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn schemas_as_texts() {
        let cases = [
            (
                json!({"type": "integer", "minimum": 1, "default": 50}),
                "integer",
                "At least 1. Default: `50`.",
            ),
            (json!({"type": ["string", "null"], "description": "A|b."}), "string or null", "A\\|b."),
            (
                json!({"type": "array", "items": {"$ref": "#/components/schemas/Vip"}}),
                "array of [Vip](#vip)",
                "",
            ),
            (
                json!({"type": "integer", "oneOf": [{"const": 1, "description": "follow."}, {"const": 2}]}),
                "`1` or `2`",
                "`1` follow, `2`.",
            ),
        ];
        for (schema, name, text) in cases {
            assert_eq!(
                (type_name(&schema).as_str(), description(&schema).as_str()),
                (name, text),
                "{schema}"
            );
        }
    }
}
