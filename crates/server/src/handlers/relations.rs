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
use guanxi_storage::store::{List, ListQuery, ListRefusal, all_cards};
use guanxi_types::{ErrorCode, Mid, Order, PageNumber, PageSize};

/// Returns the rejection of an unknown mid, for endpoints whose documents list only -400 (D39).
pub(super) fn member_not_found(name: &'static str) -> ApiError {
    BadParam { name, reason: InvalidValue("is nobody's") }.into()
}

/// Returns the rejection of a viewer who gets no page of a list.
pub(crate) fn list_refused(list: List, refusal: ListRefusal) -> ApiError {
    match list {
        _ if refusal == ListRefusal::Hidden => ErrorCode::ListHidden.into(),
        List::Followers | List::Followings => member_not_found("vmid"),
        List::Whispers | List::Blocks => ErrorCode::MemberNotFound.into(),
        List::Group(_) => ErrorCode::GroupNotFound.into(),
    }
}

/// Returns the query of a page that `viewer` may see. The refusal of the whole list takes precedence over 22007 (D4).
pub(crate) async fn list_query(
    app: &App,
    (owner, list): (Mid, List),
    viewer: Option<Mid>,
    (ps, pn): (PageSize, PageNumber),
    order: Order,
) -> Result<ListQuery, ApiError> {
    let query = |window| ListQuery { owner, list, viewer, window, order };
    match paging::page_window(ps, pn, viewer == Some(owner)) {
        Ok(window) => Ok(query(window)),
        Err(code) => {
            let page = app.store.page(query(PageWindow { offset: 0, limit: 0 }), all_cards).await?;
            Err(page.err().map_or(code.into(), |refusal| list_refused(list, refusal)))
        }
    }
}

/// Returns the encoded page of a list of relations.
async fn relation_page(
    app: &App,
    client: &ClientInfo,
    query: ListQuery,
) -> Result<PreEncoded<RelationPage>, ApiError> {
    app.list_page(query, client).await?.map_err(|refusal| list_refused(query.list, refusal))
}
