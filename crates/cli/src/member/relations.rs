//! `guanxi follow`, `unfollow`, `whisper`, `unwhisper`, `block`, `unblock`, `kick`: changes of relations.

use super::context::{ClientContext, print_lines, to_json};
use super::exit_code::{Abort, describe_error};
use crate::{Failure, terminal};
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_client::Error;
use guanxi_types::{ErrorCode, Mid, RelationAction, RelationSource};
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub(crate) struct MidArgs {
    /// The members, by mid.
    #[arg(required = true, value_name = "MID")]
    mids: Vec<Mid>,
}

/// The result for one member, as JSON.
#[derive(Serialize)]
struct ResultLine<'a> {
    mid: Mid,
    code: i32,
    message: &'a str,
}

/// Applies an action to one member after the other. Continues after a rejection, and stops at any other error.
pub(crate) async fn change(
    context: &ClientContext,
    action: RelationAction,
    args: &MidArgs,
) -> Result<(), Failure> {
    let mut any_rejected = false;
    for mid in &args.mids {
        let request = ModifyRelation { fid: *mid, act: action, re_src: RelationSource::DEFAULT };
        match context.client.send(&request).await {
            Ok(()) if context.json => {
                print_lines([to_json(&ResultLine { mid: *mid, code: 0, message: "0" })?])?;
            }
            Ok(()) => print_lines([format!("{mid} {}", outcome(action))])?,
            Err(error) => {
                let Error::Rejected { code, number, message, .. } = &error else { return Err(error.into()) };
                if *code == Some(ErrorCode::NotLoggedIn) {
                    return Err(error.into());
                }
                any_rejected = true;
                terminal::note(format_args!("guanxi: {mid}: {}", describe_error(&error)));
                if context.json {
                    print_lines([to_json(&ResultLine { mid: *mid, code: *number, message })?])?;
                }
            }
        }
    }
    if any_rejected { Err(Abort::SomeRejected.into()) } else { Ok(()) }
}

/// Describes the state after an action.
fn outcome(action: RelationAction) -> &'static str {
    match action {
        RelationAction::Follow => "is followed",
        RelationAction::Unfollow => "is not followed",
        RelationAction::Whisper => "is whispered",
        RelationAction::Unwhisper => "is not whispered",
        RelationAction::Block => "is blocked",
        RelationAction::Unblock => "is not blocked",
        RelationAction::RemoveFollower => "does not follow you",
    }
}

/// Returns the name of a relation by its `attribute`, empty for no relation.
pub(crate) fn relation_name(attribute: u8) -> &'static str {
    match attribute {
        0 => "",
        1 => "whisper",
        2 => "follow",
        6 => "mutual",
        128 => "block",
        _ => "?",
    }
}
