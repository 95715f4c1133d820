//! The keys of private data: rotated while a service runs and while none does, lost, and others.

use crate::program::{Service, guanxi, run, text};
use guanxi_api::api::passport::login::LogIn;
use guanxi_api::api::passport::signup::SignUp;
use guanxi_api::operator::member::Member;
use guanxi_api::param::Secret;
use guanxi_client::{Client, Error, Operator};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const TEL: &str = "15312345056";
const PASSWORD: &str = "correct horse battery";

/// A data directory with an operator's token, and what a service of it needs.
struct Community {
    folder: TempDir,
    token: String,
}

impl Community {
    fn new() -> Community {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let made = run(&["operator", "token", "create", "--role", "admin", "--data", data.to_str().unwrap()]);
        Community { folder, token: text(&made.stdout).trim().to_owned() }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn keys(&self) -> PathBuf {
        self.data().join("guanxi.keys")
    }

    fn serve(&self) -> Service {
        let mut command =
            guanxi(&["serve", "--listen", "127.0.0.1:0", "--data", self.data().to_str().unwrap()]);
        command.env("GUANXI_PASSWORD_MEMORY_KIB", "8").env("GUANXI_PASSWORD_PASSES", "1");
        Service::started(command)
    }

    /// Rotates, asking the service at an address if one is named.
    fn rotate(&self, operators: Option<&str>) -> Output {
        let mut command: Command = guanxi(&["keys", "rotate", "--data", self.data().to_str().unwrap()]);
        if let Some(operators) = operators {
            command.env("GUANXI_OPERATOR_LISTEN", operators).env("GUANXI_OPERATOR_TOKEN", &self.token);
        }
        command.output().unwrap()
    }
}

fn numbers(keys: &Path) -> Vec<String> {
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
async fn keys_are_rotated_while_a_service_runs_and_while_none_does() {
    let community = Community::new();
    let service = community.serve();
    let (uname, password) = ("小明".to_owned(), Secret(PASSWORD.to_owned()));
    let tel = Some(Secret(TEL.to_owned()));
    Client::new(&service.base).unwrap().send(&SignUp { uname, password, tel, mail: None }).await.unwrap();
    assert_eq!(numbers(&community.keys()), ["1"]);

    let rotated = community.rotate(Some(&service.operators));
    assert_eq!(
        text(&rotated.stdout).trim(),
        "private data are sealed with key 2",
        "{}",
        text(&rotated.stderr)
    );
    assert_eq!(numbers(&community.keys()), ["2"]);
    assert_eq!(log_in(&service).await.unwrap(), 1, "the phone still finds its member");
    let operator = Operator::new(&format!("http://{}", service.operators), &community.token).unwrap();
    let asked = Member { mid: None, uname: None, userid: None, tel: Some(TEL.to_owned()), mail: None };
    let member = operator.send(&asked).await.unwrap();
    assert_eq!(member.account["tel"], "153*****056");

    let unasked = community.rotate(None);
    assert!(text(&unasked.stderr).contains("GUANXI_OPERATOR_TOKEN"), "{}", text(&unasked.stderr));
    drop(service);
    assert_eq!(text(&community.rotate(None).stdout).trim(), "private data are sealed with key 3");
    assert_eq!(log_in(&community.serve()).await.unwrap(), 1);
    let checked = run(&["check", "--data", community.data().to_str().unwrap()]);
    assert!(checked.status.success(), "{}", text(&checked.stdout));
}

#[test]
fn a_rotation_that_was_cut_short_is_ended_at_the_next_start() {
    let community = Community::new();
    drop(community.serve());
    // As a stop just after the new key was written leaves it.
    let two = format!("{}2 {}\n", fs::read_to_string(community.keys()).unwrap(), "ab".repeat(32));
    fs::write(community.keys(), two).unwrap();
    let service = community.serve();
    while numbers(&community.keys()) != ["2"] {
        std::thread::yield_now();
    }
    drop(service);
}

#[test]
fn keys_that_are_lost_or_others_or_open_are_named() {
    let community = Community::new();
    drop(community.serve());
    let data = community.data();
    let serve = || {
        let output = run(&["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr).to_owned()
    };
    let kept = fs::read_to_string(community.keys()).unwrap();
    fs::remove_file(community.keys()).unwrap();
    assert!(serve().contains("bring the file back"), "{}", serve());
    assert!(!community.keys().exists(), "no other keys are made");

    let other = Community::new();
    drop(other.serve());
    fs::copy(other.keys(), community.keys()).unwrap();
    assert!(serve().contains("are not those"), "{}", serve());

    fs::write(community.keys(), kept).unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(community.keys(), open).unwrap();
    assert!(serve().contains("chmod 600"), "{}", serve());
}
