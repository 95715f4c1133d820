//! Request parameters, bodies and credentials.

use guanxi_api::auth::AuthRequirement;
use guanxi_api::endpoint::{EndpointInfo, ParamLocation};
use serde_json::{Map, Value, json};

/// Returns the query parameters of a request.
pub(super) fn parameters(request: &Value) -> Value {
    let fields = request["properties"].as_object().into_iter().flatten();
    fields.map(|(name, schema)| parameter(name, schema.clone(), required(request, name))).collect()
}

fn parameter(name: &str, mut schema: Value, required: bool) -> Value {
    remove_null(&mut schema);
    add_bounds(&mut schema);
    let description = schema.as_object_mut().and_then(|schema| schema.shift_remove("description"));
    json!({
        "name": name,
        "in": "query",
        "required": required,
        // An empty optional parameter counts as absent (D5).
        "allowEmptyValue": !required,
        "description": description,
        "schema": schema,
    })
}

fn required(request: &Value, name: &str) -> bool {
    request["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name))
}

/// Returns the body of a form: URL-encoded or multipart, and only multipart for a file. A write contains the session's
/// CSRF token.
pub(super) fn form(mut request: Value, auth: AuthRequirement, location: ParamLocation) -> Value {
    if let Some(fields) = request["properties"].as_object_mut() {
        fields.values_mut().for_each(remove_null);
    }
    if matches!(auth, AuthRequirement::SessionWithCsrf | AuthRequirement::AnonymousWrite) {
        request["properties"]["csrf"] = json!({
            "description": "CSRF token: the cookie `bili_jct` of the session. `csrf_token` is read if this is absent.",
            "type": "string",
        });
    }
    if auth == AuthRequirement::SessionWithCsrf {
        match request["required"].as_array_mut() {
            Some(names) => names.push(json!("csrf")),
            None => request["required"] = json!(["csrf"]),
        }
    }
    let types: &[&str] = match location {
        ParamLocation::Multipart => &["multipart/form-data"],
        _ => &["application/x-www-form-urlencoded", "multipart/form-data"],
    };
    body(request, types)
}

/// Returns a JSON body.
pub(super) fn json(request: Value) -> Value {
    body(request, &["application/json"])
}

/// Returns the body for the content types. The request's description is already that of the operation.
fn body(mut schema: Value, content_types: &[&str]) -> Value {
    let required = schema["required"].as_array().is_some_and(|names| !names.is_empty());
    if let Some(schema) = schema.as_object_mut() {
        schema.shift_remove("description");
    }
    add_bounds(&mut schema);
    let content: Map<String, Value> = content_types
        .iter()
        .map(|content_type| ((*content_type).to_owned(), json!({ "schema": schema })))
        .collect();
    json!({ "required": required, "content": content })
}

/// Removes `null` from a schema. A parameter of a query or form may be absent, but not null.
fn remove_null(schema: &mut Value) {
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.retain(|value| !value.is_null());
    }
    if let Some([inner, null]) = schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice)
        && *null == json!({ "type": "null" })
    {
        let mut inner = inner.clone();
        if let Some(description) = schema.get("description") {
            inner["description"] = description.clone();
        }
        *schema = inner;
    }
    let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) else { return };
    types.retain(|r#type| r#type != "null");
    if let [r#type] = types.as_slice() {
        schema["type"] = r#type.clone();
    }
}

/// Adds the range of its type to every number of a request.
fn add_bounds(schema: &mut Value) {
    let (min, max) = match schema.get("format").and_then(Value::as_str) {
        Some("int64") => (json!(i64::MIN), json!(i64::MAX)),
        Some("uint32") => (json!(0), json!(u32::MAX)),
        Some("uint64") => (json!(0), json!(u64::MAX)),
        _ => return add_nested_bounds(schema),
    };
    for (bound, number) in [("minimum", min), ("maximum", max)] {
        if schema.get(bound).is_none() {
            schema[bound] = number;
        }
    }
}

/// Adds the ranges to the nested schemas.
fn add_nested_bounds(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(add_bounds),
        Value::Object(fields) => fields.values_mut().for_each(add_bounds),
        _ => (),
    }
}

/// Returns the alternative sets of credentials that an operation accepts.
pub(super) fn security(auth: AuthRequirement) -> Value {
    match auth {
        AuthRequirement::Public | AuthRequirement::AnonymousWrite => json!([{}, { "session": [] }]),
        AuthRequirement::Session | AuthRequirement::SessionWithCsrf => json!([{ "session": [] }]),
        AuthRequirement::SessionWithUidCookie => json!([{ "session": [], "name": [] }]),
        AuthRequirement::Operator(_) => json!([{ "operator": [] }]),
    }
}

/// Returns the security schemes that some endpoint uses.
pub(super) fn security_schemes(endpoints: &[EndpointInfo]) -> Value {
    let all = [
        (
            "session",
            json!({
                "type": "apiKey", "in": "cookie", "name": "SESSDATA",
                "description": "Session token. A public operation may return more data with it.",
            }),
        ),
        (
            "name",
            json!({
                "type": "apiKey", "in": "cookie", "name": "DedeUserID",
                "description": "The mid of the session's member.",
            }),
        ),
        ("operator", json!({ "type": "http", "scheme": "bearer", "description": "Operator token." })),
    ];
    let is_used = |name: &str| {
        endpoints.iter().any(|endpoint| {
            let sets = security(endpoint.auth);
            sets.as_array().is_some_and(|sets| sets.iter().any(|set| set.get(name).is_some()))
        })
    };
    all.into_iter()
        .filter(|(name, _)| is_used(name))
        .map(|(name, scheme)| (name.to_owned(), scheme))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integer_schemas_have_bounds() {
        let mut schema = json!({ "properties": {
            "since": { "type": ["integer", "null"], "format": "int64" },
            "limit": { "type": "integer", "format": "uint32", "minimum": 1, "maximum": 1000 },
            "format": { "type": "string" },
        } });
        add_bounds(&mut schema);
        let fields = &schema["properties"];
        assert_eq!(
            (&fields["since"]["minimum"], &fields["since"]["maximum"]),
            (&json!(i64::MIN), &json!(i64::MAX))
        );
        assert_eq!((&fields["limit"]["minimum"], &fields["limit"]["maximum"]), (&json!(1), &json!(1000)));
        assert_eq!(fields["format"], json!({ "type": "string" }));
    }
}
