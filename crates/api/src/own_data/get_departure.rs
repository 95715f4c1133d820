//! `GET /passport/leave`: the scheduled deletion of the caller's account.

use crate::endpoint::endpoint;
use crate::own_data::leave::Departure;

endpoint! {
    /// `GET /passport/leave`: returns the time from which the caller's account is deleted. Errors: -101.
    GetDeparture: GET "/passport/leave", Session -> Departure {}
}
