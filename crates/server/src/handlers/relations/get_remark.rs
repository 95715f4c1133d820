//! `GET /passport/remark`: the caller's remark on a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::remarks::Remarks;
use guanxi_api::relations::get_remark::{Data, GetRemark};

/// Returns the caller's remark on a member.
pub async fn get_remark(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<GetRemark>,
) -> Result<Data, ApiError> {
    let remarks = Remarks::on(&app, Some(me), [params.mid]).await?;
    Ok(Data { remark: remarks.get(params.mid)?.unwrap_or_default() })
}
