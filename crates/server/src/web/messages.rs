//! Error texts and HTTP statuses of pages.

use crate::http::response::ApiError;
use guanxi_api::param::BadParam;
use guanxi_types::{ErrorCode, HttpError};
use http::StatusCode;

/// Returns the text of an error for the reader of the page.
pub fn error_text(error: &ApiError) -> String {
    match error {
        ApiError::Code(code) => format!("{}{}", code.message(), hint(*code)),
        ApiError::RetryAfter(code, seconds) => {
            format!("{}（{}后再试）", code.message(), format_wait(*seconds))
        }
        ApiError::BadParam(BadParam { name: "fids", .. }) => "请先勾选要分组的人".to_owned(),
        ApiError::BadParam(BadParam { name: "tagids", .. }) => {
            "请先选择分组；默认分组不能和别的一起选".to_owned()
        }
        ApiError::BadParam(BadParam { name: "tel", .. }) => {
            "手机号不对：5 到 15 位数字，前面可以有 + 和国家代码".to_owned()
        }
        ApiError::BadParam(BadParam { name, .. }) => match field_label(name) {
            Some(label) => format!("{label}没有填写，或者格式不对"),
            None => format!("{}：{name}", ErrorCode::BadRequest.message()),
        },
        ApiError::InvalidRequest(reason) => format!("{}：{reason}", ErrorCode::BadRequest.message()),
        ApiError::Http(error) => match error {
            HttpError::Unavailable => "服务暂时不可用，没有任何改动，请稍后再试".to_owned(),
            HttpError::InternalError => "服务器出错了，请稍后再看操作是否已经生效".to_owned(),
            HttpError::NotFound => "没有这个页面".to_owned(),
            error => error.message().to_owned(),
        },
    }
}

/// Returns advice that the table of error codes lacks, since API clients do not need it.
fn hint(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidCsrf => "：页面已过期，请刷新后再试一次",
        ErrorCode::Blocked => "，不能关注。请先解除拉黑，或者等待对方解除",
        ErrorCode::PageLimitExceeded => "：别人的列表只能看前五页",
        ErrorCode::GroupNameTooLong => "：最多 16 个字",
        ErrorCode::BioTooLong => "：最多 70 个字",
        ErrorCode::InvalidName => "：1 到 16 个字，不能含有控制字符或空白开头",
        ErrorCode::InvalidPassword => "：长度不够，或者超过 128 个字符",
        _ => "",
    }
}

/// Returns the field that an error of a form is about, if the form's page shows errors at that field. `None` for an
/// error of the whole form.
pub fn invalid_field(error: &ApiError, form: &str) -> Option<&'static str> {
    let of_error = match error {
        ApiError::Code(code) => field_of_code(*code, form)?,
        ApiError::BadParam(BadParam { name, .. }) => *name,
        // The reason begins with the name of the field.
        ApiError::InvalidRequest(reason) => reason.split(' ').next()?,
        ApiError::RetryAfter(..) | ApiError::Http(_) => return None,
    };
    let (_, fields) = FORM_FIELDS.iter().find(|(path, _)| *path == form)?;
    fields.iter().find(|field| **field == of_error).copied()
}

/// Fields of forms whose pages show an error at its field.
const FORM_FIELDS: [(&str, &[&str]); 12] = [
    ("/passport/signup", &["uname", "password", "tel", "mail"]),
    ("/passport/login", &["account", "password"]),
    ("/passport/password", &["old", "new"]),
    ("/passport/tel", &["tel", "password"]),
    ("/passport/mail", &["mail", "password"]),
    ("/passport/question", &["question", "answer", "password"]),
    ("/passport/realname", &["realname", "card_type", "card"]),
    ("/x/member/web/sign/update", &["user_sign"]),
    ("/x/relation/tag/create", &["tag"]),
    ("/x/relation/tag/update", &["name"]),
    ("/x/relation/tags/addUsers", &["tagids"]),
    ("/operator/member/coins", &["delta", "reason"]),
];

fn field_of_code(code: ErrorCode, form: &str) -> Option<&'static str> {
    Some(match (code, form) {
        (ErrorCode::InvalidName | ErrorCode::NameTaken, _) => "uname",
        (ErrorCode::WrongCredentials, "/passport/password") => "old",
        (ErrorCode::InvalidPassword, "/passport/password") => "new",
        (ErrorCode::WrongCredentials | ErrorCode::InvalidPassword, _) => "password",
        (ErrorCode::TelTaken, _) => "tel",
        (ErrorCode::MailTaken, _) => "mail",
        (ErrorCode::InvalidRealname, _) => "realname",
        (ErrorCode::InvalidCardNumber, _) => "card",
        (ErrorCode::BioSensitiveWord | ErrorCode::BioHasEmoji | ErrorCode::BioTooLong, _) => "user_sign",
        (ErrorCode::InvalidGroupName | ErrorCode::GroupNameTooLong | ErrorCode::GroupExists, form) => {
            if form.ends_with("/create") { "tag" } else { "name" }
        }
        (ErrorCode::InsufficientCoins | ErrorCode::BalanceLimitExceeded, _) => "delta",
        _ => return None,
    })
}

fn format_wait(seconds: i64) -> String {
    match seconds {
        ..=59 => format!("{} 秒", seconds.max(1)),
        60..=3_599 => format!("{} 分钟", (seconds + 59) / 60),
        _ => format!("{} 小时", (seconds + 3_599) / 3_600),
    }
}

/// Returns the label of a parameter on pages.
fn field_label(name: &str) -> Option<&'static str> {
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

/// Returns the HTTP status of the page that shows an error.
pub fn error_status(error: &ApiError) -> StatusCode {
    match error {
        ApiError::Code(ErrorCode::MemberNotFound | ErrorCode::GroupNotFound) => StatusCode::NOT_FOUND,
        ApiError::Code(ErrorCode::PageLimitExceeded | ErrorCode::Forbidden | ErrorCode::InvalidCsrf) => {
            StatusCode::FORBIDDEN
        }
        ApiError::Code(_) | ApiError::BadParam(_) => StatusCode::UNPROCESSABLE_ENTITY,
        ApiError::InvalidRequest(_) => StatusCode::BAD_REQUEST,
        ApiError::RetryAfter(..) => StatusCode::TOO_MANY_REQUESTS,
        ApiError::Http(error) => error.status(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_api::param::InvalidValue;

    #[test]
    fn errors_are_assigned_to_fields() {
        let bad_param = |name| ApiError::BadParam(BadParam { name, reason: InvalidValue("is none") });
        let cases = [
            (ApiError::Code(ErrorCode::WrongCredentials), "/passport/login", Some("password")),
            (ApiError::Code(ErrorCode::WrongCredentials), "/passport/password", Some("old")),
            (ApiError::Code(ErrorCode::InvalidPassword), "/passport/password", Some("new")),
            (ApiError::Code(ErrorCode::InvalidPassword), "/passport/signup", Some("password")),
            (ApiError::Code(ErrorCode::GroupExists), "/x/relation/tag/create", Some("tag")),
            (ApiError::Code(ErrorCode::GroupExists), "/x/relation/tag/update", Some("name")),
            (ApiError::Code(ErrorCode::InvalidCsrf), "/passport/tel", None),
            (bad_param("card"), "/passport/realname", Some("card")),
            (bad_param("csrf"), "/passport/realname", None),
            (bad_param("fids"), "/x/relation/tags/addUsers", None),
            (bad_param("tagids"), "/x/relation/tags/addUsers", Some("tagids")),
            (
                ApiError::InvalidRequest("reason is empty".to_owned()),
                "/operator/member/coins",
                Some("reason"),
            ),
            (ApiError::InvalidRequest("id is empty".to_owned()), "/operator/member/coins", None),
            (ApiError::RetryAfter(ErrorCode::TooManyAttempts, 9), "/passport/login", None),
        ];
        for (error, form, field) in cases {
            assert_eq!(invalid_field(&error, form), field, "{error:?} of {form}");
        }
    }

    #[test]
    fn errors_have_texts() {
        let cases = [
            (ApiError::Code(ErrorCode::NameTaken), "昵称已被使用"),
            (ApiError::Code(ErrorCode::PageLimitExceeded), "访问超过5页：别人的列表只能看前五页"),
            (ApiError::RetryAfter(ErrorCode::TooManyAttempts, 0), "尝试次数过多，请稍后再试（1 秒后再试）"),
            (
                ApiError::RetryAfter(ErrorCode::TooManyAttempts, 61),
                "尝试次数过多，请稍后再试（2 分钟后再试）",
            ),
            (
                ApiError::RetryAfter(ErrorCode::TooManyAttempts, 7_200),
                "尝试次数过多，请稍后再试（2 小时后再试）",
            ),
            (
                ApiError::BadParam(BadParam { name: "mail", reason: InvalidValue("is none") }),
                "邮箱没有填写，或者格式不对",
            ),
            (
                ApiError::BadParam(BadParam { name: "until", reason: InvalidValue("is none") }),
                "请求错误：until",
            ),
            (ApiError::Http(HttpError::PayloadTooLarge), "请求体过大"),
        ];
        for (error, text) in cases {
            assert_eq!(error_text(&error), text);
        }
    }
}
