//! `guanxi whoami`, `coins`, `logins`, `rewards`, `sign`: oneself.

use super::caller::{Caller, document};
use super::harmless;
use super::table::{Kind, Table};
use crate::Failure;
use guanxi_wire::Coins;
use guanxi_wire::api::member::web::account::Account;
use guanxi_wire::api::member::web::coin::log::CoinLog;
use guanxi_wire::api::member::web::exp::reward::Reward;
use guanxi_wire::api::member::web::login::log::LoginLog;
use guanxi_wire::api::member::web::sign::update::SignUpdate;

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
    let log = me.ask(&LoginLog {}).await?;
    me.tell(&log, || {
        let columns = [
            ("time", Kind::Word),
            ("how", Kind::Word),
            ("done", Kind::Word),
            ("address", Kind::Word),
            ("place", Kind::Text),
        ];
        let mut table = Table::new(columns);
        for entry in &log.list {
            let done = if entry.status { "yes" } else { "failed" }.to_owned();
            let how = how(Some(entry.r#type)).to_owned();
            table.push([entry.time_at.clone(), how, done, entry.ip.clone(), entry.geo.clone()]);
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
        let account = me.ask(&Account {}).await?;
        return me.tell(&account, || vec![harmless::line(&account.sign)]);
    };
    let is_cleared = text.is_empty();
    me.ask(&SignUpdate { user_sign: Some(text) }).await?;
    let done =
        if is_cleared { "you have no sign any more" } else { "submitted: it is shown once it is reviewed" };
    me.tell(&(), || vec![done.to_owned()])
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
