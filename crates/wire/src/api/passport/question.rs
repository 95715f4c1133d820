//! `POST /passport/question`: a safe question.

use crate::endpoint::endpoint;
use crate::param::Secret;

endpoint! {
    /// Sets one's safe question. Refused with 30012 and `Retry-After`, 30011.
    SetQuestion: POST "/passport/question", Write -> () {
        /// The question, at most 100 characters.
        question: Secret,
        /// The answer, at most 100 characters. Only what argon2 makes of it is kept.
        answer: Secret,
        /// One's password; absent if there is none.
        password: Option<Secret>,
    }
}
