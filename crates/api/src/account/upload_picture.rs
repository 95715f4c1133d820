//! `POST /passport/face`: replaces the caller's picture.

use crate::endpoint::endpoint;
use crate::param::File;

endpoint! {
    /// `POST /passport/face`: replaces the caller's picture. The service rotates it upright, crops it to the square in
    /// its centre, and stores it as JPEG in three sizes without any metadata. An animation becomes its first frame.
    /// `face` is its URL from then on. The settings limit its size: more than `picture_limit_bytes` is HTTP 413, more
    /// than `picture_limit_pixels` is 30082. Errors: -101, -111, -400, 30012, 30081, 30082.
    UploadPicture: POST "/passport/face", SessionWithCsrf -> () {
        /// The file: PNG, JPEG or WebP. Its content decides the format.
        picture: File,
    }
}
