//! A request is admitted: cookies, session, csrf, parameters, in the order in which refusals win (D4).

use crate::answer::Reject;
use crate::app::App;
use crate::cookie::cookie;
use crate::form::{self, Form};
use crate::session::Token;
use axum::extract::Request;
use guanxi_rules::day;
use guanxi_store::Store;
use guanxi_store::command::Visit;
use guanxi_store::row::{RewardRow, Session};
use guanxi_wire::auth::{Auth, Visitor};
use guanxi_wire::param::Param;
use guanxi_wire::params::Params;
use guanxi_wire::{Code, Endpoint, Mid};
use http::HeaderMap;

/// A request that was admitted.
#[derive(Debug)]
pub struct Call<E: Endpoint> {
    /// Who calls.
    pub who: <E::Auth as Auth>::Who,
    /// What is asked.
    pub req: E,
    /// When, in seconds.
    pub now: i64,
}

/// Admits a request, or tells why not.
pub async fn admit<E: Endpoint>(app: &App, request: Request) -> Result<Call<E>, Reject> {
    let (parts, body) = request.into_parts();
    let now = app.now();
    let Form { params, broken } = form::read(&parts, body, &app.limits).await?;
    let login = login(app, &parts.headers, now).await?;
    let who = E::Auth::admit(&Caller { login, headers: &parts.headers, params: &params })?;
    if broken {
        return Err(Code::BadRequest.into());
    }
    Ok(Call { who, req: E::read(&params)?, now })
}

/// The live session that a request names. The first request of a day made with one is that day's login (D27).
async fn login(app: &App, headers: &HeaderMap, now: i64) -> Result<Option<(Mid, Token)>, Reject> {
    let Some(token) = cookie(headers, "SESSDATA").map(|text| Token::said(&text)) else { return Ok(None) };
    let session: Option<Session> = app.store.get(token.hash()).await?;
    let Some(me) = session.filter(|session| session.expires > now).map(|session| session.mid) else {
        return Ok(None);
    };
    let today: Option<RewardRow> = app.store.get((me, day::of(now))).await?;
    if !today.is_some_and(|today| today.given.login) {
        // What could not be given is given with a later request of the day; this one need not fail for it.
        if let Err(error) = app.store.run(Visit { me, now }).await {
            tracing::error!(%error, "a day's login could not be written");
        }
    }
    Ok(Some((me, token)))
}

struct Caller<'a> {
    login: Option<(Mid, Token)>,
    headers: &'a HeaderMap,
    params: &'a Params,
}

impl Visitor for Caller<'_> {
    fn session(&self) -> Option<Mid> {
        self.login.as_ref().map(|(me, _)| *me)
    }

    fn csrf(&self) -> bool {
        let given = self.params.first("csrf").or_else(|| self.params.first("csrf_token"));
        given.zip(self.login.as_ref()).is_some_and(|(given, (_, token))| token.has_csrf(given))
    }

    fn dede_user_id(&self) -> Option<Mid> {
        cookie(self.headers, "DedeUserID").and_then(|text| Mid::parse(&text).ok())
    }
}
