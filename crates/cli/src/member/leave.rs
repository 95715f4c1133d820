//! `guanxi leave`: the deletion of one's own account.

use super::context::ClientContext;
use super::login::read_password;
use crate::Failure;
use guanxi_api::own_data::get_departure::GetDeparture;
use guanxi_api::own_data::leave::{Departure, Leave};
use guanxi_api::own_data::stay::Stay;
use guanxi_domain::day;
use guanxi_types::{Mid, Secret};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Your mid. Ends all your sessions, and schedules the deletion of your account. Prompts for the password, or reads
    /// it from the first line of standard input if that is no terminal. Without a mid, shows if the deletion is
    /// scheduled.
    mid: Option<Mid>,
    /// Cancel the deletion.
    #[arg(long, conflicts_with = "mid")]
    cancel: bool,
}

pub(crate) async fn run(mut context: ClientContext, args: Args) -> Result<(), Failure> {
    if args.cancel {
        context.send(&Stay {}).await?;
        return context.print_result(&(), || vec!["the account stays".to_owned()]);
    }
    let departure = match args.mid {
        None => context.send(&GetDeparture {}).await?,
        Some(mid) => {
            let password = Secret(read_password(&["Password: "])?);
            let departure = context.send(&Leave { mid, password: Some(password) }).await?;
            context.credentials.forget(&context.address)?;
            departure
        }
    };
    context.print_result(&departure, || vec![text(departure)])
}

fn text(Departure { due }: Departure) -> String {
    match due {
        0 => "the account stays".to_owned(),
        due => {
            format!("the account is deleted from {} on, unless you log in and cancel", day::format_time(due))
        }
    }
}
