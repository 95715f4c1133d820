//! Shell scripts that run servers for a test.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running script. It stops its servers and deletes their data when its standard input closes, which is when it is
/// dropped or the test program ends.
#[derive(Debug)]
pub(crate) struct Script {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Script {
    /// Starts a script with arguments, as another user than root. Returns the first line of its output, or `None` if
    /// its servers cannot start.
    pub(crate) fn start(text: &str, arguments: &[OsString]) -> Option<(String, Script)> {
        // PostgreSQL refuses to run as root.
        let root =
            std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        let mut command = if root { Command::new("runuser") } else { Command::new("sh") };
        if root {
            command.args(["-u", "postgres", "--", "sh"]);
        }
        command.args(["-c", text, "script"]).args(arguments).current_dir("/");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("start a shell");
        let output = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let mut script = Script { child, output };
        let line = script.read_line();
        (!line.is_empty()).then_some((line, script))
    }

    /// Sends a line to the script. Returns the line that it answers.
    pub(crate) fn request(&mut self, line: &str) -> String {
        let input = self.child.stdin.as_mut().expect("standard input is piped");
        writeln!(input, "{line}").expect("write to the script");
        self.read_line()
    }

    fn read_line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("read the output of the script");
        line.trim().to_owned()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
