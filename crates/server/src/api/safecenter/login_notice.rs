//! `GET /x/safecenter/login_notice`: one's latest login from a device.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::safecenter::login_notice::{Data, LoginNotice};
use guanxi_domain::{day, mask};
use guanxi_storage::Store;
use guanxi_storage::command::device;
use guanxi_storage::row::{LatestLogin, LoginMethod, LoginRow};
use guanxi_types::{ErrorCode, Mid};

/// Tells the latest successful login from a device, or from none; every text is empty if there was no such login (D34).
pub async fn login_notice(
    app: App,
    ApiRequest { who: me, req, .. }: ApiRequest<LoginNotice>,
) -> Result<Data, ApiError> {
    if req.mid != me {
        return Err(ErrorCode::Forbidden.into());
    }
    let device = device(&req.buvid.unwrap_or_default());
    let latest: Option<LatestLogin> = app.store.get((me, device)).await?;
    Ok(latest.map_or_else(|| none(me), |latest| notice(latest.login)))
}

fn notice(login: LoginRow) -> Data {
    let login_type = match login.how {
        LoginMethod::Password => "密码登录",
        LoginMethod::Qr => "扫码登录",
    };
    Data {
        mid: login.mid,
        device_name: login.device,
        login_type: login_type.to_owned(),
        login_time: day::time_at(login.time),
        location: login.place,
        ip: mask::ip_in_notice(login.ip),
    }
}

/// The answer where there was no such login.
fn none(mid: Mid) -> Data {
    let text = String::new;
    Data { mid, device_name: text(), login_type: text(), login_time: text(), location: text(), ip: text() }
}
