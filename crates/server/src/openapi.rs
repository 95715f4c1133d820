//! The OpenAPI 3.1 document of a listener, made from the types of its operations, and a page for people made from that.

mod answers;
pub mod members;
pub mod operators;
mod page;
mod prose;
mod requests;

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

/// Tells the schema of a type, such as `T::json_schema`.
pub type Describe = fn(&mut SchemaGenerator) -> Schema;

/// An operation, as the document tells it.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The name of its request's type.
    pub name: String,
    /// Its method.
    pub method: Method,
    /// Its path; the first segment, without `x`, is the group in which it is told.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Where its parameters stand.
    pub asks: Asks,
    /// Its request: what it is for, and an object of its parameters.
    pub request: Describe,
    /// Its data, if it has any to tell.
    pub data: Option<Describe>,
    /// The faults of HTTP and of the service that it may end in.
    pub faults: &'static [HttpError],
}

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Members, or anybody.
    Member(AuthRequirement),
    /// Operators, by a token of one of these roles.
    Operator(&'static [Role]),
}

/// Where parameters stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// In the query.
    Query,
    /// In the body, as a form of either kind.
    Form,
    /// In the body, as a JSON object.
    Json,
}

/// What a document says of its listener.
#[derive(Clone, Copy, Debug)]
pub struct Listener {
    /// Its title.
    pub title: &'static str,
    /// What holds for all of its operations, a paragraph after the other, with a blank line between.
    pub about: &'static str,
    /// The groups of its operations, and what each is about.
    pub groups: &'static [(&'static str, &'static str)],
    /// What its operations may refuse with.
    pub codes: &'static [ErrorCode],
}

/// The document of a listener and its operations.
pub fn document(listener: &Listener, operations: &[Operation]) -> Value {
    // A request names no type of its own, so that the names are those of answers alone.
    let mut asked = SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .for_deserialize()
        .into_generator();
    let mut told = SchemaSettings::draft2020_12()
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
        item[operation.method.as_str().to_ascii_lowercase()] = told_of(operation, &mut asked, &mut told);
    }
    let about = |name| listener.groups.iter().find(|(known, _)| *known == name).map(|(_, about)| *about);
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|name| json!({ "name": name, "description": about(name).unwrap_or_default() }))
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": listener.title, "version": env!("CARGO_PKG_VERSION"), "description": listener.about },
        "servers": [{ "url": "/" }],
        "tags": groups,
        "paths": paths,
        "components": {
            "schemas": answers::schemas(listener.codes, told.take_definitions(true)),
            "responses": answers::faults(operations),
            "securitySchemes": requests::security_schemes(operations),
        },
    });
    prose::tidy(&mut document["paths"]);
    prose::tidy(&mut document["components"]);
    document
}

fn told_of(operation: &Operation, asked: &mut SchemaGenerator, told: &mut SchemaGenerator) -> Value {
    let request = (operation.request)(asked).to_value();
    let mut description = prose::told(request["description"].as_str().unwrap_or_default());
    let summary = prose::first_sentence(&description).to_owned();
    if let Access::Operator(roles) = operation.access {
        let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        description = format!("{description}\n\nFor tokens of: {}.", roles.join(", "));
    }
    let mut item = json!({
        "operationId": camel_case(&operation.name),
        "tags": [group(operation.path)],
        "summary": summary,
        "description": description,
        "security": requests::security(operation.access),
    });
    match operation.asks {
        Asks::Query => item["parameters"] = requests::parameters(&request),
        Asks::Form => item["requestBody"] = requests::form(request, operation.access),
        Asks::Json => item["requestBody"] = requests::json(request),
    }
    item["responses"] = answers::responses(operation, operation.data.map(|data| data(told).to_value()));
    item
}

/// The first segment of a path, without `x`.
fn group(path: &'static str) -> &'static str {
    path.split('/').find(|segment| !matches!(*segment, "" | "x")).unwrap_or_default()
}

fn camel_case(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// A document, and its page, as they are served.
#[derive(Clone, Debug)]
pub struct Pages {
    json: Bytes,
    html: Bytes,
}

impl Pages {
    /// Those of a document.
    pub fn of(document: &Value) -> Pages {
        Pages { json: document.to_string().into(), html: page::page(document).into() }
    }

    /// Serves them: `/openapi.json`, `/openapi` for people, and that one's style sheet.
    pub fn routes<S: Clone + Send + Sync + 'static>(pages: fn() -> &'static Pages) -> Router<S> {
        let json = move || async move { file("application/json; charset=utf-8", pages().json.clone()) };
        let html = move || async move { file("text/html; charset=utf-8", pages().html.clone()) };
        let style = || async { file("text/css; charset=utf-8", include_str!("openapi/page.css").into()) };
        Router::new()
            .route("/openapi.json", get(json))
            .route("/openapi", get(html))
            .route("/openapi.css", get(style))
    }
}

/// Nothing but the style sheet may be loaded, and nothing run: text of a type that becomes markup by mistake does no harm.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn file(kind: &'static str, bytes: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
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
    fn groups_and_names() {
        for (path, name) in [("/x/relation", "relation"), ("/web/site/user/info", "web"), ("/x/vip/a", "vip")]
        {
            assert_eq!(group(path), name);
        }
        assert_eq!(camel_case("AccRelation"), "accRelation");
    }

    /// Gives a member coins (D28). Refused with -404.
    #[derive(schemars::JsonSchema)]
    #[expect(dead_code, reason = "it is described, and never made")]
    struct Give {
        /// The member.
        mid: guanxi_types::Mid,
        /// Why.
        reason: Option<String>,
    }

    fn give(asks: Asks) -> Value {
        let operation = Operation {
            name: "Give".to_owned(),
            method: Method::POST,
            path: "/coins/give",
            access: Access::Operator(&[Role::Admin]),
            asks,
            request: <Give as schemars::JsonSchema>::json_schema,
            data: None,
            faults: &[HttpError::Broken],
        };
        let listener = Listener { title: "t", about: "a", groups: &[], codes: &[ErrorCode::NoMember] };
        document(&listener, &[operation])
    }

    #[test]
    fn an_operator_asks_in_json() {
        let document = give(Asks::Json);
        let told = &document["paths"]["/coins/give"]["post"];
        assert_eq!(told["description"], "Gives a member coins. Refused with -404. For tokens of: admin.");
        assert_eq!(told["security"], json!([{ "operator": [] }]));
        assert_eq!(document["components"]["securitySchemes"]["operator"]["scheme"], "bearer");
        let body = &told["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(body["required"], json!(["mid"]));
        assert_eq!(body["properties"]["reason"]["type"], json!(["string", "null"]));
        let page = page::page(&document);
        assert!(
            page.contains("<b>Operators</b>") && page.contains("in the body: application/json"),
            "{page}"
        );
        // In a query and in a form nothing is null, and a form of an operator's has no csrf.
        let query = &give(Asks::Query)["paths"]["/coins/give"]["post"]["parameters"];
        assert_eq!((&query[1]["required"], &query[1]["schema"]["type"]), (&json!(false), &json!("string")));
        let form = &give(Asks::Form)["paths"]["/coins/give"]["post"]["requestBody"]["content"];
        let form = &form["multipart/form-data"]["schema"]["properties"];
        assert_eq!((&form["reason"]["type"], &form["csrf"]), (&json!("string"), &Value::Null));
    }
}
