//! A primary with a synchronous standby.

use crate::script::Script;
use crate::{bin_dir, skip};

/// Two servers of a test, of which the second replicates the first. Drop stops them.
#[derive(Debug)]
pub struct Replicas {
    script: Script,
    url: String,
}

impl Replicas {
    /// Starts both servers. A commit waits for the standby. Returns `None` without PostgreSQL.
    ///
    /// # Panics
    ///
    /// If a server does not start.
    pub fn start() -> Option<Replicas> {
        let Some(bin_dir) = bin_dir() else {
            skip("tests of replicas", "no initdb on this machine");
            return None;
        };
        let started = Script::start(include_str!("replicas.sh"), &[bin_dir.into()]);
        let (home, script) = started.expect("the replicas of a test did not start");
        let hosts = format!("host={home},{home}&port=1,2");
        let url = format!("postgres:///postgres?user=postgres&{hosts}&target_session_attrs=read-write");
        Some(Replicas { script, url })
    }

    /// The address of both servers. A connection goes to the one that accepts writes.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Kills the primary and promotes the standby.
    ///
    /// # Panics
    ///
    /// If the standby cannot be promoted.
    pub fn fail_over(&mut self) {
        assert_eq!(self.script.request("fail over"), "promoted");
    }
}
