//! The state of the service that every handler receives.

use crate::auth::passkeys::Passkeys;
use crate::auth::password_hasher::PasswordHasher;
use crate::clock::Clock;
use crate::config::{Registration, Settings, SettingsError};
use crate::encoded_page::PageLayout;
use crate::face_url::FaceOrigin;
use crate::geoip::{GeoIp, Location};
use crate::http::client_info::ClientInfo;
use crate::http::response::{ApiError, PreEncoded};
use crate::image_policy::ImageOrigins;
use crate::limits::Limits;
use crate::member_search::SearchRates;
use crate::metrics::Metrics;
use crate::outbox::Messenger;
use crate::picture::PictureEncoder;
use crate::profile_cache::ProfileCache;
use crate::readiness::Readiness;
use crate::search_pool::SearchPool;
use crate::session_token::random_bytes;
use crate::trusted_proxies::TrustedProxies;
use crate::web::language::Language;
use crate::web::preferences::Preferences;
use guanxi_domain::bio::{ReviewPolicy, SensitiveWords};
use guanxi_domain::name::ReservedNames;
use guanxi_storage::commands::Outbox;
use guanxi_storage::encryption::KeyFile;
use guanxi_storage::model::Table;
use guanxi_storage::store::{ListQuery, ListRefusal};
use guanxi_storage::{Engine, FieldCipher};
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

/// The service with its store, clock and limits. Clones share one state.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

/// The state behind an [`App`].
#[derive(Debug)]
pub struct Inner {
    /// The storage engine.
    pub store: Engine,
    /// The cache of the profiles that lists show.
    pub(crate) profile_cache: ProfileCache,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
    /// The file of the cipher's keys.
    pub key_file: KeyFile,
    /// The lock of a key rotation.
    pub key_rotation: tokio::sync::Mutex<()>,
    /// The clock.
    pub clock: Clock,
    /// The metrics.
    pub metrics: Metrics,
    /// The rates of searches for members.
    pub(crate) search_rates: SearchRates,
    /// The result of the last readiness probe: `Ok` if a write would be durable.
    pub readiness: Readiness,
    parts: AppParts,
}

/// The parts of a service that do not depend on its store. Services with the same settings share them.
#[derive(Clone, Debug)]
pub struct AppParts {
    /// The limits of members, requests and rates.
    pub limits: Limits,
    /// The words that bios must not contain.
    pub sensitive_words: Arc<SensitiveWords>,
    /// The names that members must not choose.
    pub reserved_names: Arc<ReservedNames>,
    /// The policy that approves bios.
    pub bio_review: ReviewPolicy,
    /// The tables with scheduled tasks.
    pub scheduled_tables: Vec<Table>,
    /// The password hasher.
    pub password_hasher: PasswordHasher,
    /// The passkeys of the service's domain.
    pub passkeys: Passkeys,
    /// Locations by address.
    geoip: Arc<GeoIp>,
    /// The proxies whose forwarding headers are trusted.
    pub trusted_proxies: TrustedProxies,
    /// The URL under which members reach the service.
    pub public_url: String,
    /// The contact for reports of vulnerabilities.
    pub security_contact: Option<String>,
    /// The origin of members' pictures.
    pub face_origin: FaceOrigin,
    /// The key that signs operators' login cookies, generated at each start.
    pub operator_cookie_key: [u8; 32],
    /// The pool that decodes pictures.
    pub picture_encoder: PictureEncoder,
    /// The threads of searches.
    pub search_pool: SearchPool,
    /// The language of pages for browsers that ask for none of them.
    pub language: Language,
    /// The origins from which pages may load pictures.
    pub image_origins: ImageOrigins,
    /// The permission to register.
    pub registration: Registration,
    /// The texts and the senders of messages.
    pub messenger: Arc<Messenger>,
    profile_cache_bytes: usize,
}

impl AppParts {
    /// Creates the parts from the settings.
    pub fn new(settings: &Settings) -> Result<AppParts, SettingsError> {
        let public_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
        Ok(AppParts {
            limits: settings.limits(),
            sensitive_words: Arc::new(settings.sensitive_words()?),
            reserved_names: Arc::new(settings.reserved_names()?),
            bio_review: settings.bio_review(),
            scheduled_tables: settings.scheduled_tables(),
            password_hasher: settings.password_hasher()?,
            passkeys: Passkeys::new(&public_url),
            geoip: Arc::new(settings.geoip()?),
            face_origin: FaceOrigin::new(settings, &public_url),
            trusted_proxies: settings.trusted_proxies.clone(),
            public_url,
            security_contact: settings.security_contact.clone(),
            operator_cookie_key: random_bytes(),
            picture_encoder: settings.picture_encoder(),
            search_pool: SearchPool::new(settings.search_concurrency.get() as usize),
            language: settings.language,
            image_origins: settings.image_origins.clone(),
            registration: settings.registration,
            messenger: Arc::new(Messenger::new(settings)?),
            profile_cache_bytes: settings.profile_cache_bytes(),
        })
    }
}

impl App {
    /// Creates the service of a store.
    pub fn new(
        store: impl Into<Engine>,
        cipher: Arc<FieldCipher>,
        settings: &Settings,
    ) -> Result<App, SettingsError> {
        let parts = AppParts::new(settings)?;
        Ok(App::from_parts(parts, store.into(), cipher, settings.key_file(), settings.clock()))
    }

    /// Creates the service of a store from shared parts.
    pub fn from_parts(
        parts: AppParts,
        store: Engine,
        cipher: Arc<FieldCipher>,
        key_file: KeyFile,
        clock: Clock,
    ) -> App {
        App(Arc::new(Inner {
            profile_cache: ProfileCache::new(parts.profile_cache_bytes, &store),
            metrics: Metrics::new(&store),
            store,
            cipher,
            key_file,
            key_rotation: tokio::sync::Mutex::new(()),
            clock,
            search_rates: SearchRates::default(),
            readiness: Readiness::default(),
            parts,
        }))
    }

    /// Returns a page of a list as the viewer sees it, or why there is none.
    pub async fn list_page<T: PageLayout>(
        &self,
        query: ListQuery,
        client: &ClientInfo,
    ) -> Result<Result<PreEncoded<T>, ListRefusal>, ApiError> {
        self.profile_cache.page(&self.store, query, || self.face_origin.of(client)).await
    }

    /// Returns the location of an address.
    pub async fn locate(&self, address: IpAddr) -> Location {
        let geoip = Arc::clone(&self.geoip);
        // The first lookup decompresses the built-in file.
        tokio::task::spawn_blocking(move || geoip.locate(address)).await.unwrap_or_default()
    }

    /// Returns the writer of messages in the language of a request.
    pub fn outbox(&self, client: &ClientInfo, now: i64) -> Outbox {
        let language = Preferences::of(&client.headers, self).language.tag();
        Outbox { cipher: Arc::clone(&self.cipher), limits: self.limits.outbox, language, now }
    }

    /// Returns the current time, in seconds since the Unix epoch.
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

impl Deref for Inner {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.parts
    }
}
