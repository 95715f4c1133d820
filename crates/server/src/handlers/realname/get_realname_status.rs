//! `GET /x/member/realname/status`: the verification status of the caller's real name.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::realname::get_realname_status::{Data, GetRealnameStatus};
use guanxi_domain::verification;
use guanxi_storage::Store;
use guanxi_storage::model::Realname;

/// Returns 1 if the real name is verified.
pub async fn get_realname_status(
    app: App,
    ApiRequest { caller: me, .. }: ApiRequest<GetRealnameStatus>,
) -> Result<Data, ApiError> {
    let realname: Option<Realname> = app.store.get(me).await?;
    Ok(Data { status: u8::from(verification::is_verified(realname.as_ref().map(|row| &row.status))) })
}
