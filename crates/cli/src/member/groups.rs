//! `guanxi groups`: own groups and their members.

use super::context::ClientContext;
use super::exit_code::Abort;
use super::sanitize;
use super::table::{Column, ColumnKind, Table};
use crate::{Failure, terminal};
use clap::Subcommand;
use guanxi_api::groups::assign_groups::AssignGroups;
use guanxi_api::groups::create_group::CreateGroup;
use guanxi_api::groups::delete_group::DeleteGroup;
use guanxi_api::groups::list_groups::{Group, ListGroups};
use guanxi_api::groups::list_member_groups::ListMemberGroups;
use guanxi_api::groups::rename_group::RenameGroup;
use guanxi_api::param::CommaSeparated;
use guanxi_api::relations::change_relations::{ChangeRelations, Refusal, RelationOp};
use guanxi_types::{Mid, RelationSource, Tagid};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a group.
    Create {
        /// The name, at most 16 characters.
        name: String,
    },
    /// Rename a group.
    Rename {
        /// The group, by name or tagid.
        group: String,
        /// The new name, at most 16 characters.
        name: String,
    },
    /// Delete a group. You still follow its members.
    Delete {
        /// The group, by name or tagid.
        group: String,
    },
    /// Assign members to exactly these groups.
    Set {
        /// Members that you follow, by mid, at most 50.
        #[arg(required = true, value_name = "MID")]
        mids: Vec<Mid>,
        /// A group, by name or tagid. Repeat it for several groups. 0 (默认分组) alone removes them from all groups.
        #[arg(long = "group", value_name = "GROUP", required = true, allow_negative_numbers = true)]
        groups: Vec<String>,
    },
    /// Put members into groups, beside those that they are in.
    Add(ChangeArgs),
    /// Take members out of groups.
    Remove(ChangeArgs),
    /// Put members into groups, and take them out of another or all others.
    Move {
        #[command(flatten)]
        change: ChangeArgs,
        /// The group that they leave, by name or tagid. All by default.
        #[arg(long, allow_negative_numbers = true)]
        from: Option<String>,
    },
    /// List the groups of a member.
    Of {
        /// The member.
        mid: Mid,
    },
}

#[derive(Debug, clap::Args)]
struct ChangeArgs {
    /// Members that you follow, by mid, at most 1,000.
    #[arg(required = true, value_name = "MID")]
    mids: Vec<Mid>,
    /// A group, by name or tagid. Repeat it for several groups.
    #[arg(long = "group", value_name = "GROUP", required = true, allow_negative_numbers = true)]
    groups: Vec<String>,
}

const COLUMNS: [Column; 2] = [("tagid", ColumnKind::Number), ("name", ColumnKind::Text)];

pub(crate) async fn run(context: &ClientContext, args: &Args) -> Result<(), Failure> {
    let Some(command) = &args.command else {
        let groups = context.send(&ListGroups {}).await?;
        return context.print_result(&groups, || {
            let [tagid, name] = COLUMNS;
            let mut table = Table::new([tagid, name, ("members", ColumnKind::Number)]);
            for Group { tagid, name, count } in &groups {
                table.push([tagid.to_string(), name.clone(), count.to_string()]);
            }
            table.take_lines()
        });
    };
    match command {
        Command::Create { name } => {
            let created = context.send(&CreateGroup { tag: name.clone() }).await?;
            let name = sanitize::single_line(name);
            context.print_result(&created, || vec![format!("created group {}: {name}", created.tagid)])
        }
        Command::Rename { group, name } => {
            let tagid = find_group(context, group).await?;
            context.send(&RenameGroup { tagid, name: name.clone() }).await?;
            let name = sanitize::single_line(name);
            context.print_result(&(), || vec![format!("renamed group {tagid}: {name}")])
        }
        Command::Delete { group } => {
            let tagid = find_group(context, group).await?;
            context.send(&DeleteGroup { tagid }).await?;
            context.print_result(&(), || vec![format!("deleted group {tagid}")])
        }
        Command::Set { mids, groups } => {
            let own_groups = context.send(&ListGroups {}).await?;
            let tagids: Result<Vec<Tagid>, Failure> =
                groups.iter().map(|group| resolve_group(&own_groups, group)).collect();
            let (fids, tagids) = (CommaSeparated(mids.clone()), CommaSeparated(tagids?));
            context.send(&AssignGroups { fids, tagids }).await?;
            let line = |mid: &Mid| format!("{mid} is in {}", groups.join(", "));
            context.print_result(&(), || mids.iter().map(line).collect())
        }
        Command::Add(args) => change(context, RelationOp::AddGroups, args, None).await,
        Command::Remove(args) => change(context, RelationOp::RemoveGroups, args, None).await,
        Command::Move { change: args, from } => {
            change(context, RelationOp::MoveGroups, args, from.as_deref()).await
        }
        Command::Of { mid } => {
            let groups = context.send(&ListMemberGroups { fid: *mid }).await?;
            context.print_result(&groups, || {
                let mut table = Table::new(COLUMNS);
                for (tagid, name) in &groups.0 {
                    table.push([tagid.to_string(), name.clone()]);
                }
                table.take_lines()
            })
        }
    }
}

/// Changes the groups of members. Fails if one of them is refused.
async fn change(
    context: &ClientContext,
    op: RelationOp,
    ChangeArgs { mids, groups }: &ChangeArgs,
    from: Option<&str>,
) -> Result<(), Failure> {
    let own_groups = context.send(&ListGroups {}).await?;
    let resolve = |group: &str| resolve_group(&own_groups, group);
    let tagids = groups.iter().map(|group| resolve(group)).collect::<Result<Vec<_>, Failure>>()?;
    let (mids, from) = (CommaSeparated(mids.clone()), from.map(resolve).transpose()?);
    let (groups, re_src) = (Some(CommaSeparated(tagids)), RelationSource::DEFAULT);
    let result = context.send(&ChangeRelations { mids, op, groups, from, re_src }).await?;
    context.print_result(&result, || vec![format!("changed the groups of {} members", result.done)])?;
    for Refusal { mid, code, message } in &result.refused {
        terminal::note(format_args!("guanxi: {mid}: {} ({code})", sanitize::single_line(message)));
    }
    if result.refused.is_empty() { Ok(()) } else { Err(Abort::SomeRejected.into()) }
}

/// Finds an own group by name or tagid.
pub(crate) async fn find_group(context: &ClientContext, group: &str) -> Result<Tagid, Failure> {
    resolve_group(&context.send(&ListGroups {}).await?, group)
}

/// Finds a group by name or tagid. A name has priority, since a group may be named 7.
fn resolve_group(groups: &[Group], name_or_tagid: &str) -> Result<Tagid, Failure> {
    let tagid = name_or_tagid.parse().ok().map(Tagid);
    let named = groups.iter().find(|group| group.name == name_or_tagid);
    let found = named.or_else(|| groups.iter().find(|group| Some(group.tagid) == tagid));
    Ok(found
        .map(|group| group.tagid)
        .ok_or_else(|| format!("no such group: {}", sanitize::single_line(name_or_tagid)))?)
}
