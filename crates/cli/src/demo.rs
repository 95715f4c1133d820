//! `guanxi demo`: a synthetic community around the members in the examples of the contract.

mod fill;
mod synthetic;
mod time_shift;

use crate::commands::serve::PortFallback;
use crate::commands::{member, operator, serve};
use crate::store_watch::StoreWatch;
use crate::{Failure, SettingsArgs, block_on, log, private_file, signals, storage, terminal};
use guanxi_client::Cookies;
use guanxi_server::config::{MessageSender, VipExpiry};
use guanxi_server::{App, Settings};
use guanxi_storage::{CommandError, Engine, FieldCipher, Store};
use guanxi_types::Mid;
use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use tempfile::TempDir;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Give member 5818410 all 1,365,298 followers, which takes longer.
    #[arg(long)]
    full: bool,
    /// Write the cookies of all example members to a file, as JSON by mid.
    #[arg(long, value_name = "FILE")]
    cookies: Option<PathBuf>,
}

/// Fills an empty store with the demo community, and serves it until a shutdown signal or until the store fails.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let (mut settings, keys) = args.settings.load_with_keys()?;
    // The examples contain VIPs whose due dates have passed.
    settings.vip_expiry = VipExpiry::Never;
    // At the level info, the log would hide the printed requests.
    let access_log = log::init(&settings, "warn")?;
    let temporary_dir = temporary_data_dir(&mut settings)?;
    send_messages_to_folder(&mut settings, &keys);
    let watch = block_on(async {
        let mut stop = pin!(signals::shutdown_signal()?);
        let mut store = storage::open(&settings).await?;
        let requested = (settings.listen, settings.operator_listen.0);
        // Only a default port may be replaced. A port that the user set must not change silently.
        let fallback =
            PortFallback { members: !keys.contains("listen"), operators: !keys.contains("operator_listen") };
        let listeners = serve::bind_listeners(&mut settings, fallback).await?;
        let cipher = storage::field_cipher(&store, &settings).await?;
        if store.is_empty().await? {
            tokio::select! {
                filled = fill::fill_store(store, &cipher, &settings, args.full) => store = filled?,
                () = &mut stop => return Ok(StoreWatch::default()),
            }
        }
        let mut watch = StoreWatch::new(&store);
        let cookies = open_sessions(&store, &settings).await?;
        if let Some(file) = &args.cookies {
            write_cookies(file, &cookies)?;
        }
        let token = operator::recreate_demo_token(&store, &settings).await?;
        let app = App::new(store, cipher, &settings)?;
        let sites = listeners.with_services(&app, &settings, access_log.as_ref())?;
        let notes = replaced_ports(requested, &settings);
        terminal::print(format_args!("{}", greeting(&settings, &notes, &cookies, &token)))?;
        guanxi_server::net::listener::serve(sites, app, &settings, watch.stop_or_failure(stop)).await;
        Ok(watch)
    })?;
    let exit_code = watch.exit_code()?;
    drop(temporary_dir);
    terminal::note(format_args!("stopped"));
    Ok(exit_code)
}

/// Fills an empty store with the demo community.
pub(crate) async fn fill(
    store: Engine,
    cipher: &Arc<FieldCipher>,
    settings: &Settings,
) -> Result<Engine, Failure> {
    fill::fill_store(store, cipher, settings, false).await
}

/// Sets a temporary data directory, which is deleted after the demo, if none is set.
fn temporary_data_dir(settings: &mut Settings) -> Result<Option<TempDir>, Failure> {
    if settings.data_dir.is_some() {
        return Ok(None);
    }
    let temporary_dir = TempDir::with_prefix("guanxi-demo-")?;
    settings.data_dir = Some(temporary_dir.path().to_owned());
    Ok(Some(temporary_dir))
}

/// Writes messages to a folder, which the operators' page `/outbox` shows, unless the settings have a sender.
fn send_messages_to_folder(settings: &mut Settings, keys: &HashSet<String>) {
    if !keys.contains("mail_sender") {
        settings.mail_sender = MessageSender::Folder;
    }
    if !keys.contains("sms_sender") {
        settings.sms_sender = MessageSender::Folder;
    }
    if settings.message_folder.is_none() {
        settings.message_folder = Some(settings.data_directory().join("messages"));
    }
}

/// Opens a session for every example member, on the device of its latest login.
async fn open_sessions(store: &impl Store, settings: &Settings) -> Result<BTreeMap<Mid, Cookies>, Failure> {
    let mut cookies = BTreeMap::new();
    for mid in fill::named_members()? {
        let other_community =
            || format!("{} contains a community other than the demo's", storage::location(settings));
        let mut session = member::open_session(store, mid, settings).await.map_err(|error| match error {
            CommandError::Rejected(_) => other_community(),
            CommandError::Fault(fault) => fault.to_string(),
        })?;
        if let Some(login) =
            store.login_log(mid, 0, usize::MAX).await?.into_iter().find(|login| login.success)
        {
            session.buvid3 = login.buvid;
        }
        cookies.insert(mid, session);
    }
    Ok(cookies)
}

fn write_cookies(file: &Path, cookies: &BTreeMap<Mid, Cookies>) -> Result<(), Failure> {
    let by_mid: BTreeMap<String, &Cookies> =
        cookies.iter().map(|(mid, cookies)| (mid.to_string(), cookies)).collect();
    private_file::write_private(file, &serde_json::to_string_pretty(&by_mid)?)
}

const PUBLIC_MID: u64 = 50_995_243;
const ACCOUNT_MID: u64 = 293_793_435;
const FOLLOWER_MID: u64 = 15_858_903;

/// Describes the default ports that were in use and were replaced.
fn replaced_ports(requested: (SocketAddr, Option<SocketAddr>), settings: &Settings) -> String {
    let note = |name: &str, requested: SocketAddr, bound: SocketAddr| {
        let is_replaced = requested.port() != 0 && requested.port() != bound.port();
        is_replaced.then(|| format!("Port {} is in use: {name} use {bound} instead.\n", requested.port()))
    };
    let members = note("members", requested.0, settings.listen);
    let operators = requested.1.zip(settings.operator_listen.0);
    let operators = operators.and_then(|(requested, bound)| note("operators", requested, bound));
    members.into_iter().chain(operators).collect()
}

fn greeting(settings: &Settings, notes: &str, cookies: &BTreeMap<Mid, Cookies>, token: &str) -> String {
    let address = settings.listen;
    let operators = settings.operator_listen.0.map(|address| {
        format!(
            "
  As an operator with all permissions, at another address. The token also logs in at http://{address}/
    curl 'http://{address}/operator/member?mid={PUBLIC_MID}' -H 'Authorization: Bearer {token}'
  Codes and other messages to members are at http://{address}/outbox
"
        )
    });
    let cookies_of = |mid: u64| Mid::new(mid).and_then(|mid| cookies.get(&mid));
    let sessdata = |mid: u64| cookies_of(mid).map_or("", |cookies| &cookies.sessdata);
    let csrf = cookies_of(FOLLOWER_MID).map_or("", |cookies| &cookies.bili_jct);
    format!(
        "http://{address}
{notes}
Open it in a browser to sign up, or to log in as 社会易姐QwQ with the password {password}.

Requests to try:

  The public card of {PUBLIC_MID}
    curl 'http://{address}/x/web-interface/card?mid={PUBLIC_MID}'

  The own account of {ACCOUNT_MID}, logged in
    curl 'http://{address}/x/member/web/account' -b 'SESSDATA={}'

  A follow of {PUBLIC_MID} by {FOLLOWER_MID}, logged in
    curl 'http://{address}/x/relation/modify' -b 'SESSDATA={}' -d 'fid={PUBLIC_MID}&act=1&re_src=11&csrf={csrf}'
{}
Ctrl-C stops the demo.",
        sessdata(ACCOUNT_MID),
        sessdata(FOLLOWER_MID),
        operators.unwrap_or_default(),
        password = fill::PASSWORD,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_server::config::OptionalListenAddr;

    #[test]
    fn greeting_names_replaced_ports() {
        let [members, operators, bound]: [SocketAddr; 3] =
            ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"].map(|address| address.parse().unwrap());
        let notes = |listen, operator_listen| {
            let operator_listen = OptionalListenAddr(operator_listen);
            let settings = Settings { listen, operator_listen, ..Settings::default() };
            replaced_ports((members, Some(operators)), &settings)
        };
        assert_eq!(notes(members, Some(operators)), "");
        assert_eq!(notes(members, None), "");
        assert_eq!(notes(bound, Some(operators)), "Port 1 is in use: members use 127.0.0.1:3 instead.\n");
        assert_eq!(notes(members, Some(bound)), "Port 2 is in use: operators use 127.0.0.1:3 instead.\n");

        let settings = Settings { listen: bound, ..Settings::default() };
        let text = greeting(&settings, &notes(bound, Some(operators)), &BTreeMap::new(), "");
        assert!(text.starts_with("http://127.0.0.1:3\nPort 1 is in use"), "{text}");
        // A free port was requested, so nothing was replaced.
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        assert_eq!(replaced_ports((any, None), &settings), "");
    }
}
