//! `guanxi demo`: a made-up community around the members that the contract's examples show.

mod fill;
mod made_up;
mod moved;

use crate::{Failure, SettingsArgs, block_on, log, member, open, operator, secret, serve, stop};
use guanxi_client::Cookies;
use guanxi_server::settings::VipExpiry;
use guanxi_server::{App, Settings};
use guanxi_storage::{CommandError, Store};
use guanxi_types::Mid;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use tempfile::TempDir;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Give 5818410 all 1,365,298 fans, which takes a while.
    #[arg(long)]
    full: bool,
    /// Write the cookies of every member the contract names to a file, as JSON by mid.
    #[arg(long, value_name = "FILE")]
    cookies: Option<PathBuf>,
}

/// Fills a directory with the demo's community, unless it holds one, and serves it until it is told to stop.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut settings = args.settings.load()?;
    // The examples show VIPs whose due dates have passed.
    settings.vip_expiry = VipExpiry::Never;
    // What the demo prints should not drown.
    log::start(&settings, "warn")?;
    let fresh = fresh_directory(&mut settings)?;
    block_on(async {
        let mut stop = pin!(stop::told()?);
        let store = open::store(&settings).await?;
        let listeners = serve::listen(&mut settings).await?;
        let vault = open::vault(&store, &settings).await?;
        if store.is_empty().await? {
            tokio::select! {
                filled = fill::fill(&store, &vault, &settings, args.full) => filled?,
                () = &mut stop => return Ok(()),
            }
        }
        let cookies = sessions(&store, &settings).await?;
        if let Some(file) = &args.cookies {
            write_cookies(file, &cookies)?;
        }
        let token = operator::demo_token(&store, &settings).await?;
        let app = App::new(store, vault, &settings)?;
        log::print(format_args!("{}", greeting(&settings, &cookies, &token)))?;
        let sites = listeners.with_sites(&app, &settings);
        guanxi_server::serve::serve(sites, app, &settings, stop).await;
        Ok(())
    })?;
    drop(fresh);
    log::tell(format_args!("stopped"));
    Ok(ExitCode::SUCCESS)
}

/// A directory that goes with the demo, if none was named.
fn fresh_directory(settings: &mut Settings) -> Result<Option<TempDir>, Failure> {
    if settings.data.is_some() {
        return Ok(None);
    }
    let fresh = TempDir::with_prefix("guanxi-demo-")?;
    settings.data = Some(fresh.path().to_owned());
    Ok(Some(fresh))
}

/// A session for every member that the contract names, on the device of their latest login.
async fn sessions(store: &impl Store, settings: &Settings) -> Result<BTreeMap<Mid, Cookies>, Failure> {
    let mut cookies = BTreeMap::new();
    for mid in fill::named_members()? {
        let other = || format!("{} holds another community than the demo's", open::place(settings));
        let mut session = member::session(store, mid, settings).await.map_err(|error| match error {
            CommandError::Rejected(_) => other(),
            CommandError::Fault(fault) => fault.to_string(),
        })?;
        if let Some(login) = store.logins(mid, 0, usize::MAX).await?.into_iter().find(|login| login.ok) {
            session.buvid3 = login.buvid;
        }
        cookies.insert(mid, session);
    }
    Ok(cookies)
}

fn write_cookies(file: &Path, cookies: &BTreeMap<Mid, Cookies>) -> Result<(), Failure> {
    let by_mid: BTreeMap<String, &Cookies> =
        cookies.iter().map(|(mid, cookies)| (mid.to_string(), cookies)).collect();
    secret::write(file, &serde_json::to_string_pretty(&by_mid)?)
}

const OPEN: u64 = 50_995_243;
const LOGIN: u64 = 293_793_435;
const WRITE: u64 = 15_858_903;

fn greeting(settings: &Settings, cookies: &BTreeMap<Mid, Cookies>, token: &str) -> String {
    let address = settings.listen;
    let operators = settings.operator_listen.0.map(|address| {
        format!(
            "
  An operator, on another address, who may do anything; the token opens http://{address}/ in a browser too
    curl 'http://{address}/operator/member?mid={OPEN}' -H 'Authorization: Bearer {token}'
"
        )
    });
    let of = |mid: u64| Mid::new(mid).and_then(|mid| cookies.get(&mid));
    let sessdata = |mid: u64| of(mid).map_or("", |cookies| &cookies.sessdata);
    let csrf = of(WRITE).map_or("", |cookies| &cookies.bili_jct);
    format!(
        "http://{address}

In a browser, it is where to sign up, or to log in as 社会易姐QwQ with the password {password}.

Three of its members, and what one can ask as them:

  {OPEN}, whose card anyone may see
    curl 'http://{address}/x/web-interface/card?mid={OPEN}'

  {LOGIN}, logged in, who may see their own account
    curl 'http://{address}/x/member/web/account' -b 'SESSDATA={}'

  {WRITE}, logged in, who follows {OPEN}
    curl 'http://{address}/x/relation/modify' -b 'SESSDATA={}' -d 'fid={OPEN}&act=1&re_src=11&csrf={csrf}'
{}
Ctrl-C stops it.",
        sessdata(LOGIN),
        sessdata(WRITE),
        operators.unwrap_or_default(),
        password = fill::PASSWORD,
    )
}
