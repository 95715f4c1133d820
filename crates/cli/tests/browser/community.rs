//! A community that pages show: its service, and an operator of it who may do anything.

use crate::program::{Folder, Service, done, guanxi, run};
use guanxi_client::Cookies;

/// A community that is a test's own, and gone with it.
pub(crate) struct Community {
    service: Service,
    token: String,
    /// The session of the member whom the test is about, where one was opened.
    session: String,
    _folder: Folder,
}

impl Community {
    /// One without a member, under these settings.
    pub(crate) fn empty(settings: &[(&str, &str)]) -> Community {
        Community::in_folder(Folder::new(), "运营", settings)
    }

    /// That of a dump, with a session of one of its members, and what its operator is called.
    pub(crate) fn of_dump(dump: &str, mid: u64, operator: &str, settings: &[(&str, &str)]) -> Community {
        let folder = Folder::new();
        let file = folder.write("dump.jsonl", dump);
        done(&run(&["import", &file, "--data", &folder.path("data")]));
        Community::with_session(folder, mid, operator, settings)
    }

    /// The demo's, with a session of one of its members.
    pub(crate) fn demo(mid: u64) -> Community {
        let folder = Folder::new();
        drop(Service::demo_at(&folder.path("data")));
        Community::with_session(folder, mid, "运营", &[])
    }

    fn with_session(folder: Folder, mid: u64, operator: &str, settings: &[(&str, &str)]) -> Community {
        let mut session = guanxi(&["member", "session", &mid.to_string(), "--data", &folder.path("data")]);
        let session = session.envs(settings.iter().copied()).output().unwrap();
        let session: Cookies = serde_json::from_str(done(&session)).unwrap();
        Community { session: session.sessdata, ..Community::in_folder(folder, operator, settings) }
    }

    fn in_folder(folder: Folder, operator: &str, settings: &[(&str, &str)]) -> Community {
        let data = folder.path("data");
        let token =
            run(&["operator", "token", "create", "--role", "admin", "--name", operator, "--data", &data]);
        let token = done(&token).trim().to_owned();
        let mut command = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data", &data]);
        command.envs(settings.iter().copied());
        Community { service: Service::started(command), token, session: String::new(), _folder: folder }
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

    /// The session of the member whom the test is about.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }
}
