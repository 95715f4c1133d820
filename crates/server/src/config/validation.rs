//! Validation of settings: values out of range are errors, and suspicious values are warnings.

use super::{Settings, SettingsError, nonzero};
use crate::auth::password_hasher::PASSWORD_MAX_CHARS;
use guanxi_domain::rate_limit;
use http::Uri;
use std::ops::RangeInclusive;

/// A numeric setting: its key, value and range.
pub(super) type NumericSetting = (&'static str, u64, RangeInclusive<u64>);

/// The number of seconds of a day.
const DAY: u64 = 86_400;

macro_rules! numbers {
    ($settings:ident; $($name:ident: $range:expr,)+) => {
        vec![$((stringify!($name), u64::from(to_u32($settings.$name)), $range)),+]
    };
}

/// Converts the value of a setting, with or without 0 in its type.
fn to_u32(number: impl Into<u32>) -> u32 {
    number.into()
}

/// Returns the numeric settings whose range is narrower than their type.
///
/// A rate-limit bucket stores each attempt, sessions and groups of a member are read at once, and buffers have to
/// fit into memory.
pub(super) fn numeric_ranges(settings: &Settings) -> Vec<NumericSetting> {
    numbers![settings;
        search_scan_limit: 1..=100_000,
        search_concurrency: 1..=1_024,
        find_scan_limit: 10..=10_000,
        member_scan_limit: 1..=1_000_000,
        find_min_chars: 1..=16,
        finds_per_minute: 1..=60_000,
        log_limit: 1..=100_000,
        database_max_connections: 1..=10_000,
        database_queue: 1..=1_000_000,
        database_commit_lanes: 1..=1_000,
        database_commit_batch: 1..=65_536,
        database_timeout_seconds: 1..=3_600,
        database_scan_timeout_seconds: 1..=7 * DAY,
        database_startup_wait_seconds: 0..=DAY,
        session_days: 1..=3_650,
        session_limit: 1..=10_000,
        registrations_per_address: 1..=10_000,
        contact_changes_per_address: 1..=10_000,
        name_change_days: 0..=3_650,
        leave_days: 0..=3_650,
        export_days: 1..=365,
        export_concurrency: 1..=64,
        export_limit: 1..=10_000_000,
        import_limit: 1..=100_000,
        picture_limit_bytes: 1_024..=64 << 20,
        picture_timeout_seconds: 1..=3_600,
        picture_limit_pixels: 1_000..=200_000_000,
        picture_concurrency: 1..=1_024,
        pictures_per_member: 1..=10_000,
        password_min_length: 1..=PASSWORD_MAX_CHARS as u64,
        argon2_memory_kib: 8..=4_194_304,
        argon2_iterations: 1..=100,
        argon2_concurrency: 1..=1_024,
        argon2_queue: 1..=100_000,
        argon2_queue_per_address: 1..=100_000,
        login_failures_per_account: 1..=10_000,
        login_failures_per_address: 1..=10_000,
        logins_per_account: 1..=10_000,
        rate_limit_window_seconds: 1..=30 * DAY,
        lockout_seconds: 1..=rate_limit::MAX_LOCKOUT_SECONDS.unsigned_abs(),
        login_step_seconds: 30..=3_600,
        proof_seconds: 1..=DAY,
        passkey_limit: 1..=100,
        passkey_challenges_per_address: 1..=10_000,
        qrcode_ttl_seconds: 1..=DAY,
        qrcodes_per_address: 1..=10_000,
        smtp_port: 1..=65_535,
        message_retry_hours: 1..=24 * 366,
        message_timeout_seconds: 1..=600,
        message_concurrency: 1..=1_024,
        messages_per_member: 1..=1_000,
        code_ttl_seconds: 60..=DAY,
        code_tries: 1..=100,
        codes_per_contact: 1..=10_000,
        codes_per_address: 1..=10_000,
        wrong_codes_per_day: 1..=1_000,
        login_log_days: 1..=3_650,
        news_days: 1..=366,
        news_limit: 1..=1_000,
        coin_export_limit: 1..=10_000_000,
        group_limit: 0..=10_000,
        batch_limit: 1..=1_000,
        note_limit: 1..=10_000,
        remark_limit: 0..=10_000,
        sign_delay_seconds: 0..=30 * DAY,
        event_retention_days: 1..=3_650,
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
        memtable_mib: 1..=65_536,
        archive_interval_ms: 10..=3_600_000,
        archive_base_hours: 1..=24 * 366,
        archive_retention_days: 1..=3_650,
        archive_max_wal_mib: 1..=1 << 20,
        profile_cache_mib: 0..=1 << 20,
    ]
}

/// Rejects values that are out of range, invalid, or too large for the memory of the machine. `memory_kib` is
/// `None` if the memory is unknown.
pub(super) fn check(settings: &Settings, memory_kib: Option<u64>) -> Result<(), SettingsError> {
    for (name, number, range) in numeric_ranges(settings) {
        if !range.contains(&number) {
            let reason = format!("is not between {} and {}", range.start(), range.end());
            return Err(SettingsError::OutOfRange(name, number.to_string(), reason));
        }
    }
    for (name, text) in texts(settings) {
        if text.trim().is_empty() {
            let reason = "is empty: remove the setting instead".to_owned();
            return Err(SettingsError::OutOfRange(name, format!("{text:?}"), reason));
        }
    }
    if let Some(level) = settings.second_factor_from_level.filter(|level| *level > 6) {
        let reason = "is not between 0 and 6".to_owned();
        return Err(SettingsError::OutOfRange("second_factor_from_level", level.to_string(), reason));
    }
    if let Some(url) = &settings.public_url {
        check_public_url(url)
            .map_err(|reason| SettingsError::OutOfRange("public_url", url.clone(), reason))?;
    }
    if let Some(contact) = &settings.security_contact {
        check_security_contact(contact)
            .map_err(|reason| SettingsError::OutOfRange("security_contact", contact.clone(), reason))?;
    }
    if let (Some(url), Some(_)) = (&settings.archive_url, &settings.database_url) {
        let reason = "needs a data directory: archive a database with its own tools, such as WAL archiving";
        return Err(SettingsError::OutOfRange("archive_url", url.clone(), reason.to_owned()));
    }
    let argon2_total =
        u64::from(settings.argon2_memory_kib.get()) * u64::from(settings.argon2_concurrency.get());
    match memory_kib {
        Some(memory) if argon2_total > memory => Err(SettingsError::OutOfRange(
            "argon2_memory_kib",
            settings.argon2_memory_kib.to_string(),
            format!(
                "times argon2_concurrency is {argon2_total} KiB, more than the {memory} KiB of the machine"
            ),
        )),
        _ => Ok(()),
    }
}

/// Returns the texts that must not be empty if they are set.
fn texts(settings: &Settings) -> impl Iterator<Item = (&'static str, &str)> {
    let Settings {
        archive_key_file,
        archive_url,
        compat,
        data_dir,
        database_url,
        key_file,
        ip2region,
        sensitive_words,
        reserved_names,
        log_level,
        mail_from,
        message_folder,
        message_secret,
        message_templates,
        message_url,
        smtp_host,
        smtp_password,
        smtp_user,
        ..
    } = settings;
    let paths = [
        ("archive_key_file", archive_key_file),
        ("compat", compat),
        ("data_dir", data_dir),
        ("key_file", key_file),
        ("ip2region", ip2region),
        ("sensitive_words", sensitive_words),
        ("reserved_names", reserved_names),
        ("message_folder", message_folder),
        ("message_templates", message_templates),
    ];
    let paths = paths.into_iter().filter_map(|(name, path)| Some((name, path.as_ref()?.to_str()?)));
    let texts = [
        ("archive_url", archive_url),
        ("database_url", database_url),
        ("log_level", log_level),
        ("mail_from", mail_from),
        ("message_url", message_url),
        ("smtp_host", smtp_host),
        ("smtp_user", smtp_user),
    ];
    let secrets = [("message_secret", message_secret), ("smtp_password", smtp_password)];
    let secrets = secrets.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?.0.as_str())));
    let paths = paths.chain(secrets);
    paths.chain(texts.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?))))
}

/// Checks that a public URL is like `https://members.example.cn`. It becomes part of links, pictures and cookies.
fn check_public_url(text: &str) -> Result<(), String> {
    let example = "is not a URL such as https://members.example.cn";
    let uri: Uri = text.parse().map_err(|_| example)?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let has_host = uri
        .authority()
        .is_some_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'));
    if !is_http || !has_host {
        return Err(example.to_owned());
    }
    // The parser returns `/` as the path of a URL without one.
    if text.ends_with('/') || uri.path() != "/" || uri.query().is_some() || text.contains('#') {
        return Err("has more than scheme, host and port: pages are at the root".to_owned());
    }
    Ok(())
}

/// Checks that a contact is a URI as in RFC 9116.
fn check_security_contact(text: &str) -> Result<(), String> {
    let uri: String = text.chars().filter(char::is_ascii_graphic).collect();
    let known = ["mailto:", "https://", "tel:"].iter().find_map(|scheme| uri.strip_prefix(scheme));
    if uri == text && known.is_some_and(|rest| !rest.is_empty()) {
        return Ok(());
    }
    Err("is not a contact such as mailto:security@example.cn, https://… or tel:…".to_owned())
}

/// Returns warnings about values that are valid but usually a mistake.
pub(super) fn warnings(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    if settings.trusted_proxies.contains_any_address() {
        let reason =
            "every client is a trusted proxy and can forge its address, so limits by address have no effect";
        warnings.push(format!("trusted_proxies: {reason}"));
    }
    if settings.commit_queue < settings.commit_batch {
        warnings.push("commit_queue is below commit_batch, so no commit reaches commit_batch".to_owned());
    }
    if settings.database_commit_lanes >= settings.database_max_connections {
        warnings.push(
            "database_commit_lanes is not below database_max_connections, so writes may keep reads waiting"
                .to_owned(),
        );
    }
    if settings.argon2_concurrency > nonzero(64) {
        warnings.push("argon2_concurrency: values above the number of processors only use memory".to_owned());
    }
    warnings
}

/// Returns the memory of the machine in KiB, or `None` if it is unknown.
#[cfg(target_os = "linux")]
pub(super) fn memory_kib() -> Option<u64> {
    let info = rustix::system::sysinfo();
    #[expect(clippy::useless_conversion, reason = "the type is narrower on some platforms")]
    let total = u64::from(info.totalram);
    total.checked_mul(info.mem_unit.max(1).into()).map(|bytes| bytes / 1_024)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn memory_kib() -> Option<u64> {
    None
}
