//! What a page says of the form that was just sent: it was done, or why not.

use crate::answer::ApiError;
use axum::response::Response;
use guanxi_api::param::BadParam;
use guanxi_api::params::Params;
use guanxi_types::{ErrorCode, HttpError};
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};

/// Carries across the redirect of a form which one was done: its path, and nothing of anybody.
pub const COOKIE: &str = "said";

/// What is said, and what was typed.
#[derive(Clone, Debug)]
pub struct Flash {
    /// The words.
    pub text: String,
    /// Whether it was done.
    pub done: bool,
    /// The status of the page that says it.
    pub status: StatusCode,
    typed: Params,
}

impl Flash {
    /// That the form of a path was done; none if there is nothing to say that the page does not show.
    pub fn done(path: &str) -> Option<Flash> {
        let (_, text) = DONE.iter().find(|(of, _)| *of == path)?;
        Some(Flash { text: (*text).to_owned(), done: true, status: StatusCode::OK, typed: Params::default() })
    }

    /// Why something was not done, in words.
    pub fn failed(text: String, status: StatusCode, typed: Params) -> Flash {
        Flash { text, done: false, status, typed }
    }

    /// Why a form was not done.
    pub fn refused(reject: &ApiError, typed: Params) -> Flash {
        Flash::failed(words(reject), status(reject), typed)
    }

    /// What stood in a field. What is secret is typed again: it is in no page.
    pub fn typed(&self, name: &'static str) -> Option<String> {
        self.typed.first(name)?;
        self.typed.read(name).ok()
    }
}

/// What is said of forms that were done, by the path of their endpoint.
const DONE: [(&str, &str); 27] = [
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

/// That a form was done, for the page that the browser asks for next. Of a tie it is said what was done to it.
pub fn remember(response: &mut Response, path: &'static str, typed: &Params) {
    let act = typed.first("act").and_then(|act| std::str::from_utf8(act).ok()).unwrap_or_default();
    let with_act = format!("{path}?act={act}");
    if let Some((done, _)) = DONE.iter().find(|(of, _)| *of == path || *of == with_act) {
        set(response, &format!("{COOKIE}={done}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict"));
    }
}

/// That it was said.
pub fn forget(response: &mut Response) {
    set(response, &format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"));
}

fn set(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Why something was refused, in words for whom it was refused.
pub fn words(reject: &ApiError) -> String {
    match reject {
        ApiError::Code(code) => format!("{}{}", code.message(), what_to_do(*code)),
        ApiError::Later(code, seconds) => format!("{}（{}后再试）", code.message(), after(*seconds)),
        ApiError::BadParam(BadParam { name: "fids", .. }) => "请先勾选要分组的人".to_owned(),
        ApiError::BadParam(BadParam { name: "tagids", .. }) => {
            "请先选择分组；默认分组不能和别的一起选".to_owned()
        }
        ApiError::BadParam(BadParam { name: "tel", .. }) => {
            "手机号不对：5 到 15 位数字，前面可以有 + 和国家代码".to_owned()
        }
        ApiError::BadParam(BadParam { name, .. }) => match label(name) {
            Some(label) => format!("{label}没有填写，或者格式不对"),
            None => format!("{}：{name}", ErrorCode::BadRequest.message()),
        },
        ApiError::Fault(fault) => match fault {
            HttpError::Unavailable => "服务暂时不可用，没有任何改动，请稍后再试".to_owned(),
            HttpError::Broken => "服务器出错了，请稍后再看操作是否已经生效".to_owned(),
            HttpError::NotFound => "没有这个页面".to_owned(),
            fault => fault.message().to_owned(),
        },
    }
}

/// What the table of codes does not say, as programs need no telling.
fn what_to_do(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::BadCsrf => "：页面已过期，请刷新后再试一次",
        ErrorCode::Blocked => "，不能关注。请先解除拉黑，或者等待对方解除",
        ErrorCode::PastFivePages => "：别人的列表只能看前五页",
        ErrorCode::GroupNameTooLong => "：最多 16 个字",
        ErrorCode::SignTooLong => "：最多 70 个字",
        ErrorCode::BadName => "：1 到 16 个字，不能含有控制字符或空白开头",
        ErrorCode::BadPassword => "：长度不够，或者超过 128 个字符",
        _ => "",
    }
}

fn after(seconds: i64) -> String {
    match seconds {
        ..=59 => format!("{} 秒", seconds.max(1)),
        60..=3_599 => format!("{} 分钟", (seconds + 59) / 60),
        _ => format!("{} 小时", (seconds + 3_599) / 3_600),
    }
}

/// What a parameter is called on pages.
fn label(name: &str) -> Option<&'static str> {
    Some(match name {
        "account" => "账号",
        "uname" => "昵称",
        "password" | "old" => "密码",
        "new" => "新密码",
        "mail" => "邮箱",
        "question" => "密保问题",
        "answer" => "答案",
        "realname" => "姓名",
        "card" => "证件号码",
        "card_type" => "证件类型",
        "tag" | "name" => "分组名",
        "user_sign" => "签名",
        "fid" | "mid" | "vmid" => "用户",
        _ => return None,
    })
}

/// The status of a page that tells of a refusal.
pub fn status(reject: &ApiError) -> StatusCode {
    match reject {
        ApiError::Code(ErrorCode::NoMember | ErrorCode::NoGroup) => StatusCode::NOT_FOUND,
        ApiError::Code(ErrorCode::PastFivePages | ErrorCode::Forbidden | ErrorCode::BadCsrf) => {
            StatusCode::FORBIDDEN
        }
        ApiError::Code(_) | ApiError::BadParam(_) => StatusCode::UNPROCESSABLE_ENTITY,
        ApiError::Later(..) => StatusCode::TOO_MANY_REQUESTS,
        ApiError::Fault(fault) => fault.status(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_api::param::Malformed;

    #[test]
    fn words_for_people() {
        let cases = [
            (ApiError::Code(ErrorCode::NameTaken), "昵称已被使用"),
            (ApiError::Code(ErrorCode::PastFivePages), "访问超过5页：别人的列表只能看前五页"),
            (ApiError::Later(ErrorCode::TooManyTries, 0), "尝试次数过多，请稍后再试（1 秒后再试）"),
            (ApiError::Later(ErrorCode::TooManyTries, 61), "尝试次数过多，请稍后再试（2 分钟后再试）"),
            (ApiError::Later(ErrorCode::TooManyTries, 7_200), "尝试次数过多，请稍后再试（2 小时后再试）"),
            (
                ApiError::BadParam(BadParam { name: "mail", why: Malformed("is none") }),
                "邮箱没有填写，或者格式不对",
            ),
            (ApiError::BadParam(BadParam { name: "until", why: Malformed("is none") }), "请求错误：until"),
            (ApiError::Fault(HttpError::TooLarge), "请求体过大"),
        ];
        for (reject, told) in cases {
            assert_eq!(words(&reject), told);
        }
    }

    #[test]
    fn what_was_typed_comes_back_but_for_secrets() {
        let typed = Params::parse("uname=甲&password=x".as_bytes());
        let said = Flash::refused(&ApiError::Code(ErrorCode::NameTaken), typed);
        assert_eq!(said.typed("uname").as_deref(), Some("甲"));
        assert_eq!((said.typed("tel"), said.status), (None, StatusCode::UNPROCESSABLE_ENTITY));
    }

    #[test]
    fn a_cookie_says_nothing_but_what_is_known() {
        assert_eq!(Flash::done("/passport/logout").unwrap().text, "已退出登录");
        assert!(Flash::done("<b>").is_none());
    }
}
