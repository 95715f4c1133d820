//! `GET /x/relation/tag`: who is in a group. Making and unmaking groups is below.

use crate::endpoint::endpoint;
use crate::listed::Grouped;
use crate::paging::{Pn, Ps};
use guanxi_types::Tagid;

pub mod create;
pub mod del;
pub mod update;
pub mod user;

endpoint! {
    /// Asks for a page of a group's members, who joined it last first (seed 002, D25). 22104 if there is no such group.
    Tag: GET "/x/relation/tag", Session -> Vec<Grouped> {
        /// The group.
        tagid: Tagid,
        /// Members a page; more than 50 is taken as 50.
        ps: Ps,
        /// The page.
        pn: Pn,
    }
}
