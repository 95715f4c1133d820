//! Members' commands, against a demo.

use crate::program::{Folder, Service, done, failed, guanxi, text};
use guanxi_client::Cookies;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Output, Stdio};

const PASSWORD: &str = "chang-an-yi-pian-yue";

/// A member's own place to keep logins in, and the service they ask.
pub(crate) struct Desk {
    folder: Folder,
    url: String,
}

impl Desk {
    pub(crate) fn at(url: &str) -> Desk {
        Desk { folder: Folder::new(), url: url.to_owned() }
    }

    /// One at which a member of the demo is logged in.
    fn of(service: &Service, mid: u64) -> Desk {
        let desk = Desk::at(&service.base);
        desk.keep(&service.cookies[&crate::program::member(mid)]);
        desk
    }

    fn keep(&self, cookies: &Cookies) {
        std::fs::create_dir(self.folder.path("guanxi")).unwrap();
        let logins = json!({"latest": self.url, "logins": {&self.url: cookies}});
        self.folder.write("guanxi/logins.json", &logins.to_string());
        self.mode("guanxi/logins.json", "600");
    }

    fn mode(&self, name: &str, mode: &str) {
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

    /// Runs a command that reads a line.
    fn tell(&self, args: &[&str], line: &str) -> Output {
        let mut command = self.command(args);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
        child.wait_with_output().unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.command(args).arg("--json").output().unwrap();
        serde_json::from_str(done(&output)).unwrap()
    }
}

/// That a command exits with a code and says why.
pub(crate) fn ended(output: &Output, code: i32, with: &str) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert!(text(&output.stderr).contains(with), "{} does not say {with}", text(&output.stderr));
}

#[cfg(target_os = "linux")]
#[test]
fn a_login_that_cannot_be_kept_leaves_no_session() {
    let service = Service::demo(&[], &[]);
    let desk = Desk::of(&service, 293_793_435);
    let sessions = || desk.json(&["sessions"])["list"].as_array().unwrap().len();
    let before = sessions();
    let mut command = desk.command(&["login", "社会易姐QwQ"]);
    // Nobody can make a folder there.
    command.env("XDG_CONFIG_HOME", "/proc/nowhere").stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "guanxi-demo").unwrap();
    failed(&child.wait_with_output().unwrap(), "/proc/nowhere/guanxi/logins.json");
    assert_eq!(sessions(), before);
}

#[test]
fn what_nobody_else_sees_is_listed() {
    let service = Service::demo(&[], &[]);
    let desk = Desk::of(&service, 15_858_903);
    done(&desk.run(&["whisper", "5818410"]));
    done(&desk.run(&["block", "50995243"]));
    for (list, mid) in [("whispers", 5_818_410), ("blacks", 50_995_243)] {
        assert_eq!(desk.json(&[list])["mid"], mid);
        let listed = desk.run(&[list]);
        assert!(done(&listed).starts_with(&mid.to_string()), "{listed:?}");
        assert!(text(&listed.stderr).contains("1, which is all"), "{listed:?}");
    }
    done(&desk.run(&["unblock", "50995243"]));
    assert_eq!(done(&desk.run(&["blacks"])), "");
}

#[test]
fn a_member_comes_follows_and_goes() {
    let service = Service::demo(&[], &[("GUANXI_PASSWORD_MEMORY_KIB", "64")]);
    let desk = Desk::at(&service.base);
    ended(&desk.run(&["whoami"]), 4, "账号未登录 (-101)");
    ended(&desk.run(&["followers"]), 4, "nobody is logged in");
    ended(&desk.run(&["logout"]), 4, &format!("guanxi login --url {}", service.base));
    ended(&desk.tell(&["signup", "小甲"], "short"), 3, "密码不合要求 (30010)");
    let come = desk.tell(&["signup", "小甲"], PASSWORD);
    assert!(done(&come).starts_with("you are 小甲 ("), "{come:?}");
    let me = desk.json(&["whoami"])["mid"].to_string();

    let followed = desk.run(&["follow", "293793435", "999999999", &me, "5818410"]);
    assert_eq!(text(&followed.stdout), "293793435 is followed\n5818410 is followed\n");
    ended(&followed, 3, "999999999: 用户不存在 (40061). An act upon a mid that was never given.");
    ended(&followed, 3, &format!("{me}: 不能对自己进行此操作 (22001)"));
    assert_eq!(
        done(&desk.run(&["unfollow", "5818410", "--json"])),
        "{\"mid\":5818410,\"code\":0,\"message\":\"0\"}\n"
    );
    ended(&desk.run(&["unfollow", "0"]), 2, "a mid is a number");

    let made = desk.json(&["groups", "create", "同学"]);
    done(&desk.run(&["groups", "set", "293793435", "--group", "同学", "--group", "-10"]));
    let names = json!({made["tagid"].to_string(): "同学", "-10": "特别关注"});
    assert_eq!(desk.json(&["groups", "of", "293793435"]), names);
    assert!(done(&desk.run(&["followings", "--group", "同学"])).starts_with("293793435\t"));
    assert!(done(&desk.run(&["followings"])).contains("\tspecial\t"));
    done(&desk.run(&["groups", "rename", "同学", "高中同学"]));
    failed(&desk.run(&["groups", "delete", "同学"]), "you have no group 同学");
    done(&desk.run(&["groups", "delete", &made["tagid"].to_string()]));
    assert_eq!(done(&desk.run(&["groups"])), "-10\t特别关注\t1\n0\t默认分组\t0\n");

    for (act, told) in [("block", 128), ("unblock", 0), ("whisper", 1), ("unwhisper", 0), ("kick", 0)] {
        done(&desk.run(&[act, "5818410"]));
        assert_eq!(desk.json(&["show", "5818410"])["relation"]["relation"]["attribute"], told, "{act}");
    }

    done(&desk.run(&["logout"]));
    ended(&desk.run(&["whoami"]), 4, "-101");
    ended(&desk.tell(&["login", "小甲"], "wrong"), 3, "账号或密码错误 (30011)");
    done(&desk.tell(&["login", "小甲"], PASSWORD));
    // The second login ends the first, which nobody could any more.
    done(&desk.tell(&["login", "小甲"], PASSWORD));
    let sessions = desk.json(&["sessions"]);
    assert_eq!(sessions["list"].as_array().unwrap().len(), 1, "{sessions}");
    assert_eq!(sessions["list"][0]["device"], "guanxi");
    done(&desk.run(&["sessions", "revoke", sessions["list"][0]["id"].as_str().unwrap()]));
    ended(&desk.run(&["sessions"]), 4, "-101");
}

#[test]
fn scripts_are_told_what_the_service_answers() {
    let service = Service::demo(&["--clock", "2020-05-19T23:59:00+08:00"], &[]);
    let desk = Desk::of(&service, 293_793_435);
    let cookies = &service.cookies[&crate::program::member(293_793_435)];
    let cookie = format!("SESSDATA={}", cookies.sessdata);
    let body = |path: &str, cookie: &str| {
        let url = format!("{}{path}", service.base);
        let answer = Command::new("curl").args(["-s", &url, "-b", cookie]).output().unwrap();
        done(&answer).to_owned()
    };
    for (args, path) in [
        (&["whoami"][..], "/x/member/web/account"),
        (&["coins"], "/x/member/web/coin/log"),
        (&["logins"], "/passport/logins"),
        (&["sign"], "/passport/sign"),
        (&["rewards"], "/x/member/web/exp/reward"),
        (&["groups"], "/x/relation/tags"),
        (&["groups", "of", "319214221"], "/x/relation/tag/user?fid=319214221"),
        (&["sessions"], "/passport/sessions"),
    ] {
        let body = body(path, &cookie);
        let told = desk.command(args).arg("--json").output().unwrap();
        let told = done(&told).trim_end();
        assert_eq!(body, format!(r#"{{"code":0,"message":"0","ttl":1,"data":{told}}}"#), "{args:?}");
    }
    let path = "/x/relation/followers?vmid=293793435&ps=3&order=asc";
    let body = body(path, "none=");
    let told = Desk::at(&service.base).run(&["followers", "293793435", "--limit", "3", "--asc", "--json"]);
    let list = done(&told).trim_end().replace('\n', ",");
    assert!(body.contains(&format!(r#""list":[{list}],"#)), "{body}\n{list}");
    assert!(text(&told.stderr).starts_with("3 of "), "{told:?}");
}

#[test]
fn a_list_is_told_as_far_as_one_may_see_it() {
    let service = Service::demo(&[], &[]);
    let desk = Desk::at(&service.base);
    let page = desk.run(&["followers", "293793435"]);
    assert_eq!(done(&page).lines().count(), 50);
    assert!(done(&page).lines().all(|line| line.split('\t').count() == 5), "{page:?}");
    assert_eq!(text(&page.stderr), "50 of 365: there are more with --limit or --all\n");
    let all = desk.run(&["followers", "293793435", "--all", "--json"]);
    assert_eq!(done(&all).lines().count(), 250);
    assert_eq!(text(&all.stderr), "250 of 365: the service tells no more of another's list\n");
    let own = Desk::of(&service, 293_793_435).run(&["followers", "--all", "--asc"]);
    assert_eq!(done(&own).lines().count(), 365);
    assert_eq!(text(&own.stderr), "365, which is all\n");
}

#[test]
fn who_stops_reading_has_seen_enough() {
    let service = Service::demo(&[], &[]);
    let mut command = Desk::at(&service.base).command(&["followers", "293793435", "--all", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_code_is_drawn_at_one_desk_and_confirmed_at_another() {
    let service = Service::demo(&[], &[]);
    let (phone, desk) = (Desk::of(&service, 293_793_435), Desk::at(&service.base));
    let mut command = desk.command(&["login", "--qr", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut url = String::new();
    told.read_line(&mut url).unwrap();
    failed(&phone.run(&["confirm", url.trim()]), "there is no terminal to ask on");
    let confirmed = phone.run(&["confirm", url.trim(), "--yes"]);
    let mut rest = String::new();
    told.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(text(&confirmed.stderr).starts_with("guanxi, 局域网, 127.0.*.* asked at "), "{confirmed:?}");
    assert_eq!(done(&output), "{\"status\":\"confirmed\",\"mid\":293793435}\n", "{rest}");
    assert_eq!(desk.json(&["whoami"])["mid"], 293_793_435);
    ended(&phone.run(&["confirm", url.trim(), "--yes"]), 3, "二维码已失效 (30020)");
}

#[cfg(unix)]
#[test]
fn a_login_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let service = Service::demo(&[], &[("GUANXI_PASSWORD_MEMORY_KIB", "64")]);
    let desk = Desk::at(&service.base);
    done(&desk.tell(&["signup", "小甲"], PASSWORD));
    let mode = |name: &str| std::fs::metadata(desk.folder.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("guanxi"), mode("guanxi/logins.json")), (0o700, 0o600));
    let others: Vec<_> = std::fs::read_dir(desk.folder.path("guanxi")).unwrap().collect();
    assert_eq!(others.len(), 1, "nothing is left beside the file");
    desk.mode("guanxi/logins.json", "640");
    failed(&desk.run(&["whoami"]), "guanxi/logins.json: others may read it");
    desk.mode("guanxi/logins.json", "600");
    // Where one logged in last is asked, if nothing else is said.
    let mut command = desk.command(&["whoami"]);
    assert!(done(&command.env_remove("GUANXI_URL").output().unwrap()).contains("小甲"));
    let logins: Value =
        serde_json::from_slice(&std::fs::read(desk.folder.path("guanxi/logins.json")).unwrap()).unwrap();
    let token = logins["logins"][&service.base]["SESSDATA"].as_str().unwrap();
    assert!(!text(&desk.run(&["whoami"]).stdout).contains(token));
    desk.folder.write("guanxi/logins.json", "{");
    failed(&desk.run(&["whoami"]), "guanxi/logins.json: EOF");
}
