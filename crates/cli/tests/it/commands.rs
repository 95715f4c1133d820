//! Output and exit codes of the operator commands.

use crate::program::{Service, TestDir, assert_error, guanxi, run, stdout, to_mid, utf8};
use guanxi_api::account::get_account::GetAccount;
use guanxi_api::relations::get_relation_counters::GetRelationCounters;
use guanxi_client::{Client, Cookies};
use guanxi_test_postgres::has_programs;
use guanxi_types::ErrorCode;
use std::fs;
use std::process::{Command, Output, Stdio};

const TWO_MEMBERS: &str = r#"{"guanxi_dump":1}
{"card":{"mid":1,"uname":"甲"}}
{"card":{"mid":2,"uname":"乙"}}
{"relation":{"from":1,"to":2,"relation":{"kind":"follow","mtime":1584271945,"source":11,"groups":[[0,0]]}}}
{"coin":{"mid":1,"time":1584271945,"delta":0.1,"reason":"登录奖励"}}
"#;

impl TestDir {
    fn import(&self, dump: &str) -> Output {
        fs::write(self.path("dump.jsonl"), dump).unwrap();
        run(&["import", &self.path("dump.jsonl"), "--data-dir", &self.path("data")])
    }
}

#[tokio::test]
async fn imported_dump_is_checked_and_served() {
    let folder = TestDir::new();
    let imported = folder.import(TWO_MEMBERS);
    assert_eq!(utf8(&imported.stdout), "imported 4 rows\n");
    assert_error(&folder.import(TWO_MEMBERS), "already contains a community");

    let checked = run(&["check", "--data-dir", &folder.path("data")]);
    assert!(checked.status.success());
    assert!(utf8(&checked.stdout).contains("everything agrees"), "{}", utf8(&checked.stdout));

    let session = run(&["member", "session", "1", "--data-dir", &folder.path("data")]);
    let cookies: Cookies = serde_json::from_slice(&session.stdout).unwrap();
    let service = Service::serve(folder.0.path().join("data").as_path());
    let client = Client::new(&service.base).unwrap().with_cookies(cookies.clone());
    assert_eq!(client.send(&GetAccount {}).await.unwrap().uname, "甲");
    assert_eq!(client.send(&GetRelationCounters { vmid: to_mid(2) }).await.unwrap().follower, 1);
    drop(service);

    let revoked = run(&["member", "revoke", "1", "--data-dir", &folder.path("data")]);
    assert_eq!(utf8(&revoked.stdout), "revoked 1 sessions of 1\n");
    let service = Service::serve(folder.0.path().join("data").as_path());
    let rejected =
        Client::new(&service.base).unwrap().with_cookies(cookies).send(&GetAccount {}).await.unwrap_err();
    assert_eq!(rejected.code(), Some(ErrorCode::NotLoggedIn), "{rejected}");
}

#[test]
fn import_names_the_invalid_line() {
    let folder = TestDir::new();
    assert_error(
        &folder.import("{\"guanxi_dump\":1}\n{\"card\":{\"mid\":1,\"nmae\":\"x\"}}\n"),
        "line 2: card.nmae: unknown field `nmae`",
    );
    // Nothing was imported, so another dump is accepted.
    assert!(folder.import(TWO_MEMBERS).status.success());
    let folder = TestDir::new();
    let stranger = TWO_MEMBERS.replace(r#""to":2"#, r#""to":3"#);
    assert_error(&folder.import(&stranger), "line 4: there is no member 3");
    // An incomplete import is not served.
    assert_error(&run(&["serve", "--data-dir", &folder.path("data")]), "contains an incomplete import");
    assert_error(&folder.import(&TWO_MEMBERS.replace("甲", "丙")), "not the first of this dump");
    assert_error(&run(&["import", "/nowhere/dump.jsonl"]), "/nowhere/dump.jsonl");
    // A dump that is corrected from that line on resumes.
    let imported = folder.import(TWO_MEMBERS);
    assert_eq!(utf8(&imported.stdout), "imported 2 rows\n");
    assert_eq!(utf8(&imported.stderr), "resuming at line 4: 2 rows already imported\n");
    assert!(run(&["check", "--data-dir", &folder.path("data")]).status.success());
}

#[test]
fn missing_data_dir_is_an_error_and_not_created() {
    let folder = TestDir::new();
    for command in [&["check"][..], &["member", "session", "1"], &["member", "revoke", "1"]] {
        let output = guanxi(command).args(["--data-dir", &folder.path("nothing")]).output().unwrap();
        assert_error(&output, "is not a data directory of guanxi");
    }
    assert!(!fs::exists(folder.path("nothing")).unwrap());
    folder.import(TWO_MEMBERS);
    assert_error(&run(&["member", "session", "3", "--data-dir", &folder.path("data")]), "用户不存在");
    assert_error(&run(&["member", "session", "0", "--data-dir", &folder.path("data")]), "a mid is a number");
}

#[test]
fn data_dir_in_use_is_an_error() {
    let folder = TestDir::new();
    folder.import(TWO_MEMBERS);
    let _service = Service::serve(folder.0.path().join("data").as_path());
    assert_error(
        &run(&["member", "revoke", "1", "--data-dir", &folder.path("data")]),
        "is in use by another process",
    );
    assert_error(&folder.import(TWO_MEMBERS), "is in use by another process");
    let checked = run(&["check", "--data-dir", &folder.path("data")]);
    assert!(checked.status.success(), "reading is permitted: {checked:?}");
}

#[test]
fn damaged_page_is_a_violation_with_exit_code_1() {
    let folder = TestDir::new();
    folder.import(TWO_MEMBERS);
    let check = || run(&["check", "--scrub", "--data-dir", &folder.path("data")]);
    assert!(check().status.success());
    let data_file = folder.path("data/data.mdb");
    let mut data = fs::read(&data_file).unwrap();
    let name = data.windows(3).rposition(|bytes| bytes == "甲".as_bytes()).unwrap();
    data[name + 2] ^= 1;
    fs::write(&data_file, data).unwrap();
    let output = check();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = utf8(&output.stdout);
    assert!(text.contains(" of data.mdb (card) has a value") && text.contains(": member 1\n"), "{text}");
}

#[test]
fn invalid_setting_is_named() {
    let folder = TestDir::new();
    let serve = |environment: (&str, &str), args: &[&str]| {
        let mut command = guanxi(&["serve", "--data-dir", &folder.path("data")]);
        command.args(args).env(environment.0, environment.1).output().unwrap()
    };
    assert_error(&serve(("GUANXI_LOGIN_LOG_DAYS", "many"), &[]), "login_log_days");
    assert_error(&serve(("GUANXI_LOGIN_DAYS", "9"), &[]), "login_days");
    assert_error(&serve(("GUANXI_LOG_LEVEL", "a=b=c"), &[]), "log_level");
    assert_error(&serve(("PATH", ""), &["--start-time", "noon"]), "start_time");
    assert_error(&serve(("PATH", ""), &["--config", "/nowhere.toml"]), "/nowhere.toml");
    fs::write(folder.path("c.toml"), "following_limti = 1").unwrap();
    assert_error(&serve(("PATH", ""), &["--config", &folder.path("c.toml")]), "following_limti");
}

#[test]
fn address_in_use_is_named() {
    let folder = TestDir::new();
    let service = Service::serve(folder.0.path().join("one").as_path());
    let address = service.base.strip_prefix("http://").unwrap();
    // The demo replaces default ports only. These are set by the user.
    for command in ["serve", "demo"] {
        let args = [command, "--listen", address, "--data-dir", &folder.path("two")];
        assert_error(&run(&args), address);
        let args = [command, "--listen", "127.0.0.1:0", "--data-dir", &folder.path("two")];
        assert_error(&guanxi(&args).env("GUANXI_OPERATOR_LISTEN", address).output().unwrap(), address);
    }
}

#[test]
fn requests_printed_by_the_demo_succeed() {
    if !has_programs("tests with curl", &["curl"]) {
        return;
    }
    let folder = TestDir::new();
    let mut demo = guanxi(&["demo", "--listen", "127.0.0.1:0", "--data-dir", &folder.path("data")]);
    let mut demo = demo.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(demo.stdout.take().unwrap()));
    let shown: Vec<String> =
        lines.by_ref().map(Result::unwrap).take_while(|line| !line.starts_with("Ctrl-C")).collect();
    let curls: Vec<&String> = shown.iter().filter(|line| line.trim_start().starts_with("curl ")).collect();
    let answers: Vec<Output> = curls
        .iter()
        .map(|curl| Command::new("sh").args(["-c", &format!("{curl} -s --fail")]).output().unwrap())
        .collect();
    // The demo ends before the assertions, so that a failure leaves no process behind.
    demo.kill().unwrap();
    demo.wait().unwrap();
    assert!(shown[0].starts_with("http://127.0.0.1:"), "{}", shown[0]);
    assert_eq!(curls.len(), 4);
    for (curl, output) in curls.iter().zip(answers) {
        assert!(utf8(&output.stdout).starts_with(r#"{"code":0,"#), "{curl}: {output:?}");
    }
}

#[test]
fn log_contains_no_cookies() {
    if !has_programs("tests with curl", &["curl"]) {
        return;
    }
    let folder = TestDir::new();
    let log = fs::File::create(folder.path("log")).unwrap();
    let mut demo = guanxi(&["demo", "--listen", "127.0.0.1:0", "--cookies", &folder.path("cookies")]);
    demo.args(["--data-dir", &folder.path("data")]);
    let mut demo = demo.env("GUANXI_LOG_LEVEL", "trace").stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut address = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(demo.stdout.as_mut().unwrap()), &mut address)
        .unwrap();
    let cookies: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path("cookies")).unwrap()).unwrap();
    let (secret, csrf) = (&cookies["293793435"]["SESSDATA"], &cookies["293793435"]["bili_jct"]);
    let (secret, csrf) = (secret.as_str().unwrap(), csrf.as_str().unwrap());
    let url = format!("{}/x/relation/modify", address.trim());
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        let form = format!("fid=50995243&act=1&csrf={csrf}");
        let cookie = format!("SESSDATA={secret}");
        let output =
            Command::new("curl").args(["-s", version, &url, "-b", &cookie, "-d", &form]).output().unwrap();
        assert_eq!(utf8(&output.stdout), r#"{"code":0,"message":"0","ttl":1}"#);
    }
    // The rejected request is logged, so the log is not empty.
    Command::new("curl").args(["-s", &url, "-d", "fid=1"]).output().unwrap();
    demo.kill().unwrap();
    demo.wait().unwrap();
    let log = fs::read_to_string(folder.path("log")).unwrap();
    assert!(log.contains("DEBUG") && !log.contains(secret) && !log.contains(csrf), "{log}");
}

#[test]
fn data_dir_may_be_relative() {
    let folder = TestDir::new();
    let create_token = |name: &str| {
        let mut command = guanxi(&["operator", "token", "create", "--role", "admin", "--data-dir", name]);
        command.current_dir(folder.0.path()).output().unwrap()
    };
    for name in ["new", "a/new/one", "./other"] {
        let created = create_token(name);
        assert!(created.status.success(), "{name}: {}", utf8(&created.stderr));
        assert_eq!(utf8(&created.stdout).trim().len(), 64, "{name}");
        assert_eq!(create_token(name).status.code(), Some(2), "{name}: the token exists already");
    }
}

#[test]
fn help_separates_member_and_operator_commands() {
    let output = run(&["--help"]);
    let (_, lists) = stdout(&output).split_once("Member commands:\n").unwrap();
    let (members, operators) = lists.split_once("Operator commands:\n").unwrap();
    assert!(operators.starts_with("  serve ") && operators.contains("\n  member "), "{operators}");
    assert!(operators.contains("4  not logged in"), "{operators}");
    let names: Vec<&str> = members.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"login") && names.len() > 20, "{names:?}");
    let document = include_str!("../../../../docs/guide/commands.md");
    let is_documented =
        |name: &str| document.contains(&format!("guanxi {name}")) || document.contains(&format!("`{name}`"));
    let undocumented: Vec<&str> = names.into_iter().filter(|name| !is_documented(name)).collect();
    assert!(undocumented.is_empty(), "{undocumented:?}");
}

#[test]
fn member_url_variable_is_no_setting() {
    let folder = TestDir::new();
    folder.import(TWO_MEMBERS);
    let mut check = guanxi(&["check", "--data-dir", &folder.path("data")]);
    assert!(
        stdout(&check.env("GUANXI_URL", "http://127.0.0.1:1").output().unwrap())
            .contains("everything agrees")
    );
}
