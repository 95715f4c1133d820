//! `POST /passport/contact/code`: sends a code to the caller's phone or mail address.

use crate::endpoint::endpoint;
use crate::param::Contact;

endpoint! {
    /// `POST /passport/contact/code`: sends a code of six digits to the caller's phone or mail address, which `POST
    /// /passport/contact/verify` takes. It is valid for `code_ttl_seconds`, and a newer code replaces it. A contact
    /// that is absent or verified is 30053. A service without a sender for it is 30100. Errors: -101, -111, -400,
    /// 30053, 30100, 30012.
    SendContactCode: POST "/passport/contact/code", SessionWithCsrf -> () {
        /// The contact.
        contact: Contact,
    }
}
