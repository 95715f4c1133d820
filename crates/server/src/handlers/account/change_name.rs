//! `POST /passport/name`: changes the caller's name.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::change_name::ChangeName;
use guanxi_domain::name;
use guanxi_domain::rate_limit::Decision;
use guanxi_storage::{Store, commands};
use guanxi_types::ErrorCode;
use std::sync::Arc;

/// Changes the caller's name, or submits it for a review.
pub async fn change_name(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<ChangeName>,
) -> Result<(), ApiError> {
    let uname = app.reserved_names.check(name::normalize_name(&params.uname)?)?;
    let (interval, is_reviewed) = (app.limits.name_change_secs, app.limits.name_review);
    let cipher = Arc::clone(&app.cipher);
    let command = commands::ChangeName { me, uname, interval, is_reviewed, cipher, now };
    match app.store.run(command).await? {
        Decision::Allow => Ok(()),
        Decision::RetryAfter(seconds) => Err(ApiError::RetryAfter(ErrorCode::NameChangeTooSoon, seconds)),
    }
}
