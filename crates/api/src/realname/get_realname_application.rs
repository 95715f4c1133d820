//! `GET /x/member/realname/apply/status`: the caller's application for real-name verification.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/member/realname/apply/status`: returns the state of the caller's application for real-name
    /// verification (seed 000, D30, D31). Errors: -101.
    GetRealnameApplication: GET "/x/member/realname/apply/status", Session -> Data {}
}

/// The application of a member. Its texts are empty without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// 1 if the real name is verified, 3 if not.
    pub status: u8,
    /// The reason of a rejection. Empty while the review is pending (D30).
    pub remark: String,
    /// The name, masked (D31). Empty without an application.
    pub realname: String,
    /// The number of the card, masked (D31). Empty without an application.
    pub card: String,
    /// The kind of card: 0 identity card, 2 mainland travel permit for residents of Hong Kong and Macao, 3 mainland
    /// travel permit for residents of Taiwan, 4 passport issued in China, 5 permanent residence card of a
    /// foreigner, 6 another.
    pub card_type: u8,
}
