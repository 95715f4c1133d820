//! `POST /passport/steps/dismiss`: dismisses the first steps.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::dismiss_first_steps::DismissFirstSteps;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Dismisses the first steps of the caller.
pub async fn dismiss_first_steps(
    app: App,
    ApiRequest { caller: me, .. }: ApiRequest<DismissFirstSteps>,
) -> Result<(), ApiError> {
    Ok(app.store.run(commands::DismissFirstSteps(me)).await?)
}
