//! `GET /x/relation/whispers`: whom one whispers.

use crate::endpoint::endpoint;
use crate::listed::Page;
use crate::paging::{Pn, Ps};

endpoint! {
    /// Asks for a page of whom one whispers, by when, newest first.
    Whispers: GET "/x/relation/whispers", Session -> Page {
        /// Entries a page; more than 50 is taken as 50.
        ps: Ps,
        /// The page.
        pn: Pn,
    }
}
