//! `POST /passport/tel`: changes the caller's phone.

use crate::app::App;
use crate::auth::contact_codes;
use crate::auth::password_check::authorize_contact_change;
use crate::extract::ApiRequest;
use crate::handlers::login::sign_up;
use crate::http::response::ApiError;
use guanxi_api::account::change_tel::ChangeTel;
use guanxi_storage::Store;
use guanxi_storage::commands::{ChangeContact, ContactKind};

/// Changes the caller's phone after a check of the password.
pub async fn change_tel(
    app: App,
    ApiRequest { caller: me, params, now, client }: ApiRequest<ChangeTel>,
) -> Result<(), ApiError> {
    let tel = sign_up::normalize_tel(params.tel)?;
    authorize_contact_change(&app, &client, me, params.password, now).await?;
    contact_codes::count_change(&app, &client, ContactKind::Tel, tel.as_deref(), now).await?;
    let outbox = app.outbox(&client, now);
    Ok(app.store.run(ChangeContact { me, kind: ContactKind::Tel, value: tel, outbox }).await?)
}
