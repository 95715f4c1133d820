//! Builds the parts of the service from the settings.

use super::{BioApproval, MessageSender, NameApproval, Settings, SettingsError, VipExpiry, seconds};
use crate::auth::password_hasher::PasswordHasher;
use crate::clock::Clock;
use crate::geoip::GeoIp;
use crate::limits::Limits;
use crate::picture::PictureEncoder;
use guanxi_domain::bio::{ReviewPolicy, SensitiveWords};
use guanxi_domain::name::ReservedNames;
use guanxi_domain::news::NewsLimits;
use guanxi_domain::rate_limit::{self, Quota};
use guanxi_storage::commands::OutboxLimits;
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::archive::location::Location;
use guanxi_storage::embedded::archive::{Archive, ArchiveOptions};
use guanxi_storage::model::Table;
use guanxi_storage::postgres;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::time::Duration;

const SAMPLE_WORDS: &str = include_str!("../../sensitive_words.txt");
const RESERVED_NAMES: &str = include_str!("../../reserved_names.txt");

impl Settings {
    /// Returns the data directory.
    pub fn data_directory(&self) -> &Path {
        self.data_dir.as_deref().unwrap_or(Path::new("guanxi-data"))
    }

    /// Returns the clock of the service.
    pub fn clock(&self) -> Clock {
        self.start_time.map_or_else(Clock::system, Clock::starting_at)
    }

    /// Returns the options of the embedded engine.
    pub fn embedded_options(&self) -> Options {
        let size = |number: NonZeroU32| NonZeroUsize::try_from(number).map_or(usize::MAX, NonZeroUsize::get);
        Options {
            max_batch_size: size(self.commit_batch),
            max_queued_commands: size(self.commit_queue),
            memtable_bytes: size(self.memtable_mib).saturating_mul(1 << 20),
            archive_wal_bytes: self
                .archive_url
                .as_ref()
                .map(|_| u64::from(self.archive_max_wal_mib.get()) << 20),
            news: self.news_limits(),
            ..Options::default()
        }
    }

    /// Returns the bounds of the stored news of a member.
    pub fn news_limits(&self) -> NewsLimits {
        NewsLimits { max_items: self.news_limit.get() as usize, keep_days: self.news_days.get() }
    }

    /// Opens the archive, or returns `None` without `archive_url`. Creates a missing folder if `create` is true.
    pub fn archive(&self, create: bool) -> Result<Option<Archive>, SettingsError> {
        let Some(url) = &self.archive_url else { return Ok(None) };
        Ok(Some(Location::parse(url)?.open(self.archive_key_file.as_deref(), create)?))
    }

    /// Returns the times of the archive.
    pub fn archive_options(&self) -> ArchiveOptions {
        ArchiveOptions {
            interval: Duration::from_millis(self.archive_interval_ms.get().into()),
            base_interval: Duration::from_hours(self.archive_base_hours.get().into()),
            retention: Duration::from_hours(u64::from(self.archive_retention_days.get()) * 24),
        }
    }

    /// Returns the maximum memory of the profile cache, in bytes.
    pub fn profile_cache_bytes(&self) -> usize {
        (self.profile_cache_mib as usize).saturating_mul(1 << 20)
    }

    /// Returns the address and options of the database, or `None` if the settings have no `database_url`.
    pub fn database_options(
        &self,
    ) -> Result<Option<(postgres::DatabaseConfig, postgres::Options)>, SettingsError> {
        let Some(url) = &self.database_url else { return Ok(None) };
        let address =
            postgres::parse_url(url).map_err(|error| SettingsError::DatabaseUrl(error.to_string()))?;
        let options = postgres::Options {
            max_connections: self.database_max_connections.get() as usize,
            max_waiting: self.database_queue.get() as usize,
            commit_lanes: self.database_commit_lanes.get() as usize,
            max_batch_size: self.database_commit_batch.get() as usize,
            statement_timeout: seconds(self.database_timeout_seconds),
            scan_timeout: seconds(self.database_scan_timeout_seconds),
            startup_wait: Duration::from_secs(self.database_startup_wait_seconds.into()),
            news: self.news_limits(),
        };
        Ok(Some((address, options)))
    }

    /// Returns the limits.
    pub fn limits(&self) -> Limits {
        Limits {
            max_followings: self.following_limit,
            search_scan: self.search_scan_limit.get() as usize,
            find_scan: self.find_scan_limit.get() as usize,
            member_scan: self.member_scan_limit.get() as usize,
            find_min_chars: self.find_min_chars.get() as usize,
            finds_per_minute: self.finds_per_minute.get(),
            max_groups: self.group_limit as usize,
            batch: self.batch_limit.get() as usize,
            max_remarks: self.remark_limit as usize,
            max_notes: self.note_limit.get() as usize,
            login_log_days: self.login_log_days.get(),
            log_entries: self.log_limit.get() as usize,
            news: self.news_limits(),
            coin_export: self.coin_export_limit.get() as usize,
            session_secs: i64::from(self.session_days.get()) * 86_400,
            max_sessions: self.session_limit.get() as usize,
            min_password_length: self.password_min_length.get() as usize,
            failures_per_account: self.quota(self.login_failures_per_account),
            failures_per_address: self.quota(self.login_failures_per_address),
            logins_per_account: self.quota(self.logins_per_account),
            registrations: self.quota(self.registrations_per_address),
            contact_changes: self.quota(self.contact_changes_per_address),
            name_change_secs: i64::from(self.name_change_days) * 86_400,
            leave_secs: i64::from(self.leave_days) * 86_400,
            export_secs: i64::from(self.export_days.get()) * 86_400,
            exports_at_once: self.export_concurrency.get() as usize,
            export_lines: self.export_limit.get() as usize,
            import_rows: self.import_limit.get() as usize,
            name_review: self.name_review == NameApproval::Moderator,
            pictures: self.quota(self.pictures_per_member),
            picture_bytes: self.picture_limit_bytes.get() as usize,
            // The picture, and the rest of its form.
            upload_bytes: self.picture_limit_bytes.get() as usize + self.body_limit_bytes as usize,
            upload_timeout: seconds(self.picture_timeout_seconds),
            login_step_secs: i64::from(self.login_step_seconds.get()),
            proof_secs: i64::from(self.proof_seconds.get()),
            max_passkeys: self.passkey_limit.get() as usize,
            passkey_challenges: self.quota(self.passkey_challenges_per_address),
            second_factor_from_level: self.second_factor_from_level,
            qrcodes_per_address: self.quota(self.qrcodes_per_address),
            qrcode_ttl_secs: i64::from(self.qrcode_ttl_seconds.get()),
            outbox: self.outbox_limits(),
            code_tries: self.code_tries.get(),
            codes_per_contact: self.quota(self.codes_per_contact),
            codes_per_address: self.quota(self.codes_per_address),
            code_failures: Quota {
                max_attempts: self.wrong_codes_per_day.get() as usize,
                window_seconds: rate_limit::MAX_LOCKOUT_SECONDS,
                lockout_seconds: rate_limit::MAX_LOCKOUT_SECONDS,
            },
            event_batch: self.event_batch.get() as usize,
            event_retention_secs: i64::from(self.event_retention_days.get()) * 86_400,
            body_bytes: self.body_limit_bytes as usize,
            operator_body_bytes: self.operator_body_limit_bytes as usize,
            body_timeout: seconds(self.body_timeout_seconds),
        }
    }

    fn outbox_limits(&self) -> OutboxLimits {
        OutboxLimits {
            sends_tel: self.sms_sender != MessageSender::None,
            sends_mail: self.mail_sender != MessageSender::None,
            max_waiting: self.messages_per_member.get() as usize,
            retry_secs: i64::from(self.message_retry_hours.get()) * 3_600,
            code_secs: i64::from(self.code_ttl_seconds.get()),
        }
    }

    fn quota(&self, attempts: NonZeroU32) -> Quota {
        let seconds = |number: NonZeroU32| i64::from(number.get());
        let (window, lockout) = (seconds(self.rate_limit_window_seconds), seconds(self.lockout_seconds));
        Quota { max_attempts: attempts.get() as usize, window_seconds: window, lockout_seconds: lockout }
    }

    /// Returns the password hasher.
    pub fn password_hasher(&self) -> Result<PasswordHasher, SettingsError> {
        let (memory_kib, iterations) = (self.argon2_memory_kib.get(), self.argon2_iterations.get());
        PasswordHasher::new(
            memory_kib,
            iterations,
            self.argon2_concurrency.get() as usize,
            self.argon2_queue.get() as usize,
            self.argon2_queue_per_address.get() as usize,
        )
        .map_err(|error| SettingsError::Argon2(error.to_string()))
    }

    /// Returns the pool that decodes pictures.
    pub fn picture_encoder(&self) -> PictureEncoder {
        PictureEncoder::new(self.picture_concurrency.get() as usize, self.picture_limit_pixels.get())
    }

    /// Opens the geolocation data.
    pub fn geoip(&self) -> Result<GeoIp, SettingsError> {
        let Some(path) = &self.ip2region else { return Ok(GeoIp::built_in()) };
        GeoIp::open(path).map_err(|error| SettingsError::GeoIp(path.clone(), error.to_string()))
    }

    /// Returns the policy that approves bios.
    pub fn bio_review(&self) -> ReviewPolicy {
        match self.sign_review {
            BioApproval::Auto => ReviewPolicy::Delay(i64::from(self.sign_delay_seconds)),
            BioApproval::Moderator => ReviewPolicy::Moderator,
        }
    }

    /// Returns the tables with scheduled tasks.
    pub fn scheduled_tables(&self) -> Vec<Table> {
        let timed = |table: &Table| match table {
            Table::Card => self.vip_expiry == VipExpiry::DueDate,
            // Jobs of their own claim them.
            Table::DataExportJob | Table::Message => false,
            _ => true,
        };
        Table::scheduled().iter().copied().filter(timed).collect()
    }

    /// Reads the words that bios must not contain.
    pub fn sensitive_words(&self) -> Result<SensitiveWords, SettingsError> {
        list("sensitive_words", self.sensitive_words.as_deref(), SAMPLE_WORDS, SensitiveWords::parse)
    }

    /// Reads the names that members must not choose.
    pub fn reserved_names(&self) -> Result<ReservedNames, SettingsError> {
        list("reserved_names", self.reserved_names.as_deref(), RESERVED_NAMES, ReservedNames::parse)
    }
}

/// Reads a list from the file of a setting, or parses the built-in list.
fn list<T>(
    key: &'static str,
    path: Option<&Path>,
    built_in: &str,
    parse: fn(&str) -> Result<T, String>,
) -> Result<T, SettingsError> {
    let invalid = |reason| SettingsError::List(key, path.unwrap_or(Path::new("")).to_owned(), reason);
    let Some(path) = path else { return parse(built_in).map_err(invalid) };
    let text = std::fs::read_to_string(path).map_err(|error| invalid(error.to_string()))?;
    parse(&text).map_err(invalid)
}
