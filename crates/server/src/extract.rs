//! Extraction of a request, in the order in which rejections take precedence (D4). A member's request: body, session,
//! csrf, parameters. An operator's request: token, role, body, parameters.

use crate::app::App;
use crate::auth::operator_token::{TokenAuth, bearer_token};
use crate::http::client_info::ClientInfo;
use crate::http::cookies::request_cookie;
use crate::http::params::{self, RequestParams};
use crate::http::response::ApiError;
use crate::log_throttle::LogThrottle;
use crate::session_token::Token;
use axum::body::Body;
use axum::extract::Request;
use guanxi_api::Endpoint;
use guanxi_api::auth::{Auth, AuthContext, AuthRequirement};
use guanxi_api::endpoint::{EncodedParams, ParamLocation};
use guanxi_api::params::Params;
use guanxi_domain::day;
use guanxi_storage::Store;
use guanxi_storage::commands::GrantDailyLogin;
use guanxi_types::{ErrorCode, Mid};
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

/// Reads a request, authenticates its caller and decodes its parameters.
pub async fn authenticate<E: Endpoint>(app: &App, request: Request) -> Result<ApiRequest<E>, ApiError> {
    let (parts, body) = request.into_parts();
    if let AuthRequirement::Operator(_) = E::Auth::REQUIREMENT {
        // Boxed, so that the futures of members' requests do not contain it.
        return Box::pin(authenticate_operator(app, parts, body)).await;
    }
    let params = params::read_params(&parts, body, &app.limits).await?;
    authenticate_member(app, parts, params).await
}

async fn authenticate_operator<E: Endpoint>(
    app: &App,
    parts: Parts,
    body: Body,
) -> Result<ApiRequest<E>, ApiError> {
    let token = bearer_token(app, &parts.headers).await?;
    let caller = E::Auth::authenticate(&TokenAuth(&token))?;
    let params = if E::param_location() == ParamLocation::Json {
        let (limit, timeout) = (app.limits.operator_body_bytes, app.limits.body_timeout);
        let body = params::read_body(body, &parts.headers, limit, timeout).await?;
        E::decode(EncodedParams::Json(&body))?
    } else {
        let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        E::decode(EncodedParams::Pairs(&query))?
    };
    let client = ClientInfo::new(parts.headers, parts.extensions.get());
    Ok(ApiRequest { caller, params, now: app.now(), client })
}

/// Authenticates a member's request whose parameters were read already, and decodes them.
pub async fn authenticate_member<E: Endpoint>(
    app: &App,
    parts: Parts,
    request_params: RequestParams,
) -> Result<ApiRequest<E>, ApiError> {
    let now = app.now();
    let (mid, client) = identify_client(app, parts, now).await?;
    let params = &request_params.params;
    let caller = E::Auth::authenticate(&RequestAuth { mid, client: &client, params })?;
    if request_params.is_malformed() {
        return Err(ErrorCode::BadRequest.into());
    }
    Ok(ApiRequest { caller, params: E::decode(EncodedParams::Pairs(params))?, now, client })
}

/// Returns the client of a request, and the member of its session if the request has a valid one.
pub async fn identify_client(
    app: &App,
    mut parts: Parts,
    now: i64,
) -> Result<(Option<Mid>, ClientInfo), ApiError> {
    set_host_header(&mut parts);
    let mut client = ClientInfo::new(parts.headers, parts.extensions.get());
    let session = find_session(app, &client.headers, now).await?;
    let mid = session.map(|(mid, token)| {
        client.token = Some(token);
        mid
    });
    Ok((mid, client))
}

/// Copies the host of an HTTP/2 request from its URI to the `Host` header, which is optional in HTTP/2.
fn set_host_header(parts: &mut Parts) {
    let authority = parts.uri.authority().map(|authority| HeaderValue::try_from(authority.as_str()));
    if let Some(Ok(host)) = authority {
        parts.headers.insert(HOST, host);
    }
}

/// Returns the unexpired session of a request's cookie. The first request of a day grants the reward of the daily
/// login (D27).
async fn find_session(app: &App, headers: &HeaderMap, now: i64) -> Result<Option<(Mid, Token)>, ApiError> {
    let Some(token) = request_cookie(headers, "SESSDATA").map(Token::from_text) else {
        return Ok(None);
    };
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

/// The facts of a request on which its authentication depends.
struct RequestAuth<'a> {
    mid: Option<Mid>,
    client: &'a ClientInfo,
    params: &'a Params,
}

impl AuthContext for RequestAuth<'_> {
    fn session(&self) -> Option<Mid> {
        self.mid
    }

    fn csrf_matches(&self) -> bool {
        let given = self.params.get_raw("csrf").or_else(|| self.params.get_raw("csrf_token"));
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
}
