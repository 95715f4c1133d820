//! `POST /emulator/clock`: sets, advances, freezes or resumes the clock.

use super::get_clock::Data;
use crate::endpoint::endpoint;

endpoint! {
    /// `POST /emulator/clock`: changes the clock of the community. `time` is applied first, then `advance`. Work that
    /// became due is done before the response, such as the approval of a sign. Errors: -401, -403, -400.
    SetClock: POST "/emulator/clock", Operator<AdminOnly> -> Data {
        /// The new time, in seconds, before the year 3000.
        #[schemars(range(min = 0, max = 32_503_680_000_i64))]
        time: Option<i64>,
        /// The seconds to add. A negative number moves the clock back.
        advance: Option<i64>,
        /// True to freeze the clock, false to resume it.
        frozen: Option<bool>,
    }
}
