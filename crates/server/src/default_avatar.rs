//! The default avatar of members without one, and its URL (D40). A `face` in a response is never empty.

use crate::app::App;
use crate::http::client_info::ClientInfo;
use http::HeaderMap;
use http::header::HOST;
use std::borrow::Cow;

/// The picture. The contract promises a JPEG or a GIF.
pub const PICTURE: &[u8] = include_bytes!("../assets/noface.gif");

/// The path of the picture.
pub const PATH: &str = "/assets/noface.gif";

/// Returns the URL of the picture under a public URL. Returns `None` if it needs escaping in JSON.
pub fn url_under(public_url: &str) -> Option<String> {
    let is_plain = public_url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    is_plain.then(|| format!("{}{PATH}", public_url.trim_end_matches('/')))
}

/// Returns the URL of the picture for a client: under `public_url`, or under the host of the request.
pub fn url<'a>(app: &'a App, client: &ClientInfo) -> Cow<'a, str> {
    if let Some(url) = &app.default_avatar_url {
        return Cow::Borrowed(url);
    }
    let scheme = if client.is_https(&app.trusted_proxies) { "https" } else { "http" };
    let from_host = host_header(&client.headers).map(|host| format!("{scheme}://{host}{PATH}"));
    Cow::Owned(from_host.unwrap_or_else(|| format!("{}{PATH}", app.public_url)))
}

/// Returns a member's avatar, or the default one if `face` is empty.
pub fn face_or_default(app: &App, client: &ClientInfo, face: String) -> String {
    if face.is_empty() { url(app, client).into_owned() } else { face }
}

/// Returns the `Host` of a request if it is a name or an address, optionally with a port.
fn host_header(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(HOST)?.to_str().ok()?;
    let is_host_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    (!host.is_empty() && host.bytes().all(is_host_byte)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn host_header_is_a_name_or_an_address() {
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
            assert_eq!(host_header(&headers), expected, "{text}");
        }
        assert_eq!(host_header(&HeaderMap::new()), None);
    }

    #[test]
    fn default_avatar_url_is_under_the_public_url() {
        for url in ["https://a.cn", "https://a.cn/"] {
            assert_eq!(url_under(url).as_deref(), Some("https://a.cn/assets/noface.gif"));
        }
        for url in ["https://a\"b", "https://a\\b", "https://甲.cn", "https://a b"] {
            assert_eq!(url_under(url), None, "{url}");
        }
    }
}
