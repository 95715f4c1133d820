//! `guanxi remark`: the private remark on a member.

use super::context::ClientContext;
use super::sanitize;
use crate::Failure;
use guanxi_api::relations::get_remark::GetRemark;
use guanxi_api::relations::set_remark::SetRemark;
use guanxi_types::{Mid, Secret};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The member.
    mid: Mid,
    /// The new remark, at most 20 characters. Nobody else sees it. An empty one deletes it.
    text: Option<String>,
}

pub(crate) async fn run(context: &ClientContext, args: &Args) -> Result<(), Failure> {
    let Args { mid, text } = args;
    let Some(text) = text else {
        let found = context.send(&GetRemark { mid: *mid }).await?;
        return context.print_result(&found, || vec![sanitize::single_line(&found.remark)]);
    };
    context.send(&SetRemark { mid: *mid, remark: Some(Secret(text.clone())) }).await?;
    let done = if text.is_empty() { "has no remark" } else { "has your remark" };
    context.print_result(&(), || vec![format!("{mid} {done}")])
}
