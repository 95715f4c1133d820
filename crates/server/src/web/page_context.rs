//! Context of a page request, of members and operators: viewer, query and calls of the API's handlers.

use super::avatar::Avatar;
use super::flash::Flash;
use super::language::Language;
use super::layout::{Layout, NavSection, Viewer};
use super::preferences::Preferences;
use super::redirect;
use super::undo::UndoOffer;
use crate::app::App;
use crate::extract::{self, ApiRequest};
use crate::handlers::account::list_news::count_unread;
use crate::http::client_info::ClientInfo;
use crate::http::cookies::request_cookie;
use crate::http::response::ApiError;
use crate::session_token::Token;
use askama::Template;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::future::try_join;
use guanxi_api::Endpoint;
use guanxi_api::auth::{Auth, AuthContext};
use guanxi_api::endpoint::EncodedParams;
use guanxi_api::param::Param;
use guanxi_api::params::Params;
use guanxi_storage::model::{Card, Leaving};
use guanxi_storage::{StorageError, Store};
use guanxi_types::{ErrorCode, HttpError, Mid, PageNumber};
use http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, VARY};
use http::{HeaderValue, StatusCode, Uri};
use std::borrow::Cow;

/// Context of a request for a page. The viewer of a member's page is the logged-in member, or `None` for an anonymous
/// visitor. The viewer of an operators' page is an
/// [`OperatorViewer`](crate::web::operator::context::OperatorViewer).
#[derive(Debug)]
pub struct PageContext<V = Option<Mid>> {
    /// The service.
    pub app: App,
    /// The viewer of the page.
    pub viewer: V,
    /// Time of the request, in seconds since 1970.
    pub now: i64,
    /// Network address, headers and session token of the client.
    pub client: ClientInfo,
    /// The language and the theme of the page.
    pub preferences: Preferences,
    /// Path and query of the page. Forms of the page return to it.
    pub path_and_query: String,
    query: Params,
    /// The result of a form, for the layout.
    pub(super) flash: Option<Flash>,
}

impl PageContext {
    /// Builds the avatar at the head of the page from the `face` of a response.
    pub fn avatar(&self, mid: Mid, uname: &str, face: &str) -> Avatar {
        let face = self.app.face_origin.without_origin(&self.client, face);
        Avatar::large(&self.app.image_origins, mid, uname, face)
    }

    /// Builds the context from a request.
    pub async fn new(app: App, request: Request) -> Result<PageContext, ApiError> {
        let (mut parts, _) = request.into_parts();
        let (uri, redisplayed) = (parts.uri.clone(), parts.extensions.remove());
        let now = app.now();
        let (viewer, client) = extract::identify_client(&app, parts, now).await?;
        let context = PageContext::with_viewer(app, viewer, now, client, &uri, redisplayed);
        Ok(context.ok_or(ErrorCode::BadRequest)?)
    }

    /// Returns the logged-in member.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorCode::NotLoggedIn`] for an anonymous visitor.
    pub fn require_login(&self) -> Result<Mid, ApiError> {
        Ok(self.viewer.ok_or(ErrorCode::NotLoggedIn)?)
    }

    /// Returns the member named by the path, `/space/<mid>`.
    pub fn path_mid(&self) -> Result<Mid, ApiError> {
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        let mid = path.split('/').nth(2).and_then(|mid| mid.parse().ok());
        Ok(mid.ok_or(ErrorCode::MemberNotFound)?)
    }

    /// Returns the requested page number of a list, or the first page if it is malformed.
    pub fn pn(&self) -> PageNumber {
        self.query.get("pn").unwrap_or(PageNumber::FIRST)
    }

    /// Builds the layout of the page.
    pub async fn layout(
        &self,
        title: impl Into<Cow<'static, str>>,
        section: NavSection,
    ) -> Result<Layout, ApiError> {
        let viewer = match self.viewer {
            Some(mid) => {
                let unread = count_unread(&self.app, mid, &self.client, self.now);
                let ((card, leaving), unread) = try_join(self.card_and_leaving(mid), unread).await?;
                Some((card, leaving, unread))
            }
            None => None,
        };
        self.layout_around(title, section, viewer).await
    }

    /// Builds the layout of a page that has read the news of its viewer.
    pub async fn layout_with_unread(
        &self,
        title: impl Into<Cow<'static, str>>,
        section: NavSection,
        unread: usize,
    ) -> Result<Layout, ApiError> {
        let mid = self.require_login()?;
        let (card, leaving) = self.card_and_leaving(mid).await?;
        self.layout_around(title, section, Some((card, leaving, unread))).await
    }

    /// Returns the card of the viewer, and the scheduled deletion of the account.
    async fn card_and_leaving(&self, mid: Mid) -> Result<(Card, Option<Leaving>), StorageError> {
        let store = &self.app.store;
        let (card, leaving) = try_join(store.get(mid), store.get(mid)).await?;
        Ok((card.unwrap_or(Card::new(mid)), leaving))
    }

    /// Builds the layout around a page. The viewer has a card, perhaps a scheduled deletion, and unread news.
    async fn layout_around(
        &self,
        title: impl Into<Cow<'static, str>>,
        section: NavSection,
        viewer: Option<(Card, Option<Leaving>, usize)>,
    ) -> Result<Layout, ApiError> {
        let viewer = viewer.map(|(card, leaving, unread)| Viewer {
            leaves_at: leaving.map(|leaving| self.language().minute(leaving.due)),
            ..Viewer::new(&self.app.image_origins, &card, unread)
        });
        let csrf = self.client.token.as_ref().map(Token::csrf).unwrap_or_default();
        let mut flash = self.flash.clone();
        if let (Some(me), Some(flash)) = (self.viewer, flash.as_mut().filter(|flash| flash.is_undoable)) {
            flash.undo = UndoOffer::of(self, me).await?;
        }
        Ok(Layout {
            title: title.into(),
            preferences: self.preferences,
            section,
            viewer,
            csrf,
            path_and_query: self.path_and_query.clone(),
            flash,
        })
    }
}

impl<V> PageContext<V> {
    /// Builds the context of an authenticated request. Returns `None` if the query has too many parameters.
    pub(super) fn with_viewer(
        app: App,
        viewer: V,
        now: i64,
        client: ClientInfo,
        uri: &Uri,
        redisplayed: Option<Flash>,
    ) -> Option<PageContext<V>> {
        let query = Params::parse(uri.query().unwrap_or_default().as_bytes());
        let path_and_query = redirect::path_and_query(uri);
        let preferences = Preferences::of(&client.headers, &app);
        let flash = redisplayed.or_else(|| {
            request_cookie(&client.headers, super::flash::COOKIE)
                .and_then(|path| Flash::success(&path, preferences.language))
        });
        (!query.is_truncated()).then_some(PageContext {
            app,
            viewer,
            now,
            client,
            preferences,
            path_and_query,
            query,
            flash,
        })
    }

    /// Returns the language of the page.
    pub fn language(&self) -> Language {
        self.preferences.language
    }

    /// Calls an API handler and returns its result.
    pub async fn call_api<E, H, F, D>(&self, handler: H, params: E) -> Result<D, ApiError>
    where
        Self: AuthContext,
        E: Endpoint,
        H: FnOnce(App, ApiRequest<E>) -> F,
        F: Future<Output = Result<D, ApiError>>,
    {
        let caller = E::Auth::authenticate(self)?;
        let request = ApiRequest { caller, params, now: self.now, client: self.client.clone() };
        handler(self.app.clone(), request).await
    }

    /// Returns a query parameter; `None` if it is absent or malformed.
    pub fn query_param<T: Param>(&self, name: &'static str) -> Option<T> {
        self.query.get_raw(name).and_then(|_| self.query.get(name).ok())
    }

    /// Decodes the query as a request of an endpoint.
    pub fn decode_query<E: Endpoint>(&self) -> Result<E, ApiError> {
        Ok(E::decode(EncodedParams::Pairs(&self.query))?)
    }

    /// Returns the submitted value of a field of a redisplayed form; empty if there is none. Query parameters never
    /// fill in a form, since anybody could craft such a link.
    pub fn submitted(&self, name: &'static str) -> String {
        self.submitted_field(name).unwrap_or_default()
    }

    /// Returns the submitted value of a field of a redisplayed form; `None` if the form was not submitted.
    pub fn submitted_field(&self, name: &'static str) -> Option<String> {
        self.flash.as_ref().and_then(|flash| flash.submitted(name))
    }

    /// Returns the submitted values of a list of a redisplayed form.
    pub fn submitted_list(&self, name: &'static str) -> Vec<String> {
        self.submitted(name).split(',').map(str::to_owned).collect()
    }

    /// Renders the page with the flash message's status, and expires the flash cookie.
    pub fn render(&self, page: &impl Template) -> Result<Response, ApiError> {
        let status = self.flash.as_ref().map_or(StatusCode::OK, |flash| flash.status);
        let mut response = html_response(self.language(), status, page)?;
        if request_cookie(&self.client.headers, super::flash::COOKIE).is_some() {
            super::flash::clear_cookie(&mut response);
        }
        Ok(response)
    }
}

/// Renders a template into a response with that status.
pub fn html_response(
    language: Language,
    status: StatusCode,
    page: &impl Template,
) -> Result<Response, ApiError> {
    let text = page.render().map_err(|error| {
        tracing::error!(%error, "failed to render a page template");
        HttpError::InternalError
    })?;
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(VARY, HeaderValue::from_static("accept-language, cookie"));
    Ok(response)
}

/// Pages only read. Writes are form posts, which are authenticated like API requests.
impl AuthContext for PageContext {
    fn session(&self) -> Option<Mid> {
        self.viewer
    }

    fn csrf_matches(&self) -> bool {
        false
    }

    fn has_dede_user_id(&self) -> bool {
        self.viewer.is_some()
    }

    fn is_cross_site(&self) -> bool {
        self.client.is_cross_site()
    }
}
