//! `POST /passport/signup`: somebody becomes a member.

use crate::answer::{ApiError, ApiResponse};
use crate::app::App;
use crate::arrival::{arrival, cookies, whence};
use crate::call::ApiRequest;
use crate::meter::Outcome;
use crate::prove::{NewPasswordInput, address_door, count, look};
use crate::settings::Signup;
use guanxi_api::api::passport::signup::{LoggedIn, SignUp};
use guanxi_api::param::{BadParam, Malformed, Secret};
use guanxi_domain::{contact, name};
use guanxi_storage::Store;
use guanxi_storage::command::{self, NewMember};
use guanxi_storage::row::LoginMethod;
use guanxi_types::ErrorCode;
use std::sync::Arc;

/// Makes a member, and logs them in.
pub async fn signup(
    app: App,
    ApiRequest { req, now, sender, .. }: ApiRequest<SignUp>,
) -> Result<ApiResponse<LoggedIn>, ApiError> {
    let (tel, mail) = (tel(req.tel)?, mail(req.mail)?);
    if app.signup == Signup::Closed {
        return Err(ErrorCode::SignupClosed.into());
    }
    let uname = app.reserved.refuse(name::check(&req.uname)?)?;
    let wanted = NewPasswordInput::read(&app, req.password)?;
    let from = sender.address(&app.trusted_proxies);
    let door = address_door(b"signup", from);
    look(&app, [door], now).await?;
    let place = app.passwords.place(Some(from))?;
    count(&app, vec![(door, app.limits.signups)], now).await?;
    let local = mail.as_deref().and_then(|mail| mail.split('@').next()).unwrap_or_default();
    let about = [uname.as_str(), tel.as_deref().unwrap_or_default(), local];
    let password = Some(wanted.keep(&app, place, &about).await?);
    let (token, arrival) = arrival(&app, &sender, LoginMethod::Password, whence(&app, &sender).await, now);
    let new = NewMember { mid: None, uname, userid: None, password, tel, mail };
    let vault = Arc::clone(&app.vault);
    let mid = app.store.run(command::SignUp { new, arrival, vault, now }).await?;
    app.meter.login(Outcome::Password);
    Ok(ApiResponse::with(LoggedIn { mid }, cookies(&app, &sender, mid, &token)))
}

/// A phone as it is kept; none if it is empty.
pub fn tel(given: Option<Secret>) -> Result<Option<String>, ApiError> {
    kept("tel", "is no phone", given, contact::phone)
}

/// A mail address as it is kept; none if it is empty.
pub fn mail(given: Option<Secret>) -> Result<Option<String>, ApiError> {
    kept("mail", "is no mail address", given, contact::mail)
}

fn kept(
    name: &'static str,
    why: &'static str,
    given: Option<Secret>,
    rule: fn(&str) -> Option<String>,
) -> Result<Option<String>, ApiError> {
    let given = given.filter(|given| !given.0.trim().is_empty());
    given
        .map(|given| rule(&given.0).ok_or(ApiError::BadParam(BadParam { name, why: Malformed(why) })))
        .transpose()
}
