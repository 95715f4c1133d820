//! `GET /x/member/realname/apply/status`: how one's application stands.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::member::realname::apply::status::{ApplyStatus, Data};
use guanxi_domain::{mask, realname};
use guanxi_storage::Store;
use guanxi_storage::row::Realname;
use guanxi_storage::vault::Field;

/// Tells the application, its private parts masked (D30, D31).
pub async fn status(app: App, ApiRequest { who: me, .. }: ApiRequest<ApplyStatus>) -> Result<Data, ApiError> {
    let row: Option<Realname> = app.store.get(me).await?;
    let (status, remark) = realname::told(row.as_ref().map(|row| &row.standing));
    let name = app.vault.open_any(Field::Name, me, row.as_ref().and_then(|row| row.name.as_ref()))?;
    let card = app.vault.open_any(Field::Card, me, row.as_ref().and_then(|row| row.card.as_ref()))?;
    Ok(Data {
        status,
        remark: remark.to_owned(),
        realname: mask::name(&name.unwrap_or_default()),
        card: mask::card(&card.unwrap_or_default()),
        card_type: row.as_ref().map_or(0, |row| row.card_type),
    })
}
