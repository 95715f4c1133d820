//! Values that can be read and make no sense: each is an error that names its setting. Values that may be meant, and are usually a
//! mistake, are warnings.

use super::{Settings, SettingsError, nonzero};
use crate::password::LONGEST;
use guanxi_domain::tries;
use http::Uri;
use std::ops::RangeInclusive;

/// A number among the settings: its name, the number, and what it may be.
type Number = (&'static str, u64, RangeInclusive<u64>);

/// A day, in seconds.
const DAY: u64 = 86_400;

macro_rules! numbers {
    ($settings:ident; $($name:ident: $range:expr,)+) => {
        vec![$((stringify!($name), u64::from(number($settings.$name)), $range)),+]
    };
}

/// The number of a setting, whether it may be 0 or not.
fn number(number: impl Into<u32>) -> u32 {
    number.into()
}

/// The numbers that have a range narrower than their type. Attempts are kept one by one with each door, sessions and groups are
/// read all at once, and everything that is held in memory has to fit in there.
fn numbers(settings: &Settings) -> Vec<Number> {
    numbers![settings;
        search_limit: 1..=100_000,
        search_concurrency: 1..=1_024,
        log_limit: 1..=100_000,
        store_connections: 1..=10_000,
        store_queue: 1..=1_000_000,
        store_timeout_seconds: 1..=3_600,
        store_wait_seconds: 0..=DAY,
        session_days: 1..=3_650,
        session_limit: 1..=10_000,
        signups_per_address: 1..=10_000,
        password_min_length: 1..=LONGEST as u64,
        password_memory_kib: 8..=4_194_304,
        password_passes: 1..=100,
        password_threads: 1..=1_024,
        password_queue: 1..=100_000,
        password_queue_per_address: 1..=100_000,
        login_failures_per_account: 1..=10_000,
        login_failures_per_address: 1..=10_000,
        logins_per_account: 1..=10_000,
        login_window_seconds: 1..=30 * DAY,
        login_wait_seconds: 1..=tries::LONGEST.unsigned_abs(),
        qrcode_seconds: 1..=DAY,
        qrcodes_per_address: 1..=10_000,
        login_log_days: 1..=3_650,
        group_limit: 0..=10_000,
        sign_delay_seconds: 0..=30 * DAY,
        event_days: 1..=3_650,
        event_batch: 1..=100_000,
        head_limit_bytes: 8_192..=1 << 20,
        header_timeout_seconds: 1..=3_600,
        body_timeout_seconds: 1..=3_600,
        idle_timeout_seconds: 1..=DAY,
        shutdown_grace_seconds: 0..=3_600,
        body_limit_bytes: 1_024..=16 << 20,
        operator_body_limit_bytes: 1_024..=1 << 30,
        connection_limit: 1..=1_000_000,
        connections_per_address: 1..=1_000_000,
        request_limit: 1..=1_000_000,
        in_flight_mib: 1..=65_536,
        http2_streams: 1..=1_000,
        commit_batch: 1..=65_536,
        commit_queue: 1..=1_000_000,
        gather_mib: 1..=65_536,
        card_memory_mib: 0..=1 << 20,
    ]
}

/// Rejects settings that make no sense on a machine with so many KiB of memory, as far as that is known.
pub(super) fn check(settings: &Settings, memory_kib: Option<u64>) -> Result<(), SettingsError> {
    for (name, number, range) in numbers(settings) {
        if !range.contains(&number) {
            let why = format!("is not from {} to {}", range.start(), range.end());
            return Err(SettingsError::Senseless(name, number.to_string(), why));
        }
    }
    for (name, text) in texts(settings) {
        if text.trim().is_empty() {
            let why = "is empty: leave the setting out".to_owned();
            return Err(SettingsError::Senseless(name, format!("{text:?}"), why));
        }
    }
    if let Some(url) = &settings.public_url {
        url_of_members(url).map_err(|why| SettingsError::Senseless("public_url", url.clone(), why))?;
    }
    if let Some(contact) = &settings.security_contact {
        contact_of(contact)
            .map_err(|why| SettingsError::Senseless("security_contact", contact.clone(), why))?;
    }
    let argon2 = u64::from(settings.password_memory_kib.get()) * u64::from(settings.password_threads.get());
    match memory_kib {
        Some(memory) if argon2 > memory => Err(SettingsError::Senseless(
            "password_memory_kib",
            settings.password_memory_kib.to_string(),
            format!("times password_threads is {argon2} KiB, and the machine has {memory} KiB"),
        )),
        _ => Ok(()),
    }
}

/// The texts that have to say something if they are there.
fn texts(settings: &Settings) -> impl Iterator<Item = (&'static str, &str)> {
    let Settings { data, store, keys, ip2region, sensitive_words, reserved_names, log_level, .. } = settings;
    let paths = [
        ("data", data),
        ("keys", keys),
        ("ip2region", ip2region),
        ("sensitive_words", sensitive_words),
        ("reserved_names", reserved_names),
    ];
    let paths = paths.into_iter().filter_map(|(name, path)| Some((name, path.as_ref()?.to_str()?)));
    let texts = [("store", store), ("log_level", log_level)];
    paths.chain(texts.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?))))
}

/// Rejects what is no address such as `https://members.example.cn`: it becomes part of links, pictures and cookies.
fn url_of_members(text: &str) -> Result<(), String> {
    let example = "is not an address such as https://members.example.cn";
    let uri: Uri = text.parse().map_err(|_| example)?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let has_host = uri.authority().is_some_and(|of| !of.host().is_empty() && !of.as_str().contains('@'));
    if !is_http || !has_host {
        return Err(example.to_owned());
    }
    // The path of an address without one is told as `/`.
    if text.ends_with('/') || uri.path() != "/" || uri.query().is_some() || text.contains('#') {
        return Err("has more than scheme, host and port: pages lie at the root".to_owned());
    }
    Ok(())
}

/// Rejects what is no way to reach somebody, as RFC 9116 has it.
fn contact_of(text: &str) -> Result<(), String> {
    let uri: String = text.chars().filter(char::is_ascii_graphic).collect();
    let known = ["mailto:", "https://", "tel:"].iter().find_map(|scheme| uri.strip_prefix(scheme));
    if uri == text && known.is_some_and(|rest| !rest.is_empty()) {
        return Ok(());
    }
    Err("is not such as mailto:security@example.cn, https://… or tel:…".to_owned())
}

/// What may be meant, and is usually a mistake.
pub(super) fn warnings(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    if settings.trusted_proxies.contain_everybody() {
        let why = "everybody is believed to be a proxy, so anybody may claim any address: limits by address hold nobody off";
        warnings.push(format!("trusted_proxies: {why}"));
    }
    if settings.commit_queue < settings.commit_batch {
        warnings.push("commit_queue is below commit_batch: no commit ever has so many writes".to_owned());
    }
    if settings.password_threads > nonzero(64) {
        warnings.push("password_threads: more than there are processors only takes memory".to_owned());
    }
    warnings
}

/// The memory of this machine in KiB, where the system tells it.
#[cfg(target_os = "linux")]
pub(super) fn memory_kib() -> Option<u64> {
    let info = rustix::system::sysinfo();
    #[expect(clippy::useless_conversion, reason = "it is narrower on some machines")]
    let total = u64::from(info.totalram);
    total.checked_mul(info.mem_unit.max(1).into()).map(|bytes| bytes / 1_024)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn memory_kib() -> Option<u64> {
    None
}
