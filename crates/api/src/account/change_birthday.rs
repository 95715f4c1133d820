//! `POST /passport/birthday`: changes the caller's birthday.

use crate::endpoint::endpoint;
use crate::param::Day;

endpoint! {
    /// `POST /passport/birthday`: changes the caller's birthday, or removes it. `GET /x/space/acc/info` shows everybody
    /// month and day, and only the caller sees the year. Errors: -101, -111, -400.
    ChangeBirthday: POST "/passport/birthday", SessionWithCsrf -> () {
        /// The birthday, `YYYY-MM-DD`: from 1900 to today. An absent or empty birthday removes the current one.
        birthday: Option<Day>,
    }
}
