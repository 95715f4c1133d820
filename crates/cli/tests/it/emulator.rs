//! `guanxi emulator`: unchanged programs against communities of their own.

use crate::program::{TestDir, guanxi, stdout, utf8};
use guanxi_test_postgres::has_programs;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

/// Returns a command of the emulator, with the files of its user in a directory of the test.
fn emulator(home: &TestDir, args: &[&str]) -> Command {
    let mut command = guanxi(&["emulator"]);
    command.env("HOME", home.0.path()).env("XDG_DATA_HOME", home.0.path()).args(args);
    command
}

fn run(home: &TestDir, args: &[&str]) -> Output {
    emulator(home, args).output().unwrap()
}

fn run_json(home: &TestDir, args: &[&str]) -> Value {
    serde_json::from_str(stdout(&run(home, args))).unwrap()
}

#[test]
fn exec_serves_default_and_named_hosts() {
    if !has_programs("tests of the emulator with curl", &["curl"]) {
        return;
    }
    let home = TestDir::new();
    let script = "for host in api.bilibili.com passport.bilibili.com api.example.com; do \
                  curl -sS \"https://$host/x/relation/stat?vmid=5818410\"; echo; done; \
                  curl -sS 'http://api.example.com/x/relation/stat?vmid=5818410'";
    let output = run(&home, &["exec", "--host", "api.example.com", "--", "sh", "-c", script]);
    let answers: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 4);
    assert!(answers.iter().all(|answer| answer["data"]["mid"] == 5_818_410), "{answers:?}");
    assert_eq!(utf8(&output.stderr), "");
}

#[test]
fn exec_ends_as_its_command_and_lists_gaps() {
    if !has_programs("tests of the emulator with curl", &["curl"]) {
        return;
    }
    let home = TestDir::new();
    let script = "curl -s https://api.bilibili.com/no/such/path?uid=1; curl -s https://elsewhere.example.org/; \
                  curl -s 'https://api.bilibili.com/x/relation/stat?vmid=5818410&spare=1'; exit 7";
    let output = run(&home, &["exec", "--", "sh", "-c", script]);
    assert_eq!(output.status.code(), Some(7));
    for line in [
        "guanxi: no endpoint: GET api.bilibili.com/no/such/path\n",
        "guanxi: unread parameter: spare of GET /x/relation/stat\n",
        "guanxi: refused host: elsewhere.example.org:443 (serve it with --host)\n",
    ] {
        assert!(utf8(&output.stderr).contains(line), "{line}{}", utf8(&output.stderr));
    }
    assert!(!utf8(&output.stderr).contains("uid"), "an unknown path is one gap: {output:?}");
}

#[test]
fn exec_reports_a_command_without_requests() {
    let output = run(&TestDir::new(), &["exec", "--", "true"]);
    assert!(output.status.success());
    assert!(utf8(&output.stderr).contains("no request reached the emulator"), "{output:?}");
    let absent = run(&TestDir::new(), &["exec", "--", "no-such-program"]);
    assert_eq!(absent.status.code(), Some(127));
    assert!(utf8(&absent.stderr).contains("cannot run no-such-program"), "{absent:?}");
}

#[test]
fn exec_passes_signals_on_and_waits() {
    // The parent of the shell is the emulator.
    for (signal, code) in [("INT", 7), ("TERM", 8), ("HUP", 8)] {
        let script = format!(
            "trap 'exit 7' INT; trap 'exit 8' TERM; kill -{signal} $PPID; sleep 9 >/dev/null 2>&1 & wait"
        );
        let output = run(&TestDir::new(), &["exec", "--", "sh", "-c", &script]);
        assert_eq!(output.status.code(), Some(code), "{signal}: {output:?}");
    }
}

#[test]
fn commands_inside_exec_control_its_emulator() {
    let home = TestDir::new();
    let _other = Started::new(&home);
    let script = "eval \"$($GUANXI emulator env --community worker-1)\" && $GUANXI emulator clock --set \
                  2030-01-01T00:00:00Z --freeze && echo $GUANXI_EMULATOR_PROXY && $GUANXI emulator clock";
    let mut command = emulator(&home, &["exec", "--", "sh", "-c", script]);
    let output = command.env("GUANXI", env!("CARGO_BIN_EXE_guanxi")).output().unwrap();
    let frozen = r#""time": 1893456000"#;
    assert_eq!(stdout(&output).matches(frozen).count(), 2, "{output:?}");
    // The other emulator and the default community are unchanged.
    assert_eq!(run_json(&home, &["clock"])["frozen"], false);
    let environment = stdout(&run(&home, &["env", "--format", "docker"])).to_owned();
    let proxy = stdout(&output).lines().find(|line| line.starts_with("http://")).unwrap();
    assert!(!environment.contains(proxy), "{environment}");
}

/// A started emulator. Drop kills it.
struct Started(Child);

impl Started {
    fn new(home: &TestDir) -> Started {
        let any_port = ["start", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"];
        let mut child = emulator(home, &any_port).stdout(Stdio::piped()).spawn().unwrap();
        // The first line follows the file with the addresses.
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut String::new()).unwrap();
        Started(child)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // The emulator may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn started_emulator_is_controlled_by_commands() {
    let home = TestDir::new();
    let started = Started::new(&home);
    let environment = stdout(&run(&home, &["env", "--format", "docker", "--community", "other"])).to_owned();
    assert!(environment.lines().any(|line| line.starts_with("HTTPS_PROXY=http://other:")), "{environment}");

    let session = run_json(&home, &["session", "5818410"]);
    assert_eq!((&session["mid"], &session["created"]), (&json!(5_818_410), &json!(false)));
    assert!(session["cookie"].as_str().unwrap().contains("DedeUserID=5818410"));
    let frozen = run_json(&home, &["clock", "--set", "2030-01-01T00:00:00+08:00", "--freeze"]);
    assert_eq!(frozen, json!({"time": 1_893_427_200, "frozen": true}));
    assert_eq!(run_json(&home, &["clock"]), frozen);
    let other = run_json(&home, &["clock", "--community", "other"]);
    assert_eq!(other["frozen"], false, "communities have clocks of their own");

    let fault = run_json(&home, &["fault", "--path", "/x/relation/*", "--status", "503", "--count", "1"]);
    assert_eq!(run_json(&home, &["faults"])["list"][0]["id"], fault["id"]);
    run_json(&home, &["snapshot", "later"]);
    assert_eq!(run_json(&home, &["restore"])["name"], "start");
    assert_eq!(run_json(&home, &["clock"])["frozen"], false, "the clock of the start runs");
    assert_eq!(run_json(&home, &["restore", "later"])["time"], 1_893_427_200);
    assert_eq!(run_json(&home, &["requests"])["latest"], 0);
    assert_eq!(stdout(&run(&home, &["gaps"])), "");
    assert!(stdout(&run(&home, &["compat"])).starts_with("# A compatibility file"));

    // The running emulator deletes the file with its addresses when it ends.
    let ended = Command::new("kill").arg(started.0.id().to_string()).status().unwrap();
    assert!(ended.success());
    let mut started = started;
    assert!(started.0.wait().unwrap().success());
    let without = run(&home, &["clock"]);
    assert_eq!(without.status.code(), Some(2));
    assert!(utf8(&without.stderr).contains("no emulator runs"), "{without:?}");
}
