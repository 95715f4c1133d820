//! `POST /passport/sex`: changes the caller's sex.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::to_api;
use guanxi_api::account::change_sex::ChangeSex;
use guanxi_storage::Store;
use guanxi_storage::commands::{ChangeProfile, ProfileField};

/// Changes the caller's sex.
pub async fn change_sex(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<ChangeSex>,
) -> Result<(), ApiError> {
    let field = ProfileField::Sex(to_api::stored_sex(params.sex));
    Ok(app.store.run(ChangeProfile { me, field }).await?)
}
