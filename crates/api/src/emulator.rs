//! The control API of the emulator, for the set-up of tests in any language. All endpoints concern the community of the
//! request. They are operators' endpoints, so `Operator::send` of the typed client takes each of them.

pub mod add_fault;
pub mod clear_faults;
pub mod clear_requests;
pub mod close_community;
pub mod get_clock;
pub mod list_communities;
pub mod list_faults;
pub mod list_gaps;
pub mod list_requests;
pub mod list_snapshots;
pub mod open_session;
pub mod restore_snapshot;
pub mod set_clock;
pub mod take_snapshot;
