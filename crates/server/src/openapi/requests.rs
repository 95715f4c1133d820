//! What is asked, and by whom.

use super::{Access, Operation};
use guanxi_api::auth::AuthRequirement;
use serde_json::{Map, Value, json};

/// The parameters of a request in the query.
pub(super) fn parameters(request: &Value) -> Value {
    let fields = request["properties"].as_object().into_iter().flatten();
    fields.map(|(name, schema)| parameter(name, schema.clone(), required(request, name))).collect()
}

fn parameter(name: &str, mut schema: Value, required: bool) -> Value {
    never_null(&mut schema);
    bound(&mut schema);
    let description = schema.as_object_mut().and_then(|schema| schema.shift_remove("description"));
    json!({
        "name": name,
        "in": "query",
        "required": required,
        // One that is empty is as absent (D5).
        "allowEmptyValue": !required,
        "description": description,
        "schema": schema,
    })
}

fn required(request: &Value, name: &str) -> bool {
    request["required"].as_array().is_some_and(|names| names.iter().any(|known| known == name))
}

/// A body that is a form, of one kind or the other; a write has the token of its session in it.
pub(super) fn form(mut request: Value, access: Access) -> Value {
    if let Some(fields) = request["properties"].as_object_mut() {
        fields.values_mut().for_each(never_null);
    }
    let writes = [AuthRequirement::SessionAndCsrf, AuthRequirement::CsrfIfSession].map(Access::Member);
    if writes.contains(&access) {
        request["properties"]["csrf"] = json!({
            "description": "The cookie `bili_jct` of the session. `csrf_token` is read where this is absent.",
            "type": "string",
        });
    }
    if access == Access::Member(AuthRequirement::SessionAndCsrf) {
        match request["required"].as_array_mut() {
            Some(names) => names.push(json!("csrf")),
            None => request["required"] = json!(["csrf"]),
        }
    }
    body(request, &["application/x-www-form-urlencoded", "multipart/form-data"])
}

/// A body that is a JSON object.
pub(super) fn json(request: Value) -> Value {
    body(request, &["application/json"])
}

/// The description of a request is its operation's.
fn body(mut schema: Value, kinds: &[&str]) -> Value {
    let required = schema["required"].as_array().is_some_and(|names| !names.is_empty());
    if let Some(schema) = schema.as_object_mut() {
        schema.shift_remove("description");
    }
    bound(&mut schema);
    let content: Map<String, Value> =
        kinds.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": schema }))).collect();
    json!({ "required": required, "content": content })
}

/// A parameter of a query or a form may be absent, and cannot be null.
fn never_null(schema: &mut Value) {
    let Some(kinds) = schema["type"].as_array_mut() else { return };
    kinds.retain(|kind| kind != "null");
    if let [kind] = kinds.as_slice() {
        schema["type"] = kind.clone();
    }
}

/// Says of every number of a request how far its type goes.
fn bound(schema: &mut Value) {
    let (least, most) = match schema.get("format").and_then(Value::as_str) {
        Some("int64") => (json!(i64::MIN), json!(i64::MAX)),
        Some("uint32") => (json!(0), json!(u32::MAX)),
        Some("uint64") => (json!(0), json!(u64::MAX)),
        _ => return within(schema),
    };
    for (bound, number) in [("minimum", least), ("maximum", most)] {
        if schema.get(bound).is_none() {
            schema[bound] = number;
        }
    }
}

/// Likewise of what a schema is made of.
fn within(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(bound),
        Value::Object(fields) => fields.values_mut().for_each(bound),
        _ => (),
    }
}

/// Which credentials an operation takes: those of one of these sets.
pub(super) fn security(access: Access) -> Value {
    match access {
        Access::Member(AuthRequirement::Nothing | AuthRequirement::CsrfIfSession) => {
            json!([{}, { "session": [] }])
        }
        Access::Member(AuthRequirement::Session | AuthRequirement::SessionAndCsrf) => {
            json!([{ "session": [] }])
        }
        Access::Member(AuthRequirement::SessionAndName) => json!([{ "session": [], "name": [] }]),
        Access::Operator(_) => json!([{ "operator": [] }]),
    }
}

/// The credentials that some operation takes.
pub(super) fn security_schemes(operations: &[Operation]) -> Value {
    let all = [
        (
            "session",
            json!({
                "type": "apiKey", "in": "cookie", "name": "SESSDATA",
                "description": "A live session. An operation that is open to anybody may tell its member more.",
            }),
        ),
        (
            "name",
            json!({
                "type": "apiKey", "in": "cookie", "name": "DedeUserID",
                "description": "The mid of the session's member.",
            }),
        ),
        ("operator", json!({ "type": "http", "scheme": "bearer", "description": "An operator's token." })),
    ];
    let taken = |name: &str| {
        operations.iter().any(|operation| {
            let sets = security(operation.access);
            sets.as_array().is_some_and(|sets| sets.iter().any(|set| set.get(name).is_some()))
        })
    };
    all.into_iter().filter(|(name, _)| taken(name)).map(|(name, scheme)| (name.to_owned(), scheme)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_tell_how_far_they_go() {
        let mut schema = json!({ "properties": {
            "since": { "type": ["integer", "null"], "format": "int64" },
            "limit": { "type": "integer", "format": "uint32", "minimum": 1, "maximum": 1000 },
            "format": { "type": "string" },
        } });
        bound(&mut schema);
        let fields = &schema["properties"];
        assert_eq!(
            (&fields["since"]["minimum"], &fields["since"]["maximum"]),
            (&json!(i64::MIN), &json!(i64::MAX))
        );
        assert_eq!((&fields["limit"]["minimum"], &fields["limit"]["maximum"]), (&json!(1), &json!(1000)));
        assert_eq!(fields["format"], json!({ "type": "string" }));
    }
}
