//! OpenAPI 3.1 document of a listener, generated from the types of its operations, and an HTML page generated from
//! the document.

mod doc_text;
mod html;
pub mod members;
pub mod operators;
mod parameters;
mod responses;

use axum::Router;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use guanxi_api::auth::AuthRequirement;
use guanxi_types::Role;
use guanxi_types::{ErrorCode, HttpError};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{Method, StatusCode};
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Generator of a type's schema, such as `T::json_schema`.
pub type SchemaFn = fn(&mut SchemaGenerator) -> Schema;

/// An operation of the document.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Name of the request type.
    pub name: String,
    /// HTTP method.
    pub method: Method,
    /// Path. Its first segment, without `x`, is the operation's group.
    pub path: &'static str,
    /// Credentials that the operation requires.
    pub access: Access,
    /// Location of the parameters.
    pub param_location: ParamLocation,
    /// Schema of the request: its description and its parameters.
    pub request: SchemaFn,
    /// Schema of the response data; `None` if there is none.
    pub data: Option<SchemaFn>,
    /// HTTP errors that the operation may return.
    pub errors: &'static [HttpError],
}

/// Credentials that an operation requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A member's credentials, or none.
    Member(AuthRequirement),
    /// An operator's token with one of these roles.
    Operator(&'static [Role]),
}

/// Location of the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamLocation {
    /// The query string.
    Query,
    /// The body, URL-encoded or multipart.
    Form,
    /// The body, as a JSON object.
    Json,
}

/// Metadata of a listener's document.
#[derive(Clone, Copy, Debug)]
pub struct DocumentInfo {
    /// Title of the document.
    pub title: &'static str,
    /// Introduction, in paragraphs separated by a blank line.
    pub description: &'static str,
    /// Groups of operations, each with its description.
    pub groups: &'static [(&'static str, &'static str)],
    /// Error codes that the operations may return.
    pub codes: &'static [ErrorCode],
}

/// Builds the document of a listener.
pub fn document(info: &DocumentInfo, operations: &[Operation]) -> Value {
    // Request schemas are inlined, so that all named schemas are those of responses.
    let mut request_schemas = SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .for_deserialize()
        .into_generator();
    let mut response_schemas = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .for_serialize()
        .into_generator();
    let (mut paths, mut groups) = (Map::new(), Vec::new());
    for operation in operations {
        let group = group(operation.path);
        if !groups.contains(&group) {
            groups.push(group);
        }
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        item[operation.method.as_str().to_ascii_lowercase()] =
            operation_json(operation, &mut request_schemas, &mut response_schemas);
    }
    let description =
        |name| info.groups.iter().find(|(group, _)| *group == name).map(|(_, description)| *description);
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|name| json!({ "name": name, "description": description(name).unwrap_or_default() }))
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": info.title, "version": env!("CARGO_PKG_VERSION"), "description": info.description },
        "servers": [{ "url": "/" }],
        "tags": groups,
        "paths": paths,
        "components": {
            "schemas": responses::schemas(info.codes, response_schemas.take_definitions(true)),
            "responses": responses::error_responses(operations),
            "securitySchemes": parameters::security_schemes(operations),
        },
    });
    doc_text::clean_descriptions(&mut document["paths"]);
    doc_text::clean_descriptions(&mut document["components"]);
    document
}

fn operation_json(
    operation: &Operation,
    request_schemas: &mut SchemaGenerator,
    response_schemas: &mut SchemaGenerator,
) -> Value {
    let request = (operation.request)(request_schemas).to_value();
    let mut description = doc_text::paragraph(request["description"].as_str().unwrap_or_default());
    let summary = doc_text::first_sentence(&description).to_owned();
    if let Access::Operator(roles) = operation.access {
        let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        description = format!("{description}\n\nFor tokens of: {}.", roles.join(", "));
    }
    let mut item = json!({
        "operationId": camel_case(&operation.name),
        "tags": [group(operation.path)],
        "summary": summary,
        "description": description,
        "security": parameters::security(operation.access),
    });
    match operation.param_location {
        ParamLocation::Query => item["parameters"] = parameters::parameters(&request),
        ParamLocation::Form => item["requestBody"] = parameters::form(request, operation.access),
        ParamLocation::Json => item["requestBody"] = parameters::json(request),
    }
    item["responses"] =
        responses::responses(operation, operation.data.map(|data| data(response_schemas).to_value()));
    item
}

/// Returns the first segment of a path, skipping `x`.
fn group(path: &'static str) -> &'static str {
    path.split('/').find(|segment| !matches!(*segment, "" | "x")).unwrap_or_default()
}

fn camel_case(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// A document as JSON and as HTML.
#[derive(Clone, Debug)]
pub struct RenderedDocument {
    json: Bytes,
    html: Bytes,
}

impl RenderedDocument {
    /// Renders a document.
    pub fn new(document: &Value) -> RenderedDocument {
        RenderedDocument { json: document.to_string().into(), html: html::html_page(document).into() }
    }

    /// Returns the routes `/openapi.json`, `/openapi` (HTML) and `/openapi.css`.
    pub fn routes<S: Clone + Send + Sync + 'static>(
        document: fn() -> &'static RenderedDocument,
    ) -> Router<S> {
        let json = move || async move { file("application/json; charset=utf-8", document().json.clone()) };
        let html = move || async move { file("text/html; charset=utf-8", document().html.clone()) };
        let style = || async { file("text/css; charset=utf-8", include_str!("openapi/openapi.css").into()) };
        Router::new()
            .route("/openapi.json", get(json))
            .route("/openapi", get(html))
            .route("/openapi.css", get(style))
    }
}

/// Content security policy of the page. Only the style sheet loads and no script runs, so text that becomes markup
/// by mistake is harmless.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn file(content_type: &'static str, bytes: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (StatusCode::OK, headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_and_operation_id_come_from_path_and_name() {
        for (path, name) in [("/x/relation", "relation"), ("/web/site/user/info", "web"), ("/x/vip/a", "vip")]
        {
            assert_eq!(group(path), name);
        }
        assert_eq!(camel_case("GetRelationPair"), "getRelationPair");
    }

    /// Gives a member coins (D28). Rejected with -404.
    #[derive(schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Give {
        /// The member.
        mid: guanxi_types::Mid,
        /// Reason of the change.
        reason: Option<String>,
    }

    fn give_document(param_location: ParamLocation) -> Value {
        let operation = Operation {
            name: "Give".to_owned(),
            method: Method::POST,
            path: "/coins/give",
            access: Access::Operator(&[Role::Admin]),
            param_location,
            request: <Give as schemars::JsonSchema>::json_schema,
            data: None,
            errors: &[HttpError::InternalError],
        };
        let info =
            DocumentInfo { title: "t", description: "a", groups: &[], codes: &[ErrorCode::MemberNotFound] };
        document(&info, &[operation])
    }

    #[test]
    fn operator_parameters_are_json() {
        let document = give_document(ParamLocation::Json);
        let operation = &document["paths"]["/coins/give"]["post"];
        assert_eq!(
            operation["description"],
            "Gives a member coins. Rejected with -404. For tokens of: admin."
        );
        assert_eq!(operation["security"], json!([{ "operator": [] }]));
        assert_eq!(document["components"]["securitySchemes"]["operator"]["scheme"], "bearer");
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(body["required"], json!(["mid"]));
        assert_eq!(body["properties"]["reason"]["type"], json!(["string", "null"]));
        let page = html::html_page(&document);
        assert!(
            page.contains("<b>Operators</b>") && page.contains("in the body: application/json"),
            "{page}"
        );
        // Query and form parameters are never null, and an operator's form has no csrf.
        let query = &give_document(ParamLocation::Query)["paths"]["/coins/give"]["post"]["parameters"];
        assert_eq!((&query[1]["required"], &query[1]["schema"]["type"]), (&json!(false), &json!("string")));
        let form =
            &give_document(ParamLocation::Form)["paths"]["/coins/give"]["post"]["requestBody"]["content"];
        let form = &form["multipart/form-data"]["schema"]["properties"];
        assert_eq!((&form["reason"]["type"], &form["csrf"]), (&json!("string"), &Value::Null));
    }
}
