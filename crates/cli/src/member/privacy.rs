//! `guanxi privacy`: who may see one's lists.

use super::account::key_values;
use super::context::ClientContext;
use super::lists::named;
use crate::Failure;
use guanxi_api::own_data::change_privacy::{Audience, ChangePrivacy};
use guanxi_api::own_data::get_privacy::GetPrivacy;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The members who may see whom you follow: everybody, mutuals or oneself.
    #[arg(long, value_parser = named::<Audience>)]
    followings: Option<Audience>,
    /// The members who may see your followers: everybody, mutuals or oneself.
    #[arg(long, value_parser = named::<Audience>)]
    followers: Option<Audience>,
}

/// Makes the changes of the arguments, then shows the audiences.
pub(crate) async fn run(context: &ClientContext, args: &Args) -> Result<(), Failure> {
    let &Args { followings, followers } = args;
    if followings.is_some() || followers.is_some() {
        context.send(&ChangePrivacy { followings, followers }).await?;
    }
    let privacy = context.send(&GetPrivacy {}).await?;
    context.print_result(&privacy, || {
        key_values(&[
            ("followings", privacy.followings.name().to_owned()),
            ("followers", privacy.followers.name().to_owned()),
        ])
    })
}
