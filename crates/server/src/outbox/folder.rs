//! The sender that writes a file for each message, for demos and tests.

use super::{Outgoing, SendError};
use crate::config::{Settings, SettingsError};
use guanxi_api::operator::list_messages::SentMessage;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The folder of the messages.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(settings: &Settings) -> Result<Folder, SettingsError> {
        let folder = settings.message_folder.clone();
        let missing = || SettingsError::Sender("message_folder", "the sender folder needs it".to_owned());
        let folder = folder.ok_or_else(missing)?;
        fs::create_dir_all(&folder)
            .map_err(|error| SettingsError::Sender("message_folder", error.to_string()))?;
        Ok(Folder(folder))
    }

    pub(super) async fn send(&self, message: Outgoing) -> Result<(), SendError> {
        let folder = self.0.clone();
        let written = tokio::task::spawn_blocking(move || write_file(&folder, &message)).await;
        Ok(written.map_err(io::Error::other)??)
    }

    /// Returns the latest messages, newest first. Files that are no messages are skipped.
    pub async fn latest(&self, limit: usize) -> Result<Vec<SentMessage>, io::Error> {
        let folder = self.0.clone();
        tokio::task::spawn_blocking(move || read_latest(&folder, limit)).await.map_err(io::Error::other)?
    }
}

/// Writes the file of a message. Names sort by time.
fn write_file(folder: &Path, message: &Outgoing) -> io::Result<()> {
    let Outgoing { id, created, kind, to, language, subject, text, .. } = message;
    let (kind, language) = ((*kind).to_owned(), language.tag().to_owned());
    let sent = SentMessage {
        id: id.clone(),
        created: *created,
        kind,
        to: to.clone(),
        language,
        subject: subject.clone(),
        text: text.clone(),
    };
    let path = folder.join(format!("{created:010}-{id}.json"));
    let incomplete = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&incomplete)?.write_all(&serde_json::to_vec_pretty(&sent)?)?;
    fs::rename(incomplete, path)
}

fn read_latest(folder: &Path, limit: usize) -> io::Result<Vec<SentMessage>> {
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort_unstable_by(|left, right| right.cmp(left));
    let read = |path: PathBuf| serde_json::from_slice(&fs::read(path).ok()?).ok();
    Ok(paths.into_iter().filter_map(read).take(limit).collect())
}
