//! Form posts of operators' pages. Each is an operation, sent to its path under `/form`.

use super::context::authenticate;
use crate::app::App;
use crate::auth::operator_token::TokenAuth;
use crate::extract::ApiRequest;
use crate::http::client_info::ClientInfo;
use crate::http::params::RequestParams;
use crate::http::response::ApiError;
use guanxi_api::Endpoint;
use guanxi_api::auth::Auth;
use guanxi_api::endpoint::EncodedParams;
use guanxi_api::params::Params;
use guanxi_types::{ErrorCode, HttpError};
use http::request::Parts;

/// Authenticates a form post by the browser's cookie, and decodes its fields. A missing CSRF token or a cross-site
/// request is rejected.
pub async fn authenticate_form<E: Endpoint>(
    app: &App,
    parts: Parts,
    form: RequestParams,
) -> Result<ApiRequest<E>, ApiError> {
    let client = ClientInfo::new(parts.headers, parts.extensions.get());
    let (token, operator_cookie) = authenticate(app, &client.headers).await?;
    let is_csrf_valid = form.params.get_raw("csrf").is_some_and(|csrf| operator_cookie.has_csrf(csrf));
    if !is_csrf_valid || client.is_cross_site() {
        return Err(ErrorCode::InvalidCsrf.into());
    }
    let caller = E::Auth::authenticate(&TokenAuth(&token))?;
    if form.is_malformed() {
        return Err(HttpError::BadRequest.into());
    }
    let params = E::decode(EncodedParams::Pairs(&operation_fields(&form.params)))?;
    Ok(ApiRequest { caller, params, now: app.now(), client })
}

/// Returns the fields of the operation, without those of the page.
fn operation_fields(params: &Params) -> Params {
    let mut fields = Params::default();
    for (name, value) in params.iter().filter(|(name, _)| !matches!(*name, b"csrf" | b"back" | b"at")) {
        fields.push(name.to_vec(), value.to_vec());
    }
    fields
}
