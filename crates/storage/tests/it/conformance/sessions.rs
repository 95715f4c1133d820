//! Creation, revocation and expiry of sessions.

use crate::community::{Community, expect_read, mid};
use guanxi_domain::day::start_of;
use guanxi_storage::Store;
use guanxi_storage::commands::{CreateSession, GrantDailyLogin, RevokeSessions, RunDueTask};
use guanxi_storage::model::{Session, Table};
use guanxi_types::ErrorCode;
use jiff::civil::date;
use std::sync::Arc;

impl<S: Store> Community<S> {
    pub(crate) async fn open_session(
        &self,
        me: u64,
        byte: u8,
        now: i64,
        expires: i64,
    ) -> Result<(), ErrorCode> {
        self.run(CreateSession { me: mid(me), hash: [byte; 32], now, expires }).await
    }
}

pub(crate) async fn opened_session_is_found_by_its_hash(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.open_session(1, 1, 100, 200).await, Ok(()));
    let session = Session {
        hash: [1; 32],
        mid: mid(1),
        created: 100,
        expires: 200,
        login_method: None,
        device: String::new(),
        ip: None,
        location: String::new(),
        password_proved: 0,
        factor_proved: 0,
    };
    assert_eq!(community.session(1).await, Some(session));
    assert_eq!(community.session(2).await, None);
    assert_eq!(community.open_session(9, 2, 100, 200).await, Err(ErrorCode::MemberNotFound));
    assert_eq!(community.session(2).await, None);

    let day = date(2026, 1, 15);
    let with_reward = async |byte| expect_read(community.store.session([byte; 32], day).await);
    let session = with_reward(1).await.map(|(session, is_granted)| (session.mid, is_granted));
    assert_eq!(session, Some((mid(1), false)));
    assert_eq!(community.run(GrantDailyLogin { me: mid(1), now: start_of(day) }).await, Ok(()));
    assert!(
        with_reward(1).await.is_some_and(|(_, is_granted)| is_granted),
        "the reward of the day is granted"
    );
    assert_eq!(with_reward(2).await, None);
}

pub(crate) async fn revocation_ends_all_sessions_of_one_member(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    for (me, byte) in [(1, 1), (1, 2), (2, 3), (1, 4)] {
        assert_eq!(community.open_session(me, byte, 100, 200).await, Ok(()));
    }
    assert_eq!(community.run(RevokeSessions { me: mid(1) }).await, Ok(3));
    for (byte, exists) in [(1, false), (2, false), (3, true), (4, false)] {
        assert_eq!(community.session(byte).await.is_some(), exists, "{byte}");
    }
    assert_eq!(community.run(RevokeSessions { me: mid(1) }).await, Ok(0));
    assert_eq!(community.run(RevokeSessions { me: mid(3) }).await, Ok(0));
    assert_eq!(community.run(RevokeSessions { me: mid(9) }).await, Err(ErrorCode::MemberNotFound));
}

pub(crate) async fn expired_sessions_are_deleted_when_due(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    for (me, byte, expires) in [(1, 1, 200), (1, 2, 201), (2, 3, 150)] {
        assert_eq!(community.open_session(me, byte, 100, expires).await, Ok(()));
    }
    for task in expect_read(community.store.due_tasks(200, Table::scheduled()).await) {
        assert_eq!(
            community.run(RunDueTask { task, cipher: Arc::clone(&community.cipher), now: 200 }).await,
            Ok(())
        );
    }
    assert_eq!(community.session(1).await, None, "the session has expired");
    assert!(community.session(2).await.is_some(), "the session expires a second later");
    assert_eq!(community.session(3).await, None);
    assert_eq!(community.run(RevokeSessions { me: mid(1) }).await, Ok(1));
}
