//! Operators' pages on the operators' listener: overview, reviews, members and audit log.
//!
//! An operator logs in with their token, and the browser receives a cookie in exchange. Each form is an operation,
//! posted to its path under `/form` and handled as members' forms are ([`forms`](crate::web::forms)).

pub mod audit_log;
pub mod batch;
pub mod confirmation;
pub mod context;
pub mod cookie;
pub mod dashboard;
pub mod forms;
pub mod ledger;
pub mod login;
pub mod member;
pub mod members;
pub mod outbox;
pub mod reviews;
mod values;

use crate::app::App;
use crate::http::response::ApiError;
use crate::http::security_headers::with_security_headers;
use crate::http::{client_info, params};
use crate::net::route_table::RouteTable;
use crate::web::preferences::{Preferences, SetPreferences};
use crate::web::redirect::{back_path, redirect};
use crate::web::text::Text;
use crate::web::{self, assets, messages, page_context};
use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use context::{Layout, OperatorContext};
use cookie::OperatorCookie;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use guanxi_api::Endpoint;
use guanxi_types::{ErrorCode, HttpError};
use http::{HeaderMap, Method};
use std::sync::Arc;

/// Returns the routes of all operators' pages.
pub fn routes() -> RouteTable {
    RouteTable::default()
        .route(Method::GET, "/", page(dashboard::dashboard))
        .route(Method::GET, "/reviews", page(reviews::reviews))
        .route(Method::GET, "/members", page(members::members))
        .route(Method::GET, "/member", page(member::member))
        .route(Method::GET, "/members/batch", |_, _| async { redirect("/members", Vec::new()) })
        .route(Method::POST, "/members/batch", batch::batch)
        .route(Method::GET, "/member/coins", page(ledger::ledger))
        .route(Method::GET, "/member/coins.csv", page(ledger::export))
        .route(Method::GET, "/outbox", page(outbox::outbox))
        .route(Method::GET, "/log", page(audit_log::audit_log))
        .route(Method::GET, "/login", login::login)
        .route(Method::POST, "/login", login::create_session)
        .route(Method::POST, "/logout", login::logout)
        .merge(web::forms::routes(SetPreferences::PATH, set_preferences))
        .merge(assets::routes())
}

/// Returns the handler of a page.
fn page<H, F>(handler: H) -> impl Fn(App, Request) -> BoxFuture<'static, Response>
where
    H: Fn(Arc<OperatorContext>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Response, ApiError>> + Send + 'static,
{
    let handler: Arc<Handler> = Arc::new(move |context| handler(context).boxed());
    move |app, request| serve(app, request, Arc::clone(&handler)).boxed()
}

/// The handler of any page, so that [`serve`] is compiled once.
type Handler = dyn Fn(Arc<OperatorContext>) -> BoxFuture<'static, Result<Response, ApiError>> + Send + Sync;

async fn serve(app: App, request: Request, handler: Arc<Handler>) -> Response {
    let images = app.image_origins.clone();
    let preferences = Preferences::of(request.headers(), &app);
    let response = match OperatorContext::from_request(app, request).await {
        Ok(context) => {
            let context = Arc::new(context);
            match handler(Arc::clone(&context)).await {
                Ok(response) => response,
                Err(error) => error_page(context.layout(error_title(preferences)), &error),
            }
        }
        Err(ApiError::Http(HttpError::Unauthorized)) => redirect("/login", Vec::new()),
        Err(error) => error_page(Layout::minimal(error_title(preferences), preferences), &error),
    };
    with_security_headers(response, &images)
}

#[derive(Template)]
#[template(path = "operator/error.html")]
struct ErrorPage {
    layout: Layout,
    status: u16,
    message: String,
}

pub(super) fn error_title(preferences: Preferences) -> Text<'static> {
    preferences.language.text("error")
}

pub(super) fn error_page(layout: Layout, error: &ApiError) -> Response {
    let (language, status) = (layout.preferences.language, messages::error_status(error));
    let page = ErrorPage { layout, status: status.as_u16(), message: messages::error_text(error, language) };
    page_context::html_response(language, status, &page).unwrap_or_default()
}

/// Renders the 404 page.
pub fn not_found(app: &App, headers: &HeaderMap) -> Response {
    let preferences = Preferences::of(headers, app);
    let layout = Layout::minimal(error_title(preferences), preferences);
    with_security_headers(error_page(layout, &HttpError::NotFound.into()), &app.image_origins)
}

/// Remembers the preferences of an operator's browser. With a login, the form needs its CSRF token.
async fn set_preferences(app: App, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let preferences = Preferences::of(&parts.headers, &app);
    let set = async {
        let form = params::read_params(&parts, body, &app.limits).await?.params;
        let login = context::authenticate(&app, &parts.headers).await;
        let has_csrf =
            |cookie: &OperatorCookie| form.get_raw("csrf").is_some_and(|csrf| cookie.has_csrf(csrf));
        if client_info::is_cross_site(&parts.headers) || login.is_ok_and(|(_, cookie)| !has_csrf(&cookie)) {
            return Err(ApiError::from(ErrorCode::InvalidCsrf));
        }
        Ok(redirect(&back_path(&form), SetPreferences::parse(&form)?.cookies()))
    };
    let minimal = || Layout::minimal(error_title(preferences), preferences);
    set.await.unwrap_or_else(|error| error_page(minimal(), &error))
}
