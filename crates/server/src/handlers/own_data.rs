//! The caller's own data: who sees it, and what becomes of it.

pub mod change_privacy;
pub mod get_departure;
pub mod get_privacy;
pub mod leave;
pub mod stay;
