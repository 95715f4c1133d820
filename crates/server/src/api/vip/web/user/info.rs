//! `GET /x/vip/web/user/info`: one's VIP.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_api::api::vip::web::user::info::{Data, VipInfo};
use guanxi_storage::Store;
use guanxi_storage::row::Card;

/// Tells one's VIP.
pub async fn info(app: App, Call { who: me, .. }: Call<VipInfo>) -> Result<Data, Reject> {
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
