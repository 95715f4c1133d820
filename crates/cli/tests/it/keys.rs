//! Encryption keys: rotation with and without a running service, and missing or wrong key files.

use crate::program::{Service, guanxi, run, utf8};
use guanxi_api::login::log_in::LogIn;
use guanxi_api::login::sign_up::SignUp;
use guanxi_api::operator::members::get_member::GetMember;
use guanxi_api::operator::members::verify_contact::{ContactKind, VerifyContact};
use guanxi_client::{Client, Error, Operator};
use guanxi_types::{Mid, Secret};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const TEL: &str = "15312345056";
const PASSWORD: &str = "correct horse battery";

/// A data directory with an operator token.
struct Community {
    folder: TempDir,
    token: String,
}

impl Community {
    fn new() -> Community {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let created =
            run(&["operator", "token", "create", "--role", "admin", "--data-dir", data.to_str().unwrap()]);
        Community { folder, token: utf8(&created.stdout).trim().to_owned() }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn keys(&self) -> PathBuf {
        self.data().join("guanxi.keys")
    }

    fn serve(&self) -> Service {
        let mut command =
            guanxi(&["serve", "--listen", "127.0.0.1:0", "--data-dir", self.data().to_str().unwrap()]);
        command.env("GUANXI_ARGON2_MEMORY_KIB", "8").env("GUANXI_ARGON2_ITERATIONS", "1");
        Service::start(command)
    }

    /// Runs a rotation, with the address of the running service if there is one.
    fn rotate(&self, operators: Option<&str>) -> Output {
        let mut command: Command = guanxi(&["keys", "rotate", "--data-dir", self.data().to_str().unwrap()]);
        if let Some(operators) = operators {
            command.env("GUANXI_OPERATOR_LISTEN", operators).env("GUANXI_OPERATOR_TOKEN", &self.token);
        }
        command.output().unwrap()
    }
}

fn key_ids(keys: &Path) -> Vec<String> {
    let text = fs::read_to_string(keys).unwrap();
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(id, _)| id.to_owned())
        .filter(|id| id != "#")
        .collect()
}

async fn log_in(service: &Service) -> Result<u64, Error> {
    let (account, password) = (Secret(TEL.to_owned()), Secret(PASSWORD.to_owned()));
    Client::new(&service.base)
        .unwrap()
        .send(&LogIn { account, password })
        .await
        .map(|logged_in| logged_in.mid.get())
}

#[tokio::test]
async fn keys_rotate_with_and_without_running_service() {
    let community = Community::new();
    let service = community.serve();
    let (uname, password) = ("小明".to_owned(), Secret(PASSWORD.to_owned()));
    let tel = Some(Secret(TEL.to_owned()));
    Client::new(&service.base).unwrap().send(&SignUp { uname, password, tel, mail: None }).await.unwrap();
    assert_eq!(key_ids(&community.keys()), ["1"]);

    let rotated = community.rotate(Some(&service.operators));
    assert_eq!(
        utf8(&rotated.stdout).trim(),
        "private data is encrypted with key 2",
        "{}",
        utf8(&rotated.stderr)
    );
    assert_eq!(key_ids(&community.keys()), ["2"]);
    let operator = Operator::new(&format!("http://{}", service.operators), &community.token).unwrap();
    let mid = Mid::new(1).unwrap();
    operator.send(&VerifyContact { mid, what: ContactKind::Tel }).await.unwrap();
    assert_eq!(log_in(&service).await.unwrap(), 1, "the member is found by phone number");
    let request = GetMember { mid: None, uname: None, userid: None, tel: Some(TEL.to_owned()), mail: None };
    let member = operator.send(&request).await.unwrap();
    assert_eq!(member.account["tel"], "153*****056");

    let without_token = community.rotate(None);
    assert!(utf8(&without_token.stderr).contains("GUANXI_OPERATOR_TOKEN"), "{}", utf8(&without_token.stderr));
    drop(service);
    assert_eq!(utf8(&community.rotate(None).stdout).trim(), "private data is encrypted with key 3");
    assert_eq!(log_in(&community.serve()).await.unwrap(), 1);
    let checked = run(&["check", "--data-dir", community.data().to_str().unwrap()]);
    assert!(checked.status.success(), "{}", utf8(&checked.stdout));
}

#[test]
fn interrupted_rotation_is_finished_at_the_next_start() {
    let community = Community::new();
    drop(community.serve());
    // The state after a crash just after the new key was written.
    let two_keys = format!("{}2 {}\n", fs::read_to_string(community.keys()).unwrap(), "ab".repeat(32));
    fs::write(community.keys(), two_keys).unwrap();
    let service = community.serve();
    while key_ids(&community.keys()) != ["2"] {
        std::thread::yield_now();
    }
    drop(service);
}

#[test]
fn missing_wrong_or_readable_key_file_is_reported() {
    let community = Community::new();
    drop(community.serve());
    let data = community.data();
    let serve = || {
        let output = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        utf8(&output.stderr).to_owned()
    };
    let original = fs::read_to_string(community.keys()).unwrap();
    fs::remove_file(community.keys()).unwrap();
    assert!(serve().contains("restore it"), "{}", serve());
    assert!(!community.keys().exists(), "no new keys are created");

    let other = Community::new();
    drop(other.serve());
    fs::copy(other.keys(), community.keys()).unwrap();
    assert!(serve().contains("are not those"), "{}", serve());

    fs::write(community.keys(), original).unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(community.keys(), open).unwrap();
    assert!(serve().contains("chmod 600"), "{}", serve());
}
