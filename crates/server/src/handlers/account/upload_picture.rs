//! `POST /passport/face`: replaces the caller's picture.

use crate::app::App;
use crate::auth::rate_limit::{check_rate_limit, member_bucket_key};
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::upload_picture::UploadPicture;
use guanxi_storage::Store;
use guanxi_storage::commands::ChangePicture;

/// Replaces the caller's picture. Each attempt counts in the rate limit, since decoding is expensive.
pub async fn upload_picture(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<UploadPicture>,
) -> Result<(), ApiError> {
    check_rate_limit(&app, (member_bucket_key(b"picture", me), app.limits.pictures), now).await?;
    let picture = app.picture_encoder.encode(params.picture.0).await?;
    Ok(app.store.run(ChangePicture { me, picture: Some(picture) }).await?)
}
