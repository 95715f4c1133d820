//! `POST /passport/mail`: changes the caller's mail address.

use crate::app::App;
use crate::auth::password_check::authorize_contact_change;
use crate::extract::ApiRequest;
use crate::handlers::login::sign_up;
use crate::http::response::ApiError;
use guanxi_api::account::change_mail::ChangeMail;
use guanxi_storage::Store;
use guanxi_storage::commands::{ChangeContact, ContactKind};
use std::sync::Arc;

/// Changes the caller's mail address after a check of the password.
pub async fn change_mail(
    app: App,
    ApiRequest { caller: me, params, now, client }: ApiRequest<ChangeMail>,
) -> Result<(), ApiError> {
    let mail = sign_up::normalize_mail(params.mail)?;
    authorize_contact_change(&app, &client, me, params.password, now).await?;
    let cipher = Arc::clone(&app.cipher);
    Ok(app.store.run(ChangeContact { me, kind: ContactKind::Mail, value: mail, cipher }).await?)
}
