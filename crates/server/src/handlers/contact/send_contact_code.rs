//! `POST /passport/contact/code`: sends a code to the caller's phone or mail address.

use super::kind_of;
use crate::app::App;
use crate::auth::contact_codes;
use crate::auth::rate_limit::member_bucket_key;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::contact::send_contact_code::SendContactCode;
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_storage::model::Account;
use guanxi_types::ErrorCode;

/// Sends a code to a contact of the caller.
pub async fn send_contact_code(
    app: App,
    ApiRequest { caller: me, params, now, client }: ApiRequest<SendContactCode>,
) -> Result<(), ApiError> {
    let contact = kind_of(params.contact);
    let account = app.store.get(me).await?.unwrap_or(Account::new(me));
    let address = contact.decrypt(&app.cipher, &account)?.ok_or(ErrorCode::NothingToVerify)?;
    let to = contact_codes::contact_key(&app, contact, &address);
    contact_codes::count_request(&app, &client, &[to, member_bucket_key(b"code", me)], now).await?;
    Ok(app.store.run(commands::SendContactCode { me, contact, outbox: app.outbox(&client, now) }).await?)
}
