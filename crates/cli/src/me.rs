//! Members' commands: what one asks of a guanxi as oneself.
//!
//! | module | holds |
//! |---|---|
//! | `caller` | who asks: the guanxi that is meant, the login there, how answers are told |
//! | `kept` | the logins that are kept between two commands |
//! | `ending` | what is told of a failure, and the exit codes |
//! | `table`, `harmless` | what people see, and that others' texts do nothing but be shown |
//! | `login`, `qr` | log in, sign up, log out; QR codes, drawn and confirmed |
//! | `account`, `sessions` | oneself: who, coins, logins, rewards, sign; where one is logged in |
//! | `show`, `ties`, `lists`, `groups` | others: a card, what one does to ties, lists of them, groups |

mod account;
mod caller;
mod ending;
mod groups;
mod harmless;
mod kept;
mod lists;
mod login;
mod prompt;
mod qr;
mod sessions;
mod show;
mod table;
mod ties;

pub(crate) use ending::CODES;

use crate::{Failure, block_on};
use caller::{At, Caller};
use clap::Subcommand;
use guanxi_api::api::relation::modify::RelationAction;
use kept::Kept;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Log in to a guanxi, by password or by QR code.
    Login(With<login::Args>),
    /// Become a member, and log in.
    Signup(With<login::SignUpArgs>),
    /// End the session here, and forget it.
    Logout(At),
    /// Say yes to a QR code that somebody wants to log in with as you.
    Confirm(With<qr::Args>),
    /// Tell who you are.
    Whoami(At),
    /// Show a member: card, counts, and what is between you.
    Show(With<show::Args>),
    /// Follow members.
    Follow(With<ties::Whom>),
    /// No longer follow members.
    Unfollow(With<ties::Whom>),
    /// Follow members without anybody seeing it.
    Whisper(With<ties::Whom>),
    /// No longer whisper members.
    Unwhisper(With<ties::Whom>),
    /// Block members.
    Block(With<ties::Whom>),
    /// No longer block members.
    Unblock(With<ties::Whom>),
    /// Have members follow you no longer.
    Kick(With<ties::Whom>),
    /// List who follows a member.
    Followers(With<lists::Followers>),
    /// List whom a member follows.
    Followings(With<lists::Followings>),
    /// List whom you follow without anybody seeing it.
    Whispers(With<lists::Hidden>),
    /// List whom you have blocked.
    Blacks(With<lists::Hidden>),
    /// List your groups; make, rename and delete them, and say who is in which.
    Groups(With<groups::Args>),
    /// List the last week of your coins.
    Coins(At),
    /// List the last week of your logins.
    Logins(At),
    /// Tell what today has brought.
    Rewards(At),
    /// Tell your sign, or submit another.
    Sign(With<account::SignArgs>),
    /// List where you are logged in, or end one of these sessions.
    Sessions(With<sessions::Args>),
}

/// What a command is told, and whom it asks.
#[derive(Debug, clap::Args)]
pub(crate) struct With<A: clap::Args> {
    #[command(flatten)]
    of: A,
    #[command(flatten)]
    at: At,
}

/// Runs a command to its end.
pub(crate) fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Login(With { of, at }) => at.run(async |me| login::log_in(me, of).await),
        Command::Signup(With { of, at }) => at.run(async |me| login::sign_up(me, of).await),
        Command::Logout(at) => at.run(login::log_out),
        Command::Confirm(With { of, at }) => at.run(async |me| qr::confirm(&me, &of).await),
        Command::Whoami(at) => at.run(async |me| account::whoami(&me).await),
        Command::Show(With { of, at }) => at.run(async |me| show::show(&me, &of).await),
        Command::Follow(with) => with.act(RelationAction::Follow),
        Command::Unfollow(with) => with.act(RelationAction::Unfollow),
        Command::Whisper(with) => with.act(RelationAction::Whisper),
        Command::Unwhisper(with) => with.act(RelationAction::Unwhisper),
        Command::Block(with) => with.act(RelationAction::Black),
        Command::Unblock(with) => with.act(RelationAction::Unblack),
        Command::Kick(with) => with.act(RelationAction::Kick),
        Command::Followers(With { of, at }) => at.run(async |me| lists::followers(&me, &of).await),
        Command::Followings(With { of, at }) => at.run(async |me| lists::followings(&me, &of).await),
        Command::Whispers(With { of, at }) => at.run(async |me| lists::whispers(&me, &of).await),
        Command::Blacks(With { of, at }) => at.run(async |me| lists::blacks(&me, &of).await),
        Command::Groups(With { of, at }) => at.run(async |me| groups::run(&me, &of).await),
        Command::Coins(at) => at.run(async |me| account::coins(&me).await),
        Command::Logins(at) => at.run(async |me| account::logins(&me).await),
        Command::Rewards(at) => at.run(async |me| account::rewards(&me).await),
        Command::Sign(With { of, at }) => at.run(async |me| account::sign(&me, of).await),
        Command::Sessions(With { of, at }) => at.run(async |me| sessions::run(&me, &of).await),
    }
}

impl With<ties::Whom> {
    fn act(self, act: RelationAction) -> Result<ExitCode, Failure> {
        self.at.run(async |me| ties::act(&me, act, &self.of).await)
    }
}

impl At {
    /// Has somebody ask, and tells how it ended.
    fn run(&self, ask: impl AsyncFnOnce(Caller) -> Result<(), Failure>) -> Result<ExitCode, Failure> {
        let kept = Kept::read()?;
        let address = self.address(&kept);
        let done = self.caller(kept).and_then(|caller| block_on(ask(caller)));
        Ok(done.map_or_else(|failure| ending::of(&failure, &address), |()| ExitCode::SUCCESS))
    }
}
