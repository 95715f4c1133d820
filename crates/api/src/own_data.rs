//! The caller's own data: who sees it, and what becomes of it.

pub mod change_privacy;
pub mod get_departure;
pub mod get_export;
pub mod get_privacy;
pub mod import_relations;
pub mod leave;
pub mod request_export;
pub mod stay;
