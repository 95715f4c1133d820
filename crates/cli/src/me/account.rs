//! `guanxi whoami`, `coins`, `logins`, `rewards`, `sign`: oneself.

use super::caller::{Caller, document};
use super::harmless;
use super::table::{Kind, Table};
use crate::Failure;
use guanxi_api::api::member::web::account::Account;
use guanxi_api::api::member::web::coin::log::CoinLog;
use guanxi_api::api::member::web::exp::reward::Reward;
use guanxi_api::api::member::web::sign::update::SignUpdate;
use guanxi_api::api::passport::logins::Logins;
use guanxi_api::api::passport::sign::{self, Sign};
use guanxi_domain::day;
use guanxi_types::Coins;

#[derive(Debug, clap::Args)]
pub(crate) struct SignArgs {
    /// The new sign, at most 70 characters; the empty text for none. It is reviewed before others see it.
    text: Option<String>,
}

pub(crate) async fn whoami(me: &Caller) -> Result<(), Failure> {
    let account = me.ask(&Account {}).await?;
    me.tell(&account, || {
        facts(&[
            ("at", me.address.clone()),
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

pub(crate) async fn coins(me: &Caller) -> Result<(), Failure> {
    let log = me.ask(&CoinLog {}).await?;
    me.tell(&log, || {
        let mut table = Table::new([("time", Kind::Word), ("coins", Kind::Number), ("reason", Kind::Text)]);
        for entry in &log.list {
            table.push([entry.time.clone(), signed(entry.delta), entry.reason.clone()]);
        }
        table.lines()
    })
}

pub(crate) async fn logins(me: &Caller) -> Result<(), Failure> {
    let logins = me.ask(&Logins {}).await?;
    me.tell(&logins, || {
        let columns = [
            ("time", Kind::Word),
            ("how", Kind::Word),
            ("done", Kind::Word),
            ("new", Kind::Word),
            ("device", Kind::Text),
            ("place", Kind::Text),
            ("address", Kind::Word),
        ];
        let mut table = Table::new(columns);
        for entry in &logins.list {
            let done = if entry.status { "yes" } else { "failed" };
            let new = match (entry.new_device, entry.new_place) {
                (true, true) => "device, place",
                (true, false) => "device",
                (false, true) => "place",
                (false, false) => "",
            };
            let told = [&day::time_at(entry.time), how(Some(entry.r#type)), done, new];
            let [time, how, done, new] = told.map(str::to_owned);
            table.push([time, how, done, new, entry.device.clone(), entry.place.clone(), entry.ip.clone()]);
        }
        table.lines()
    })
}

pub(crate) async fn rewards(me: &Caller) -> Result<(), Failure> {
    let reward = me.ask(&Reward {}).await?;
    let is = |done| if done { "yes" } else { "no" }.to_owned();
    me.tell(&reward, || {
        facts(&[
            ("logged in today", is(reward.login)),
            ("watched today", is(reward.watch)),
            ("shared today", is(reward.share)),
            ("exp by today's tips", format!("{} of 50", reward.coins)),
            ("mail address", is(reward.email)),
            ("phone", is(reward.tel)),
            ("safe question", is(reward.safe_question)),
            ("real name", is(reward.identify_card)),
        ])
    })
}

pub(crate) async fn sign(me: &Caller, args: SignArgs) -> Result<(), Failure> {
    let Some(text) = args.text else {
        let sign = me.ask(&Sign {}).await?;
        return me.tell(&sign, || standing(&sign));
    };
    let is_cleared = text.is_empty();
    me.ask(&SignUpdate { user_sign: Some(text) }).await?;
    let done =
        if is_cleared { "you have no sign any more" } else { "submitted: it is shown once it is reviewed" };
    me.tell(&(), || vec![done.to_owned()])
}

/// A sign, what waits to be one, and how the latest review ended.
fn standing(sign: &sign::Data) -> Vec<String> {
    let (waits, ended) = (sign.waits.as_ref(), sign.ended.as_ref());
    let refused = ended.filter(|ended| !ended.approved);
    facts(&[
        ("sign", sign.sign.clone()),
        ("waits for its review", waits.map(|waiting| waiting.sign.clone()).unwrap_or_default()),
        ("rejected", refused.map(|ended| ended.sign.clone()).unwrap_or_default()),
        ("because", refused.map(|ended| ended.remark.clone()).unwrap_or_default()),
    ])
}

/// How one logged in; nothing where that is not told.
pub(crate) fn how(number: Option<u8>) -> &'static str {
    match number {
        Some(0) => "password",
        Some(1) => "QR code",
        _ => "",
    }
}

/// Names and values below each other. What is empty is left out.
pub(crate) fn facts(facts: &[(&'static str, String)]) -> Vec<String> {
    let told = facts.iter().filter(|(_, value)| !value.is_empty());
    let widest = told.clone().map(|(name, _)| name.len()).max().unwrap_or_default();
    told.map(|(name, value)| format!("{name:<widest$}  {}", harmless::line(value))).collect()
}

/// An amount as JSON writes it, with its sign.
fn signed(coins: Coins) -> String {
    let amount = document(&coins).unwrap_or_default();
    if amount.starts_with('-') { amount } else { format!("+{amount}") }
}
