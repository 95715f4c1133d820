//! Members who leave, and who may stay until their deletion starts.

use crate::community::{Community, expect_read, mid};
use guanxi_storage::Store;
use guanxi_storage::commands::{CreateSession, Leave, Stay};
use guanxi_storage::encryption::IdentifierKind;
use guanxi_storage::model::{Card, Leaving};
use guanxi_types::ErrorCode;

const NOW: i64 = 1_000;
const DUE: i64 = 2_000;

impl<S: Store> Community<S> {
    async fn leave(&self, me: u64, now: i64) -> Result<i64, ErrorCode> {
        self.run(Leave { me: mid(me), due: now + DUE - NOW, now }).await
    }

    async fn leaving(&self, member: u64) -> Option<i64> {
        expect_read(self.store.get::<Leaving>(mid(member)).await).map(|row| row.due)
    }
}

async fn with_session<S: Store>(store: S) -> Community<S> {
    let community = Community::with_members(store, 2).await;
    let open = CreateSession { me: mid(1), hash: [1; 32], now: NOW, expires: DUE * 9 };
    assert_eq!(community.run(open).await, Ok(()));
    community
}

pub(crate) async fn member_who_leaves_is_deleted_when_due(store: impl Store) {
    let community = with_session(store).await;
    assert_eq!(community.leave(1, NOW).await, Ok(DUE));
    assert_eq!(expect_read(community.store.sessions(mid(1)).await), []);
    assert_eq!(community.leave(1, NOW + 500).await, Ok(DUE), "the earlier time stays");
    while community.run_due_tasks(DUE - 1).await > 0 {}
    let card = expect_read(community.store.get::<Card>(mid(1)).await).expect("the member exists until then");
    while community.run_due_tasks(DUE).await > 0 {}
    assert_eq!(expect_read(community.store.counters(mid(1)).await), None);
    assert_eq!(community.find(IdentifierKind::Uname, &card.uname).await, None);
    assert_eq!(community.leaving(1).await, None);
    assert_eq!(community.leave(1, DUE).await, Err(ErrorCode::MemberNotFound));
    assert_eq!(community.run(Stay(mid(1))).await, Err(ErrorCode::MemberNotFound));
}

pub(crate) async fn member_who_stays_is_not_deleted(store: impl Store) {
    let community = with_session(store).await;
    assert_eq!(community.run(Stay(mid(1))).await, Ok(()), "it has no effect for others");
    assert_eq!(community.leave(1, NOW).await, Ok(DUE));
    assert_eq!(community.run(Stay(mid(1))).await, Ok(()));
    assert_eq!(community.leaving(1).await, None);
    while community.run_due_tasks(DUE).await > 0 {}
    assert!(expect_read(community.store.counters(mid(1)).await).is_some());
    assert_eq!(community.leave(1, DUE).await, Ok(DUE + DUE - NOW), "a new request has a new time");
}
