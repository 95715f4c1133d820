//! `GET /x/member/web/login/log`: one's logins of late.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::member::web::login::log::{Data, Entry, LoginLog};
use guanxi_domain::{day, mask};
use guanxi_storage::Store;
use guanxi_storage::row::{LoginMethod, LoginRow};

/// Tells one's logins of the last days, failures included (D35).
pub async fn log(app: App, ApiRequest { who: me, now, .. }: ApiRequest<LoginLog>) -> Result<Data, ApiError> {
    let since = day::days_before(now, app.limits.login_log_days);
    let rows = app.store.logins(me, since, app.limits.log).await?;
    let list: Vec<Entry> = rows.iter().filter(|row| row.time <= now).map(entry).collect();
    Ok(Data { count: list.len(), list })
}

fn entry(row: &LoginRow) -> Entry {
    Entry {
        ip: mask::ip_in_log(row.ip),
        time: row.time,
        time_at: day::time_at(row.time),
        status: row.ok,
        r#type: match row.how {
            LoginMethod::Password => 0,
            LoginMethod::Qr => 1,
        },
        geo: format!("{}{}", row.place, row.carrier),
    }
}
