//! What operators' programs ask: one URL, one file, at the same path as its type in `guanxi_api::operator`; and what watches
//! the service.

pub mod audit;
pub mod denied;
pub mod desk;
pub mod duty;
pub mod events;
pub mod keys;
pub mod member;
pub mod reviews {
    //! What waits for a moderator.
    pub mod realname;
    pub mod realnames;
    pub mod sign;
    pub mod signs;
}
pub mod tokens;
pub mod watch;

use crate::answer;
use crate::answer::ApiResponse;
use crate::app::App;
use crate::meter::{EndpointMeter, Metrics};
use crate::openapi::{self, Pages, operators};
use crate::pages::guard;
use crate::site::Site;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get, on};
use denied::OperatorError;
use duty::OperatorRequest;
use guanxi_api::operator::Operation;
use guanxi_types::HttpError;
use guanxi_types::Role;
use http::{HeaderMap, Method};
use serde_json::Value;
use std::sync::LazyLock;
use tokio::time::Instant;

/// Every operation.
fn index(meter: Option<&Metrics>) -> Index {
    Index { router: Router::new(), infos: Vec::new(), meter: meter.cloned() }
        .at(member::member)
        .at(member::create::create)
        .at(member::update::update)
        .at(member::silence::silence)
        .at(member::verify::verify)
        .at(member::coins::coins)
        .at(member::sessions::revoke::revoke)
        .at(member::delete::delete)
        .at(reviews::signs::signs)
        .at(reviews::sign::sign)
        .at(reviews::realnames::realnames)
        .at(reviews::realname::realname)
        .at(events::events)
        .at(audit::audit)
        .at(tokens::tokens)
        .at(tokens::create::create)
        .at(tokens::revoke::revoke)
        .at(keys::keys)
        .at(keys::rotate::rotate)
}

/// The operators' side of the service.
pub fn site(app: App) -> Site {
    let router = index(Some(&app.meter))
        .router
        .merge(Pages::routes(documents))
        .merge(desk::router())
        .route("/metrics", get(watch::metrics))
        .route("/healthz", get(watch::healthz))
        .route("/readyz", get(watch::readyz))
        .fallback(nowhere)
        .method_not_allowed_fallback(|| async { OperatorError::from(HttpError::MethodNotAllowed) })
        .with_state(app);
    Site::new(router)
}

/// What there is no path for: people are told by a page, programs as ever.
async fn nowhere(State(app): State<App>, headers: HeaderMap) -> Response {
    if guard::are_wanted(&headers) {
        desk::not_found(&app)
    } else {
        OperatorError::from(HttpError::NotFound).into_response()
    }
}

/// The document of all of them.
pub fn document() -> Value {
    let operations: Vec<openapi::Operation> = operations().into_iter().map(|info| info.operation).collect();
    operators::document(&operations)
}

/// That document as it is served, made when it is first asked for.
fn documents() -> &'static Pages {
    static PAGES: LazyLock<Pages> = LazyLock::new(|| Pages::of(&document()));
    &PAGES
}

/// What documents and tests need to know of every operation.
pub fn operations() -> Vec<Info> {
    index(None).infos
}

/// An operation, told.
#[derive(Clone, Debug)]
pub struct Info {
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: &'static str,
    /// Who may.
    pub roles: &'static [Role],
    /// All of it, for the document.
    pub operation: openapi::Operation,
}

struct Index {
    router: Router<App>,
    infos: Vec<Info>,
    meter: Option<Metrics>,
}

impl Index {
    /// Adds an operation by its handler, whose type says everything else.
    fn at<O, H, F>(mut self, handler: H) -> Index
    where
        O: Operation + 'static,
        H: Fn(App, OperatorRequest<O>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<O::Data, OperatorError>> + Send + 'static,
    {
        let filter = MethodFilter::try_from(O::METHOD).expect("operations are GET or POST");
        let meter = self.meter.as_ref().map(|meter| meter.endpoint(&O::METHOD, O::PATH));
        if O::METHOD == Method::POST {
            let (handler, meter) = (handler.clone(), meter.clone());
            let act = guard::form(move |app, request| {
                desk::act::act(app, desk::router, request, handler.clone(), meter.clone())
            });
            self.router = self.router.route(&format!("/do{}", O::PATH), act);
        }
        let serve = move |State(app): State<App>, request: Request| {
            answer(app, request, handler.clone(), meter.clone())
        };
        self.router = self.router.route(O::PATH, on(filter, serve));
        let operation = operators::operation::<O>();
        self.infos.push(Info { method: O::METHOD, path: O::PATH, roles: O::ROLES, operation });
        self
    }
}

async fn answer<O, H, F>(app: App, request: Request, handler: H, meter: Option<EndpointMeter>) -> Response
where
    O: Operation,
    H: Fn(App, OperatorRequest<O>) -> F,
    F: Future<Output = Result<O::Data, OperatorError>>,
{
    let from = Instant::now();
    let answered = match duty::admit::<O>(&app, request).await {
        Ok(duty) => handler(app, duty).await,
        Err(denied) => Err(denied),
    };
    if let Some(meter) = meter {
        meter.answered(answered.as_ref().err().map_or(0, OperatorError::number), from);
    }
    match answered {
        Ok(data) => answer::done(ApiResponse::from(data)),
        Err(denied) => {
            // What was asked may be private, and what is wrong with it repeats it.
            tracing::debug!(path = O::PATH, code = denied.number(), "denied");
            denied.into_response()
        }
    }
}
