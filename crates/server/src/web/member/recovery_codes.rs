//! The page that shows new recovery codes once, as the response to the form that made them.

use crate::app::App;
use crate::web::forms::RedisplayRequest;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::redirect::{back_path, form_path};
use askama::Template;
use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use guanxi_api::Envelope;
use guanxi_api::factors::confirm_totp::RecoveryCodes;
use guanxi_api::params::Params;

/// Endpoints whose data are recovery codes.
const FORMS: [&str; 3] = ["/passport/totp/confirm", "/passport/recovery", "/passport/passkeys"];

/// The maximum size of a response with recovery codes, in bytes.
const MAX_BYTES: usize = 4_096;

#[derive(Template)]
#[template(path = "member/recovery_codes.html")]
struct Page {
    layout: Layout,
    codes: Vec<String>,
    back: String,
}

/// Returns the response of an endpoint, or the page with its recovery codes if it has any.
pub(crate) async fn show(
    app: &App,
    redisplay: &RedisplayRequest,
    endpoint: &str,
    response: Response,
    submitted: &Params,
) -> Result<Response, Response> {
    if !FORMS.contains(&endpoint) {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_BYTES).await.unwrap_or_default();
    let envelope: Option<Envelope<RecoveryCodes>> = serde_json::from_slice(&bytes).ok();
    let codes = envelope.and_then(|envelope| envelope.data).unwrap_or_default().recovery_codes;
    if codes.is_empty() {
        return Ok(Response::from_parts(parts, Body::from(bytes)));
    }
    let page = async {
        let request = redisplay.to_request(&form_path(submitted), None);
        let context = PageContext::new(app.clone(), request).await?;
        let title = context.language().text("recovery-codes");
        let layout = context.layout(title, NavSection::Account).await?;
        context.render(&Page { layout, codes, back: back_path(submitted) })
    };
    Err(page.await.unwrap_or_else(IntoResponse::into_response))
}
