//! Background jobs of the service.

pub mod scheduler;
