//! Form posts of operators' pages. Each is an operation, sent to its path under `/form`.

use super::confirmation::CONFIRMED;
use super::context::authenticate;
use crate::app::App;
use crate::extract::IdentifiedRequest;
use crate::http::client_info::ClientInfo;
use crate::http::params::RequestParams;
use crate::http::response::ApiError;
use guanxi_api::params::Params;
use guanxi_types::ErrorCode;
use http::request::Parts;

/// Identifies the operator of a form post by the browser's cookie. A missing CSRF token or a cross-site request is
/// rejected.
pub async fn identify_form(
    app: &App,
    parts: Parts,
    mut form: RequestParams,
) -> Result<IdentifiedRequest, ApiError> {
    let client = ClientInfo::new(parts.headers, parts.extensions.get());
    let (token, operator_cookie) = authenticate(app, &client.headers).await?;
    let is_csrf_valid = form.params.get_raw("csrf").is_some_and(|csrf| operator_cookie.has_csrf(csrf));
    if !is_csrf_valid || client.is_cross_site() {
        return Err(ErrorCode::InvalidCsrf.into());
    }
    // The fields of the operation do not tell that the form had too many.
    form.malformed_body = form.is_malformed();
    form.params = operation_fields(&form.params);
    Ok(IdentifiedRequest::from_form(token, form, app.now(), client))
}

/// Returns the fields of the operation, without those of the page.
fn operation_fields(params: &Params) -> Params {
    let mut fields = Params::default();
    let page_fields = ["csrf", "back", "at", CONFIRMED];
    for (name, value) in
        params.iter().filter(|(name, _)| !page_fields.iter().any(|field| field.as_bytes() == *name))
    {
        fields.push(name.to_vec(), value.to_vec());
    }
    fields
}
