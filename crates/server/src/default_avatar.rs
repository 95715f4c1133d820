//! The default avatar of members without one, and its URL (D40). A `face` in a response is never empty.

use crate::config::Settings;
use crate::http::client_info::ClientInfo;
use crate::trusted_proxies::TrustedProxies;
use http::HeaderMap;
use http::header::HOST;
use std::borrow::Cow;

/// The picture. The contract promises a JPEG or a GIF.
pub const PICTURE: &[u8] = include_bytes!("../assets/noface.gif");

/// The path of the picture.
pub const PATH: &str = "/assets/noface.gif";

/// The default avatar.
#[derive(Clone, Debug)]
pub struct DefaultAvatar {
    /// The URL under the setting `public_url`, if that is set.
    public_url: Option<String>,
    /// The URL for a request without a valid `Host`.
    fallback_url: String,
    trusted_proxies: TrustedProxies,
}

impl DefaultAvatar {
    /// Creates the avatar of a service. `public_url` is its URL, set or not.
    pub fn new(settings: &Settings, public_url: &str) -> DefaultAvatar {
        DefaultAvatar {
            public_url: settings.public_url.as_deref().and_then(url_under),
            fallback_url: format!("{public_url}{PATH}"),
            trusted_proxies: settings.trusted_proxies.clone(),
        }
    }

    /// Returns the URL of the picture for a client: under `public_url`, or under the host of the request.
    pub fn url(&self, client: &ClientInfo) -> Cow<'_, str> {
        if let Some(url) = &self.public_url {
            return Cow::Borrowed(url);
        }
        let scheme = if client.is_https(&self.trusted_proxies) { "https" } else { "http" };
        let from_host = host_header(&client.headers).map(|host| format!("{scheme}://{host}{PATH}"));
        from_host.map_or(Cow::Borrowed(&self.fallback_url), Cow::Owned)
    }

    /// Returns a member's avatar, or the URL of the picture if `face` is empty.
    pub fn face_or_default(&self, client: &ClientInfo, face: String) -> String {
        if face.is_empty() { self.url(client).into_owned() } else { face }
    }
}

/// Returns the URL of the picture under a public URL. Returns `None` if it needs escaping in JSON.
fn url_under(public_url: &str) -> Option<String> {
    let is_plain = public_url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    is_plain.then(|| format!("{}{PATH}", public_url.trim_end_matches('/')))
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
