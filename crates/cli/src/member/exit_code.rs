//! Error messages and exit codes of member commands.

use super::sanitize;
use crate::{Failure, terminal};
use guanxi_client::Error;
use guanxi_types::ErrorCode;
use std::io;
use std::process::ExitCode;

/// The exit codes, for `--help`.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  success
  1  a check found problems
  2  local error, such as invalid arguments or settings
  3  the service rejected the request, or a part of it
  4  not logged in
  5  the service is unreachable or failed
  6  the disk failed under a running service, which must be started again
  7  a service stopped, but its last writes remain in the write-ahead log";

/// The reasons for which a command ends without an error of the client.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Abort {
    /// The command needs a login, and none is stored.
    #[error("not logged in")]
    NotLoggedIn,
    /// The service rejected some members, and each rejection was printed.
    #[error("some members were rejected")]
    SomeRejected,
}

/// Prints the error of a command and returns its exit code.
pub(crate) fn report(failure: &Failure, address: &str) -> ExitCode {
    let code = code_for(failure);
    let is_reported = is_broken_pipe(failure) || matches!(failure.downcast_ref(), Some(Abort::SomeRejected));
    if !is_reported {
        terminal::note(format_args!("guanxi: {}", describe(failure)));
    }
    if code == NOT_LOGGED_IN {
        let address = sanitize::single_line(address);
        terminal::note(format_args!("log in with `guanxi login --url {address}`"));
    }
    ExitCode::from(code)
}

const LOCAL_ERROR: u8 = 2;
const REJECTED: u8 = 3;
const NOT_LOGGED_IN: u8 = 4;
const NO_RESPONSE: u8 = 5;

fn code_for(failure: &Failure) -> u8 {
    if is_broken_pipe(failure) {
        return 0;
    }
    match (failure.downcast_ref(), failure.downcast_ref()) {
        (Some(Error::Rejected { code: Some(ErrorCode::NotLoggedIn), .. }), _) => NOT_LOGGED_IN,
        (Some(Error::Rejected { .. }), _) | (_, Some(Abort::SomeRejected)) => REJECTED,
        (Some(Error::Http { .. } | Error::Unreachable(_) | Error::OutcomeUnknown { .. }), _) => NO_RESPONSE,
        (_, Some(Abort::NotLoggedIn)) => NOT_LOGGED_IN,
        _ => LOCAL_ERROR,
    }
}

/// True if standard output was closed by its reader, which is no error.
fn is_broken_pipe(failure: &Failure) -> bool {
    failure.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Describes an error.
fn describe(failure: &Failure) -> String {
    match failure.downcast_ref::<Error>() {
        Some(error) => describe_error(error),
        None => sanitize::single_line(&failure.to_string()),
    }
}

/// Describes an error of the client: the message of the service, its English meaning, and advice.
pub(crate) fn describe_error(error: &Error) -> String {
    let mut text = sanitize::single_line(&error.to_string());
    // The message of a bad request already contains the hint.
    if let Some(code) = error.code().filter(|code| *code != ErrorCode::BadRequest) {
        text.extend([". ", code.meaning()]);
    }
    if let (Error::Rejected { .. }, Some(wait)) = (error, error.retry_after()) {
        text.extend([" Wait ", &wait.as_secs().to_string(), " seconds."]);
    }
    if error.may_have_happened() {
        text.push_str(". The change may have been made nevertheless: check before you repeat it");
    }
    text
}
