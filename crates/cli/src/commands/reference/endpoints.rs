//! The documents of endpoints, from the OpenAPI documents.

use super::cell;
use super::schema::{description, fields, type_name};
use serde_json::Value;
use std::fmt::Write as _;

const MEMBERS: &str = "# Endpoints

This document lists the members' endpoints. [api.md](../guide/api.md) explains the parts that all of them share: the envelope, authentication,
parameters, cookies and headers. [codes.md](codes.md) lists the error codes. The errors of an endpoint are in the order of their precedence.
Times are seconds since 1970 unless stated otherwise.

The examples are from `guanxi demo` with the `--start-time` given, as the member given. A long list is cut to one entry.
";

const OPERATORS: &str = "# Operators' endpoints

This document lists the endpoints of `operator_listen`. [operators.md](../guide/operators.md) explains tokens, statuses and concepts.
[api.md](../guide/api.md) explains the envelope. [codes.md](codes.md) lists the error codes. The errors of an endpoint are in the order of their
precedence. Times are seconds since 1970.
";

const EMULATOR: &str = "# Emulator's endpoints

This document lists the endpoints with which a test sets up a community of `guanxi emulator`. The operators' listener of the emulator has them
beside those of [operator-endpoints.md](operator-endpoints.md), with the same envelope, statuses and tokens. A header `x-guanxi-community`
names the community, which is `default` without the header. Times are seconds since 1970.
";

/// Returns the document of the members' endpoints.
pub(super) fn of_members(document: &Value, examples: &[Value]) -> String {
    write(MEMBERS, document, examples)
}

/// Returns the document of the operators' endpoints.
pub(super) fn of_operators(document: &Value) -> String {
    write(OPERATORS, document, &[])
}

/// Returns the document of the emulator's control endpoints.
pub(super) fn of_emulator(document: &Value) -> String {
    write(EMULATOR, document, &[])
}

fn write(head: &str, document: &Value, examples: &[Value]) -> String {
    let mut out = head.to_owned();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let method = method.to_uppercase();
            let _ = write!(
                out,
                "\n## {method} {path}\n\n{}\n",
                operation["description"].as_str().unwrap_or_default()
            );
            if let Some(requirement) = requirement(operation) {
                let _ = write!(out, "\nAuthentication: {requirement}.\n");
            }
            parameters(operation, &mut out);
            data(operation, &mut out);
            let is_of_this = |example: &&Value| {
                example["request"]["method"] == method.as_str() && example["request"]["path"] == path.as_str()
            };
            for example in examples.iter().filter(is_of_this) {
                write_example(example, &mut out);
            }
        }
    }
    out.push_str("\n# Objects\n");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        if matches!(name.as_str(), "Done" | "Refused") {
            continue;
        }
        let _ = write!(out, "\n## {name}\n");
        let text = description(schema);
        if !text.is_empty() {
            let _ = write!(out, "\n{text}\n");
        }
        fields(schema, &mut out);
    }
    out
}

/// The authentication requirement of a member's endpoint. Operators' descriptions name the roles.
fn requirement(operation: &Value) -> Option<&'static str> {
    let security = operation["security"].as_array()?;
    let has = |scheme: &str| security.iter().any(|choice| choice.get(scheme).is_some());
    if has("operator") {
        return None;
    }
    let is_optional = security.iter().any(|choice| choice.as_object().is_some_and(serde_json::Map::is_empty));
    let has_csrf = body(operation).is_some_and(|schema| schema["properties"].get("csrf").is_some());
    Some(match (is_optional, has_csrf) {
        (true, true) => "anonymous write",
        (true, false) => "public",
        (false, true) => "session with csrf",
        (false, false) if has("name") => "session, with a cookie `DedeUserID`",
        (false, false) => "session",
    })
}

/// The schema of the body, if the endpoint has one.
fn body(operation: &Value) -> Option<&Value> {
    let content = operation["requestBody"]["content"].as_object()?;
    content.values().next().map(|body| &body["schema"])
}

fn parameters(operation: &Value, out: &mut String) {
    let mut rows = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let text =
            [parameter["description"].as_str().unwrap_or_default(), &description(&parameter["schema"])]
                .join(" ");
        rows.push((&parameter["name"], &parameter["schema"], parameter["required"] == true, text));
    }
    let schema = body(operation);
    let names: Vec<Value> = schema
        .and_then(|schema| schema["properties"].as_object())
        .into_iter()
        .flat_map(|properties| properties.keys().map(|name| Value::from(name.as_str())))
        .collect();
    for name in &names {
        let (Some(schema), Some(text)) = (schema, name.as_str()) else { continue };
        let required = schema["required"].as_array().is_some_and(|names| names.contains(name));
        let field = &schema["properties"][text];
        rows.push((name, field, required, description(field)));
    }
    if rows.is_empty() {
        out.push_str("\nNo parameters.\n");
        return;
    }
    out.push_str("\n| parameter | type | required | meaning |\n|---|---|---|---|\n");
    for (name, schema, required, text) in rows {
        let required = if required { "yes" } else { "no" };
        let name = name.as_str().unwrap_or_default();
        let _ = writeln!(out, "| `{name}` | {} | {required} | {} |", cell(&type_name(schema)), cell(&text));
    }
}

fn data(operation: &Value, out: &mut String) {
    let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    let done = schema["oneOf"].get(0).unwrap_or(schema);
    let Some(data) = done["properties"].get("data") else {
        out.push_str("\nNo data.\n");
        return;
    };
    let _ =
        write!(out, "\nData: {}. {}\n", type_name(data), data["description"].as_str().unwrap_or_default());
    fields(data, out);
}

fn write_example(example: &Value, out: &mut String) {
    let request = &example["request"];
    let pairs = |key: &str| -> String {
        let pairs = request[key].as_object().into_iter().flatten();
        let pairs = pairs.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or("…")));
        pairs.collect::<Vec<_>>().join("&")
    };
    let path = request["path"].as_str().unwrap_or_default();
    let (query, form) = (pairs("query"), pairs("form"));
    let query = if query.is_empty() { query } else { format!("?{query}") };
    let _ = write!(out, "\nExample, at {}", example["clock"].as_str().unwrap_or_default());
    if let Some(mid) = request["as"].as_u64() {
        let _ = write!(out, ", as member {mid}");
    }
    let _ = write!(out, ":\n\n```http\n{} {path}{query}\n", request["method"].as_str().unwrap_or_default());
    if !form.is_empty() {
        let _ = writeln!(out, "\n{form}");
    }
    let mut body = example["body"].clone();
    shorten(&mut body);
    let json = serde_json::to_string_pretty(&body).unwrap_or_default();
    let _ = write!(out, "```\n\n```json\n{json}\n```\n");
}

/// Cuts every array of objects to its first element.
fn shorten(value: &mut Value) {
    match value {
        Value::Array(values) => {
            if values.first().is_some_and(Value::is_object) {
                values.truncate(1);
            }
            values.iter_mut().for_each(shorten);
        }
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => (),
    }
}
