//! Pages for operators, on their listener: what waits, how the service does, a member. An operator opens them with their
//! token, which the browser then sends as a cookie; each form is an operation, sent to its path behind `/do`, and answered as
//! members' forms are ([`act`](crate::pages::act)).

pub mod health;
pub mod log;
pub mod person;
pub mod reviews;
pub mod token;

use super::denied::Denied;
use super::duty::{self, Duty};
use crate::app::App;
use crate::cookie::cookie;
use crate::form;
use crate::meter::EndpointMeter;
use crate::pages::act::{Again, at, back, see};
use crate::pages::face::cut;
use crate::pages::said::{self, Said};
use crate::pages::{secured, style, visit};
use crate::sender::Sender;
use crate::session::Token;
use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use guanxi_store::row::OperatorToken;
use guanxi_wire::operator::{Operation, Role};
use guanxi_wire::param::Param;
use guanxi_wire::params::{Params, encode};
use guanxi_wire::{Code, Fault};
use http::StatusCode;
use std::sync::Arc;
use tokio::time::Instant;

/// What the browser sends an operator's token as.
pub(super) const COOKIE: &str = "guanxi_operator";

/// How much of a token's name is shown.
const NAME: usize = 24;

/// Every page.
pub fn router() -> Router<App> {
    Router::new()
        .at("/", health::health)
        .at("/reviews", reviews::reviews)
        .at("/member", person::person)
        .at("/log", log::log)
        .route("/login", on(MethodFilter::GET, token::door).post(token::enter))
        .route("/logout", on(MethodFilter::POST, token::leave))
        .merge(style::routes())
}

/// A router that takes pages by their handlers.
trait Pages {
    fn at<H, F>(self, path: &'static str, handler: H) -> Self
    where
        H: Fn(Arc<Desk>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Denied>> + Send + 'static;
}

impl Pages for Router<App> {
    fn at<H, F>(self, path: &'static str, handler: H) -> Self
    where
        H: Fn(Arc<Desk>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Denied>> + Send + 'static,
    {
        let serve = move |State(app): State<App>, request: Request| answer(app, request, handler.clone());
        self.route(path, on(MethodFilter::GET, serve))
    }
}

async fn answer<H, F>(app: App, request: Request, handler: H) -> Response
where
    H: Fn(Arc<Desk>) -> F,
    F: Future<Output = Result<Response, Denied>>,
{
    let images = app.images.clone();
    let response = match Desk::new(app, request).await {
        Ok(desk) => {
            let desk = Arc::new(desk);
            match handler(Arc::clone(&desk)).await {
                Ok(response) => response,
                Err(denied) => refused(Some(&desk), &denied),
            }
        }
        Err(Denied::Reject(reject)) if reject.number() == Fault::Unauthorized.number() => {
            see("/login", Vec::new())
        }
        Err(denied) => refused(None, &denied),
    };
    secured(response, &images)
}

#[derive(Template)]
#[template(path = "desk/refused.html")]
struct Refused {
    frame: Frame,
    status: u16,
    words: String,
}

fn refused(desk: Option<&Desk>, denied: &Denied) -> Response {
    let (words, status) = told(denied);
    let frame = desk.map_or_else(|| Frame::bare("出错了"), |desk| desk.frame("出错了"));
    let page = Refused { frame, status: status.as_u16(), words };
    visit::html(status, &page).unwrap_or_default()
}

/// The page that says that there is none.
pub(super) fn not_found(app: &App) -> Response {
    secured(refused(None, &Denied::from(Fault::NotFound)), &app.images)
}

/// Why something was denied, in words, and the status of the page that says it.
fn told(denied: &Denied) -> (String, StatusCode) {
    match denied {
        Denied::Wrong(why) => (format!("{}：{why}", Fault::BadRequest.message()), StatusCode::BAD_REQUEST),
        Denied::Reject(reject) => (said::words(reject), said::status(reject)),
    }
}

/// A visit of an operator's.
#[derive(Debug)]
pub struct Desk {
    /// The service.
    pub app: App,
    /// Their token.
    pub by: OperatorToken,
    /// When, in seconds.
    pub now: i64,
    /// The page, with its query.
    pub here: String,
    csrf: String,
    query: Params,
    said: Option<Said>,
}

impl Desk {
    async fn new(app: App, request: Request) -> Result<Desk, Denied> {
        let (mut parts, _) = request.into_parts();
        let token = held(&Sender::new(parts.headers.clone(), None));
        let by = duty::named(&app, token.secret()).await?;
        let refused: Option<Said> = parts.extensions.remove();
        let said =
            refused.or_else(|| cookie(&parts.headers, said::COOKIE).and_then(|path| Said::done(&path)));
        let here = parts.uri.path_and_query().map_or("/", |here| here.as_str()).to_owned();
        let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let now = app.now();
        Ok(Desk { app, by, now, here, csrf: token.csrf(), query, said })
    }

    /// Asks what an operator's program would ask, of the same handler.
    pub async fn ask<O, H, F>(&self, handler: H, req: O) -> Result<O::Data, Denied>
    where
        O: Operation,
        H: FnOnce(App, Duty<O>) -> F,
        F: Future<Output = Result<O::Data, Denied>>,
    {
        duty::may::<O>(&self.by)?;
        handler(self.app.clone(), Duty { by: self.by.name.clone(), req, now: self.now }).await
    }

    /// Whether the token's role may do that.
    pub fn may<O: Operation>(&self) -> bool {
        duty::may::<O>(&self.by).is_ok()
    }

    /// A parameter of the page; none if it is not there, or malformed.
    pub fn asked<T: Param>(&self, name: &'static str) -> Option<T> {
        self.query.first(name).and_then(|_| self.query.read(name).ok())
    }

    /// What surrounds the page.
    pub fn frame(&self, title: &'static str) -> Frame {
        Frame {
            title,
            name: cut(&self.by.name, NAME),
            role: self.by.role.name(),
            moderates: matches!(self.by.role, Role::Admin | Role::Moderator),
            admin: self.by.role == Role::Admin,
            csrf: self.csrf.clone(),
            here: self.here.clone(),
            said: self.said.clone(),
        }
    }

    /// The page, as it goes out.
    pub fn show(&self, page: &impl Template) -> Result<Response, Denied> {
        let status = self.said.as_ref().map_or(StatusCode::OK, |said| said.status);
        let mut response = visit::html(status, page)?;
        if self.said.as_ref().is_some_and(|said| said.done) {
            said::forget(&mut response);
        }
        Ok(response)
    }
}

/// What surrounds a page of operators.
#[derive(Debug)]
pub struct Frame {
    title: &'static str,
    /// The token's name; empty for none.
    name: String,
    role: &'static str,
    moderates: bool,
    admin: bool,
    csrf: String,
    here: String,
    said: Option<Said>,
}

impl Frame {
    fn bare(title: &'static str) -> Frame {
        let (name, csrf, here) = (String::new(), String::new(), "/".to_owned());
        Frame { title, name, role: "", moderates: false, admin: false, csrf, here, said: None }
    }

    fn is_here(&self, path: &str) -> bool {
        self.here.split('?').next() == Some(path)
    }
}

/// The token that a browser holds.
fn held(sender: &Sender) -> Token {
    Token::said(&cookie(&sender.headers, COOKIE).unwrap_or_default())
}

/// Does what a form asks, and tells it as a page.
pub(super) async fn act<O, H, F>(
    app: App,
    request: Request,
    handler: H,
    meter: Option<EndpointMeter>,
) -> Response
where
    O: Operation,
    H: Fn(App, Duty<O>) -> F,
    F: Future<Output = Result<O::Data, Denied>>,
{
    let from = Instant::now();
    let (parts, body) = request.into_parts();
    let again = Again::of(&parts);
    let sender = Sender::new(parts.headers.clone(), parts.extensions.get());
    let params = form::read(&parts, body, &app.limits).await.map(|form| form.params);
    let typed = params.as_ref().map_or_else(|_| Params::default(), Clone::clone);
    let done = async {
        let params = params?;
        let by = admitted(&app, &sender, &params).await?;
        duty::may::<O>(&by)?;
        let req = duty::of_form::<O>(&fields(&params))?;
        handler(app.clone(), Duty { by: by.name, req, now: app.now() }).await
    };
    let done = done.await;
    if let Some(meter) = meter {
        meter.answered(done.as_ref().err().map_or(0, Denied::number), from);
    }
    match done {
        Ok(_) => {
            let mut response = see(&back(&typed), Vec::new());
            said::remember(&mut response, O::PATH);
            response
        }
        Err(denied) => {
            let (words, status) = told(&denied);
            let said = Said::failed(words, status, typed.clone());
            again.said(router().with_state(app), &at(&typed), said).await
        }
    }
}

/// Whose token a form was sent with. No page but ours may send one.
async fn admitted(app: &App, sender: &Sender, params: &Params) -> Result<OperatorToken, Denied> {
    let token = held(sender);
    let by = duty::named(app, token.secret()).await?;
    let own = params.first("csrf").is_some_and(|csrf| token.has_csrf(csrf));
    if own && !sender.is_cross_site() { Ok(by) } else { Err(Code::BadCsrf.into()) }
}

/// The fields of an operation that a form has; what was left empty is not said.
fn fields(params: &Params) -> String {
    let texts = params.iter().filter_map(|(name, value)| {
        Some((std::str::from_utf8(name).ok()?, std::str::from_utf8(value).ok()?))
    });
    encode(texts.filter(|(name, value)| {
        !matches!(*name, "csrf" | "back" | "at") && !value.is_empty() && !value.contains('\0')
    }))
}
