//! A PgBouncer between a program and the database.

use crate::script::Script;
use crate::{Schema, has_programs};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// A running PgBouncer. Drop stops it.
#[derive(Debug)]
pub struct Pooler {
    _script: Script,
    url: String,
}

impl Pooler {
    /// Starts PgBouncer before a schema, with a `pool_mode`. Returns `None` if it is not installed.
    ///
    /// # Panics
    ///
    /// If PgBouncer does not start.
    pub fn start(schema: &Schema, pool_mode: &str) -> Option<Pooler> {
        if !has_programs("tests behind PgBouncer", &["pgbouncer"]) {
            return None;
        }
        let config: Config = schema.address.parse().expect("valid database address");
        let host = match config.get_hosts().first() {
            Some(Host::Unix(folder)) => folder.display().to_string(),
            Some(Host::Tcp(host)) => host.clone(),
            None => "localhost".to_owned(),
        };
        let password = config.get_password().map(|password| String::from_utf8_lossy(password).into_owned());
        let select_schema = format!("set search_path to {}", schema.name);
        let mut database = format!(
            "host={host} port={} dbname={} user={} connect_query='{select_schema}'",
            config.get_ports().first().unwrap_or(&5432),
            config.get_dbname().unwrap_or("postgres"),
            config.get_user().unwrap_or("postgres"),
        );
        if let Some(password) = password {
            database = format!("{database} password='{}'", password.replace('\'', "''"));
        }
        let started = Script::start(
            include_str!("pooler.sh"),
            &[pool_mode.into(), database.into(), select_schema.into()],
        );
        let (home, script) = started.expect("PgBouncer did not start");
        let url = format!("postgres:///pooled?user=postgres&host={home}&port=1");
        Some(Pooler { _script: script, url })
    }

    /// The address of the schema through PgBouncer.
    pub fn url(&self) -> &str {
        &self.url
    }
}
