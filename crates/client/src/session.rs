//! The cookies of a login, and the jar that keeps them.

use reqwest::header::{HeaderMap, SET_COOKIE};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The cookies of a login, to be kept somewhere and given to [`Client::logged_in`](crate::Client::logged_in) another time. Who
/// has them is the member: keep them where nobody else reads. As JSON they have the names that they have on the wire.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cookies {
    /// The session's token.
    #[serde(rename = "SESSDATA")]
    pub sessdata: String,
    /// What every write has to repeat as `csrf`.
    pub bili_jct: String,
    /// The member.
    #[serde(rename = "DedeUserID")]
    pub dede_user_id: String,
    /// The device; empty for one that has none yet.
    pub buvid3: String,
}

// A token must not come into a log by chance.
impl std::fmt::Debug for Cookies {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Cookies of {}", self.dede_user_id)
    }
}

/// The cookies that a service sets: those of a login, and at last what tells who asked for a QR code.
const NAMES: [&str; 5] = ["SESSDATA", "bili_jct", "DedeUserID", "buvid3", CALLER];

/// Told to the paths of QR codes alone.
const CALLER: &str = "qrcode_caller";

/// Where [`CALLER`] is told.
const CALLER_PATH: &str = "/passport/qrcode";

/// What a service has set, by [`NAMES`]; empty for what it has not. Clones are the same jar.
#[derive(Clone, Default)]
pub(crate) struct Jar(Arc<Mutex<[String; NAMES.len()]>>);

impl Jar {
    /// A jar with a login in it.
    pub(crate) fn with(cookies: Cookies) -> Jar {
        let Cookies { sessdata, bili_jct, dede_user_id, buvid3 } = cookies;
        Jar(Arc::new(Mutex::new([sessdata, bili_jct, dede_user_id, buvid3, String::new()])))
    }

    /// The login in it, if there is one.
    pub(crate) fn cookies(&self) -> Option<Cookies> {
        let [sessdata, bili_jct, dede_user_id, buvid3, _] = self.held().clone();
        (!sessdata.is_empty()).then_some(Cookies { sessdata, bili_jct, dede_user_id, buvid3 })
    }

    /// What a request to a path says as `Cookie`, and as `csrf` if it has to; empty for nothing.
    pub(crate) fn told(&self, path: &str) -> (String, String) {
        let held = self.held();
        let named = NAMES
            .iter()
            .zip(&*held)
            .filter(|(name, value)| !value.is_empty() && (**name != CALLER || path.starts_with(CALLER_PATH)));
        let told: Vec<String> = named.map(|(name, value)| format!("{name}={value}")).collect();
        let csrf = if held[0].is_empty() { String::new() } else { held[1].clone() };
        (told.join("; "), csrf)
    }

    /// Remembers what an answer sets, and forgets what it takes back.
    pub(crate) fn remember(&self, headers: &HeaderMap) {
        let lines = headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        for (name, value) in lines.filter_map(set) {
            if let Some(at) = NAMES.iter().position(|known| *known == name) {
                self.held()[at] = value;
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, [String; NAMES.len()]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Name and value that a `Set-Cookie` line sets; an empty value takes the cookie back, and so does an age of 0. How old one
/// may become otherwise is the service's to know.
fn set(line: &str) -> Option<(&str, String)> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let gone = parts.filter_map(|part| part.split_once('=')).any(|(attribute, age)| {
        attribute.eq_ignore_ascii_case("max-age") && age.parse::<i64>().is_ok_and(|age| age <= 0)
    });
    Some((name, if gone { String::new() } else { value.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn set(jar: &Jar, lines: &[&str]) {
        let headers = lines
            .iter()
            .map(|line| (SET_COOKIE, HeaderValue::from_str(line).unwrap()))
            .collect::<HeaderMap>();
        jar.remember(&headers);
    }

    #[test]
    fn what_is_set_is_told_until_it_is_taken_back() {
        let jar = Jar::default();
        assert_eq!((jar.told("/x"), jar.cookies()), ((String::new(), String::new()), None));
        set(&jar, &["SESSDATA=s; Max-Age=60; Path=/; HttpOnly", "bili_jct=c", "DedeUserID=7", "other=o"]);
        assert_eq!(jar.told("/x"), ("SESSDATA=s; bili_jct=c; DedeUserID=7".to_owned(), "c".to_owned()));
        set(&jar, &["buvid3=b", "SESSDATA=t"]);
        let cookies = jar.cookies().unwrap();
        assert_eq!((cookies.sessdata.as_str(), cookies.buvid3.as_str()), ("t", "b"));
        assert_eq!(Jar::with(cookies).told("/x"), jar.told("/x"));
        set(&jar, &["SESSDATA=; Max-Age=0", "bili_jct=x; max-age=0", "DedeUserID="]);
        assert_eq!((jar.told("/x"), jar.cookies()), (("buvid3=b".to_owned(), String::new()), None));
    }

    #[test]
    fn who_asked_for_a_code_is_told_where_codes_are_alone() {
        let jar = Jar::default();
        set(&jar, &["qrcode_caller=q; Path=/passport/qrcode"]);
        for (path, told) in [("/passport/qrcode", "qrcode_caller=q"), ("/passport/login", ""), ("/x", "")] {
            assert_eq!(jar.told(path).0, told, "{path}");
        }
    }

    #[test]
    fn lines_that_set_nothing_are_passed_over() {
        let jar = Jar::default();
        set(&jar, &["", ";", "SESSDATA", "=s", "; SESSDATA=s", "sessdata=s"]);
        assert_eq!(jar.cookies(), None);
    }

    #[test]
    fn cookies_are_not_shown() {
        let cookies = Cookies {
            sessdata: "secret".to_owned(),
            bili_jct: "secret".to_owned(),
            dede_user_id: "7".to_owned(),
            buvid3: "secret".to_owned(),
        };
        assert_eq!(format!("{cookies:?}"), "Cookies of 7");
    }
}
