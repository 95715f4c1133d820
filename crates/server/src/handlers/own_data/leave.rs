//! `POST /passport/leave`: schedules the deletion of the caller's account.

use crate::app::App;
use crate::auth::fresh_proof::require_proof_and_refund;
use crate::auth::login_session::expired_cookies;
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, ApiResponse};
use guanxi_api::own_data::leave::{Departure, Leave};
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Schedules the deletion of the caller's account, ends its sessions, and expires the cookies.
pub async fn leave(
    app: App,
    ApiRequest { caller: me, params, client, now }: ApiRequest<Leave>,
) -> Result<ApiResponse<Departure>, ApiError> {
    if params.mid != me {
        return Err(BadParam { name: "mid", reason: InvalidValue("is not the caller's") }.into());
    }
    require_proof_and_refund(&app, &client, me, params.password, now).await?;
    let due = now.saturating_add(app.limits.leave_secs);
    let due = app.store.run(commands::Leave { me, due, now }).await?;
    Ok(ApiResponse::new(Departure { due }, expired_cookies(&app, &client)))
}
