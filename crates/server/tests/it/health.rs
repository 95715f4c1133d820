//! Health checks and metrics.

use crate::client::PASSWORD;
use crate::operator_client::OperatorClient;
use crate::service::{NOON, Service};
use futures_util::future::join_all;
use futures_util::poll;
use guanxi_storage::commands::ProbeWrites;
use guanxi_storage::{Engine, Store};
use http::header::CONTENT_TYPE;
use serde_json::json;
use tokio::time::Instant;

/// Returns the value of a counter, if present.
fn value(metrics: &str, name: &str) -> Option<f64> {
    let line =
        metrics.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn health_endpoints_need_no_token() {
    let service = Service::new().await;
    let anonymous = OperatorClient::new(&service, None);
    for path in ["/healthz", "/readyz"] {
        let answer = anonymous.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "ok"), "{path}");
    }
}

#[tokio::test]
async fn readiness_writes_at_most_once_a_second() {
    let service = Service::new().await;
    let anonymous = OperatorClient::new(&service, None);
    let (before, from) = (service.command_count(), Instant::now());
    for response in join_all((0..50).map(|_| anonymous.get("/readyz"))).await {
        assert_eq!(response.status, 200);
    }
    let written = service.command_count() - before;
    assert!((1..=1 + from.elapsed().as_secs()).contains(&written), "{written}");
}

#[tokio::test]
async fn cancelled_readiness_checks_share_one_write() {
    let service = Service::on_embedded().await;
    let Engine::Embedded(store) = &service.app.store else { panic!("not the embedded engine") };
    let queued = || store.metrics().commands + store.metrics().abandoned;
    let (before, from) = (queued(), Instant::now());
    for _ in 0..50 {
        let mut probe = Box::pin(service.app.readiness.probe(&service.app.store));
        let _ = poll!(&mut probe);
    }
    // Waits for the write of the cancelled checks, and has no own one within a second.
    service.app.readiness.probe(&service.app.store).await.expect("the disk is fine");
    store.run(ProbeWrites).await.expect("the probe runs after all queued writes");
    let max = 2 + from.elapsed().as_secs();
    assert!((2..=max).contains(&(queued() - before)), "{} of at most {max}", queued() - before);
}

/// Environment variable that marks the child process of a test.
#[cfg(unix)]
const OWN_PROCESS: &str = "GUANXI_TEST_OWN_PROCESS";

/// Limits the size of every file of this process, as a full disk does, or removes the limit.
#[cfg(unix)]
fn set_file_size_limit(bytes: Option<u64>) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum }).unwrap();
}

/// True if this process runs one test alone. Otherwise runs the test in such a process, which must succeed. A limit
/// applies to the whole process, and the process ignores SIGXFSZ.
#[cfg(unix)]
fn runs_alone(test: &str) -> bool {
    if std::env::var_os(OWN_PROCESS).is_some() {
        return true;
    }
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" --exact \"$1\""]).env(OWN_PROCESS, "1");
    let output = command.arg(std::env::current_exe().unwrap()).arg(test).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && stdout.contains("1 passed"), "{stdout}");
    false
}

#[cfg(unix)]
#[tokio::test]
async fn full_disk_is_not_ready_but_alive() {
    if !runs_alone("health::full_disk_is_not_ready_but_alive") {
        return;
    }
    let service = Service::on_embedded().await;
    let me = service.log_in_as(1).await;
    assert_eq!(me.change_relation(1, 2).await, 0);
    for full in [true, false] {
        set_file_size_limit(full.then_some(0));
        // Each service caches its readiness for a second.
        let service = service.at_time(NOON);
        let (me, anonymous) = (me.with_service(&service), OperatorClient::new(&service, None));
        let answer = anonymous.get("/readyz").await;
        assert_eq!(answer.status, if full { 503 } else { 200 });
        let text = answer.text();
        assert_eq!(text.starts_with("not ready: the disk rejects writes: "), full, "{text}");
        assert_eq!(answer.retry_after(), full.then_some(1));
        assert_eq!(anonymous.get("/healthz").await.status, 200);
        assert_eq!(me.change_relation(if full { 5 } else { 2 }, 2).await, if full { -503 } else { 0 });
        assert_eq!(me.get("/x/relation/stat?vmid=1").await.code(), 0, "reads still work");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn failed_write_is_unready_before_the_next_probe() {
    if !runs_alone("health::failed_write_is_unready_before_the_next_probe") {
        return;
    }
    let service = Service::on_embedded().await;
    let (me, anonymous) = (service.log_in_as(1).await, OperatorClient::new(&service, None));
    assert_eq!(me.change_relation(1, 2).await, 0);
    assert_eq!(anonymous.get("/readyz").await.status, 200);
    set_file_size_limit(Some(0));
    assert_eq!(me.change_relation(5, 2).await, -503);
    assert_eq!(anonymous.get("/readyz").await.status, 503, "the probe of this second succeeded");
    set_file_size_limit(None);
    assert_eq!(me.change_relation(5, 2).await, 0);
    // Each service caches its readiness for a second.
    let service = service.at_time(NOON);
    assert_eq!(OperatorClient::new(&service, None).get("/readyz").await.status, 200);
}

#[tokio::test]
async fn metrics_count_requests_and_logins() {
    let service = Service::new().await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[]).await;
    assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
    for _ in 0..5 {
        assert_eq!(browser.log_in("新来的", "guess").await.code(), 30011);
    }
    assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 30012);
    for (mid, code) in [(7, 0), (8, 0), (61, 22001), (999, 40061)] {
        assert_eq!(browser.change_relation(1, mid).await, code);
    }
    let phone = service.log_in_as(7).await;
    let key = browser.post("/passport/qrcode", &[]).await.data()["key"].as_str().unwrap().to_owned();
    assert_eq!(phone.get(&format!("/passport/qrcode/confirm?key={key}")).await.code(), 0);
    assert_eq!(phone.post("/passport/qrcode/confirm", &[("key", &key)]).await.code(), 0);
    assert_eq!(browser.get(&format!("/passport/qrcode?key={key}")).await.data()["mid"], 7);

    let anonymous = OperatorClient::new(&service, None);
    assert_eq!(anonymous.post("/operator/events", json!({})).await.status, 401);
    let answer = anonymous.get("/metrics").await;
    assert!(answer.headers[CONTENT_TYPE].to_str().unwrap().starts_with("application/openmetrics-text"));
    let metrics = answer.text();
    assert!(metrics.ends_with("# EOF\n"));
    let requests = |method: &str, path: &str, code: i64| {
        value(
            metrics,
            &format!(r#"guanxi_http_requests_total{{method="{method}",path="{path}",code="{code}"}}"#),
        )
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
        assert_eq!(requests(method, path, code), Some(count), "{path} {code}: {metrics}");
    }
    // A signup counts as a login by password.
    for (outcome, count) in
        [("password", 2.0), ("invalid_credentials", 5.0), ("rate_limited", 1.0), ("qr", 1.0)]
    {
        assert_eq!(
            value(metrics, &format!(r#"guanxi_logins_total{{outcome="{outcome}"}}"#)),
            Some(count),
            "{outcome}"
        );
    }
    let shared = service.app.store.is_shared();
    let common = [("commits_total", 10.0), ("writes_total", 10.0), ("commit_batch_size_count", 10.0)];
    let embedded = [("commits_failed_total", 0.0), ("write_queue_length", 0.0), ("data_file_bytes", 4096.0)];
    let database = [
        ("writes_failed_total", 0.0),
        ("db_pool_waiting", 0.0),
        ("db_pool_connections", 1.0),
        (r#"transaction_retries_total{cause="conflict"}"#, 0.0),
        ("db_pool_waits_total", 0.0),
        ("db_pool_wait_seconds_total", 0.0),
    ];
    let own = if shared { &database[..] } else { &embedded };
    for &(name, min) in common.iter().chain(own) {
        let actual = value(metrics, &format!("guanxi_{name}")).unwrap_or_else(|| panic!("{name}: {metrics}"));
        assert!(actual >= min, "{name} {actual}");
    }
    let seconds = r#"guanxi_http_request_duration_seconds_count{method="POST",path="/x/relation/modify"}"#;
    assert_eq!(value(metrics, seconds), Some(4.0));
}

#[tokio::test]
async fn metrics_contain_no_personal_data() {
    let service = Service::new().await;
    let browser = service.anonymous().with_address("36.40.120.1");
    browser.sign_up("新来的", &[("tel", "15312345056"), ("mail", "new@qq.com")]).await;
    assert_eq!(browser.log_in("15312345056", "guess").await.code(), 30011);
    assert_eq!(browser.get("/x/space/acc/info?mid=61").await.code(), 0);
    browser.get("/nowhere/15312345056").await;
    let metrics = OperatorClient::new(&service, None).get("/metrics").await;
    let token = browser.cookie("SESSDATA").unwrap();
    for private in ["新来的", "15312345056", "new@qq.com", "36.40", "gx_61", "mid=", "guess", &token] {
        assert!(!metrics.text().contains(private), "{private}");
    }
}
