//! `guanxi groups`: one's groups, and who is in which.

use super::caller::Caller;
use super::harmless;
use super::table::{Column, Kind, Table};
use crate::Failure;
use clap::Subcommand;
use guanxi_api::api::relation::tag::create::TagCreate;
use guanxi_api::api::relation::tag::del::TagDel;
use guanxi_api::api::relation::tag::update::TagUpdate;
use guanxi_api::api::relation::tag::user::TagUser;
use guanxi_api::api::relation::tags::add_users::AddUsers;
use guanxi_api::api::relation::tags::{Group, Tags};
use guanxi_api::param::Joined;
use guanxi_types::{Mid, Tagid};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a group.
    Create {
        /// Its name, at most 16 characters.
        name: String,
    },
    /// Give a group another name.
    Rename {
        /// The group, by name or tagid.
        group: String,
        /// Its new name, at most 16 characters.
        name: String,
    },
    /// Delete a group; who is in it stays followed.
    Delete {
        /// The group, by name or tagid.
        group: String,
    },
    /// Say in which groups members are, in these and no others.
    Set {
        /// Members you follow, by mid: 50 at most.
        #[arg(required = true, value_name = "MID")]
        mids: Vec<Mid>,
        /// A group, by name or tagid; say it again for more. 0, 默认分组, alone for none.
        #[arg(long = "group", value_name = "GROUP", required = true, allow_negative_numbers = true)]
        groups: Vec<String>,
    },
    /// List the groups you keep a member in.
    Of {
        /// The member.
        mid: Mid,
    },
}

const COLUMNS: [Column; 2] = [("tagid", Kind::Number), ("name", Kind::Text)];

pub(crate) async fn run(me: &Caller, args: &Args) -> Result<(), Failure> {
    let Some(command) = &args.command else {
        let groups = me.ask(&Tags {}).await?;
        return me.tell(&groups, || {
            let [tagid, name] = COLUMNS;
            let mut table = Table::new([tagid, name, ("members", Kind::Number)]);
            for Group { tagid, name, count } in &groups {
                table.push([tagid.to_string(), name.clone(), count.to_string()]);
            }
            table.lines()
        });
    };
    match command {
        Command::Create { name } => {
            let made = me.ask(&TagCreate { tag: name.clone() }).await?;
            me.tell(&made, || vec![format!("{} is group {}", harmless::line(name), made.tagid)])
        }
        Command::Rename { group, name } => {
            let tagid = find(me, group).await?;
            me.ask(&TagUpdate { tagid, name: name.clone() }).await?;
            me.tell(&(), || vec![format!("group {tagid} is {}", harmless::line(name))])
        }
        Command::Delete { group } => {
            let tagid = find(me, group).await?;
            me.ask(&TagDel { tagid }).await?;
            me.tell(&(), || vec![format!("group {tagid} is deleted")])
        }
        Command::Set { mids, groups } => {
            let known = me.ask(&Tags {}).await?;
            let tagids: Vec<Tagid> =
                groups.iter().map(|group| one_of(&known, group)).collect::<Result<_, Failure>>()?;
            me.ask(&AddUsers { fids: Joined(mids.clone()), tagids: Joined(tagids) }).await?;
            me.tell(&(), || mids.iter().map(|mid| format!("{mid} is in {}", groups.join(", "))).collect())
        }
        Command::Of { mid } => {
            let groups = me.ask(&TagUser { fid: *mid }).await?;
            me.tell(&groups, || {
                let mut table = Table::new(COLUMNS);
                for (tagid, name) in &groups.0 {
                    table.push([tagid.to_string(), name.clone()]);
                }
                table.lines()
            })
        }
    }
}

/// One of one's groups, by name or by tagid.
pub(crate) async fn find(me: &Caller, group: &str) -> Result<Tagid, Failure> {
    one_of(&me.ask(&Tags {}).await?, group)
}

/// A name wins over a tagid, as a group may be called 7.
fn one_of(groups: &[Group], wanted: &str) -> Result<Tagid, Failure> {
    let tagid = wanted.parse().ok().map(Tagid);
    let named = groups.iter().find(|group| group.name == wanted);
    let found = named.or_else(|| groups.iter().find(|group| Some(group.tagid) == tagid));
    Ok(found
        .map(|group| group.tagid)
        .ok_or_else(|| format!("you have no group {}", harmless::line(wanted)))?)
}
