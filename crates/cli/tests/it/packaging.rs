//! What is installed beside the program agrees with it.

use crate::program::{Folder, Service, done, http, run};
use guanxi_api::api::passport::login::LogIn;
use guanxi_api::param::Secret;
use guanxi_client::{Client, Error};
use guanxi_server::Settings;
use guanxi_types::ErrorCode;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const SETTINGS: &str = include_str!("../../../../packaging/guanxi.toml");
const CHANGELOG: &str = include_str!("../../../../CHANGELOG.md");
const UNIT: &str = include_str!("../../../../packaging/guanxi.service");
const BACKUP: &str = include_str!("../../../../packaging/backup");
const RULES: &str = include_str!("../../../../packaging/prometheus-rules.yml");
const THIRD_PARTY: &str = include_str!("../../../../LICENSE-THIRD-PARTY");
const IMAGE: &str = include_str!("../../../../Dockerfile");

/// Those that have no default, but an example in the packaged file, or a place of the package's.
const EXAMPLES: [&str; 12] = [
    "image_origins",
    "clock",
    "data",
    "ip2region",
    "keys",
    "log_level",
    "public_url",
    "reserved_names",
    "security_contact",
    "sensitive_words",
    "store",
    "trusted_proxies",
];

/// The settings of a file alone.
fn settings(folder: &Folder, file: &str) -> Settings {
    let file = folder.write("guanxi.toml", file);
    Settings::load(Some(Path::new(&file)), std::iter::empty(), &[]).unwrap()
}

#[test]
fn the_packaged_settings_are_all_there_are_with_their_defaults() {
    let folder = Folder::new();
    // A comment in words has a space after its sign, a setting has none.
    let uncommented = |line: &'static str| match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|letter: char| letter.is_ascii_lowercase()) => setting,
        _ => line,
    };
    let lines: Vec<&str> = SETTINGS.lines().map(uncommented).collect();
    settings(&folder, &lines.join("\n"));
    let mut keys = Vec::new();
    for line in lines.iter().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (key, _) = line.split_once(" = ").unwrap();
        let is_default = settings(&folder, line) == Settings::default();
        assert_ne!(is_default, EXAMPLES.contains(&key), "{line}");
        keys.push(key);
    }
    keys.sort_unstable();
    let mut all = Settings::KEYS.to_vec();
    all.sort_unstable();
    assert_eq!(keys, all);
}

#[test]
fn units_and_scripts_give_flags_that_there_are() {
    let lines = UNIT.lines().chain(BACKUP.lines());
    let mut seen = 0;
    for line in lines {
        let line = line.trim_start_matches("ExecStart=/usr/bin/");
        let Some(line) = line.strip_prefix("guanxi ") else { continue };
        let mut words = line.split_whitespace();
        let help = run(&[words.next().unwrap(), "--help"]);
        for flag in words.filter(|word| word.starts_with("--")) {
            assert!(done(&help).contains(&format!("{flag} ")), "{line}");
        }
        seen += 1;
    }
    assert_eq!(seen, 3, "one in the unit, two in the script");
}

#[test]
fn the_image_is_told_settings_that_there_are_and_the_compiler_that_is_asked_for() {
    let words = IMAGE.split(|letter: char| !letter.is_ascii_uppercase() && letter != '_');
    let told: BTreeSet<String> =
        words.filter_map(|word| word.strip_prefix("GUANXI_")).map(str::to_lowercase).collect();
    assert!(told.len() > 2, "{told:?}");
    assert!(told.iter().all(|key| Settings::KEYS.contains(&key.as_str())), "{told:?}");
    let compiler = format!("FROM rust:{}-", env!("CARGO_PKG_RUST_VERSION"));
    assert!(IMAGE.contains(&compiler), "{compiler}");
}

#[test]
fn third_party_licences_name_every_linked_package() {
    let tree =
        ["tree", "--locked", "--offline", "-p", "guanxi", "-e", "normal", "--prefix", "none", "-f", "{p}"];
    let targets = ["--target", "x86_64-unknown-linux-gnu", "--target", "aarch64-unknown-linux-gnu"];
    let tree = Command::new(env!("CARGO")).args(tree).args(targets).output().unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    // What has a path is of this repository.
    let linked: BTreeSet<String> = tree
        .lines()
        .filter(|line| !line.is_empty() && !line.contains("(/"))
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ").replace(" v", " "))
        .collect();
    let named = THIRD_PARTY.split("\n====").next().unwrap().lines().skip(4);
    let named: BTreeSet<String> =
        named.filter_map(|line| line.split_once(": ")).map(|(name, _)| name.to_owned()).collect();
    assert!(linked.len() > 100, "{linked:?}");
    assert_eq!(named, linked, "tools/third-party writes LICENSE-THIRD-PARTY anew");
}

#[test]
fn the_unit_leaves_the_service_time_to_stop() {
    let seconds = UNIT.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")).unwrap();
    let files = UNIT.lines().find_map(|line| line.strip_prefix("LimitNOFILE=")).unwrap();
    let defaults = Settings::default();
    assert!(seconds.parse::<u32>().unwrap() > defaults.shutdown_grace_seconds);
    assert!(files.parse::<u32>().unwrap() > 2 * defaults.connection_limit.get());
}

#[test]
fn the_version_is_the_latest_that_the_changelog_tells() {
    let latest = CHANGELOG.lines().find_map(|line| line.strip_prefix("## ")).unwrap();
    let version = run(&["--version"]);
    assert_eq!(done(&version).trim(), format!("guanxi {}", latest.split(' ').next().unwrap()));
}

#[tokio::test]
async fn the_rules_of_prometheus_ask_for_metrics_that_there_are() {
    let folder = Folder::new();
    let service = Service::serve(folder.0.path().join("data").as_path());
    // What counts by how a try ended has nothing to tell before the first.
    let (account, password) = (Secret("nobody".to_owned()), Secret("a long password".to_owned()));
    let refused = Client::new(&service.base).unwrap().send(&LogIn { account, password }).await;
    assert!(
        matches!(refused, Err(Error::Refused { code: Some(ErrorCode::WrongPassword), .. })),
        "{refused:?}"
    );
    let metrics = http().get(format!("http://{}/metrics", service.operators)).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let words = RULES.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
    let asked: BTreeSet<&str> = words.filter(|word| word.starts_with("guanxi_")).collect();
    assert!(asked.len() > 4, "{asked:?}");
    for metric in asked {
        let told = metrics.lines().any(|line| line.split(['{', ' ']).next() == Some(metric));
        assert!(told, "{metric} is not in\n{metrics}");
    }
}
