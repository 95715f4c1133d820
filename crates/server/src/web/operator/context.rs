//! Context of a request for an operators' page, and the layout around the page.

use super::cookie::{COOKIE, OperatorCookie};
use crate::app::App;
use crate::http::client_info::ClientInfo;
use crate::http::cookies::request_cookie;
use crate::http::response::ApiError;
use crate::web::avatar::truncate_graphemes;
use crate::web::flash::Flash;
use crate::web::form_field::FormField;
use crate::web::page_context::PageContext;
use crate::web::preferences::Preferences;
use crate::web::text::Key;
use axum::extract::Request;
use guanxi_api::Endpoint;
use guanxi_api::auth::{Auth, AuthContext};
use guanxi_api::operator::list_audit_entries::ListAuditEntries;
use guanxi_api::operator::list_messages::ListMessages;
use guanxi_api::operator::members::get_member::GetMember;
use guanxi_api::operator::reviews::list_bio_reviews::ListBioReviews;
use guanxi_storage::Store;
use guanxi_storage::model::OperatorToken;
use guanxi_types::{HttpError, Role};
use http::HeaderMap;
use std::borrow::Cow;

/// Displayed length of a token's name.
pub(super) const NAME_MAX_GRAPHEMES: usize = 24;

/// Context of a request for an operators' page.
pub type OperatorContext = PageContext<OperatorViewer>;

/// The operator that views a page.
#[derive(Debug)]
pub struct OperatorViewer {
    /// The operator's token.
    pub token: OperatorToken,
    csrf: String,
}

impl OperatorContext {
    /// Builds the context from a request.
    pub(super) async fn from_request(app: App, request: Request) -> Result<OperatorContext, ApiError> {
        let (mut parts, _) = request.into_parts();
        let (token, operator_cookie) = authenticate(&app, &parts.headers).await?;
        let viewer = OperatorViewer { token, csrf: operator_cookie.csrf() };
        let redisplayed = parts.extensions.remove();
        let client = ClientInfo::new(parts.headers, parts.extensions.get());
        let now = app.now();
        let context = PageContext::with_viewer(app, viewer, now, client, &parts.uri, redisplayed);
        Ok(context.ok_or(HttpError::BadRequest)?)
    }

    /// Returns true if the token's role permits the operation.
    pub fn is_allowed<E: Endpoint>(&self) -> bool {
        E::Auth::authenticate(self).is_ok()
    }

    /// Builds the layout of the page.
    pub fn layout(&self, title: impl Into<Cow<'static, str>>) -> Layout {
        Layout {
            title: title.into(),
            preferences: self.preferences,
            token_name: truncate_graphemes(&self.viewer.token.name, NAME_MAX_GRAPHEMES),
            role: self.viewer.token.role.name(),
            can_review: self.is_allowed::<ListBioReviews>(),
            can_read_members: self.is_allowed::<GetMember>(),
            can_read_outbox: self.is_allowed::<ListMessages>(),
            can_read_audit_log: self.is_allowed::<ListAuditEntries>(),
            csrf: self.viewer.csrf.clone(),
            path_and_query: self.path_and_query.clone(),
            flash: self.flash.clone(),
        }
    }
}

impl AuthContext for OperatorContext {
    fn operator(&self) -> Option<(&str, Role)> {
        Some((&self.viewer.token.name, self.viewer.token.role))
    }
}

/// Data of the layout around a page.
#[derive(Debug)]
pub struct Layout {
    pub(super) title: Cow<'static, str>,
    /// Language and theme of the page.
    pub(super) preferences: Preferences,
    /// Name of the token; empty without a login.
    pub(super) token_name: String,
    pub(super) role: &'static str,
    pub(super) can_review: bool,
    pub(super) can_read_members: bool,
    pub(super) can_read_outbox: bool,
    pub(super) can_read_audit_log: bool,
    pub(super) csrf: String,
    pub(super) path_and_query: String,
    pub(super) flash: Option<Flash>,
}

impl Layout {
    /// Name of the site, in the header and in titles.
    pub(super) const SITE_NAME: Key = Key("operator-site");

    pub(super) fn minimal(title: impl Into<Cow<'static, str>>, preferences: Preferences) -> Layout {
        let (token_name, csrf, path_and_query) = (String::new(), String::new(), "/".to_owned());
        Layout {
            title: title.into(),
            preferences,
            token_name,
            role: "",
            can_review: false,
            can_read_members: false,
            can_read_outbox: false,
            can_read_audit_log: false,
            csrf,
            path_and_query,
            flash: None,
        }
    }

    /// Returns the field `name` of the form of an endpoint.
    pub(super) fn field<'p>(&'p self, form: &str, name: &str, id: &'p str, hint: &'p str) -> FormField<'p> {
        FormField::new(self.flash.as_ref(), form, name, id, hint)
    }

    /// Returns true if the form of an endpoint was rejected.
    pub(super) fn is_rejected(&self, form: &str) -> bool {
        self.flash.as_ref().is_some_and(|flash| flash.is_of(form))
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
