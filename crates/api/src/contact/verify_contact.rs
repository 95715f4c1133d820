//! `POST /passport/contact/verify`: verifies the caller's phone or mail address.

use crate::endpoint::endpoint;
use crate::param::Contact;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/contact/verify`: verifies the caller's phone or mail address by the code that was sent to it. A
    /// code is void after `code_tries` wrong tries. Only a verified contact logs in and recovers the account. The first
    /// verified phone gives 100 exp, once. Errors: -101, -111, -400, 30101, 30053, 30012.
    VerifyContact: POST "/passport/contact/verify", SessionWithCsrf -> () {
        /// The contact.
        contact: Contact,
        /// The six digits of the code. Blanks are ignored.
        code: Secret,
    }
}
