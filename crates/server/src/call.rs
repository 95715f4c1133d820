//! A request is admitted: cookies, session, csrf, parameters, in the order in which refusals win (D4).

use crate::answer::ApiError;
use crate::app::App;
use crate::cookie::cookie;
use crate::form::{self, RequestParams};
use crate::log_throttle::LogThrottle;
use crate::sender::ClientInfo;
use crate::session::Token;
use axum::extract::Request;
use guanxi_api::Endpoint;
use guanxi_api::auth::{Auth, AuthContext};
use guanxi_api::params::Params;
use guanxi_domain::day;
use guanxi_storage::Store;
use guanxi_storage::command::GrantDailyLogin;
use guanxi_types::{ErrorCode, Mid};
use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

/// A request that was admitted.
#[derive(Debug)]
pub struct ApiRequest<E: Endpoint> {
    /// Who calls.
    pub who: <E::Auth as Auth>::Caller,
    /// What is asked.
    pub req: E,
    /// When, in seconds.
    pub now: i64,
    /// Who sends it.
    pub sender: ClientInfo,
}

/// Admits a request, or tells why not.
pub async fn admit<E: Endpoint>(app: &App, request: Request) -> Result<ApiRequest<E>, ApiError> {
    let (parts, body) = request.into_parts();
    let form = form::read(&parts, body, &app.limits).await?;
    admit_form(app, parts, form).await
}

/// Admits a request whose parameters were read.
pub async fn admit_form<E: Endpoint>(
    app: &App,
    parts: Parts,
    form: RequestParams,
) -> Result<ApiRequest<E>, ApiError> {
    let now = app.now();
    let (me, sender) = sent(app, parts, now).await?;
    let who = E::Auth::admit(&Caller { me, sender: &sender, params: &form.params })?;
    if form.is_malformed() {
        return Err(ErrorCode::BadRequest.into());
    }
    Ok(ApiRequest { who, req: E::read(&form.params)?, now, sender })
}

/// Who sends a request, and as which member.
pub async fn sent(app: &App, mut parts: Parts, now: i64) -> Result<(Option<Mid>, ClientInfo), ApiError> {
    name_host(&mut parts);
    let mut sender = ClientInfo::new(parts.headers, parts.extensions.get());
    let login = login(app, &sender.headers, now).await?;
    let me = login.map(|(me, token)| {
        sender.token = Some(token);
        me
    });
    Ok((me, sender))
}

/// HTTP/2 names the host in the address, and need not in a header.
fn name_host(parts: &mut Parts) {
    let authority = parts.uri.authority().map(|authority| HeaderValue::try_from(authority.as_str()));
    if let Some(Ok(host)) = authority {
        parts.headers.insert(HOST, host);
    }
}

/// The live session that a request names. The first request of a day made with one is that day's login (D27).
async fn login(app: &App, headers: &HeaderMap, now: i64) -> Result<Option<(Mid, Token)>, ApiError> {
    let Some(token) = cookie(headers, "SESSDATA").map(|text| Token::said(&text)) else { return Ok(None) };
    let found = app.store.session(token.hash(), day::of(now)).await?;
    let Some((session, visited)) = found.filter(|(session, _)| session.expires > now) else {
        return Ok(None);
    };
    let me = session.mid;
    if !visited {
        // What could not be given is given with a later request of the day; this one need not fail for it.
        if let Err(error) = app.store.run(GrantDailyLogin { me, now }).await {
            static THROTTLE: LogThrottle = LogThrottle::new();
            if let Some(occurrences) = THROTTLE.count() {
                tracing::error!(%error, occurrences, "a day's login could not be written");
            }
        }
    }
    Ok(Some((me, token)))
}

struct Caller<'a> {
    me: Option<Mid>,
    sender: &'a ClientInfo,
    params: &'a Params,
}

impl AuthContext for Caller<'_> {
    fn session(&self) -> Option<Mid> {
        self.me
    }

    fn csrf(&self) -> bool {
        let given = self.params.first("csrf").or_else(|| self.params.first("csrf_token"));
        given.zip(self.sender.token.as_ref()).is_some_and(|(given, token)| token.has_csrf(given))
    }

    fn has_dede_user_id(&self) -> bool {
        // A number that is 0 however it is written: no text but zeros is one.
        cookie(&self.sender.headers, "DedeUserID").is_some_and(|text| text.bytes().any(|byte| byte != b'0'))
    }

    fn cross_site(&self) -> bool {
        self.sender.is_cross_site()
    }
}
