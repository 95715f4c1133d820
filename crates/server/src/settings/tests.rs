//! What settings may be, and what they may not.

use super::*;

fn load(toml: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guanxi.toml");
    std::fs::write(&file, toml).unwrap();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let flags: Vec<_> = flags.iter().map(|(name, value)| (*name, Some((*value).to_owned()))).collect();
    Settings::load(Some(&file), environment, &flags).map_err(|error| error.to_string())
}

#[test]
fn what_wins() {
    let defaults = Settings::default();
    assert_eq!(load("", &[("PATH", "/bin"), ("GUANXI_TEST_FULL", "1")], &[]), Ok(defaults.clone()));
    let days = |settings: Result<Settings, String>| settings.unwrap().login_log_days.get();
    assert_eq!(days(load("login_log_days = 9", &[], &[])), 9);
    assert_eq!(days(load("login_log_days = 9", &[("GUANXI_LOGIN_LOG_DAYS", "400")], &[])), 400);
    let listen = load("listen = '0.0.0.0:1'", &[("GUANXI_LISTEN", "0.0.0.0:2")], &[("listen", "0.0.0.0:3")]);
    assert_eq!(listen.unwrap().listen.port(), 3);
    let clock = load("", &[("GUANXI_CLOCK", "2020-05-19T23:59:00+08:00")], &[]).unwrap().clock;
    assert_eq!(clock, Some("2020-05-19T15:59:00Z".parse().unwrap()));
    let store = |settings: Result<Settings, String>| settings.unwrap().store;
    let (database, in_file) = (("GUANXI_STORE", "postgres://db/x"), "store = 'postgres://db/x'");
    assert!(store(load("", &[database], &[])).is_some());
    assert_eq!(store(load("", &[database], &[("data", "here")])), None);
    assert_eq!(store(load(in_file, &[("GUANXI_DATA", "here")], &[])), None);
    assert!(store(load(in_file, &[], &[])).is_some());
    assert!(store(load("", &[("GUANXI_DATA", "here")], &[("store", "postgres://db/x")])).is_some());
    // A value is what its key wants: a directory of digits keeps its zeros.
    let data = load("", &[("GUANXI_DATA", "007")], &[]).unwrap().data;
    assert_eq!(data, Some(PathBuf::from("007")));
    assert_eq!(load("sign_review = 'moderator'", &[], &[]).unwrap().review(), Review::Moderator);
    let ends_vips = |toml| load(toml, &[], &[]).unwrap().timed().contains(&Table::Card);
    assert_eq!(["", "vip_expiry = 'due_date'", "vip_expiry = 'never'"].map(ends_vips), [true, true, false]);
}

#[test]
fn what_is_wrong_is_named() {
    let cases = [
        (load("login_log_dyas = 9", &[], &[]), "login_log_dyas"),
        (load("", &[("GUANXI_LOGIN_LOG_DYAS", "9")], &[]), "login_log_dyas"),
        (load("login_log_days = 'many'", &[], &[]), "login_log_days"),
        (load("", &[("GUANXI_LOGIN_LOG_DAYS", "0")], &[]), "login_log_days"),
        (load("", &[("GUANXI_FOLLOWING_LIMIT", "-1")], &[]), "following_limit"),
        (load("", &[("GUANXI_FOLLOWING_LIMIT", "no")], &[]), "following_limit"),
        (load("group_limit = true", &[], &[]), "group_limit"),
        (load("following_limit = 7.9", &[], &[]), "following_limit"),
        (load("", &[("GUANXI_CONFIGX", "1")], &[]), "configx"),
        (load("sign_review = 'nobody'", &[], &[]), "sign_review"),
        (load("vip_expiry = 'soon'", &[], &[]), "vip_expiry"),
        (load("vip_expiry = false", &[], &[]), "vip_expiry"),
        (load("", &[], &[("clock", "yesterday")]), "clock"),
        (load("listen = ", &[], &[]), "guanxi.toml"),
        (load("", &[], &[("data", "here"), ("store", "postgres://db/x")]), "data, store"),
    ];
    for (settings, name) in cases {
        let error = settings.unwrap_err();
        assert!(error.contains(name), "{error} does not name {name}");
    }
}

/// The keys of the table in a section.
fn told(document: &'static str, section: &str) -> Vec<&'static str> {
    let (_, after) = document.split_once(section).unwrap();
    let table = after.split("\n## ").next().unwrap();
    table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect()
}

#[test]
fn both_tables_tell_every_setting() {
    let english = told(include_str!("../../../../docs/operating.md"), "\n## Settings\n");
    // What Chinese readers are told stands in their README.
    let chinese = told(include_str!("../../../../README.zh-CN.md"), "\n## 设置\n");
    assert_eq!(english, Settings::KEYS);
    assert_eq!(chinese, Settings::KEYS);
}

#[test]
fn a_word_list_that_is_not_there_is_named() {
    let settings = Settings { sensitive_words: Some("/nowhere/words".into()), ..Settings::default() };
    assert!(settings.words().unwrap_err().to_string().contains("/nowhere/words"));
    assert!(Settings::default().words().is_ok());
}

/// A value that no number may be, and no text should.
const MOST: &str = "4294967295";

/// Numbers that any size makes sense of: no limit, or never.
const UNBOUNDED: [&str; 2] = ["following_limit", "compress_from_bytes"];

/// Texts, each of which may be digits.
const TEXTS: [&str; 7] =
    ["data", "store", "keys", "ip2region", "sensitive_words", "reserved_names", "log_level"];

#[test]
fn value_of_no_sense_is_an_error_that_names_its_setting() {
    for key in Settings::KEYS {
        let loaded = load(&format!("{key} = {MOST}"), &[], &[]);
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
fn numbers_are_held_to_their_ranges() {
    for (key, number, fits) in [
        ("password_min_length", 128, true),
        ("password_min_length", 129, false),
        ("password_memory_kib", 7, false),
        ("password_memory_kib", 8, true),
        ("body_limit_bytes", 0, false),
        ("login_wait_seconds", 86_400, true),
        ("login_wait_seconds", 86_401, false),
        ("group_limit", 0, true),
        ("card_memory_mib", 0, true),
    ] {
        assert_eq!(load(&format!("{key} = {number}"), &[], &[]).is_ok(), fits, "{key} = {number}");
    }
    assert!(sense::check(&Settings::default(), Some(1 << 20)).is_ok(), "the defaults fit a machine of 1 GiB");
}

#[test]
fn passwords_that_take_more_than_the_machine_has_are_an_error() {
    let settings = load("password_memory_kib = 65536\npassword_threads = 4", &[], &[]).unwrap();
    assert!(sense::check(&settings, Some(4 * 65_536)).is_ok());
    let error = sense::check(&settings, Some(4 * 65_536 - 1)).unwrap_err().to_string();
    assert!(error.contains("password_memory_kib") && error.contains("password_threads"), "{error}");
}

#[test]
fn public_url_is_an_address_of_the_web() {
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
fn security_contact_is_a_way_to_reach_somebody() {
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
fn settings_that_may_be_meant_are_warned_of() {
    let warnings = |toml: &str| load(toml, &[], &[]).unwrap().warnings();
    assert_eq!(warnings(""), [""; 0]);
    assert_eq!(warnings("trusted_proxies = '10.0.0.0/8, ::1'"), [""; 0]);
    for (toml, name) in [
        ("trusted_proxies = '10.0.0.1, 0.0.0.0/0'", "trusted_proxies"),
        ("trusted_proxies = '::/0'", "trusted_proxies"),
        ("commit_queue = 1", "commit_queue"),
    ] {
        let told = warnings(toml);
        assert!(told.len() == 1 && told[0].starts_with(name), "{toml}: {told:?}");
    }
}
