//! An emulator of this process: the demo's community, the proxy, and the operators' API.

use crate::commands::operator;
use crate::{Failure, demo, storage};
use clap::Args;
use etcetera::{BaseStrategy, choose_base_strategy};
use guanxi_emulator::environment::{Environment, Facts};
use guanxi_emulator::hosts::HostName;
use guanxi_emulator::proxy::Refusal;
use guanxi_emulator::{CertificateAuthority, CommunityName, Emulator, Hosts, Limits, Proxy};
use guanxi_server::config::VipExpiry;
use guanxi_server::net::listener;
use guanxi_server::{Settings, encryption_keys};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// The options of an emulator.
#[derive(Debug, Args)]
pub(super) struct LaunchArgs {
    /// Serve this host too, beside the hosts in the documents' examples. May be repeated.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<HostName>,
    /// The file that maps further paths to endpoints.
    #[arg(long, value_name = "FILE")]
    compat: Option<PathBuf>,
    /// The time at which the clock of each community starts, such as 2020-05-19T23:59:00+08:00.
    #[arg(long, value_name = "INSTANT")]
    start_time: Option<String>,
    /// A TOML file with settings of the service, such as its limits.
    #[arg(long, value_name = "FILE", env = "GUANXI_CONFIG")]
    config: Option<PathBuf>,
}

/// A running emulator. Its data is deleted with it.
pub(super) struct Running {
    /// The address of the proxy.
    pub(super) proxy: SocketAddr,
    /// The URL of the operators' API.
    pub(super) operators: String,
    /// The operators' token of all communities.
    pub(super) token: String,
    pub(super) hosts: Hosts,
    pub(super) emulator: Emulator,
    _base: TempDir,
}

impl Running {
    /// Returns the variables of a program that uses a community.
    pub(super) fn environment(&self, community: &CommunityName) -> Result<Environment, Failure> {
        environment(self.proxy, &self.operators, &self.token, community)
    }
}

/// Returns the variables of a program that uses a community of an emulator.
pub(super) fn environment(
    proxy: SocketAddr,
    operators: &str,
    token: &str,
    community: &CommunityName,
) -> Result<Environment, Failure> {
    let (_, certificates) = CertificateAuthority::load_or_create(&user_folder()?)?;
    let java_options = std::env::var("JAVA_TOOL_OPTIONS").ok();
    let facts = Facts {
        proxy,
        community,
        certificates: &certificates,
        operators,
        token,
        java_options: java_options.as_deref(),
    };
    Ok(Environment::new(&facts)?)
}

/// The folder with the CA and the addresses of the running emulator.
pub(super) fn user_folder() -> Result<PathBuf, Failure> {
    Ok(std::path::absolute(choose_base_strategy()?.data_dir().join("guanxi").join("emulator"))?)
}

impl LaunchArgs {
    /// Starts an emulator on two listeners. It is served in the background of the current runtime.
    pub(super) async fn launch(
        &self,
        proxy: TcpListener,
        operators: TcpListener,
    ) -> Result<Running, Failure> {
        let settings = self.settings()?;
        let (base, settings, token) = fill_base(settings).await?;
        let emulator = Emulator::start(&settings, Limits::default()).await?;
        let mut hosts = Hosts::default();
        hosts.extend(self.hosts.iter().cloned());
        let (authority, _) = CertificateAuthority::load_or_create(&user_folder()?)?;
        let running = Running {
            proxy: proxy.local_addr()?,
            operators: format!("http://{}", operators.local_addr()?),
            token,
            hosts: hosts.clone(),
            emulator: emulator.clone(),
            _base: base,
        };
        let gaps = emulator.clone();
        let on_refusal = move |refusal: Refusal| gaps.record_refused_host(&refusal.community, &refusal.host);
        let members = Proxy::new(emulator.members_service(), hosts, authority, &settings, on_refusal)?;
        tokio::spawn(async move { members.serve(proxy, std::future::pending()).await });
        let sites = vec![(operators, emulator.operators_service())];
        tokio::spawn(async move {
            listener::serve_without_jobs(sites, &settings, std::future::pending()).await;
        });
        Ok(running)
    }

    fn settings(&self) -> Result<Settings, Failure> {
        let compat = self
            .compat
            .as_ref()
            .map(|file| file.to_str().map(str::to_owned).ok_or("--compat: the path is not UTF-8"));
        let flags = [("compat", compat.transpose()?), ("start_time", self.start_time.clone())];
        let loaded =
            Settings::load_with_keys(self.config.as_deref(), crate::environment()?.into_iter(), &flags)?;
        // The least that argon2 permits, as tests log in often and the passwords are no secret.
        let one = NonZeroU32::MIN;
        let memory = one.saturating_mul(NonZeroU32::MIN.saturating_add(7));
        Ok(Settings {
            argon2_memory_kib: memory,
            argon2_iterations: one,
            vip_expiry: VipExpiry::Never,
            // The keys of a real service have no place among the copies.
            key_file: None,
            ..loaded.0
        })
    }
}

/// Fills a temporary data directory with the demo's community and an operators' token.
async fn fill_base(settings: Settings) -> Result<(TempDir, Settings, String), Failure> {
    let base = TempDir::with_prefix("guanxi-emulator-")?;
    let settings = Settings { data_dir: Some(base.path().to_owned()), database_url: None, ..settings };
    let store = storage::open(&settings).await?;
    let cipher = encryption_keys::open_cipher(&store, &settings.key_file()).await?;
    let store = demo::fill(store, &Arc::clone(&cipher), &settings).await?;
    let token = operator::recreate_demo_token(&store, &settings).await?;
    Ok((base, settings, token))
}
