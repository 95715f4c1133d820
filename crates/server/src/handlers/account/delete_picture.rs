//! `POST /passport/face/delete`: removes the caller's picture.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::delete_picture::DeletePicture;
use guanxi_storage::Store;
use guanxi_storage::commands::ChangePicture;

/// Removes the caller's picture.
pub async fn delete_picture(
    app: App,
    ApiRequest { caller: me, .. }: ApiRequest<DeletePicture>,
) -> Result<(), ApiError> {
    Ok(app.store.run(ChangePicture { me, picture: None }).await?)
}
