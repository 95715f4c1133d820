//! `guanxi whoami`, `coins`, `logins`, `rewards`, `sign`: the own account.

use super::context::{ClientContext, to_json};
use super::sanitize;
use super::table::{ColumnKind, Table};
use crate::Failure;
use guanxi_api::account::get_account::GetAccount;
use guanxi_api::account::get_bio::{self, GetBio};
use guanxi_api::account::get_coin_log::GetCoinLog;
use guanxi_api::account::get_daily_rewards::GetDailyRewards;
use guanxi_api::account::submit_bio::SubmitBio;
use guanxi_api::login::list_logins::ListLogins;
use guanxi_domain::day;
use guanxi_domain::value::MAX_TIP_EXP;
use guanxi_types::Coins;

#[derive(Debug, clap::Args)]
pub(crate) struct BioArgs {
    /// The new sign, at most 70 characters. An empty text deletes it. A review may precede its publication.
    text: Option<String>,
}

pub(crate) async fn whoami(context: &ClientContext) -> Result<(), Failure> {
    let account = context.send(&GetAccount {}).await?;
    context.print_result(&account, || {
        key_values(&[
            ("at", context.address.clone()),
            ("mid", account.mid.to_string()),
            ("name", account.uname.clone()),
            ("user name", account.userid.clone()),
            ("sign", account.sign.clone()),
            ("birthday", account.birthday.clone()),
            ("sex", account.sex.clone()),
            ("rank", account.rank.clone()),
        ])
    })
}

pub(crate) async fn coins(context: &ClientContext) -> Result<(), Failure> {
    let log = context.send(&GetCoinLog {}).await?;
    context.print_result(&log, || {
        let mut table = Table::new([
            ("time", ColumnKind::Word),
            ("coins", ColumnKind::Number),
            ("reason", ColumnKind::Text),
        ]);
        for entry in &log.list {
            table.push([entry.time.clone(), with_sign(entry.delta), entry.reason.clone()]);
        }
        table.take_lines()
    })
}

pub(crate) async fn logins(context: &ClientContext) -> Result<(), Failure> {
    let logins = context.send(&ListLogins {}).await?;
    context.print_result(&logins, || {
        let columns = [
            ("time", ColumnKind::Word),
            ("method", ColumnKind::Word),
            ("success", ColumnKind::Word),
            ("new", ColumnKind::Word),
            ("device", ColumnKind::Text),
            ("place", ColumnKind::Text),
            ("address", ColumnKind::Word),
        ];
        let mut table = Table::new(columns);
        for entry in &logins.list {
            let new = match (entry.new_device, entry.new_place) {
                (true, true) => "device, place",
                (true, false) => "device",
                (false, true) => "place",
                (false, false) => "",
            };
            let method = login_method_name(Some(entry.r#type));
            let cells = [&day::format_time(entry.time), method, yes_no(entry.status), new].map(str::to_owned);
            let [time, method, status, new] = cells;
            table.push([
                time,
                method,
                status,
                new,
                entry.device.clone(),
                entry.place.clone(),
                entry.ip.clone(),
            ]);
        }
        table.take_lines()
    })
}

fn yes_no(is_true: bool) -> &'static str {
    if is_true { "yes" } else { "no" }
}

pub(crate) async fn rewards(context: &ClientContext) -> Result<(), Failure> {
    let rewards = context.send(&GetDailyRewards {}).await?;
    context.print_result(&rewards, || {
        key_values(&[
            ("logged in today", yes_no(rewards.login).to_owned()),
            ("watched today", yes_no(rewards.watch).to_owned()),
            ("shared today", yes_no(rewards.share).to_owned()),
            ("exp for today's coins", format!("{} of {MAX_TIP_EXP}", rewards.coins)),
            ("mail address", yes_no(rewards.email).to_owned()),
            ("phone", yes_no(rewards.tel).to_owned()),
            ("security question", yes_no(rewards.safe_question).to_owned()),
            ("real name", yes_no(rewards.identify_card).to_owned()),
        ])
    })
}

pub(crate) async fn sign(context: &ClientContext, args: BioArgs) -> Result<(), Failure> {
    let Some(text) = args.text else {
        let bio = context.send(&GetBio {}).await?;
        return context.print_result(&bio, || bio_status(&bio));
    };
    let is_cleared = text.is_empty();
    context.send(&SubmitBio { user_sign: Some(text) }).await?;
    let status = if is_cleared { "deleted" } else { "submitted: visible after its review" };
    context.print_result(&(), || vec![status.to_owned()])
}

/// Formats the sign, the submitted one and the latest review.
fn bio_status(bio: &get_bio::Data) -> Vec<String> {
    let rejected = bio.ended.as_ref().filter(|review| !review.approved);
    key_values(&[
        ("sign", bio.sign.clone()),
        ("in review", bio.waits.as_ref().map(|pending| pending.sign.clone()).unwrap_or_default()),
        ("rejected", rejected.map(|review| review.sign.clone()).unwrap_or_default()),
        ("reason", rejected.map(|review| review.remark.clone()).unwrap_or_default()),
    ])
}

/// Returns the name of a login method, empty if it is unknown.
pub(crate) fn login_method_name(number: Option<u8>) -> &'static str {
    match number {
        Some(0) => "password",
        Some(1) => "QR code",
        _ => "",
    }
}

/// Formats names and values as aligned lines. Omits empty values.
pub(crate) fn key_values(pairs: &[(&'static str, String)]) -> Vec<String> {
    let shown = pairs.iter().filter(|(_, value)| !value.is_empty());
    let width = shown.clone().map(|(name, _)| name.len()).max().unwrap_or_default();
    shown.map(|(name, value)| format!("{name:<width$}  {}", sanitize::single_line(value))).collect()
}

/// Formats an amount like JSON, with a sign.
fn with_sign(coins: Coins) -> String {
    let amount = to_json(&coins).unwrap_or_default();
    if amount.starts_with('-') { amount } else { format!("+{amount}") }
}
