//! Common arguments and files of the `bench` commands.

use crate::Failure;
use guanxi_api::param::Param;
use guanxi_loadtest::compare::Service;
use guanxi_loadtest::dataset::Dataset;
use guanxi_loadtest::workload::Target;
use std::fs;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// A duration in seconds, with fractions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds(pub(super) Duration);

impl FromStr for Seconds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Seconds, Self::Err> {
        let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        seconds.filter(|time| !time.is_zero()).map(Seconds).ok_or("a duration is a number of seconds above 0")
    }
}

/// Parses an argument like the API parameter of this type.
pub(super) fn contract_param<P: Param>(text: &str) -> Result<P, String> {
    P::parse(text).map_err(|malformed| malformed.0.to_owned())
}

/// Resolves the service of a base URL.
pub(super) fn resolve_service(url: &str, pid: Option<u32>) -> Result<Service, Failure> {
    let (target, address) = Target::from_url(url)?;
    Ok(Service { target, address, pid })
}

/// Reads a community file written by `bench fill`.
pub(super) fn read_dataset(file: &Path) -> Result<Dataset, Failure> {
    let text = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", file.display()))?)
}

/// Writes a file.
pub(super) fn write_file(file: &Path, text: &str) -> Result<(), Failure> {
    Ok(fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?)
}
