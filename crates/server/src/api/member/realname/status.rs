//! `GET /x/member/realname/status`: whether one's real name is verified.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::member::realname::status::{Data, RealnameStatus};
use guanxi_domain::realname;
use guanxi_storage::Store;
use guanxi_storage::row::Realname;

/// Tells whether it is.
pub async fn status(
    app: App,
    ApiRequest { who: me, .. }: ApiRequest<RealnameStatus>,
) -> Result<Data, ApiError> {
    let realname: Option<Realname> = app.store.get(me).await?;
    Ok(Data { status: u8::from(realname::verified(realname.as_ref().map(|row| &row.standing))) })
}
