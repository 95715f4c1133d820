//! The documents that are tables: codes, settings and metrics.

use super::cell;
use crate::Failure;
use guanxi_server::Settings;
use guanxi_types::{ErrorCode, HttpError};
use std::fmt::Write as _;

/// Returns the table of the error codes.
pub(super) fn codes() -> String {
    let mut out = "# Error codes

`code` is 0 for success. The contract's error codes are answered with HTTP 200 to members, and with 409 or 404 to operators.

| code | message | name | meaning |
|---|---|---|---|
"
    .to_owned();
    for code in ErrorCode::ALL {
        let meaning = cell(code.meaning());
        let _ = writeln!(out, "| {} | {} | `{code:?}` | {meaning} |", code.number(), code.message());
    }
    out.push_str(
        "
A fault of HTTP or of the service has another status than 200. Its `code` is the negative status.

| status | code | message | name |
|---|---|---|---|
",
    );
    for fault in HttpError::ALL {
        let status = fault.status().as_u16();
        let _ = writeln!(out, "| {status} | {} | {} | `{fault:?}` |", fault.number(), fault.message());
    }
    out
}

/// Returns the table of the settings.
pub(super) fn settings() -> String {
    let mut out = "# Settings

A setting is a key of the TOML file, and an environment variable: `GUANXI_` and the key in capitals. `listen`, `data_dir`, `database_url` and
`start_time` are flags too. A flag wins over the environment, and the environment over the file.

| key | default | range | meaning |
|---|---|---|---|
"
    .to_owned();
    for setting in Settings::reference() {
        let range =
            setting.range.map(|range| format!("{} to {}", range.start(), range.end())).unwrap_or_default();
        let _ =
            writeln!(out, "| `{}` | {} | {range} | {} |", setting.name, setting.default, cell(setting.doc));
    }
    out
}

/// Returns the table of the metrics of both engines.
pub(super) fn metrics() -> Result<String, Failure> {
    let mut out = "# Metrics

`GET /metrics` of the operators' listener has these metrics as OpenMetrics text. A counter has the suffix `_total`, and a histogram the suffixes
`_bucket`, `_sum` and `_count`.

| metric | type | engine | meaning |
|---|---|---|---|
"
    .to_owned();
    for metric in guanxi_server::metrics::reference()? {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            metric.name,
            metric.kind,
            metric.engine,
            cell(&metric.help)
        );
    }
    Ok(out)
}
