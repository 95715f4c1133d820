//! `GET /x/vip/web/user/info`: the VIP state of the caller.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::get_vip::{Data, GetVip};
use guanxi_storage::Store;
use guanxi_storage::model::Card;

/// Returns the VIP state of the caller.
pub async fn get_vip(app: App, ApiRequest { caller: me, .. }: ApiRequest<GetVip>) -> Result<Data, ApiError> {
    let vip = app.store.get(me).await?.unwrap_or(Card::new(me)).vip;
    Ok(Data {
        mid: me,
        vip_type: vip.kind,
        vip_status: vip.status,
        vip_due_date: vip.due_date,
        vip_pay_type: vip.pay_type,
        theme_type: vip.theme_type,
    })
}
