//! `POST /passport/passkeys/rename`: renames a passkey.

use super::add_passkey::parse_label;
use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::factors::rename_passkey::RenamePasskey;
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_types::ErrorCode;

/// Renames a passkey of the caller.
pub async fn rename_passkey(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<RenamePasskey>,
) -> Result<(), ApiError> {
    let name = parse_label(&params.label)?;
    let id = passkey_id(params.passkey)?;
    Ok(app.store.run(commands::RenamePasskey { me, id, name }).await?)
}

/// Returns the id of a passkey, or 30115 if no passkey has such an id.
pub fn passkey_id(number: i64) -> Result<u32, ApiError> {
    Ok(u32::try_from(number).map_err(|_| ErrorCode::FactorNotFound)?)
}
