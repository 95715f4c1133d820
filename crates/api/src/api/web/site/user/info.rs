//! `GET /web/site/user/info`: how safe one's account is.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks how safe one's account is (seed 000). Needs the cookie `DedeUserID` too.
    SiteInfo: GET "/web/site/user/info", SessionMatchingUidCookie -> Data {}
}

/// One's account's safety.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// What is bound to it.
    pub account_info: AccountInfo,
    /// Its password.
    pub account_safe: AccountSafe,
    /// Accounts elsewhere.
    pub account_sns: AccountSns,
    /// The rest.
    pub account_other: AccountOther,
}

/// What is bound to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountInfo {
    /// The phone, masked (D31); empty if none.
    pub hide_tel: String,
    /// The mail address, masked; empty if none.
    pub hide_mail: String,
    /// Whether there is a phone.
    pub bind_tel: bool,
    /// Whether there is a mail address.
    pub bind_mail: bool,
    /// Whether the phone is verified.
    pub tel_verify: bool,
    /// Whether the mail address is verified.
    pub mail_verify: bool,
    /// Whether there is no password yet.
    pub unneeded_check: bool,
}

/// An account's password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountSafe {
    /// How strong, 0 to 100.
    #[serde(rename = "Score")]
    pub score: u8,
    /// 1 weak, 2 middling, 3 strong.
    pub pwd_level: u8,
    /// Whether it is safe.
    pub security: bool,
}

/// Accounts elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountSns {
    /// 1 if bound.
    pub weibo_bind: u8,
    /// 1 if bound.
    pub qq_bind: u8,
}

/// The rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountOther {
    /// The documents tell no meaning of it.
    #[serde(rename = "skipVerify")]
    pub skip_verify: bool,
}
