//! Context of a request for an operators' page, and the layout around the page.

use super::cookie::{COOKIE, OperatorCookie};
use crate::app::App;
use crate::auth::operator_token::TokenAuth;
use crate::extract::ApiRequest;
use crate::http::client_info::ClientInfo;
use crate::http::cookies::request_cookie;
use crate::http::response::ApiError;
use crate::web::avatar::truncate_graphemes;
use crate::web::flash::{self, Flash};
use crate::web::forms;
use crate::web::page_context;
use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use guanxi_api::Endpoint;
use guanxi_api::auth::Auth;
use guanxi_api::param::Param;
use guanxi_api::params::Params;
use guanxi_storage::Store;
use guanxi_storage::model::OperatorToken;
use guanxi_types::HttpError;
use guanxi_types::Role;
use http::{HeaderMap, StatusCode};

/// Displayed length of a token's name.
pub(super) const NAME_MAX_GRAPHEMES: usize = 24;

/// Context of a request for an operators' page.
#[derive(Debug)]
pub struct OperatorContext {
    /// The service.
    pub app: App,
    /// The operator's token.
    pub token: OperatorToken,
    /// Time of the request, in seconds since 1970.
    pub now: i64,
    /// Path and query of the page.
    pub path_and_query: String,
    client: ClientInfo,
    csrf: String,
    query: Params,
    flash: Option<Flash>,
}

impl OperatorContext {
    pub(super) async fn new(app: App, request: Request) -> Result<OperatorContext, ApiError> {
        let (mut parts, _) = request.into_parts();
        let (token, operator_cookie) = authenticate(&app, &parts.headers).await?;
        let redisplayed: Option<Flash> = parts.extensions.remove();
        let flash = redisplayed
            .or_else(|| request_cookie(&parts.headers, flash::COOKIE).and_then(|path| Flash::success(&path)));
        let path_and_query = forms::path_and_query(&parts.uri);
        let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        if query.is_truncated() {
            return Err(HttpError::BadRequest.into());
        }
        let (now, csrf) = (app.now(), operator_cookie.csrf());
        let client = ClientInfo::new(parts.headers, parts.extensions.get());
        Ok(OperatorContext { app, token, now, path_and_query, client, csrf, query, flash })
    }

    /// Calls an operator API handler and returns its data.
    pub async fn call_api<E, H, F>(&self, handler: H, params: E) -> Result<E::Data, ApiError>
    where
        E: Endpoint,
        H: FnOnce(App, ApiRequest<E>) -> F,
        F: Future<Output = Result<E::Data, ApiError>>,
    {
        let caller = E::Auth::authenticate(&TokenAuth(&self.token))?;
        handler(self.app.clone(), ApiRequest { caller, params, now: self.now, client: self.client.clone() })
            .await
    }

    /// Returns true if the token's role permits the operation.
    pub fn is_allowed<E: Endpoint>(&self) -> bool {
        E::Auth::authenticate(&TokenAuth(&self.token)).is_ok()
    }

    /// Returns a query parameter; `None` if it is absent or malformed.
    pub fn query_param<T: Param>(&self, name: &'static str) -> Option<T> {
        self.query.get_raw(name).and_then(|_| self.query.get(name).ok())
    }

    /// Builds the layout of the page.
    pub fn layout(&self, title: &'static str) -> Layout {
        Layout {
            title,
            token_name: truncate_graphemes(&self.token.name, NAME_MAX_GRAPHEMES),
            role: self.token.role.name(),
            is_moderator: matches!(self.token.role, Role::Admin | Role::Moderator),
            is_admin: self.token.role == Role::Admin,
            csrf: self.csrf.clone(),
            path_and_query: self.path_and_query.clone(),
            flash: self.flash.clone(),
        }
    }

    /// Renders the page with the flash message's status, and expires the flash cookie.
    pub fn render(&self, page: &impl Template) -> Result<Response, ApiError> {
        let status = self.flash.as_ref().map_or(StatusCode::OK, |flash| flash.status);
        let mut response = page_context::html_response(status, page)?;
        if self.flash.as_ref().is_some_and(|flash| flash.is_success) {
            flash::clear_cookie(&mut response);
        }
        Ok(response)
    }
}

/// Data of the layout around a page.
#[derive(Debug)]
pub struct Layout {
    pub(super) title: &'static str,
    /// Name of the token; empty without a login.
    pub(super) token_name: String,
    pub(super) role: &'static str,
    pub(super) is_moderator: bool,
    pub(super) is_admin: bool,
    pub(super) csrf: String,
    pub(super) path_and_query: String,
    pub(super) flash: Option<Flash>,
}

impl Layout {
    pub(super) fn minimal(title: &'static str) -> Layout {
        let (token_name, csrf, path_and_query) = (String::new(), String::new(), "/".to_owned());
        Layout {
            title,
            token_name,
            role: "",
            is_moderator: false,
            is_admin: false,
            csrf,
            path_and_query,
            flash: None,
        }
    }

    pub(super) fn is_current(&self, path: &str) -> bool {
        self.path_and_query.split('?').next() == Some(path)
    }
}

/// Returns the token that the browser's cookie stands for, and the cookie.
pub(super) async fn authenticate(
    app: &App,
    headers: &HeaderMap,
) -> Result<(OperatorToken, OperatorCookie), ApiError> {
    let operator_cookie = OperatorCookie::from_text(&request_cookie(headers, COOKIE).unwrap_or_default());
    let hash =
        operator_cookie.token_hash(&app.operator_cookie_key, app.now()).ok_or(HttpError::Unauthorized)?;
    // A revoked token is deleted.
    let token: Option<OperatorToken> = app.store.get(hash).await?;
    Ok((token.ok_or(HttpError::Unauthorized)?, operator_cookie))
}
