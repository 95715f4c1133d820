//! The chromedriver process of the test program. It ends with the program.

use guanxi_test_postgres::has_programs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use thirtyfour::{
    Capabilities, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver,
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Required programs.
const PROGRAMS: [&str; 3] = ["chromium", "chromedriver", "setsid"];

/// Browser flags: Chinese pages, no background network traffic, and no features that containers lack.
const FLAGS: [&str; 10] = [
    "--headless",
    "--accept-lang=zh-CN",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// Limit for concurrent browsers. Each takes some hundred MiB.
const MAX_BROWSERS: usize = 4;
static PERMITS: Semaphore = Semaphore::const_new(MAX_BROWSERS);

struct Driver {
    address: String,
    /// Process that ends once its standard input is closed.
    _child: Child,
}

/// Acquires permits for browsers, or `None` without a driver.
pub(crate) async fn acquire(browsers: usize) -> Option<SemaphorePermit<'static>> {
    driver()?;
    Some(PERMITS.acquire_many(u32::try_from(browsers).unwrap()).await.unwrap())
}

/// Opens a browser with a new profile.
pub(crate) async fn new_session() -> WebDriver {
    let driver = driver().unwrap();
    let mut capabilities = DesiredCapabilities::chrome();
    for flag in FLAGS {
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
    if !has_programs("browser tests", &PROGRAMS) {
        return None;
    }
    // The WebDriver client is built with TLS and requires a crypto provider, though it never uses it. Another test
    // may have installed one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut command = Command::new("sh");
    command.args(["-c", include_str!("driver.sh"), "driver.sh"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut port = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
    assert!(!port.is_empty(), "chromedriver did not start");
    Some(Driver { address: format!("http://127.0.0.1:{}", port.trim()), _child: child })
}
