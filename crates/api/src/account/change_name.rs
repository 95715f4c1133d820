//! `POST /passport/name`: changes the caller's name.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/name`: changes the caller's name. Names are as at registration, and no two look alike. With the
    /// setting `name_review` a moderator approves the new name first, and it replaces a pending one. The current name
    /// withdraws a pending one. The setting `name_change_days` is the time between two changes. Before it has passed:
    /// 30080, with `Retry-After`. Errors: -101, -111, -400, 30001, 30002, 30080.
    ChangeName: POST "/passport/name", SessionWithCsrf -> () {
        /// The new name: 1 to 16 characters.
        uname: String,
    }
}
