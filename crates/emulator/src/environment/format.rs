//! The formats of an environment.

use std::str::FromStr;

/// A format that sets variables. Values have no control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// POSIX shells.
    Sh,
    /// The shell fish.
    Fish,
    /// PowerShell.
    PowerShell,
    /// The file that `$GITHUB_ENV` names in a job of GitHub Actions.
    GitHub,
    /// The file for `docker run --env-file`.
    Docker,
}

impl Format {
    /// Every format with its name.
    pub const ALL: [(&str, Format); 5] = [
        ("sh", Format::Sh),
        ("fish", Format::Fish),
        ("powershell", Format::PowerShell),
        ("github", Format::GitHub),
        ("docker", Format::Docker),
    ];

    /// Returns the text for an emulator that does not run. A shell that evaluates it fails.
    pub fn failing_command(self) -> &'static str {
        match self {
            Format::Sh | Format::Fish => "false",
            Format::PowerShell => "throw 'no emulator runs'",
            Format::GitHub | Format::Docker => "",
        }
    }

    /// Returns the line that sets a variable.
    pub(super) fn line(self, name: &str, value: &str) -> String {
        match self {
            Format::Sh => format!("export {name}={}\n", quote_sh(value)),
            Format::Fish => format!("set -gx {name} {}\n", quote_fish(value)),
            Format::PowerShell => format!("$env:{name} = {}\n", quote_powershell(value)),
            Format::GitHub | Format::Docker => format!("{name}={value}\n"),
        }
    }
}

/// The error of an unknown format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a format is one of sh, fish, powershell, github and docker")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Format, UnknownFormat> {
        Format::ALL.iter().find(|(name, _)| *name == text).map(|(_, format)| *format).ok_or(UnknownFormat)
    }
}

/// Quotes a text. Between single quotes, only the single quote itself is special.
pub(super) fn quote_sh(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Quotes a text. Between single quotes, the backslash and the single quote are special.
pub(super) fn quote_fish(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}

/// Quotes a text. PowerShell takes the typographic quotes for single quotes too.
pub(super) fn quote_powershell(text: &str) -> String {
    let is_quote = |c: char| matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}');
    let doubled = text.chars().flat_map(|c| std::iter::repeat_n(c, if is_quote(c) { 2 } else { 1 }));
    format!("'{}'", doubled.collect::<String>())
}
