//! What the documents say of answers: every answer of a documented operation that a test is given is compared with them.

use crate::service::Answer;
use http::Method;
use http::header::CONTENT_ENCODING;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

/// What members are told.
pub(crate) static FOR_MEMBERS: LazyLock<Document> =
    LazyLock::new(|| Document::of(guanxi_server::routes::document()));

/// What operators are told.
pub(crate) static FOR_OPERATORS: LazyLock<Document> =
    LazyLock::new(|| Document::of(guanxi_server::operator::document()));

/// A document, and those of its schemas that were needed so far.
pub(crate) struct Document {
    pub(crate) json: Value,
    schemas: Mutex<BTreeMap<String, Arc<Validator>>>,
}

/// Where an operation stands in a document.
pub(crate) fn place(method: &Method, path: &str) -> String {
    format!("/paths/{}/{}", path.replace('/', "~1"), method.as_str().to_ascii_lowercase())
}

impl Document {
    fn of(json: Value) -> Document {
        Document { json, schemas: Mutex::default() }
    }

    /// The schema at a place.
    pub(crate) fn schema(&self, place: &str) -> Arc<Validator> {
        let known = self.schemas.lock().unwrap().get(place).cloned();
        known.unwrap_or_else(|| {
            let mut schema = self.json.clone();
            schema["$ref"] = format!("#{place}").into();
            let schema = jsonschema::draft202012::new(&schema);
            let schema = Arc::new(schema.unwrap_or_else(|error| panic!("{place}: {error}")));
            self.schemas.lock().unwrap().insert(place.to_owned(), Arc::clone(&schema));
            schema
        })
    }

    /// Fails unless an answer is one that the document has for the operation; what is no operation may answer anything.
    pub(crate) fn holds(&self, method: &Method, path: &str, answer: &Answer) {
        let (operation, status) = (place(method, path), answer.status.as_u16());
        if self.json.pointer(&operation).is_none() || answer.headers.contains_key(CONTENT_ENCODING) {
            return;
        }
        let mut told = format!("{operation}/responses/{status}");
        let response = self.json.pointer(&told).unwrap_or_else(|| panic!("{method} {path} answers {status}"));
        if let Some(shared) = response["$ref"].as_str() {
            told = shared.trim_start_matches('#').to_owned();
        }
        let (schema, json) =
            (self.schema(&format!("{told}/content/application~1json/schema")), answer.json());
        let wrong: Vec<String> = schema.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{method} {path}: {json}: {}", wrong.join("; "));
    }
}
