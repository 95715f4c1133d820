//! Relations between members: follow, whisper, block.

pub mod get_relation;
pub mod get_relation_counters;
pub mod get_relation_pair;
pub mod list_blocks;
pub mod list_followers;
pub mod list_followings;
pub mod list_whispers;
pub mod modify_relation;

use crate::app::App;
use crate::http::response::ApiError;
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_domain::paging::{self, PageWindow};
use guanxi_storage::Store;
use guanxi_types::{Mid, PageNumber, PageSize};

/// Returns the rejection of an unknown mid, for endpoints whose documents list only -400 (D39).
pub(super) fn member_not_found(name: &'static str) -> ApiError {
    BadParam { name, reason: InvalidValue("is nobody's") }.into()
}

/// Returns the entries of a page that `viewer` may see. -400 for an unknown owner takes precedence over 22007 (D4).
pub(super) async fn list_window(
    app: &App,
    owner: Mid,
    viewer: Option<Mid>,
    ps: PageSize,
    pn: PageNumber,
) -> Result<PageWindow, ApiError> {
    match paging::page_window(ps, pn, viewer == Some(owner)) {
        Err(_) if app.store.counters(owner).await?.is_none() => Err(member_not_found("vmid")),
        window => Ok(window?),
    }
}
