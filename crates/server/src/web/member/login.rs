//! `/login`: login by password or QR code. `/login/confirm`: confirmation on the device that scanned the code.

use crate::app::App;
use crate::config::Registration;
use crate::extract::{self, ApiRequest};
use crate::handlers::login::{create_qr_code, poll_qr_code, qr_code, scan_qr_code};
use crate::http::params;
use crate::http::response::{ApiError, ApiResponse};
use crate::http::security_headers::with_security_headers;
use crate::web::flash::Flash;
use crate::web::forms::RedisplayRequest;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::preferences::Preferences;
use crate::web::redirect::{back_path, is_page_path, redirect};
use askama::Template;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_api::login::poll_qr_code::{PollQrCode, QrCodeStatus};
use guanxi_api::login::scan_qr_code::{QrCodeRequester, ScanQrCode};
use guanxi_api::params::{Params, encode_form};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/login.html")]
struct Login {
    layout: Layout,
    account: String,
    /// Path to redirect to after login.
    back: String,
    is_signup_open: bool,
    code: Option<QrCode>,
    has_passkeys: bool,
}

impl Login {
    /// Returns true if a code that can be scanned is shown.
    fn has_active_code(&self) -> bool {
        self.code.as_ref().is_some_and(QrCode::is_active)
    }

    /// Returns the path of the login by password.
    fn login_path(&self) -> String {
        format!("/login?{}", encode_form([("back", self.back.as_str())]))
    }
}

/// A QR code and its status.
pub(super) struct QrCode {
    status: QrCodeStatus,
    svg: String,
    url: String,
}

impl QrCode {
    fn is_active(&self) -> bool {
        matches!(self.status, QrCodeStatus::Waiting | QrCodeStatus::Scanned)
    }

    fn is_scanned(&self) -> bool {
        self.status == QrCodeStatus::Scanned
    }
}

/// Shows the login page, or redirects a logged-in member to `back`.
pub async fn login(context: Arc<PageContext>) -> Result<Response, ApiError> {
    match context.viewer {
        Some(_) => Ok(redirect(&back(&context), Vec::new())),
        None => login_page(&context, None).await,
    }
}

/// Shows a QR code, or redirects to `back` once the code is confirmed.
pub async fn qr(context: Arc<PageContext>) -> Result<Response, ApiError> {
    if context.viewer.is_some() {
        return Ok(redirect(&back(&context), Vec::new()));
    }
    let key: String = context.query_param("key").unwrap_or_default();
    let ApiResponse { data: polled, cookies } =
        context.call_api(poll_qr_code::poll_qr_code, PollQrCode { key: key.clone() }).await?;
    if polled.status == QrCodeStatus::Confirmed {
        return Ok(redirect(&back(&context), cookies));
    }
    // An active key was issued by this service. An expired one may be arbitrary text.
    let is_active = polled.status != QrCodeStatus::Expired;
    let (url, svg) =
        if is_active { qr_code::render_qr_code(&context.app, &key)? } else { Default::default() };
    login_page(&context, Some(QrCode { status: polled.status, svg, url })).await
}

/// Renders the login page.
pub(super) async fn login_page(context: &PageContext, code: Option<QrCode>) -> Result<Response, ApiError> {
    context.render(&Login {
        layout: context.layout(context.language().text("log-in"), NavSection::Auth).await?,
        account: context.submitted("account"),
        back: back(context),
        is_signup_open: context.app.registration == Registration::Open,
        code,
        has_passkeys: context.app.passkeys.are_available(&context.client.headers),
    })
}

/// Returns the path that the page leads back to.
pub(super) fn back(context: &PageContext) -> String {
    let back: Option<String> = context.query_param("back");
    back.filter(|back| is_page_path(back)).unwrap_or_else(|| "/".to_owned())
}

/// Creates a QR code and redirects to its page.
pub async fn create_qr(app: App, request: Request) -> Response {
    let images = app.image_origins.clone();
    let (parts, body) = request.into_parts();
    let redisplay = RedisplayRequest::from_parts(&parts);
    let created = async {
        let form = params::read_params(&parts, body, &app.limits).await?;
        let back = back_path(&form.params);
        let request = ApiRequest::decode(extract::identify_member(&app, parts, form).await?)?;
        Ok::<_, ApiError>((back, create_qr_code::create_qr_code(app.clone(), request).await?))
    };
    let response = match created.await {
        Ok((back, ApiResponse { data, cookies })) => redirect(
            &format!("/login/qr?{}", encode_form([("key", data.key.as_str()), ("back", &back)])),
            cookies,
        ),
        Err(error) => qr_error(app, redisplay, &error).await.unwrap_or_else(IntoResponse::into_response),
    };
    with_security_headers(response, &images)
}

/// Renders the login page with the error.
async fn qr_error(app: App, redisplay: RedisplayRequest, error: &ApiError) -> Result<Response, ApiError> {
    let language = Preferences::of(&redisplay.headers, &app).language;
    let flash = Flash::from_error(error, "/login/qr", Params::default(), language);
    login_page(&PageContext::new(app, redisplay.into_request("/login", Some(flash))).await?, None).await
}

#[derive(Template)]
#[template(path = "member/confirm.html")]
struct Confirm {
    layout: Layout,
    key: String,
    request: QrCodeRequester,
    time: String,
}

/// Shows the device that requests the login.
pub async fn confirm(context: Arc<PageContext>) -> Result<Response, ApiError> {
    context.require_login()?;
    let key: String = context.query_param("key").unwrap_or_default();
    let mut request = context.call_api(scan_qr_code::scan_qr_code, ScanQrCode { key: key.clone() }).await?;
    let t = context.language();
    (request.device, request.place) = (t.device(request.device), t.place(request.place));
    let time = t.minute(request.time);
    context.render(&Confirm {
        layout: context.layout(t.text("confirm-login"), NavSection::Auth).await?,
        key,
        request,
        time,
    })
}
