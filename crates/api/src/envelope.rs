//! What every answer is wrapped in (D1).

use guanxi_types::{ErrorCode, HttpError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// `{"code":0,"message":"0","ttl":1,"data":…}`; `code` comes first, for there are clients that look for just that (D3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope<T> {
    /// 0, the number of a [`ErrorCode`], or minus an HTTP status.
    pub code: i32,
    /// `"0"`, or what the code means.
    pub message: Cow<'static, str>,
    /// Always 1.
    pub ttl: u8,
    /// Absent in errors and where a write has nothing to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<T>,
}

impl<T> Envelope<T> {
    /// The answer of a request that was done. A type without a value to tell, `()`, leaves `data` out.
    pub fn done(data: T) -> Self {
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
    fn from(fault: HttpError) -> Self {
        Envelope { code: fault.number(), message: Cow::Borrowed(fault.message()), ttl: 1, data: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let body = |envelope: &Envelope<()>| serde_json::to_string(envelope).unwrap();
        assert_eq!(body(&Envelope::done(())), r#"{"code":0,"message":"0","ttl":1}"#);
        assert_eq!(body(&ErrorCode::NotLoggedIn.into()), r#"{"code":-101,"message":"账号未登录","ttl":1}"#);
        assert_eq!(
            serde_json::to_string(&Envelope::done([1])).unwrap(),
            r#"{"code":0,"message":"0","ttl":1,"data":[1]}"#
        );
    }
}
