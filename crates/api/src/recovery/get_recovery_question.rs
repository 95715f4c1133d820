//! `POST /passport/recovery/question`: the security question of an account that is recovered.

use crate::endpoint::endpoint;
use guanxi_types::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /passport/recovery/question`: checks a recovery code, and returns the security question whose answer
    /// `POST /passport/recovery/password` takes too. The right code stays valid. Errors: -111, -400, 30101, 30012.
    GetRecoveryQuestion: POST "/passport/recovery/question", AnonymousWrite -> Data {
        /// The phone or the mail address of the member.
        account: Secret,
        /// The six digits of the code. Blanks are ignored.
        code: Secret,
    }
}

/// The security question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RecoveryQuestion")]
pub struct Data {
    /// The question. Empty if the member has set none.
    pub question: String,
}
