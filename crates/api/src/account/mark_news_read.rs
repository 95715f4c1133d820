//! `POST /passport/news/read`: marks an item of the news as read.

use crate::endpoint::endpoint;
use guanxi_types::TimeCursor;

endpoint! {
    /// `POST /passport/news/read`: marks one item of the caller's news as read. For followers, those of earlier days are
    /// marked too. An item that is no longer kept changes nothing. Errors: -101, -111, -400.
    MarkNewsRead: POST "/passport/news/read", SessionWithCsrf -> () {
        /// The `id` of the item.
        item: TimeCursor,
    }
}
