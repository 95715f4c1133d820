//! `GET /x/member/realname/apply/status`: how one's application stands.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_rules::{mask, realname};
use guanxi_store::Store;
use guanxi_store::row::Realname;
use guanxi_wire::api::member::realname::apply::status::{ApplyStatus, Data};

/// Tells the application, its private parts masked (D30, D31).
pub async fn status(app: App, Call { who: me, .. }: Call<ApplyStatus>) -> Result<Data, Reject> {
    let row: Option<Realname> = app.store.get(me).await?;
    let (status, remark) = realname::told(row.as_ref().map(|row| &row.standing));
    let (name, card, card_type) =
        row.as_ref().map_or(("", "", 0), |row| (&row.name, &row.card, row.card_type));
    Ok(Data {
        status,
        remark: remark.to_owned(),
        realname: mask::name(name),
        card: mask::card(card),
        card_type,
    })
}
