//! `GET /x/relation/blacks`: whom one has blocked.

use crate::endpoint::endpoint;
use crate::listed::Page;
use crate::paging::{Pn, Ps};

endpoint! {
    /// Asks for a page of whom one has blocked, by when, newest first.
    Blacks: GET "/x/relation/blacks", Session -> Page {
        /// Entries a page; more than 50 is taken as 50.
        ps: Ps,
        /// The page.
        pn: Pn,
    }
}
