//! Sessions are opened and revoked; only the hash of a token is kept.

use crate::community::{Community, mid, read};
use guanxi_domain::day::start;
use guanxi_storage::Store;
use guanxi_storage::command::{GrantDailyLogin, OpenSession, RevokeSessions, RunDueTask};
use guanxi_storage::row::{Session, Table};
use guanxi_types::ErrorCode;
use jiff::civil::date;

impl<S: Store> Community<S> {
    async fn open_session(&self, me: u64, byte: u8, now: i64, expires: i64) -> Result<(), ErrorCode> {
        self.run(OpenSession { me: mid(me), hash: [byte; 32], now, expires }).await
    }
}

pub(crate) async fn an_opened_session_is_found_by_its_hash(store: impl Store) {
    let community = Community::of(store, 1).await;
    assert_eq!(community.open_session(1, 1, 100, 200).await, Ok(()));
    let session = Session {
        hash: [1; 32],
        mid: mid(1),
        created: 100,
        expires: 200,
        how: None,
        device: String::new(),
        ip: None,
        place: String::new(),
    };
    assert_eq!(community.session(1).await, Some(session));
    assert_eq!(community.session(2).await, None);
    assert_eq!(community.open_session(9, 2, 100, 200).await, Err(ErrorCode::NoMember));
    assert_eq!(community.session(2).await, None);

    let day = date(2026, 1, 15);
    let asked = async |byte| read(community.store.session([byte; 32], day).await);
    let given = asked(1).await.map(|(session, given)| (session.mid, given));
    assert_eq!(given, Some((mid(1), false)));
    assert_eq!(community.run(GrantDailyLogin { me: mid(1), now: start(day) }).await, Ok(()));
    assert!(asked(1).await.is_some_and(|(_, given)| given), "the day has given what its login brings");
    assert_eq!(asked(2).await, None);
}

pub(crate) async fn revoking_ends_all_of_one_member_alone(store: impl Store) {
    let community = Community::of(store, 3).await;
    for (me, byte) in [(1, 1), (1, 2), (2, 3), (1, 4)] {
        assert_eq!(community.open_session(me, byte, 100, 200).await, Ok(()));
    }
    assert_eq!(community.run(RevokeSessions { me: mid(1) }).await, Ok(3));
    for (byte, there) in [(1, false), (2, false), (3, true), (4, false)] {
        assert_eq!(community.session(byte).await.is_some(), there, "{byte}");
    }
    assert_eq!(community.run(RevokeSessions { me: mid(1) }).await, Ok(0));
    assert_eq!(community.run(RevokeSessions { me: mid(3) }).await, Ok(0));
    assert_eq!(community.run(RevokeSessions { me: mid(9) }).await, Err(ErrorCode::NoMember));
}

pub(crate) async fn expired_ones_end_by_the_clock(store: impl Store) {
    let community = Community::of(store, 2).await;
    for (me, byte, expires) in [(1, 1, 200), (1, 2, 201), (2, 3, 150)] {
        assert_eq!(community.open_session(me, byte, 100, expires).await, Ok(()));
    }
    for due in read(community.store.due(200, Table::awaited()).await) {
        assert_eq!(community.run(RunDueTask { due, now: 200 }).await, Ok(()));
    }
    assert_eq!(community.session(1).await, None, "from its second on it is none");
    assert!(community.session(2).await.is_some(), "it has a second left");
    assert_eq!(community.session(3).await, None);
    assert_eq!(community.run(RevokeSessions { me: mid(1) }).await, Ok(1));
}
