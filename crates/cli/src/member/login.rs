//! `guanxi login`, `signup`, `logout`.

use super::context::ClientContext;
use super::prompt::prompt;
use super::{qr, sanitize};
use crate::{Failure, terminal};
use console::Term;
use guanxi_api::account::get_account::GetAccount;
use guanxi_api::login::finish_login::FinishLogin;
use guanxi_api::login::log_in::LogIn;
use guanxi_api::login::log_out::LogOut;
use guanxi_api::login::sign_up::SignUp;
use guanxi_client::{Client, Cookies};
use guanxi_types::{ErrorCode, Secret};
use serde::Serialize;
use std::io::{self, IsTerminal};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Your name, user name, phone number or mail address. Prompts for it by default. Prompts for the password, or
    /// reads it from the first line of standard input if that is no terminal. A code of a second factor is the next
    /// line.
    account: Option<String>,
    /// Show a QR code instead of asking for a password, and wait until a logged-in device confirms it.
    #[arg(long, conflicts_with = "account")]
    qr: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SignUpArgs {
    /// The new name, 1 to 16 characters. Prompts twice for the password, or reads it from the first line of
    /// standard input if that is no terminal.
    name: String,
}

pub(crate) async fn log_in(context: ClientContext, args: Args) -> Result<(), Failure> {
    let client = context.anonymous_client();
    if args.qr {
        let polled = qr::wait_for_confirmation(&client).await?;
        return store_login(context, client, &polled).await;
    }
    let account = args.account.map_or_else(|| prompt("Account: ", Term::read_line), Ok)?;
    warn_if_unencrypted(&context.address);
    let password = Secret(read_password(&["Password: "])?);
    let response = match client.send(&LogIn { account: Secret(account), password }).await {
        Err(error) if error.code() == Some(ErrorCode::SecondFactorRequired) => {
            let code = Secret(read_password(&["Code of the authenticator, or recovery code: "])?);
            client.send(&FinishLogin { code }).await?
        }
        response => response?,
    };
    store_login(context, client, &response).await
}

pub(crate) async fn sign_up(context: ClientContext, args: SignUpArgs) -> Result<(), Failure> {
    let client = context.anonymous_client();
    warn_if_unencrypted(&context.address);
    let password = Secret(read_password(&["Password: ", "Repeat the password: "])?);
    let response = client.send(&SignUp { uname: args.name, password, tel: None, mail: None }).await?;
    store_login(context, client, &response).await
}

pub(crate) async fn log_out(mut context: ClientContext) -> Result<(), Failure> {
    let mid = context.own_mid()?;
    let result = context.send(&LogOut {}).await;
    // The stored login is deleted even if the request failed.
    context.credentials.forget(&context.address)?;
    result?;
    context.print_result(&(), || vec![format!("logged out {mid} at {}", context.address)])
}

/// Stores the login of a client. Ends the session of the previous login, since its cookies would be lost.
async fn store_login(
    mut context: ClientContext,
    client: Client,
    response: &impl Serialize,
) -> Result<(), Failure> {
    let cookies = client.cookies().ok_or("the service set no cookies")?;
    let previous = match context.credentials.store(&context.address, cookies.clone()) {
        Ok(previous) => previous,
        Err(failure) => {
            // The cookies would be lost, so the session is ended.
            end_session(client, cookies).await;
            return Err(failure);
        }
    };
    if let Some(previous) = previous.filter(|previous| previous.sessdata != cookies.sessdata) {
        end_session(client.clone(), previous).await;
    }
    let account = client.send(&GetAccount {}).await?;
    let name = sanitize::single_line(&account.uname);
    let line = format!("logged in as {name} ({}) at {}", account.mid, context.address);
    context.print_result(response, || vec![line])
}

/// Ends a session. Ignores errors, as the session may have expired.
async fn end_session(client: Client, session: Cookies) {
    let _ = client.with_cookies(session).send(&LogOut {}).await;
}

/// Reads a password from the terminal, with equal answers to all questions, or from the first line of standard
/// input.
pub(super) fn read_password(questions: &[&str]) -> Result<String, Failure> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let mut answers = Vec::new();
    for question in questions {
        answers.push(prompt(question, Term::read_secure_line)?);
    }
    let answer = answers.pop().unwrap_or_default();
    if answers.iter().all(|other| *other == answer) { Ok(answer) } else { Err("the passwords differ".into()) }
}

/// Warns before a password is sent without TLS to another machine.
fn warn_if_unencrypted(address: &str) {
    const LOCAL_PREFIXES: [&str; 3] = ["127.", "localhost", "[::1]"];
    let is_remote = address
        .strip_prefix("http://")
        .is_some_and(|host| !LOCAL_PREFIXES.iter().any(|prefix| host.starts_with(prefix)));
    if is_remote {
        let address = sanitize::single_line(address);
        terminal::note(format_args!("warning: the password is sent to {address} without encryption"));
    }
}
