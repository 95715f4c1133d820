//! `POST /passport/mail`: changes the caller's mail address.

use crate::app::App;
use crate::auth::contact_codes;
use crate::auth::password_check::authorize_contact_change;
use crate::extract::ApiRequest;
use crate::handlers::login::sign_up;
use crate::http::response::ApiError;
use guanxi_api::account::change_mail::ChangeMail;
use guanxi_storage::Store;
use guanxi_storage::commands::{ChangeContact, ContactKind};

/// Changes the caller's mail address after a check of the password.
pub async fn change_mail(
    app: App,
    ApiRequest { caller: me, params, now, client }: ApiRequest<ChangeMail>,
) -> Result<(), ApiError> {
    let mail = sign_up::normalize_mail(params.mail)?;
    authorize_contact_change(&app, &client, me, params.password, now).await?;
    contact_codes::count_change(&app, &client, ContactKind::Mail, mail.as_deref(), now).await?;
    let outbox = app.outbox(&client, now);
    Ok(app.store.run(ChangeContact { me, kind: ContactKind::Mail, value: mail, outbox }).await?)
}
