//! `POST /operator/keys/rotate`: a new key.

use super::Data;
use crate::operator::operation;

operation! {
    /// Has a new key seal from now on, and begins to seal again what older keys have sealed; `/operator/keys` tells when that
    /// is done. Refused with 30061.
    Rotate: POST "/operator/keys/rotate", [Admin] -> Data {}
}
