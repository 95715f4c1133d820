//! `guanxi login`, `signup`, `logout`.

use super::caller::Caller;
use super::prompt::ask;
use super::{harmless, qr};
use crate::{Failure, log};
use console::Term;
use guanxi_api::api::member::web::account::Account;
use guanxi_api::api::passport::login::LogIn;
use guanxi_api::api::passport::logout::LogOut;
use guanxi_api::api::passport::signup::SignUp;
use guanxi_api::param::Secret;
use guanxi_client::{Client, Cookies};
use serde::Serialize;
use std::io::{self, IsTerminal};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Your name, user name, phone or mail address; asked for if it is not said. The password is asked for, or is the first
    /// line of standard input where that is no terminal.
    account: Option<String>,
    /// Show a QR code in place of a password, and wait until somebody who is logged in has said yes to it.
    #[arg(long, conflicts_with = "account")]
    qr: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SignUpArgs {
    /// The name to have, 1 to 16 characters. The password is asked for twice, or is the first line of standard input where
    /// that is no terminal.
    name: String,
}

pub(crate) async fn log_in(me: Caller, args: Args) -> Result<(), Failure> {
    let client = me.nobody();
    if args.qr {
        let polled = qr::log_in(&client).await?;
        return come_in(me, client, &polled).await;
    }
    let account = args.account.map_or_else(|| ask("Account: ", Term::read_line), Ok)?;
    tell_what_others_hear(&me.address);
    let password = Secret(password(&["Password: "])?);
    let told = client.send(&LogIn { account: Secret(account), password }).await?;
    come_in(me, client, &told).await
}

pub(crate) async fn sign_up(me: Caller, args: SignUpArgs) -> Result<(), Failure> {
    let client = me.nobody();
    tell_what_others_hear(&me.address);
    let password = Secret(password(&["Password: ", "The same again: "])?);
    let told = client.send(&SignUp { uname: args.name, password, tel: None, mail: None }).await?;
    come_in(me, client, &told).await
}

pub(crate) async fn log_out(mut me: Caller) -> Result<(), Failure> {
    let mid = me.me()?;
    let ended = me.ask(&LogOut {}).await;
    // Whatever the service says, nobody here has it any more.
    me.kept.forget(&me.address)?;
    ended?;
    me.tell(&(), || vec![format!("{mid} is logged out of {}", me.address)])
}

/// Keeps the login that a client has now, and ends the one that was kept before: nobody could any more.
async fn come_in(mut me: Caller, client: Client, told: &impl Serialize) -> Result<(), Failure> {
    let cookies = client.cookies().ok_or("the service set no cookies")?;
    let before = match me.kept.keep(&me.address, cookies.clone()) {
        Ok(before) => before,
        Err(failure) => {
            // A session that nobody can find again is not left behind.
            end(client, cookies).await;
            return Err(failure);
        }
    };
    if let Some(before) = before.filter(|before| before.sessdata != cookies.sessdata) {
        end(client.clone(), before).await;
    }
    let account = client.send(&Account {}).await?;
    let name = harmless::line(&account.uname);
    me.tell(told, || vec![format!("you are {name} ({}) at {}", account.mid, me.address)])
}

/// A session that has ended by itself cannot be ended, and that is as well.
async fn end(client: Client, session: Cookies) {
    let _ = client.logged_in(session).send(&LogOut {}).await;
}

/// A password: from whoever sits at the terminal, who says the same at each question, or the first line of standard input.
fn password(questions: &[&str]) -> Result<String, Failure> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let mut answers = Vec::new();
    for question in questions {
        answers.push(ask(question, Term::read_secure_line)?);
    }
    let answer = answers.pop().unwrap_or_default();
    if answers.iter().all(|other| *other == answer) {
        Ok(answer)
    } else {
        Err("they are not the same".into())
    }
}

/// Whoever is on the way hears a password that goes without TLS.
fn tell_what_others_hear(address: &str) {
    const HERE: [&str; 3] = ["127.", "localhost", "[::1]"];
    let away =
        address.strip_prefix("http://").is_some_and(|host| !HERE.iter().any(|here| host.starts_with(here)));
    if away {
        log::tell(format_args!("the password goes to {} without encryption", harmless::line(address)));
    }
}
