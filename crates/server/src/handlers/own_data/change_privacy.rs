//! `POST /passport/privacy`: changes who may see the caller's lists.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::to_api;
use guanxi_api::own_data::change_privacy::ChangePrivacy;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Changes the audiences of the caller's lists.
pub async fn change_privacy(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<ChangePrivacy>,
) -> Result<(), ApiError> {
    let ChangePrivacy { followings, followers } = params;
    let [followings, followers] =
        [followings, followers].map(|audience| audience.map(to_api::stored_audience));
    Ok(app.store.run(commands::ChangePrivacy { me, followings, followers }).await?)
}
