//! `POST /passport/question`: a safe question.

use crate::endpoint::endpoint;
use crate::param::Secret;

endpoint! {
    /// Sets one's safe question. Refused with 30012 and `Retry-After`, 30011.
    SetQuestion: POST "/passport/question", SessionWithCsrf -> () {
        /// The question, 1 to 100 characters without the blanks about it.
        #[schemars(length(min = 1, max = 100), regex(pattern = r"\S"))]
        question: Secret,
        /// The answer, 1 to 100 characters likewise. Only what argon2 makes of it is kept.
        #[schemars(length(min = 1, max = 100), regex(pattern = r"\S"))]
        answer: Secret,
        /// One's password; absent if there is none.
        password: Option<Secret>,
    }
}
