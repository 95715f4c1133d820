//! `POST /operator/member/face/delete`: removes the picture of a member.

use crate::endpoint::endpoint;
use guanxi_types::Mid;

endpoint! {
    /// `POST /operator/member/face/delete`: removes the picture of a member from the service. Without a picture it has
    /// no effect. Errors: -401, -403, -400, -404.
    RemovePicture: POST "/operator/member/face/delete", Operator<AdminOrModerator> -> () {
        /// The member.
        mid: Mid,
    }
}
