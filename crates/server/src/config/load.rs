//! Reads settings from flags, then `GUANXI_…` variables, then a TOML file, then the defaults.
//!
//! An unknown key or an invalid value is an error that names the key.

use super::{Settings, validation};
use crate::compat::CompatError;
use crate::web::message_texts::TemplateError;
use config::{Config, ConfigError, Environment, File, FileFormat, Source, Value, ValueKind};
use guanxi_storage::embedded::archive::ArchiveError;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// An error of the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A key is unknown, or a value is invalid.
    #[error("settings: {0}")]
    Invalid(#[from] ConfigError),
    /// A value has the wrong type.
    #[error("settings: {0}: {1}")]
    InvalidType(String, ConfigError),
    /// A value is out of its range, or conflicts with another one.
    #[error("settings: {0} = {1} {2}")]
    OutOfRange(&'static str, String, String),
    /// The database URL is invalid.
    #[error("settings: database_url: {0}")]
    DatabaseUrl(String),
    /// The geolocation file cannot be used.
    #[error("settings: ip2region = {0:?}: {1}")]
    GeoIp(PathBuf, String),
    /// argon2 rejects its parameters.
    #[error("settings: argon2_memory_kib, argon2_iterations: {0}")]
    Argon2(String),
    /// A list of words or names cannot be used.
    #[error("settings: {0} = {1:?}: {2}")]
    List(&'static str, PathBuf, String),
    /// A sender of messages cannot be used.
    #[error("settings: {0}: {1}")]
    Sender(&'static str, String),
    /// A template of messages cannot be used.
    #[error("settings: message_templates: {0}")]
    MessageTemplates(#[from] TemplateError),
    /// The compatibility file cannot be used.
    #[error("settings: compat: {0}")]
    Compat(#[from] CompatError),
    /// The archive cannot be used.
    #[error("settings: {0}")]
    Archive(#[from] ArchiveError),
}

/// Returns true unless the variable has another purpose: the path of the file, an operator's token, the running
/// emulator, or a test's option.
fn is_setting(name: &str) -> bool {
    !["GUANXI_CONFIG", "GUANXI_OPERATOR_TOKEN", "GUANXI_URL"].contains(&name)
        && !["GUANXI_EMULATOR", "GUANXI_TEST_"].iter().any(|prefix| name.starts_with(prefix))
}

impl Settings {
    /// Reads and checks the settings. `flags` override `environment`, which overrides the file.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[(&str, Option<String>)],
    ) -> Result<Settings, SettingsError> {
        Settings::load_with_keys(file, environment, flags).map(|(settings, _)| settings)
    }

    /// Reads and checks the settings like [`Settings::load`]. Also returns the keys that some source sets. All
    /// other settings have their defaults.
    pub fn load_with_keys(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[(&str, Option<String>)],
    ) -> Result<(Settings, HashSet<String>), SettingsError> {
        let environment: HashMap<String, String> = environment.filter(|(name, _)| is_setting(name)).collect();
        let has_flag = |key: &str| flags.iter().any(|(name, value)| *name == key && value.is_some());
        if has_flag("data_dir") && has_flag("database_url") {
            let both = "data_dir, database_url: a community is in a directory or in a database";
            return Err(ConfigError::Message(both.to_owned()).into());
        }
        let has_variable = |name: &str| environment.contains_key(name);
        // If both are set, the one from the source with the higher precedence counts.
        let uses_data_dir = has_flag("data_dir")
            || !has_flag("database_url")
                && has_variable("GUANXI_DATA_DIR")
                && !has_variable("GUANXI_DATABASE_URL");
        let mut builder = Config::builder();
        if let Some(file) = file {
            builder = builder.add_source(File::from(file).format(FileFormat::Toml));
        }
        builder = builder.add_source(Environment::with_prefix("GUANXI").source(Some(environment)));
        for (key, value) in flags {
            builder = builder.set_override_option(*key, value.clone())?;
        }
        if uses_data_dir {
            builder = builder.set_override("database_url", None::<String>)?;
        }
        let config = builder.build()?;
        let values = config.collect()?;
        values.iter().try_for_each(|(key, value)| check_type(key, value))?;
        let settings: Settings = serde_path_to_error::deserialize(config).map_err(with_key)?;
        validation::check(&settings, validation::memory_kib())?;
        Ok((settings, values.into_keys().collect()))
    }

    /// Returns warnings about values that are valid but usually a mistake.
    pub fn warnings(&self) -> Vec<String> {
        validation::warnings(self)
    }
}

/// Adds the key to an error that does not name it.
fn with_key(error: serde_path_to_error::Error<ConfigError>) -> SettingsError {
    let (key, error) = (error.path().to_string(), error.into_inner());
    if !Settings::KEYS.contains(&key.as_str()) || error.to_string().contains(&key) {
        return error.into();
    }
    SettingsError::InvalidType(key, error)
}

/// Rejects values that the library would convert: numbers and words to booleans, booleans and fractions to numbers.
fn check_type(key: &str, value: &Value) -> Result<(), ConfigError> {
    const BOOLEANS: [&str; 1] = ["access_log"];
    const TEXTS: [&str; 20] = [
        "archive_key_file",
        "archive_url",
        "compat",
        "data_dir",
        "database_url",
        "key_file",
        "ip2region",
        "mail_from",
        "message_folder",
        "message_secret",
        "message_templates",
        "message_url",
        "smtp_host",
        "smtp_password",
        "smtp_user",
        "public_url",
        "security_contact",
        "sensitive_words",
        "reserved_names",
        "log_level",
    ];
    if BOOLEANS.contains(&key) {
        // The value of a variable is a text.
        return match &value.kind {
            ValueKind::Boolean(_) => Ok(()),
            ValueKind::String(text) if matches!(text.as_str(), "true" | "false") => Ok(()),
            _ => Err(ConfigError::Message(format!("{key}: {value} is neither true nor false"))),
        };
    }
    let is_boolean =
        |text: &str| ["true", "false", "yes", "no", "on", "off"].contains(&text.to_lowercase().as_str());
    match &value.kind {
        ValueKind::Boolean(_) | ValueKind::Float(_) => {}
        ValueKind::String(text) if is_boolean(text) && !TEXTS.contains(&key) => {}
        _ => return Ok(()),
    }
    Err(ConfigError::Message(format!("{key}: {value} is neither a whole number nor a valid value")))
}
