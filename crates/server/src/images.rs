//! Which pictures pages may load.

use crate::path;
use http::{HeaderValue, Uri};
use serde::Deserialize;
use std::sync::Arc;

/// From where pages may load members' pictures, beside the service's own host: origins such as `https://img.example.cn`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ImageOrigins(Arc<[String]>);

impl TryFrom<String> for ImageOrigins {
    type Error = String;

    fn try_from(text: String) -> Result<ImageOrigins, String> {
        let named = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let origins = named.map(|origin| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            let authority = host.and_then(|host| host.parse::<http::uri::Authority>().ok());
            match authority {
                Some(authority) if !authority.as_str().contains('@') => Ok(origin.to_owned()),
                _ => Err(format!("{origin} is no origin such as https://img.example.cn")),
            }
        });
        origins.collect::<Result<Vec<_>, _>>().map(|origins| ImageOrigins(origins.into()))
    }
}

impl ImageOrigins {
    /// Whether a picture may be loaded from there.
    pub fn allow(&self, face: &str) -> bool {
        let own = path::is_own(face);
        let of =
            |origin: &String| face.strip_prefix(origin.as_str()).is_some_and(|path| path.starts_with('/'));
        own || face.parse::<Uri>().is_ok() && self.0.iter().any(of)
    }

    /// What a page may load.
    pub fn policy(&self) -> HeaderValue {
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
    fn an_origin_is_nothing_but_one() {
        for text in
            ["img.cn", "https://img.cn/faces", "https://img.cn; script-src *", "https://a@b.cn", "https://"]
        {
            assert!(ImageOrigins::try_from(text.to_owned()).unwrap_err().contains(text), "{text}");
        }
        assert_eq!(ImageOrigins::try_from(String::new()), Ok(ImageOrigins::default()));
    }
}
