//! Pages for people: the member centre, relations, spaces, and the door. Each asks the API's handlers what it shows, and each
//! form is a write of the API ([`act`]). Templates lie in `templates`, the one style sheet and the one script in `assets`.
//! Nothing is loaded from elsewhere, and everything works without the script, which only spares the reader a new page.

pub mod act;
pub mod chart;
pub mod coins;
pub mod face;
pub mod frame;
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
pub mod when;

pub use face::Images;

use crate::answer::Reject;
use crate::app::App;
use crate::meter::{EndpointMeter, Meter};
use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use frame::{Frame, Section};
use guanxi_wire::{Code, Fault};
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use std::sync::Arc;
use tokio::time::Instant;
use visit::Visit;

/// Every page.
pub fn router(meter: Option<&Meter>) -> Router<App> {
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
        .at("/signup", signup::signup)
        .at("/login", login::login)
        .at("/login/confirm", login::confirm)
        .at_with("/login/qr", |method| method.post(login::draw), login::code)
        .router
        .merge(style::routes())
}

struct Index {
    router: Router<App>,
    meter: Option<Meter>,
}

impl Index {
    /// Adds a page by its handler.
    fn at<H, F>(self, path: &'static str, handler: H) -> Index
    where
        H: Fn(Arc<Visit>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Reject>> + Send + 'static,
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
        H: Fn(Arc<Visit>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Reject>> + Send + 'static,
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
    H: Fn(Arc<Visit>) -> F,
    F: Future<Output = Result<Response, Reject>>,
{
    let from = Instant::now();
    let images = app.images.clone();
    let (answered, visit) = match Visit::new(app, request).await {
        Ok(visit) => {
            let visit = Arc::new(visit);
            (handler(Arc::clone(&visit)).await, Some(visit))
        }
        Err(reject) => (Err(reject), None),
    };
    if let Some(meter) = meter {
        meter.answered(answered.as_ref().err().map_or(0, Reject::number), from);
    }
    let response = match (answered, visit) {
        (Ok(response), _) => response,
        (Err(Reject::Code(Code::NotLoggedIn)), Some(visit)) => act::to_login(&visit.here),
        (Err(reject), visit) => refused(visit.as_deref(), &reject).await,
    };
    secured(response, &images)
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused {
    frame: Frame,
    status: u16,
    words: String,
}

/// The page that says why there is no other.
async fn refused(visit: Option<&Visit>, reject: &Reject) -> Response {
    let status = said::status(reject);
    let bare = || Frame::bare("出错了");
    let frame = match visit {
        // Who looks is asked of the store, which may be what is away.
        Some(visit) => visit.frame("出错了", Section::Space).await.unwrap_or_else(|_| bare()),
        None => bare(),
    };
    let page = Refused { frame, status: status.as_u16(), words: said::words(reject) };
    let mut response = visit::html(status, &page).unwrap_or_default();
    if let Reject::Later(_, seconds) = reject {
        response.headers_mut().insert(RETRY_AFTER, (*seconds).into());
    }
    response
}

/// The page that says that there is none.
pub async fn not_found(app: App) -> Response {
    secured(refused(None, &Reject::Fault(Fault::NotFound)).await, &app.images)
}

/// Whether who asks reads pages.
pub fn are_wanted(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accepted| accepted.contains("text/html"))
}

/// A page may load what is the service's own, and the pictures that the operator allows; nobody may put it into theirs; and
/// no cache keeps it, as it is somebody's.
pub fn secured(mut response: Response, images: &Images) -> Response {
    response.extensions_mut().insert(HasSecret);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, images.policy());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}

/// Marks an answer in which a secret stands beside what was asked: compressed, its length would tell of the secret.
#[derive(Clone, Copy, Debug)]
struct HasSecret;

/// Whether an answer may be compressed.
pub fn has_no_secret(_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<HasSecret>().is_none()
}

/// A form's route.
pub fn form<H, F>(handler: H) -> MethodRouter<App>
where
    H: Fn(App, Request) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    // Who asks for the address of a form that was refused has lost what they typed.
    let nothing = || async { act::see("/", Vec::new()) };
    get(nothing).post(move |State(app): State<App>, request: Request| {
        let handler = handler.clone();
        async move {
            let images = app.images.clone();
            secured(handler(app, request).await, &images)
        }
    })
}
