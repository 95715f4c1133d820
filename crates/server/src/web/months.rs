//! The choice of a month on a page.

use super::page_context::PageContext;
use crate::http::response::ApiError;
use guanxi_domain::day;
use guanxi_storage::Store;
use guanxi_storage::model::Profile;
use guanxi_types::{Mid, Month};

/// The largest number of months that the choice offers. Links to the month before lead further.
const MAX_MONTHS: usize = 60;

/// The choice of a month.
#[derive(Debug)]
pub struct Months {
    /// Path of the page.
    pub path: &'static str,
    /// Chosen month.
    pub month: Month,
    /// Month before, if the member had joined by then.
    pub previous: Option<Month>,
    /// Month after, if it has begun.
    pub next: Option<Month>,
    /// Months to choose from, newest first.
    pub all: Vec<Month>,
}

impl Months {
    /// Builds the choice of a page from its query. A month that has not begun, or is malformed, is the current one.
    pub async fn new(context: &PageContext, mid: Mid, path: &'static str) -> Result<Months, ApiError> {
        let current = day::month_at(context.now);
        let month =
            context.query_param::<Month>("month").filter(|month| *month <= current).unwrap_or(current);
        let joined = context.app.store.get::<Profile>(mid).await?.map_or(0, |profile| profile.jointime);
        let first = if joined > 0 { day::month_at(joined) } else { Month::FIRST }.min(month);
        let mut all: Vec<Month> = std::iter::successors(Some(current), |month| month.previous())
            .take_while(|month| *month >= first)
            .take(MAX_MONTHS)
            .collect();
        if !all.contains(&month) {
            all.push(month);
        }
        let previous = month.previous().filter(|previous| *previous >= first);
        Ok(Months { path, month, previous, next: month.next().filter(|next| *next <= current), all })
    }
}
