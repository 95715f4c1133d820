//! `GET /x/member/web/login/log`: the latest logins of the caller.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::to_api;
use guanxi_api::login::get_login_log::{Data, Entry, GetLoginLog};
use guanxi_domain::{day, mask};
use guanxi_storage::Store;
use guanxi_storage::model::LoginRow;

/// Returns the caller's login attempts of the last days, including failed ones (D35).
pub async fn get_login_log(
    app: App,
    ApiRequest { caller: me, now, .. }: ApiRequest<GetLoginLog>,
) -> Result<Data, ApiError> {
    let since = day::days_before(now, app.limits.login_log_days);
    let rows = app.store.login_log(me, since, app.limits.log_entries).await?;
    let list: Vec<Entry> = rows.iter().filter(|row| row.time <= now).map(entry).collect();
    Ok(Data { count: list.len(), list })
}

fn entry(row: &LoginRow) -> Entry {
    Entry {
        ip: mask::mask_ip_in_log(row.ip),
        time: row.time,
        time_at: day::format_time(row.time),
        status: row.success,
        r#type: to_api::login_type(row.method),
        geo: format!("{}{}", row.location, row.isp),
    }
}
