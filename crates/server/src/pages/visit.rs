//! A visit to a page: who comes, what they ask for, and what the pages ask of the API's handlers for them.

use super::act;
use super::frame::{Layout, Me, Section};
use super::said::Flash;
use crate::answer::{ApiError, ApiResponse};
use crate::app::App;
use crate::call::{self, ApiRequest};
use crate::cookie::cookie;
use crate::sender::ClientInfo;
use crate::session::Token;
use askama::Template;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use guanxi_api::Endpoint;
use guanxi_api::auth::{Auth, AuthContext};
use guanxi_api::paging::Pn;
use guanxi_api::param::Param;
use guanxi_api::params::Params;
use guanxi_storage::Store;
use guanxi_storage::row::Card;
use guanxi_types::{ErrorCode, HttpError, Mid};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use std::borrow::Cow;

/// A visit.
#[derive(Debug)]
pub struct PageContext {
    /// The service.
    pub app: App,
    /// Who comes, if they are logged in.
    pub me: Option<Mid>,
    /// When, in seconds.
    pub now: i64,
    /// From where, and with which session.
    pub sender: ClientInfo,
    /// The page, with its query: where its forms come back to.
    pub here: String,
    query: Params,
    said: Option<Flash>,
}

impl PageContext {
    /// A visit by a request.
    pub async fn new(app: App, request: Request) -> Result<PageContext, ApiError> {
        let (mut parts, _) = request.into_parts();
        let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let here = act::here(&parts.uri);
        let refused: Option<Flash> = parts.extensions.remove();
        let now = app.now();
        let (me, sender) = call::sent(&app, parts, now).await?;
        if query.is_cut() {
            return Err(ErrorCode::BadRequest.into());
        }
        let said = refused
            .or_else(|| cookie(&sender.headers, super::said::COOKIE).and_then(|path| Flash::done(&path)));
        Ok(PageContext { app, me, now, sender, here, query, said })
    }

    /// Who comes, for a page that is nobody else's.
    pub fn member(&self) -> Result<Mid, ApiError> {
        Ok(self.me.ok_or(ErrorCode::NotLoggedIn)?)
    }

    /// Asks what the API would be asked, of the same handler.
    pub async fn ask<E, H, F, D>(&self, handler: H, req: E) -> Result<E::Data, ApiError>
    where
        E: Endpoint,
        H: FnOnce(App, ApiRequest<E>) -> F,
        F: Future<Output = Result<D, ApiError>>,
        D: Into<ApiResponse<E::Data>>,
    {
        Ok(self.ask_told(handler, req).await?.apart()?.0)
    }

    /// The same, with the cookies that the answer sets.
    pub async fn ask_told<E, H, F, D>(&self, handler: H, req: E) -> Result<ApiResponse<E::Data>, ApiError>
    where
        E: Endpoint,
        H: FnOnce(App, ApiRequest<E>) -> F,
        F: Future<Output = Result<D, ApiError>>,
        D: Into<ApiResponse<E::Data>>,
    {
        let who = E::Auth::admit(self)?;
        let call = ApiRequest { who, req, now: self.now, sender: self.sender.clone() };
        Ok(handler(self.app.clone(), call).await?.into())
    }

    /// Whose page it is, by its path: `/space/<mid>`.
    pub fn whose(&self) -> Result<Mid, ApiError> {
        let path = self.here.split('?').next().unwrap_or_default();
        let mid = path.split('/').nth(2).and_then(|mid| mid.parse().ok());
        Ok(mid.ok_or(ErrorCode::NoMember)?)
    }

    /// The page of a list that is asked for; the first if it is none.
    pub fn pn(&self) -> Pn {
        self.query.read("pn").unwrap_or(Pn::FIRST)
    }

    /// A parameter of the page; none if it is not there, or malformed.
    pub fn asked<T: Param>(&self, name: &'static str) -> Option<T> {
        self.query.first(name).and_then(|_| self.query.read(name).ok())
    }

    /// What a form that was refused had in a field; empty for none. An address fills in no form: anybody may have written it.
    pub fn typed(&self, name: &'static str) -> String {
        self.said.as_ref().and_then(|said| said.typed(name)).unwrap_or_default()
    }

    /// What surrounds the page.
    pub async fn frame(
        &self,
        title: impl Into<Cow<'static, str>>,
        section: Section,
    ) -> Result<Layout, ApiError> {
        let me = match self.me {
            Some(me) => {
                let card = self.app.store.get(me).await?.unwrap_or(Card::of(me));
                Some(Me::of(&self.app.images, &card))
            }
            None => None,
        };
        let csrf = self.sender.token.as_ref().map(Token::csrf).unwrap_or_default();
        Ok(Layout {
            title: title.into(),
            section,
            me,
            csrf,
            here: self.here.clone(),
            said: self.said.clone(),
        })
    }

    /// The page, as it goes out.
    pub fn show(&self, page: &impl Template) -> Result<Response, ApiError> {
        let status = self.said.as_ref().map_or(StatusCode::OK, |said| said.status);
        let mut response = html(status, page)?;
        if cookie(&self.sender.headers, super::said::COOKIE).is_some() {
            super::said::forget(&mut response);
        }
        Ok(response)
    }
}

/// A page of that status.
pub fn html(status: StatusCode, page: &impl Template) -> Result<Response, ApiError> {
    let text = page.render().map_err(|error| {
        tracing::error!(%error, "a page could not be written");
        HttpError::Broken
    })?;
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Ok(response)
}

/// A page reads; what it writes comes as a form, which is admitted as the API's requests are.
impl AuthContext for PageContext {
    fn session(&self) -> Option<Mid> {
        self.me
    }

    fn csrf(&self) -> bool {
        false
    }

    fn has_dede_user_id(&self) -> bool {
        self.me.is_some()
    }

    fn cross_site(&self) -> bool {
        self.sender.is_cross_site()
    }
}
