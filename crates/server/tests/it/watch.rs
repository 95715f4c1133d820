//! What watches the service.

use crate::browser::PASSWORD;
use crate::console::Console;
use crate::service::{NOON, Service};
use futures_util::future::join_all;
use futures_util::poll;
use guanxi_server::operator::watch::is_ready;
use guanxi_storage::command::Probe;
use guanxi_storage::{Engine, Store};
use http::header::CONTENT_TYPE;
use serde_json::json;
use tokio::time::Instant;

/// The value of a counter; none if it is not told.
fn value(metrics: &str, name: &str) -> Option<f64> {
    let line =
        metrics.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn whether_it_lives_is_asked_without_a_token() {
    let service = Service::new().await;
    let anyone = Console::new(&service, None);
    for path in ["/healthz", "/readyz"] {
        let answer = anyone.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "ok"), "{path}");
    }
}

#[tokio::test]
async fn readiness_is_one_durable_write_a_second_at_most() {
    let service = Service::new().await;
    let anyone = Console::new(&service, None);
    let (before, from) = (service.commands(), Instant::now());
    for asked in join_all((0..50).map(|_| anyone.get("/readyz"))).await {
        assert_eq!(asked.status, 200);
    }
    let written = service.commands() - before;
    assert!((1..=1 + from.elapsed().as_secs()).contains(&written), "{written}");
}

#[tokio::test]
async fn readiness_asked_by_who_goes_away_is_one_write_too() {
    let service = Service::embedded().await;
    let Engine::Lmdb(store) = &service.app.store else { panic!("it is embedded") };
    let queued = || store.pulse().commands + store.pulse().abandoned;
    let (before, from) = (queued(), Instant::now());
    for _ in 0..50 {
        let mut asked = Box::pin(is_ready(&service.app));
        let _ = poll!(&mut asked);
    }
    store.run(Probe).await.expect("it comes behind all of them");
    let most = 2 + from.elapsed().as_secs();
    assert!((2..=most).contains(&(queued() - before)), "{} of {most}", queued() - before);
}

/// Tells a process that it is one of its own.
#[cfg(unix)]
const ALONE: &str = "GUANXI_TEST_ALONE";

/// Lets no file of this process grow beyond some bytes, as on a full disk; or lets them.
#[cfg(unix)]
fn limit(bytes: Option<u64>) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum }).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn full_disk_is_not_ready_and_still_alive() {
    if std::env::var_os(ALONE).is_none() {
        // A limit is the whole process's, so this test runs in one of its own. What would end that is ignored there.
        let mut command = std::process::Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; exec \"$0\" --exact watch::full_disk_is_not_ready_and_still_alive"]);
        let done = command.arg(std::env::current_exe().unwrap()).env(ALONE, "1").output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let service = Service::embedded().await;
    let me = service.member(1).await;
    assert_eq!(me.act(1, 2).await, 0);
    for full in [true, false] {
        limit(full.then_some(0));
        // What is known of readiness is kept for a second, by each service.
        let service = service.at(NOON);
        let (me, anyone) = (me.at(&service), Console::new(&service, None));
        assert_eq!(anyone.get("/readyz").await.status, if full { 503 } else { 200 });
        assert_eq!(anyone.get("/healthz").await.status, 200);
        assert_eq!(me.act(if full { 5 } else { 2 }, 2).await, if full { -503 } else { 0 });
        assert_eq!(me.get("/x/relation/stat?vmid=1").await.code(), 0, "reads go on");
    }
}

#[tokio::test]
async fn what_happened_is_counted() {
    let service = Service::new().await;
    let browser = service.anyone();
    browser.sign_up("新来的", &[]).await;
    assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
    for _ in 0..5 {
        assert_eq!(browser.log_in("新来的", "guess").await.code(), 30011);
    }
    assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 30012);
    for (mid, code) in [(7, 0), (8, 0), (61, 22001), (999, 40061)] {
        assert_eq!(browser.act(1, mid).await, code);
    }
    let phone = service.member(7).await;
    let key = browser.post("/passport/qrcode", &[]).await.data()["key"].as_str().unwrap().to_owned();
    assert_eq!(phone.get(&format!("/passport/qrcode/confirm?key={key}")).await.code(), 0);
    assert_eq!(phone.post("/passport/qrcode/confirm", &[("key", &key)]).await.code(), 0);
    assert_eq!(browser.get(&format!("/passport/qrcode?key={key}")).await.data()["mid"], 7);

    let anyone = Console::new(&service, None);
    assert_eq!(anyone.post("/operator/events", json!({})).await.status, 401);
    let answer = anyone.get("/metrics").await;
    assert!(answer.headers[CONTENT_TYPE].to_str().unwrap().starts_with("application/openmetrics-text"));
    let metrics = answer.text();
    assert!(metrics.ends_with("# EOF\n"));
    let answers = |method: &str, path: &str, code: i64| {
        value(metrics, &format!(r#"guanxi_answers_total{{method="{method}",path="{path}",code="{code}"}}"#))
    };
    for (method, path, code, count) in [
        ("POST", "/x/relation/modify", 0, 2.0),
        ("POST", "/x/relation/modify", 22001, 1.0),
        ("POST", "/x/relation/modify", 40061, 1.0),
        ("POST", "/passport/login", 0, 1.0),
        ("POST", "/passport/login", 30011, 5.0),
        ("POST", "/passport/login", 30012, 1.0),
        ("GET", "/x/relation/stat", 0, 0.0),
        ("POST", "/operator/events", -401, 1.0),
    ] {
        assert_eq!(answers(method, path, code), Some(count), "{path} {code}: {metrics}");
    }
    // Who signs up is logged in by their password.
    for (outcome, count) in [("password", 2.0), ("wrong", 5.0), ("waits", 1.0), ("qr", 1.0)] {
        assert_eq!(
            value(metrics, &format!(r#"guanxi_logins_total{{outcome="{outcome}"}}"#)),
            Some(count),
            "{outcome}"
        );
    }
    let shared = service.app.store.is_shared();
    let everywhere =
        [("commits_total", 10.0), ("commands_total", 10.0), ("commits_failed_total", 0.0), ("queued", 0.0)];
    let embedded = [("data_bytes", 4096.0), ("commit_batch_count", 1.0)];
    let database = [("connections", 1.0), ("commits_again_total", 0.0)];
    for (name, least) in everywhere.into_iter().chain(if shared { database } else { embedded }) {
        let told = value(metrics, &format!("guanxi_{name}")).unwrap_or_else(|| panic!("{name}: {metrics}"));
        assert!(told >= least, "{name} {told}");
    }
    let seconds = r#"guanxi_answer_seconds_count{method="POST",path="/x/relation/modify"}"#;
    assert_eq!(value(metrics, seconds), Some(4.0));
}

#[tokio::test]
async fn nothing_of_anybody_is_in_the_counts() {
    let service = Service::new().await;
    let browser = service.anyone().from("36.40.120.1");
    browser.sign_up("新来的", &[("tel", "15312345056"), ("mail", "new@qq.com")]).await;
    assert_eq!(browser.log_in("15312345056", "guess").await.code(), 30011);
    assert_eq!(browser.get("/x/space/acc/info?mid=61").await.code(), 0);
    browser.get("/nowhere/15312345056").await;
    let metrics = Console::new(&service, None).get("/metrics").await;
    let token = browser.cookie("SESSDATA").unwrap();
    for private in ["新来的", "15312345056", "new@qq.com", "36.40", "gx_61", "mid=", "guess", &token] {
        assert!(!metrics.text().contains(private), "{private}");
    }
}
