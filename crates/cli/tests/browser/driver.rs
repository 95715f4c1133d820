//! The chromedriver of this test program: it starts the browsers, and is gone with them when the program is.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use thirtyfour::{
    Capabilities, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver,
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Where it is set, tests are not left out.
const WANTED: &str = "GUANXI_TEST_BROWSER";

/// What the tests need.
const PROGRAMS: [&str; 3] = ["chromium", "chromedriver", "setsid"];

/// How browsers are started: nothing that asks others for anything, or that a test's container has not.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// How many browsers run at once: each takes some hundred MiB.
const MOST: usize = 4;
static ROOM: Semaphore = Semaphore::const_new(MOST);

struct Driver {
    address: String,
    /// As long as its standard input is open, it runs.
    _child: Child,
}

/// Room for so many browsers; none where there is no driver.
pub(crate) async fn room(browsers: usize) -> Option<SemaphorePermit<'static>> {
    driver()?;
    Some(ROOM.acquire_many(u32::try_from(browsers).unwrap()).await.unwrap())
}

/// A browser that never was anywhere: chromedriver gives each a new profile.
pub(crate) async fn browser(more: &[String]) -> WebDriver {
    let driver = driver().unwrap();
    let mut capabilities = DesiredCapabilities::chrome();
    for flag in FLAGS.into_iter().chain(more.iter().map(String::as_str)) {
        capabilities.add_arg(flag).unwrap();
    }
    capabilities.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
    WebDriver::new(driver.address.as_str(), Capabilities::from(capabilities)).await.unwrap()
}

fn driver() -> Option<&'static Driver> {
    static DRIVER: OnceLock<Option<Driver>> = OnceLock::new();
    DRIVER.get_or_init(start).as_ref()
}

fn start() -> Option<Driver> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |program: &&str| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if let Some(missing) = PROGRAMS.iter().find(|program| !is_there(program)) {
        assert!(
            std::env::var_os(WANTED).is_none(),
            "{WANTED} asks for tests in a browser, and there is no {missing}"
        );
        let _ = writeln!(std::io::stderr(), "tests in a browser are left out: there is no {missing} here");
        return None;
    }
    // What speaks to the driver is built with TLS, which wants to know whose, and never uses it. Another test may have said so.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut command = Command::new("sh");
    command.args(["-c", include_str!("driver.sh"), "driver.sh"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut port = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
    assert!(!port.is_empty(), "a chromedriver for the tests could not be started");
    Some(Driver { address: format!("http://127.0.0.1:{}", port.trim()), _child: child })
}
