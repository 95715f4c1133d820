//! `POST /operator/member/coins`: coins that come or go.

use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::OperatorRequest;
use guanxi_api::operator::member::coins::{Data, Pay};
use guanxi_domain::value;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{self, Audited};
use guanxi_types::Coins;

/// The most that may come or go at once.
const MOST: Coins = Coins::whole(1_000_000);

/// Pays a member.
pub async fn coins(
    app: App,
    OperatorRequest { by, req, now }: OperatorRequest<Pay>,
) -> Result<Data, OperatorError> {
    let Pay { mid, delta, reason, id } = req;
    if delta > MOST || delta < -MOST || delta == Coins::ZERO {
        return Err(OperatorError::Wrong("delta is not 0, and at most 1000000 either way".to_owned()));
    }
    value::REASON.hold("reason", &reason).map_err(OperatorError::invalid)?;
    let deed = operate::Pay { mid, delta, reason, id, remember: app.limits.event_age };
    let (coins, counted) = app.store.run(Audited { by, now, deed }).await?;
    Ok(Data { coins, counted })
}
