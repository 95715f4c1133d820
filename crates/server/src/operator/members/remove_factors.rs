//! `POST /operator/member/factors/remove`: removes the second factors of a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::members::remove_factors::RemoveFactors;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};

/// Removes the second factors of a member.
pub async fn remove_factors(
    app: App,
    ApiRequest { caller: by, params, client, now }: ApiRequest<RemoveFactors>,
) -> Result<(), ApiError> {
    let command = operator::RemoveFactors { mid: params.mid, outbox: app.outbox(&client, now) };
    Ok(app.store.run(Audited { by, now, command }).await?)
}
