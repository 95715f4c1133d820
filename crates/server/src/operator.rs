//! What operators' programs ask: one URL, one file, at the same path as its type in `guanxi_wire::operator`; and what watches
//! the service.

pub mod audit;
pub mod denied;
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

use crate::answer::Told;
use crate::app::App;
use crate::form;
use crate::meter::{EndpointMeter, Meter};
use crate::openapi::{self, Pages, operators};
use crate::{answer, routes};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get, on};
use denied::Denied;
use guanxi_store::Store;
use guanxi_store::row::OperatorToken;
use guanxi_wire::Fault;
use guanxi_wire::operator::{Operation, Role};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;

/// Something that an operator asked for and may do.
#[derive(Debug)]
pub struct Duty<O> {
    /// The name of their token.
    pub by: String,
    /// What is asked.
    pub req: O,
    /// When, in seconds.
    pub now: i64,
}

/// Every operation.
fn index(meter: Option<&Meter>) -> Index {
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
pub fn router(app: App) -> Router {
    index(Some(&app.meter))
        .router
        .merge(Pages::routes(operators::pages))
        .route("/metrics", get(watch::metrics))
        .route("/healthz", get(watch::healthz))
        .route("/readyz", get(watch::readyz))
        .fallback(|| async { Denied::from(Fault::NotFound) })
        .method_not_allowed_fallback(|| async { Denied::from(Fault::MethodNotAllowed) })
        .layer(CatchPanicLayer::custom(routes::panicked))
        .with_state(app)
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
    meter: Option<Meter>,
}

impl Index {
    /// Adds an operation by its handler, whose type says everything else.
    fn at<O, H, F>(mut self, handler: H) -> Index
    where
        O: Operation + 'static,
        H: Fn(App, Duty<O>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<O::Data, Denied>> + Send,
    {
        let filter = MethodFilter::try_from(O::METHOD).expect("operations are GET or POST");
        let meter = self.meter.as_ref().map(|meter| meter.endpoint(&O::METHOD, O::PATH));
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
    H: Fn(App, Duty<O>) -> F,
    F: Future<Output = Result<O::Data, Denied>>,
{
    let from = Instant::now();
    let answered = match admit::<O>(&app, request).await {
        Ok(duty) => handler(app, duty).await,
        Err(denied) => Err(denied),
    };
    if let Some(meter) = meter {
        meter.answered(answered.as_ref().err().map_or(0, Denied::number), from);
    }
    match answered {
        Ok(data) => answer::done(Told::from(data)),
        Err(denied) => {
            // What was asked may be private, and what is wrong with it repeats it.
            tracing::debug!(path = O::PATH, code = denied.number(), "denied");
            denied.into_response()
        }
    }
}

/// Admits a request: its token, then its role, then what it asks.
async fn admit<O: Operation>(app: &App, request: Request) -> Result<Duty<O>, Denied> {
    let (parts, body) = request.into_parts();
    let token = bearer(app, &parts.headers).await?;
    if !O::ROLES.contains(&token.role) {
        return Err(Fault::Forbidden.into());
    }
    let req = if O::METHOD == Method::GET {
        let query = parts.uri.query().unwrap_or_default();
        serde_urlencoded::from_str(query).map_err(|error| Denied::Wrong(error.to_string()))?
    } else {
        let body =
            form::collect(body, &parts.headers, app.limits.operator_body_bytes, app.limits.body_timeout);
        let body = body.await?;
        // What has nothing to say need not say it.
        let body = if body.is_empty() { &b"{}"[..] } else { &body };
        serde_json::from_slice(body).map_err(|error| Denied::Wrong(error.to_string()))?
    };
    Ok(Duty { by: token.name, req, now: app.now() })
}

/// How many entries a list may have.
fn limit(asked: Option<u32>) -> Result<usize, Denied> {
    match asked.unwrap_or(100) {
        limit @ 1..=1000 => Ok(limit as usize),
        _ => Err(Denied::Wrong("limit is a number from 1 to 1000".to_owned())),
    }
}

/// The token that a request brings. Its hash is looked up, so no time tells how nearly another is right.
async fn bearer(app: &App, headers: &HeaderMap) -> Result<OperatorToken, Denied> {
    let text = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (scheme, token) = text.split_once(' ').unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Fault::Unauthorized.into());
    }
    let hash: [u8; 32] = Sha256::digest(token.trim()).into();
    Ok(app.store.get(hash).await?.ok_or(Fault::Unauthorized)?)
}
