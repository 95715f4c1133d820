//! `POST /operator/member/coins`: credits or debits coins.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::members::adjust_coins::{AdjustCoins, Data};
use guanxi_domain::value;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};
use guanxi_types::Coins;

/// The largest amount of one request.
const MAX_AMOUNT: Coins = Coins::from_whole(1_000_000);

/// Credits or debits coins.
pub async fn adjust_coins(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<AdjustCoins>,
) -> Result<Data, ApiError> {
    let AdjustCoins { mid, delta, reason, id } = params;
    validate_payment(delta, &reason)?;
    let command =
        operator::AdjustCoins { mid, delta, reason, id, id_retention: app.limits.event_retention_secs };
    let (coins, counted) = app.store.run(Audited { by, now, command }).await?;
    Ok(Data { coins, counted })
}

/// Validates an amount and its reason.
pub(crate) fn validate_payment(delta: Coins, reason: &str) -> Result<(), ApiError> {
    if delta > MAX_AMOUNT || delta < -MAX_AMOUNT || delta == Coins::ZERO {
        return Err(ApiError::InvalidRequest(
            "delta must not be 0, and is at most 1000000 in either direction".to_owned(),
        ));
    }
    value::REASON.validate("reason", reason).map_err(ApiError::from_invalid_value)
}
