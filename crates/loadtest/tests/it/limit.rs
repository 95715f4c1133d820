//! Fixed bodies, over the service's own loop.

use guanxi_loadtest::ask::{ByPath, Target};
use guanxi_loadtest::limit;
use guanxi_loadtest::load::{Failure, GRACE, Load, Rate};
use guanxi_server::{Settings, serve};
use std::time::Duration;
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread")]
async fn fixed_bodies_are_served_by_the_loop_of_the_service() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        serve::answer(vec![(listener, limit::site(1_024))], &Settings::default(), std::future::pending())
            .await;
    });
    let asked = tokio::task::spawn_blocking(move || {
        let (target, _) = Target::of(&format!("http://{address}")).unwrap();
        let time = Duration::from_millis(50);
        let load = Load { address, connections: 2, rate: Rate::Max, time, grace: GRACE, seed: 1, pid: None };
        let of = |length: usize| {
            load.run(&mut [ByPath::new(&target, &format!("/limit/{length}"), None, 1)]).unwrap()
        };
        [of(100), of(22_000), of(limit::MOST + 1)]
    });
    let [small, large, none] = asked.await.unwrap();
    assert!(small.done() > 0 && small.failures.is_empty(), "{:?}", small.failures);
    assert_eq!((small.mean_bytes(), large.mean_bytes()), (100, 22_000));
    assert_eq!(none.failures.keys().collect::<Vec<_>>(), [&Failure::Status(404)]);
}
