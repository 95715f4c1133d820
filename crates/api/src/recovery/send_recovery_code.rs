//! `POST /passport/recovery/code`: sends a code that recovers an account.

use crate::endpoint::endpoint;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/recovery/code`: sends a code of six digits to a verified phone or mail address, which
    /// `POST /passport/recovery/password` takes. The response is the same for a contact that nobody has, or that is not
    /// verified. A service without a sender for such contacts is 30100. Errors: -111, -400, 30100, 30012.
    SendRecoveryCode: POST "/passport/recovery/code", AnonymousWrite -> () {
        /// The phone or the mail address of the member.
        account: Secret,
    }
}
