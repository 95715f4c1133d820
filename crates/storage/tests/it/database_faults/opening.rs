//! Opening a store while its database is unavailable or slow.

use super::{LONG, open, options};
use crate::tempdir::migrated_schema;
use guanxi_storage::Store;
use guanxi_storage::error::OpenError;
use guanxi_storage::postgres::Options;
use guanxi_test_postgres::{FaultProxy, ProxyState};
use tokio::net::TcpListener;
use tokio::time::timeout;

#[tokio::test]
async fn open_of_unavailable_database_fails_in_time() {
    let Some(schema) = migrated_schema().await else { return };
    let proxy = schema.fault_proxy().await;
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("host=127.0.0.1 port={} user=postgres", listener.local_addr().unwrap().port())
    };
    let no_database = proxy.url().replace("dbname=", "dbname=no_such_");
    for (state, url) in [
        (ProxyState::Forwarding, &refused),
        (ProxyState::Forwarding, &no_database),
        (ProxyState::Refusing, &proxy.url()),
        (ProxyState::Paused, &proxy.url()),
    ] {
        proxy.set(state);
        let opened = timeout(LONG, open(url, options())).await.expect("it fails in time");
        let Err(OpenError::Database(error)) = opened else { panic!("{opened:?}") };
        assert!(error.to_string().starts_with("the database is unavailable: "), "{url}: {error}");
    }
}

#[tokio::test]
async fn open_of_slow_database_fails_in_time() {
    let Some(schema) = migrated_schema().await else { return };
    let other = schema.client().await;
    other.batch_execute("begin; lock table refinery_schema_history in access exclusive mode").await.unwrap();
    let opened = timeout(LONG, open(&schema.url(), options())).await.expect("it fails in time");
    let Err(OpenError::Database(error)) = opened else { panic!("{opened:?}") };
    assert!(error.to_string().starts_with("the database timed out: "), "{error}");
    other.batch_execute("rollback").await.unwrap();
}

#[tokio::test]
async fn open_with_startup_wait_succeeds_once_available() {
    let Some(schema) = migrated_schema().await else { return };
    let proxy = schema.fault_proxy().await;
    for state in [ProxyState::Refusing, ProxyState::Paused] {
        proxy.set(state);
        let url = proxy.url();
        let opened =
            tokio::spawn(async move { open(&url, Options { startup_wait: LONG, ..options() }).await });
        proxy.wait_for_connection().await;
        proxy.wait_for_connection().await;
        proxy.set(ProxyState::Forwarding);
        let store = timeout(LONG, opened).await.unwrap().unwrap().expect("the database is available");
        assert!(store.is_empty().await.unwrap());
    }
}

#[tokio::test]
async fn open_uses_next_server_while_first_is_silent() {
    let Some(schema) = migrated_schema().await else { return };
    let [silent, next] = [schema.fault_proxy().await, schema.fault_proxy().await];
    silent.set(ProxyState::Paused);
    let port = |proxy: &FaultProxy| proxy.application_name().trim_start_matches("proxy-").to_owned();
    let url = format!("{} host=127.0.0.1,127.0.0.1 port={},{}", next.url(), port(&silent), port(&next));
    // Its retries make a slow machine no failure.
    let opened = timeout(LONG, open(&url, Options { startup_wait: LONG, ..options() })).await.unwrap();
    assert!(opened.expect("the next server answers").is_empty().await.unwrap());
}
