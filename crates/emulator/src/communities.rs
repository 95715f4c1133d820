//! The communities of the emulator by name.

use crate::community::Community;
use crate::community::template::{Template, TemplateError};
use crate::community_name::CommunityName;
use crate::gaps::Gaps;
use crate::journal::Journal;
use crate::limits::Limits;
use guanxi_api::emulator::list_gaps;
use guanxi_server::{App, HttpService};
use guanxi_storage::StorageError;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::OnceCell;

/// The communities by name. The first request of a name creates its community from the base.
#[derive(Debug)]
pub(crate) struct Communities {
    template: Arc<Template>,
    pub(crate) limits: Limits,
    operators_service: OperatorsService,
    by_name: Mutex<BTreeMap<CommunityName, Slot>>,
    closed: ClosedTotals,
}

/// The gaps and the number of requests of closed communities.
#[derive(Debug, Default)]
struct ClosedTotals {
    gaps: Gaps,
    requests: AtomicU64,
}

/// The function that creates the operators' service of a community.
pub(crate) type OperatorsService = fn(App, &Weak<Community>, &Weak<Communities>) -> HttpService;

/// A community, or its creation.
type Slot = Arc<OnceCell<Arc<Community>>>;

/// An error of a request for a community.
#[derive(Debug, thiserror::Error)]
pub enum CommunityError {
    /// The emulator has the maximum number of communities.
    #[error("the emulator has {0} communities already: close one with POST /emulator/close")]
    TooMany(usize),
    /// The data of the community cannot be created.
    #[error(transparent)]
    Data(#[from] TemplateError),
}

impl Communities {
    pub(crate) fn new(
        template: Template,
        limits: Limits,
        operators_service: OperatorsService,
    ) -> Arc<Communities> {
        let (template, by_name) = (Arc::new(template), Mutex::default());
        let closed = ClosedTotals::default();
        Arc::new(Communities { template, limits, operators_service, by_name, closed })
    }

    /// Returns the community of a name. Requests of one name wait for its creation, others do not.
    pub(crate) async fn get(
        self: &Arc<Communities>,
        name: &CommunityName,
    ) -> Result<Arc<Community>, CommunityError> {
        let slot = self.slot(name)?;
        let create = || {
            let (communities, create_service) = (Arc::downgrade(self), self.operators_service);
            let operators = move |app: App, community: &_| create_service(app, community, &communities);
            let (template, journal) = (Arc::clone(&self.template), Journal::new(self.limits));
            Community::create(name.clone(), template, journal, Box::new(operators))
        };
        Ok(Arc::clone(slot.get_or_try_init(create).await?))
    }

    fn slot(&self, name: &CommunityName) -> Result<Slot, CommunityError> {
        let mut by_name = self.by_name();
        if let Some(slot) = by_name.get(name) {
            return Ok(Arc::clone(slot));
        }
        if by_name.len() >= self.limits.communities {
            return Err(CommunityError::TooMany(self.limits.communities));
        }
        Ok(Arc::clone(by_name.entry(name.clone()).or_default()))
    }

    /// Returns the community of a name if it was created.
    pub(crate) fn existing(&self, name: &CommunityName) -> Option<Arc<Community>> {
        self.by_name().get(name).and_then(|slot| slot.get()).cloned()
    }

    fn all(&self) -> Vec<Arc<Community>> {
        self.by_name().values().filter_map(|slot| slot.get().cloned()).collect()
    }

    /// Returns the gaps of all communities, the closed ones included.
    pub(crate) fn gaps(&self) -> list_gaps::Data {
        let total = Gaps::default();
        total.add(&self.closed.gaps);
        for community in self.all() {
            total.add(&community.gaps);
        }
        total.list()
    }

    /// Returns the number of members' requests to all communities, the closed ones included.
    pub(crate) fn request_count(&self) -> u64 {
        let open: u64 = self.all().iter().map(|community| community.journal.latest()).sum();
        open + self.closed.requests.load(Ordering::Relaxed)
    }

    /// Waits until the store of a community has failed.
    pub(crate) async fn failed(&self) -> StorageError {
        self.template.failed().await
    }

    /// Returns the names of the communities.
    pub(crate) fn names(&self) -> Vec<CommunityName> {
        self.by_name().keys().cloned().collect()
    }

    /// Removes a community. Its data is deleted after its last request.
    pub(crate) fn remove(&self, name: &CommunityName) {
        let removed = self.by_name().remove(name);
        if let Some(community) = removed.as_ref().and_then(|slot| slot.get()) {
            self.closed.gaps.add(&community.gaps);
            self.closed.requests.fetch_add(community.journal.latest(), Ordering::Relaxed);
        }
        // Closing a store takes time, so it happens after the lock is released.
        drop(removed);
    }

    fn by_name(&self) -> MutexGuard<'_, BTreeMap<CommunityName, Slot>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
