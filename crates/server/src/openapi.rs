//! OpenAPI 3.1 document of a listener, generated from the types of its endpoints, and an HTML page generated from
//! the document.

mod doc_text;
mod html;
pub mod listeners;
mod parameters;
mod responses;
mod translation;

use crate::app::App;
use crate::net::route_table::RouteTable;
use crate::web::language::Language;
use crate::web::preferences::{Preferences, Theme};
use axum::body::Bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_api::auth::AuthRequirement;
use guanxi_api::endpoint::{EndpointInfo, ParamLocation};
use guanxi_api::params::Params;
use guanxi_types::ErrorCode;
use http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, StatusCode};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

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
pub fn document(info: &DocumentInfo, endpoints: &[EndpointInfo]) -> Value {
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
    for endpoint in endpoints {
        let group = group(endpoint.path);
        if !groups.contains(&group) {
            groups.push(group);
        }
        let item = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        item[endpoint.method.as_str().to_ascii_lowercase()] =
            operation_json(endpoint, &mut request_schemas, &mut response_schemas);
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
            "responses": responses::error_responses(endpoints),
            "headers": responses::headers(),
            "securitySchemes": parameters::security_schemes(endpoints),
        },
    });
    doc_text::clean_descriptions(&mut document["paths"]);
    doc_text::clean_descriptions(&mut document["components"]);
    document
}

fn operation_json(
    endpoint: &EndpointInfo,
    request_schemas: &mut SchemaGenerator,
    response_schemas: &mut SchemaGenerator,
) -> Value {
    let request = (endpoint.request_schema)(request_schemas).to_value();
    let doc = doc_text::paragraph(request["description"].as_str().unwrap_or_default());
    let mut description = doc_text::without_heading(&doc);
    let summary = doc_text::first_sentence(&description).to_owned();
    if let AuthRequirement::Operator(roles) = endpoint.auth {
        let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        description = format!("{description}\n\nFor tokens of: {}.", roles.join(", "));
    }
    let mut item = json!({
        "operationId": camel_case(&endpoint.name),
        "tags": [group(endpoint.path)],
        "summary": summary,
        "description": description,
        "security": parameters::security(endpoint.auth),
    });
    match endpoint.param_location {
        ParamLocation::Query => item["parameters"] = parameters::parameters(&request),
        location @ (ParamLocation::Form | ParamLocation::Multipart) => {
            item["requestBody"] = parameters::form(request, endpoint.auth, location);
        }
        ParamLocation::Json => item["requestBody"] = parameters::json(request),
    }
    item["responses"] =
        responses::responses(endpoint, endpoint.data_schema.map(|data| data(response_schemas).to_value()));
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

/// A document as JSON, and as HTML in each language.
#[derive(Clone, Debug)]
pub struct RenderedDocument {
    json: Bytes,
    html: [Bytes; 2],
}

impl RenderedDocument {
    /// Renders a document.
    pub fn new(document: &Value) -> RenderedDocument {
        let html = Language::ALL.map(|language| html::html_page(document, language).into());
        RenderedDocument { json: document.to_string().into(), html }
    }

    /// Returns the page in the language that the query asks for, or that of the other pages.
    fn page(&self, app: &App, request: &Request) -> Response {
        let preferences = Preferences::of(request.headers(), app);
        let query = Params::parse(request.uri().query().unwrap_or_default().as_bytes());
        let language = query.get("language").unwrap_or(preferences.language);
        let html = &self.html[language as usize];
        let html = match preferences.theme {
            Theme::System => html.clone(),
            theme => with_theme(html, theme),
        };
        let mut response = file("text/html; charset=utf-8", html);
        response.headers_mut().insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        response.headers_mut().insert(VARY, HeaderValue::from_static("accept-language, cookie"));
        response
    }

    /// Returns the routes `/openapi.json`, `/openapi` (HTML), `/openapi.css` and `/openapi.js`.
    pub fn routes(document: fn() -> &'static RenderedDocument) -> RouteTable {
        let json =
            move |_, _| async move { file("application/json; charset=utf-8", document().json.clone()) };
        let html = move |app: App, request: Request| async move { document().page(&app, &request) };
        let style =
            |_, _| async { file("text/css; charset=utf-8", include_str!("openapi/openapi.css").into()) };
        let script = |_, _| async {
            file("text/javascript; charset=utf-8", include_str!("openapi/openapi.js").into())
        };
        RouteTable::default()
            .route(Method::GET, "/openapi.json", json)
            .route(Method::GET, "/openapi", html)
            .route(Method::GET, "/openapi.css", style)
            .route(Method::GET, "/openapi.js", script)
    }
}

/// Returns a page with the theme in its first element.
fn with_theme(html: &Bytes, theme: Theme) -> Bytes {
    let (from, to) = (format!("data-theme=\"{}\"", html::THEME), format!("data-theme=\"{}\"", theme.name()));
    String::from_utf8_lossy(html).replacen(&from, &to, 1).into()
}

/// Content security policy of the page. Only its own style sheet and script load, and requests reach only the service.
/// A script in text that becomes markup by mistake does not run.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

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
    use guanxi_types::Role;

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
        let endpoint = EndpointInfo {
            name: "Give".to_owned(),
            method: Method::POST,
            path: "/coins/give",
            auth: AuthRequirement::Operator(&[Role::Admin]),
            param_location,
            params: &[],
            request_schema: <Give as schemars::JsonSchema>::json_schema,
            data_schema: None,
        };
        let info =
            DocumentInfo { title: "t", description: "a", groups: &[], codes: &[ErrorCode::MemberNotFound] };
        document(&info, &[endpoint])
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
        let page = html::html_page(&document, Language::English);
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
