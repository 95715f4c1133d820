//! `guanxi data`: the download and the import of one's own data.

use super::account::key_values;
use super::context::ClientContext;
use super::table::{ColumnKind, Table};
use crate::Failure;
use bytes::Bytes;
use clap::Subcommand;
use guanxi_api::own_data::get_export::{self, ExportStatus, GetExport};
use guanxi_api::own_data::import_relations::{Data, ImportOutcome, ImportRelations};
use guanxi_api::own_data::request_export::RequestExport;
use guanxi_api::param::{File, Flag};
use guanxi_domain::day;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Request an archive of your data. A browser with your login downloads it.
    Request,
    /// Import follows, private follows, blocks and groups from a CSV file, such as relations.csv of the archive.
    Import {
        /// The file, with the columns mid, kind and groups.
        file: PathBuf,
        /// Change nothing, and show what would change.
        #[arg(long)]
        dry_run: bool,
    },
}

pub(crate) async fn run(context: &ClientContext, args: &Args) -> Result<(), Failure> {
    match &args.command {
        Some(Command::Import { file, dry_run }) => {
            let csv = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let request = ImportRelations { csv: File(Bytes::from(csv)), dry_run: Flag(*dry_run) };
            let data = context.send(&request).await?;
            context.print_result(&data, || import_lines(&data, *dry_run))
        }
        Some(Command::Request) => {
            context.send(&RequestExport {}).await?;
            show(context).await
        }
        None => show(context).await,
    }
}

async fn show(context: &ClientContext) -> Result<(), Failure> {
    let export = context.send(&GetExport {}).await?;
    context.print_result(&export, || export_lines(export, &context.address))
}

fn export_lines(export: get_export::Data, address: &str) -> Vec<String> {
    let (state, link) = match export.status {
        ExportStatus::None => ("none", String::new()),
        ExportStatus::InProgress => ("in progress", String::new()),
        ExportStatus::Ready => ("ready", format!("{address}/data.zip")),
    };
    let time = |second: i64| if second > 0 { day::format_time(second) } else { String::new() };
    key_values(&[
        ("archive", state.to_owned()),
        ("since", time(export.time)),
        ("deleted at", time(export.expires)),
        ("bytes", if export.bytes > 0 { export.bytes.to_string() } else { String::new() }),
        ("download", link),
    ])
}

/// Formats the number of lines of each outcome, and the refused lines.
fn import_lines(data: &Data, is_dry_run: bool) -> Vec<String> {
    let count = |outcome| data.rows.iter().filter(|row| row.outcome == outcome).count().to_string();
    let title = if is_dry_run { "nothing changed; an import would have" } else { "imported" };
    let mut lines = vec![title.to_owned()];
    lines.extend(key_values(&[
        ("added", count(ImportOutcome::Added)),
        ("joined groups", count(ImportOutcome::Joined)),
        ("unchanged", count(ImportOutcome::Unchanged)),
        ("refused", count(ImportOutcome::Refused)),
        ("new groups", data.groups.join(", ")),
    ]));
    let mut table = Table::new([
        ("line", ColumnKind::Number),
        ("mid", ColumnKind::Number),
        ("code", ColumnKind::Number),
        ("reason", ColumnKind::Text),
    ]);
    let refused: Vec<_> = data.rows.iter().filter(|row| row.outcome == ImportOutcome::Refused).collect();
    for row in &refused {
        table.push([row.line.to_string(), row.mid.to_string(), row.code.to_string(), row.message.clone()]);
    }
    if !refused.is_empty() {
        lines.extend(table.take_lines());
    }
    lines
}
