//! `GET /web/site/user/info`: the security settings of the caller's account.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /web/site/user/info`: returns the security settings of the caller's account (seed 000, D9). The cookie
    /// `DedeUserID` is also required. A missing, empty or 0 value of the cookie is -101, and any other value is
    /// accepted. Errors: -101.
    GetAccountSecurity: GET "/web/site/user/info", SessionWithUidCookie -> Data {}
}

/// The security settings of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The contacts of the account.
    pub account_info: AccountInfo,
    /// The strength of the password.
    pub account_safe: AccountSafe,
    /// The linked accounts of other sites.
    pub account_sns: AccountSns,
    /// Other settings.
    pub account_other: AccountOther,
}

/// The contacts of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountInfo {
    /// The phone, masked (D31). Empty without a phone.
    pub hide_tel: String,
    /// The mail address, masked (D31). Empty without a mail address.
    pub hide_mail: String,
    /// True if the account has a phone.
    pub bind_tel: bool,
    /// True if the account has a mail address.
    pub bind_mail: bool,
    /// True if the phone is verified.
    pub tel_verify: bool,
    /// True if the mail address is verified.
    pub mail_verify: bool,
    /// True if the account has no password yet.
    pub unneeded_check: bool,
}

/// The strength of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountSafe {
    /// The score, 0 to 100.
    #[serde(rename = "Score")]
    pub score: u8,
    /// The level: 1 weak, 2 medium, 3 strong, 0 unknown.
    pub pwd_level: u8,
    /// True if the account counts as safe.
    pub security: bool,
}

/// The linked accounts of other sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountSns {
    /// 1 if an account of Weibo is linked, else 0.
    pub weibo_bind: u8,
    /// 1 if an account of QQ is linked, else 0.
    pub qq_bind: u8,
}

/// Other settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountOther {
    /// A flag without a documented meaning.
    #[serde(rename = "skipVerify")]
    pub skip_verify: bool,
}
