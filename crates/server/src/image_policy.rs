//! The origins from which pages may load pictures, and the content security policy.

use crate::local_path;
use http::{HeaderValue, Uri};
use serde::Deserialize;
use std::sync::Arc;

/// The origins, such as `https://img.example.cn`, from which pages may load pictures beside the service itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ImageOrigins(Arc<[String]>);

impl TryFrom<String> for ImageOrigins {
    type Error = String;

    fn try_from(text: String) -> Result<ImageOrigins, String> {
        let names = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let origins = names.map(|origin| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            let authority = host.and_then(|host| host.parse::<http::uri::Authority>().ok());
            match authority {
                Some(authority) if !authority.as_str().contains('@') => Ok(origin.to_owned()),
                _ => Err(format!("{origin} is not an origin such as https://img.example.cn")),
            }
        });
        origins.collect::<Result<Vec<_>, _>>().map(|origins| ImageOrigins(origins.into()))
    }
}

impl ImageOrigins {
    /// Returns true if pages may load a picture from a URL or local path.
    pub fn allows(&self, url: &str) -> bool {
        let is_local = local_path::is_local_path(url);
        let has_origin =
            |origin: &String| url.strip_prefix(origin.as_str()).is_some_and(|path| path.starts_with('/'));
        is_local || url.parse::<Uri>().is_ok() && self.0.iter().any(has_origin)
    }

    /// Returns the `Content-Security-Policy` of pages.
    pub fn content_security_policy(&self) -> HeaderValue {
        let images: String = self.0.iter().flat_map(|origin| [" ", origin.as_str()]).collect();
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{images}; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_with_more_than_an_origin_is_rejected() {
        for text in
            ["img.cn", "https://img.cn/faces", "https://img.cn; script-src *", "https://a@b.cn", "https://"]
        {
            assert!(ImageOrigins::try_from(text.to_owned()).unwrap_err().contains(text), "{text}");
        }
        assert_eq!(ImageOrigins::try_from(String::new()), Ok(ImageOrigins::default()));
    }
}
