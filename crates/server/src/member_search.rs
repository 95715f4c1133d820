//! The search of members by name, for the endpoint and the pages: its bounds, and the rate of each client.

use crate::app::App;
use crate::auth::rate_limit::{address_bucket_key, member_bucket_key};
use crate::http::client_info::ClientInfo;
use crate::http::response::ApiError;
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_domain::name::MAX_SEARCH_CHARS;
use guanxi_domain::paging::PageWindow;
use guanxi_domain::rate_limit;
use guanxi_storage::Store;
use guanxi_storage::encryption::Hash;
use guanxi_storage::name_search::{FoundPage, NameQuery};
use guanxi_types::{ErrorCode, Mid};
use quick_cache::sync::Cache;
use tokio::time::Instant;

/// The number of clients whose rates are known. The least recent ones are forgotten.
const MAX_CLIENTS: usize = 16_384;

/// The rates of searches. They are in memory, as a search must not cost a write. Each process has its own.
#[derive(Debug)]
pub struct SearchRates {
    started: Instant,
    taken_until: Cache<Hash, i64>,
}

impl Default for SearchRates {
    fn default() -> SearchRates {
        SearchRates { started: Instant::now(), taken_until: Cache::new(MAX_CLIENTS) }
    }
}

impl SearchRates {
    /// Counts a search of a client, or returns 30012. Searches at the same time may count as one.
    fn count(&self, client: Hash, per_minute: u32) -> Result<(), ApiError> {
        let now = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let taken_until = self.taken_until.get(&client).unwrap_or(0);
        let taken_until = rate_limit::take_slot(taken_until, per_minute, now)
            .map_err(|seconds| ApiError::RetryAfter(ErrorCode::TooManyAttempts, seconds))?;
        self.taken_until.insert(client, taken_until);
        Ok(())
    }
}

/// Returns a page of the members that a text finds. -400 for a text that is too short or too long, 30012 for too many
/// searches of a client.
pub async fn find(
    app: &App,
    client: &ClientInfo,
    viewer: Option<Mid>,
    text: &str,
    window: PageWindow,
) -> Result<FoundPage, ApiError> {
    let limits = &app.limits;
    let is_mid = text.trim().parse::<Mid>().is_ok();
    let reason = match text.trim().chars().count() {
        length if length < limits.find_min_chars && !is_mid => Some("is too short"),
        length if length > MAX_SEARCH_CHARS => Some("has more than 64 characters"),
        _ => None,
    };
    if let Some(reason) = reason {
        return Err(BadParam { name: "q", reason: InvalidValue(reason) }.into());
    }
    let key = match viewer {
        Some(viewer) => member_bucket_key(b"find", viewer),
        None => address_bucket_key(b"find", client.client_ip(&app.trusted_proxies)),
    };
    app.search_rates.count(key, limits.finds_per_minute)?;
    let query = NameQuery::new(text, viewer, limits.find_scan, window);
    let store = app.store.clone();
    app.search_pool.run(async move { Ok(store.find_members(query).await?) }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_of_one_client_are_limited() {
        let rates = SearchRates::default();
        for _ in 0..2 {
            assert!(rates.count([1; 32], 2).is_ok());
        }
        let rejected = rates.count([1; 32], 2).unwrap_err();
        assert!(matches!(rejected, ApiError::RetryAfter(ErrorCode::TooManyAttempts, 1..=30)), "{rejected:?}");
        assert!(rates.count([2; 32], 2).is_ok());
    }
}
