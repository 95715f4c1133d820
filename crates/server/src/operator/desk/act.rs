//! Operators' forms: each is an operation, sent to its path behind `/do`, and answered as members' forms are.

use super::seat::held;
use crate::app::App;
use crate::form;
use crate::meter::EndpointMeter;
use crate::operator::denied::OperatorError;
use crate::operator::duty::{self, OperatorRequest};
use crate::pages::act::{RedisplayRequest, at, back, see};
use crate::pages::said::{self, Flash};
use crate::sender::ClientInfo;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use guanxi_api::operator::Operation;
use guanxi_api::params::{Params, encode};
use guanxi_storage::row::OperatorToken;
use guanxi_types::{ErrorCode, HttpError};
use http::StatusCode;
use tokio::time::Instant;

/// Does what a form of the pages asks, and tells it as one of them.
pub async fn act<O, H, F>(
    app: App,
    pages: fn() -> Router<App>,
    request: Request,
    handler: H,
    meter: Option<EndpointMeter>,
) -> Response
where
    O: Operation,
    H: Fn(App, OperatorRequest<O>) -> F,
    F: Future<Output = Result<O::Data, OperatorError>>,
{
    let from = Instant::now();
    let (parts, body) = request.into_parts();
    let again = RedisplayRequest::of(&parts);
    let sender = ClientInfo::new(parts.headers.clone(), parts.extensions.get());
    let form = form::read(&parts, body, &app.limits).await;
    let typed = form.as_ref().map_or_else(|_| Params::default(), |form| form.params.clone());
    let done = async {
        let form = form?;
        let by = admitted(&app, &sender, &form.params).await?;
        duty::may::<O>(&by)?;
        if form.is_malformed() {
            return Err(HttpError::BadRequest.into());
        }
        let req = duty::of_form::<O>(&fields(&form.params))?;
        handler(app.clone(), OperatorRequest { by: by.name, req, now: app.now() }).await
    };
    let done = done.await;
    if let Some(meter) = meter {
        meter.answered(done.as_ref().err().map_or(0, OperatorError::number), from);
    }
    match done {
        Ok(_) => {
            let mut response = see(&back(&typed), Vec::new());
            said::remember(&mut response, O::PATH, &typed);
            response
        }
        Err(denied) => {
            let (words, status) = told(&denied);
            let said = Flash::failed(words, status, typed.clone());
            again.said(pages().with_state(app), &at(&typed), said).await
        }
    }
}

/// Whose token a form was sent with. No page but ours may send one.
async fn admitted(app: &App, sender: &ClientInfo, params: &Params) -> Result<OperatorToken, OperatorError> {
    let (by, pass) = held(app, &sender.headers).await?;
    let own = params.first("csrf").is_some_and(|csrf| pass.has_csrf(csrf));
    if own && !sender.is_cross_site() { Ok(by) } else { Err(ErrorCode::BadCsrf.into()) }
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

/// Why something was denied, in words, and the status of the page that says it.
pub(super) fn told(denied: &OperatorError) -> (String, StatusCode) {
    match denied {
        OperatorError::Wrong(why) => {
            (format!("{}：{why}", HttpError::BadRequest.message()), StatusCode::BAD_REQUEST)
        }
        OperatorError::Reject(reject) => (said::words(reject), said::status(reject)),
    }
}
