//! What the commands print, and with what they exit.

use crate::program::{Folder, Service, done, failed, guanxi, member, run, text};
use guanxi_api::api::member::web::account::Account;
use guanxi_api::api::relation::stat::RelationStat;
use guanxi_client::{Client, Cookies};
use guanxi_types::ErrorCode;
use std::fs;
use std::process::{Command, Output, Stdio};

const TWO_MEMBERS: &str = r#"{"guanxi_dump":1}
{"card":{"mid":1,"uname":"甲"}}
{"card":{"mid":2,"uname":"乙"}}
{"tie":{"from":1,"to":2,"tie":{"kind":"follow","mtime":1584271945,"source":11,"groups":[[0,0]]}}}
{"coin":{"mid":1,"time":1584271945,"delta":0.1,"reason":"登录奖励"}}
"#;

impl Folder {
    fn import(&self, dump: &str) -> Output {
        fs::write(self.path("dump.jsonl"), dump).unwrap();
        run(&["import", &self.path("dump.jsonl"), "--data", &self.path("data")])
    }
}

#[tokio::test]
async fn a_dump_is_imported_checked_and_served() {
    let folder = Folder::new();
    let imported = folder.import(TWO_MEMBERS);
    assert_eq!(text(&imported.stdout), "4 rows were taken in\n");
    failed(&folder.import(TWO_MEMBERS), "already holds a community");

    let checked = run(&["check", "--data", &folder.path("data")]);
    assert!(checked.status.success());
    assert!(text(&checked.stdout).contains("everything agrees"), "{}", text(&checked.stdout));

    let session = run(&["member", "session", "1", "--data", &folder.path("data")]);
    let cookies: Cookies = serde_json::from_slice(&session.stdout).unwrap();
    let service = Service::serve(folder.0.path().join("data").as_path());
    let client = Client::new(&service.base).unwrap().logged_in(cookies.clone());
    assert_eq!(client.send(&Account {}).await.unwrap().uname, "甲");
    assert_eq!(client.send(&RelationStat { vmid: member(2) }).await.unwrap().follower, 1);
    drop(service);

    let revoked = run(&["member", "revoke", "1", "--data", &folder.path("data")]);
    assert_eq!(text(&revoked.stdout), "1 sessions of 1 were revoked\n");
    let service = Service::serve(folder.0.path().join("data").as_path());
    let refused = Client::new(&service.base).unwrap().logged_in(cookies).send(&Account {}).await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::NotLoggedIn), "{refused}");
}

#[test]
fn a_line_with_a_fault_is_named() {
    let folder = Folder::new();
    failed(
        &folder.import("{\"guanxi_dump\":1}\n{\"card\":{\"mid\":1,\"nmae\":\"x\"}}\n"),
        "line 2: card.nmae: unknown field `nmae`",
    );
    // Where nothing was taken in yet, a better dump may be.
    assert!(folder.import(TWO_MEMBERS).status.success());
    let folder = Folder::new();
    let stranger = TWO_MEMBERS.replace(r#""to":2"#, r#""to":3"#);
    failed(&folder.import(&stranger), "line 4: there is no member 3");
    // What a fault cut short is not taken for a community.
    failed(&run(&["serve", "--data", &folder.path("data")]), "was not filled to the end");
    failed(&folder.import(&TWO_MEMBERS.replace("甲", "丙")), "are not the first of this dump");
    failed(&run(&["import", "/nowhere/dump.jsonl"]), "/nowhere/dump.jsonl");
    // Corrected from that line on, it is gone on with.
    let imported = folder.import(TWO_MEMBERS);
    assert_eq!(text(&imported.stdout), "2 rows were taken in\n");
    assert_eq!(text(&imported.stderr), "going on from line 4: 2 rows were taken in before\n");
    assert!(run(&["check", "--data", &folder.path("data")]).status.success());
}

#[test]
fn what_is_not_there_is_named_and_not_made() {
    let folder = Folder::new();
    for command in [&["check"][..], &["member", "session", "1"], &["member", "revoke", "1"]] {
        let output = guanxi(command).args(["--data", &folder.path("nothing")]).output().unwrap();
        failed(&output, "is not a data directory of guanxi");
    }
    assert!(!fs::exists(folder.path("nothing")).unwrap());
    folder.import(TWO_MEMBERS);
    failed(&run(&["member", "session", "3", "--data", &folder.path("data")]), "用户不存在");
    failed(&run(&["member", "session", "0", "--data", &folder.path("data")]), "a mid is a number");
}

#[test]
fn a_directory_in_use_is_named() {
    let folder = Folder::new();
    folder.import(TWO_MEMBERS);
    let _service = Service::serve(folder.0.path().join("data").as_path());
    failed(&run(&["member", "revoke", "1", "--data", &folder.path("data")]), "is in use by another process");
    failed(&folder.import(TWO_MEMBERS), "is in use by another process");
    let checked = run(&["check", "--data", &folder.path("data")]);
    assert!(checked.status.success(), "who only reads is let in: {checked:?}");
}

#[test]
fn a_wrong_setting_is_named() {
    let folder = Folder::new();
    let serve = |environment: (&str, &str), args: &[&str]| {
        let mut command = guanxi(&["serve", "--data", &folder.path("data")]);
        command.args(args).env(environment.0, environment.1).output().unwrap()
    };
    failed(&serve(("GUANXI_LOGIN_LOG_DAYS", "many"), &[]), "login_log_days");
    failed(&serve(("GUANXI_LOGIN_DAYS", "9"), &[]), "login_days");
    failed(&serve(("GUANXI_LOG_LEVEL", "a=b=c"), &[]), "log_level");
    failed(&serve(("PATH", ""), &["--clock", "noon"]), "clock");
    failed(&serve(("PATH", ""), &["--config", "/nowhere.toml"]), "/nowhere.toml");
    fs::write(folder.path("c.toml"), "following_limti = 1").unwrap();
    failed(&serve(("PATH", ""), &["--config", &folder.path("c.toml")]), "following_limti");
}

#[test]
fn an_address_in_use_is_named() {
    let folder = Folder::new();
    let service = Service::serve(folder.0.path().join("one").as_path());
    let address = service.base.strip_prefix("http://").unwrap();
    failed(&run(&["serve", "--listen", address, "--data", &folder.path("two")]), address);
}

#[test]
fn the_lines_that_the_demo_prints_work_as_printed() {
    let folder = Folder::new();
    let mut demo = guanxi(&["demo", "--listen", "127.0.0.1:0", "--data", &folder.path("data")]);
    let mut demo = demo.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(demo.stdout.take().unwrap()));
    let shown: Vec<String> =
        lines.by_ref().map(Result::unwrap).take_while(|line| !line.starts_with("Ctrl-C")).collect();
    let curls: Vec<&String> = shown.iter().filter(|line| line.trim_start().starts_with("curl ")).collect();
    let answers: Vec<Output> = curls
        .iter()
        .map(|curl| Command::new("sh").args(["-c", &format!("{curl} -s --fail")]).output().unwrap())
        .collect();
    // It ends before anything is claimed of it: a claim that fails leaves nobody behind.
    demo.kill().unwrap();
    demo.wait().unwrap();
    assert!(shown[0].starts_with("http://127.0.0.1:"), "{}", shown[0]);
    assert_eq!(curls.len(), 4);
    for (curl, output) in curls.iter().zip(answers) {
        assert!(text(&output.stdout).starts_with(r#"{"code":0,"#), "{curl}: {output:?}");
    }
}

#[test]
fn no_cookie_comes_into_the_log() {
    let folder = Folder::new();
    let log = fs::File::create(folder.path("log")).unwrap();
    let mut demo = guanxi(&["demo", "--listen", "127.0.0.1:0", "--cookies", &folder.path("cookies")]);
    demo.args(["--data", &folder.path("data")]);
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
        assert_eq!(text(&output.stdout), r#"{"code":0,"message":"0","ttl":1}"#);
    }
    // Something is written at that level, so there is a log to look into.
    Command::new("curl").args(["-s", &url, "-d", "fid=1"]).output().unwrap();
    demo.kill().unwrap();
    demo.wait().unwrap();
    let log = fs::read_to_string(folder.path("log")).unwrap();
    assert!(log.contains("DEBUG") && !log.contains(secret) && !log.contains(csrf), "{log}");
}

#[test]
fn a_directory_may_be_named_from_where_one_is() {
    let folder = Folder::new();
    let make = |name: &str| {
        let mut command = guanxi(&["operator", "token", "create", "--role", "admin", "--data", name]);
        command.current_dir(folder.0.path()).output().unwrap()
    };
    for name in ["new", "a/new/one", "./other"] {
        let made = make(name);
        assert!(made.status.success(), "{name}: {}", text(&made.stderr));
        assert_eq!(text(&made.stdout).trim().len(), 64, "{name}");
        assert_eq!(make(name).status.code(), Some(2), "{name}: the token has a name already");
    }
}

#[test]
fn the_help_tells_members_commands_and_the_others_apart() {
    let output = run(&["--help"]);
    let (_, families) = done(&output).split_once("As a member:\n").unwrap();
    let (members, others) = families.split_once("For whoever runs a service:\n").unwrap();
    assert!(others.starts_with("  serve ") && others.contains("\n  member "), "{others}");
    assert!(others.contains("4  nobody is logged in"), "{others}");
    let names: Vec<&str> = members.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"login") && names.len() > 20, "{names:?}");
    let document = include_str!("../../../../docs/commands.md");
    let is_told =
        |name: &str| document.contains(&format!("guanxi {name}")) || document.contains(&format!("`{name}`"));
    let untold: Vec<&str> = names.into_iter().filter(|name| !is_told(name)).collect();
    assert!(untold.is_empty(), "{untold:?}");
}

#[test]
fn an_address_for_members_commands_is_no_setting() {
    let folder = Folder::new();
    folder.import(TWO_MEMBERS);
    let mut check = guanxi(&["check", "--data", &folder.path("data")]);
    assert!(
        done(&check.env("GUANXI_URL", "http://127.0.0.1:1").output().unwrap()).contains("everything agrees")
    );
}
