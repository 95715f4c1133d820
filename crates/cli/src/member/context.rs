//! The context of a member command: the target service, its login, and the output format.

use super::credentials::CredentialStore;
use super::exit_code::Abort;
use super::sanitize;
use crate::{Failure, terminal};
use guanxi_api::Endpoint;
use guanxi_api::auth::MemberAuth;
use guanxi_client::{Client, Cookies, Options};
use guanxi_types::Mid;
use serde::Serialize;
use std::io::{self, Write};

/// The default address of `guanxi serve` and `guanxi demo`.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// The target service and the output format.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TargetArgs {
    /// The base URL of the service. Defaults to the service of the last login, or http://127.0.0.1:8080.
    #[arg(long, value_name = "URL", env = "GUANXI_URL", hide_env_values = true, global = true)]
    url: Option<String>,
    /// Print the response as JSON: one document, or one per line for lists.
    #[arg(long, global = true)]
    json: bool,
}

/// The context of a command: a client with the stored login, if there is one.
pub(crate) struct ClientContext {
    pub(crate) client: Client,
    pub(crate) address: String,
    pub(crate) credentials: CredentialStore,
    pub(crate) json: bool,
}

impl TargetArgs {
    /// Returns the base URL of the target service.
    pub(crate) fn address(&self, credentials: &CredentialStore) -> String {
        let named = self.url.as_deref().filter(|url| !url.is_empty());
        named.or(credentials.latest()).unwrap_or(DEFAULT_URL).trim_end_matches('/').to_owned()
    }

    /// Creates the context, with the stored login of the service.
    pub(crate) fn connect(&self, credentials: CredentialStore) -> Result<ClientContext, Failure> {
        let address = self.address(&credentials);
        let agent = concat!("guanxi/", env!("CARGO_PKG_VERSION")).to_owned();
        let client = Client::with_options(&address, &Options { user_agent: agent, ..Options::default() })?;
        let client = match credentials.login(&address) {
            Some(cookies) => client.with_cookies(cookies.clone()),
            None => client,
        };
        Ok(ClientContext { client, address, credentials, json: self.json })
    }
}

impl ClientContext {
    /// Sends a request to the service.
    pub(crate) async fn send<E: Endpoint<Auth: MemberAuth>>(&self, request: &E) -> Result<E::Data, Failure> {
        Ok(self.client.send(request).await?)
    }

    /// Returns a client without a session. It keeps the device id of the stored login.
    pub(crate) fn anonymous_client(&self) -> Client {
        let buvid3 = self.credentials.login(&self.address).map_or("", |cookies| &cookies.buvid3).to_owned();
        let empty = String::new;
        let cookies = Cookies { sessdata: empty(), bili_jct: empty(), dede_user_id: empty(), buvid3 };
        self.client.clone().with_cookies(cookies)
    }

    /// Returns the member of the stored login.
    pub(crate) fn own_mid(&self) -> Result<Mid, Failure> {
        let cookies = self.client.cookies().ok_or(Abort::NotLoggedIn)?;
        Ok(cookies.dede_user_id.parse()?)
    }

    /// Prints a response as JSON, or as lines for a terminal.
    pub(crate) fn print_result<T: Serialize>(
        &self,
        data: &T,
        format_lines: impl FnOnce() -> Vec<String>,
    ) -> Result<(), Failure> {
        if self.json {
            return print_lines([to_json(data)?]);
        }
        let lines = format_lines();
        if lines.is_empty() {
            terminal::note(format_args!("none"));
        }
        print_lines(lines)
    }
}

/// Serializes JSON on one line, safe for a terminal.
pub(crate) fn to_json(data: &impl Serialize) -> Result<String, Failure> {
    Ok(sanitize::escape_json(&serde_json::to_string(data)?))
}

/// Prints lines on standard output and flushes.
pub(crate) fn print_lines(lines: impl IntoIterator<Item = String>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}
