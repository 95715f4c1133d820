//! The picture of members who have none of their own, and its address (D40): `face` is never empty.

use crate::app::App;
use crate::sender::ClientInfo;
use http::HeaderMap;
use http::header::HOST;
use std::borrow::Cow;

/// The picture. Clients are promised a JPEG or a GIF.
pub const PICTURE: &[u8] = include_bytes!("../assets/noface.gif");

/// Its path.
pub const PATH: &str = "/assets/noface.gif";

/// The address of the picture on a service that members reach under `url`. Returns `None` if that cannot be written into
/// JSON as it is.
pub fn under(url: &str) -> Option<String> {
    let plain = url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    plain.then(|| format!("{}{PATH}", url.trim_end_matches('/')))
}

/// The address of the picture for who sends a request: under `public_url`, or else where the request reached the service.
pub fn address<'a>(app: &'a App, sender: &ClientInfo) -> Cow<'a, str> {
    if let Some(address) = &app.noface {
        return Cow::Borrowed(address);
    }
    let scheme = if sender.is_secure(&app.trusted_proxies) { "https" } else { "http" };
    let named = host(&sender.headers).map(|host| format!("{scheme}://{host}{PATH}"));
    Cow::Owned(named.unwrap_or_else(|| format!("{}{PATH}", app.public_url)))
}

/// A member's picture, or the service's.
pub fn face_or(app: &App, sender: &ClientInfo, face: String) -> String {
    if face.is_empty() { address(app, sender).into_owned() } else { face }
}

/// The host that a request names, if it is a name or an address, and perhaps a port.
fn host(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(HOST)?.to_str().ok()?;
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    (!host.is_empty() && host.bytes().all(plain)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_host_is_a_name_or_an_address() {
        let cases = [
            ("a.cn", Some("a.cn")),
            ("a.cn:8080", Some("a.cn:8080")),
            ("[::1]:8080", Some("[::1]:8080")),
            ("", None),
            ("a@b.cn", None),
            ("a.cn/x", None),
            ("a\"b", None),
            ("a b", None),
        ];
        for (text, expected) in cases {
            let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(text))]);
            assert_eq!(host(&headers), expected, "{text}");
        }
        assert_eq!(host(&HeaderMap::new()), None);
    }

    #[test]
    fn an_address_is_under_the_service() {
        for url in ["https://a.cn", "https://a.cn/"] {
            assert_eq!(under(url).as_deref(), Some("https://a.cn/assets/noface.gif"));
        }
        for url in ["https://a\"b", "https://a\\b", "https://甲.cn", "https://a b"] {
            assert_eq!(under(url), None, "{url}");
        }
    }
}
