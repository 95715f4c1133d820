//! Routes with their paths. The log names an endpoint by the path of its route.

use crate::app::App;
use axum::Router;
use axum::routing::MethodRouter;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A router and the paths of its routes, which axum does not list.
#[derive(Debug, Default)]
pub struct RouteTable {
    /// The router.
    pub router: Router<App>,
    /// The paths of its routes, in the syntax of axum.
    pub paths: BTreeSet<String>,
}

impl RouteTable {
    /// Adds a route, or methods to a route.
    #[must_use]
    pub fn route(mut self, path: &str, methods: MethodRouter<App>) -> RouteTable {
        self.paths.insert(path.to_owned());
        RouteTable { router: self.router.route(path, methods), ..self }
    }

    /// Adds the routes of another table.
    #[must_use]
    pub fn merge(mut self, other: RouteTable) -> RouteTable {
        self.paths.extend(other.paths);
        RouteTable { router: self.router.merge(other.router), ..self }
    }
}

/// The routes of a service, for the log, which needs the route of a request before the router runs. Clones share
/// them.
#[derive(Clone, Debug, Default)]
pub(crate) struct EndpointNames(Arc<matchit::Router<Arc<str>>>);

impl EndpointNames {
    /// Creates the names of all routes.
    pub(crate) fn new(paths: &BTreeSet<String>) -> EndpointNames {
        let mut names = matchit::Router::new();
        for path in paths {
            names.insert(path.as_str(), Arc::from(path.as_str())).expect("axum accepted the same paths");
        }
        EndpointNames(Arc::new(names))
    }

    /// Returns the path of the route of a request.
    pub(crate) fn find(&self, path: &str) -> Option<&Arc<str>> {
        self.0.at(path).ok().map(|found| found.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::{get, post};

    #[test]
    fn endpoint_is_named_by_its_route() {
        let pages = RouteTable::default()
            .route("/space/{mid}", get(|| async {}))
            .route("/space/{mid}/fans", get(|| async {}));
        let table = RouteTable::default()
            .route("/login", get(|| async {}))
            .route("/login", post(|| async {}))
            .merge(pages);
        let names = EndpointNames::new(&table.paths);
        let cases = [
            ("/login", Some("/login")),
            ("/space/61", Some("/space/{mid}")),
            ("/space/陈唯恺/fans", Some("/space/{mid}/fans")),
            ("/space/61/", None),
            ("/", None),
            ("", None),
        ];
        for (path, name) in cases {
            assert_eq!(names.find(path).map(|name| &**name), name, "{path}");
        }
    }
}
