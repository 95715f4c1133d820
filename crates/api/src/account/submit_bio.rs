//! `POST /x/member/web/sign/update`: submits a bio for review.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /x/member/web/sign/update`: submits a bio for review, and replaces a pending one (seed 000, D29). The
    /// published bio stays until the approval. An empty bio clears the published one at once. Bytes that are not
    /// UTF-8 are -400. Errors: -101, -111, -400, 40015, 40021, 40022.
    SubmitBio: POST "/x/member/web/sign/update", SessionWithCsrf -> () {
        /// The bio, at most 70 characters after Unicode normalization (NFC). An absent or empty bio clears the
        /// published one.
        user_sign: Option<String>,
    }
}
