//! The recorded requests of a community, and its gaps.

use super::ControlRequest;
use crate::journal::{self, Filter};
use crate::path_pattern::PathPattern;
use guanxi_api::emulator::clear_faults;
use guanxi_api::emulator::clear_requests::ClearRequests;
use guanxi_api::emulator::list_gaps::{self, ListGaps};
use guanxi_api::emulator::list_requests::{Data, ListRequests};
use guanxi_server::http::response::ApiError;
use std::time::Duration;

/// The longest wait for a request.
const MAX_WAIT_MS: u32 = 30_000;

pub(super) async fn list_requests(
    ControlRequest { community, request, .. }: ControlRequest<ListRequests>,
) -> Result<Data, ApiError> {
    let params = request.params;
    let limit = match params.limit.unwrap_or(100) {
        limit @ 1..=1_000 => limit as usize,
        _ => return Err(ApiError::InvalidRequest("limit must be a number from 1 to 1000".to_owned())),
    };
    let wait_ms = params.wait_ms.unwrap_or(0);
    if wait_ms > MAX_WAIT_MS {
        return Err(ApiError::InvalidRequest(format!("wait_ms must be a number up to {MAX_WAIT_MS}")));
    }
    let filter = Filter {
        path: params.path.map(PathPattern::new),
        status: params.status,
        code: params.code,
        mid: params.mid,
        after: params.after.unwrap_or(0),
        limit,
    };
    let mut list = community.journal.wait(&filter, Duration::from_millis(u64::from(wait_ms))).await;
    if params.include_secrets != Some(true) {
        list.iter_mut().for_each(journal::mask_secrets);
    }
    Ok(Data { list, latest: community.journal.latest() })
}

pub(super) async fn clear_requests(
    ControlRequest { community, request, .. }: ControlRequest<ClearRequests>,
) -> Result<clear_faults::Data, ApiError> {
    if request.params.gaps == Some(true) {
        community.gaps.clear();
    }
    Ok(clear_faults::Data { removed: community.journal.clear() })
}

pub(super) async fn list_gaps(
    ControlRequest { community, .. }: ControlRequest<ListGaps>,
) -> Result<list_gaps::Data, ApiError> {
    Ok(community.gaps.list())
}
