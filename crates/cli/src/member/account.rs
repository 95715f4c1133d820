//! `guanxi whoami`, `news`, `coins`, `exp`, `logins`, `rewards`, `sign`: the own account.

use super::context::{ClientContext, to_json};
use super::sanitize;
use super::table::{ColumnKind, Table};
use crate::Failure;
use guanxi_api::account::get_account::GetAccount;
use guanxi_api::account::get_bio::{self, GetBio};
use guanxi_api::account::get_coin_log::GetCoinLog;
use guanxi_api::account::get_daily_rewards::GetDailyRewards;
use guanxi_api::account::list_coins::ListCoins;
use guanxi_api::account::list_exp_days::ListExpDays;
use guanxi_api::account::list_news::{ListNews, NewsItem, NewsKind};
use guanxi_api::account::mark_news_seen::MarkNewsSeen;
use guanxi_api::account::submit_bio::SubmitBio;
use guanxi_api::login::list_logins::ListLogins;
use guanxi_api::param::Flag;
use guanxi_domain::day;
use guanxi_domain::news::MAX_COUNTED;
use guanxi_domain::value::MAX_TIP_EXP;
use guanxi_types::{Coins, Month, PageSize};

#[derive(Debug, clap::Args)]
pub(crate) struct BioArgs {
    /// The new sign, at most 70 characters. An empty text deletes it. A review may precede its publication.
    text: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct NewsArgs {
    /// List the read news too.
    #[arg(long)]
    all: bool,
    /// Mark all news as read afterwards.
    #[arg(long)]
    read: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MonthArgs {
    /// A month, such as 2026-01. By default the last week for coins, and the current month for exp.
    #[arg(long, value_parser = parse_month)]
    month: Option<Month>,
}

fn parse_month(text: &str) -> Result<Month, String> {
    text.parse().map_err(|error| format!("{error}"))
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

pub(crate) async fn coins(context: &ClientContext, args: &MonthArgs) -> Result<(), Failure> {
    if args.month.is_some() {
        let mut entries = Vec::new();
        let mut request = ListCoins { month: args.month, before: None, ps: PageSize::MAX };
        loop {
            let page = context.send(&request).await?;
            entries.extend(page.list);
            match page.next {
                Some(before) => request.before = Some(before),
                None => break,
            }
        }
        return context.print_result(&entries, || {
            coin_table(entries.iter().map(|entry| (&entry.time, entry.delta, &entry.reason)))
        });
    }
    let log = context.send(&GetCoinLog {}).await?;
    context.print_result(&log, || {
        coin_table(log.list.iter().map(|entry| (&entry.time, entry.delta, &entry.reason)))
    })
}

fn coin_table<'e>(entries: impl Iterator<Item = (&'e String, Coins, &'e String)>) -> Vec<String> {
    let mut table =
        Table::new([("time", ColumnKind::Word), ("coins", ColumnKind::Number), ("reason", ColumnKind::Text)]);
    for (time, delta, reason) in entries {
        table.push([time.clone(), with_sign(delta), reason.clone()]);
    }
    table.take_lines()
}

pub(crate) async fn exp(context: &ClientContext, args: &MonthArgs) -> Result<(), Failure> {
    let log = context.send(&ListExpDays { month: args.month }).await?;
    context.print_result(&log, || {
        let columns = [
            ("day", ColumnKind::Word),
            ("login", ColumnKind::Number),
            ("watch", ColumnKind::Number),
            ("coins", ColumnKind::Number),
            ("share", ColumnKind::Number),
            ("other", ColumnKind::Number),
            ("total", ColumnKind::Number),
        ];
        let mut table = Table::new(columns);
        for day in &log.list {
            let [login, watch, coins, share] =
                [day.login, day.watch, day.coins, day.share].map(|exp| exp.to_string());
            let [other, total] = [day.other, day.total].map(|exp| exp.to_string());
            table.push([day.day.clone(), login, watch, coins, share, other, total]);
        }
        table.take_lines()
    })
}

pub(crate) async fn news(context: &ClientContext, args: &NewsArgs) -> Result<(), Failure> {
    let mut items = Vec::new();
    let mut request = ListNews { all: Flag(args.all), before: None };
    loop {
        let page = context.send(&request).await?;
        items.extend(page.list);
        match page.next {
            Some(before) => request.before = Some(before),
            None => break,
        }
    }
    if args.read
        && let Some(until) = items.iter().map(|item| item.time).max()
    {
        context.send(&MarkNewsSeen { until }).await?;
    }
    context.print_result(&items, || {
        let columns = [("time", ColumnKind::Word), ("unread", ColumnKind::Word), ("news", ColumnKind::Text)];
        let mut table = Table::new(columns);
        for item in &items {
            let unread = if item.unread { "unread" } else { "" };
            table.push([day::format_time(item.time), unread.to_owned(), news_text(item)]);
        }
        table.take_lines()
    })
}

fn news_text(item: &NewsItem) -> String {
    let NewsItem { text, remark, ip, level, coins, count, members, .. } = item;
    match item.r#type {
        NewsKind::SignApproved => format!("sign approved: {text}"),
        NewsKind::SignRejected => format!("sign rejected: {text} ({remark})"),
        NewsKind::RealnameVerified => "real name verified".to_owned(),
        NewsKind::RealnameRejected => format!("real name rejected ({remark})"),
        NewsKind::Login => format!("login from {text}, {remark} ({ip})"),
        NewsKind::Level => format!("level {level} reached"),
        NewsKind::Coins => format!("{} coins by an operator: {remark}", with_sign(*coins)),
        NewsKind::Followers => {
            let names: Vec<&str> = members.iter().map(|member| member.uname.as_str()).collect();
            let count = if *count > MAX_COUNTED { format!("{MAX_COUNTED}+") } else { count.to_string() };
            format!("{count} new followers: {}", names.join(", "))
        }
    }
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
