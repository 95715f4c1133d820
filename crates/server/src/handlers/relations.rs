//! Relations between members: follow, whisper, block.

pub mod change_relations;
pub mod get_relation;
pub mod get_relation_counters;
pub mod get_relation_pair;
pub mod get_remark;
pub mod list_blocks;
pub mod list_followers;
pub mod list_followings;
pub mod list_relations;
pub mod list_whispers;
pub mod modify_relation;
pub mod set_remark;

use crate::app::App;
use crate::http::client_info::ClientInfo;
use crate::http::response::{ApiError, PreEncoded};
use guanxi_api::member_list::RelationPage;
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_domain::paging::{self, PageWindow};
use guanxi_storage::Store;
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::{ErrorCode, Mid, PageNumber, PageSize};

/// Returns the rejection of an unknown mid, for endpoints whose documents list only -400 (D39).
pub(super) fn member_not_found(name: &'static str) -> ApiError {
    BadParam { name, reason: InvalidValue("is nobody's") }.into()
}

/// Returns the rejection of a list that does not exist, or that the viewer cannot see.
pub(crate) fn list_not_found(list: List) -> ApiError {
    match list {
        List::Followers | List::Followings => member_not_found("vmid"),
        List::Whispers | List::Blocks => ErrorCode::MemberNotFound.into(),
        List::Group(_) => ErrorCode::GroupNotFound.into(),
    }
}

/// Returns the entries of a page that `viewer` may see. -400 for an unknown owner takes precedence over 22007 (D4).
pub(crate) async fn list_window(
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

/// Returns the encoded page of a list of relations.
async fn relation_page(
    app: &App,
    client: &ClientInfo,
    query: ListQuery,
) -> Result<PreEncoded<RelationPage>, ApiError> {
    app.list_page(query, client).await?.ok_or_else(|| list_not_found(query.list))
}
