//! `GET /passport/privacy`: who may see the caller's lists.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::to_api;
use guanxi_api::own_data::change_privacy::Audiences;
use guanxi_api::own_data::get_privacy::GetPrivacy;
use guanxi_storage::Store;
use guanxi_storage::model::Privacy;

/// Returns the audiences of the caller's lists.
pub async fn get_privacy(
    app: App,
    ApiRequest { caller: me, .. }: ApiRequest<GetPrivacy>,
) -> Result<Audiences, ApiError> {
    let privacy = app.store.get(me).await?.unwrap_or(Privacy::new(me));
    let [followings, followers] = [privacy.followings, privacy.followers].map(to_api::audience);
    Ok(Audiences { followings, followers })
}
