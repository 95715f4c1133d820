//! Responses while the database is unreachable, read-only or cut off during a commit.

use crate::operator_client::OperatorClient;
use crate::service::{NOON, Service, TestResponse};
use guanxi_test_postgres::{FaultProxy, ProxyState};
use std::time::Duration;

/// Database timeout of the services here.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Returns a service, the proxy to its database, and a second service behind the proxy.
async fn behind_proxy() -> Option<(Service, FaultProxy, Service)> {
    let service = Service::on_postgres().await?;
    let proxy = service.schema().fault_proxy().await;
    let remote = service.second_instance_at(&proxy.url(), TIMEOUT).await;
    Some((service, proxy, remote))
}

/// Returns status, code and `Retry-After` seconds.
fn outcome(answer: &TestResponse) -> (u16, i64, Option<i64>) {
    (answer.status.as_u16(), answer.code(), answer.retry_after())
}

const UNAVAILABLE: (u16, i64, Option<i64>) = (503, -503, Some(1));
const FOLLOW: (&str, [(&str, &str); 2]) = ("/x/relation/modify", [("fid", "2"), ("act", "1")]);

#[tokio::test]
async fn unreachable_database_returns_503() {
    let Some((_service, proxy, remote)) = behind_proxy().await else { return };
    let me = remote.log_in_as(1).await;
    for state in [ProxyState::Refusing, ProxyState::Paused] {
        let remote = remote.at_time(NOON);
        let (me, anonymous) = (me.with_service(&remote), OperatorClient::new(&remote, None));
        proxy.set(state);
        assert_eq!(outcome(&me.get("/x/relation/stat?vmid=1").await), UNAVAILABLE, "{state:?}");
        assert_eq!(outcome(&me.post(FOLLOW.0, &FOLLOW.1).await), UNAVAILABLE, "{state:?}");
        assert_eq!(anonymous.get("/readyz").await.status, 503, "{state:?}");
        assert_eq!(anonymous.get("/healthz").await.status, 200, "{state:?}");
        proxy.set(ProxyState::Forwarding);
        assert_eq!(me.get("/x/relation/stat?vmid=1").await.code(), 0, "recovers without a restart");
        // Each service caches its readiness for a second.
        let remote = remote.at_time(NOON);
        assert_eq!(OperatorClient::new(&remote, None).get("/readyz").await.status, 200);
    }
    assert_eq!(me.change_relation(1, 2).await, 0);
}

#[tokio::test]
async fn read_only_database_returns_503_for_writes() {
    let Some(service) = Service::on_postgres().await else { return };
    let me = service.log_in_as(1).await;
    assert!(me.is_logged_in().await);
    let url = format!("{}%20-cdefault_transaction_read_only%3Don", service.schema().url());
    let remote = service.second_instance_at(&url, TIMEOUT).await;
    let me = me.with_service(&remote);
    assert_eq!(me.get("/x/relation/stat?vmid=1").await.code(), 0);
    assert_eq!(outcome(&me.post(FOLLOW.0, &FOLLOW.1).await), UNAVAILABLE);
    assert_eq!(outcome(&remote.anonymous().log_in("成员1", "guess").await), UNAVAILABLE);
    assert_eq!(OperatorClient::new(&remote, None).get("/readyz").await.status, 503);
}

#[tokio::test]
async fn write_with_unknown_outcome_returns_500() {
    let Some((_service, proxy, remote)) = behind_proxy().await else { return };
    let me = remote.log_in_as(1).await;
    assert!(me.is_logged_in().await, "the daily login reward is granted");
    proxy.set(ProxyState::DropAfterCommit);
    let answer = me.post(FOLLOW.0, &FOLLOW.1).await;
    assert_eq!(outcome(&answer), (500, -500, None));
    assert_eq!(me.get("/x/relation/followings?vmid=1").await.ints("mid"), [2], "the write was committed");
}
