//! `GET /passport/exp/log`: the caller's exp by day.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::list_exp_days::{Data, ExpDay, ListExpDays};
use guanxi_domain::day;
use guanxi_domain::reward::DAILY_TASK_EXP;
use guanxi_storage::Store;
use guanxi_storage::model::RewardRow;

/// Returns the exp that each day of a month gave the caller.
pub async fn list_exp_days(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<ListExpDays>,
) -> Result<Data, ApiError> {
    let month = params.month.unwrap_or(day::month_at(now));
    let rows = app.store.rewards(me, day::days_of(month)).await?;
    let list: Vec<ExpDay> = rows.iter().map(exp_day).collect();
    Ok(Data { month, total: list.iter().map(|day| day.total).sum(), list })
}

fn exp_day(row: &RewardRow) -> ExpDay {
    let task = |is_granted: bool| if is_granted { DAILY_TASK_EXP } else { 0 };
    let granted = &row.granted;
    ExpDay {
        day: row.day.to_string(),
        login: task(granted.login),
        watch: task(granted.watch),
        coins: granted.coins.into(),
        share: task(granted.share),
        other: row.other,
        total: row.other.saturating_add_unsigned(granted.exp()),
    }
}
