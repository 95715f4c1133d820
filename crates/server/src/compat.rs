//! Compatibility files: paths and fields that guanxi does not have, for clients that need them in tests.
//!
//! A file maps paths to endpoints, and adds constants to answers. A route calls its endpoint within the process, with
//! the cookies, headers and address of the request. All rules of the endpoint therefore hold. Every error of a file is
//! found when the service starts.

use crate::app::App;
use crate::net::route_table::RouteTable;
use addition::Addition;
use document::{Document, Field, Table};
use guanxi_api::endpoint::EndpointInfo;
use http::Method;
use names::ParamNames;
use path_pattern::PathPattern;
use route::{Call, PlacedTemplate, Reply, Route};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use template::{TEMPLATE_MAX_BYTES, Template};

mod addition;
mod document;
mod error;
mod names;
mod path_pattern;
mod route;
mod skeleton;
mod syntax;
mod template;

pub use error::CompatError;
pub use skeleton::{Gap, skeleton};

/// The maximum size of a file, in bytes.
const FILE_MAX_BYTES: usize = 1 << 20;

/// The maximum number of routes of a file.
const ROUTE_LIMIT: usize = 1_000;

/// The methods of routes. HEAD is answered by the route of GET.
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// A checked compatibility file.
#[derive(Debug)]
pub struct Compat {
    routes: Vec<Arc<Route>>,
    additions: Vec<Arc<Addition>>,
}

/// The paths that guanxi serves.
#[derive(Debug)]
pub struct Served<'s> {
    /// The members' endpoints.
    pub endpoints: &'s [EndpointInfo],
    /// The routes of endpoints, pages and documents.
    pub table: &'s RouteTable,
}

impl Compat {
    /// Reads and checks a file.
    pub fn load(file: &Path, served: &Served<'_>) -> Result<Compat, CompatError> {
        let read_error = |source| CompatError::Read { file: file.to_owned(), source };
        let mut text = String::new();
        let opened = File::open(file).map_err(read_error)?;
        opened.take(FILE_MAX_BYTES as u64 + 1).read_to_string(&mut text).map_err(read_error)?;
        Compat::parse(file, &text, served)
    }

    /// Parses and checks the text of a file.
    pub fn parse(file: &Path, text: &str, served: &Served<'_>) -> Result<Compat, CompatError> {
        if text.len() > FILE_MAX_BYTES {
            let reason = format!("the file has more than {FILE_MAX_BYTES} bytes");
            return Err(CompatError::Malformed { file: file.to_owned(), line: 1, reason });
        }
        let document = Document::new(file, text);
        let mut root = document.parse()?;
        root.expect_keys(&["route", "answer"])?;
        let routes = root.take("route").map_or(Ok(Vec::new()), |field| field.array("[[route]] tables"))?;
        let answers = root.take("answer").map_or(Ok(Vec::new()), |field| field.array("[[answer]] tables"))?;
        if let Some(field) = routes.get(ROUTE_LIMIT) {
            return Err(field.error(format!("is one too many, expected at most {ROUTE_LIMIT} routes")));
        }
        let mut paths = Paths::new(served.table);
        let routes = routes
            .into_iter()
            .map(|field| parse_route(field, served, &mut paths))
            .collect::<Result<_, _>>()?;
        let mut added = HashMap::new();
        let additions = answers
            .into_iter()
            .map(|field| parse_addition(field, served, &mut added))
            .collect::<Result<_, _>>()?;
        Ok(Compat { routes, additions })
    }

    /// Adds the routes and the additions to a table. `endpoints` has the routes of the endpoints alone.
    pub(crate) fn extend(&self, table: RouteTable, endpoints: RouteTable, app: &App) -> RouteTable {
        let endpoints = Arc::new(self.with_additions(endpoints).with_state(app.clone()));
        self.routes.iter().fold(self.with_additions(table), |table, route| {
            let (handled, endpoints) = (Arc::clone(route), Arc::clone(&endpoints));
            let handler = move |app, request| {
                let (route, endpoints) = (Arc::clone(&handled), Arc::clone(&endpoints));
                async move { route.respond(app, &endpoints, request).await }
            };
            table.route(route.method.clone(), route.path.as_str(), handler)
        })
    }

    fn with_additions(&self, table: RouteTable) -> RouteTable {
        self.additions.iter().fold(table, |table, addition| {
            let applied = Arc::clone(addition);
            table.map_responses(&addition.method, addition.path, move |response| {
                let addition = Arc::clone(&applied);
                async move { addition.apply(response).await }
            })
        })
    }
}

/// The paths of guanxi and of the routes read so far.
struct Paths {
    served: matchit::Router<String>,
    all: matchit::Router<()>,
    /// The line of each method and path of the file.
    lines: HashMap<(Method, String), usize>,
}

impl Paths {
    fn new(table: &RouteTable) -> Paths {
        let (mut served, mut all) = (matchit::Router::new(), matchit::Router::new());
        for path in table.paths() {
            served.insert(path, path.to_owned()).expect("paths of guanxi are distinct");
            all.insert(path, ()).expect("paths of guanxi are distinct");
        }
        Paths { served, all, lines: HashMap::new() }
    }

    /// Adds the path of a route.
    fn insert(
        &mut self,
        method: &Method,
        pattern: &PathPattern,
        field: &Field<'_>,
    ) -> Result<(), CompatError> {
        let path = pattern.as_str();
        if let Ok(found) = self.served.at(path) {
            return Err(field.error(format!("guanxi serves {}, expected a path of its own", found.value)));
        }
        let is_known = self.lines.keys().any(|(_, known)| known == path);
        if let Some(line) = self.lines.insert((method.clone(), path.to_owned()), field.line()) {
            return Err(
                field.error(format!("{method} {path} is at line {line} already, expected another path"))
            );
        }
        match self.all.insert(path, ()) {
            Ok(()) => Ok(()),
            Err(_) if is_known => Ok(()),
            Err(matchit::InsertError::Conflict { with }) => Err(field
                .error(format!("matches the same paths as {with}, expected equal names or another path"))),
            Err(error) => Err(field.error(error.to_string())),
        }
    }
}

fn parse_route(field: Field<'_>, served: &Served<'_>, paths: &mut Paths) -> Result<Arc<Route>, CompatError> {
    const KEYS: &[&str] =
        &["path", "method", "endpoint", "rename", "ignore", "defaults", "template", "constant"];
    let mut table = field.table()?;
    table.expect_keys(KEYS)?;
    let path_field = table.require("path", "a path such as \"/app/v1/members/{id}\"")?;
    let path = PathPattern::parse(path_field.text()?).map_err(|reason| path_field.error(reason))?;
    let method = table.take("method").map_or(Ok(Method::GET), |field| parse_method(&field))?;
    paths.insert(&method, &path, &path_field)?;
    let reply = match (table.take("endpoint"), table.take("constant")) {
        (Some(endpoint), None) => Reply::Call(Box::new(parse_call(&endpoint, &path, &mut table, served)?)),
        (None, Some(constant)) => {
            let keys = ["rename", "ignore", "defaults", "template"];
            if let Some(field) = keys.iter().find_map(|key| table.take(key)) {
                return Err(field.error("needs an endpoint, which a constant replaces"));
            }
            Reply::Constant(constant.json()?.to_string().into_bytes())
        }
        (Some(_), Some(constant)) => return Err(constant.error("expected either an endpoint or a constant")),
        (None, None) => {
            return Err(table.error("endpoint", "missing, expected an endpoint or a constant".to_owned()));
        }
    };
    Ok(Arc::new(Route { method, path, reply }))
}

fn parse_method(field: &Field<'_>) -> Result<Method, CompatError> {
    let text = field.text()?;
    let known = METHODS.iter().find(|method| **method == text).and_then(|method| method.parse().ok());
    known.ok_or_else(|| {
        field.error(format!("unknown method {text:?}, expected one of {}", METHODS.join(", ")))
    })
}

/// Finds an endpoint by its path, or by its method and path.
fn find_endpoint<'s>(field: &Field<'_>, served: &Served<'s>) -> Result<&'s EndpointInfo, CompatError> {
    let text = field.text()?;
    let name = |endpoint: &EndpointInfo| format!("{} {}", endpoint.method, endpoint.path);
    let found: Vec<_> =
        served.endpoints.iter().filter(|endpoint| endpoint.path == text || name(endpoint) == text).collect();
    match found.as_slice() {
        [endpoint] => Ok(endpoint),
        [] => {
            Err(field.error(format!("{text:?} is no endpoint, expected a path such as \"/x/relation/stat\"")))
        }
        several => {
            let names: Vec<String> = several.iter().map(|endpoint| format!("{:?}", name(endpoint))).collect();
            Err(field.error(format!("has several methods, expected one of {}", names.join(", "))))
        }
    }
}

fn parse_call(
    endpoint: &Field<'_>,
    path: &PathPattern,
    table: &mut Table<'_>,
    served: &Served<'_>,
) -> Result<Call, CompatError> {
    let found = find_endpoint(endpoint, served)?;
    let names = parse_names(found, table)?;
    for name in path.names() {
        let target = names.renamed.get(name).map_or(name, String::as_str);
        if !names.ignored.contains(name) && !param_names(found).contains(&target) {
            let expected = "expected its new name in rename, or its name in ignore";
            let reason = format!("{} has no parameter {name:?} of the path, {expected}", found.path);
            return Err(endpoint.error(reason));
        }
    }
    let template = table.take("template").map(|field| parse_template(&field)).transpose()?;
    Ok(Call { method: found.method.clone(), path: found.path, names, template })
}

fn parse_names(endpoint: &EndpointInfo, table: &mut Table<'_>) -> Result<ParamNames, CompatError> {
    let mut names = ParamNames::default();
    for (name, target, field) in table.take("rename").map_or(Ok(Vec::new()), Field::texts)? {
        expect_param(endpoint, &target, &field)?;
        names.renamed.insert(name, target);
    }
    for field in table.take("ignore").map_or(Ok(Vec::new()), |field| field.array("an array of texts"))? {
        let name = field.text()?.to_owned();
        if names.renamed.contains_key(&name) {
            return Err(field.error(format!("{name:?} is renamed too, expected one of both")));
        }
        names.ignored.insert(name);
    }
    for (name, value, field) in table.take("defaults").map_or(Ok(Vec::new()), Field::texts)? {
        expect_param(endpoint, &name, &field)?;
        names.defaults.push((name, value));
    }
    Ok(names)
}

/// Returns the names of an endpoint's parameters. A write has `csrf` too.
fn param_names(endpoint: &EndpointInfo) -> Vec<&'static str> {
    let csrf = (endpoint.method == Method::POST).then_some("csrf");
    endpoint.params.iter().map(|param| param.name).chain(csrf).collect()
}

fn expect_param(endpoint: &EndpointInfo, name: &str, field: &Field<'_>) -> Result<(), CompatError> {
    let known = param_names(endpoint);
    if known.contains(&name) {
        return Ok(());
    }
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(field.error(format!("{} has no parameter {name:?}, expected one of {known}", endpoint.path)))
}

fn parse_template(field: &Field<'_>) -> Result<PlacedTemplate, CompatError> {
    let (source, first_line) = (field.text()?, field.text_line());
    if source.len() > TEMPLATE_MAX_BYTES {
        return Err(field.error(format!("has {} bytes, expected at most {TEMPLATE_MAX_BYTES}", source.len())));
    }
    let template = Template::compile(source)
        .map_err(|error| field.error_at(first_line + error.line - 1, error.reason, error.source))?;
    Ok(PlacedTemplate { template, first_line })
}

fn parse_addition(
    field: Field<'_>,
    served: &Served<'_>,
    added: &mut HashMap<(Method, &'static str), usize>,
) -> Result<Arc<Addition>, CompatError> {
    let mut table = field.table()?;
    table.expect_keys(&["endpoint", "merge", "override"])?;
    let endpoint = table.require("endpoint", "the path of an endpoint")?;
    let found = find_endpoint(&endpoint, served)?;
    if let Some(line) = added.insert((found.method.clone(), found.path), endpoint.line()) {
        return Err(
            endpoint.error(format!("has an addition at line {line} already, expected one for an endpoint"))
        );
    }
    let merge = table.require("merge", "a table such as { data = { extra = 1 } }")?.json_object()?;
    let overrides = table.take("override").map_or(Ok(false), |field| field.boolean())?;
    Ok(Arc::new(Addition { method: found.method.clone(), path: found.path, merge, overrides }))
}

#[cfg(test)]
mod tests;
