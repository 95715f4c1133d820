//! The faults of a community.

use super::ControlRequest;
use guanxi_api::emulator::add_fault::{self, AddFault};
use guanxi_api::emulator::clear_faults::{self, ClearFaults};
use guanxi_api::emulator::list_faults::{self, ListFaults};
use guanxi_server::http::response::ApiError;

pub(super) async fn list_faults(
    ControlRequest { community, .. }: ControlRequest<ListFaults>,
) -> Result<list_faults::Data, ApiError> {
    Ok(list_faults::Data { list: community.faults.list() })
}

pub(super) async fn add_fault(
    ControlRequest { community, request, .. }: ControlRequest<AddFault>,
) -> Result<add_fault::Data, ApiError> {
    Ok(add_fault::Data { id: community.faults.add(request.params)? })
}

pub(super) async fn clear_faults(
    ControlRequest { community, request, .. }: ControlRequest<ClearFaults>,
) -> Result<clear_faults::Data, ApiError> {
    Ok(clear_faults::Data { removed: community.faults.clear(request.params.id) })
}
