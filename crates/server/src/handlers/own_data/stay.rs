//! `POST /passport/leave/cancel`: cancels the deletion of the caller's account.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::own_data::stay::Stay;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Cancels the scheduled deletion of the caller's account.
pub async fn stay(app: App, ApiRequest { caller: me, .. }: ApiRequest<Stay>) -> Result<(), ApiError> {
    Ok(app.store.run(commands::Stay(me)).await?)
}
