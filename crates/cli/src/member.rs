//! Member commands: a client of any guanxi service.
//!
//! | module | contents |
//! |---|---|
//! | `context` | the addressed service, its login, and the output format |
//! | `credentials` | logins stored between commands |
//! | `exit_code` | error messages and exit codes |
//! | `table`, `sanitize` | terminal tables, and neutralizing control characters in texts of others |
//! | `login`, `qr`, `prompt` | log in, sign up, log out; QR codes; questions at the terminal |
//! | `account`, `profile`, `privacy`, `data`, `leave`, `sessions` | own account: news, coins, exp, logins, rewards, bio, profile, lists, own data, deletion, sessions |
//! | `show`, `relations`, `remark`, `lists`, `groups` | other members: cards, relations, remarks, lists, groups |

mod account;
mod context;
mod credentials;
mod data;
mod exit_code;
mod groups;
mod leave;
mod lists;
mod login;
mod privacy;
mod profile;
mod prompt;
mod qr;
mod relations;
mod remark;
pub(crate) mod sanitize;
mod sessions;
mod show;
pub(crate) mod table;

pub(crate) use exit_code::EXIT_CODES;

use crate::{Failure, block_on};
use clap::Subcommand;
use context::{ClientContext, TargetArgs};
use credentials::CredentialStore;
use guanxi_types::RelationAction;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Log in to a service, by password or QR code.
    Login(WithTarget<login::Args>),
    /// Create an account and log in.
    Signup(WithTarget<login::SignUpArgs>),
    /// End the session and delete its stored login.
    Logout(TargetArgs),
    /// Confirm the QR code of a login as you on another device.
    Confirm(WithTarget<qr::Args>),
    /// Show your account.
    Whoami(TargetArgs),
    /// Show a member: card, counters and the relations between you.
    Show(WithTarget<show::Args>),
    /// Follow members.
    Follow(WithTarget<relations::MidArgs>),
    /// Unfollow members.
    Unfollow(WithTarget<relations::MidArgs>),
    /// Follow members privately.
    Whisper(WithTarget<relations::MidArgs>),
    /// End private follows.
    Unwhisper(WithTarget<relations::MidArgs>),
    /// Block members.
    Block(WithTarget<relations::MidArgs>),
    /// Unblock members.
    Unblock(WithTarget<relations::MidArgs>),
    /// Remove followers.
    Kick(WithTarget<relations::MidArgs>),
    /// Find members by a part of their name, by pinyin or by mid.
    Find(WithTarget<lists::FindArgs>),
    /// List the followers of a member.
    Followers(WithTarget<lists::FollowersArgs>),
    /// List the members that a member follows.
    Followings(WithTarget<lists::FollowingsArgs>),
    /// List the members that you follow privately.
    Whispers(WithTarget<lists::PrivateListArgs>),
    /// List the members that you block.
    Blacks(WithTarget<lists::PrivateListArgs>),
    /// List members of one of your lists, searched, filtered and sorted, with your remarks.
    Relations(WithTarget<lists::RelationsArgs>),
    /// Show your private remark on a member, or set it.
    Remark(WithTarget<remark::Args>),
    /// List, create, rename and delete your groups, and assign members to them.
    Groups(WithTarget<groups::Args>),
    /// List your unread news: followers, reviews, logins, levels, coins.
    News(WithTarget<account::NewsArgs>),
    /// List your coin log of the last week, or of a month.
    Coins(WithTarget<account::MonthArgs>),
    /// List your exp by day of a month.
    Exp(WithTarget<account::MonthArgs>),
    /// List your logins of the last week.
    Logins(TargetArgs),
    /// Show your daily rewards.
    Rewards(TargetArgs),
    /// Show your sign, or submit a new one.
    Sign(WithTarget<account::BioArgs>),
    /// Show your name, sex, birthday and picture, or change them.
    Profile(WithTarget<profile::Args>),
    /// Show who may see your lists, or change it.
    Privacy(WithTarget<privacy::Args>),
    /// Show the archive of your data, request it, or import relations.
    Data(WithTarget<data::Args>),
    /// Delete your account after some days, or cancel the deletion.
    Leave(WithTarget<leave::Args>),
    /// List your sessions, or revoke one.
    Sessions(WithTarget<sessions::Args>),
}

/// The arguments of a command and of its target service.
#[derive(Debug, clap::Args)]
pub(crate) struct WithTarget<A: clap::Args> {
    #[command(flatten)]
    args: A,
    #[command(flatten)]
    target: TargetArgs,
}

/// Runs a member command.
pub(crate) fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Login(WithTarget { args, target }) => {
            target.run(async |context| login::log_in(context, args).await)
        }
        Command::Signup(WithTarget { args, target }) => {
            target.run(async |context| login::sign_up(context, args).await)
        }
        Command::Logout(target) => target.run(login::log_out),
        Command::Confirm(WithTarget { args, target }) => {
            target.run(async |context| qr::confirm(&context, &args).await)
        }
        Command::Whoami(target) => target.run(async |context| account::whoami(&context).await),
        Command::Show(WithTarget { args, target }) => {
            target.run(async |context| show::show(&context, &args).await)
        }
        Command::Follow(with) => with.change_relations(RelationAction::Follow),
        Command::Unfollow(with) => with.change_relations(RelationAction::Unfollow),
        Command::Whisper(with) => with.change_relations(RelationAction::Whisper),
        Command::Unwhisper(with) => with.change_relations(RelationAction::Unwhisper),
        Command::Block(with) => with.change_relations(RelationAction::Block),
        Command::Unblock(with) => with.change_relations(RelationAction::Unblock),
        Command::Kick(with) => with.change_relations(RelationAction::RemoveFollower),
        Command::Find(WithTarget { args, target }) => {
            target.run(async |context| lists::find(&context, args).await)
        }
        Command::Followers(WithTarget { args, target }) => {
            target.run(async |context| lists::followers(&context, &args).await)
        }
        Command::Relations(WithTarget { args, target }) => {
            target.run(async |context| lists::relations(&context, &args).await)
        }
        Command::Remark(WithTarget { args, target }) => {
            target.run(async |context| remark::run(&context, &args).await)
        }
        Command::Followings(WithTarget { args, target }) => {
            target.run(async |context| lists::followings(&context, &args).await)
        }
        Command::Whispers(WithTarget { args, target }) => {
            target.run(async |context| lists::whispers(&context, &args).await)
        }
        Command::Blacks(WithTarget { args, target }) => {
            target.run(async |context| lists::blacks(&context, &args).await)
        }
        Command::Groups(WithTarget { args, target }) => {
            target.run(async |context| groups::run(&context, &args).await)
        }
        Command::News(WithTarget { args, target }) => {
            target.run(async |context| account::news(&context, &args).await)
        }
        Command::Coins(WithTarget { args, target }) => {
            target.run(async |context| account::coins(&context, &args).await)
        }
        Command::Exp(WithTarget { args, target }) => {
            target.run(async |context| account::exp(&context, &args).await)
        }
        Command::Logins(target) => target.run(async |context| account::logins(&context).await),
        Command::Rewards(target) => target.run(async |context| account::rewards(&context).await),
        Command::Sign(WithTarget { args, target }) => {
            target.run(async |context| account::sign(&context, args).await)
        }
        Command::Profile(WithTarget { args, target }) => {
            target.run(async |context| profile::run(&context, args).await)
        }
        Command::Privacy(WithTarget { args, target }) => {
            target.run(async |context| privacy::run(&context, &args).await)
        }
        Command::Data(WithTarget { args, target }) => {
            target.run(async |context| data::run(&context, &args).await)
        }
        Command::Leave(WithTarget { args, target }) => {
            target.run(async |context| leave::run(context, args).await)
        }
        Command::Sessions(WithTarget { args, target }) => {
            target.run(async |context| sessions::run(&context, &args).await)
        }
    }
}

impl WithTarget<relations::MidArgs> {
    fn change_relations(self, action: RelationAction) -> Result<ExitCode, Failure> {
        self.target.run(async |context| relations::change(&context, action, &self.args).await)
    }
}

impl TargetArgs {
    /// Runs a command with the context of the target service. Reports an error as message and exit code.
    fn run(
        &self,
        command: impl AsyncFnOnce(ClientContext) -> Result<(), Failure>,
    ) -> Result<ExitCode, Failure> {
        let credentials = CredentialStore::read()?;
        let address = self.address(&credentials);
        let result = self.connect(credentials).and_then(|context| block_on(command(context)));
        Ok(result.map_or_else(|failure| exit_code::report(&failure, &address), |()| ExitCode::SUCCESS))
    }
}
