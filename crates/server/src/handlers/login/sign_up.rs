//! `POST /passport/signup`: registers a member.

use crate::app::App;
use crate::auth::contact_codes;
use crate::auth::login_session::{login_origin, new_session, session_cookies};
use crate::auth::password_check::NewPasswordInput;
use crate::auth::rate_limit::{address_bucket_key, check_lockout, consume_attempts};
use crate::config::Registration;
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, ApiResponse};
use crate::metrics::LoginOutcome;
use guanxi_api::login::sign_up::{LoggedIn, SignUp};
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_domain::{contact, name};
use guanxi_storage::Store;
use guanxi_storage::commands::{self, ContactKind, NewMember};
use guanxi_storage::model::LoginMethod;
use guanxi_types::{ErrorCode, Secret};

/// Registers a member, and logs them in.
pub async fn sign_up(
    app: App,
    ApiRequest { params, now, client, .. }: ApiRequest<SignUp>,
) -> Result<ApiResponse<LoggedIn>, ApiError> {
    let (tel, mail) = (normalize_tel(params.tel)?, normalize_mail(params.mail)?);
    if app.registration == Registration::Closed {
        return Err(ErrorCode::RegistrationClosed.into());
    }
    let uname = app.reserved_names.check(name::normalize_name(&params.uname)?)?;
    let input = NewPasswordInput::new(&app, params.password)?;
    let address = client.client_ip(&app.trusted_proxies);
    let bucket = address_bucket_key(b"signup", address);
    check_lockout(&app, [bucket], now).await?;
    let permit = app.password_hasher.acquire(Some(address))?;
    consume_attempts(&app, vec![(bucket, app.limits.registrations)], now).await?;
    contact_codes::count_change(&app, &client, ContactKind::Tel, tel.as_deref(), now).await?;
    contact_codes::count_change(&app, &client, ContactKind::Mail, mail.as_deref(), now).await?;
    let mail_local_part = mail.as_deref().and_then(|mail| mail.split('@').next()).unwrap_or_default();
    let related_texts = [uname.as_str(), tel.as_deref().unwrap_or_default(), mail_local_part];
    let password = Some(input.hash(&app, permit, &related_texts).await?);
    let origin = login_origin(&app, &client).await;
    let (token, session) = new_session(&app, &client, LoginMethod::Password, origin, None, now).await?;
    let new_member = NewMember { mid: None, uname, userid: None, password, tel, mail };
    let outbox = app.outbox(&client, now);
    let mid = app.store.run(commands::RegisterMember { new_member, session, outbox, now }).await?;
    app.metrics.count_login(LoginOutcome::Password);
    Ok(ApiResponse::new(LoggedIn { mid }, session_cookies(&app, &client, mid, &token)))
}

/// Returns the normalized phone. `None` if it is empty.
pub fn normalize_tel(text: Option<Secret>) -> Result<Option<String>, ApiError> {
    normalize_contact("tel", "is not a phone number", text, contact::normalize_phone)
}

/// Returns the normalized mail address. `None` if it is empty.
pub fn normalize_mail(text: Option<Secret>) -> Result<Option<String>, ApiError> {
    normalize_contact("mail", "is not a mail address", text, contact::normalize_mail)
}

fn normalize_contact(
    name: &'static str,
    error: &'static str,
    text: Option<Secret>,
    normalize: fn(&str) -> Option<String>,
) -> Result<Option<String>, ApiError> {
    let text = text.filter(|text| !text.0.trim().is_empty());
    text.map(|text| {
        normalize(&text.0).ok_or(ApiError::BadParam(BadParam { name, reason: InvalidValue(error) }))
    })
    .transpose()
}
