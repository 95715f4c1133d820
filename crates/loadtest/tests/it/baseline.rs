//! Fixed bodies over the HTTP stack of the service.

use guanxi_loadtest::baseline;
use guanxi_loadtest::load::{DEFAULT_GRACE, Failure, Load, Rate};
use guanxi_loadtest::workload::{PathWorkload, Target};
use guanxi_server::Settings;
use guanxi_server::net::listener;
use std::time::Duration;
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread")]
async fn baseline_serves_bodies_of_the_requested_length() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        listener::serve_without_jobs(
            vec![(listener, baseline::service(1_024))],
            &Settings::default(),
            std::future::pending(),
        )
        .await;
    });
    let stats = tokio::task::spawn_blocking(move || {
        let (target, _) = Target::from_url(&format!("http://{address}")).unwrap();
        let time = Duration::from_millis(50);
        let load =
            Load { address, connections: 2, rate: Rate::Max, time, grace: DEFAULT_GRACE, seed: 1, pid: None };
        let run_length = |length: usize| {
            load.run(&mut [PathWorkload::new(&target, &format!("/limit/{length}"), None, 1)]).unwrap()
        };
        [run_length(100), run_length(22_000), run_length(baseline::MAX_LENGTH + 1)]
    });
    let [small, large, none] = stats.await.unwrap();
    assert!(small.succeeded() > 0 && small.failures.is_empty(), "{:?}", small.failures);
    assert_eq!((small.mean_bytes(), large.mean_bytes()), (100, 22_000));
    assert_eq!(none.failures.keys().collect::<Vec<_>>(), [&Failure::Status(404)]);
}
