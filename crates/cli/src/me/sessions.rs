//! `guanxi sessions`: where one is logged in.

use super::account::how;
use super::caller::Caller;
use super::harmless;
use super::table::{Kind, Table};
use crate::Failure;
use clap::Subcommand;
use guanxi_api::api::passport::sessions::Sessions;
use guanxi_api::api::passport::sessions::revoke::RevokeSession;
use guanxi_domain::day::time_at;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// End one of them.
    Revoke {
        /// Which, as the list has it.
        id: String,
    },
}

pub(crate) async fn run(me: &Caller, args: &Args) -> Result<(), Failure> {
    if let Some(Command::Revoke { id }) = &args.command {
        me.ask(&RevokeSession { id: id.clone() }).await?;
        return me.tell(&(), || vec![format!("the session {} has ended", harmless::line(id))]);
    }
    let sessions = me.ask(&Sessions {}).await?;
    me.tell(&sessions, || {
        let columns = [
            ("id", Kind::Word),
            ("", Kind::Word),
            ("since", Kind::Word),
            ("how", Kind::Word),
            ("device", Kind::Text),
            ("address", Kind::Word),
            ("place", Kind::Text),
        ];
        let mut table = Table::new(columns);
        for session in sessions.list.iter().cloned() {
            let this = if session.current { "this" } else { "" }.to_owned();
            let mut since = time_at(session.created);
            since.truncate("YYYY-MM-DD HH:MM".len());
            let how = how(session.r#type).to_owned();
            table.push([session.id, this, since, how, session.device, session.ip, session.place]);
        }
        table.lines()
    })
}
