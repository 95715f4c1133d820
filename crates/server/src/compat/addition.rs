//! Additions to the successful answers of an endpoint.

use crate::http::response::{encoding_error, json_response};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;

/// Constants that are merged into the successful answers of an endpoint.
#[derive(Debug)]
pub(super) struct Addition {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) merge: Value,
    pub(super) overrides: bool,
}

impl Addition {
    /// Returns the response with the constants. A rejection or failure is returned unchanged.
    pub(super) async fn apply(&self, response: Response) -> Response {
        if response.status() != StatusCode::OK {
            return response;
        }
        let (parts, body) = response.into_parts();
        // The body is in memory, so it has no error.
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let Some(mut answer) = serde_json::from_slice(&body).ok().filter(is_success) else {
            return Response::from_parts(parts, body.into());
        };
        merge(&mut answer, &self.merge, self.overrides);
        match serde_json::to_vec(&answer) {
            Ok(json) => {
                let mut response = json_response(StatusCode::OK, json);
                *response.headers_mut() = parts.headers;
                response
            }
            Err(error) => encoding_error(&error).into_response(),
        }
    }
}

fn is_success(answer: &Value) -> bool {
    answer["code"] == 0
}

/// Merges an addition into a value. Objects are merged by key. Of two other values the existing one stays, unless
/// the addition overrides it.
fn merge(value: &mut Value, addition: &Value, overrides: bool) {
    match (value, addition) {
        (Value::Object(fields), Value::Object(added)) => {
            for (name, addition) in added {
                match fields.get_mut(name) {
                    Some(field) => merge(field, addition, overrides),
                    None => {
                        fields.insert(name.clone(), addition.clone());
                    }
                }
            }
        }
        (value, addition) if overrides => *value = addition.clone(),
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addition_is_merged_by_key() {
        // value, addition, overridden or not, result
        let cases = [
            (r#"{"a":1}"#, r#"{"b":2}"#, false, r#"{"a":1,"b":2}"#),
            (r#"{"a":1}"#, r#"{"a":2}"#, false, r#"{"a":1}"#),
            (r#"{"a":1}"#, r#"{"a":2}"#, true, r#"{"a":2}"#),
            (r#"{"a":null}"#, r#"{"a":{"b":2}}"#, false, r#"{"a":null}"#),
            (r#"{"a":null}"#, r#"{"a":{"b":2}}"#, true, r#"{"a":{"b":2}}"#),
            (r#"{"a":{"b":1,"c":[1]}}"#, r#"{"a":{"c":[2],"d":3}}"#, false, r#"{"a":{"b":1,"c":[1],"d":3}}"#),
            (r#"{"a":{"b":1,"c":[1]}}"#, r#"{"a":{"c":[2],"d":3}}"#, true, r#"{"a":{"b":1,"c":[2],"d":3}}"#),
        ];
        for (value, addition, overrides, expected) in cases {
            let mut value: Value = serde_json::from_str(value).unwrap();
            merge(&mut value, &serde_json::from_str(addition).unwrap(), overrides);
            assert_eq!(value.to_string(), expected);
        }
    }
}
