//! `POST /passport/contact/verify`: verifies the caller's phone or mail address.

use super::kind_of;
use crate::app::App;
use crate::auth::contact_codes;
use crate::auth::rate_limit::member_bucket_key;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::contact::verify_contact::VerifyContact;
use guanxi_storage::Store;
use guanxi_storage::commands::ConfirmContact;
use guanxi_types::ErrorCode;

/// Verifies a contact of the caller.
pub async fn verify_contact(
    app: App,
    ApiRequest { caller: me, params, now, client }: ApiRequest<VerifyContact>,
) -> Result<(), ApiError> {
    let code = contact_codes::submitted(&app, &params.code, now)?;
    let failures = contact_codes::count_try(&app, &client, member_bucket_key(b"code try", me), now).await?;
    let contact = kind_of(params.contact);
    let is_right = app.store.run(ConfirmContact { me, contact, code, failures }).await?;
    if is_right { Ok(()) } else { Err(ErrorCode::WrongContactCode.into()) }
}
