//! `guanxi restore`: a data directory of any instant in the archive.

use crate::{Failure, SettingsArgs, block_on, terminal};
use guanxi_server::Settings;
use guanxi_storage::embedded::archive::{self, Archive, RestoreTarget, Restored, TimelineInfo};
use indicatif::HumanBytes;
use jiff::Timestamp;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The archive: a folder, file:///folder or s3://bucket/prefix. By default the setting `archive_url`.
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// The key file of an encrypted archive. By default the setting `archive_key_file`.
    #[arg(long, value_name = "FILE")]
    archive_key_file: Option<PathBuf>,
    /// List what can be restored, and restore nothing.
    #[arg(long, conflicts_with_all = ["at", "lsn", "timeline", "to"])]
    list: bool,
    /// The instant whose state to restore, such as 2026-11-27T15:00:00+08:00. By default the newest state.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    /// The log sequence number whose state to restore.
    #[arg(long, value_name = "N", conflicts_with = "at")]
    lsn: Option<u64>,
    /// The timeline to restore from. By default the newest one that has the state.
    #[arg(long, value_name = "N")]
    timeline: Option<u32>,
    /// The new or empty directory. By default the data directory of the settings.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut settings = args.settings.load()?;
    settings.archive_url = args.from.clone().or(settings.archive_url);
    settings.archive_key_file = args.archive_key_file.clone().or(settings.archive_key_file);
    let source =
        settings.archive(false)?.ok_or("name the archive: --from URL, or the setting archive_url")?;
    if args.list {
        let timelines = block_on(async { Ok(archive::list(&source).await?) })?;
        print_list(&timelines)?;
        return Ok(ExitCode::SUCCESS);
    }
    restore(args, &settings, &source)?;
    Ok(ExitCode::SUCCESS)
}

fn restore(args: &Args, settings: &Settings, source: &Archive) -> Result<(), Failure> {
    let target = match (args.at, args.lsn) {
        (Some(instant), _) => RestoreTarget::At(instant),
        (None, Some(lsn)) => RestoreTarget::Lsn(lsn),
        (None, None) => RestoreTarget::Newest,
    };
    let to = args.to.as_deref().unwrap_or(settings.data_directory());
    let Restored { timeline, lsn, time } =
        block_on(async { Ok(archive::restore(source, target, args.timeline, to).await?) })?;
    let last_write = time.map_or_else(String::new, |time| format!(", last write {time}"));
    terminal::print(format_args!("restored {} from timeline {timeline}: LSN {lsn}{last_write}", to.display()))
}

fn print_list(timelines: &[TimelineInfo]) -> Result<(), Failure> {
    if timelines.is_empty() {
        return terminal::print(format_args!("the archive has no complete base copy yet"));
    }
    for TimelineInfo { timeline, bases, end } in timelines {
        let (end_lsn, end_time) = end;
        for (at, (lsn, time, bytes)) in bases.iter().enumerate() {
            let label = if at == 0 { format!("timeline {timeline}") } else { String::new() };
            terminal::print(format_args!(
                "{label:<12} base copy {time:.0}  LSN {lsn}  {}",
                HumanBytes(*bytes)
            ))?;
        }
        terminal::print(format_args!("{:<12} until     {end_time:.0}  LSN {end_lsn}", ""))?;
    }
    Ok(())
}
