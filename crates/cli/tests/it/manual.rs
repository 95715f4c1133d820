//! Shell completions and manual pages.

use crate::program::{TestDir, assert_error, run, stdout};

/// Returns all commands in the help.
fn commands() -> Vec<String> {
    let help = run(&["--help"]);
    let names_below = |heading| {
        let listed = stdout(&help).split_once(heading).unwrap().1.split("\n\n").next().unwrap();
        listed
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let groups = [names_below("Member commands:\n"), names_below("Operator commands:\n")];
    assert!(groups.iter().all(|commands| commands.len() > 10), "{groups:?}");
    groups.concat()
}

#[test]
fn completions_contain_every_command() {
    let commands = commands();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]);
        for command in &commands {
            assert!(stdout(&output).contains(command.as_str()), "{shell} does not complete {command}");
        }
    }
    assert_error(&run(&["completions", "tcsh"]), "tcsh");
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = TestDir::new();
    stdout(&run(&["manual", &folder.path("")]));
    for command in commands().iter().filter(|command| *command != "help") {
        let page = std::fs::read_to_string(folder.path(&format!("guanxi-{command}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{page}");
    }
    assert_error(&run(&["manual", &folder.path("nowhere")]), "nowhere");
}

#[test]
fn reference_documents_are_current() {
    let (folder, root) = (TestDir::new(), concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let examples = format!("{root}/crates/cli/tests/golden");
    stdout(&run(&["reference", &folder.path(""), "--examples", &examples]));
    let names = |directory: &str| {
        let entries = std::fs::read_dir(directory).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let (written, committed) = (folder.path(""), format!("{root}/docs/reference"));
    assert_eq!(names(&written), names(&committed));
    for name in names(&written) {
        let read = |directory: &str| std::fs::read_to_string(format!("{directory}/{name}")).unwrap();
        assert!(read(&written) == read(&committed), "docs/reference/{name} is stale: run `just reference`");
    }
}
