//! The running service of a community: a store in a folder of its own, with the services of members and operators.

use super::template::Opened;
use guanxi_server::http::cookies::request_cookie;
use guanxi_server::jobs;
use guanxi_server::session_token::Token;
use guanxi_server::{App, HttpService, routes};
use guanxi_storage::Store;
use guanxi_storage::model::Session;
use guanxi_types::Mid;
use http::HeaderMap;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// The running service of a community. Its folder is deleted with it.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) app: App,
    pub(crate) members: HttpService,
    pub(crate) operators: HttpService,
    jobs: JoinHandle<()>,
    /// Dropped last. The store closes before its folder is deleted.
    _folder: Arc<TempDir>,
}

impl Running {
    /// Starts the members' service and the jobs of an open store.
    pub(crate) fn start(Opened { app, compat, folder }: Opened, operators: HttpService) -> Running {
        let folder = Arc::new(folder);
        let (jobs, held) = (jobs::run_all(app.clone()), Arc::clone(&folder));
        let jobs = tokio::spawn(async move {
            let _held = held;
            jobs.await;
        });
        let members = routes::uncompressed_service(app.clone(), compat.as_ref());
        Running { app, members, operators, jobs, _folder: folder }
    }

    /// Returns the member of a request's session.
    pub(crate) async fn session_member(&self, headers: &HeaderMap) -> Option<Mid> {
        let token = Token::from_text(request_cookie(headers, "SESSDATA")?);
        let session: Option<Session> = self.app.store.get(token.hash()).await.ok()?;
        session.filter(|session| session.expires > self.app.now()).map(|session| session.mid)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.jobs.abort();
    }
}
