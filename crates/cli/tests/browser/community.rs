//! A community under test: its service, and an operator with the role admin.

use crate::program::{Service, TestDir, guanxi, run, stdout};
use guanxi_client::Cookies;

/// The password of members who sign up in tests.
pub(crate) const PASSWORD: &str = "chang-an-yi-pian-yue";

/// 社会易姐QwQ of the demo, with 699 followings and 365 followers.
pub(crate) const MEMBER_WITH_MANY_RELATIONS: u64 = 293_793_435;

/// 北窗旧书 of the demo, a stranger to the members under test.
pub(crate) const STRANGER: u64 = 5_818_410;

/// A community that is removed after its test.
pub(crate) struct Community {
    service: Service,
    token: String,
    /// The session token of the member under test. Empty without one.
    session: String,
    _folder: TestDir,
}

impl Community {
    /// Starts a community without members.
    pub(crate) fn empty(settings: &[(&str, &str)]) -> Community {
        Community::in_folder(TestDir::new(), "运营", settings)
    }

    /// Starts a community without members under the name `localhost`, for which browsers have passkeys.
    pub(crate) fn on_localhost() -> Community {
        let mut community = Community::empty(&[("GUANXI_PUBLIC_URL", "http://localhost")]);
        community.service.base = community.service.base.replace("127.0.0.1", "localhost");
        community
    }

    /// Starts a community from a dump, with a session of one of its members and a named operator.
    pub(crate) fn from_dump(dump: &str, mid: u64, operator: &str, settings: &[(&str, &str)]) -> Community {
        let folder = TestDir::new();
        let file = folder.write("dump.jsonl", dump);
        stdout(&run(&["import", &file, "--data-dir", &folder.path("data")]));
        Community::with_session(folder, mid, operator, settings)
    }

    /// Starts the demo community, with a session of one of its members.
    pub(crate) fn demo(mid: u64) -> Community {
        let folder = TestDir::new();
        drop(Service::demo_in(&folder.path("data")));
        // VIPs of the past would end while a test compares two views of a page.
        Community::with_session(folder, mid, "运营", &[("GUANXI_VIP_EXPIRY", "never")])
    }

    fn with_session(folder: TestDir, mid: u64, operator: &str, settings: &[(&str, &str)]) -> Community {
        let mut session =
            guanxi(&["member", "session", &mid.to_string(), "--data-dir", &folder.path("data")]);
        let session = session.envs(settings.iter().copied()).output().unwrap();
        let session: Cookies = serde_json::from_str(stdout(&session)).unwrap();
        Community { session: session.sessdata, ..Community::in_folder(folder, operator, settings) }
    }

    fn in_folder(folder: TestDir, operator: &str, settings: &[(&str, &str)]) -> Community {
        let data = folder.path("data");
        let token =
            run(&["operator", "token", "create", "--role", "admin", "--name", operator, "--data-dir", &data]);
        let token = stdout(&token).trim().to_owned();
        let mut command = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
        command.envs(settings.iter().copied());
        Community { service: Service::start(command), token, session: String::new(), _folder: folder }
    }

    /// Returns the URL of a members' page.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.service.base)
    }

    /// Returns the URL of an operators' page.
    pub(crate) fn operator_page(&self, path: &str) -> String {
        format!("http://{}{path}", self.service.operators)
    }

    /// Returns the operator's token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Returns the session token of the member under test.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }
}
