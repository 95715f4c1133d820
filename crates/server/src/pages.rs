//! Pages for people: the member centre, relations, spaces, and the door. Each asks the API's handlers what it shows, and each
//! form is a write of the API ([`act`]). Templates lie in `templates`, the one style sheet and the one script in `assets`.
//! Nothing is loaded from elsewhere, and everything works without the script, which only spares the reader a new page.

pub mod act;
pub mod chart;
pub mod coins;
pub mod face;
pub mod figures;
pub mod find;
pub mod frame;
pub mod guard;
pub mod home;
pub mod lists;
pub mod login;
pub mod logins;
pub mod me;
pub mod realname;
pub mod rewards;
pub mod said;
pub mod security;
pub mod signup;
pub mod space;
pub mod style;
pub mod tie;
pub mod visit;

use crate::answer::{ApiError, RETRY_SECONDS};
use crate::app::App;
use crate::meter::{EndpointMeter, Metrics};
use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use frame::{Layout, Section};
use guanxi_types::{ErrorCode, HttpError};
use guard::secured;
use http::Method;
use http::header::RETRY_AFTER;
use std::sync::Arc;
use tokio::time::Instant;
use visit::PageContext;

/// Every page, counted by nobody: where a form was refused, its own is asked for again.
pub fn uncounted() -> Router<App> {
    router(None)
}

/// Every page.
pub fn router(meter: Option<&Metrics>) -> Router<App> {
    Index { router: Router::new(), meter: meter.cloned() }
        .at("/", home::home)
        .at("/me", me::me)
        .at("/rewards", rewards::rewards)
        .at("/coins", coins::coins)
        .at("/logins", logins::logins)
        .at("/security", security::security)
        .at("/realname", realname::realname)
        .at("/followings", lists::followings)
        .at("/fans", lists::fans)
        .at("/whispers", lists::whispers)
        .at("/blacks", lists::blacks)
        .at("/space/{mid}", space::space)
        .at("/space/{mid}/followings", lists::followings_of)
        .at("/space/{mid}/fans", lists::fans_of)
        .at("/find", find::find)
        .at("/signup", signup::signup)
        .at("/login", login::login)
        .at("/login/confirm", login::confirm)
        .at_with("/login/qr", |method| method.post(login::draw), login::code)
        .router
        .merge(style::routes())
}

struct Index {
    router: Router<App>,
    meter: Option<Metrics>,
}

impl Index {
    /// Adds a page by its handler.
    fn at<H, F>(self, path: &'static str, handler: H) -> Index
    where
        H: Fn(Arc<PageContext>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, ApiError>> + Send + 'static,
    {
        self.at_with(path, |method| method, handler)
    }

    /// The same, with more than can be done there.
    fn at_with<H, F>(
        mut self,
        path: &'static str,
        more: impl FnOnce(MethodRouter<App>) -> MethodRouter<App>,
        handler: H,
    ) -> Index
    where
        H: Fn(Arc<PageContext>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, ApiError>> + Send + 'static,
    {
        let meter = self.meter.as_ref().map(|meter| meter.endpoint(&Method::GET, path));
        let serve = move |State(app): State<App>, request: Request| {
            answer(app, request, handler.clone(), meter.clone())
        };
        self.router = self.router.route(path, more(get(serve)));
        self
    }
}

async fn answer<H, F>(app: App, request: Request, handler: H, meter: Option<EndpointMeter>) -> Response
where
    H: Fn(Arc<PageContext>) -> F,
    F: Future<Output = Result<Response, ApiError>>,
{
    let from = Instant::now();
    let images = app.images.clone();
    let (answered, visit) = match PageContext::new(app, request).await {
        Ok(visit) => {
            let visit = Arc::new(visit);
            (handler(Arc::clone(&visit)).await, Some(visit))
        }
        Err(reject) => (Err(reject), None),
    };
    if let Some(meter) = meter {
        meter.answered(answered.as_ref().err().map_or(0, ApiError::number), from);
    }
    let response = match (answered, visit) {
        (Ok(response), _) => response,
        (Err(ApiError::Code(ErrorCode::NotLoggedIn)), Some(visit)) => act::to_login(&visit.here),
        (Err(reject), visit) => refused(visit.as_deref(), &reject).await,
    };
    secured(response, &images)
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused {
    frame: Layout,
    status: u16,
    words: String,
}

/// The page that says why there is no other.
async fn refused(visit: Option<&PageContext>, reject: &ApiError) -> Response {
    let status = said::status(reject);
    let bare = || Layout::bare("出错了");
    let frame = match visit {
        // Who looks is asked of the store, which may be what is away.
        Some(visit) => visit.frame("出错了", Section::Space).await.unwrap_or_else(|_| bare()),
        None => bare(),
    };
    let page = Refused { frame, status: status.as_u16(), words: said::words(reject) };
    let mut response = visit::html(status, &page).unwrap_or_default();
    match reject {
        ApiError::Later(_, seconds) => _ = response.headers_mut().insert(RETRY_AFTER, (*seconds).into()),
        ApiError::Fault(HttpError::Unavailable) => {
            _ = response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS)
        }
        _ => (),
    }
    response
}

/// The page that says that there is none.
pub async fn not_found(app: App, request: Request) -> Response {
    let images = app.images.clone();
    let visit = PageContext::new(app, request).await.ok();
    secured(refused(visit.as_ref(), &ApiError::Fault(HttpError::NotFound)).await, &images)
}
