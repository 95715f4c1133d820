//! `POST /passport/remark`: sets the caller's remark on a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_api::relations::set_remark::SetRemark;
use guanxi_domain::value::MEMBER_REMARK;
use guanxi_storage::Store;
use guanxi_storage::commands;
use std::sync::Arc;

/// Sets or deletes the caller's remark on a member.
pub async fn set_remark(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<SetRemark>,
) -> Result<(), ApiError> {
    let text = params.remark.map(|remark| remark.0.trim().to_owned()).filter(|text| !text.is_empty());
    if !text.as_deref().is_none_or(|text| MEMBER_REMARK.is_valid(text)) {
        let reason = InvalidValue("has not 1 to 20 visible characters");
        return Err(BadParam { name: "remark", reason }.into());
    }
    let (them, limit, cipher) = (params.mid, app.limits.max_remarks, Arc::clone(&app.cipher));
    Ok(app.store.run(commands::SetRemark { me, them, text, limit, cipher }).await?)
}
