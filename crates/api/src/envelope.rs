//! The JSON envelope of every response (D1).

use guanxi_types::{ErrorCode, HttpError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// `{"code":0,"message":"0","ttl":1,"data":…}`. `code` comes first, because some clients look for exactly that
/// prefix (D3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope<T> {
    /// 0, the number of an [`ErrorCode`], or minus an HTTP status.
    pub code: i32,
    /// `"0"`, or the meaning of the code.
    pub message: Cow<'static, str>,
    /// Always 1.
    pub ttl: u8,
    /// The response data. Absent in errors, and after writes without data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<T>,
}

impl<T> Envelope<T> {
    /// Returns the envelope of a successful request. For a zero-sized type such as `()`, `data` is absent.
    pub fn success(data: T) -> Self {
        let data = (size_of::<T>() > 0).then_some(data);
        Envelope { code: 0, message: Cow::Borrowed("0"), ttl: 1, data }
    }
}

impl From<ErrorCode> for Envelope<()> {
    fn from(code: ErrorCode) -> Self {
        Envelope { code: code.number(), message: Cow::Borrowed(code.message()), ttl: 1, data: None }
    }
}

impl From<HttpError> for Envelope<()> {
    fn from(error: HttpError) -> Self {
        Envelope { code: error.number(), message: Cow::Borrowed(error.message()), ttl: 1, data: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelope_begins_with_code_and_omits_missing_data() {
        let body = |envelope: &Envelope<()>| serde_json::to_string(envelope).unwrap();
        assert_eq!(body(&Envelope::success(())), r#"{"code":0,"message":"0","ttl":1}"#);
        assert_eq!(body(&ErrorCode::NotLoggedIn.into()), r#"{"code":-101,"message":"账号未登录","ttl":1}"#);
        assert_eq!(
            serde_json::to_string(&Envelope::success([1])).unwrap(),
            r#"{"code":0,"message":"0","ttl":1,"data":[1]}"#
        );
    }
}
