//! The cookies of a login, and their cookie jar.

use reqwest::header::{HeaderMap, SET_COOKIE};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The cookies of a login, to be saved and passed to [`Client::with_cookies`](crate::Client::with_cookies) later.
/// They authenticate the member, so store them where nobody else can read them. In JSON they have their names on
/// the wire.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cookies {
    /// The token of the session.
    #[serde(rename = "SESSDATA")]
    pub sessdata: String,
    /// The CSRF token, which every write repeats as `csrf`.
    pub bili_jct: String,
    /// The mid of the member.
    #[serde(rename = "DedeUserID")]
    pub dede_user_id: String,
    /// The device. Empty for a device without the cookie.
    pub buvid3: String,
}

// Tokens must not end up in logs.
impl std::fmt::Debug for Cookies {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Cookies of {}", self.dede_user_id)
    }
}

/// The names of the cookies that a service sets, each with the path below which it is sent: those of a login, then
/// those of an unfinished login by QR code, second factor or passkey.
const COOKIES: [(&str, &str); 7] = [
    ("SESSDATA", "/"),
    ("bili_jct", "/"),
    ("DedeUserID", "/"),
    ("buvid3", "/"),
    ("qrcode_caller", "/passport/qrcode"),
    ("login_step", "/passport/login"),
    ("passkey_caller", "/passport"),
];

/// The cookies that a service has set, in the order of [`COOKIES`]. A missing cookie is empty. Clones share
/// the jar.
#[derive(Clone, Default)]
pub(crate) struct CookieJar(Arc<Mutex<[String; COOKIES.len()]>>);

impl CookieJar {
    /// Returns a jar with the cookies of a login.
    pub(crate) fn from_cookies(cookies: Cookies) -> CookieJar {
        let Cookies { sessdata, bili_jct, dede_user_id, buvid3 } = cookies;
        let mut values: [String; COOKIES.len()] = Default::default();
        values[..4].clone_from_slice(&[sessdata, bili_jct, dede_user_id, buvid3]);
        CookieJar(Arc::new(Mutex::new(values)))
    }

    /// Returns the cookies of the login, if there is one.
    pub(crate) fn cookies(&self) -> Option<Cookies> {
        let [sessdata, bili_jct, dede_user_id, buvid3, ..] = self.lock().clone();
        (!sessdata.is_empty()).then_some(Cookies { sessdata, bili_jct, dede_user_id, buvid3 })
    }

    /// Returns the `Cookie` header of a request to a path, and the `csrf` of a write. Each is empty if there is
    /// none.
    pub(crate) fn request_cookies(&self, path: &str) -> (String, String) {
        let values = self.lock();
        let sent = COOKIES.iter().zip(&*values);
        let sent = sent.filter(|((_, below), value)| !value.is_empty() && path.starts_with(below));
        let header: Vec<String> = sent.map(|((name, _), value)| format!("{name}={value}")).collect();
        let csrf = if values[0].is_empty() { String::new() } else { values[1].clone() };
        (header.join("; "), csrf)
    }

    /// Stores the cookies that a response sets, and removes those that it expires.
    pub(crate) fn store(&self, headers: &HeaderMap) {
        let lines = headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        for (name, value) in lines.filter_map(parse_set_cookie) {
            if let Some(index) = COOKIES.iter().position(|(known, _)| *known == name) {
                self.lock()[index] = value;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, [String; COOKIES.len()]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the name and the value of a `Set-Cookie` line. The value is empty if the line expires the cookie, by
/// `Max-Age` or by an empty value. Other lifetimes are left to the service.
fn parse_set_cookie(line: &str) -> Option<(&str, String)> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let is_expired = parts.filter_map(|part| part.split_once('=')).any(|(attribute, age)| {
        attribute.eq_ignore_ascii_case("max-age") && age.parse::<i64>().is_ok_and(|age| age <= 0)
    });
    Some((name, if is_expired { String::new() } else { value.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn store(jar: &CookieJar, lines: &[&str]) {
        let headers = lines
            .iter()
            .map(|line| (SET_COOKIE, HeaderValue::from_str(line).unwrap()))
            .collect::<HeaderMap>();
        jar.store(&headers);
    }

    #[test]
    fn cookies_are_sent_until_expired() {
        let jar = CookieJar::default();
        assert_eq!((jar.request_cookies("/x"), jar.cookies()), ((String::new(), String::new()), None));
        store(&jar, &["SESSDATA=s; Max-Age=60; Path=/; HttpOnly", "bili_jct=c", "DedeUserID=7", "other=o"]);
        assert_eq!(
            jar.request_cookies("/x"),
            ("SESSDATA=s; bili_jct=c; DedeUserID=7".to_owned(), "c".to_owned())
        );
        store(&jar, &["buvid3=b", "SESSDATA=t"]);
        let cookies = jar.cookies().unwrap();
        assert_eq!((cookies.sessdata.as_str(), cookies.buvid3.as_str()), ("t", "b"));
        assert_eq!(CookieJar::from_cookies(cookies).request_cookies("/x"), jar.request_cookies("/x"));
        store(&jar, &["SESSDATA=; Max-Age=0", "bili_jct=x; max-age=0", "DedeUserID="]);
        assert_eq!(
            (jar.request_cookies("/x"), jar.cookies()),
            (("buvid3=b".to_owned(), String::new()), None)
        );
    }

    #[test]
    fn qr_caller_cookie_is_sent_to_qr_paths_only() {
        let jar = CookieJar::default();
        store(&jar, &["qrcode_caller=q; Path=/passport/qrcode"]);
        for (path, cookies) in [("/passport/qrcode", "qrcode_caller=q"), ("/passport/login", ""), ("/x", "")]
        {
            assert_eq!(jar.request_cookies(path).0, cookies, "{path}");
        }
    }

    #[test]
    fn invalid_set_cookie_lines_are_ignored() {
        let jar = CookieJar::default();
        store(&jar, &["", ";", "SESSDATA", "=s", "; SESSDATA=s", "sessdata=s"]);
        assert_eq!(jar.cookies(), None);
    }

    #[test]
    fn debug_output_hides_cookies() {
        let cookies = Cookies {
            sessdata: "secret".to_owned(),
            bili_jct: "secret".to_owned(),
            dede_user_id: "7".to_owned(),
            buvid3: "secret".to_owned(),
        };
        assert_eq!(format!("{cookies:?}"), "Cookies of 7");
    }
}
