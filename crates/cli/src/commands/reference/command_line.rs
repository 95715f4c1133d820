//! The document of the command line, from the definitions of its arguments.

use super::cell;
use crate::Cli;
use clap::CommandFactory;
use std::fmt::Write as _;

/// Returns the document of all commands.
pub(super) fn document() -> String {
    let mut out = "# Command line\n".to_owned();
    let mut root = Cli::command();
    root.build();
    for command in root.get_subcommands().filter(|command| is_shown(command)) {
        write(command, &mut out);
    }
    out
}

fn is_shown(command: &clap::Command) -> bool {
    !command.is_hide_set() && command.get_name() != "help"
}

fn write(command: &clap::Command, out: &mut String) {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let _ = write!(out, "\n## {}\n", command.get_bin_name().unwrap_or_else(|| command.get_name()));
    if let Some(about) = command.get_long_about().or(command.get_about()) {
        let _ = write!(out, "\n{about}\n");
    }
    let _ = write!(out, "\n```\n{usage}\n```\n");
    let arguments: Vec<&clap::Arg> = command
        .get_arguments()
        .filter(|argument| {
            !argument.is_hide_set() && !matches!(argument.get_id().as_str(), "help" | "version")
        })
        .collect();
    if !arguments.is_empty() {
        out.push_str("\n| argument | meaning |\n|---|---|\n");
    }
    for argument in arguments {
        let values: Vec<&str> =
            argument.get_value_names().into_iter().flatten().map(clap::builder::Str::as_str).collect();
        let takes_value = argument.get_action().takes_values();
        let value = if takes_value { values.join(" ") } else { String::new() };
        let name = match argument.get_long() {
            Some(long) if value.is_empty() => format!("--{long}"),
            Some(long) => format!("--{long} {value}"),
            None => value,
        };
        let mut text =
            argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
        let defaults: Vec<String> =
            argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
        if takes_value && !defaults.is_empty() {
            let _ = write!(text, " Default: `{}`.", defaults.join(" "));
        }
        let choices: Vec<String> =
            argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
        if takes_value && !choices.is_empty() {
            let _ = write!(text, " One of {}.", choices.join(", "));
        }
        let _ = writeln!(out, "| `{name}` | {} |", cell(&text));
    }
    for below in command.get_subcommands().filter(|command| is_shown(command)) {
        write(below, out);
    }
}
