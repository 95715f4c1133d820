//! Sessions that a login or a password change opens and ends, and the logged result of a login (D34).

use super::rate_limits::ATTEMPTS;
use crate::community::{Community, expect_read, mid};
use crate::dump_state::{member_states, service_state};
use crate::members::{
    LOGIN_QUOTA, NOW, SECOND_STEP, login_origin, member_named, new_password, new_session, no_outbox,
};
use guanxi_domain::rate_limit::Decision::Allow;
use guanxi_storage::Store;
use guanxi_storage::commands::PasswordLogin::LoggedIn;
use guanxi_storage::commands::{
    ChangePassword, CompleteLogin, NewSession, RecordFailedLogin, RegisterMember, RevokeSession,
    SessionRenewal, device_hash,
};
use guanxi_storage::model::{LatestLogin, LoginMethod, LoginRow, Session};
use guanxi_types::{ErrorCode, Mid};

fn renewal(old: u8, new: u8) -> SessionRenewal {
    SessionRenewal { old: [old; 32], new: [new; 32], expires: NOW + 9 }
}

pub(crate) async fn login_with_changed_password_hash_is_rejected(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 1).await;
    assert_eq!(community.attempt(1, 2, NOW).await, Allow);
    let before = (member_states(&community.store, 2).await, service_state(&community.store).await);
    assert_eq!(community.log_in(me, "old", 2, NOW).await, Err(ErrorCode::WrongCredentials));
    assert_eq!(
        community.log_in(2, "", 2, NOW).await,
        Err(ErrorCode::WrongCredentials),
        "the member does not exist"
    );
    let change = |me, phc: Option<&str>| {
        let (expected_phc, new_password) = (phc.map(str::to_owned), new_password("new"));
        let renewal = renewal(1, 9);
        ChangePassword {
            me: mid(me),
            expected_phc,
            new_password,
            renewal,
            attempts: Some(ATTEMPTS),
            outbox: no_outbox(&community.cipher),
        }
    };
    assert_eq!(community.run(change(me, Some("old"))).await, Err(ErrorCode::WrongCredentials));
    assert_eq!(
        community.run(change(me, None)).await,
        Err(ErrorCode::WrongCredentials),
        "the member has a password"
    );
    assert_eq!(community.run(change(2, None)).await, Err(ErrorCode::MemberNotFound));
    assert_eq!((member_states(&community.store, 2).await, service_state(&community.store).await), before);

    let rehashed_phc = Some("rehashed".to_owned());
    let (expected_phc, session) = ("phc".to_owned(), new_session(2));
    let log_in = CompleteLogin {
        me: mid(me),
        expected_phc,
        rehashed_phc,
        attempts: ATTEMPTS,
        session,
        login_rate: LOGIN_QUOTA,
        second_step: SECOND_STEP,
        now: NOW,
    };
    assert_eq!(community.run(log_in.clone()).await, Ok(LoggedIn));
    assert_eq!(community.phc(me).await.as_deref(), Some("rehashed"));
    assert_eq!(community.run(log_in).await, Err(ErrorCode::WrongCredentials));
}

pub(crate) async fn password_change_ends_all_other_sessions(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 4).await;
    assert_eq!(community.sign_up(member_named("乙"), 9).await, Ok(2));
    assert_eq!(community.attempt(1, 2, NOW).await, Allow);
    let (expected_phc, next_password) = (Some("phc".to_owned()), new_password("new"));
    let change = |renewal| ChangePassword {
        me: mid(me),
        expected_phc: expected_phc.clone(),
        new_password: next_password.clone(),
        renewal,
        attempts: Some(ATTEMPTS),
        outbox: no_outbox(&community.cipher),
    };
    let before = (member_states(&community.store, 2).await, service_state(&community.store).await);
    for ended in [renewal(7, 8), renewal(9, 8)] {
        assert_eq!(
            community.run(change(ended)).await,
            Err(ErrorCode::NotLoggedIn),
            "the session does not exist, or belongs to another member"
        );
    }
    assert_eq!((member_states(&community.store, 2).await, service_state(&community.store).await), before);
    let old = community.session(3).await;
    assert_eq!(community.run(change(renewal(3, 5))).await, Ok(()));
    assert_eq!((community.sessions(me).await, community.sessions(2).await), (vec![5], vec![9]));
    let renewed = old.map(|old| Session { hash: [5; 32], expires: NOW + 9, ..old });
    assert_eq!(community.session(5).await, renewed, "the session continues under another token");
    for (byte, there) in [(1, false), (2, false), (3, false), (4, false), (5, true), (9, true)] {
        assert_eq!(community.session(byte).await.is_some(), there, "{byte}");
    }
    assert_eq!((community.phc(me).await.as_deref(), community.attempts(1).await), (Some("new"), 0));
    // A member without a password sets one without an attempt.
    let first = new_password("first");
    let set = ChangePassword {
        me: mid(2),
        expected_phc: None,
        new_password: first,
        renewal: renewal(9, 8),
        attempts: None,
        outbox: no_outbox(&community.cipher),
    };
    assert_eq!(community.run(set).await, Ok(()));
    assert!(community.account(2).await.has_password);
    assert_eq!((community.phc(2).await.as_deref(), community.sessions(2).await), (Some("first"), vec![8]));
}

pub(crate) async fn login_ends_the_session_it_replaces(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 3).await;
    assert_eq!(community.sign_up(member_named("乙"), 9).await, Ok(2));
    let log_in = |byte, old: u8| CompleteLogin {
        me: mid(me),
        expected_phc: "phc".to_owned(),
        rehashed_phc: None,
        attempts: ATTEMPTS,
        session: NewSession { replaces: Some([old; 32]), ..new_session(byte) },
        login_rate: LOGIN_QUOTA,
        second_step: SECOND_STEP,
        now: NOW,
    };
    assert_eq!(community.run(log_in(4, 2)).await, Ok(LoggedIn));
    assert_eq!((community.sessions(me).await, community.sessions(2).await), (vec![1, 3, 4], vec![9]));
    assert_eq!(community.session(2).await, None);
    assert_eq!(
        community.run(log_in(5, 9)).await,
        Ok(LoggedIn),
        "the replaced session belongs to another member"
    );
    assert_eq!((community.sessions(me).await, community.sessions(2).await), (vec![1, 3, 4, 5], vec![]));
    assert_eq!(community.run(log_in(6, 9)).await, Ok(LoggedIn), "the replaced session has ended already");
    let rejected = CompleteLogin { expected_phc: "wrong".to_owned(), ..log_in(7, 6) };
    assert_eq!(community.run(rejected).await, Err(ErrorCode::WrongCredentials));
    assert_eq!(community.sessions(me).await, [1, 3, 4, 5, 6], "a rejected login ends no session");
    let sign_up = RegisterMember {
        new_member: member_named("丙"),
        session: NewSession { replaces: Some([6; 32]), ..new_session(10) },
        outbox: no_outbox(&community.cipher),
        now: NOW,
    };
    assert_eq!(community.run(sign_up).await.map(Mid::get), Ok(3));
    assert_eq!((community.sessions(me).await, community.sessions(3).await), (vec![1, 3, 4, 5], vec![10]));
}

pub(crate) async fn oldest_sessions_are_evicted(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 1).await;
    let log_in = |byte: u8, max_sessions| {
        let (expected_phc, now) = ("phc".to_owned(), NOW + 100 - i64::from(byte));
        CompleteLogin {
            me: mid(me),
            expected_phc,
            rehashed_phc: None,
            attempts: ATTEMPTS,
            session: NewSession { max_sessions, ..new_session(byte) },
            login_rate: LOGIN_QUOTA,
            second_step: SECOND_STEP,
            now,
        }
    };
    // A larger byte is an older session. Session 1 is the oldest.
    for (byte, max_sessions, remaining) in [
        (9, 3, vec![1, 9]),
        (8, 3, vec![1, 8, 9]),
        (7, 3, vec![7, 8, 9]),
        (6, 3, vec![6, 7, 8]),
        (5, 2, vec![5, 6]),
        (4, 0, vec![4]),
        (3, 1, vec![3]),
    ] {
        assert_eq!(community.run(log_in(byte, max_sessions)).await, Ok(LoggedIn));
        assert_eq!(community.sessions(me).await, remaining, "{byte} of at most {max_sessions}");
    }
}

pub(crate) async fn session_is_ended_by_its_member_only(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 3).await;
    assert_eq!(community.sign_up(member_named("乙"), 9).await, Ok(2));
    let end = |member, byte| RevokeSession { me: mid(member), id: [byte; 8] };
    assert_eq!(
        community.run(end(me, 9)).await,
        Err(ErrorCode::SessionNotFound),
        "the session belongs to another member"
    );
    assert_eq!(community.run(end(me, 2)).await, Ok(()));
    assert_eq!(community.run(end(me, 2)).await, Err(ErrorCode::SessionNotFound));
    assert_eq!(community.run(end(7, 2)).await, Err(ErrorCode::SessionNotFound));
    assert_eq!((community.sessions(me).await, community.sessions(2).await), (vec![1, 3], vec![9]));
}

pub(crate) async fn failed_login_is_logged_for_members_only(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 1).await;
    let fail = |member, buvid| RecordFailedLogin {
        mid: Some(mid(member)),
        origin: login_origin(buvid),
        bucket: [7; 32],
        now: NOW + 5,
    };
    for buvid in ["A", "B"] {
        assert_eq!(community.run(fail(me, buvid)).await, Ok(()));
    }
    let before = (member_states(&community.store, 3).await, service_state(&community.store).await);
    assert_eq!(
        community.run(fail(2, "A")).await,
        Ok(()),
        "an unknown member has the same result (no user enumeration)"
    );
    assert_eq!((member_states(&community.store, 3).await, service_state(&community.store).await), before);

    let logins = expect_read(community.store.login_log(mid(me), NOW + 1, usize::MAX).await);
    let failed = |buvid| login_origin(buvid).login_row(mid(me), NOW + 5, LoginMethod::Password, false);
    assert_eq!(logins, [failed("B"), failed("A")]);
    let latest = async |buvid: &str| {
        let latest = expect_read(community.store.get::<LatestLogin>((mid(me), device_hash(buvid))).await);
        latest.map(|LatestLogin { login: LoginRow { time, .. }, .. }| time)
    };
    assert_eq!((latest("A").await, latest("B").await), (Some(NOW), None), "only successful logins count");
    // A clock that was set back does not make an older login the latest.
    assert_eq!(community.log_in(me, "phc", 2, NOW - 9).await, Ok(()));
    assert_eq!(latest("A").await, Some(NOW));
    assert_eq!(community.log_in(me, "phc", 3, NOW + 9).await, Ok(()));
    assert_eq!(latest("A").await, Some(NOW + 9));
}
