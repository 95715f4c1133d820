//! `GET /passport/leave`: the scheduled deletion of the caller's account.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::own_data::get_departure::GetDeparture;
use guanxi_api::own_data::leave::Departure;
use guanxi_storage::Store;
use guanxi_storage::model::Leaving;

/// Returns the time from which the caller's account is deleted.
pub async fn get_departure(
    app: App,
    ApiRequest { caller: me, .. }: ApiRequest<GetDeparture>,
) -> Result<Departure, ApiError> {
    let leaving = app.store.get::<Leaving>(me).await?;
    Ok(Departure { due: leaving.map_or(0, |leaving| leaving.due) })
}
