//! Members' pages: account, relations, spaces, login and signup. Each page has its handler here and its template in
//! `templates/member`.

pub mod coins;
pub mod data;
pub mod data_import;
pub mod factors;
pub mod find;
pub mod home;
pub mod levels;
pub mod lists;
pub mod login;
pub mod logins;
pub mod me;
pub mod news;
pub mod prove;
pub mod realname;
pub mod recover;
pub mod recovery_codes;
pub mod rewards;
pub mod second_step;
pub mod security;
pub mod signup;
pub mod space;

use crate::app::App;
use crate::auth::fresh_proof::must_set_up;
use crate::http::response::{ApiError, RETRY_AFTER_SECS};
use crate::http::security_headers::with_security_headers;
use crate::metrics::{EndpointMetrics, Metrics};
use crate::net::route_table::RouteTable;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::preferences::Preferences;
use crate::web::redirect::{redirect, redirect_to_login};
use crate::web::{assets, messages, page_context, pending_follow};
use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use guanxi_types::{ErrorCode, HttpError};
use http::Method;
use http::header::RETRY_AFTER;
use std::sync::Arc;
use tokio::time::Instant;

/// Returns the routes without metrics, for the redisplay of a rejected form, which is counted already.
pub fn routes_without_metrics() -> RouteTable {
    routes(None)
}

/// Returns the routes of all members' pages.
pub fn routes(metrics: Option<&Metrics>) -> RouteTable {
    Pages { routes: RouteTable::default(), metrics: metrics.cloned() }
        .page("/", home::home)
        .page("/me", me::me)
        .page("/rewards", rewards::rewards)
        .page("/coins", coins::coins)
        .page("/coins.csv", coins::export)
        .page("/levels", levels::levels)
        .page("/news", news::news)
        .page("/logins", logins::logins)
        .page("/security", security::security)
        .page("/security/factors", factors::factors)
        .page("/prove", prove::prove)
        .page("/realname", realname::realname)
        .page("/data", data::data)
        .page("/data.zip", data::download)
        .page("/followings", lists::followings)
        .page("/fans", lists::followers)
        .page("/whispers", lists::whispers)
        .page("/blacks", lists::blacks)
        .page("/space/{mid}", space::space)
        .page("/space/{mid}/followings", lists::followings_of)
        .page("/space/{mid}/fans", lists::followers_of)
        .page("/find", find::find)
        .page("/signup", signup::signup)
        .page("/recover", recover::recover)
        .page("/login", login::login)
        .page("/login/factor", second_step::second_step)
        .page("/login/confirm", login::confirm)
        .page("/login/qr", login::qr)
        .routes
        .route(Method::POST, "/login/qr", login::create_qr)
        .route(Method::POST, "/data/import", data_import::preview)
        .route(Method::POST, "/recover", recover::advance)
        .merge(assets::routes())
}

struct Pages {
    routes: RouteTable,
    metrics: Option<Metrics>,
}

impl Pages {
    /// Adds a page.
    fn page<H, F>(mut self, path: &'static str, handler: H) -> Pages
    where
        H: Fn(Arc<PageContext>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Response, ApiError>> + Send + 'static,
    {
        let metrics = self.metrics.as_ref().map(|metrics| metrics.endpoint(&Method::GET, path));
        let handler: Arc<Handler> = Arc::new(move |context| handler(context).boxed());
        let serve = move |app, request| serve(app, request, Arc::clone(&handler), metrics.clone());
        self.routes = self.routes.route(Method::GET, path, serve);
        self
    }
}

/// The handler of any page, so that [`serve`] is compiled once.
type Handler = dyn Fn(Arc<PageContext>) -> BoxFuture<'static, Result<Response, ApiError>> + Send + Sync;

async fn serve(
    app: App,
    request: Request,
    handler: Arc<Handler>,
    metrics: Option<EndpointMetrics>,
) -> Response {
    let started = Instant::now();
    let images = app.image_origins.clone();
    let preferences = Preferences::of(request.headers(), &app);
    let (result, context) = match PageContext::new(app, request).await {
        Ok(mut context) => {
            let finished = pending_follow::finish(&mut context).await;
            let context = Arc::new(context);
            let result = match finished {
                Some(response) => Ok(response),
                None => match leads_to_setup(&context).await {
                    Ok(true) => Ok(redirect("/security/factors", Vec::new())),
                    Ok(false) => handler(Arc::clone(&context)).await,
                    Err(error) => Err(error),
                },
            };
            (result.map(|response| pending_follow::cleared(response, &context)), Some(context))
        }
        Err(error) => (Err(error), None),
    };
    if let Some(metrics) = metrics {
        metrics.record(result.as_ref().err().map_or(0, ApiError::code), started);
    }
    let response = match (result, context) {
        (Ok(response), _) => response,
        (Err(ApiError::Code(ErrorCode::NotLoggedIn)), Some(context)) => {
            redirect_to_login(&context.path_and_query)
        }
        (Err(error), context) => error_page(preferences, context.as_deref(), &error).await,
    };
    with_security_headers(response, &images)
}

/// Returns true if the viewer has to set up a second factor before they see the page.
async fn leads_to_setup(context: &PageContext) -> Result<bool, ApiError> {
    let path = context.path_and_query.split('?').next().unwrap_or_default();
    match context.viewer {
        Some(me) if !["/security/factors", "/prove"].contains(&path) => {
            Ok(must_set_up(&context.app, me).await?)
        }
        _ => Ok(false),
    }
}

#[derive(Template)]
#[template(path = "member/error.html")]
struct ErrorPage {
    layout: Layout,
    status: u16,
    message: String,
}

/// Renders the error page.
async fn error_page(preferences: Preferences, context: Option<&PageContext>, error: &ApiError) -> Response {
    let (language, status) = (preferences.language, messages::error_status(error));
    let title = || language.text("error");
    let minimal = || Layout::minimal(title(), preferences);
    let layout = match context {
        // The viewer's card comes from storage, which may be unavailable.
        Some(context) => context.layout(title(), NavSection::Space).await.unwrap_or_else(|_| minimal()),
        None => minimal(),
    };
    let page = ErrorPage { layout, status: status.as_u16(), message: messages::error_text(error, language) };
    let mut response = page_context::html_response(language, status, &page).unwrap_or_default();
    match error {
        ApiError::RetryAfter(_, seconds) => _ = response.headers_mut().insert(RETRY_AFTER, (*seconds).into()),
        ApiError::Http(HttpError::Unavailable) => {
            _ = response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECS);
        }
        _ => (),
    }
    response
}

/// Renders the 404 page.
pub async fn not_found(app: App, request: Request) -> Response {
    let images = app.image_origins.clone();
    let preferences = Preferences::of(request.headers(), &app);
    let context = PageContext::new(app, request).await.ok();
    let page = error_page(preferences, context.as_ref(), &ApiError::Http(HttpError::NotFound)).await;
    with_security_headers(page, &images)
}
