//! A community: its running service, snapshots, faults, and recorded requests.

pub(crate) mod running;
pub(crate) mod snapshots;
pub(crate) mod template;

use crate::community_name::CommunityName;
use crate::faults::Faults;
use crate::gaps::Gaps;
use crate::journal::Journal;
use guanxi_server::{App, HttpService};
use running::Running;
use snapshots::Snapshots;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, Weak};
use template::{Opened, Template, TemplateError};

/// The function that creates the operators' service.
type OperatorsService = Box<dyn Fn(App, &Weak<Community>) -> HttpService + Send + Sync>;

/// A community of the emulator.
pub struct Community {
    /// The name.
    pub(crate) name: CommunityName,
    pub(crate) template: Arc<Template>,
    pub(crate) snapshots: Snapshots,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) gaps: Gaps,
    operators: OperatorsService,
    /// The running service. A restore replaces it, and a request holds the one that it started with.
    running: RwLock<Arc<Running>>,
}

impl fmt::Debug for Community {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Community").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Community {
    /// Creates a community from the base.
    pub(crate) async fn create(
        name: CommunityName,
        template: Arc<Template>,
        journal: Journal,
        operators: OperatorsService,
    ) -> Result<Arc<Community>, TemplateError> {
        let opened = template.open_base().await?;
        Ok(Arc::new_cyclic(|community| {
            let service = operators(opened.app.clone(), community);
            Community {
                name,
                template,
                snapshots: Snapshots::default(),
                faults: Faults::default(),
                journal,
                gaps: Gaps::default(),
                operators,
                running: RwLock::new(Arc::new(Running::start(opened, service))),
            }
        }))
    }

    /// Returns the running service.
    pub(crate) fn running(&self) -> Arc<Running> {
        Arc::clone(&self.running.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the running service by that of an open store. The former one ends with its last request.
    fn replace_running(self: &Arc<Community>, opened: Opened) {
        let operators = (self.operators)(opened.app.clone(), &Arc::downgrade(self));
        let running = Arc::new(Running::start(opened, operators));
        let mut current = self.running.write().unwrap_or_else(PoisonError::into_inner);
        let former = std::mem::replace(&mut *current, running);
        drop(current);
        // Closing the store takes time, so it happens after the lock is released.
        drop(former);
    }

    /// Records a host that the proxy refused.
    pub fn record_refused_host(&self, host: &str) {
        self.gaps.record_host(host);
    }
}
