//! Operators' pages on the operators' listener: overview, reviews, members and audit log.
//!
//! An operator logs in with their token, and the browser receives a cookie in exchange. Each form is an operation,
//! posted to its path under `/form` and handled as members' forms are ([`forms`](crate::web::forms)).

pub mod audit_log;
pub mod confirmation;
pub mod context;
pub mod cookie;
pub mod dashboard;
pub mod forms;
pub mod login;
pub mod member;
pub mod reviews;

use crate::app::App;
use crate::http::response::ApiError;
use crate::http::security_headers::with_security_headers;
use crate::net::route_table::RouteTable;
use crate::web::redirect::redirect;
use crate::web::{assets, messages, page_context};
use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use context::{Layout, OperatorContext};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use guanxi_types::HttpError;
use http::Method;
use std::sync::Arc;

/// Returns the routes of all operators' pages.
pub fn routes() -> RouteTable {
    RouteTable::default()
        .route(Method::GET, "/", page(dashboard::dashboard))
        .route(Method::GET, "/reviews", page(reviews::reviews))
        .route(Method::GET, "/member", page(member::member))
        .route(Method::GET, "/log", page(audit_log::audit_log))
        .route(Method::GET, "/login", login::login)
        .route(Method::POST, "/login", login::create_session)
        .route(Method::POST, "/logout", login::logout)
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
    let response = match OperatorContext::from_request(app, request).await {
        Ok(context) => {
            let context = Arc::new(context);
            match handler(Arc::clone(&context)).await {
                Ok(response) => response,
                Err(error) => error_page(Some(&context), &error),
            }
        }
        Err(ApiError::Http(HttpError::Unauthorized)) => redirect("/login", Vec::new()),
        Err(error) => error_page(None, &error),
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

fn error_page(context: Option<&OperatorContext>, error: &ApiError) -> Response {
    let (message, status) = (messages::error_text(error), messages::error_status(error));
    let layout = context.map_or_else(|| Layout::minimal("出错了"), |context| context.layout("出错了"));
    let page = ErrorPage { layout, status: status.as_u16(), message };
    page_context::html_response(status, &page).unwrap_or_default()
}

/// Renders the 404 page.
pub fn not_found(app: &App) -> Response {
    with_security_headers(error_page(None, &ApiError::from(HttpError::NotFound)), &app.image_origins)
}
