//! `POST /passport/logout`: one's session ends.

use crate::answer::{ApiError, ApiResponse};
use crate::app::App;
use crate::arrival::gone;
use crate::call::ApiRequest;
use guanxi_api::api::passport::logout::LogOut;
use guanxi_storage::Store;
use guanxi_storage::command::EndSession;

/// Ends the session that the request is made with.
pub async fn logout(
    app: App,
    ApiRequest { who: me, sender, .. }: ApiRequest<LogOut>,
) -> Result<ApiResponse<()>, ApiError> {
    if let Some(token) = &sender.token {
        app.store.run(EndSession { me, id: token.id() }).await?;
    }
    Ok(ApiResponse::with((), gone(&app, &sender)))
}
