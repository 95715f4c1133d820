//! Tests of settings: sources, errors, documentation and ranges.

use super::*;
use guanxi_domain::bio::ReviewPolicy;
use guanxi_storage::model::Table;

fn load(toml: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guanxi.toml");
    std::fs::write(&file, toml).unwrap();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let flags: Vec<_> = flags.iter().map(|(name, value)| (*name, Some((*value).to_owned()))).collect();
    Settings::load(Some(&file), environment, &flags).map_err(|error| error.to_string())
}

#[test]
fn flags_override_environment_and_file() {
    let defaults = Settings::default();
    assert_eq!(load("", &[("PATH", "/bin"), ("GUANXI_TEST_FULL", "1")], &[]), Ok(defaults.clone()));
    let days = |settings: Result<Settings, String>| settings.unwrap().login_log_days.get();
    assert_eq!(days(load("login_log_days = 9", &[], &[])), 9);
    assert_eq!(days(load("login_log_days = 9", &[("GUANXI_LOGIN_LOG_DAYS", "400")], &[])), 400);
    let listen = load("listen = '0.0.0.0:1'", &[("GUANXI_LISTEN", "0.0.0.0:2")], &[("listen", "0.0.0.0:3")]);
    assert_eq!(listen.unwrap().listen.port(), 3);
    let clock = load("", &[("GUANXI_START_TIME", "2020-05-19T23:59:00+08:00")], &[]).unwrap().start_time;
    assert_eq!(clock, Some("2020-05-19T15:59:00Z".parse().unwrap()));
    let store = |settings: Result<Settings, String>| settings.unwrap().database_url;
    let (database, in_file) =
        (("GUANXI_DATABASE_URL", "postgres://db/x"), "database_url = 'postgres://db/x'");
    assert!(store(load("", &[database], &[])).is_some());
    assert_eq!(store(load("", &[database], &[("data_dir", "here")])), None);
    assert_eq!(store(load(in_file, &[("GUANXI_DATA_DIR", "here")], &[])), None);
    assert!(store(load(in_file, &[], &[])).is_some());
    assert!(
        store(load("", &[("GUANXI_DATA_DIR", "here")], &[("database_url", "postgres://db/x")])).is_some()
    );
    // The type of a value is that of its key: a directory name of digits keeps its zeros.
    let data = load("", &[("GUANXI_DATA_DIR", "007")], &[]).unwrap().data_dir;
    assert_eq!(data, Some(PathBuf::from("007")));
    assert_eq!(load("sign_review = 'moderator'", &[], &[]).unwrap().bio_review(), ReviewPolicy::Moderator);
    let has_access_log = |toml, environment: &[_]| load(toml, environment, &[]).unwrap().access_log;
    assert!(has_access_log("", &[]) && !has_access_log("access_log = false", &[]));
    assert!(has_access_log("access_log = false", &[("GUANXI_ACCESS_LOG", "true")]));
    let ends_vips = |toml| load(toml, &[], &[]).unwrap().scheduled_tables().contains(&Table::Card);
    assert_eq!(["", "vip_expiry = 'due_date'", "vip_expiry = 'never'"].map(ends_vips), [true, true, false]);
}

#[test]
fn error_names_the_invalid_setting() {
    let cases = vec![
        (load("login_log_dyas = 9", &[], &[]), "login_log_dyas"),
        (load("", &[("GUANXI_LOGIN_LOG_DYAS", "9")], &[]), "login_log_dyas"),
        (load("login_log_days = 'many'", &[], &[]), "login_log_days"),
        (load("", &[("GUANXI_LOGIN_LOG_DAYS", "0")], &[]), "login_log_days"),
        (load("", &[("GUANXI_FOLLOWING_LIMIT", "-1")], &[]), "following_limit"),
        (load("", &[("GUANXI_FOLLOWING_LIMIT", "no")], &[]), "following_limit"),
        (load("group_limit = true", &[], &[]), "group_limit"),
        (load("access_log = 1", &[], &[]), "access_log"),
        (load("access_log = 'on'", &[], &[]), "access_log"),
        (load("", &[("GUANXI_ACCESS_LOG", "0")], &[]), "access_log"),
        (load("following_limit = 7.9", &[], &[]), "following_limit"),
        (load("", &[("GUANXI_CONFIGX", "1")], &[]), "configx"),
        (load("sign_review = 'nobody'", &[], &[]), "sign_review"),
        (load("vip_expiry = 'soon'", &[], &[]), "vip_expiry"),
        (load("vip_expiry = false", &[], &[]), "vip_expiry"),
        (load("", &[], &[("start_time", "yesterday")]), "start_time"),
        (load("listen = ", &[], &[]), "guanxi.toml"),
        (
            load("", &[], &[("data_dir", "here"), ("database_url", "postgres://db/x")]),
            "data_dir, database_url",
        ),
    ];
    for (settings, name) in cases {
        let error = settings.unwrap_err();
        assert!(error.contains(name), "{error} does not name {name}");
    }
}

#[test]
fn every_setting_has_a_description_and_a_default() {
    let reference = Settings::reference();
    assert!(reference.iter().all(|setting| !setting.doc.trim().is_empty() && !setting.default.is_empty()));
    let names: Vec<&str> = reference.iter().map(|setting| setting.name).collect();
    assert_eq!(names, Settings::KEYS);
}

#[test]
fn missing_word_list_is_named_in_the_error() {
    let settings = Settings { sensitive_words: Some("/nowhere/words".into()), ..Settings::default() };
    assert!(settings.sensitive_words().unwrap_err().to_string().contains("/nowhere/words"));
    assert!(Settings::default().sensitive_words().is_ok());
}

/// A number beyond the range of all numeric settings.
const TOO_LARGE: &str = "4294967295";

/// Numeric settings without an upper limit.
const UNBOUNDED: [&str; 2] = ["following_limit", "compression_min_bytes"];

/// Text settings, which may consist of digits.
const TEXTS: [&str; 18] = [
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
    "sensitive_words",
    "reserved_names",
    "log_level",
];

#[test]
fn out_of_range_value_is_an_error_that_names_its_setting() {
    for key in Settings::KEYS {
        let loaded = load(&format!("{key} = {TOO_LARGE}"), &[], &[]);
        if UNBOUNDED.contains(key) || TEXTS.contains(key) {
            assert!(loaded.is_ok(), "{key}: {loaded:?}");
            continue;
        }
        let error = loaded.unwrap_err();
        assert!(error.contains(key), "{key}: {error}");
    }
    for key in TEXTS {
        let error = load(&format!("{key} = ' '"), &[], &[]).unwrap_err();
        assert!(error.contains(key) && error.contains("is empty"), "{key}: {error}");
    }
}

#[test]
fn numeric_settings_have_ranges() {
    for (key, number, fits) in [
        ("password_min_length", 128, true),
        ("password_min_length", 129, false),
        ("argon2_memory_kib", 7, false),
        ("argon2_memory_kib", 8, true),
        ("body_limit_bytes", 0, false),
        ("lockout_seconds", 86_400, true),
        ("lockout_seconds", 86_401, false),
        ("group_limit", 0, true),
        ("profile_cache_mib", 0, true),
    ] {
        assert_eq!(load(&format!("{key} = {number}"), &[], &[]).is_ok(), fits, "{key} = {number}");
    }
    assert!(
        validation::check(&Settings::default(), Some(1 << 20)).is_ok(),
        "the defaults fit a machine of 1 GiB"
    );
}

#[test]
fn argon2_memory_beyond_the_machine_is_an_error() {
    let settings = load("argon2_memory_kib = 65536\nargon2_concurrency = 4", &[], &[]).unwrap();
    assert!(validation::check(&settings, Some(4 * 65_536)).is_ok());
    let error = validation::check(&settings, Some(4 * 65_536 - 1)).unwrap_err().to_string();
    assert!(error.contains("argon2_memory_kib") && error.contains("argon2_concurrency"), "{error}");
}

#[test]
fn public_url_is_validated() {
    for (url, fits) in [
        ("https://members.example.cn", true),
        ("http://127.0.0.1:8080", true),
        ("https://[::1]:8443", true),
        ("https://会员.example.cn", false),
        ("javascript:alert(1)", false),
        ("javascript://x/%0aalert(1)", false),
        ("ftp://example.cn", false),
        ("//example.cn", false),
        ("example.cn", false),
        ("https://", false),
        ("https:///x", false),
        ("https://me@example.cn", false),
        ("https://example.cn/", false),
        ("https://example.cn/members", false),
        ("https://example.cn?x", false),
        ("https://example.cn#x", false),
        ("https://example.cn\\n", false),
        ("", false),
        ("true", false),
    ] {
        let loaded = load(&format!("public_url = \"{url}\""), &[], &[]);
        assert_eq!(loaded.is_ok(), fits, "{url}: {loaded:?}");
        assert!(fits || loaded.unwrap_err().contains("public_url"), "{url}");
    }
}

#[test]
fn security_contact_is_validated() {
    for (contact, fits) in [
        ("mailto:security@example.cn", true),
        ("https://example.cn/security", true),
        ("tel:+86-10-12345678", true),
        ("security@example.cn", false),
        ("mailto:", false),
        ("http://example.cn", false),
        ("mailto:a@b.cn\\nExpires: never", false),
        ("mailto:安全@example.cn", false),
    ] {
        let loaded = load(&format!("security_contact = \"{contact}\""), &[], &[]);
        assert_eq!(loaded.is_ok(), fits, "{contact}: {loaded:?}");
        assert!(fits || loaded.unwrap_err().contains("security_contact"), "{contact}");
    }
}

#[test]
fn suspicious_settings_are_warnings() {
    let warnings = |toml: &str| load(toml, &[], &[]).unwrap().warnings();
    assert_eq!(warnings(""), [""; 0]);
    assert_eq!(warnings("trusted_proxies = '10.0.0.0/8, ::1'"), [""; 0]);
    for (toml, name) in [
        ("trusted_proxies = '10.0.0.1, 0.0.0.0/0'", "trusted_proxies"),
        ("trusted_proxies = '::/0'", "trusted_proxies"),
        ("commit_queue = 1", "commit_queue"),
    ] {
        let warnings = warnings(toml);
        assert!(warnings.len() == 1 && warnings[0].starts_with(name), "{toml}: {warnings:?}");
    }
}
