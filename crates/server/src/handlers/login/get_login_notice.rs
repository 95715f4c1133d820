//! `GET /x/safecenter/login_notice`: the latest login of the caller from a device.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::login::get_login_notice::{Data, GetLoginNotice};
use guanxi_domain::{day, mask};
use guanxi_storage::Store;
use guanxi_storage::commands::device_hash;
use guanxi_storage::model::{LatestLogin, LoginMethod, LoginRow};
use guanxi_types::{ErrorCode, Mid};

/// Returns the latest successful login from a device, or from no device. Without such a login every text is empty
/// (D34).
pub async fn get_login_notice(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<GetLoginNotice>,
) -> Result<Data, ApiError> {
    if params.mid != me {
        return Err(ErrorCode::Forbidden.into());
    }
    let device = device_hash(&params.buvid.unwrap_or_default());
    let latest: Option<LatestLogin> = app.store.get((me, device)).await?;
    Ok(latest.map_or_else(|| empty_notice(me), |latest| notice(latest.login)))
}

fn notice(login: LoginRow) -> Data {
    let login_type = match login.method {
        LoginMethod::Password => "密码登录",
        LoginMethod::Qr => "扫码登录",
        LoginMethod::Passkey => "通行密钥登录",
    };
    Data {
        mid: login.mid,
        device_name: login.device,
        login_type: login_type.to_owned(),
        login_time: day::format_time(login.time),
        location: login.location,
        ip: mask::mask_ip_in_notice(login.ip),
    }
}

/// Returns the response for a device without a login.
fn empty_notice(mid: Mid) -> Data {
    let text = String::new;
    Data { mid, device_name: text(), login_type: text(), login_time: text(), location: text(), ip: text() }
}
