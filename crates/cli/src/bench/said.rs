//! What the commands of `bench` are told alike, and the files that they read and write.

use crate::Failure;
use guanxi_api::param::Param;
use guanxi_loadtest::ask::Target;
use guanxi_loadtest::compare::Service;
use guanxi_loadtest::known::Known;
use std::fs;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// Seconds, of which there may be parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds(pub(super) Duration);

impl FromStr for Seconds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Seconds, Self::Err> {
        let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        seconds.filter(|time| !time.is_zero()).map(Seconds).ok_or("a number of seconds is above 0")
    }
}

/// A parameter of the contract's, as an argument.
pub(super) fn param<P: Param>(text: &str) -> Result<P, String> {
    P::parse(text).map_err(|malformed| malformed.0.to_owned())
}

/// The service of a URL.
pub(super) fn service(url: &str, pid: Option<u32>) -> Result<Service, Failure> {
    let (target, address) = Target::of(url)?;
    Ok(Service { target, address, pid })
}

/// What `bench fill` wrote of a community.
pub(super) fn known(file: &Path) -> Result<Known, Failure> {
    let text = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", file.display()))?)
}

/// Writes a file, whole.
pub(super) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    Ok(fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?)
}
