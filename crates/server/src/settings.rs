//! Settings: from flags, then `GUANXI_…`, then a TOML file, then the defaults here. An unknown key, or a value that is none
//! for its key, is an error that names it.

use crate::clock::Clock;
use crate::images::ImageOrigins;
use crate::limits::Limits;
use crate::networks::TrustedProxies;
use crate::password::PasswordHasher;
use crate::place::GeoIp;
use config::{Config, ConfigError, Environment, File, FileFormat, Source, Value, ValueKind};
use guanxi_domain::name::Reserved;
use guanxi_domain::sign::{Review, Words};
use guanxi_domain::tries::Quota;
use guanxi_storage::embedded::Options;
use guanxi_storage::postgres;
use guanxi_storage::row::Table;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

mod sense;

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr;)+) => {
        /// The settings.
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Settings { $($(#[doc = $doc])+ pub $name: $type,)+ }

        impl Settings {
            /// Every key.
            pub const KEYS: &[&str] = &[$(stringify!($name),)+];
        }

        impl Default for Settings {
            fn default() -> Settings {
                Settings { $($name: $default,)+ }
            }
        }
    };
}

settings! {
    /// The address to listen on; port 0 takes any that is free.
    listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080));
    /// The address that operators' programs reach; none if it is the empty text.
    operator_listen: Listen = Listen(Some(SocketAddr::from(([127, 0, 0, 1], 8081))));
    /// Under which address members reach the service, such as `https://members.example.cn`, without a `/` at the end; where
    /// it listens if none is named. Behind `https`, cookies are sent over https alone.
    public_url: Option<String> = None;
    /// How whoever finds a weakness reaches the operator, such as `mailto:security@example.cn`: told by
    /// `/.well-known/security.txt`, which is not there without.
    security_contact: Option<String> = None;
    /// The proxies before the service, as addresses and networks: what they say in `X-Forwarded-For` and
    /// `X-Forwarded-Proto` is believed, what anybody else says is not.
    trusted_proxies: TrustedProxies = TrustedProxies::default();
    /// From where pages may load members' pictures, beside the service's own host: origins with commas between.
    image_origins: ImageOrigins = ImageOrigins::default();
    /// How many of the newest of a list a search on a page looks through.
    search_limit: NonZeroU32 = nonzero(5_000);
    /// How many searches on pages may run at once: 503 for more.
    search_concurrency: NonZeroU32 = nonzero(4);
    /// The data directory; `guanxi-data` if none is named, and for a demo one that goes with it.
    data: Option<PathBuf> = None;
    /// The database in place of the data directory, such as `postgres://guanxi@db.example.cn/guanxi`.
    store: Option<String> = None;
    /// How many connections to the database may be open.
    store_connections: NonZeroU32 = nonzero(16);
    /// How many requests may wait for one: 503 for more.
    store_queue: NonZeroU32 = nonzero(1_024);
    /// How many seconds the database may take for an answer: 503 then.
    store_timeout_seconds: NonZeroU32 = nonzero(5);
    /// How many seconds to wait for a database that is away when the service starts.
    store_wait_seconds: u32 = 0;
    /// The file of the keys that private data are sealed with, `guanxi.keys` in the data directory if none is named; made
    /// at the first start.
    keys: Option<PathBuf> = None;
    /// The instant at which the service's clock starts; the machine's time if there is none.
    clock: Option<Timestamp> = None;
    /// How many days a session lasts.
    session_days: NonZeroU32 = nonzero(30);
    /// How many sessions a member may have; the oldest make room.
    session_limit: NonZeroU32 = nonzero(50);
    /// Whether anybody may sign up, `open`, or operators alone make members, `closed`.
    signup: Signup = Signup::Open;
    /// How many times an address may sign up within `login_window_seconds`, and an address or a member change a phone or a
    /// mail address.
    signups_per_address: NonZeroU32 = nonzero(20);
    /// How many characters a new password has at least.
    password_min_length: NonZeroU32 = nonzero(8);
    /// How many KiB of memory argon2 takes for a password. Those kept with less are kept anew at the next login.
    password_memory_kib: NonZeroU32 = nonzero(19_456);
    /// How often argon2 goes over it.
    password_passes: NonZeroU32 = nonzero(2);
    /// How many passwords are worked on at once.
    password_threads: NonZeroU32 = nonzero(2);
    /// How many may wait for that: 503 for more.
    password_queue: NonZeroU32 = nonzero(64);
    /// How many of all these may be of one address, an IPv6 one being 64 bits: 503 for more.
    password_queue_per_address: NonZeroU32 = nonzero(16);
    /// How many tries may fail on an account within the window: 30012 then.
    login_failures_per_account: NonZeroU32 = nonzero(5);
    /// How many may fail from an address, an IPv6 one being 64 bits.
    login_failures_per_address: NonZeroU32 = nonzero(20);
    /// How often an account may be logged in to by password within it.
    logins_per_account: NonZeroU32 = nonzero(100);
    /// How long the window is, in seconds.
    login_window_seconds: NonZeroU32 = nonzero(900);
    /// How many seconds the first wait takes that follows; each further one is twice as long.
    login_wait_seconds: NonZeroU32 = nonzero(60);
    /// How many seconds a QR code lives.
    qrcode_seconds: NonZeroU32 = nonzero(180);
    /// How many QR codes an address may ask for within `login_window_seconds`.
    qrcodes_per_address: NonZeroU32 = nonzero(60);
    /// A file of places by address, ip2region's xdb: of IPv4 in place of the one that the program has in itself, or of IPv6
    /// beside it.
    ip2region: Option<PathBuf> = None;
    /// How many days of logins 26 shows (D35).
    login_log_days: NonZeroU32 = nonzero(7);
    /// How many entries of the coin log and of the login log are read at most, the newest.
    log_limit: NonZeroU32 = nonzero(1_000);
    /// How many members one may follow: 22009.
    following_limit: u32 = 2_000;
    /// How many groups one may have: 22102.
    group_limit: u32 = 200;
    /// Who approves signs: `auto` after a delay, or a `moderator` alone (D29).
    sign_review: SignReview = SignReview::Auto;
    /// How many seconds a sign waits when nobody needs to approve it.
    sign_delay_seconds: u32 = 60;
    /// What becomes of a VIP at its due date: with `due_date` its status becomes 0, with `never` it stays as it is (D38).
    vip_expiry: VipExpiry = VipExpiry::DueDate;
    /// A file of words that no sign may have, one a line; a short sample if there is none.
    sensitive_words: Option<PathBuf> = None;
    /// A file of names that no member gives themselves, one a line; a short list if there is none. Operators and imports
    /// may give them.
    reserved_names: Option<PathBuf> = None;
    /// How many days old an event may be, and for how long its id is remembered.
    event_days: NonZeroU32 = nonzero(30);
    /// How many events may be told at once.
    event_batch: NonZeroU32 = nonzero(1_000);
    /// How many seconds a request's head may take from its first byte, the first byte from the opening of the connection,
    /// and each step of an answer that the peer takes.
    header_timeout_seconds: NonZeroU32 = nonzero(10);
    /// How many seconds a request's body may take.
    body_timeout_seconds: NonZeroU32 = nonzero(10);
    /// How many seconds a connection may lie idle.
    idle_timeout_seconds: NonZeroU32 = nonzero(60);
    /// How many seconds requests in flight have to finish when the service stops.
    shutdown_grace_seconds: u32 = 10;
    /// How many bytes a request's body may have: 413.
    body_limit_bytes: u32 = 65_536;
    /// How many bytes a body of an operator's may have.
    operator_body_limit_bytes: u32 = 1_048_576;
    /// How many bytes a request's head may have: 431, or 414 for its address; 8,192 at least.
    head_limit_bytes: NonZeroU32 = nonzero(65_536);
    /// How many connections a listener may have open; then the longest idle one makes room.
    connection_limit: NonZeroU32 = nonzero(4_096);
    /// How many of them an address may have open, an IPv6 one being 64 bits; trusted proxies may have all.
    connections_per_address: NonZeroU32 = nonzero(1_024);
    /// How many requests a listener may have in flight, an address a quarter of them: 503 for more.
    request_limit: NonZeroU32 = nonzero(4_096);
    /// How many MiB their heads and bodies, and the answers that are not sent yet, may take, an address a quarter of that: 503
    /// for more.
    in_flight_mib: NonZeroU32 = nonzero(256);
    /// How many requests a connection of HTTP/2 may have in flight.
    http2_streams: NonZeroU32 = nonzero(16);
    /// From how many bytes on an answer is compressed for clients that ask for it.
    compress_from_bytes: u64 = 1_024;
    /// How many writes share one durable commit at most.
    commit_batch: NonZeroU32 = nonzero(256);
    /// How many writes may wait for theirs: 503 for more.
    commit_queue: NonZeroU32 = nonzero(4_096);
    /// How many MiB of what was written gather in memory before the engine's tree takes them in; it is in the log before that.
    gather_mib: NonZeroU32 = nonzero(32);
    /// How many MiB of memory members' cards may take that lists have shown; 0 keeps none. A database's are not kept.
    card_memory_mib: u32 = 512;
    /// How the log is written: `text` or `json`.
    log_format: LogFormat = LogFormat::Text;
    /// What the log tells: `error`, `warn`, `info`, `debug`, `trace`, or a filter by module.
    /// If nothing is said it is `info`, and for a demo `warn`.
    log_level: Option<String> = None;
}

const fn nonzero(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("a default that is not 0")
}

/// Who approves signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignReview {
    /// The clock.
    Auto,
    /// A moderator.
    Moderator,
}

/// When a VIP ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VipExpiry {
    /// At its due date.
    DueDate,
    /// When an operator ends it.
    Never,
}

/// Who may sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signup {
    /// Anybody.
    Open,
    /// Nobody by themselves.
    Closed,
}

/// Where to listen, if at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Listen(pub Option<SocketAddr>);

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Listen, String> {
        let address = (!text.is_empty()).then(|| text.parse()).transpose();
        address.map(Listen).map_err(|_| format!("{text:?} is no address such as 127.0.0.1:8081"))
    }
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: an object a line.
    Json,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A key or a value is wrong.
    #[error("settings: {0}")]
    Wrong(#[from] config::ConfigError),
    /// A value cannot be read.
    #[error("settings: {0}: {1}")]
    Unreadable(String, ConfigError),
    /// A value makes no sense.
    #[error("settings: {0} = {1} {2}")]
    Senseless(&'static str, String, String),
    /// The database's address is none.
    #[error("settings: store: {0}")]
    Store(String),
    /// Places cannot be used.
    #[error("settings: ip2region = {0:?}: {1}")]
    Places(PathBuf, String),
    /// argon2 says no.
    #[error("settings: password_memory_kib, password_passes: {0}")]
    Passwords(String),
    /// A list of words or names cannot be used.
    #[error("settings: {0} = {1:?}: {2}")]
    List(&'static str, PathBuf, String),
}

/// Variables of ours that are no settings: where the file is, an operator's token, and what tests are told.
fn is_setting(name: &str) -> bool {
    !["GUANXI_CONFIG", "GUANXI_OPERATOR_TOKEN", "GUANXI_URL"].contains(&name)
        && !name.starts_with("GUANXI_TEST_")
}

const SAMPLE_WORDS: &str = include_str!("../sensitive_words.txt");
const RESERVED_NAMES: &str = include_str!("../reserved_names.txt");

impl Settings {
    /// Reads the settings: `flags` win over `environment`, that over the file.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[(&str, Option<String>)],
    ) -> Result<Settings, SettingsError> {
        let environment: HashMap<String, String> = environment.filter(|(name, _)| is_setting(name)).collect();
        let flag = |key: &str| flags.iter().any(|(name, value)| *name == key && value.is_some());
        if flag("data") && flag("store") {
            let both = "data, store: a community is in a directory or in a database";
            return Err(ConfigError::Message(both.to_owned()).into());
        }
        let told = |name: &str| environment.contains_key(name);
        // Where both are named, the one that is named more closely counts.
        let in_directory = flag("data") || !flag("store") && told("GUANXI_DATA") && !told("GUANXI_STORE");
        let mut builder = Config::builder();
        if let Some(file) = file {
            builder = builder.add_source(File::from(file).format(FileFormat::Toml));
        }
        builder = builder.add_source(Environment::with_prefix("GUANXI").source(Some(environment)));
        for (key, value) in flags {
            builder = builder.set_override_option(*key, value.clone())?;
        }
        if in_directory {
            builder = builder.set_override("store", None::<String>)?;
        }
        let settings = builder.build()?;
        settings.collect()?.iter().try_for_each(|(key, value)| strict(key, value))?;
        let settings: Settings = serde_path_to_error::deserialize(settings).map_err(named)?;
        sense::check(&settings, sense::memory_kib())?;
        Ok(settings)
    }

    /// What may be meant, and is usually a mistake: for the log.
    pub fn warnings(&self) -> Vec<String> {
        sense::warnings(self)
    }

    /// Where the data are.
    pub fn data_directory(&self) -> &Path {
        self.data.as_deref().unwrap_or(Path::new("guanxi-data"))
    }

    /// The clock.
    pub fn clock(&self) -> Clock {
        self.clock.map_or_else(Clock::system, Clock::set_to)
    }

    /// How the engine works.
    pub fn engine(&self) -> Options {
        let size = |number: NonZeroU32| NonZeroUsize::try_from(number).map_or(usize::MAX, NonZeroUsize::get);
        Options {
            commit_batch: size(self.commit_batch),
            queue: size(self.commit_queue),
            gathers: size(self.gather_mib).saturating_mul(1 << 20),
            card_memory: (self.card_memory_mib as usize).saturating_mul(1 << 20),
            ..Options::default()
        }
    }

    /// The database, if one is named, and how to work with it.
    pub fn database(&self) -> Result<Option<(postgres::Address, postgres::Options)>, SettingsError> {
        let Some(store) = &self.store else { return Ok(None) };
        let address = postgres::address(store).map_err(|why| SettingsError::Store(why.to_string()))?;
        let options = postgres::Options {
            connections: self.store_connections.get() as usize,
            queue: self.store_queue.get() as usize,
            patience: seconds(self.store_timeout_seconds),
            wait: Duration::from_secs(self.store_wait_seconds.into()),
        };
        Ok(Some((address, options)))
    }

    /// How far one may go.
    pub fn limits(&self) -> Limits {
        Limits {
            following: self.following_limit,
            search: self.search_limit.get() as usize,
            groups: self.group_limit as usize,
            login_log_days: self.login_log_days.get(),
            log: self.log_limit.get() as usize,
            session: i64::from(self.session_days.get()) * 86_400,
            sessions: self.session_limit.get() as usize,
            password_length: self.password_min_length.get() as usize,
            account: self.allowed(self.login_failures_per_account),
            address: self.allowed(self.login_failures_per_address),
            logins: self.allowed(self.logins_per_account),
            signups: self.allowed(self.signups_per_address),
            qrcodes: self.allowed(self.qrcodes_per_address),
            qrcode: i64::from(self.qrcode_seconds.get()),
            events: self.event_batch.get() as usize,
            event_age: i64::from(self.event_days.get()) * 86_400,
            body_bytes: self.body_limit_bytes as usize,
            operator_body_bytes: self.operator_body_limit_bytes as usize,
            body_timeout: seconds(self.body_timeout_seconds),
        }
    }

    fn allowed(&self, tries: NonZeroU32) -> Quota {
        let seconds = |number: NonZeroU32| i64::from(number.get());
        let (window, wait) = (seconds(self.login_window_seconds), seconds(self.login_wait_seconds));
        Quota { tries: tries.get() as usize, window, wait }
    }

    /// How passwords are worked on.
    pub fn passwords(&self) -> Result<PasswordHasher, SettingsError> {
        let (memory, passes) = (self.password_memory_kib.get(), self.password_passes.get());
        PasswordHasher::new(
            memory,
            passes,
            self.password_threads.get() as usize,
            self.password_queue.get() as usize,
            self.password_queue_per_address.get() as usize,
        )
        .map_err(|why| SettingsError::Passwords(why.to_string()))
    }

    /// Places by address.
    pub fn places(&self) -> Result<GeoIp, SettingsError> {
        let Some(path) = &self.ip2region else { return Ok(GeoIp::built_in()) };
        GeoIp::open(path).map_err(|why| SettingsError::Places(path.clone(), why.to_string()))
    }

    /// Who reviews signs.
    pub fn review(&self) -> Review {
        match self.sign_review {
            SignReview::Auto => Review::After(i64::from(self.sign_delay_seconds)),
            SignReview::Moderator => Review::Moderator,
        }
    }

    /// The tables in which the clock has something to do.
    pub fn timed(&self) -> Vec<Table> {
        let timed = |table: &Table| *table != Table::Card || self.vip_expiry == VipExpiry::DueDate;
        Table::awaited().iter().copied().filter(timed).collect()
    }

    /// What may not be in a sign.
    pub fn words(&self) -> Result<Words, SettingsError> {
        list("sensitive_words", self.sensitive_words.as_deref(), SAMPLE_WORDS, Words::parse)
    }

    /// What no member calls themselves.
    pub fn reserved(&self) -> Result<Reserved, SettingsError> {
        list("reserved_names", self.reserved_names.as_deref(), RESERVED_NAMES, Reserved::parse)
    }
}

/// Reads a list from the file that a setting names, or takes the one that is built in.
fn list<T>(
    key: &'static str,
    path: Option<&Path>,
    built_in: &str,
    parse: fn(&str) -> Result<T, String>,
) -> Result<T, SettingsError> {
    let wrong = |why| SettingsError::List(key, path.unwrap_or(Path::new("")).to_owned(), why);
    let Some(path) = path else { return parse(built_in).map_err(wrong) };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    parse(&text).map_err(wrong)
}

/// Names the setting that cannot be read, where the error does not.
fn named(error: serde_path_to_error::Error<ConfigError>) -> SettingsError {
    let (key, error) = (error.path().to_string(), error.into_inner());
    if !Settings::KEYS.contains(&key.as_str()) || error.to_string().contains(&key) {
        return error.into();
    }
    SettingsError::Unreadable(key, error)
}

/// Refuses what would be taken for a number and is none: no setting is a truth or a fraction.
fn strict(key: &str, value: &Value) -> Result<(), ConfigError> {
    const TEXTS: [&str; 9] = [
        "data",
        "store",
        "keys",
        "ip2region",
        "public_url",
        "security_contact",
        "sensitive_words",
        "reserved_names",
        "log_level",
    ];
    let truth =
        |text: &str| ["true", "false", "yes", "no", "on", "off"].contains(&text.to_lowercase().as_str());
    match &value.kind {
        ValueKind::Boolean(_) | ValueKind::Float(_) => {}
        ValueKind::String(text) if truth(text) && !TEXTS.contains(&key) => {}
        _ => return Ok(()),
    }
    Err(ConfigError::Message(format!("{key}: {value} is neither a whole number nor what it can be")))
}

/// So many seconds.
pub fn seconds(number: NonZeroU32) -> Duration {
    Duration::from_secs(u64::from(number.get()))
}

#[cfg(test)]
mod tests;
