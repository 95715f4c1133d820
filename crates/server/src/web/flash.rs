//! Flash messages: the result of a form, shown once on the next page.

use super::messages;
use crate::http::response::ApiError;
use axum::response::Response;
use guanxi_api::params::Params;
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};

/// Cookie that carries the result of a form across the redirect. Its value is the endpoint's path and contains no
/// personal data.
pub const COOKIE: &str = "flash";

/// A flash message, and the submitted fields for redisplay.
#[derive(Clone, Debug)]
pub struct Flash {
    /// Text of the message.
    pub message: String,
    /// True if the form succeeded.
    pub is_success: bool,
    /// HTTP status of the page that shows the message.
    pub status: StatusCode,
    submitted: Params,
}

impl Flash {
    /// Returns the message for a successful form; `None` if the page itself shows the result.
    pub fn success(path: &str) -> Option<Flash> {
        let (_, message) = SUCCESS_MESSAGES.iter().find(|(endpoint, _)| *endpoint == path)?;
        Some(Flash {
            message: (*message).to_owned(),
            is_success: true,
            status: StatusCode::OK,
            submitted: Params::default(),
        })
    }

    /// Builds the message of a failure from its text.
    pub fn error(message: String, status: StatusCode, submitted: Params) -> Flash {
        Flash { message, is_success: false, status, submitted }
    }

    /// Builds the message of a rejected form.
    pub fn from_error(error: &ApiError, submitted: Params) -> Flash {
        Flash::error(messages::error_text(error), messages::error_status(error), submitted)
    }

    /// Returns the submitted value of a field. Templates never redisplay secret fields.
    pub fn submitted(&self, name: &'static str) -> Option<String> {
        self.submitted.get_raw(name)?;
        self.submitted.get(name).ok()
    }
}

/// Success messages by endpoint path.
const SUCCESS_MESSAGES: [(&str, &str); 27] = [
    ("/x/member/web/sign/update", "签名已提交"),
    ("/x/relation/modify?act=1", "已关注"),
    ("/x/relation/modify?act=2", "已取消关注"),
    ("/x/relation/modify?act=3", "已悄悄关注"),
    ("/x/relation/modify?act=4", "已取消悄悄关注"),
    ("/x/relation/modify?act=5", "已拉黑"),
    ("/x/relation/modify?act=6", "已移出黑名单"),
    ("/x/relation/modify?act=7", "已移除粉丝"),
    ("/x/relation/tag/create", "分组已创建"),
    ("/x/relation/tag/update", "分组已改名"),
    ("/x/relation/tag/del", "分组已删除，其中的人仍在关注列表里"),
    ("/x/relation/tags/addUsers", "分组已更新"),
    ("/passport/signup", "欢迎加入"),
    ("/passport/logout", "已退出登录"),
    ("/passport/password", "密码已修改，其他设备上的登录已全部退出"),
    ("/passport/tel", "手机号已更新"),
    ("/passport/mail", "邮箱已更新"),
    ("/passport/question", "密保问题已设置"),
    ("/passport/realname", "实名认证申请已提交，等待审核"),
    ("/passport/sessions/revoke", "该登录已退出"),
    ("/passport/qrcode/confirm", "已确认登录"),
    ("/operator/reviews/sign", "签名审核完成"),
    ("/operator/reviews/realname", "实名审核完成"),
    ("/operator/member/coins", "硬币已变更"),
    ("/operator/member/silence", "封禁状态已变更"),
    ("/operator/member/verify", "验证已记录"),
    ("/operator/member/sessions/revoke", "该用户的登录已全部退出"),
];

/// Sets the cookie for the page that the browser requests next. For a relation the message depends on the action.
pub fn set_cookie(response: &mut Response, path: &'static str, submitted: &Params) {
    let act = submitted.get_raw("act").and_then(|act| std::str::from_utf8(act).ok()).unwrap_or_default();
    let with_act = format!("{path}?act={act}");
    if let Some((endpoint, _)) =
        SUCCESS_MESSAGES.iter().find(|(endpoint, _)| *endpoint == path || *endpoint == with_act)
    {
        append_cookie(
            response,
            &format!("{COOKIE}={endpoint}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict"),
        );
    }
}

/// Expires the cookie, so that the message is shown once.
pub fn clear_cookie(response: &mut Response) {
    append_cookie(response, &format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"));
}

fn append_cookie(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_types::ErrorCode;

    #[test]
    fn submitted_field_is_returned() {
        let submitted = Params::parse("uname=甲&password=x".as_bytes());
        let flash = Flash::from_error(&ApiError::Code(ErrorCode::NameTaken), submitted);
        assert_eq!(flash.submitted("uname").as_deref(), Some("甲"));
        assert_eq!((flash.submitted("tel"), flash.status), (None, StatusCode::UNPROCESSABLE_ENTITY));
    }

    #[test]
    fn cookie_with_unknown_path_has_no_message() {
        assert_eq!(Flash::success("/passport/logout").unwrap().message, "已退出登录");
        assert!(Flash::success("<b>").is_none());
    }
}
