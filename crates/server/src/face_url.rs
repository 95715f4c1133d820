//! URLs of members' pictures in responses. A picture of the service has a local path, and its URL depends on the
//! request. A member without a picture has the default one, so a `face` is never empty (D40).

use crate::config::Settings;
use crate::http::client_info::ClientInfo;
use crate::trusted_proxies::TrustedProxies;
use guanxi_domain::picture::PicturePath;
use http::HeaderMap;
use http::header::HOST;
use std::borrow::Cow;

/// The default picture. The contract promises a JPEG or a GIF.
pub const DEFAULT_PICTURE: &[u8] = include_bytes!("../assets/noface.gif");

/// The path of the default picture.
pub const DEFAULT_PATH: &str = "/assets/noface.gif";

/// The origin of the pictures that the service has.
#[derive(Clone, Debug)]
pub struct FaceOrigin {
    /// The setting `public_url`, if that is set.
    public_url: Option<String>,
    /// The URL for a request without a valid `Host`.
    fallback_url: String,
    trusted_proxies: TrustedProxies,
}

impl FaceOrigin {
    /// Creates the origin of a service. `public_url` is its URL, set or not.
    pub fn new(settings: &Settings, public_url: &str) -> FaceOrigin {
        FaceOrigin {
            public_url: settings.public_url.as_deref().and_then(plain_url),
            fallback_url: public_url.to_owned(),
            trusted_proxies: settings.trusted_proxies.clone(),
        }
    }

    /// Returns the origin for a client, escaped as in a JSON string: `public_url`, or the host of the request.
    pub fn of(&self, client: &ClientInfo) -> Cow<'_, str> {
        if let Some(url) = &self.public_url {
            return Cow::Borrowed(url);
        }
        let scheme = if client.is_https(&self.trusted_proxies) { "https" } else { "http" };
        let from_host = host_header(&client.headers).map(|host| format!("{scheme}://{host}"));
        from_host.map_or(Cow::Borrowed(&self.fallback_url), Cow::Owned)
    }

    /// Returns the URL of a stored `face` for a client.
    pub fn url(&self, client: &ClientInfo, face: String) -> String {
        let face = or_default(face);
        if is_local(&face) { format!("{}{face}", self.of(client)) } else { face }
    }
}

impl FaceOrigin {
    /// Returns the path of a picture of the service from its URL for a client, or the URL of any other picture.
    pub fn without_origin<'f>(&self, client: &ClientInfo, url: &'f str) -> &'f str {
        let path = url.strip_prefix(&*self.of(client));
        path.filter(|path| PicturePath::parse(path).is_some()).unwrap_or(url)
    }
}

/// Returns a stored `face`, or the path of the default picture for an empty one.
pub fn or_default(face: String) -> String {
    if face.is_empty() { DEFAULT_PATH.to_owned() } else { face }
}

/// Returns true if a `face` is a path of the service, so that its URL depends on the request.
pub fn is_local(face: &str) -> bool {
    face.starts_with('/')
}

/// Returns a URL without the slash at its end. Returns `None` if it needs escaping in JSON.
fn plain_url(url: &str) -> Option<String> {
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    is_plain.then(|| url.trim_end_matches('/').to_owned())
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
    fn origin_is_the_public_url() {
        for url in ["https://a.cn", "https://a.cn/"] {
            assert_eq!(plain_url(url).as_deref(), Some("https://a.cn"));
        }
        for url in ["https://a\"b", "https://a\\b", "https://甲.cn", "https://a b"] {
            assert_eq!(plain_url(url), None, "{url}");
        }
    }
}
