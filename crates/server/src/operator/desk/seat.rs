//! A visit of an operator's to a page, and what surrounds it.

use super::pass::{COOKIE, OperatorCookie};
use crate::app::App;
use crate::cookie::cookie;
use crate::operator::denied::OperatorError;
use crate::operator::duty::{self, OperatorRequest};
use crate::pages::act;
use crate::pages::face::cut;
use crate::pages::said::{self, Flash};
use crate::pages::visit;
use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use guanxi_api::operator::Operation;
use guanxi_api::param::Param;
use guanxi_api::params::Params;
use guanxi_storage::Store;
use guanxi_storage::row::OperatorToken;
use guanxi_types::HttpError;
use guanxi_types::Role;
use http::{HeaderMap, StatusCode};

/// How much of a token's name is shown.
pub(super) const NAME: usize = 24;

/// A visit of an operator's.
#[derive(Debug)]
pub struct OperatorContext {
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
    said: Option<Flash>,
}

impl OperatorContext {
    pub(super) async fn new(app: App, request: Request) -> Result<OperatorContext, OperatorError> {
        let (mut parts, _) = request.into_parts();
        let (by, pass) = held(&app, &parts.headers).await?;
        let refused: Option<Flash> = parts.extensions.remove();
        let said =
            refused.or_else(|| cookie(&parts.headers, said::COOKIE).and_then(|path| Flash::done(&path)));
        let here = act::here(&parts.uri);
        let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        if query.is_cut() {
            return Err(HttpError::BadRequest.into());
        }
        let now = app.now();
        Ok(OperatorContext { app, by, now, here, csrf: pass.csrf(), query, said })
    }

    /// Asks what an operator's program would ask, of the same handler.
    pub async fn ask<O, H, F>(&self, handler: H, req: O) -> Result<O::Data, OperatorError>
    where
        O: Operation,
        H: FnOnce(App, OperatorRequest<O>) -> F,
        F: Future<Output = Result<O::Data, OperatorError>>,
    {
        duty::may::<O>(&self.by)?;
        handler(self.app.clone(), OperatorRequest { by: self.by.name.clone(), req, now: self.now }).await
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
    pub fn show(&self, page: &impl Template) -> Result<Response, OperatorError> {
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
    pub(super) title: &'static str,
    /// The token's name; empty for none.
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) moderates: bool,
    pub(super) admin: bool,
    pub(super) csrf: String,
    pub(super) here: String,
    pub(super) said: Option<Flash>,
}

impl Frame {
    pub(super) fn bare(title: &'static str) -> Frame {
        let (name, csrf, here) = (String::new(), String::new(), "/".to_owned());
        Frame { title, name, role: "", moderates: false, admin: false, csrf, here, said: None }
    }

    pub(super) fn is_here(&self, path: &str) -> bool {
        self.here.split('?').next() == Some(path)
    }
}

/// The token whose pass a browser holds, and the pass.
pub(super) async fn held(
    app: &App,
    headers: &HeaderMap,
) -> Result<(OperatorToken, OperatorCookie), OperatorError> {
    let pass = OperatorCookie::said(&cookie(headers, COOKIE).unwrap_or_default());
    let hash = pass.opens(&app.passes, app.now()).ok_or(HttpError::Unauthorized)?;
    // A token that was revoked opens nothing any more.
    let by: Option<OperatorToken> = app.store.get(hash).await?;
    Ok((by.ok_or(HttpError::Unauthorized)?, pass))
}
