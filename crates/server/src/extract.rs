//! Extraction of a request, in the order in which rejections take precedence (D4). A member's request: body, session,
//! csrf, parameters. An operator's request: token, role, body, parameters.

use crate::app::App;
use crate::auth::operator_token::bearer_token;
use crate::http::client_info::ClientInfo;
use crate::http::cookies::request_cookie;
use crate::http::params::{self, RequestParams};
use crate::http::response::ApiError;
use crate::limits::Limits;
use crate::log_throttle::LogThrottle;
use crate::session_token::Token;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use futures_util::future::join;
use guanxi_api::Endpoint;
use guanxi_api::auth::{Auth, AuthContext, AuthRequirement};
use guanxi_api::endpoint::{EncodedParams, ParamLocation};
use guanxi_api::params::Params;
use guanxi_domain::day;
use guanxi_storage::Store;
use guanxi_storage::commands::GrantDailyLogin;
use guanxi_storage::model::OperatorToken;
use guanxi_types::{ErrorCode, HttpError, Mid, Role};
use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

/// An authenticated request with valid parameters.
#[derive(Debug)]
pub struct ApiRequest<E: Endpoint> {
    /// The authenticated caller.
    pub caller: <E::Auth as Auth>::Caller,
    /// The parameters.
    pub params: E,
    /// The time of the request, in seconds since the Unix epoch.
    pub now: i64,
    /// The client that sent the request.
    pub client: ClientInfo,
}

impl<E: Endpoint> ApiRequest<E> {
    /// Authenticates the caller of an identified request, and decodes its parameters.
    pub fn decode(request: IdentifiedRequest) -> Result<ApiRequest<E>, ApiError> {
        let (caller, params) = request.decode()?;
        Ok(ApiRequest { caller, params, now: request.now, client: request.client })
    }
}

/// A request whose body was read and whose credentials were looked up. The access rule of the endpoint and its
/// parameters are not checked yet.
#[derive(Clone, Debug)]
pub struct IdentifiedRequest {
    credentials: Credentials,
    params: ReadParams,
    now: i64,
    client: ClientInfo,
}

/// The credentials of a request.
#[derive(Clone, Debug)]
enum Credentials {
    /// The member of the session, if there is one.
    Session(Option<Mid>),
    /// The record of the operator's token.
    Token(OperatorToken),
}

/// The parameters of a request, not decoded yet.
#[derive(Clone, Debug)]
enum ReadParams {
    Pairs(RequestParams),
    Json(Bytes),
}

impl IdentifiedRequest {
    /// Creates the request of an operator's form post.
    pub(crate) fn from_form(
        token: OperatorToken,
        form: RequestParams,
        now: i64,
        client: ClientInfo,
    ) -> IdentifiedRequest {
        let (credentials, params) = (Credentials::Token(token), ReadParams::Pairs(form));
        IdentifiedRequest { credentials, params, now, client }
    }

    /// Sets the session of a member's request.
    fn with_session(mut self, session: Option<(Mid, Token)>) -> IdentifiedRequest {
        self.credentials = Credentials::Session(session.as_ref().map(|(mid, _)| *mid));
        self.client.token = session.map(|(_, token)| token);
        self
    }

    /// Authenticates the caller, and decodes the parameters of an endpoint.
    pub(crate) fn decode<E: Endpoint>(&self) -> Result<(<E::Auth as Auth>::Caller, E), ApiError> {
        Ok((E::Auth::authenticate(self)?, E::decode(self.encoded_params()?)?))
    }

    /// Returns the parameters, or -400 if they have not the syntax of their type.
    fn encoded_params(&self) -> Result<EncodedParams<'_>, ApiError> {
        match (&self.params, &self.credentials) {
            (ReadParams::Json(body), _) => Ok(EncodedParams::Json(body)),
            (ReadParams::Pairs(pairs), _) if !pairs.is_malformed() => Ok(EncodedParams::Pairs(&pairs.params)),
            (ReadParams::Pairs(_), Credentials::Session(_)) => Err(ErrorCode::BadRequest.into()),
            (ReadParams::Pairs(_), Credentials::Token(_)) => Err(HttpError::BadRequest.into()),
        }
    }
}

/// Reads a request of an endpoint, and looks up its credentials.
pub async fn identify(
    app: &App,
    request: Request,
    auth: AuthRequirement,
    location: ParamLocation,
) -> Result<IdentifiedRequest, ApiError> {
    let (parts, body) = request.into_parts();
    if let AuthRequirement::Operator(roles) = auth {
        // Boxed, so that the futures of members' requests do not contain it.
        return Box::pin(identify_operator(app, parts, body, roles, location)).await;
    }
    let params = read_params(app, &parts, body, location).await?;
    identify_member(app, parts, params).await
}

/// Reads the parameters of a member's request. The body of an upload may be large, so it is only read for a member.
pub async fn read_params(
    app: &App,
    parts: &Parts,
    body: Body,
    location: ParamLocation,
) -> Result<RequestParams, ApiError> {
    if location != ParamLocation::Multipart {
        return Ok(params::read_params(parts, body, &app.limits).await?);
    }
    // Boxed, so that the futures of other requests do not contain it.
    Box::pin(read_upload(app, parts, body)).await
}

async fn read_upload(app: &App, parts: &Parts, body: Body) -> Result<RequestParams, ApiError> {
    let session = match session_token(&parts.headers) {
        Some(token) => find_session(app, token, app.now()).await?,
        None => None,
    };
    let limits = match session {
        Some(_) => {
            let (body_bytes, body_timeout) = (app.limits.upload_bytes, app.limits.upload_timeout);
            Limits { body_bytes, body_timeout, ..app.limits }
        }
        None => Limits { body_bytes: 0, ..app.limits },
    };
    let params = params::read_params(parts, body, &limits).await;
    if session.is_none() { Err(ErrorCode::NotLoggedIn.into()) } else { Ok(params?) }
}

async fn identify_operator(
    app: &App,
    parts: Parts,
    body: Body,
    roles: &[Role],
    location: ParamLocation,
) -> Result<IdentifiedRequest, ApiError> {
    let token = bearer_token(app, &parts.headers).await?;
    // The body of a caller without the role is not read.
    if !roles.contains(&token.role) {
        return Err(HttpError::Forbidden.into());
    }
    let params = if location == ParamLocation::Json {
        let (limit, timeout) = (app.limits.operator_body_bytes, app.limits.body_timeout);
        ReadParams::Json(params::read_body(body, &parts.headers, limit, timeout).await?)
    } else {
        let params = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        ReadParams::Pairs(RequestParams { params, malformed_body: false })
    };
    let client = ClientInfo::new(parts.headers, parts.extensions.get());
    Ok(IdentifiedRequest { credentials: Credentials::Token(token), params, now: app.now(), client })
}

/// Looks up the session of a member's request whose parameters were read already.
pub fn identify_member(
    app: &App,
    parts: Parts,
    params: RequestParams,
) -> impl Future<Output = Result<IdentifiedRequest, ApiError>> {
    let now = app.now();
    let identified = identify_client(app, parts, now);
    async move {
        let (mid, client) = identified.await?;
        let (credentials, params) = (Credentials::Session(mid), ReadParams::Pairs(params));
        Ok(IdentifiedRequest { credentials, params, now, client })
    }
}

/// Answers a member's read for the member whom its session had before, while the session is looked up. So both take
/// one round trip to a database. If the session has ended, the read is answered again.
pub async fn answer_while_identified<T, F>(
    app: &App,
    request: Request,
    answer: impl Fn(IdentifiedRequest) -> F,
) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    let (mut parts, body) = request.into_parts();
    let params = params::read_params(&parts, body, &app.limits).await?;
    set_host_header(&mut parts);
    let client = ClientInfo::new(parts.headers, parts.extensions.get());
    let (credentials, params) = (Credentials::Session(None), ReadParams::Pairs(params));
    let request = IdentifiedRequest { credentials, params, now: app.now(), client };
    let Some(token) = session_token(&request.client.headers) else { return answer(request).await };
    let Some(mid) = app.store.daily_logins().member(&token.hash(), day::date_at(request.now)) else {
        let session = find_session(app, token, request.now).await?;
        return answer(request.with_session(session)).await;
    };
    let expected = Some((mid, token.clone()));
    let session = find_session(app, token, request.now);
    let (session, response) = join(session, answer(request.clone().with_session(expected.clone()))).await;
    let session = session?;
    if session == expected { response } else { answer(request.with_session(session)).await }
}

/// Returns the client of a request, and the member of its session if the request has a valid one.
///
/// The head is consumed before the future begins, so that the futures of requests do not contain it.
pub fn identify_client(
    app: &App,
    mut parts: Parts,
    now: i64,
) -> impl Future<Output = Result<(Option<Mid>, ClientInfo), ApiError>> {
    set_host_header(&mut parts);
    let mut client = ClientInfo::new(parts.headers, parts.extensions.get());
    async move {
        let Some(token) = session_token(&client.headers) else { return Ok((None, client)) };
        let mid = find_session(app, token, now).await?.map(|(mid, token)| {
            client.token = Some(token);
            mid
        });
        Ok((mid, client))
    }
}

/// Returns the token of a request's cookie.
fn session_token(headers: &HeaderMap) -> Option<Token> {
    request_cookie(headers, "SESSDATA").map(Token::from_text)
}

/// Copies the host of an HTTP/2 request from its URI to the `Host` header, which is optional in HTTP/2.
fn set_host_header(parts: &mut Parts) {
    let authority = parts.uri.authority().map(|authority| HeaderValue::try_from(authority.as_str()));
    if let Some(Ok(host)) = authority {
        parts.headers.insert(HOST, host);
    }
}

/// Returns the unexpired session of a token. The first request of a day grants the reward of the daily login (D27).
async fn find_session(app: &App, token: Token, now: i64) -> Result<Option<(Mid, Token)>, ApiError> {
    let found = app.store.session(token.hash(), day::date_at(now)).await?;
    let Some((session, is_login_granted)) = found.filter(|(session, _)| session.expires > now) else {
        return Ok(None);
    };
    let me = session.mid;
    if !is_login_granted {
        // Boxed, so that the futures of the day's other requests do not contain it.
        let granted = Box::pin(app.store.run(GrantDailyLogin { me, now })).await;
        // A later request of the day retries a failed grant. This request does not fail for it.
        if let Err(error) = granted {
            static THROTTLE: LogThrottle = LogThrottle::new();
            if let Some(occurrences) = THROTTLE.count() {
                tracing::error!(%error, occurrences, "daily login reward failed, the next request retries it");
            }
        }
    }
    Ok(Some((me, token)))
}

impl AuthContext for IdentifiedRequest {
    fn session(&self) -> Option<Mid> {
        if let Credentials::Session(mid) = self.credentials { mid } else { None }
    }

    fn csrf_matches(&self) -> bool {
        let ReadParams::Pairs(RequestParams { params, .. }) = &self.params else { return false };
        let given = params.get_raw("csrf").or_else(|| params.get_raw("csrf_token"));
        given.zip(self.client.token.as_ref()).is_some_and(|(given, token)| token.has_csrf(given))
    }

    fn has_dede_user_id(&self) -> bool {
        // A text of zeros only, or no text, is the number 0, which is no member.
        request_cookie(&self.client.headers, "DedeUserID")
            .is_some_and(|text| text.bytes().any(|byte| byte != b'0'))
    }

    fn is_cross_site(&self) -> bool {
        self.client.is_cross_site()
    }

    fn operator(&self) -> Option<(&str, Role)> {
        match &self.credentials {
            Credentials::Token(token) => Some((&token.name, token.role)),
            Credentials::Session(_) => None,
        }
    }
}
