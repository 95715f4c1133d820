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
        (load("sign_review = 'nobody'", &[], &[]), "nobody"),
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
