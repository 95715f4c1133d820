//! What every handler is given.

use crate::clock::Clock;
use crate::images::ImageOrigins;
use crate::limits::Limits;
use crate::meter::Metrics;
use crate::networks::TrustedProxies;
use crate::noface;
use crate::operator::desk::pass::PassKey;
use crate::operator::watch::Readiness;
use crate::password::PasswordHasher;
use crate::place::{GeoIp, Location};
use crate::searches::Searches;
use crate::session::draw;
use crate::settings::{Settings, SettingsError, Signup};
use guanxi_domain::name::Reserved;
use guanxi_domain::sign::{Review, Words};
use guanxi_storage::row::{Handle, Table};
use guanxi_storage::vault::{IdentifierKind, KeyFile};
use guanxi_storage::{Engine, FieldCipher, StorageError, Store};
use guanxi_types::Mid;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

/// The service's parts: its store, its clock, its limits. Its clones are the same service.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

/// What an [`App`] points to.
#[derive(Debug)]
pub struct Inner {
    /// Where everything is kept.
    pub store: Engine,
    /// What seals and opens private texts.
    pub vault: Arc<FieldCipher>,
    /// Where its keys lie.
    pub keys: KeyFile,
    /// Held while they are rotated.
    pub rotation: tokio::sync::Mutex<()>,
    /// What time it is.
    pub clock: Clock,
    /// How far one may go.
    pub limits: Limits,
    /// What may not be in a sign.
    pub words: Arc<Words>,
    /// What no member calls themselves.
    pub reserved: Reserved,
    /// Who reviews signs.
    pub review: Review,
    /// The tables in which the clock has something to do.
    pub timed: Vec<Table>,
    /// What works on passwords.
    pub passwords: PasswordHasher,
    /// Places by address.
    places: Arc<GeoIp>,
    /// Whose word on addresses is believed.
    pub trusted_proxies: TrustedProxies,
    /// Under which address members reach the service.
    pub public_url: String,
    /// How whoever finds a weakness reaches the operator.
    pub security_contact: Option<String>,
    /// The address of the picture of members who have none, if `public_url` is set.
    pub noface: Option<String>,
    /// What operators' browsers are given passes with.
    pub passes: PassKey,
    /// In which searches run.
    pub searches: Searches,
    /// From where pages may load pictures.
    pub images: ImageOrigins,
    /// Whether anybody may sign up.
    pub signup: Signup,
    /// What the service counts of itself.
    pub meter: Metrics,
    /// Whether a write would be durable.
    pub readiness: Readiness,
}

/// The most bytes of a text that may find a member: a mail address has 254, and a name 16 characters, however written.
pub const KNOWN_BYTES: usize = 1_024;

impl App {
    /// The service of a store and its vault, as the settings want it.
    pub fn new(
        store: impl Into<Engine>,
        vault: Arc<FieldCipher>,
        settings: &Settings,
    ) -> Result<App, SettingsError> {
        let store = store.into();
        let words = Arc::new(settings.words()?);
        let limits = settings.limits();
        let meter = Metrics::new(&store);
        Ok(App(Arc::new(Inner {
            store,
            vault,
            keys: settings.key_file(),
            rotation: tokio::sync::Mutex::new(()),
            clock: settings.clock(),
            limits,
            words,
            reserved: settings.reserved()?,
            review: settings.review(),
            timed: settings.timed(),
            passwords: settings.passwords()?,
            places: Arc::new(settings.places()?),
            trusted_proxies: settings.trusted_proxies.clone(),
            public_url: settings.public_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen)),
            security_contact: settings.security_contact.clone(),
            noface: settings.public_url.as_deref().and_then(noface::under),
            passes: draw(),
            searches: Searches::new(settings.search_concurrency.get() as usize),
            images: settings.image_origins.clone(),
            signup: settings.signup,
            meter,
            readiness: Readiness::default(),
        })))
    }

    /// Whom something finds. What is longer than anything that finds a member is not even folded.
    pub async fn find(&self, known: IdentifierKind, text: &str) -> Result<Option<Mid>, StorageError> {
        if text.len() > KNOWN_BYTES {
            return Ok(None);
        }
        for hash in self.vault.handles(known, text) {
            let handle: Option<Handle> = self.store.get(hash).await?;
            if let Some(handle) = handle {
                return Ok(Some(handle.mid));
            }
        }
        Ok(None)
    }

    /// Where an address is.
    pub async fn place(&self, address: IpAddr) -> Location {
        let places = Arc::clone(&self.places);
        // The first look unpacks what the program has in itself.
        tokio::task::spawn_blocking(move || places.find(address)).await.unwrap_or_default()
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
