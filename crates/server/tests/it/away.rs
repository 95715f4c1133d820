//! What clients are told when the database is away, takes no writes, or is cut off in the middle of one.

use crate::console::Console;
use crate::service::{Answer, NOON, Service};
use guanxi_test_postgres::{Road, State};
use std::time::Duration;

/// How long the services here wait for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// A service, the road to its database, and a service at the end of it.
async fn by_road() -> Option<(Service, Road, Service)> {
    let service = Service::shared().await?;
    let road = service.schema().road().await;
    let far = service.twin_by(&road.url(), PATIENCE).await;
    Some((service, road, far))
}

/// The status, the code, and after how many seconds to try again.
fn of(answer: &Answer) -> (u16, i64, Option<i64>) {
    (answer.status.as_u16(), answer.code(), answer.wait())
}

const UNAVAILABLE: (u16, i64, Option<i64>) = (503, -503, Some(1));
const FOLLOW: (&str, [(&str, &str); 2]) = ("/x/relation/modify", [("fid", "2"), ("act", "1")]);

#[tokio::test]
async fn a_database_that_is_away_is_a_503() {
    let Some((_service, road, far)) = by_road().await else { return };
    let me = far.member(1).await;
    for state in [State::Closed, State::Held] {
        let far = far.at(NOON);
        let (me, anyone) = (me.at(&far), Console::new(&far, None));
        road.set(state);
        assert_eq!(of(&me.get("/x/relation/stat?vmid=1").await), UNAVAILABLE, "{state:?}");
        assert_eq!(of(&me.post(FOLLOW.0, &FOLLOW.1).await), UNAVAILABLE, "{state:?}");
        assert_eq!(anyone.get("/readyz").await.status, 503, "{state:?}");
        assert_eq!(anyone.get("/healthz").await.status, 200, "{state:?}");
        road.set(State::Open);
        assert_eq!(me.get("/x/relation/stat?vmid=1").await.code(), 0, "it is back at once");
        // What is known of readiness is kept for a second, by each service.
        let far = far.at(NOON);
        assert_eq!(Console::new(&far, None).get("/readyz").await.status, 200);
    }
    assert_eq!(me.act(1, 2).await, 0);
}

#[tokio::test]
async fn a_database_that_takes_no_writes_is_a_503_for_writes() {
    let Some(service) = Service::shared().await else { return };
    let me = service.member(1).await;
    assert!(me.is_logged_in().await);
    let url = format!("{}%20-cdefault_transaction_read_only%3Don", service.schema().url());
    let far = service.twin_by(&url, PATIENCE).await;
    let me = me.at(&far);
    assert_eq!(me.get("/x/relation/stat?vmid=1").await.code(), 0);
    assert_eq!(of(&me.post(FOLLOW.0, &FOLLOW.1).await), UNAVAILABLE);
    assert_eq!(of(&far.anyone().log_in("成员1", "guess").await), UNAVAILABLE);
    assert_eq!(Console::new(&far, None).get("/readyz").await.status, 503);
}

#[tokio::test]
async fn a_write_of_which_nobody_knows_is_a_500() {
    let Some((_service, road, far)) = by_road().await else { return };
    let me = far.member(1).await;
    assert!(me.is_logged_in().await, "the day's visit is done");
    road.set(State::CutAfterCommit);
    let answer = me.post(FOLLOW.0, &FOLLOW.1).await;
    assert_eq!(of(&answer), (500, -500, None));
    assert_eq!(me.get("/x/relation/followings?vmid=1").await.each("mid"), [2], "this one was done");
}
