//! Pages for operators, on their listener: what waits, how the service does, a member. An operator opens them with their
//! token, which the browser then sends as a cookie; each form is an operation, sent to its path behind `/do`, and answered as
//! members' forms are ([`act`](crate::pages::act)).

pub mod act;
pub mod health;
pub mod log;
pub mod pass;
pub mod person;
pub mod reviews;
pub mod seat;
pub mod token;

use super::denied::OperatorError;
use crate::app::App;
use crate::pages::act::see;
use crate::pages::guard::secured;
use crate::pages::{style, visit};
use act::told;
use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use guanxi_types::HttpError;
use seat::{Frame, OperatorContext};
use std::sync::Arc;

/// Every page.
pub fn router() -> Router<App> {
    Router::new()
        .route("/", page(health::health))
        .route("/reviews", page(reviews::reviews))
        .route("/member", page(person::person))
        .route("/log", page(log::log))
        .route("/login", get(token::door).post(token::enter))
        .route("/logout", post(token::leave))
        .merge(style::routes())
}

/// The route of a page.
fn page<H, F>(handler: H) -> MethodRouter<App>
where
    H: Fn(Arc<OperatorContext>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response, OperatorError>> + Send + 'static,
{
    get(move |State(app): State<App>, request: Request| answer(app, request, handler.clone()))
}

async fn answer<H, F>(app: App, request: Request, handler: H) -> Response
where
    H: Fn(Arc<OperatorContext>) -> F,
    F: Future<Output = Result<Response, OperatorError>>,
{
    let images = app.images.clone();
    let response = match OperatorContext::new(app, request).await {
        Ok(desk) => {
            let desk = Arc::new(desk);
            match handler(Arc::clone(&desk)).await {
                Ok(response) => response,
                Err(denied) => refused(Some(&desk), &denied),
            }
        }
        Err(OperatorError::Reject(reject)) if reject.number() == HttpError::Unauthorized.number() => {
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

fn refused(desk: Option<&OperatorContext>, denied: &OperatorError) -> Response {
    let (words, status) = told(denied);
    let frame = desk.map_or_else(|| Frame::bare("出错了"), |desk| desk.frame("出错了"));
    let page = Refused { frame, status: status.as_u16(), words };
    visit::html(status, &page).unwrap_or_default()
}

/// The page that says that there is none.
pub(super) fn not_found(app: &App) -> Response {
    secured(refused(None, &OperatorError::from(HttpError::NotFound)), &app.images)
}
