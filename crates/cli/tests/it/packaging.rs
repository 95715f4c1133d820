//! Packaged files match the program.

use crate::program::{Service, TestDir, guanxi, http_client, run, stdout, utf8};
use guanxi_api::login::log_in::LogIn;
use guanxi_client::{Client, Error};
use guanxi_server::Settings;
use guanxi_server::metrics::DATABASE_METRICS;
use guanxi_types::{ErrorCode, Secret};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

const SETTINGS: &str = include_str!("../../../../packaging/guanxi.toml");
const CHANGELOG: &str = include_str!("../../../../CHANGELOG.md");
const UNIT: &str = include_str!("../../../../packaging/guanxi.service");
const BACKUP: &str = include_str!("../../../../packaging/backup");
const RULES: &str = include_str!("../../../../packaging/prometheus-rules.yml");
const COMPOSE_FILES: [&str; 3] = [
    include_str!("../../../../packaging/compose/postgres.yml"),
    include_str!("../../../../packaging/compose/balanced.yml"),
    include_str!("../../../../packaging/compose/citus.yml"),
];
const THIRD_PARTY: &str = include_str!("../../../../LICENSE-THIRD-PARTY");
const IMAGE: &str = include_str!("../../../../Dockerfile");
const IMAGE_CONTEXT: &str = include_str!("../../../../.dockerignore");
const WORKSPACE: &str = include_str!("../../../../Cargo.toml");

/// Settings whose value in the packaged file is an example or a path of the package, and not the default.
const EXAMPLES: [&str; 24] = [
    "archive_key_file",
    "archive_url",
    "compat",
    "image_origins",
    "data_dir",
    "database_url",
    "ip2region",
    "key_file",
    "log_level",
    "mail_from",
    "message_folder",
    "message_secret",
    "message_templates",
    "message_url",
    "public_url",
    "reserved_names",
    "second_factor_from_level",
    "security_contact",
    "sensitive_words",
    "smtp_host",
    "smtp_password",
    "smtp_user",
    "start_time",
    "trusted_proxies",
];

/// Loads settings from a file only.
fn settings(folder: &TestDir, file: &str) -> Settings {
    let file = folder.write("guanxi.toml", file);
    Settings::load(Some(Path::new(&file)), std::iter::empty(), &[]).unwrap()
}

fn cargo_metadata() -> Value {
    let arguments = ["metadata", "--no-deps", "--locked", "--offline", "--format-version", "1"];
    let metadata = Command::new(env!("CARGO")).args(arguments).output().unwrap();
    assert!(metadata.status.success(), "{}", utf8(&metadata.stderr));
    serde_json::from_slice(&metadata.stdout).unwrap()
}

/// Returns the settings of cargo-deb.
fn debian_package() -> Value {
    let mut metadata = cargo_metadata();
    let packages = metadata["packages"].as_array_mut().unwrap();
    let program = packages.iter_mut().find(|package| package["name"] == "guanxi").unwrap();
    program["metadata"]["deb"].take()
}

/// Returns the installed path and the source of each file in the Debian package, without built files.
fn installed_files(package: &Value) -> BTreeMap<PathBuf, PathBuf> {
    let mut files = BTreeMap::new();
    for asset in package["assets"].as_array().unwrap() {
        let (source, target) = (asset[0].as_str().unwrap(), asset[1].as_str().unwrap());
        if source.starts_with("target/release/") {
            continue;
        }
        let source = format!("{}/{source}", env!("CARGO_MANIFEST_DIR"));
        let sources: Vec<PathBuf> = match source.split_once('*') {
            Some((folder, end)) => {
                let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
                entries.filter(|path| path.to_str().unwrap().ends_with(end)).collect()
            }
            None => vec![source.into()],
        };
        assert!(!sources.is_empty() && sources.iter().all(|source| source.is_file()), "{asset}");
        for source in sources {
            let name = if target.ends_with('/') { source.file_name().unwrap() } else { "".as_ref() };
            files.insert(Path::new(target).join(name), source);
        }
    }
    files
}

/// Resolves a relative link in a file.
fn link_target(file: &Path, link: &str) -> PathBuf {
    let mut target = file.parent().unwrap().to_owned();
    for part in Path::new(link).components() {
        if part == Component::ParentDir {
            target.pop();
        } else {
            target.push(part);
        }
    }
    target
}

#[test]
fn debian_package_names_existing_files() {
    let package = debian_package();
    let files = installed_files(&package);
    for folder in [&package["maintainer-scripts"], &package["systemd-units"]["unit-scripts"]] {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder.as_str().unwrap()).is_dir(), "{folder}");
    }
    for file in package["conf-files"].as_array().unwrap() {
        let file = file.as_str().unwrap().trim_start_matches('/');
        assert!(files.contains_key(Path::new(file)), "{file}");
    }
}

#[test]
fn debian_package_contains_the_targets_of_links() {
    let files = installed_files(&debian_package());
    let mut checked = 0;
    for (file, source) in files.iter().filter(|(file, _)| file.extension().is_some_and(|end| end == "md")) {
        let text = fs::read_to_string(source).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains(':')) {
            // A link to a folder is the beginning of a path.
            let target = link_target(file, link);
            assert!(files.keys().any(|file| file.starts_with(&target)), "{}: {link}", file.display());
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn packaged_settings_are_complete_with_defaults() {
    let folder = TestDir::new();
    // Comments have a space after the `#`, commented settings have none.
    let uncomment = |line: &'static str| match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|letter: char| letter.is_ascii_lowercase()) => setting,
        _ => line,
    };
    let lines: Vec<&str> = SETTINGS.lines().map(uncomment).collect();
    // A database has no archive of this program.
    for other in ["archive_url = ", "database_url = "] {
        let lines: Vec<&str> = lines.iter().copied().filter(|line| !line.starts_with(other)).collect();
        settings(&folder, &lines.join("\n"));
    }
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
fn packaged_scripts_use_existing_flags() {
    let lines = UNIT.lines().chain(BACKUP.lines());
    let mut checked = 0;
    for line in lines {
        let line = line.trim_start_matches("ExecStart=/usr/bin/");
        let Some(line) = line.strip_prefix("guanxi ") else { continue };
        let mut words = line.split_whitespace();
        let help = run(&[words.next().unwrap(), "--help"]);
        for flag in words.filter(|word| word.starts_with("--")) {
            assert!(stdout(&help).contains(&format!("{flag} ")), "{line}");
        }
        checked += 1;
    }
    assert_eq!(checked, 3, "one in the unit, two in the script");
}

/// Asserts that a text names variables of settings only, and several of them.
fn assert_names_settings(text: &str) {
    let words = text.split(|letter: char| !letter.is_ascii_uppercase() && letter != '_');
    let names: BTreeSet<String> =
        words.filter_map(|word| word.strip_prefix("GUANXI_")).map(str::to_lowercase).collect();
    assert!(names.len() > 2, "{names:?}");
    assert!(names.iter().all(|key| Settings::KEYS.contains(&key.as_str())), "{names:?}");
}

#[test]
fn compose_files_use_existing_settings() {
    COMPOSE_FILES.into_iter().for_each(assert_names_settings);
}

#[test]
fn dockerfile_uses_existing_settings_and_the_rust_version() {
    assert_names_settings(IMAGE);
    let compiler = format!("FROM rust:{}-", env!("CARGO_PKG_RUST_VERSION"));
    assert!(IMAGE.contains(&compiler), "{compiler}");
}

#[test]
fn docker_context_contains_the_workspace() {
    let members = WORKSPACE.lines().find_map(|line| line.strip_prefix("members = ")).unwrap();
    let folders: Vec<&str> =
        members.split('"').skip(1).step_by(2).map(|member| member.trim_end_matches("/*")).collect();
    assert!(folders.len() > 1, "{members}");
    for folder in folders {
        assert!(IMAGE_CONTEXT.lines().any(|line| line.strip_prefix('!') == Some(folder)), "{folder}");
    }
}

#[test]
fn cargo_run_in_the_root_finds_one_program() {
    let metadata = cargo_metadata();
    let is_default =
        |package: &Value| metadata["workspace_default_members"].as_array().unwrap().contains(&package["id"]);
    let packages = metadata["packages"].as_array().unwrap().iter().filter(|package| is_default(package));
    let targets = packages.flat_map(|package| package["targets"].as_array().unwrap());
    let programs: Vec<_> = targets
        .filter(|target| target["kind"].as_array().unwrap().iter().any(|kind| kind == "bin"))
        .map(|target| &target["name"])
        .collect();
    assert_eq!(programs, ["guanxi"], "`cargo run -- demo` needs a single program");
}

#[test]
fn third_party_licences_are_complete() {
    let tree =
        ["tree", "--locked", "--offline", "-p", "guanxi", "-e", "normal", "--prefix", "none", "-f", "{p}"];
    let targets = ["--target", "x86_64-unknown-linux-gnu", "--target", "aarch64-unknown-linux-gnu"];
    let tree = Command::new(env!("CARGO")).args(tree).args(targets).output().unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    // Packages with a path belong to this repository.
    let linked: BTreeSet<String> = tree
        .lines()
        .filter(|line| !line.is_empty() && !line.contains("(/"))
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ").replace(" v", " "))
        .collect();
    let named = THIRD_PARTY.split("\n====").next().unwrap().lines().skip(4);
    let named: BTreeSet<String> =
        named.filter_map(|line| line.split_once(": ")).map(|(name, _)| name.to_owned()).collect();
    assert!(linked.len() > 100, "{linked:?}");
    assert_eq!(named, linked, "update LICENSE-THIRD-PARTY with tools/third-party");
}

#[test]
fn systemd_unit_allows_a_graceful_shutdown() {
    let seconds = UNIT.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")).unwrap();
    let files = UNIT.lines().find_map(|line| line.strip_prefix("LimitNOFILE=")).unwrap();
    let defaults = Settings::default();
    assert!(seconds.parse::<u32>().unwrap() > defaults.shutdown_grace_seconds);
    assert!(files.parse::<u32>().unwrap() > 2 * defaults.connection_limit.get());
}

#[test]
fn version_is_the_latest_in_the_changelog() {
    let latest = CHANGELOG.lines().find_map(|line| line.strip_prefix("## ")).unwrap();
    let version = run(&["--version"]);
    assert_eq!(stdout(&version).trim(), format!("guanxi {}", latest.split(' ').next().unwrap()));
}

#[tokio::test]
async fn prometheus_rules_use_existing_metrics() {
    let folder = TestDir::new();
    let mut command = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &folder.path("data")]);
    command.env("GUANXI_ARCHIVE_URL", folder.path("archive"));
    let service = Service::start(command);
    // Metrics by outcome exist after the first attempt only.
    let (account, password) = (Secret("nobody".to_owned()), Secret("a long password".to_owned()));
    let rejected = Client::new(&service.base).unwrap().send(&LogIn { account, password }).await;
    assert!(
        matches!(rejected, Err(Error::Rejected { code: Some(ErrorCode::WrongCredentials), .. })),
        "{rejected:?}"
    );
    let metrics = http_client().get(format!("http://{}/metrics", service.operators)).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let words = RULES.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
    let used: BTreeSet<&str> = words.filter(|word| word.starts_with("guanxi_")).collect();
    assert!(used.len() > 4, "{used:?}");
    for metric in used {
        let has_metric = metrics.lines().any(|line| line.split(['{', ' ']).next() == Some(metric));
        let is_database_metric = DATABASE_METRICS.contains(&metric.trim_start_matches("guanxi_"));
        assert!(has_metric || is_database_metric, "{metric} is not in\n{metrics}");
    }
}
