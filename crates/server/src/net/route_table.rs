//! Routes: the handlers of a service by path and method. One lookup finds the handler of a request and the name of
//! its endpoint for the log.

use crate::app::App;
use crate::http::response::ApiError;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use guanxi_types::HttpError;
use http::header::{ALLOW, CONTENT_LENGTH};
use http::{HeaderValue, Method, StatusCode};
use hyper::body::Body as _;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

type Handler<S> = Box<dyn Fn(S, Request) -> BoxFuture<'static, Response> + Send + Sync>;

/// The routes of a service. Their handlers receive a state.
pub struct RouteTable<S = App> {
    /// The handlers by path and method.
    routes: BTreeMap<String, Vec<(Method, Handler<S>)>>,
    /// The handler of unknown paths.
    fallback: Handler<S>,
}

impl<S> fmt::Debug for RouteTable<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.routes.keys()).finish()
    }
}

impl<S: 'static> Default for RouteTable<S> {
    /// Creates a table without routes, which responds to unknown paths with an empty 404.
    fn default() -> RouteTable<S> {
        let not_found = |_, _| async { StatusCode::NOT_FOUND.into_response() };
        RouteTable { routes: BTreeMap::new(), fallback: boxed(not_found) }
    }
}

impl<S: 'static> RouteTable<S> {
    /// Adds a handler of a method of a path. A segment `{name}` of the path matches any text. A handler of GET
    /// handles HEAD too.
    ///
    /// # Panics
    ///
    /// Panics if the path has a handler of the method already.
    #[must_use]
    pub fn route<F>(
        mut self,
        method: Method,
        path: &str,
        handler: impl Fn(S, Request) -> F + Send + Sync + 'static,
    ) -> RouteTable<S>
    where
        F: Future<Output = Response> + Send + 'static,
    {
        self.insert(path.to_owned(), method, boxed(handler));
        self
    }

    /// Adds the routes of another table.
    #[must_use]
    pub fn merge(mut self, other: RouteTable<S>) -> RouteTable<S> {
        for (path, methods) in other.routes {
            for (method, handler) in methods {
                self.insert(path.clone(), method, handler);
            }
        }
        self
    }

    fn insert(&mut self, path: String, method: Method, handler: Handler<S>) {
        let methods = self.routes.entry(path).or_default();
        assert!(methods.iter().all(|(known, _)| *known != method), "path has two handlers of {method}");
        methods.push((method, handler));
    }

    /// Passes the responses of a method of a path through a function.
    #[must_use]
    pub(crate) fn map_responses<F>(
        mut self,
        method: &Method,
        path: &str,
        map: impl Fn(Response) -> F + Clone + Send + Sync + 'static,
    ) -> RouteTable<S>
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let methods = self.routes.get_mut(path).into_iter().flatten();
        for (_, handler) in methods.filter(|(known, _)| known == method) {
            let handle = std::mem::replace(handler, boxed(|_, _| async { Response::default() }));
            let map = map.clone();
            *handler = Box::new(move |state, request| handle(state, request).then(map.clone()).boxed());
        }
        self
    }

    /// Returns all paths, with the names of their parameters.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.routes.keys().map(String::as_str)
    }

    /// Sets the handler of unknown paths.
    #[must_use]
    pub fn fallback<F>(self, handler: impl Fn(S, Request) -> F + Send + Sync + 'static) -> RouteTable<S>
    where
        F: Future<Output = Response> + Send + 'static,
    {
        RouteTable { fallback: boxed(handler), ..self }
    }
}

impl<S: Clone + Send + Sync + 'static> RouteTable<S> {
    /// Creates the router whose handlers receive this state.
    ///
    /// # Panics
    ///
    /// Panics if a path is malformed, or matches the same requests as another.
    pub fn with_state(self, state: S) -> Router {
        let mut routes = matchit::Router::new();
        for (path, methods) in self.routes {
            let methods = methods.into_iter().map(|(method, handler)| (method, bind(handler, state.clone())));
            let route = Route { path: Arc::from(path.as_str()), methods: methods.collect() };
            routes.insert(path, route).expect("paths are well-formed and distinct");
        }
        Router { routes, fallback: bind(self.fallback, state) }
    }
}

fn boxed<S, F>(handler: impl Fn(S, Request) -> F + Send + Sync + 'static) -> Handler<S>
where
    F: Future<Output = Response> + Send + 'static,
{
    Box::new(move |state, request| handler(state, request).boxed())
}

type BoundHandler = Box<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

fn bind<S: Clone + Send + Sync + 'static>(handler: Handler<S>, state: S) -> BoundHandler {
    Box::new(move |request| handler(state.clone(), request))
}

/// The routes of a service with its state.
pub struct Router {
    routes: matchit::Router<Route>,
    fallback: BoundHandler,
}

/// The handlers of a path.
pub(crate) struct Route {
    path: Arc<str>,
    methods: Vec<(Method, BoundHandler)>,
}

impl fmt::Debug for Router {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Router")
    }
}

impl Router {
    /// Returns the route of a path.
    pub(crate) fn find(&self, path: &str) -> Option<&Route> {
        self.routes.at(path).ok().map(|found| found.value)
    }

    /// Handles a request by its route.
    pub(crate) async fn handle(&self, route: Option<&Route>, request: Request) -> Response {
        let is_head = request.method() == Method::HEAD;
        let response = match route {
            Some(route) => route.handle(request).await,
            None => (self.fallback)(request).await,
        };
        let length = response.body().size_hint().exact();
        if is_head || length == Some(0) { with_empty_body(response, length) } else { response }
    }

    /// Handles a request: finds its route and calls the handler.
    pub async fn respond(&self, request: Request) -> Response {
        let route = self.find(request.uri().path());
        self.handle(route, request).await
    }
}

impl Route {
    /// Returns the path of the route, with the names of its parameters.
    pub(crate) fn path(&self) -> &Arc<str> {
        &self.path
    }

    async fn handle(&self, request: Request) -> Response {
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        match self.methods.iter().find(|(known, _)| known == method) {
            Some((_, handler)) => handler(request).await,
            None => self.method_not_allowed(),
        }
    }

    fn method_not_allowed(&self) -> Response {
        let methods = self.methods.iter().map(|(method, _)| match *method {
            Method::GET => "GET,HEAD",
            _ => method.as_str(),
        });
        let allowed = HeaderValue::try_from(methods.collect::<Vec<_>>().join(","));
        let mut response = ApiError::Http(HttpError::MethodNotAllowed).into_response();
        response.headers_mut().extend(allowed.map(|allowed| (ALLOW, allowed)));
        response
    }
}

/// Removes the body, and states its length, which the HTTP library states only for a body.
fn with_empty_body(mut response: Response, length: Option<u64>) -> Response {
    if let Some(length) = length {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| length.into());
    }
    *response.body_mut() = Body::empty();
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> RouteTable<u8> {
        let respond = |state: u8, _| async move { vec![b'x'; usize::from(state)].into_response() };
        let accept = |_, _| async { StatusCode::ACCEPTED.into_response() };
        let login = RouteTable::default().route(Method::GET, "/login", respond);
        RouteTable::default()
            .route(Method::POST, "/login", accept)
            .route(Method::GET, "/space/{mid}", respond)
            .route(Method::GET, "/space/{mid}/fans", respond)
            .merge(login)
    }

    #[test]
    fn route_is_found_by_its_path() {
        let router = table().with_state(1);
        let cases = [
            ("/login", Some("/login")),
            ("/space/61", Some("/space/{mid}")),
            ("/space/陈唯恺/fans", Some("/space/{mid}/fans")),
            ("/space/61/", None),
            ("/", None),
            ("", None),
        ];
        for (path, route) in cases {
            assert_eq!(router.find(path).map(|route| &**route.path()), route, "{path}");
        }
    }

    #[tokio::test]
    async fn request_is_handled_by_its_method() {
        let router = table().with_state(9);
        // method, path, status, Allow, Content-Length, true if the body is empty
        let cases = [
            ("GET", "/login?a=b", 200, None, None, false),
            ("HEAD", "/login", 200, None, Some("9"), true),
            ("POST", "/login", 202, None, Some("0"), true),
            ("PUT", "/login", 405, Some("POST,GET,HEAD"), None, false),
            ("POST", "/space/61", 405, Some("GET,HEAD"), None, false),
            ("GET", "/nowhere", 404, None, Some("0"), true),
        ];
        for (method, path, status, allow, length, is_empty) in cases {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let response = router.respond(request).await;
            let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap());
            let facts = (response.status().as_u16(), header(ALLOW), header(CONTENT_LENGTH));
            assert_eq!(facts, (status, allow, length), "{method} {path}");
            assert_eq!(response.body().is_end_stream(), is_empty, "{method} {path}");
        }
    }

    #[tokio::test]
    async fn mapped_response_is_that_of_its_method() {
        let map = |response: Response| async move {
            let length = response.body().size_hint().exact().unwrap();
            (StatusCode::CREATED, length.to_string()).into_response()
        };
        let table = table().map_responses(&Method::GET, "/login", map);
        assert_eq!(table.paths().count(), 3);
        let router = table.with_state(9);
        for (method, path, status) in
            [("GET", "/login", 201), ("POST", "/login", 202), ("GET", "/space/1", 200)]
        {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            assert_eq!(router.respond(request).await.status().as_u16(), status, "{method} {path}");
        }
    }

    #[test]
    #[should_panic(expected = "two handlers of")]
    fn two_handlers_of_a_method_panic() {
        let _ = table().merge(table());
    }
}
