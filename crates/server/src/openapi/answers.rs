//! What is answered: the envelope around data, the refusals, the faults.

use super::{Access, Operation};
use guanxi_api::Envelope;
use guanxi_types::{ErrorCode, HttpError};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// The schemas that answers name: a write that has nothing to tell, every refusal, and the types of data.
pub(super) fn schemas(codes: &[ErrorCode], types: Map<String, Value>) -> Value {
    let mut done = envelope(json!({ "const": 0 }), json!({ "const": "0" }), None);
    done["description"] = json!("It was done, and there is nothing to tell.");
    let told = codes.iter().map(
        |code| json!({ "const": code.number(), "title": format!("{code:?}"), "description": code.meaning() }),
    );
    let messages: Vec<&str> = codes.iter().map(|code| code.message()).collect();
    let mut refused = envelope(
        json!({ "type": "integer", "oneOf": told.collect::<Vec<_>>() }),
        json!({ "type": "string", "enum": messages }),
        None,
    );
    refused["description"] = json!("It was refused, and nothing was done.");
    let mut schemas = Map::from_iter([("Done".to_owned(), done), ("Refused".to_owned(), refused)]);
    for (name, mut schema) in types {
        close(&mut schema);
        schemas.insert(name, schema);
    }
    Value::Object(schemas)
}

/// The answers of an operation, by HTTP status.
pub(super) fn responses(operation: &Operation, data: Option<Value>) -> Value {
    let done = match data {
        None => json!({ "$ref": "#/components/schemas/Done" }),
        Some(mut data) => {
            close(&mut data);
            envelope(json!({ "const": 0 }), json!({ "const": "0" }), Some(data))
        }
    };
    let mut responses = match operation.access {
        Access::Member(_) => to_members(&done),
        Access::Operator(_) => to_operators(&done),
    };
    for fault in operation.faults {
        let name = name(*fault);
        responses[fault.status().as_str()] = json!({ "$ref": format!("#/components/responses/{name}") });
    }
    responses
}

/// Members are told refusals as answers.
fn to_members(done: &Value) -> Value {
    json!({ "200": {
        "description": "Done, or refused: the code tells which.",
        "headers": { "guanxi-hint": {
            "description": "Of a -400: which parameter is malformed, and how.",
            "schema": { "type": "string" },
        } },
        "content": { "application/json": {
            "schema": { "oneOf": [done, { "$ref": "#/components/schemas/Refused" }] },
        } },
    } })
}

/// Operators are told refusals by the status too.
fn to_operators(done: &Value) -> Value {
    let refused = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Refused" } } });
    json!({
        "200": { "description": "Done.", "content": { "application/json": { "schema": done } } },
        "404": { "description": "There is no such member.", "content": refused },
        "409": { "description": "Refused: the code tells why.", "content": refused },
    })
}

/// The answers of the faults in which some operation may end.
pub(super) fn faults(operations: &[Operation]) -> Value {
    let mut faults: Vec<HttpError> =
        operations.iter().flat_map(|operation| operation.faults).copied().collect();
    faults.sort_by_key(|fault| fault.status());
    faults.dedup();
    faults.into_iter().map(|fault| (name(fault), told(fault))).collect()
}

fn name(fault: HttpError) -> String {
    format!("{fault:?}")
}

fn told(fault: HttpError) -> Value {
    let message = match fault {
        HttpError::BadRequest => {
            json!({ "type": "string", "description": "What is wrong with the request." })
        }
        _ => json!({ "const": fault.message() }),
    };
    let body = envelope(json!({ "const": fault.number() }), message, None);
    json!({
        "description": fault.status().canonical_reason().unwrap_or_default(),
        "content": { "application/json": { "schema": body } },
    })
}

/// The schema of an envelope.
fn envelope(code: Value, message: Value, data: Option<Value>) -> Value {
    let schema = Envelope::<()>::json_schema(&mut SchemaGenerator::default()).to_value();
    let mut fields = schema["properties"].clone();
    (fields["code"], fields["message"], fields["ttl"]) = (code, message, json!({ "const": 1 }));
    match data {
        Some(data) => fields["data"] = data,
        None => _ = fields.as_object_mut().and_then(|fields| fields.shift_remove("data")),
    }
    let names: Vec<&String> = fields.as_object().into_iter().flat_map(Map::keys).collect();
    json!({ "type": "object", "properties": fields, "required": names, "additionalProperties": false })
}

/// Closes every object of a schema: what is sent has no fields but those told.
fn close(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(close),
        Value::Object(fields) => {
            let is_object = fields.get("type").is_some_and(|kind| {
                kind == "object" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("object")))
            });
            if is_object && !fields.contains_key("additionalProperties") {
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
            fields.values_mut().for_each(close);
        }
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_closed() {
        let mut schema = json!({
            "type": ["object", "null"],
            "properties": { "type": { "type": "object" }, "map": { "type": "object", "additionalProperties": true } },
        });
        close(&mut schema);
        assert_eq!(
            schema,
            json!({
                "type": ["object", "null"],
                "properties": {
                    "type": { "type": "object", "additionalProperties": false },
                    "map": { "type": "object", "additionalProperties": true },
                },
                "additionalProperties": false,
            })
        );
    }
}
