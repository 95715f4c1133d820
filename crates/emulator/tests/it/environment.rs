//! Programs that run in the environment.

use crate::proxy_rig::{HOST_NAME, Rig};
use guanxi_emulator::CommunityName;
use guanxi_emulator::environment::{Environment, Facts};
use guanxi_test_postgres::has_programs;
use serde_json::Value;
use std::process::Stdio;
use tokio::process::Command;

/// Runs a program in the environment of a community, and returns its output.
async fn run(rig: &Rig, program: &str, arguments: &[&str]) -> String {
    let community: CommunityName = "worker-3".parse().unwrap();
    let environment = Environment::new(&Facts {
        proxy: rig.address,
        community: &community,
        certificates: &rig.files,
        operators: "http://127.0.0.1:1",
        token: "x",
        java_options: None,
    });
    let mut command = Command::new(program);
    command.args(arguments).envs(environment.unwrap().iter()).stdin(Stdio::null());
    let output = command.output().await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[tokio::test]
async fn curl_runs_unchanged() {
    if !has_programs("tests of curl in the emulator", &["curl"]) {
        return;
    }
    let rig = Rig::start().await;
    for scheme in ["http", "https"] {
        let text =
            run(&rig, "curl", &["--silent", "--show-error", &format!("{scheme}://{HOST_NAME}/echo?a=b")])
                .await;
        let facts: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&facts["target"], &facts["community"]), (&"/echo?a=b".into(), &"worker-3".into()));
    }
}

#[tokio::test]
async fn java_runs_unchanged() {
    if !has_programs("tests of Java in the emulator", &["java"]) {
        return;
    }
    let rig = Rig::start().await;
    let source = rig.files.pem.with_file_name("Get.java");
    let program = "public class Get { public static void main(String[] arguments) throws Exception { \
                   new java.net.URL(arguments[0]).openStream().transferTo(System.out); } }";
    std::fs::write(&source, program).unwrap();
    let text = run(&rig, "java", &[source.to_str().unwrap(), &format!("https://{HOST_NAME}/echo?a=b")]).await;
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["target"], "/echo?a=b");
}
