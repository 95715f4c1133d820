//! Form posts of operators' pages. Each is an operation, sent to its path under `/form`.

use super::context::authenticate;
use crate::app::App;
use crate::http::client_info::ClientInfo;
use crate::http::params;
use crate::metrics::EndpointMetrics;
use crate::operator::error::OperatorError;
use crate::operator::request::{self, OperatorRequest};
use crate::web::flash::{self, Flash};
use crate::web::forms::{RedisplayRequest, back_path, form_path, redirect};
use crate::web::messages;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use guanxi_api::operator::OperatorEndpoint;
use guanxi_api::params::{Params, encode_form};
use guanxi_storage::model::OperatorToken;
use guanxi_types::{ErrorCode, HttpError};
use http::StatusCode;
use tokio::time::Instant;

/// Handles a form post with the operation's handler, and responds with a redirect or a page of `pages`.
pub async fn handle_form<O, H, F>(
    app: App,
    pages: fn() -> Router<App>,
    request: Request,
    handler: H,
    metrics: Option<EndpointMetrics>,
) -> Response
where
    O: OperatorEndpoint,
    H: Fn(App, OperatorRequest<O>) -> F,
    F: Future<Output = Result<O::Data, OperatorError>>,
{
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let redisplay = RedisplayRequest::from_parts(&parts);
    let client = ClientInfo::new(parts.headers.clone(), parts.extensions.get());
    let form = params::read_params(&parts, body, &app.limits).await;
    let submitted = form.as_ref().map_or_else(|_| Params::default(), |form| form.params.clone());
    let result = async {
        let form = form?;
        let token = authenticate_form(&app, &client, &form.params).await?;
        request::check_role::<O>(&token)?;
        if form.is_malformed() {
            return Err(HttpError::BadRequest.into());
        }
        let req = request::parse_form::<O>(&operation_fields(&form.params))?;
        handler(app.clone(), OperatorRequest { by: token.name, params: req, now: app.now() }).await
    };
    let result = result.await;
    if let Some(metrics) = metrics {
        metrics.record(result.as_ref().err().map_or(0, OperatorError::code), started);
    }
    match result {
        Ok(_) => {
            let mut response = redirect(&back_path(&submitted), Vec::new());
            flash::set_cookie(&mut response, O::PATH, &submitted);
            response
        }
        Err(error) => {
            let (message, status) = error_message(&error);
            let flash = Flash::error(message, status, submitted.clone());
            redisplay.show(pages().with_state(app), &form_path(&submitted), flash).await
        }
    }
}

/// Returns the token of a form post. A missing CSRF token or a cross-site request is rejected.
async fn authenticate_form(
    app: &App,
    client: &ClientInfo,
    params: &Params,
) -> Result<OperatorToken, OperatorError> {
    let (token, operator_cookie) = authenticate(app, &client.headers).await?;
    let is_csrf_valid = params.get_raw("csrf").is_some_and(|csrf| operator_cookie.has_csrf(csrf));
    if is_csrf_valid && !client.is_cross_site() { Ok(token) } else { Err(ErrorCode::InvalidCsrf.into()) }
}

/// Returns the operation's fields of a form as a query string. Empty fields are left out.
fn operation_fields(params: &Params) -> String {
    let texts = params.iter().filter_map(|(name, value)| {
        Some((std::str::from_utf8(name).ok()?, std::str::from_utf8(value).ok()?))
    });
    encode_form(texts.filter(|(name, value)| {
        !matches!(*name, "csrf" | "back" | "at") && !value.is_empty() && !value.contains('\0')
    }))
}

/// Returns the error text and HTTP status of the page that shows an error.
pub(super) fn error_message(error: &OperatorError) -> (String, StatusCode) {
    match error {
        OperatorError::InvalidRequest(reason) => {
            (format!("{}：{reason}", HttpError::BadRequest.message()), StatusCode::BAD_REQUEST)
        }
        OperatorError::Api(error) => (messages::error_text(error), messages::error_status(error)),
    }
}
