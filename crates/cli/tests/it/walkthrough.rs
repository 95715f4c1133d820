//! The walkthrough in the README, executed: the output must be as printed there.

use crate::program::guanxi;
use guanxi_test_postgres::has_programs;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const ENGLISH: &str = include_str!("../../../../README.md");
const CHINESE: &str = include_str!("../../../../README.zh-CN.md");

/// Printed before the output of each command. Occurs nowhere else.
const SEPARATOR: char = '\u{1e}';

/// The time limit for the whole walkthrough.
const TIMEOUT: Duration = Duration::from_mins(1);

#[derive(Debug, PartialEq, Eq)]
struct Step {
    command: String,
    answer: String,
}

/// Returns the commands in the console blocks of a section, each with the printed output.
fn steps(readme: &str, section: &str) -> Vec<Step> {
    let (_, section) = readme.split_once(&format!("\n## {section}\n")).expect("the section exists");
    let section = section.split("\n## ").next().unwrap_or_default();
    let blocks = section.split("```console\n").skip(1).filter_map(|block| block.split("```").next());
    let mut steps: Vec<Step> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step { command: command.to_owned(), answer: String::new() }),
            (None, Some(step)) => step.answer.extend([line, "\n"]),
            (None, None) => panic!("{line:?} precedes the first command"),
        }
    }
    steps
}

/// Replaces values that differ between runs, such as times and secrets.
fn normalize(text: &str) -> String {
    const DATE: &[u8] = b"0000-00-00 00:00:00";
    let is_date = |bytes: &[u8]| {
        bytes.iter().zip(DATE).all(|(byte, like)| byte == like || *like == b'0' && byte.is_ascii_digit())
    };
    let text = text.trim_end();
    let mut dated = text.as_bytes().to_vec();
    for at in 0..=dated.len().saturating_sub(DATE.len()) {
        if dated.len() >= DATE.len() && is_date(&dated[at..at + DATE.len()]) {
            dated[at..at + DATE.len()].copy_from_slice(DATE);
        }
    }
    let dated = String::from_utf8(dated).unwrap();
    let words = dated.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric());
    let normalize_word = |word: &str| {
        let bare = word.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let placeholder = match bare.len() {
            10 if bare.bytes().all(|byte| byte.is_ascii_digit()) => "<time>",
            32.. if bare.bytes().all(|byte| byte.is_ascii_hexdigit()) => "<secret>",
            _ => bare,
        };
        format!("{placeholder}{}", &word[bare.len()..])
    };
    words.map(normalize_word).collect()
}

/// Returns two free ports below the ephemeral range, at an offset by process id. So neither the system nor a
/// concurrent test assigns them before their use.
fn free_ports() -> [u16; 2] {
    let from = 10_000 + u16::try_from(std::process::id().wrapping_mul(7_919) % 20_000).unwrap();
    let mut free = (from..).filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    [free.next().unwrap(), free.next().unwrap()]
}

/// The process group of a shell. Drop kills it.
struct ProcessGroup(u32);

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        let group = format!("-{}", self.0);
        // The processes may have ended already.
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    }
}

/// Runs a script in a directory with settings for the service. Returns its output and its errors.
fn run(script: &str, folder: &Path, [members, operators]: [u16; 2]) -> (String, String) {
    fs::write(folder.join("script"), script).unwrap();
    let file = |name: &str| File::create(folder.join(name)).unwrap();
    let mut shell = Command::new("bash");
    // Settings in the environment of the test would interfere.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GUANXI_")) {
        shell.env_remove(name);
    }
    shell
        .args(["-e", "-o", "pipefail", "script"])
        .current_dir(folder)
        .env("no_proxy", "127.0.0.1")
        .env("GUANXI_LISTEN", format!("127.0.0.1:{members}"))
        .env("GUANXI_OPERATOR_LISTEN", format!("127.0.0.1:{operators}"))
        .env("GUANXI_START_TIME", "2020-05-19T12:00:00+08:00") // no day ends meanwhile
        .env("GUANXI_ARGON2_MEMORY_KIB", "8")
        .env("GUANXI_ARGON2_ITERATIONS", "1")
        .stdin(Stdio::null())
        .stdout(file("answers"))
        .stderr(file("errors"))
        .process_group(0);
    let mut shell = shell.spawn().unwrap();
    let group = ProcessGroup(shell.id());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(shell.wait()));
    let exit = receiver.recv_timeout(TIMEOUT);
    drop(group);
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    (read("answers"), format!("{exit:?}\n{}\n{}", read("errors"), read("tour/log")))
}

#[test]
fn readme_walkthrough_prints_the_documented_output() {
    if !has_programs("the README walkthrough", &["bash", "curl", "jq"]) {
        return;
    }
    let (folder, ports) = (tempfile::tempdir().unwrap(), free_ports());
    let steps = steps(ENGLISH, "Walkthrough");
    assert!(steps.len() > 20, "{steps:?}");
    let program = guanxi(&[]).get_program().to_str().unwrap().to_owned();
    let localize = |command: &str| {
        command
            .replace("target/release/guanxi", &program)
            .replace("127.0.0.1:8080", &format!("127.0.0.1:{}", ports[0]))
            .replace("127.0.0.1:8081", &format!("127.0.0.1:{}", ports[1]))
    };
    // The program is already built.
    let mut script = "cargo() { :; }\n".to_owned();
    for step in &steps {
        script.extend([&format!("printf '{SEPARATOR}'\n"), &localize(&step.command), "\n"]);
    }
    let (answers, errors) = run(&script, folder.path(), ports);
    let answers: Vec<&str> = answers.split(SEPARATOR).skip(1).collect();
    for (Step { command, answer }, given) in steps.iter().zip(&answers) {
        assert_eq!(normalize(given), normalize(answer), "{command}\n{errors}");
    }
    assert_eq!(answers.len(), steps.len(), "{errors}");
}

#[test]
fn readmes_have_the_same_walkthrough() {
    let (english, chinese) = (steps(ENGLISH, "Walkthrough"), steps(CHINESE, "走一遍"));
    assert_eq!(english, chinese);
}

#[test]
fn times_and_secrets_are_normalized() {
    let secret = "27b66b903f437231e0d210bfed4ce0f7203b2d92adbe701b2a74e413951fc067";
    let given = format!(r#"{{"time":1795241487,"time_at":"2026-11-21 14:11:27","id":"{secret}","mid":1}}"#);
    let expected = r#"{"time":<time>,"time_at":"0000-00-00 00:00:00","id":"<secret>","mid":1}"#;
    assert_eq!(normalize(&given), expected);
    assert_eq!(normalize("慢慢来 10\n"), "慢慢来 10");
}
