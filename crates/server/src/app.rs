//! What every handler is given.

use crate::clock::Clock;
use crate::limits::Limits;
use crate::settings::{Settings, SettingsError};
use guanxi_rules::sign::{Review, Words};
use guanxi_store::vault::KeyFile;
use guanxi_store::{Lmdb, Vault};
use std::ops::Deref;
use std::sync::Arc;

/// The service's parts: its store, its clock, its limits. Its clones are the same service.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

/// What an [`App`] points to.
#[derive(Debug)]
pub struct Inner {
    /// Where everything is kept.
    pub store: Lmdb,
    /// What seals and opens private texts.
    pub vault: Arc<Vault>,
    /// Where its keys lie.
    pub keys: KeyFile,
    /// What time it is.
    pub clock: Clock,
    /// How far one may go.
    pub limits: Limits,
    /// What may not be in a sign.
    pub words: Arc<Words>,
    /// Who reviews signs.
    pub review: Review,
}

impl App {
    /// The service of a store and its vault, as the settings want it.
    pub fn new(store: Lmdb, vault: Arc<Vault>, settings: &Settings) -> Result<App, SettingsError> {
        let words = Arc::new(settings.words()?);
        let limits = settings.limits();
        Ok(App(Arc::new(Inner {
            store,
            vault,
            keys: settings.key_file(),
            clock: settings.clock(),
            limits,
            words,
            review: settings.review(),
        })))
    }

    /// The time, in seconds.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
