//! `POST /operator/member/factors/remove`: removes the second factors of a member.

use crate::endpoint::endpoint;
use guanxi_types::Mid;

endpoint! {
    /// `POST /operator/member/factors/remove`: removes the one-time codes, the passkeys and the recovery codes of a
    /// member who lost them. Their password then suffices for a login. Without a second factor it has no effect.
    /// Errors: -401, -403, -400, -404.
    RemoveFactors: POST "/operator/member/factors/remove", Operator<AdminOnly> -> () {
        /// The member.
        mid: Mid,
    }
}
