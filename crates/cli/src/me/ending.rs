//! How a member's command ends: what is told of a failure, and the exit code.

use super::harmless;
use crate::{Failure, log};
use guanxi_client::Error;
use guanxi_types::ErrorCode;
use std::io;
use std::process::ExitCode;

/// What `--help` says of exit codes.
pub(crate) const CODES: &str = "\
Exit codes:
  0  it was done
  1  a check found something wrong
  2  it could not be done here
  3  the service refused it, or some of it
  4  nobody is logged in
  5  the service gave no answer, or is in trouble";

/// Why a command ends though the service has not said so.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// There is no login, and the command makes no sense without.
    #[error("nobody is logged in")]
    NobodyIsLoggedIn,
    /// Some were refused, and each was told.
    #[error("some were refused")]
    SomeWereRefused,
}

/// Tells why a command failed, and with what it exits.
pub(crate) fn of(failure: &Failure, address: &str) -> ExitCode {
    let code = code(failure);
    let is_told = is_nobody_there(failure) || matches!(failure.downcast_ref(), Some(Stop::SomeWereRefused));
    if !is_told {
        log::tell(format_args!("guanxi: {}", why(failure)));
    }
    if code == NOT_LOGGED_IN {
        log::tell(format_args!("`guanxi login --url {}` logs you in", harmless::line(address)));
    }
    ExitCode::from(code)
}

const COULD_NOT: u8 = 2;
const REFUSED: u8 = 3;
const NOT_LOGGED_IN: u8 = 4;
const NO_ANSWER: u8 = 5;

fn code(failure: &Failure) -> u8 {
    if is_nobody_there(failure) {
        return 0;
    }
    match (failure.downcast_ref(), failure.downcast_ref()) {
        (Some(Error::Refused { code: Some(ErrorCode::NotLoggedIn), .. }), _) => NOT_LOGGED_IN,
        (Some(Error::Refused { .. }), _) | (_, Some(Stop::SomeWereRefused)) => REFUSED,
        (Some(Error::Fault { .. } | Error::Unreachable(_) | Error::Unanswered { .. }), _) => NO_ANSWER,
        (_, Some(Stop::NobodyIsLoggedIn)) => NOT_LOGGED_IN,
        _ => COULD_NOT,
    }
}

/// Whether nobody reads any more what the command tells. Who stopped has seen enough.
fn is_nobody_there(failure: &Failure) -> bool {
    failure.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// A failure in words. A code is told as the service does, and in English.
pub(crate) fn why(failure: &Failure) -> String {
    let Some(error) = failure.downcast_ref::<Error>() else { return harmless::line(&failure.to_string()) };
    refusal(error)
}

/// The same of a client's error.
pub(crate) fn refusal(error: &Error) -> String {
    let mut text = harmless::line(&error.to_string());
    // What a parameter lacks is in the hint.
    if let Some(code) = error.code().filter(|code| *code != ErrorCode::BadRequest) {
        text.extend([". ", code.meaning()]);
    }
    if let (Error::Refused { .. }, Some(wait)) = (error, error.retry_after()) {
        text.extend([" Wait ", &wait.as_secs().to_string(), " seconds."]);
    }
    if error.may_have_happened() {
        text.push_str(". It may have been done all the same: look before you do it again");
    }
    text
}
