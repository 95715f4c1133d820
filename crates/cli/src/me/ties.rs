//! `guanxi follow`, `unfollow`, `whisper`, `unwhisper`, `block`, `unblock`, `kick`: what one does to ties.

use super::caller::{Caller, document, print};
use super::ending::{Stop, refusal};
use crate::{Failure, log};
use guanxi_api::api::relation::modify::{Act, Modify, Source};
use guanxi_client::Error;
use guanxi_types::{Code, Mid};
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
pub(crate) async fn act(me: &Caller, act: Act, whom: &Whom) -> Result<(), Failure> {
    let mut refused = false;
    for mid in &whom.mids {
        let request = Modify { fid: *mid, act, re_src: Source::USUAL };
        match me.client.send(&request).await {
            Ok(()) if me.json => print([document(&Told { mid: *mid, code: 0, message: "0" })?])?,
            Ok(()) => print([format!("{mid} {}", done(act))])?,
            Err(error) => {
                let Error::Refused { code, number, message, .. } = &error else { return Err(error.into()) };
                if *code == Some(Code::NotLoggedIn) {
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
fn done(act: Act) -> &'static str {
    match act {
        Act::Follow => "is followed",
        Act::Unfollow => "is not followed",
        Act::Whisper => "is whispered",
        Act::Unwhisper => "is not whispered",
        Act::Black => "is blocked",
        Act::Unblack => "is not blocked",
        Act::Kick => "does not follow you",
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
