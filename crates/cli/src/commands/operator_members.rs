//! `guanxi operator members`, `batch`, `notes` and `coins`: members at a running service, with an operator's token.

use super::keys::TOKEN_VARIABLE;
use crate::member::sanitize;
use crate::member::table::{ColumnKind, Table};
use crate::{Failure, block_on, terminal};
use clap::ValueEnum;
use guanxi_api::operator::members::add_note::AddNote;
use guanxi_api::operator::members::change_members::{ChangeMembers, MemberAction};
use guanxi_api::operator::members::delete_note::DeleteNote;
use guanxi_api::operator::members::list_member_coins::ListMemberCoins;
use guanxi_api::operator::members::list_members::{ListMembers, MemberEntry};
use guanxi_api::operator::members::list_notes::ListNotes;
use guanxi_client::Operator;
use guanxi_domain::day;
use guanxi_types::{Coins, EventId, Mid, Order};
use std::process::ExitCode;

/// The number of members, or of entries, of one request.
const PAGE: u32 = 500;

/// The operators' listener of a service. The token is in the environment variable GUANXI_OPERATOR_TOKEN.
#[derive(Debug, clap::Args)]
pub(crate) struct ServiceArgs {
    /// The URL of the operators' listener.
    #[arg(long, value_name = "URL", env = "GUANXI_OPERATOR_URL", default_value = "http://127.0.0.1:8081")]
    operator_url: String,
}

impl ServiceArgs {
    fn connect(&self) -> Result<Operator, Failure> {
        let token = std::env::var(TOKEN_VARIABLE).map_err(|_| {
            format!("set {TOKEN_VARIABLE} to a token for the service at {}", self.operator_url)
        })?;
        Ok(Operator::new(&self.operator_url, &token)?)
    }
}

/// List members, filtered by all of the options. An option of a day is `YYYY-MM-DD`.
#[derive(Debug, clap::Args)]
pub(crate) struct MembersArgs {
    /// A part of the name, pinyin or a mid.
    text: Option<String>,
    /// The first day of joining.
    #[arg(long, value_name = "DAY")]
    joined_from: Option<String>,
    /// The last day of joining.
    #[arg(long, value_name = "DAY")]
    joined_until: Option<String>,
    /// The first day of the last login.
    #[arg(long, value_name = "DAY")]
    active_from: Option<String>,
    /// The last day of the last login.
    #[arg(long, value_name = "DAY")]
    active_until: Option<String>,
    /// The least exp.
    #[arg(long, value_name = "N")]
    exp_from: Option<u64>,
    /// The greatest exp.
    #[arg(long, value_name = "N")]
    exp_until: Option<u64>,
    /// Silenced members only.
    #[arg(long)]
    silenced: bool,
    /// Members with a phone that is not verified.
    #[arg(long)]
    unverified_tel: bool,
    /// Members with a mail address that is not verified.
    #[arg(long)]
    unverified_mail: bool,
    /// List the oldest members first.
    #[arg(long)]
    asc: bool,
    /// The number of members to list.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    service: ServiceArgs,
}

impl MembersArgs {
    fn request(&self) -> ListMembers {
        ListMembers {
            text: self.text.clone(),
            joined_from: self.joined_from.clone(),
            joined_until: self.joined_until.clone(),
            active_from: self.active_from.clone(),
            active_until: self.active_until.clone(),
            exp_from: self.exp_from,
            exp_until: self.exp_until,
            silenced: self.silenced,
            unverified_tel: self.unverified_tel,
            unverified_mail: self.unverified_mail,
            order: Some(if self.asc { Order::Asc } else { Order::Desc }),
            after: None,
            limit: Some(PAGE.min(u32::try_from(self.limit).unwrap_or(PAGE)).max(1)),
        }
    }
}

/// Lists members. A page that ended for the number of compared members is continued.
pub(crate) fn list(args: &MembersArgs) -> Result<ExitCode, Failure> {
    let operator = args.service.connect()?;
    block_on(async {
        let (mut request, mut left) = (args.request(), args.limit);
        let mut table = Table::new([
            ("mid", ColumnKind::Number),
            ("name", ColumnKind::Text),
            ("joined", ColumnKind::Word),
            ("last login", ColumnKind::Word),
            ("exp", ColumnKind::Number),
            ("state", ColumnKind::Word),
        ]);
        while left > 0 {
            let page = operator.send(&request).await?;
            let count = page.list.len().min(left);
            page.list.into_iter().take(count).for_each(|member| table.push(row(member)));
            for line in table.take_lines() {
                terminal::print(format_args!("{line}"))?;
            }
            left -= count;
            request.after = page.next;
            if page.next.is_none() {
                if !page.complete {
                    terminal::note(format_args!("further names match: enter more of the name"));
                }
                break;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn row(member: MemberEntry) -> [String; 6] {
    let states = [
        (member.silenced, "silenced"),
        (member.unverified_tel, "unverified phone"),
        (member.unverified_mail, "unverified mail"),
    ];
    let states: Vec<&str> =
        states.into_iter().filter(|(is_set, _)| *is_set).map(|(_, state)| state).collect();
    let joined = if member.joined > 0 { day::date_at(member.joined).to_string() } else { String::new() };
    [
        member.mid.to_string(),
        member.uname,
        joined,
        member.active.unwrap_or_else(|| "never".to_owned()),
        member.exp.to_string(),
        states.join(", "),
    ]
}

/// Do an action on many members, each by the rules of one.
#[derive(Debug, clap::Args)]
pub(crate) struct BatchArgs {
    /// The action.
    action: ActionArg,
    /// The members.
    #[arg(required = true)]
    mids: Vec<Mid>,
    /// The coins for each member, negative for a debit.
    #[arg(long, value_name = "COINS", allow_negative_numbers = true, value_parser = parse_coins)]
    delta: Option<Coins>,
    /// The reason that the members see beside the coins.
    #[arg(long)]
    reason: Option<String>,
    /// The id of the payment. A payment that is sent again with its id counts once.
    #[arg(long)]
    id: Option<String>,
    #[command(flatten)]
    service: ServiceArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ActionArg {
    /// Silence the members.
    Silence,
    /// End the silence.
    Unsilence,
    /// End all sessions.
    EndSessions,
    /// Remove the pictures.
    RemovePicture,
    /// Credit or debit coins. Needs --delta, --reason and --id.
    Coins,
    /// Delete the members. There is no undo.
    Delete,
}

impl ActionArg {
    const fn action(self) -> MemberAction {
        match self {
            ActionArg::Silence => MemberAction::Silence,
            ActionArg::Unsilence => MemberAction::Unsilence,
            ActionArg::EndSessions => MemberAction::EndSessions,
            ActionArg::RemovePicture => MemberAction::RemovePicture,
            ActionArg::Coins => MemberAction::Coins,
            ActionArg::Delete => MemberAction::Delete,
        }
    }
}

fn parse_coins(text: &str) -> Result<Coins, String> {
    serde_json::from_str(text).map_err(|_| "not a number with at most one decimal".to_owned())
}

/// Prints the result of each member. The exit code is 1 if a member was refused.
pub(crate) fn batch(args: &BatchArgs) -> Result<ExitCode, Failure> {
    let operator = args.service.connect()?;
    let id = args.id.clone().map(EventId::try_from).transpose()?;
    let (mids, action) = (args.mids.clone(), args.action.action());
    let request = ChangeMembers { mids, action, delta: args.delta, reason: args.reason.clone(), id };
    block_on(async {
        let results = operator.send(&request).await?.results;
        let is_done = results.iter().all(|result| result.code == 0);
        for result in results {
            let outcome = if result.code == 0 {
                "done".to_owned()
            } else {
                format!("{} {}", result.code, result.message)
            };
            terminal::print(format_args!("{}\t{outcome}", result.mid))?;
        }
        Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// List the notes on a member, newest first. `--add` or `--delete` changes them.
#[derive(Debug, clap::Args)]
pub(crate) struct NotesArgs {
    /// The member.
    mid: Mid,
    /// The text of a new note.
    #[arg(long, value_name = "TEXT", conflicts_with = "delete")]
    add: Option<String>,
    /// The number of the note to delete.
    #[arg(long, value_name = "ID")]
    delete: Option<u64>,
    #[command(flatten)]
    service: ServiceArgs,
}

pub(crate) fn notes(args: &NotesArgs) -> Result<ExitCode, Failure> {
    let (operator, mid) = (args.service.connect()?, args.mid);
    block_on(async {
        if let Some(text) = args.add.clone() {
            let id = operator.send(&AddNote { mid, text }).await?.id;
            terminal::print(format_args!("{id}"))?;
        } else if let Some(id) = args.delete {
            operator.send(&DeleteNote { mid, id }).await?;
        } else {
            for note in operator.send(&ListNotes { mid }).await?.list {
                let (time, by) = (day::format_time(note.time), sanitize::single_line(&note.by));
                terminal::print(format_args!(
                    "{}\t{time}\t{by}\t{}",
                    note.id,
                    sanitize::single_line(&note.text)
                ))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// List the coin entries of a member, newest first.
#[derive(Debug, clap::Args)]
pub(crate) struct CoinsArgs {
    /// The member.
    mid: Mid,
    #[command(flatten)]
    service: ServiceArgs,
}

pub(crate) fn coins(args: &CoinsArgs) -> Result<ExitCode, Failure> {
    let operator = args.service.connect()?;
    block_on(async {
        let mut request = ListMemberCoins { mid: args.mid, before: None, limit: Some(PAGE) };
        loop {
            let page = operator.send(&request).await?;
            for entry in page.list {
                let (time, delta) = (day::format_time(entry.time), serde_json::to_string(&entry.delta)?);
                terminal::print(format_args!("{time}\t{delta}\t{}", sanitize::single_line(&entry.reason)))?;
            }
            match page.next {
                Some(next) => request.before = Some(next),
                None => return Ok(ExitCode::SUCCESS),
            }
        }
    })
}
