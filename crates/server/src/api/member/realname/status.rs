//! `GET /x/member/realname/status`: whether one's real name is verified.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_api::api::member::realname::status::{Data, RealnameStatus};
use guanxi_domain::realname;
use guanxi_storage::Store;
use guanxi_storage::row::Realname;

/// Tells whether it is.
pub async fn status(app: App, Call { who: me, .. }: Call<RealnameStatus>) -> Result<Data, Reject> {
    let realname: Option<Realname> = app.store.get(me).await?;
    Ok(Data { status: u8::from(realname::verified(realname.as_ref().map(|row| &row.standing))) })
}
