//! Member commands against a demo.

use crate::program::{Service, TestDir, assert_error, assert_exit, guanxi, stdout, utf8};
use guanxi_client::Cookies;
use guanxi_test_postgres::has_programs;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Output, Stdio};

const PASSWORD: &str = "chang-an-yi-pian-yue";

/// The program as a member uses it, with its own configuration directory and a service.
pub(crate) struct MemberCli {
    folder: TestDir,
    url: String,
}

impl MemberCli {
    pub(crate) fn new(url: &str) -> MemberCli {
        MemberCli { folder: TestDir::new(), url: url.to_owned() }
    }

    /// Creates one with the login of a member of the demo.
    fn logged_in(service: &Service, mid: u64) -> MemberCli {
        let cli = MemberCli::new(&service.base);
        cli.store_login(&service.cookies[&crate::program::to_mid(mid)]);
        cli
    }

    fn store_login(&self, cookies: &Cookies) {
        std::fs::create_dir(self.folder.path("guanxi")).unwrap();
        let logins = json!({"latest": self.url, "logins": {&self.url: cookies}});
        self.folder.write("guanxi/logins.json", &logins.to_string());
        self.set_mode("guanxi/logins.json", "600");
    }

    fn set_mode(&self, name: &str, mode: &str) {
        assert!(Command::new("chmod").args([mode, &self.folder.path(name)]).status().unwrap().success());
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = guanxi(args);
        command.env("XDG_CONFIG_HOME", self.folder.path("")).env("GUANXI_URL", &self.url);
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command with a line of input.
    fn run_with_input(&self, args: &[&str], line: &str) -> Output {
        let mut command = self.command(args);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
        child.wait_with_output().unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.command(args).arg("--json").output().unwrap();
        serde_json::from_str(stdout(&output)).unwrap()
    }
}

/// Asserts that a command exits with a code and a message on standard error.
#[cfg(target_os = "linux")]
#[test]
fn failed_login_storage_ends_the_session() {
    let service = Service::demo(&[], &[]);
    let cli = MemberCli::logged_in(&service, 293_793_435);
    let sessions = || cli.json(&["sessions"])["list"].as_array().unwrap().len();
    let before = sessions();
    let mut command = cli.command(&["login", "社会易姐QwQ"]);
    // No directory can be created there.
    command.env("XDG_CONFIG_HOME", "/proc/nowhere").stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "guanxi-demo").unwrap();
    assert_error(&child.wait_with_output().unwrap(), "/proc/nowhere/guanxi/logins.json");
    assert_eq!(sessions(), before);
}

#[test]
fn whispers_and_blocks_are_listed() {
    let service = Service::demo(&[], &[]);
    let cli = MemberCli::logged_in(&service, 15_858_903);
    stdout(&cli.run(&["whisper", "5818410"]));
    stdout(&cli.run(&["block", "50995243"]));
    for (list, mid) in [("whispers", 5_818_410), ("blacks", 50_995_243)] {
        assert_eq!(cli.json(&[list])["mid"], mid);
        let listed = cli.run(&[list]);
        assert!(stdout(&listed).starts_with(&mid.to_string()), "{listed:?}");
        assert!(utf8(&listed.stderr).contains("1 listed, which is all"), "{listed:?}");
    }
    stdout(&cli.run(&["unblock", "50995243"]));
    assert_eq!(stdout(&cli.run(&["blacks"])), "");
}

#[test]
fn profile_is_changed_and_shown() {
    let service = Service::demo(&[], &[]);
    let cli = MemberCli::logged_in(&service, 15_858_903);
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/home.png");
    let changes = ["--name", "小新", "--sex", "woman", "--birthday", "2000-01-31", "--picture", picture];
    let profile = cli.json(&[&["profile"][..], &changes].concat());
    assert_eq!((&profile["name"]["uname"], &profile["sex"]), (&json!("小新"), &json!("女")));
    assert_eq!(profile["birthday"], "2000-01-31");
    let face = profile["face"].as_str().unwrap();
    assert!(face.starts_with(&format!("{}/face/15858903/", service.base)), "{face}");
    let shown = cli.run(&["profile", "--remove-picture", "--birthday", ""]);
    assert!(
        stdout(&shown).contains("/assets/noface.gif") && !stdout(&shown).contains("birthday"),
        "{shown:?}"
    );
    assert_exit(&cli.run(&["profile", "--name", "小又新"]), 3, "昵称修改过于频繁 (30080)");
    assert_exit(&cli.run(&["profile", "--picture", "/nowhere.png"]), 2, "/nowhere.png");
}

#[test]
fn member_signs_up_follows_and_logs_out() {
    let service = Service::demo(&[], &[("GUANXI_ARGON2_MEMORY_KIB", "64")]);
    let cli = MemberCli::new(&service.base);
    assert_exit(&cli.run(&["whoami"]), 4, "账号未登录 (-101)");
    assert_exit(&cli.run(&["followers"]), 4, "not logged in");
    assert_exit(&cli.run(&["logout"]), 4, &format!("guanxi login --url {}", service.base));
    assert_exit(&cli.run_with_input(&["signup", "小甲"], "short"), 3, "密码不合要求 (30010)");
    let signed_up = cli.run_with_input(&["signup", "小甲"], PASSWORD);
    assert!(stdout(&signed_up).starts_with("logged in as 小甲 ("), "{signed_up:?}");
    let me = cli.json(&["whoami"])["mid"].to_string();

    let followed = cli.run(&["follow", "293793435", "999999999", &me, "5818410"]);
    assert_eq!(utf8(&followed.stdout), "293793435 is followed\n5818410 is followed\n");
    assert_exit(&followed, 3, "999999999: 用户不存在 (40061). An action on a mid that was never assigned.");
    assert_exit(&followed, 3, &format!("{me}: 不能对自己进行此操作 (22001)"));
    assert_eq!(
        stdout(&cli.run(&["unfollow", "5818410", "--json"])),
        "{\"mid\":5818410,\"code\":0,\"message\":\"0\"}\n"
    );
    assert_exit(&cli.run(&["unfollow", "0"]), 2, "a mid is a number");

    let created = cli.json(&["groups", "create", "同学"]);
    stdout(&cli.run(&["groups", "set", "293793435", "--group", "同学", "--group", "-10"]));
    let names = json!({created["tagid"].to_string(): "同学", "-10": "特别关注"});
    assert_eq!(cli.json(&["groups", "of", "293793435"]), names);
    assert!(stdout(&cli.run(&["followings", "--group", "同学"])).starts_with("293793435\t"));
    assert!(stdout(&cli.run(&["followings"])).contains("\tspecial\t"));
    stdout(&cli.run(&["groups", "rename", "同学", "高中同学"]));
    assert_error(&cli.run(&["groups", "delete", "同学"]), "no such group: 同学");
    stdout(&cli.run(&["groups", "delete", &created["tagid"].to_string()]));
    assert_eq!(stdout(&cli.run(&["groups"])), "-10\t特别关注\t1\n0\t默认分组\t0\n");

    for (command, attribute) in
        [("block", 128), ("unblock", 0), ("whisper", 1), ("unwhisper", 0), ("kick", 0)]
    {
        stdout(&cli.run(&[command, "5818410"]));
        assert_eq!(
            cli.json(&["show", "5818410"])["relation"]["relation"]["attribute"],
            attribute,
            "{command}"
        );
    }

    stdout(&cli.run(&["logout"]));
    assert_exit(&cli.run(&["whoami"]), 4, "-101");
    assert_exit(&cli.run_with_input(&["login", "小甲"], "wrong"), 3, "账号或密码错误 (30011)");
    stdout(&cli.run_with_input(&["login", "小甲"], PASSWORD));
    // The second login ends the session of the first.
    stdout(&cli.run_with_input(&["login", "小甲"], PASSWORD));
    let sessions = cli.json(&["sessions"]);
    assert_eq!(sessions["list"].as_array().unwrap().len(), 1, "{sessions}");
    assert_eq!(sessions["list"][0]["device"], "guanxi");
    stdout(&cli.run(&["sessions", "revoke", sessions["list"][0]["id"].as_str().unwrap()]));
    assert_exit(&cli.run(&["sessions"]), 4, "-101");
}

#[test]
fn members_are_found_by_name_and_pinyin() {
    let service = Service::demo(&[], &[]);
    let cli = MemberCli::logged_in(&service, 293_793_435);
    for text in ["窗旧", "bcj", "beichuang", "5818410"] {
        let found = cli.run(&["find", text]);
        assert!(stdout(&found).starts_with("5818410\t北窗旧书\t"), "{text}: {found:?}");
    }
    assert_eq!(cli.json(&["find", "bcjs", "--limit", "1"])["mid"], json!(5_818_410));
    assert_eq!(stdout(&cli.run(&["find", "没有这个人"])), "");
}

#[test]
fn json_output_is_the_response_of_the_service() {
    if !has_programs("tests with curl", &["curl"]) {
        return;
    }
    let service = Service::demo(&["--start-time", "2020-05-19T23:59:00+08:00"], &[]);
    let cli = MemberCli::logged_in(&service, 293_793_435);
    let cookies = &service.cookies[&crate::program::to_mid(293_793_435)];
    let cookie = format!("SESSDATA={}", cookies.sessdata);
    let body = |path: &str, cookie: &str| {
        let url = format!("{}{path}", service.base);
        let answer = Command::new("curl").args(["-s", &url, "-b", cookie]).output().unwrap();
        stdout(&answer).to_owned()
    };
    for (args, path) in [
        (&["whoami"][..], "/x/member/web/account"),
        (&["coins"], "/x/member/web/coin/log"),
        (&["logins"], "/passport/logins"),
        (&["sign"], "/passport/sign"),
        (&["rewards"], "/x/member/web/exp/reward"),
        (&["exp"], "/passport/exp/log"),
        (&["groups"], "/x/relation/tags"),
        (&["groups", "of", "319214221"], "/x/relation/tag/user?fid=319214221"),
        (&["sessions"], "/passport/sessions"),
    ] {
        let body = body(path, &cookie);
        let output = cli.command(args).arg("--json").output().unwrap();
        let output = stdout(&output).trim_end();
        assert_eq!(body, format!(r#"{{"code":0,"message":"0","ttl":1,"data":{output}}}"#), "{args:?}");
    }
    let path = "/x/relation/followers?vmid=293793435&ps=3&order=asc";
    let body = body(path, "none=");
    let args = ["followers", "293793435", "--limit", "3", "--asc", "--json"];
    let output = MemberCli::new(&service.base).run(&args);
    let list = stdout(&output).trim_end().replace('\n', ",");
    assert!(body.contains(&format!(r#""list":[{list}],"#)), "{body}\n{list}");
    assert!(utf8(&output.stderr).starts_with("3 of "), "{output:?}");
}

#[test]
fn list_ends_at_the_visible_part() {
    let service = Service::demo(&[], &[]);
    let cli = MemberCli::new(&service.base);
    let page = cli.run(&["followers", "293793435"]);
    assert_eq!(stdout(&page).lines().count(), 50);
    assert!(stdout(&page).lines().all(|line| line.split('\t').count() == 5), "{page:?}");
    assert_eq!(utf8(&page.stderr), "50 of 365 listed: use --limit or --all for more\n");
    let all = cli.run(&["followers", "293793435", "--all", "--json"]);
    assert_eq!(stdout(&all).lines().count(), 250);
    assert_eq!(utf8(&all.stderr), "250 of 365 listed: the service returns no more of this list\n");
    let own = MemberCli::logged_in(&service, 293_793_435).run(&["followers", "--all", "--asc"]);
    assert_eq!(stdout(&own).lines().count(), 365);
    assert_eq!(utf8(&own.stderr), "365 listed, which is all\n");
}

#[test]
fn closed_pipe_is_no_error() {
    let service = Service::demo(&[], &[]);
    let mut command = MemberCli::new(&service.base).command(&["followers", "293793435", "--all", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn qr_login_is_confirmed_by_another_device() {
    let service = Service::demo(&[], &[]);
    let (phone, cli) = (MemberCli::logged_in(&service, 293_793_435), MemberCli::new(&service.base));
    let mut command = cli.command(&["login", "--qr", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stderr.take().unwrap());
    let mut url = String::new();
    output.read_line(&mut url).unwrap();
    assert_error(&phone.run(&["confirm", url.trim()]), "no terminal for the question");
    let confirmed = phone.run(&["confirm", url.trim(), "--yes"]);
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        utf8(&confirmed.stderr).starts_with("login request from guanxi, 局域网, 127.0.*.* at "),
        "{confirmed:?}"
    );
    assert_eq!(stdout(&output), "{\"status\":\"confirmed\",\"mid\":293793435}\n", "{rest}");
    assert_eq!(cli.json(&["whoami"])["mid"], 293_793_435);
    assert_exit(&phone.run(&["confirm", url.trim(), "--yes"]), 3, "二维码已失效 (30020)");
}

#[cfg(unix)]
#[test]
fn stored_login_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let service = Service::demo(&[], &[("GUANXI_ARGON2_MEMORY_KIB", "64")]);
    let cli = MemberCli::new(&service.base);
    stdout(&cli.run_with_input(&["signup", "小甲"], PASSWORD));
    let mode = |name: &str| std::fs::metadata(cli.folder.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("guanxi"), mode("guanxi/logins.json")), (0o700, 0o600));
    let others: Vec<_> = std::fs::read_dir(cli.folder.path("guanxi")).unwrap().collect();
    assert_eq!(others.len(), 1, "no temporary file is left");
    cli.set_mode("guanxi/logins.json", "640");
    assert_error(&cli.run(&["whoami"]), "guanxi/logins.json: readable by other users");
    cli.set_mode("guanxi/logins.json", "600");
    // The service of the last login is the default.
    let mut command = cli.command(&["whoami"]);
    assert!(stdout(&command.env_remove("GUANXI_URL").output().unwrap()).contains("小甲"));
    let logins: Value =
        serde_json::from_slice(&std::fs::read(cli.folder.path("guanxi/logins.json")).unwrap()).unwrap();
    let token = logins["logins"][&service.base]["SESSDATA"].as_str().unwrap();
    assert!(!utf8(&cli.run(&["whoami"]).stdout).contains(token));
    cli.folder.write("guanxi/logins.json", "{");
    assert_error(&cli.run(&["whoami"]), "guanxi/logins.json: EOF");
}
