//! Commands for operating a service, one file each.

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod export;
pub(crate) mod health;
pub(crate) mod import;
pub(crate) mod keys;
pub(crate) mod manual;
pub(crate) mod member;
pub(crate) mod migrate;
pub(crate) mod operator;
mod operator_members;
pub(crate) mod reference;
pub(crate) mod restore;
pub(crate) mod serve;

use guanxi_storage::CommandError;
use std::fmt::Display;

/// Describes the error of a command about a member or a token.
fn describe_error(subject: impl Display, error: &CommandError) -> String {
    match error {
        CommandError::Rejected(code) => format!("{subject}: {}", code.message()),
        CommandError::Fault(fault) => fault.to_string(),
    }
}
