//! What the program writes of itself: completions for shells, and pages for `man`.

use crate::program::{Folder, done, failed, run};

/// The program's commands, as its help tells them, members' and the others.
fn commands() -> Vec<String> {
    let help = run(&["--help"]);
    let told = |family| {
        let listed = done(&help).split_once(family).unwrap().1.split("\n\n").next().unwrap();
        listed
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let families = [told("As a member:\n"), told("For whoever runs a service:\n")];
    assert!(families.iter().all(|commands| commands.len() > 10), "{families:?}");
    families.concat()
}

#[test]
fn every_shell_completes_every_command() {
    let commands = commands();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]);
        for command in &commands {
            assert!(done(&output).contains(command.as_str()), "{shell} does not complete {command}");
        }
    }
    failed(&run(&["completions", "tcsh"]), "tcsh");
}

#[test]
fn every_command_has_a_page() {
    let folder = Folder::new();
    done(&run(&["manual", &folder.path("")]));
    for command in commands().iter().filter(|command| *command != "help") {
        let page = std::fs::read_to_string(folder.path(&format!("guanxi-{command}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{page}");
    }
    failed(&run(&["manual", &folder.path("nowhere")]), "nowhere");
}
