//! `POST /passport/news/seen`: marks the news as seen.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/news/seen`: marks the news up to a second as seen. An earlier time than the stored one
    /// changes nothing. A future time counts as now. Errors: -101, -111, -400.
    MarkNewsSeen: POST "/passport/news/seen", SessionWithCsrf -> () {
        /// The time in seconds: that of the newest news item shown.
        #[schemars(range(min = 0))]
        until: i64,
    }
}
