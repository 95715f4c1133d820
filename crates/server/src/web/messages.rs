//! Error texts and HTTP statuses of pages.

use super::language::Language;
use super::member::data_import::DATA_IMPORT;
use super::text::{Key, Text};
use crate::http::response::ApiError;
use guanxi_api::param::BadParam;
use guanxi_domain::relation_csv::{CsvProblem, InvalidCsv};
use guanxi_types::{ErrorCode, HttpError};
use http::StatusCode;

/// Returns the text of an error for the reader of the page.
pub fn error_text(error: &ApiError, language: Language) -> String {
    let because = |reason: &str| language.text("bad-request-because").with("reason", reason).to_string();
    match error {
        ApiError::Code(code) | ApiError::WithCookies(code, _) => language.code(*code),
        ApiError::RetryAfter(code, seconds) => {
            let (error, wait) = (language.code(*code), wait_text(*seconds, language));
            language.text("try-again-in").with("error", error).with("wait", wait).to_string()
        }
        ApiError::BadParam(BadParam { name: "fids" | "mids", .. }) => {
            language.text("select-members-first").to_string()
        }
        ApiError::BadParam(BadParam { name: "tagids", .. }) => {
            language.text("select-groups-first").to_string()
        }
        ApiError::BadParam(BadParam { name: "tel", .. }) => language.text("invalid-tel").to_string(),
        ApiError::BadParam(BadParam { name, .. }) => match field_label(name) {
            Some(label) => language.text("invalid-field").with("field", language.text(label)).to_string(),
            None => because(name),
        },
        ApiError::InvalidRequest(reason) => match field_label(first_word(reason)) {
            Some(label) => language.text("invalid-field").with("field", language.text(label)).to_string(),
            None => because(reason),
        },
        ApiError::InvalidCsv(InvalidCsv { line, problem }) => {
            let reason = language.text(csv_problem(*problem));
            language.text("invalid-line").with("line", *line).with("reason", reason).to_string()
        }
        ApiError::Http(error) => language.http_error(*error),
    }
}

fn csv_problem(problem: CsvProblem) -> Key {
    match problem {
        CsvProblem::Encoding => Key("csv-encoding"),
        CsvProblem::Quotes => Key("csv-quotes"),
        CsvProblem::NoMidColumn => Key("csv-no-mid-column"),
        CsvProblem::Mid => Key("csv-mid"),
        CsvProblem::Kind => Key("csv-kind"),
        CsvProblem::Groups => Key("csv-groups"),
        CsvProblem::Repeated => Key("csv-repeated"),
        CsvProblem::TooLong => Key("csv-too-long"),
    }
}

/// Returns the field that an error of a form is about, if the form's page shows errors at that field. `None` for an
/// error of the whole form.
pub fn invalid_field(error: &ApiError, form: &str) -> Option<&'static str> {
    let of_error = match error {
        ApiError::Code(code) | ApiError::WithCookies(code, _) => field_of_code(*code, form)?,
        ApiError::BadParam(BadParam { name, .. }) => *name,
        ApiError::InvalidRequest(reason) => first_word(reason),
        ApiError::RetryAfter(ErrorCode::NameChangeTooSoon, _) => "uname",
        ApiError::InvalidCsv(_) => "csv",
        ApiError::Http(HttpError::PayloadTooLarge) if form == DATA_IMPORT => "csv",
        ApiError::Http(HttpError::PayloadTooLarge) => "picture",
        ApiError::RetryAfter(..) | ApiError::Http(_) => return None,
    };
    let (_, fields) = FORM_FIELDS.iter().find(|(path, _)| *path == form)?;
    fields.iter().find(|field| **field == of_error).copied()
}

/// Fields of forms whose pages show an error at its field.
const FORM_FIELDS: [(&str, &[&str]); 30] = [
    ("/passport/signup", &["uname", "password", "tel", "mail"]),
    ("/passport/login", &["account", "password"]),
    ("/passport/login/factor", &["code"]),
    ("/passport/proof", &["password", "code"]),
    ("/passport/totp/confirm", &["code"]),
    ("/passport/passkeys", &["label"]),
    ("/passport/password", &["old", "new"]),
    ("/passport/tel", &["tel", "password"]),
    ("/passport/mail", &["mail", "password"]),
    ("/passport/contact/verify", &["code"]),
    ("/passport/recovery/code", &["account"]),
    ("/passport/recovery/question", &["code"]),
    ("/passport/recovery/password", &["new", "answer", "code"]),
    ("/passport/question", &["question", "answer", "password"]),
    ("/passport/realname", &["realname", "card_type", "card"]),
    ("/passport/name", &["uname"]),
    ("/passport/sex", &["sex"]),
    ("/passport/birthday", &["birthday"]),
    ("/passport/face", &["picture"]),
    ("/passport/privacy", &["followings", "followers"]),
    ("/passport/leave", &["mid", "password"]),
    (DATA_IMPORT, &["csv"]),
    ("/x/member/web/sign/update", &["user_sign"]),
    ("/x/relation/tag/create", &["tag"]),
    ("/x/relation/tag/update", &["name"]),
    ("/x/relation/tags/addUsers", &["tagids"]),
    ("/relations", &["tagids"]),
    ("/passport/remark", &["remark"]),
    ("/operator/member/coins", &["delta", "reason"]),
    ("/operator/member/notes/add", &["text"]),
];

/// Returns the first word of the reason of an invalid request: the name of the field, if the reason is about one.
fn first_word(reason: &str) -> &str {
    reason.split([' ', ':']).next().unwrap_or_default()
}

fn field_of_code(code: ErrorCode, form: &str) -> Option<&'static str> {
    Some(match (code, form) {
        (ErrorCode::InvalidName | ErrorCode::NameTaken, _) => "uname",
        (ErrorCode::InvalidPicture | ErrorCode::PictureTooLarge, _) => "picture",
        (ErrorCode::WrongCredentials, "/passport/password") => "old",
        (ErrorCode::InvalidPassword, "/passport/password" | "/passport/recovery/password") => "new",
        (ErrorCode::WrongContactCode | ErrorCode::WrongFactor, _) => "code",
        (ErrorCode::WrongAnswer, _) => "answer",
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

fn wait_text(seconds: i64, language: Language) -> Text<'static> {
    match seconds {
        ..=59 => language.text("wait-seconds").with("count", seconds.max(1)),
        60..=3_599 => language.text("wait-minutes").with("count", (seconds + 59) / 60),
        3_600..=172_799 => language.text("wait-hours").with("count", (seconds + 3_599) / 3_600),
        _ => language.text("wait-days").with("count", seconds.saturating_add(86_399) / 86_400),
    }
}

/// Returns the label of a parameter on pages.
fn field_label(name: &str) -> Option<Key> {
    Some(match name {
        "picture" => Key("picture-file"),
        "csv" => Key("csv-file"),
        "sex" => Key("sex"),
        "birthday" => Key("birthday"),
        "account" => Key("field-account"),
        "code" => Key("field-code"),
        "uname" => Key("field-uname"),
        "password" | "old" => Key("password"),
        "new" => Key("field-new-password"),
        "mail" => Key("field-mail"),
        "question" => Key("field-question"),
        "answer" => Key("field-answer"),
        "realname" => Key("field-realname"),
        "card" => Key("field-card"),
        "card_type" => Key("field-card-type"),
        "label" => Key("passkey-name"),
        "tag" | "name" => Key("field-group-name"),
        "user_sign" => Key("field-sign"),
        "remark" => Key("field-remark"),
        "fid" | "mid" | "vmid" => Key("field-member"),
        "delta" => Key("adjustment"),
        "reason" => Key("reason-of-change"),
        "text" => Key("text"),
        "mids" => Key("members"),
        "joined_from" => Key("joined-from"),
        "joined_until" => Key("joined-until"),
        "active_from" => Key("active-from"),
        "active_until" => Key("active-until"),
        "exp_from" => Key("exp-from"),
        "exp_until" => Key("exp-until"),
        _ => return None,
    })
}

/// Returns the HTTP status of the page that shows an error.
pub fn error_status(error: &ApiError) -> StatusCode {
    match error {
        ApiError::Code(ErrorCode::MemberNotFound | ErrorCode::GroupNotFound) => StatusCode::NOT_FOUND,
        ApiError::Code(
            ErrorCode::PageLimitExceeded
            | ErrorCode::ListHidden
            | ErrorCode::Forbidden
            | ErrorCode::InvalidCsrf,
        ) => StatusCode::FORBIDDEN,
        ApiError::Code(_) | ApiError::WithCookies(..) | ApiError::BadParam(_) | ApiError::InvalidCsv(_) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
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
        let bad_param = |name| ApiError::BadParam(BadParam { name, reason: InvalidValue("is none") });
        let retry_after = |seconds| ApiError::RetryAfter(ErrorCode::TooManyAttempts, seconds);
        let cases = [
            (ApiError::Code(ErrorCode::NameTaken), "昵称已被使用", "This name is taken"),
            (
                retry_after(0),
                "尝试次数过多，请稍后再试（1 秒后再试）",
                "Too many attempts. Try again in 1 second",
            ),
            (
                retry_after(61),
                "尝试次数过多，请稍后再试（2 分钟后再试）",
                "Too many attempts. Try again in 2 minutes",
            ),
            (
                retry_after(7_200),
                "尝试次数过多，请稍后再试（2 小时后再试）",
                "Too many attempts. Try again in 2 hours",
            ),
            (bad_param("mail"), "邮箱没有填写，或者格式不对", "Email is missing or not valid"),
            (bad_param("until"), "请求错误：until", "Invalid request: until"),
            (ApiError::Http(HttpError::PayloadTooLarge), "请求体过大", "The request is too large"),
        ];
        for (error, chinese, english) in cases {
            assert_eq!(error_text(&error, Language::Chinese), chinese);
            assert_eq!(error_text(&error, Language::English), english);
        }
    }
}
