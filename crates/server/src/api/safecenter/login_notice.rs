//! `GET /x/safecenter/login_notice`: one's latest login from a device.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_rules::{day, mask};
use guanxi_store::Store;
use guanxi_store::command::device;
use guanxi_store::row::{How, LatestLogin};
use guanxi_wire::Code;
use guanxi_wire::api::safecenter::login_notice::{Data, LoginNotice};

/// Tells the latest successful login from a device, or from none (D34).
pub async fn login_notice(app: App, Call { who: me, req, .. }: Call<LoginNotice>) -> Result<Data, Reject> {
    if req.mid != me {
        return Err(Code::Forbidden.into());
    }
    let device = device(&req.buvid.unwrap_or_default());
    let latest: LatestLogin = app.store.get((me, device)).await?.ok_or(Code::NoMember)?;
    let login = latest.login;
    let login_type = match login.how {
        How::Password => "密码登录",
        How::Qr => "扫码登录",
    };
    Ok(Data {
        mid: me,
        device_name: login.device,
        login_type: login_type.to_owned(),
        login_time: day::time_at(login.time),
        location: login.place,
        ip: mask::ip_in_notice(login.ip),
    })
}
