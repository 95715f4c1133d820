//! `guanxi sessions`: own sessions.

use super::account::login_method_name;
use super::context::ClientContext;
use super::sanitize;
use super::table::{ColumnKind, Table};
use crate::Failure;
use clap::Subcommand;
use guanxi_api::sessions::list_sessions::ListSessions;
use guanxi_api::sessions::revoke_session::RevokeSession;
use guanxi_domain::day::format_time;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Revoke a session.
    Revoke {
        /// The id, as in the list.
        id: String,
    },
}

pub(crate) async fn run(context: &ClientContext, args: &Args) -> Result<(), Failure> {
    if let Some(Command::Revoke { id }) = &args.command {
        context.send(&RevokeSession { id: id.clone() }).await?;
        return context.print_result(&(), || vec![format!("revoked session {}", sanitize::single_line(id))]);
    }
    let sessions = context.send(&ListSessions {}).await?;
    context.print_result(&sessions, || {
        let columns = [
            ("id", ColumnKind::Word),
            ("", ColumnKind::Word),
            ("since", ColumnKind::Word),
            ("method", ColumnKind::Word),
            ("device", ColumnKind::Text),
            ("address", ColumnKind::Word),
            ("place", ColumnKind::Text),
        ];
        let mut table = Table::new(columns);
        for session in sessions.list.iter().cloned() {
            let this = if session.current { "this" } else { "" }.to_owned();
            let mut since = format_time(session.created);
            since.truncate("YYYY-MM-DD HH:MM".len());
            let login_method = login_method_name(session.r#type).to_owned();
            table.push([session.id, this, since, login_method, session.device, session.ip, session.place]);
        }
        table.take_lines()
    })
}
