//! `POST /passport/logout`: ends the session of the request.

use crate::app::App;
use crate::auth::login_session::expired_cookies;
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, ApiResponse};
use guanxi_api::login::log_out::LogOut;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Ends the session of the request, and expires its cookies.
pub async fn log_out(
    app: App,
    ApiRequest { caller: me, client, .. }: ApiRequest<LogOut>,
) -> Result<ApiResponse<()>, ApiError> {
    if let Some(token) = &client.token {
        app.store.run(commands::RevokeSession { me, id: token.id() }).await?;
    }
    Ok(ApiResponse::new((), expired_cookies(&app, &client)))
}
