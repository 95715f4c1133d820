//! Who asks: the guanxi that is meant, the login there, and how its answers are told.

use super::ending::Stop;
use super::harmless;
use super::kept::Kept;
use crate::{Failure, log};
use guanxi_api::Endpoint;
use guanxi_client::{Client, Cookies, Options};
use guanxi_types::Mid;
use serde::Serialize;
use std::io::{self, Write};

/// Where `guanxi serve` and `guanxi demo` listen unless told otherwise.
const USUAL: &str = "http://127.0.0.1:8080";

/// Which guanxi is asked, and in which form it is told.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct At {
    /// The guanxi's address; if none is named, where you logged in last, or http://127.0.0.1:8080.
    #[arg(long, value_name = "URL", env = "GUANXI_URL", hide_env_values = true, global = true)]
    url: Option<String>,
    /// Tell what the service answers as JSON: a document, or one a line for lists.
    #[arg(long, global = true)]
    json: bool,
}

/// Who asks.
pub(crate) struct Caller {
    pub(crate) client: Client,
    pub(crate) address: String,
    pub(crate) kept: Kept,
    pub(crate) json: bool,
}

impl At {
    /// The address that is meant.
    pub(crate) fn address(&self, kept: &Kept) -> String {
        let named = self.url.as_deref().filter(|url| !url.is_empty());
        named.or(kept.latest()).unwrap_or(USUAL).trim_end_matches('/').to_owned()
    }

    /// Whoever is logged in there, or nobody.
    pub(crate) fn caller(&self, kept: Kept) -> Result<Caller, Failure> {
        let address = self.address(&kept);
        let agent = concat!("guanxi/", env!("CARGO_PKG_VERSION")).to_owned();
        let client = Client::with(&address, &Options { agent, ..Options::default() })?;
        let client = match kept.login(&address) {
            Some(cookies) => client.logged_in(cookies.clone()),
            None => client,
        };
        Ok(Caller { client, address, kept, json: self.json })
    }
}

impl Caller {
    /// Asks the service.
    pub(crate) async fn ask<E: Endpoint>(&self, request: &E) -> Result<E::Data, Failure> {
        Ok(self.client.send(request).await?)
    }

    /// A client of the same service as which nobody is logged in. To the service it is the device that the kept login is of.
    pub(crate) fn nobody(&self) -> Client {
        let buvid3 = self.kept.login(&self.address).map_or("", |cookies| &cookies.buvid3).to_owned();
        let none = String::new;
        let cookies = Cookies { sessdata: none(), bili_jct: none(), dede_user_id: none(), buvid3 };
        self.client.clone().logged_in(cookies)
    }

    /// Whose the kept login is.
    pub(crate) fn me(&self) -> Result<Mid, Failure> {
        let cookies = self.client.cookies().ok_or(Stop::NobodyIsLoggedIn)?;
        Ok(cookies.dede_user_id.parse()?)
    }

    /// Tells an answer: as JSON, or as what people read.
    pub(crate) fn tell<T: Serialize>(
        &self,
        data: &T,
        lines: impl FnOnce() -> Vec<String>,
    ) -> Result<(), Failure> {
        if self.json {
            return print([document(data)?]);
        }
        let lines = lines();
        if lines.is_empty() {
            log::tell(format_args!("there are none"));
        }
        print(lines)
    }
}

/// A JSON document on one line.
pub(crate) fn document(data: &impl Serialize) -> Result<String, Failure> {
    Ok(harmless::json(&serde_json::to_string(data)?))
}

/// Writes lines on standard output, at once.
pub(crate) fn print(lines: impl IntoIterator<Item = String>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}
