//! Responses: the envelope with data, the rejections and the HTTP errors.

use guanxi_api::Envelope;
use guanxi_api::auth::AuthRequirement;
use guanxi_api::endpoint::{EndpointInfo, ParamLocation};
use guanxi_types::{ErrorCode, HttpError};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Returns the named schemas: a write without data, the rejections, and the types of data.
pub(super) fn schemas(codes: &[ErrorCode], types: Map<String, Value>) -> Value {
    let mut success = envelope(json!({ "const": 0 }), json!({ "const": "0" }), None);
    success["description"] = json!("Success without data.");
    let code_schemas = codes.iter().map(
        |code| json!({ "const": code.number(), "title": format!("{code:?}"), "description": code.meaning() }),
    );
    let messages: Vec<&str> = codes.iter().map(|code| code.message()).collect();
    let mut rejected = envelope(
        json!({ "type": "integer", "oneOf": code_schemas.collect::<Vec<_>>() }),
        json!({ "type": "string", "enum": messages }),
        None,
    );
    rejected["description"] = json!("Rejected. Nothing was changed.");
    let mut schemas = Map::from_iter([("Done".to_owned(), success), ("Refused".to_owned(), rejected)]);
    for (name, mut schema) in types {
        deny_additional_properties(&mut schema);
        schemas.insert(name, schema);
    }
    Value::Object(schemas)
}

/// Returns the responses of an endpoint by HTTP status.
pub(super) fn responses(endpoint: &EndpointInfo, data: Option<Value>) -> Value {
    let success = match data {
        None => json!({ "$ref": "#/components/schemas/Done" }),
        Some(mut data) => {
            deny_additional_properties(&mut data);
            envelope(json!({ "const": 0 }), json!({ "const": "0" }), Some(data))
        }
    };
    let mut responses = match endpoint.auth {
        AuthRequirement::Operator(_) => operator_responses(&success),
        _ => member_responses(&success),
    };
    for error in http_errors(endpoint) {
        let name = error_name(*error);
        responses[error.status().as_str()] = json!({ "$ref": format!("#/components/responses/{name}") });
    }
    responses
}

/// Returns the HTTP errors that an endpoint may return.
fn http_errors(endpoint: &EndpointInfo) -> &'static [HttpError] {
    match (endpoint.auth, endpoint.param_location) {
        (AuthRequirement::Operator(_), ParamLocation::Query) => &[
            HttpError::BadRequest,
            HttpError::Unauthorized,
            HttpError::Forbidden,
            HttpError::InternalError,
            HttpError::Unavailable,
        ],
        (
            AuthRequirement::Operator(_),
            ParamLocation::Form | ParamLocation::Multipart | ParamLocation::Json,
        ) => &[
            HttpError::BadRequest,
            HttpError::Unauthorized,
            HttpError::Forbidden,
            HttpError::RequestTimeout,
            HttpError::PayloadTooLarge,
            HttpError::InternalError,
            HttpError::Unavailable,
        ],
        (_, ParamLocation::Query) => &[HttpError::InternalError, HttpError::Unavailable],
        (_, ParamLocation::Form | ParamLocation::Multipart | ParamLocation::Json) => &[
            HttpError::BadRequest,
            HttpError::RequestTimeout,
            HttpError::PayloadTooLarge,
            HttpError::InternalError,
            HttpError::Unavailable,
        ],
    }
}

/// Members' rejections have HTTP status 200.
fn member_responses(success: &Value) -> Value {
    json!({ "200": {
        "description": "Success or rejection, according to the code.",
        "headers": {
            "guanxi-hint": {
                "description": "For -400: the malformed parameter and the reason.",
                "schema": { "type": "string" },
            },
            "x-request-id": request_id(),
        },
        "content": { "application/json": {
            "schema": { "oneOf": [success, { "$ref": "#/components/schemas/Refused" }] },
        } },
    } })
}

/// Operators' rejections have an HTTP status of their own.
fn operator_responses(success: &Value) -> Value {
    let rejected = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Refused" } } });
    json!({
        "200": {
            "description": "Success.",
            "headers": { "x-request-id": request_id() },
            "content": { "application/json": { "schema": success } },
        },
        "404": {
            "description": "The member does not exist.",
            "headers": { "x-request-id": request_id() },
            "content": rejected,
        },
        "409": {
            "description": "Rejected, according to the code.",
            "headers": { "x-request-id": request_id() },
            "content": rejected,
        },
    })
}

/// Returns the headers of all responses.
pub(super) fn headers() -> Value {
    json!({ "RequestId": {
        "description": "The id of the request in the log: the header of the request, or a new one.",
        "schema": { "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$" },
    } })
}

fn request_id() -> Value {
    json!({ "$ref": "#/components/headers/RequestId" })
}

/// Returns the responses of the HTTP errors that some endpoint may return.
pub(super) fn error_responses(endpoints: &[EndpointInfo]) -> Value {
    let mut errors: Vec<HttpError> = endpoints.iter().flat_map(http_errors).copied().collect();
    errors.sort_by_key(|error| error.status());
    errors.dedup();
    errors.into_iter().map(|error| (error_name(error), error_response(error))).collect()
}

fn error_name(error: HttpError) -> String {
    format!("{error:?}")
}

fn error_response(error: HttpError) -> Value {
    let message = match error {
        HttpError::BadRequest => {
            json!({ "type": "string", "description": "What is wrong with the request." })
        }
        _ => json!({ "const": error.message() }),
    };
    let body = envelope(json!({ "const": error.number() }), message, None);
    json!({
        "description": error.status().canonical_reason().unwrap_or_default(),
        "headers": { "x-request-id": request_id() },
        "content": { "application/json": { "schema": body } },
    })
}

/// Returns the schema of an envelope.
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

/// Denies additional properties in every object of a schema.
fn deny_additional_properties(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(deny_additional_properties),
        Value::Object(fields) => {
            let is_object = fields.get("type").is_some_and(|kind| {
                kind == "object" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("object")))
            });
            if is_object && !fields.contains_key("additionalProperties") {
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
            fields.values_mut().for_each(deny_additional_properties);
        }
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_deny_additional_properties() {
        let mut schema = json!({
            "type": ["object", "null"],
            "properties": { "type": { "type": "object" }, "map": { "type": "object", "additionalProperties": true } },
        });
        deny_additional_properties(&mut schema);
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
