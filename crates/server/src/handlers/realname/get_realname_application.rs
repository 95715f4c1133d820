//! `GET /x/member/realname/apply/status`: the caller's application for real-name verification.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::realname::get_realname_application::{Data, GetRealnameApplication};
use guanxi_domain::{mask, verification};
use guanxi_storage::Store;
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::Realname;

/// Returns the application, with masked private fields (D30, D31).
pub async fn get_realname_application(
    app: App,
    ApiRequest { caller: me, .. }: ApiRequest<GetRealnameApplication>,
) -> Result<Data, ApiError> {
    let row: Option<Realname> = app.store.get(me).await?;
    let (status, remark) = verification::status_and_remark(row.as_ref().map(|row| &row.status));
    let name = app.cipher.decrypt_optional(
        SensitiveField::Name,
        me,
        row.as_ref().and_then(|row| row.name.as_ref()),
    )?;
    let card = app.cipher.decrypt_optional(
        SensitiveField::Card,
        me,
        row.as_ref().and_then(|row| row.card.as_ref()),
    )?;
    Ok(Data {
        status,
        remark: remark.to_owned(),
        realname: mask::mask_name(&name.unwrap_or_default()),
        card: mask::mask_card_number(&card.unwrap_or_default()),
        card_type: row.as_ref().map_or(0, |row| row.card_type),
    })
}
