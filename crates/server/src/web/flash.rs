//! Flash messages: the result of a form, shown once on the next page.

use super::language::Language;
use super::many;
use super::messages;
use super::text::Key;
use super::undo::{self, UNDOABLE_FORMS, UndoOffer};
use crate::http::response::ApiError;
use axum::response::Response;
use guanxi_api::params::Params;
use guanxi_types::Mid;
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};

/// Cookie that carries the result of a form across the redirect. Its value is the endpoint's path, and behind `#` the
/// rows of the list in which the form was.
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
    /// Field that the error is about; `None` if it is about the whole form.
    pub field: Option<&'static str>,
    /// Rows of a list to which the message belongs, by their members. The first one that the list has shows it.
    pub rows: Vec<u64>,
    /// Offer to undo the form.
    pub undo: Option<UndoOffer>,
    /// True if the form can leave a record that undoes it.
    pub(super) is_undoable: bool,
    /// Path of the rejected form's endpoint; empty for a success.
    form: &'static str,
    submitted: Params,
}

impl Flash {
    /// Returns the message for a successful form; `None` if the page itself shows the result.
    pub fn success(cookie: &str, language: Language) -> Option<Flash> {
        let (path, rows) = cookie.split_once('#').unwrap_or((cookie, ""));
        let (message, is_undoable) = success_message(path, language)?;
        Some(Flash {
            message,
            is_success: true,
            status: StatusCode::OK,
            field: None,
            rows: parse_rows(rows),
            undo: None,
            is_undoable,
            form: "",
            submitted: Params::default(),
        })
    }

    /// Returns the fields of a form whose next step follows, without a message.
    pub fn of_step(submitted: Params) -> Flash {
        Flash {
            message: String::new(),
            is_success: true,
            status: StatusCode::OK,
            field: None,
            rows: Vec::new(),
            undo: None,
            is_undoable: false,
            form: "",
            submitted,
        }
    }

    /// Builds the message of the rejected form of an endpoint.
    pub fn from_error(error: &ApiError, form: &'static str, submitted: Params, language: Language) -> Flash {
        Flash {
            message: messages::error_text(error, language),
            is_success: false,
            status: messages::error_status(error),
            field: messages::invalid_field(error, form),
            rows: rows_of(&submitted, &["rows"]),
            undo: None,
            is_undoable: false,
            form,
            submitted,
        }
    }

    /// Returns the rows for the message of the undone form, as a form sends them; empty if the message is in no row.
    pub fn rows_after_undo(&self) -> String {
        let other = self.undo.as_ref().and_then(|undo| undo.other).map(Mid::get);
        let rows = other.into_iter().chain(self.rows.iter().copied().filter(|row| Some(*row) != other));
        if self.rows.is_empty() { String::new() } else { join_rows(rows) }
    }

    /// Returns true if the form of that endpoint was rejected.
    pub fn is_of(&self, form: &str) -> bool {
        self.form == form
    }

    /// Returns the submitted value of a field, also if it is no valid text. Templates never redisplay passwords.
    pub fn submitted(&self, name: &'static str) -> Option<String> {
        let raw = self.submitted.get_raw(name)?;
        let lossy = || String::from_utf8_lossy(raw).replace('\0', "\u{fffd}");
        Some(self.submitted.get(name).unwrap_or_else(|_| lossy()))
    }
}

/// Returns the message of a successful form. The flag is true if the form can leave a record that undoes it.
fn success_message(path: &str, language: Language) -> Option<(String, bool)> {
    if let Some(of_many) = many::message(path, language) {
        return Some(of_many);
    }
    if let Some(count) = undo::refused_count(path) {
        return Some((language.text("many-undone").with("count", count).to_string(), false));
    }
    let (_, message) = SUCCESS_MESSAGES.iter().find(|(endpoint, _)| *endpoint == path)?;
    let is_undoable = UNDOABLE_FORMS.contains(&path.split('?').next().unwrap_or_default());
    Some((language.text(message).to_string(), is_undoable))
}

/// Success messages by endpoint path.
const SUCCESS_MESSAGES: [(&str, Key); 57] = [
    ("/undo", Key("flash-undone")),
    ("/x/member/web/sign/update", Key("flash-sign-submitted")),
    ("/passport/name", Key("flash-name-changed")),
    ("/passport/sex", Key("flash-sex-changed")),
    ("/passport/birthday", Key("flash-birthday-changed")),
    ("/passport/face", Key("flash-picture-changed")),
    ("/passport/face/delete", Key("flash-picture-removed")),
    ("/passport/privacy", Key("flash-privacy-changed")),
    ("/passport/export", Key("flash-export-requested")),
    ("/passport/leave", Key("flash-leaving")),
    ("/passport/leave/cancel", Key("flash-stays")),
    ("/x/relation/modify?act=1", Key("flash-followed")),
    ("/x/relation/modify?act=2", Key("flash-unfollowed")),
    ("/x/relation/modify?act=3", Key("flash-whispered")),
    ("/x/relation/modify?act=4", Key("flash-unwhispered")),
    ("/x/relation/modify?act=5", Key("flash-blocked")),
    ("/x/relation/modify?act=6", Key("flash-unblocked")),
    ("/x/relation/modify?act=7", Key("flash-follower-removed")),
    ("/x/relation/tag/create", Key("flash-group-created")),
    ("/x/relation/tag/update", Key("flash-group-renamed")),
    ("/x/relation/tag/del", Key("flash-group-deleted")),
    ("/x/relation/tags/addUsers", Key("flash-groups-assigned")),
    ("/passport/remark", Key("flash-remark-saved")),
    ("/passport/signup", Key("flash-signed-up")),
    ("/passport/logout", Key("flash-logged-out")),
    ("/passport/password", Key("flash-password-changed")),
    ("/passport/proof", Key("flash-proved")),
    ("/passport/totp/confirm", Key("flash-totp-set")),
    ("/passport/totp/remove", Key("flash-totp-removed")),
    ("/passport/recovery", Key("flash-recovery-renewed")),
    ("/passport/passkeys", Key("flash-passkey-added")),
    ("/passport/passkeys/rename", Key("flash-passkey-renamed")),
    ("/passport/passkeys/remove", Key("flash-passkey-removed")),
    ("/operator/member/factors/remove", Key("flash-factors-removed")),
    ("/passport/tel", Key("flash-tel-changed")),
    ("/passport/mail", Key("flash-mail-changed")),
    ("/passport/contact/code", Key("flash-code-sent")),
    ("/passport/contact/verify", Key("flash-verified")),
    ("/passport/recovery/password", Key("flash-recovered")),
    ("/passport/question", Key("flash-question-set")),
    ("/passport/realname", Key("flash-realname-submitted")),
    ("/passport/sessions/revoke", Key("flash-session-ended")),
    ("/passport/news/seen", Key("flash-news-seen")),
    ("/passport/steps/dismiss", Key("flash-steps-dismissed")),
    ("/passport/qrcode/confirm", Key("flash-qr-confirmed")),
    ("/passport/qrcode/cancel", Key("flash-qr-cancelled")),
    ("/operator/reviews/sign", Key("flash-sign-reviewed")),
    ("/operator/reviews/name", Key("flash-name-reviewed")),
    ("/operator/reviews/realname", Key("flash-realname-reviewed")),
    ("/operator/member/coins", Key("flash-coins-changed")),
    ("/operator/member/notes/add", Key("flash-note-added")),
    ("/operator/member/notes/delete", Key("flash-note-deleted")),
    ("/operator/member/silence", Key("flash-silence-changed")),
    ("/operator/member/verify", Key("flash-contact-verified")),
    ("/operator/member/sessions/revoke", Key("flash-sessions-ended")),
    ("/operator/member/face/delete", Key("flash-picture-removed")),
    ("/operator/member/delete", Key("flash-member-deleted")),
];

/// Returns rows as a form and the cookie have them.
pub fn join_rows(rows: impl Iterator<Item = u64>) -> String {
    rows.map(|row| row.to_string()).collect::<Vec<_>>().join(".")
}

fn parse_rows(text: &str) -> Vec<u64> {
    text.split('.').filter_map(|row| row.parse().ok()).take(MAX_ROWS).collect()
}

/// The largest number of rows to which a message may belong: its own, the next and the one before.
const MAX_ROWS: usize = 3;

/// Returns the rows of a submitted form: those that it names, or those that are ticked.
pub fn submitted_rows(submitted: &Params) -> Vec<u64> {
    rows_of(submitted, &["rows", "fids"])
}

fn rows_of(submitted: &Params, names: &[&str]) -> Vec<u64> {
    let values = submitted.iter().filter(|(name, _)| names.iter().any(|known| known.as_bytes() == *name));
    let text: Vec<&str> = values.filter_map(|(_, value)| std::str::from_utf8(value).ok()).collect();
    parse_rows(&text.join("."))
}

/// Sets the cookie for the page that the browser requests next. For a relation the message depends on the action.
pub fn set_cookie(response: &mut Response, path: &'static str, submitted: &Params) {
    let act = submitted.get_raw("act").and_then(|act| std::str::from_utf8(act).ok()).unwrap_or_default();
    let with_act = format!("{path}?act={act}");
    if let Some((endpoint, _)) =
        SUCCESS_MESSAGES.iter().find(|(endpoint, _)| *endpoint == path || *endpoint == with_act)
    {
        let rows = join_rows(submitted_rows(submitted).into_iter());
        let place = if rows.is_empty() { rows } else { format!("#{rows}") };
        response.headers_mut().append(SET_COOKIE, cookie(&format!("{endpoint}{place}")));
    }
}

/// Returns the cookie with a message, whose text is ASCII.
pub fn cookie(message: &str) -> HeaderValue {
    let text = format!("{COOKIE}={message}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// Returns true if the handler of a form has set the cookie itself.
pub fn has_cookie(response: &Response) -> bool {
    let prefix = format!("{COOKIE}=");
    response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .any(|cookie| cookie.as_bytes().starts_with(prefix.as_bytes()))
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
        let submitted = Params::parse("uname=甲&password=x&mail=a%00%ff".as_bytes());
        let error = ApiError::Code(ErrorCode::NameTaken);
        let flash = Flash::from_error(&error, "/passport/signup", submitted, Language::Chinese);
        assert_eq!(flash.submitted("uname").as_deref(), Some("甲"));
        assert_eq!(flash.submitted("mail").as_deref(), Some("a\u{fffd}\u{fffd}"));
        assert_eq!((flash.submitted("tel"), flash.status), (None, StatusCode::UNPROCESSABLE_ENTITY));
    }

    #[test]
    fn cookie_with_unknown_path_has_no_message() {
        let message = |language| Flash::success("/passport/logout", language).unwrap().message;
        assert_eq!(message(Language::Chinese), "已退出登录");
        assert_eq!(message(Language::English), "Signed out");
        assert!(Flash::success("<b>", Language::Chinese).is_none());
    }
}
