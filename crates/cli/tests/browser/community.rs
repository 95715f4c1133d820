//! A community that pages show: its service, and an operator of it who may do anything.

use crate::program::{Folder, Service, done, guanxi, run};
use guanxi_client::Cookies;

/// A community that is a test's own, and gone with it.
pub(crate) struct Community {
    service: Service,
    token: String,
    /// The session of the member whom the test is about, if it is the demo's.
    session: String,
    _folder: Folder,
}

impl Community {
    /// One without a member, under these settings.
    pub(crate) fn empty(settings: &[(&str, &str)]) -> Community {
        Community::in_folder(Folder::new(), settings)
    }

    fn in_folder(folder: Folder, settings: &[(&str, &str)]) -> Community {
        let data = folder.path("data");
        let token = run(&["operator", "token", "create", "--role", "admin", "--data", &data]);
        let token = done(&token).trim().to_owned();
        let mut command = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data", &data]);
        command.envs(settings.iter().copied());
        Community { service: Service::started(command), token, session: String::new(), _folder: folder }
    }

    /// The demo's, with a session of one of its members.
    pub(crate) fn demo(mid: u64) -> Community {
        let folder = Folder::new();
        let data = folder.path("data");
        drop(Service::demo_at(&data));
        let session = run(&["member", "session", &mid.to_string(), "--data", &data]);
        let session: Cookies = serde_json::from_str(done(&session)).unwrap();
        Community { session: session.sessdata, ..Community::in_folder(folder, &[]) }
    }

    /// The address of a page of members.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.service.base)
    }

    /// The address of a page of operators.
    pub(crate) fn desk(&self, path: &str) -> String {
        format!("http://{}{path}", self.service.operators)
    }

    /// The token of the operator.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// The session of the demo's member.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }
}
