//! Validation of responses against the OpenAPI documents. Every response to a documented operation in the tests is
//! checked.

use crate::service::TestResponse;
use http::Method;
use http::header::CONTENT_ENCODING;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

/// Document of the members' listener.
pub(crate) static MEMBER_DOCUMENT: LazyLock<OpenApiDocument> =
    LazyLock::new(|| OpenApiDocument::new(guanxi_server::routes::document()));

/// Document of the operators' listener.
pub(crate) static OPERATOR_DOCUMENT: LazyLock<OpenApiDocument> =
    LazyLock::new(|| OpenApiDocument::new(guanxi_server::operator::document()));

/// A document and its compiled schemas.
pub(crate) struct OpenApiDocument {
    pub(crate) json: Value,
    schemas: Mutex<BTreeMap<String, Arc<Validator>>>,
}

/// Returns the JSON pointer of an operation.
pub(crate) fn operation_pointer(method: &Method, path: &str) -> String {
    format!("/paths/{}/{}", path.replace('/', "~1"), method.as_str().to_ascii_lowercase())
}

impl OpenApiDocument {
    fn new(json: Value) -> OpenApiDocument {
        OpenApiDocument { json, schemas: Mutex::default() }
    }

    /// Returns the compiled schema at a pointer.
    pub(crate) fn schema(&self, pointer: &str) -> Arc<Validator> {
        let cached = self.schemas.lock().unwrap().get(pointer).cloned();
        cached.unwrap_or_else(|| {
            let mut schema = self.json.clone();
            schema["$ref"] = format!("#{pointer}").into();
            let schema = jsonschema::draft202012::new(&schema);
            let schema = Arc::new(schema.unwrap_or_else(|error| panic!("{pointer}: {error}")));
            self.schemas.lock().unwrap().insert(pointer.to_owned(), Arc::clone(&schema));
            schema
        })
    }

    /// Asserts that the response conforms to the document. Undocumented paths are not checked.
    pub(crate) fn assert_valid(&self, method: &Method, path: &str, response: &TestResponse) {
        let (operation, status) = (operation_pointer(method, path), response.status.as_u16());
        if self.json.pointer(&operation).is_none() || response.headers.contains_key(CONTENT_ENCODING) {
            return;
        }
        let mut pointer = format!("{operation}/responses/{status}");
        let documented = self
            .json
            .pointer(&pointer)
            .unwrap_or_else(|| panic!("{method} {path} returned {status}, which is not documented"));
        if let Some(reference) = documented["$ref"].as_str() {
            pointer = reference.trim_start_matches('#').to_owned();
        }
        let (schema, json) =
            (self.schema(&format!("{pointer}/content/application~1json/schema")), response.json());
        let errors: Vec<String> = schema.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{method} {path}: {json}: {}", errors.join("; "));
    }
}
