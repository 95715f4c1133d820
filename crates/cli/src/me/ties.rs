//! `guanxi follow`, `unfollow`, `whisper`, `unwhisper`, `block`, `unblock`, `kick`: what one does to ties.

use super::caller::{Caller, document, print};
use super::ending::{Stop, refusal};
use crate::{Failure, log};
use guanxi_api::api::relation::modify::{Modify, RelationAction, Source};
use guanxi_client::Error;
use guanxi_types::{ErrorCode, Mid};
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub(crate) struct Whom {
    /// The members, by mid.
    #[arg(required = true, value_name = "MID")]
    mids: Vec<Mid>,
}

/// What became of one of them, as JSON.
#[derive(Serialize)]
struct Told<'a> {
    mid: Mid,
    code: i32,
    message: &'a str,
}

/// Does the same to one after the other. Who refuses one may take the next; where nobody answers, nobody is asked any more.
pub(crate) async fn act(me: &Caller, act: RelationAction, whom: &Whom) -> Result<(), Failure> {
    let mut refused = false;
    for mid in &whom.mids {
        let request = Modify { fid: *mid, act, re_src: Source::USUAL };
        match me.client.send(&request).await {
            Ok(()) if me.json => print([document(&Told { mid: *mid, code: 0, message: "0" })?])?,
            Ok(()) => print([format!("{mid} {}", done(act))])?,
            Err(error) => {
                let Error::Refused { code, number, message, .. } = &error else { return Err(error.into()) };
                if *code == Some(ErrorCode::NotLoggedIn) {
                    return Err(error.into());
                }
                refused = true;
                log::tell(format_args!("guanxi: {mid}: {}", refusal(&error)));
                if me.json {
                    print([document(&Told { mid: *mid, code: *number, message })?])?;
                }
            }
        }
    }
    if refused { Err(Stop::SomeWereRefused.into()) } else { Ok(()) }
}

/// What is so now.
fn done(act: RelationAction) -> &'static str {
    match act {
        RelationAction::Follow => "is followed",
        RelationAction::Unfollow => "is not followed",
        RelationAction::Whisper => "is whispered",
        RelationAction::Unwhisper => "is not whispered",
        RelationAction::Black => "is blocked",
        RelationAction::Unblack => "is not blocked",
        RelationAction::Kick => "does not follow you",
    }
}

/// A tie in a word, by its `attribute`; nothing for none.
pub(crate) fn word(attribute: u8) -> &'static str {
    match attribute {
        0 => "",
        1 => "whisper",
        2 => "follow",
        6 => "mutual",
        128 => "black",
        _ => "?",
    }
}
