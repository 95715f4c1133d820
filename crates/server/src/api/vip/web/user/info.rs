//! `GET /x/vip/web/user/info`: one's VIP.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::vip::web::user::info::{Data, VipInfo};
use guanxi_storage::Store;
use guanxi_storage::row::Card;

/// Tells one's VIP.
pub async fn info(app: App, ApiRequest { who: me, .. }: ApiRequest<VipInfo>) -> Result<Data, ApiError> {
    let vip = app.store.get(me).await?.unwrap_or(Card::of(me)).vip;
    Ok(Data {
        mid: me,
        vip_type: vip.kind,
        vip_status: vip.status,
        vip_due_date: vip.due_date,
        vip_pay_type: vip.pay_type,
        theme_type: vip.theme_type,
    })
}
