//! Settings of the service, each with its default.
//!
//! [`load`] reads them, `validation` checks them, and [`parts`] builds the parts of the service from them.

use crate::image_policy::ImageOrigins;
use crate::trusted_proxies::TrustedProxies;
use crate::web::language::Language;
use jiff::Timestamp;
use serde::Deserialize;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

pub mod load;
pub mod parts;
pub mod reference;
mod validation;
pub mod values;

pub use load::SettingsError;
use reference::{DefaultText, SettingInfo};
pub use values::{
    BioApproval, LogFormat, MessageSender, NameApproval, OptionalListenAddr, Registration, SecretText,
    SmtpEncryption, VipExpiry,
};

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr;)+) => {
        /// The settings.
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Settings { $($(#[doc = $doc])+ pub $name: $type,)+ }

        impl Settings {
            /// Every key, in the order of the documentation.
            pub const KEYS: &[&str] = &[$(stringify!($name),)+];

            fn describe() -> Vec<SettingInfo> {
                let defaults = Settings::default();
                vec![$(SettingInfo {
                    name: stringify!($name),
                    default: defaults.$name.default_text(),
                    range: None,
                    doc: concat!($($doc),+),
                },)+]
            }
        }

        impl Default for Settings {
            fn default() -> Settings {
                Settings { $($name: $default,)+ }
            }
        }
    };
}

settings! {
    /// The address to listen on. Port 0 takes any free port.
    listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080));
    /// The address of the operators' API and pages. The empty text disables it.
    operator_listen: OptionalListenAddr = OptionalListenAddr(Some(SocketAddr::from(([127, 0, 0, 1], 8081))));
    /// The URL under which members reach the service, such as `https://members.example.cn`, without a trailing `/`.
    /// By default `http://` and the listen address. With `https`, cookies are sent over https only.
    public_url: Option<String> = None;
    /// The contact for reports of vulnerabilities, such as `mailto:security@example.cn`.
    /// `/.well-known/security.txt` shows it, and is 404 without it.
    security_contact: Option<String> = None;
    /// The reverse proxies, as addresses and networks. Only their `X-Forwarded-For` and `X-Forwarded-Proto` are
    /// trusted.
    trusted_proxies: TrustedProxies = TrustedProxies::default();
    /// The language of pages for a browser that asks for none of them: `zh-CN` or `en`.
    language: Language = Language::Chinese;
    /// The origins, beside the service's own, from which pages may load members' pictures. Separated by commas.
    image_origins: ImageOrigins = ImageOrigins::default();
    /// The maximum number of list entries that a search on a page scans, newest first.
    search_scan_limit: NonZeroU32 = nonzero(5_000);
    /// The maximum number of concurrent searches. Further searches are 503.
    search_concurrency: NonZeroU32 = nonzero(4);
    /// The maximum number of names that a search for members reads. It finds at most as many members.
    find_scan_limit: NonZeroU32 = nonzero(500);
    /// The maximum number of members that a page of the operators' list compares with its filters.
    member_scan_limit: NonZeroU32 = nonzero(20_000);
    /// The minimum length of a text to find members by, in characters.
    find_min_chars: NonZeroU32 = nonzero(1);
    /// The maximum number of searches for members within a minute, of a member, and of an address without a session.
    /// A suggestion while typing is a search.
    finds_per_minute: NonZeroU32 = nonzero(120);
    /// The data directory of the embedded engine. By default `guanxi-data`, and a temporary directory for a demo.
    data_dir: Option<PathBuf> = None;
    /// The URL of a PostgreSQL database, such as `postgres://guanxi@db.example.cn/guanxi`. It replaces the data
    /// directory.
    database_url: Option<String> = None;
    /// The maximum number of open database connections.
    database_max_connections: NonZeroU32 = nonzero(16);
    /// The maximum number of requests that wait for a database connection. Further requests are 503.
    database_queue: NonZeroU32 = nonzero(1_024);
    /// The maximum number of database transactions that several writes share, at the same time.
    database_commit_lanes: NonZeroU32 = nonzero(2);
    /// The maximum number of writes in one database transaction.
    database_commit_batch: NonZeroU32 = nonzero(128);
    /// The timeout of a database statement, in seconds. The request is 503 then.
    database_timeout_seconds: NonZeroU32 = nonzero(5);
    /// The time limit of `check` and `export` with a database, in seconds.
    database_scan_timeout_seconds: NonZeroU32 = nonzero(3_600);
    /// The time to wait for an unavailable database at startup, in seconds.
    database_startup_wait_seconds: u32 = 0;
    /// The file of the keys that encrypt private data, created at the first start. By default `guanxi.keys` in the
    /// data directory.
    key_file: Option<PathBuf> = None;
    /// The instant at which the service's clock starts. By default the system time.
    start_time: Option<Timestamp> = None;
    /// The lifetime of a session, in days.
    session_days: NonZeroU32 = nonzero(30);
    /// The maximum number of sessions of a member. A new session ends the oldest one.
    session_limit: NonZeroU32 = nonzero(50);
    /// `open`: anybody may register. `closed`: only operators create members.
    registration: Registration = Registration::Open;
    /// The maximum number of registrations of an address within `rate_limit_window_seconds`.
    registrations_per_address: NonZeroU32 = nonzero(20);
    /// The maximum number of phone and mail changes within `rate_limit_window_seconds`, of an address and of a
    /// member.
    contact_changes_per_address: NonZeroU32 = nonzero(20);
    /// The minimum time between two changes of a member's name, in days. 0 allows any number of changes.
    name_change_days: u32 = 7;
    /// The approval of a member's new name: `none`, or `moderator` for a moderator's decision.
    name_review: NameApproval = NameApproval::None;
    /// The time after which the account of a member who leaves is deleted, in days. Until then the member can stay.
    leave_days: u32 = 7;
    /// The time for which the archive of a member's data is kept for download, in days.
    export_days: NonZeroU32 = nonzero(3);
    /// The maximum number of archives that are made at the same time.
    export_concurrency: NonZeroU32 = nonzero(2);
    /// The maximum number of lines of each list in an archive, the newest first.
    export_limit: NonZeroU32 = nonzero(100_000);
    /// The maximum size of an uploaded picture, in bytes. Beyond it: 413.
    picture_limit_bytes: NonZeroU32 = nonzero(8 << 20);
    /// The timeout of the upload of a picture, in seconds.
    picture_timeout_seconds: NonZeroU32 = nonzero(60);
    /// The maximum number of pixels of an uploaded picture. Decoding takes up to 8 bytes for each. Beyond it: 30082.
    picture_limit_pixels: NonZeroU32 = nonzero(25_000_000);
    /// The maximum number of pictures that are decoded concurrently. Further ones wait.
    picture_concurrency: NonZeroU32 = nonzero(1);
    /// The maximum number of pictures that a member uploads within `rate_limit_window_seconds`.
    pictures_per_member: NonZeroU32 = nonzero(10);
    /// The minimum length of a new password, in characters.
    password_min_length: NonZeroU32 = nonzero(8);
    /// The memory of one argon2id hash, in KiB. The next login rehashes passwords with lower parameters.
    argon2_memory_kib: NonZeroU32 = nonzero(19_456);
    /// The number of iterations of argon2id.
    argon2_iterations: NonZeroU32 = nonzero(2);
    /// The maximum number of passwords that are hashed concurrently.
    argon2_concurrency: NonZeroU32 = nonzero(2);
    /// The maximum number of passwords that wait for hashing. Further requests are 503.
    argon2_queue: NonZeroU32 = nonzero(64);
    /// The maximum number of passwords of one address that are hashed or wait. For IPv6 the first 64 bits count.
    /// Further requests are 503.
    argon2_queue_per_address: NonZeroU32 = nonzero(16);
    /// The maximum number of failed logins of an account within the window. Further logins are 30012.
    login_failures_per_account: NonZeroU32 = nonzero(5);
    /// The maximum number of failed logins of an address within the window. For IPv6 the first 64 bits count.
    login_failures_per_address: NonZeroU32 = nonzero(20);
    /// The maximum number of password logins of an account within the window.
    logins_per_account: NonZeroU32 = nonzero(100);
    /// The length of the window of all rate limits, in seconds.
    rate_limit_window_seconds: NonZeroU32 = nonzero(900);
    /// The duration of the first lockout, in seconds. Each further lockout doubles it, up to a day.
    lockout_seconds: NonZeroU32 = nonzero(60);
    /// The time that a member has for the second step of a login, or for a passkey, in seconds.
    login_step_seconds: NonZeroU32 = nonzero(300);
    /// The time for which a proof by password and second factor suffices for dangerous operations, in seconds.
    proof_seconds: NonZeroU32 = nonzero(900);
    /// The maximum number of passkeys of a member. Beyond it: 30116.
    passkey_limit: NonZeroU32 = nonzero(10);
    /// The maximum number of passkey challenges of an address within `rate_limit_window_seconds`.
    passkey_challenges_per_address: NonZeroU32 = nonzero(60);
    /// The level, 0 to 6, from which members have to set up a second factor. By default nobody has to.
    second_factor_from_level: Option<u8> = None;
    /// The lifetime of a QR code, in seconds.
    qrcode_ttl_seconds: NonZeroU32 = nonzero(180);
    /// The maximum number of QR codes of an address within `rate_limit_window_seconds`.
    qrcodes_per_address: NonZeroU32 = nonzero(60);
    /// The sender of messages to mail addresses: `none`, `smtp`, `http` for a program of the operator's, or `folder`.
    mail_sender: MessageSender = MessageSender::None;
    /// The sender of messages to phones: `none`, `http` or `folder`.
    sms_sender: MessageSender = MessageSender::None;
    /// The SMTP server that sends mail.
    smtp_host: Option<String> = None;
    /// The port of the SMTP server.
    smtp_port: NonZeroU32 = nonzero(587);
    /// The encryption of the connection to the SMTP server: `starttls`, `tls` from the first byte on, or `none` for a
    /// server on the same machine.
    smtp_encryption: SmtpEncryption = SmtpEncryption::Starttls;
    /// The user name at the SMTP server.
    smtp_user: Option<String> = None;
    /// The password at the SMTP server. The variable `GUANXI_SMTP_PASSWORD` is better than a line of a file.
    smtp_password: Option<SecretText> = None;
    /// The sender of mail, such as `Members <no-reply@example.cn>`.
    mail_from: Option<String> = None;
    /// The URL to which the sender `http` posts messages.
    message_url: Option<String> = None;
    /// The secret that signs the posts of the sender `http`, at least 16 characters.
    message_secret: Option<SecretText> = None;
    /// The folder in which the sender `folder` writes a file for each message, with its text.
    message_folder: Option<PathBuf> = None;
    /// A folder of texts of messages that replace the built-in ones: `zh-CN.ftl` and `en.ftl`.
    message_templates: Option<PathBuf> = None;
    /// The time after which a message that could not be sent is given up, in hours. A code is given up when it expires.
    message_retry_hours: NonZeroU32 = nonzero(72);
    /// The timeout of sending a message, in seconds.
    message_timeout_seconds: NonZeroU32 = nonzero(30);
    /// The maximum number of messages that are sent concurrently.
    message_concurrency: NonZeroU32 = nonzero(4);
    /// The maximum number of waiting messages of a member. A new one replaces the oldest.
    messages_per_member: NonZeroU32 = nonzero(20);
    /// The lifetime of a code that verifies a contact or recovers an account, in seconds.
    code_ttl_seconds: NonZeroU32 = nonzero(600);
    /// The maximum number of wrong tries with a code. Then it is void.
    code_tries: NonZeroU32 = nonzero(5);
    /// The maximum number of codes to a phone or a mail address within `rate_limit_window_seconds`, and to a member.
    codes_per_contact: NonZeroU32 = nonzero(5);
    /// The maximum number of codes that an address requests within `rate_limit_window_seconds`.
    codes_per_address: NonZeroU32 = nonzero(20);
    /// The maximum number of wrong codes for a member or a contact within a day. Beyond it codes are 30012 for a day.
    wrong_codes_per_day: NonZeroU32 = nonzero(10);
    /// An ip2region file (xdb) of locations by address. An IPv4 file replaces the built-in one, an IPv6 file
    /// supplements it.
    ip2region: Option<PathBuf> = None;
    /// The number of days that `/x/member/web/login/log` shows (D35).
    login_log_days: NonZeroU32 = nonzero(7);
    /// The maximum number of entries that a coin log or login log reads, newest first.
    log_limit: NonZeroU32 = nonzero(1_000);
    /// The number of days for which members' news are kept.
    news_days: NonZeroU32 = nonzero(90);
    /// The maximum number of news that are stored of a member. New followers are not stored, and do not count.
    news_limit: NonZeroU32 = nonzero(100);
    /// The maximum number of entries in an exported coin log of a month, newest first.
    coin_export_limit: NonZeroU32 = nonzero(100_000);
    /// The maximum number of members that a member follows. Beyond it: 22009.
    following_limit: u32 = 2_000;
    /// The maximum number of groups of a member. Beyond it: 22102.
    group_limit: u32 = 200;
    /// The maximum number of members that one operation on a list changes.
    batch_limit: NonZeroU32 = nonzero(1_000);
    /// The maximum number of lines of a file of relations that a member imports. Beyond it: 30122.
    import_limit: NonZeroU32 = nonzero(5_000);
    /// The maximum number of members on whom a member has a remark. Beyond it: 30090.
    remark_limit: u32 = 2_000;
    /// The maximum number of notes of operators on a member. Beyond it: 30064.
    note_limit: NonZeroU32 = nonzero(100);
    /// The approval of signs: `auto` after a delay, or `moderator` for a moderator's decision (D29).
    sign_review: BioApproval = BioApproval::Auto;
    /// The delay of automatic approval, in seconds.
    sign_delay_seconds: u32 = 60;
    /// The end of a VIP: at its `due_date` its status becomes 0, with `never` the status stays (D38).
    vip_expiry: VipExpiry = VipExpiry::DueDate;
    /// A file of words that signs must not contain, one a line. By default a short built-in sample.
    sensitive_words: Option<PathBuf> = None;
    /// A file of names that members must not choose, one a line. By default a short built-in list. Operators and
    /// imports may assign these names.
    reserved_names: Option<PathBuf> = None;
    /// The maximum age of an event, and the time for which event ids are stored, in days.
    event_retention_days: NonZeroU32 = nonzero(30);
    /// The maximum number of events in one request.
    event_batch: NonZeroU32 = nonzero(1_000);
    /// The timeout, in seconds, of a request head, of the first byte of a connection, and of each step in which the
    /// peer reads a response.
    header_timeout_seconds: NonZeroU32 = nonzero(10);
    /// The timeout of a request body, in seconds.
    body_timeout_seconds: NonZeroU32 = nonzero(10);
    /// The timeout of an idle connection, in seconds.
    idle_timeout_seconds: NonZeroU32 = nonzero(60);
    /// The time that requests in flight have to finish when the service stops, in seconds.
    shutdown_grace_seconds: u32 = 10;
    /// The maximum size of a request body, in bytes. Beyond it: 413.
    body_limit_bytes: u32 = 65_536;
    /// The maximum size of the body of an operator's request, in bytes.
    operator_body_limit_bytes: u32 = 1_048_576;
    /// The maximum size of a request head, in bytes, at least 8,192. Beyond it: 431, or 414 for the request line.
    head_limit_bytes: NonZeroU32 = nonzero(65_536);
    /// The maximum number of connections of a listener. Beyond it the longest idle connection is closed.
    connection_limit: NonZeroU32 = nonzero(4_096);
    /// The maximum number of connections of an address. For IPv6 the first 64 bits count. Trusted proxies are
    /// exempt.
    connections_per_address: NonZeroU32 = nonzero(1_024);
    /// The maximum number of requests in flight of a listener. An address may have a quarter of it. Further
    /// requests are 503.
    request_limit: NonZeroU32 = nonzero(4_096);
    /// The maximum memory of request heads, bodies and unsent responses of a listener, in MiB. An address may have
    /// a quarter of it. Further requests are 503.
    in_flight_mib: NonZeroU32 = nonzero(256);
    /// The maximum number of concurrent streams of an HTTP/2 connection.
    http2_streams: NonZeroU32 = nonzero(16);
    /// The minimum size of a response that is compressed for clients that accept it, in bytes.
    compression_min_bytes: u64 = 1_024;
    /// A compatibility file: paths and fields that guanxi does not have, for clients that need them in tests.
    compat: Option<PathBuf> = None;
    /// The maximum number of writes in one durable commit.
    commit_batch: NonZeroU32 = nonzero(256);
    /// The maximum number of writes that wait for a commit. Further writes are 503.
    commit_queue: NonZeroU32 = nonzero(4_096);
    /// The size, in MiB, of the memtable or of the WAL since the last checkpoint that starts the next checkpoint. An
    /// idle engine starts one earlier.
    memtable_mib: NonZeroU32 = nonzero(32);
    /// The continuous archive of the data directory: a folder, `file:///folder` or `s3://bucket/prefix`.
    archive_url: Option<String> = None;
    /// The file of the key that encrypts the archive, which `guanxi keys archive` creates. By default the archive is
    /// not encrypted.
    archive_key_file: Option<PathBuf> = None;
    /// The interval at which new writes are archived, in milliseconds.
    archive_interval_ms: NonZeroU32 = nonzero(500);
    /// The interval between base copies in the archive, in hours. A base copy is also made once the archived writes
    /// are larger than the last one, and than 256 MiB.
    archive_base_hours: NonZeroU32 = nonzero(24);
    /// The number of days of which each instant can be restored.
    archive_retention_days: NonZeroU32 = nonzero(14);
    /// The maximum size of the WAL that waits for the archive, in MiB. Beyond it the archive continues with a new
    /// base copy.
    archive_max_wal_mib: NonZeroU32 = nonzero(1_024);
    /// The maximum memory of the cache of member profiles, as lists and cards show them, in MiB. 0 disables it.
    profile_cache_mib: u32 = 512;
    /// Enables an access log line for each request, with its id, method, endpoint, status, code, size and duration:
    /// `true` or `false`.
    access_log: bool = true;
    /// The format of the log: `text` or `json`.
    log_format: LogFormat = LogFormat::Text;
    /// The level of the log: `error`, `warn`, `info`, `debug`, `trace`, or a filter by module. By default `info`,
    /// and `warn` for a demo.
    log_level: Option<String> = None;
}

const fn nonzero(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("defaults are not 0")
}

/// Returns a number of seconds as a duration.
pub fn seconds(number: NonZeroU32) -> Duration {
    Duration::from_secs(u64::from(number.get()))
}

#[cfg(test)]
mod tests;
