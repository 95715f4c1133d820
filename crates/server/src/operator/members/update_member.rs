//! `POST /operator/member/update`: changes the record of a member.

use crate::app::App;
use crate::auth::password_check::NewPasswordInput;
use crate::auth::rate_limit::account_bucket_key;
use crate::extract::ApiRequest;
use crate::handlers::login::sign_up::{normalize_mail, normalize_tel};
use crate::http::response::ApiError;
use guanxi_api::operator::members::update_member::UpdateMember;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited, MemberPatch};
use guanxi_storage::commands::{ContactKind, NewPassword};
use guanxi_types::Secret;
use std::sync::Arc;

/// Merges the given parts into the record of a member.
pub async fn update_member(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<UpdateMember>,
) -> Result<(), ApiError> {
    let mut contacts = Vec::new();
    if params.tel.is_some() {
        contacts.push((ContactKind::Tel, normalize_tel(params.tel.map(Secret))?));
    }
    if params.mail.is_some() {
        contacts.push((ContactKind::Mail, normalize_mail(params.mail.map(Secret))?));
    }
    let password = match params.password {
        Some(password) => {
            Some((hash_new_password(&app, password, &[]).await?, account_bucket_key(Some(params.mid), "")))
        }
        None => None,
    };
    let patch = MemberPatch {
        card: params.card,
        profile: params.profile,
        account: params.account,
        growth: params.growth,
        upstat: params.upstat,
        contacts,
        password,
    };
    let command = operator::UpdateMember { mid: params.mid, patch, cipher: Arc::clone(&app.cipher) };
    app.store.run(Audited { by, now, command }).await?.map_err(ApiError::InvalidRequest)
}

/// Validates a new password, and returns its hash.
pub(super) async fn hash_new_password(
    app: &App,
    password: String,
    related_texts: &[&str],
) -> Result<NewPassword, ApiError> {
    NewPasswordInput::new(app, Secret(password))?
        .hash(app, app.password_hasher.acquire(None)?, related_texts)
        .await
}
