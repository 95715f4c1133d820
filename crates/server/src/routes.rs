//! The index of all endpoints, and how each becomes a route.

use crate::answer::{self, ApiError, ApiResponse};
use crate::api;
use crate::app::App;
use crate::call::{self, ApiRequest};
use crate::meter::EndpointMeter;
use crate::openapi::{Operation, Pages, members};
use crate::pages::{self, guard};
use crate::site::{Direct, Site};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get, on};
use guanxi_api::Endpoint;
use guanxi_api::auth::{Auth, AuthRequirement};
use guanxi_api::endpoint::ParamInfo;
use guanxi_types::HttpError;
use http::Method;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::LazyLock;
use tokio::time::Instant;

/// Every endpoint: those of the contract in its order, then the passport, then what a member's own pages ask.
fn index(app: Option<&App>) -> Index {
    Index { direct: Direct::default(), router: Router::new(), infos: Vec::new(), app: app.cloned() }
        .at(api::member::web::account::account)
        .at(api::member::web::exp::reward::reward)
        .at(api::vip::web::user::info::info)
        .at(api::web::site::user::info::info)
        .at(api::member::realname::status::status)
        .at(api::member::realname::apply::status::status)
        .at(api::member::web::coin::log::log)
        .at(api::member::web::sign::update::update)
        .at(api::space::acc::info::info)
        .at(api::web_interface::card::card)
        .at(api::space::upstat::upstat)
        .at(api::relation::stat::stat)
        .at(api::relation::followers::followers)
        .at(api::relation::followings::followings)
        .at(api::relation::modify::modify)
        .at(api::relation::relation)
        .at(api::space::acc::relation::relation)
        .at(api::relation::tags::tags)
        .at(api::relation::tag::tag)
        .at(api::relation::tag::user::user)
        .at(api::relation::tag::create::create)
        .at(api::relation::tag::update::update)
        .at(api::relation::tag::del::del)
        .at(api::relation::tags::add_users::add_users)
        .at(api::safecenter::login_notice::login_notice)
        .at(api::member::web::login::log::log)
        .at(api::passport::signup::signup)
        .at(api::passport::login::login)
        .at(api::passport::logout::logout)
        .at(api::passport::password::password)
        .at(api::passport::tel::tel)
        .at(api::passport::mail::mail)
        .at(api::passport::question::question)
        .at(api::passport::realname::realname)
        .at(api::passport::sessions::sessions)
        .at(api::passport::sessions::revoke::revoke)
        .at(api::passport::qrcode::draw_code)
        .at(api::passport::qrcode::poll)
        .at(api::passport::qrcode::confirm::scan)
        .at(api::passport::qrcode::confirm::confirm)
        .at(api::relation::whispers::whispers)
        .at(api::relation::blacks::blacks)
        .at(api::passport::sign::sign)
        .at(api::passport::logins::logins)
        .at(api::passport::news::news)
        .at(api::passport::news::seen::seen)
}

/// The service. Answers of at least `compress_from` bytes are compressed for clients that ask for it (D10).
pub fn site(app: App, compress_from: u64) -> Site {
    let Index { direct, router, .. } = index(Some(&app));
    let url = app.public_url.clone();
    let router = router
        .merge(Pages::routes(documents))
        .merge(pages::router(Some(&app.meter)))
        .route("/.well-known/security.txt", get(security_txt))
        .fallback(nowhere)
        .method_not_allowed_fallback(|| async { ApiError::Fault(HttpError::MethodNotAllowed) })
        .with_state(app);
    Site::new(router).with_direct(direct).compressing_from(compress_from).reached_at(&url)
}

/// `GET /.well-known/security.txt` (RFC 9116), if the operator has named a contact. It is made from the settings of now, so it is as
/// fresh as it can be, and expires half a year from today.
async fn security_txt(State(app): State<App>, request: Request) -> Response {
    const DAY: i64 = 86_400;
    const FRESH: i64 = 180 * DAY;
    let Some(contact) = &app.security_contact else { return nowhere(State(app), request).await };
    let today = app.now().div_euclid(DAY) * DAY;
    let Ok(expires) = Timestamp::from_second(today.saturating_add(FRESH)) else {
        return ApiError::Fault(HttpError::Broken).into_response();
    };
    let url = &app.public_url;
    let text = format!(
        "Contact: {contact}\nExpires: {expires}\nPreferred-Languages: zh, en\nCanonical: {url}/.well-known/security.txt\n"
    );
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// What there is no path for: people are told by a page, programs as ever.
async fn nowhere(State(app): State<App>, request: Request) -> Response {
    if guard::are_wanted(request.headers()) {
        return pages::not_found(app, request).await;
    }
    ApiError::Fault(HttpError::NotFound).into_response()
}

/// The document of all of them.
pub fn document() -> Value {
    let operations: Vec<Operation> = endpoints().into_iter().map(|info| info.operation).collect();
    members::document(&operations)
}

/// That document as it is served, made when it is first asked for.
fn documents() -> &'static Pages {
    static PAGES: LazyLock<Pages> = LazyLock::new(|| Pages::of(&document()));
    &PAGES
}

/// What documents and tests need to know of every endpoint.
pub fn endpoints() -> Vec<Info> {
    index(None).infos
}

/// An endpoint, told.
#[derive(Clone, Debug)]
pub struct Info {
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: &'static str,
    /// Who may call it.
    pub needs: AuthRequirement,
    /// Its parameters.
    pub params: &'static [ParamInfo],
    /// All of it, for the document.
    pub operation: Operation,
}

struct Index {
    direct: Direct,
    router: Router<App>,
    infos: Vec<Info>,
    app: Option<App>,
}

impl Index {
    /// Adds an endpoint by its handler, whose type says everything else.
    fn at<E, H, F, D>(mut self, handler: H) -> Index
    where
        E: Endpoint + 'static,
        H: Fn(App, ApiRequest<E>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<D, ApiError>> + Send + 'static,
        D: Into<ApiResponse<E::Data>> + 'static,
    {
        let filter = MethodFilter::try_from(E::METHOD).expect("endpoints are GET or POST");
        let meter = self.app.as_ref().map(|app| app.meter.endpoint(&E::METHOD, E::PATH));
        if let Some(app) = self.app.clone() {
            let (handler, meter) = (handler.clone(), meter.clone());
            let serve = move |request| answer(app.clone(), request, handler.clone(), meter.clone());
            self.direct.add(E::METHOD, E::PATH, serve);
        }
        if E::METHOD == Method::POST {
            let (handler, meter) = (handler.clone(), meter.clone());
            let act = guard::form(move |app, request| act(app, request, handler.clone(), meter.clone()));
            self.router = self.router.route(&format!("/do{}", E::PATH), act);
        }
        let serve = move |State(app): State<App>, request: Request| {
            answer(app, request, handler.clone(), meter.clone())
        };
        self.router = self.router.route(E::PATH, on(filter, serve));
        let (method, path, needs, params) = (E::METHOD, E::PATH, E::Auth::NEEDS, E::PARAMS);
        self.infos.push(Info { method, path, needs, params, operation: members::operation::<E>() });
        self
    }
}

async fn answer<E, H, F, D>(app: App, request: Request, handler: H, meter: Option<EndpointMeter>) -> Response
where
    E: Endpoint,
    H: Fn(App, ApiRequest<E>) -> F,
    F: Future<Output = Result<D, ApiError>>,
    D: Into<ApiResponse<E::Data>>,
{
    let from = Instant::now();
    let answered = match call::admit::<E>(&app, request).await {
        Ok(call) => handler(app, call).await,
        Err(reject) => Err(reject),
    };
    if let Some(meter) = meter {
        meter.answered(answered.as_ref().err().map_or(0, ApiError::number), from);
    }
    match answered {
        Ok(data) => answer::done(data.into()),
        Err(reject) => {
            tracing::debug!(path = E::PATH, ?reject, "refused");
            reject.into_response()
        }
    }
}

/// The same as [`answer`], asked by a form of a page, and told as one.
async fn act<E, H, F, D>(app: App, request: Request, handler: H, meter: Option<EndpointMeter>) -> Response
where
    E: Endpoint,
    H: Fn(App, ApiRequest<E>) -> F,
    F: Future<Output = Result<D, ApiError>>,
    D: Into<ApiResponse<E::Data>>,
{
    let from = Instant::now();
    let (done, response) = pages::act::act(app, pages::uncounted, request, handler).await;
    if let Some(meter) = meter {
        meter.answered(done.err().unwrap_or(0), from);
    }
    response
}
