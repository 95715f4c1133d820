//! `POST /passport/face/delete`: removes the caller's picture.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/face/delete`: removes the caller's picture. `face` is the picture of the service again (D40).
    /// Without a picture it has no effect. Errors: -101, -111.
    DeletePicture: POST "/passport/face/delete", SessionWithCsrf -> () {}
}
