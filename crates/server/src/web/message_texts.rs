//! Texts of messages to members. An operator may replace those of the catalogue.

use super::language::Language;
use super::text::{Catalogue, Key, Text, empty_catalogue};
use fluent_bundle::{FluentArgs, FluentResource};
use guanxi_storage::model::MessageKind;
use std::fmt;
use std::path::{Path, PathBuf};

/// Returns the keys of subject and text of a kind.
const fn keys(kind: MessageKind) -> [Key; 2] {
    match kind {
        MessageKind::VerificationCode => [Key("message-verification-subject"), Key("message-verification")],
        MessageKind::RecoveryCode => [Key("message-recovery-subject"), Key("message-recovery")],
        MessageKind::Login => [Key("message-login-subject"), Key("message-login")],
        MessageKind::PasswordChanged => [Key("message-password-subject"), Key("message-password")],
        MessageKind::TelChanged => [Key("message-tel-subject"), Key("message-tel")],
        MessageKind::MailChanged => [Key("message-mail-subject"), Key("message-mail")],
        MessageKind::FactorsChanged => [Key("message-factors-subject"), Key("message-factors")],
    }
}

/// The values that a text of a message may name.
#[derive(Clone, Debug)]
pub struct Values {
    /// The code, or the empty text.
    code: String,
    /// The lifetime of the code, in minutes.
    minutes: u32,
    /// The device of a login.
    device: String,
    /// The place of a login.
    place: String,
    /// The time of the event.
    time: String,
}

impl Values {
    /// Returns the values of a message. `detail` is the code, or device and place of a login as two lines.
    pub fn new(kind: MessageKind, detail: &str, created: i64, minutes: u32, language: Language) -> Values {
        let time = language.minute(created);
        let (code, device, place) = match kind {
            MessageKind::Login => {
                let (device, place) = detail.split_once('\n').unwrap_or((detail, ""));
                (String::new(), language.device(device.to_owned()), language.place(place.to_owned()))
            }
            _ => (detail.to_owned(), String::new(), String::new()),
        };
        Values { code, minutes, device, place, time }
    }

    fn arguments(&self) -> FluentArgs<'_> {
        let mut arguments = FluentArgs::new();
        for (name, value) in
            [("code", &self.code), ("device", &self.device), ("place", &self.place), ("time", &self.time)]
        {
            arguments.set(name, value.as_str());
        }
        arguments.set("minutes", self.minutes);
        arguments
    }

    fn add_to<'v>(&'v self, text: Text<'v>) -> Text<'v> {
        let Values { code, minutes, device, place, time } = self;
        let text = text.with("code", code.as_str()).with("minutes", minutes).with("device", device.as_str());
        text.with("place", place.as_str()).with("time", time.as_str())
    }
}

/// The texts of messages: those of the operator, and those of the catalogue for the others.
pub struct MessageTexts {
    /// The texts of the operator by language.
    own: [Catalogue; 2],
}

impl fmt::Debug for MessageTexts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MessageTexts")
    }
}

impl MessageTexts {
    /// Reads the texts of a folder, if there is one.
    pub fn new(folder: Option<&Path>) -> Result<MessageTexts, TemplateError> {
        let read = |language: Language| match folder {
            Some(folder) => read_catalogue(language, &folder.join(format!("{}.ftl", language.tag()))),
            None => Ok(empty_catalogue(language)),
        };
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(TemplateError {
                path: folder.to_owned(),
                line: None,
                reason: "no such folder".to_owned(),
            });
        }
        Ok(MessageTexts { own: [read(Language::Chinese)?, read(Language::English)?] })
    }

    /// Returns the subject and the text of a message.
    pub fn render(&self, language: Language, kind: MessageKind, values: &Values) -> (String, String) {
        let [subject, text] = keys(kind).map(|key| self.text(language, key, values));
        // A subject is one line.
        (subject.replace(char::is_control, " "), text)
    }

    fn text(&self, language: Language, key: Key, values: &Values) -> String {
        format_own(&self.own[language as usize], key.0, values)
            .and_then(Result::ok)
            .unwrap_or_else(|| values.add_to(language.text(key)).to_string())
    }
}

/// An invalid template.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {reason}", .path.display(), .line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct TemplateError {
    path: PathBuf,
    line: Option<usize>,
    reason: String,
}

/// Formats a text of the operator. `None` if the catalogue has none.
fn format_own(own: &Catalogue, key: &str, values: &Values) -> Option<Result<String, String>> {
    let pattern = own.get_message(key)?.value()?;
    let (arguments, mut errors) = (values.arguments(), Vec::new());
    let text = own.format_pattern(pattern, Some(&arguments), &mut errors).into_owned();
    Some(errors.first().map_or(Ok(text), |error| Err(error.to_string())))
}

/// Reads the texts of a file. A file that is absent has none. Each text is formatted once, so that a wrong name is
/// found before it is needed.
fn read_catalogue(language: Language, path: &Path) -> Result<Catalogue, TemplateError> {
    let fail = |line, reason| TemplateError { path: path.to_owned(), line, reason };
    let mut own = empty_catalogue(language);
    let source = match std::fs::read_to_string(path) {
        Ok(source) => source,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(own),
        Err(error) => return Err(fail(None, error.to_string())),
    };
    let lines_before = |at: usize| source.get(..at).unwrap_or(&source).lines().count().max(1);
    let resource = FluentResource::try_new(source.clone()).map_err(|(_, errors)| match errors.first() {
        Some(error) => fail(Some(lines_before(error.pos.start + 1)), error.to_string()),
        None => fail(None, "no valid file".to_owned()),
    })?;
    own.add_resource(resource).map_err(|errors| {
        let reason = errors.first().map(ToString::to_string);
        fail(None, reason.unwrap_or_else(|| "no valid file".to_owned()))
    })?;
    let known: Vec<&str> = MessageKind::ALL.into_iter().flat_map(keys).map(|key| key.0).collect();
    let text = || "x".to_owned();
    let sample = Values { code: text(), minutes: 10, device: text(), place: text(), time: text() };
    for (index, line) in source.lines().enumerate() {
        let Some((key, _)) =
            line.split_once('=').filter(|_| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        else {
            continue;
        };
        let key = key.trim();
        if !known.contains(&key) {
            return Err(fail(Some(index + 1), format!("there is no message {key}")));
        }
        if let Some(Err(reason)) = format_own(&own, key, &sample) {
            return Err(fail(Some(index + 1), reason));
        }
    }
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn error_of(file: &str, source: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(file), source).unwrap();
        let error = MessageTexts::new(Some(folder.path())).unwrap_err().to_string();
        error.replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn every_message_has_subject_and_text() {
        let texts = MessageTexts::new(None).unwrap();
        for language in Language::ALL {
            for kind in MessageKind::ALL {
                let detail =
                    if kind == MessageKind::Login { "Chrome浏览器\n中国陕西" } else { "042271" };
                let values = Values::new(kind, detail, 0, 10, language);
                let (subject, text) = texts.render(language, kind, &values);
                assert!(!subject.is_empty() && !text.is_empty(), "{kind:?}");
                let is_code = matches!(kind, MessageKind::VerificationCode | MessageKind::RecoveryCode);
                assert_eq!(text.contains("042271"), is_code, "{text}");
                assert_eq!(text.contains("陕西"), kind == MessageKind::Login, "{text}");
            }
        }
    }

    #[test]
    fn operators_text_replaces_the_built_in_one() {
        let folder = tempfile::tempdir().unwrap();
        let source = "# Ours.\nmessage-recovery = { $code } is yours\n  for { $minutes } minutes\n";
        fs::write(folder.path().join("en.ftl"), source).unwrap();
        let texts = MessageTexts::new(Some(folder.path())).unwrap();
        let values = Values::new(MessageKind::RecoveryCode, "000007", 0, 10, Language::English);
        let (subject, text) = texts.render(Language::English, MessageKind::RecoveryCode, &values);
        assert_eq!(text, "000007 is yours\nfor 10 minutes");
        assert_eq!(subject, Language::English.text("message-recovery-subject").to_string());
        assert_ne!(texts.render(Language::Chinese, MessageKind::RecoveryCode, &values).1, text);
    }

    #[test]
    fn template_error_names_file_and_line() {
        let cases = [
            ("en.ftl", "# Texts\nmessage-recovery { $code }\n", "en.ftl, line 2: "),
            (
                "zh-CN.ftl",
                "message-recover = { $code }\n",
                "zh-CN.ftl, line 1: there is no message message-recover",
            ),
            ("en.ftl", "\nmessage-login =\n  { $where }\n", "en.ftl, line 2: "),
        ];
        for (file, source, expected) in cases {
            let error = error_of(file, source);
            assert!(error.starts_with(expected), "{error}");
        }
        let missing = MessageTexts::new(Some(Path::new("/nowhere"))).unwrap_err().to_string();
        assert_eq!(missing, "/nowhere: no such folder");
    }
}
