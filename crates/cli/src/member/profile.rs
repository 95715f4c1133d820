//! `guanxi profile`: the own name, sex, birthday and picture.

use super::account::key_values;
use super::context::ClientContext;
use crate::Failure;
use bytes::Bytes;
use clap::ValueEnum;
use guanxi_api::account::change_birthday::ChangeBirthday;
use guanxi_api::account::change_name::ChangeName;
use guanxi_api::account::change_sex::ChangeSex;
use guanxi_api::account::delete_picture::DeletePicture;
use guanxi_api::account::get_account::GetAccount;
use guanxi_api::account::get_name::GetName;
use guanxi_api::account::upload_picture::UploadPicture;
use guanxi_api::param::{Day, File, Sex};
use guanxi_api::profile::get_space::GetSpace;
use guanxi_domain::day;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The new name, 1 to 16 characters. A review may precede its publication. The current name withdraws a pending
    /// one.
    #[arg(long)]
    name: Option<String>,
    /// The new sex.
    #[arg(long, value_enum)]
    sex: Option<SexArg>,
    /// The new birthday, such as 2000-01-31. An empty text removes it. Others see month and day.
    #[arg(long, value_name = "DAY")]
    birthday: Option<String>,
    /// The file of a new picture: PNG, JPEG or WebP.
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
    /// Remove the picture.
    #[arg(long, conflicts_with = "picture")]
    remove_picture: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SexArg {
    /// 男.
    Man,
    /// 女.
    Woman,
    /// 保密.
    Secret,
}

/// Makes the changes of the arguments in their order, then shows the profile.
pub(crate) async fn run(context: &ClientContext, args: Args) -> Result<(), Failure> {
    if let Some(uname) = args.name {
        context.send(&ChangeName { uname }).await?;
    }
    if let Some(sex) = args.sex {
        let sex = match sex {
            SexArg::Man => Sex::Man,
            SexArg::Woman => Sex::Woman,
            SexArg::Secret => Sex::Secret,
        };
        context.send(&ChangeSex { sex }).await?;
    }
    if let Some(birthday) = args.birthday {
        context.send(&ChangeBirthday { birthday: (!birthday.is_empty()).then_some(Day(birthday)) }).await?;
    }
    if let Some(path) = args.picture {
        let file = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        context.send(&UploadPicture { picture: File(Bytes::from(file)) }).await?;
    }
    if args.remove_picture {
        context.send(&DeletePicture {}).await?;
    }
    show(context).await
}

async fn show(context: &ClientContext) -> Result<(), Failure> {
    let account = context.send(&GetAccount {}).await?;
    let name = context.send(&GetName {}).await?;
    let picture = context.send(&GetSpace { mid: account.mid }).await?.face;
    let data = json!({"name": name, "sex": account.sex, "birthday": account.birthday, "face": picture});
    let rejected = name.ended.as_ref().filter(|review| !review.approved);
    context.print_result(&data, || {
        key_values(&[
            ("name", name.uname.clone()),
            ("in review", name.waits.as_ref().map(|pending| pending.uname.clone()).unwrap_or_default()),
            ("rejected", rejected.map(|review| review.uname.clone()).unwrap_or_default()),
            ("reason", rejected.map(|review| review.remark.clone()).unwrap_or_default()),
            (
                "next change",
                if name.changeable > 0 { day::format_time(name.changeable) } else { String::new() },
            ),
            ("sex", account.sex.clone()),
            ("birthday", account.birthday.clone()),
            ("picture", picture.clone()),
        ])
    })
}
