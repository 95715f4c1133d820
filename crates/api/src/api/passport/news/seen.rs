//! `POST /passport/news/seen`: one has seen the news.

use crate::endpoint::endpoint;

endpoint! {
    /// Says that one has seen the news until a second. What was seen stays so, and nobody has seen what is to come.
    SeeNews: POST "/passport/news/seen", SessionWithCsrf -> () {
        /// Until when, in seconds: the newest of the news' times.
        #[schemars(range(min = 0))]
        until: i64,
    }
}
