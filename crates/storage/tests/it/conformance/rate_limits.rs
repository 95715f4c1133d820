//! Rate limits and lockouts of logins, and the sessions that a login opens and ends (D34).

use crate::community::{Community, expect_read, mid};
use crate::dump_state::{member_states, service_state};
use crate::members::{LOGIN_QUOTA, NOW, login_origin, member_named, new_password, new_session};
use guanxi_domain::rate_limit::{Decision, MAX_LOCKOUT_SECONDS, Quota};
use guanxi_storage::Store;
use guanxi_storage::commands::{
    ChangePassword, CheckRateLimit, CompleteLogin, ConsumedAttempts, NewMember, NewSession,
    RecordFailedLogin, RefundAttempt, RegisterMember, RevokeSession, SessionRenewal, device_hash,
};
use guanxi_storage::model::{LatestLogin, LoginMethod, LoginRow, Password, RateLimitBucket, Session};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;
use tokio::task::JoinSet;

fn renewal(old: u8, new: u8) -> SessionRenewal {
    SessionRenewal { old: [old; 32], new: [new; 32], expires: NOW + 9 }
}

/// The quota of an account.
const ACCOUNT: Quota = Quota { max_attempts: 5, window_seconds: 900, lockout_seconds: 60 };
/// The quota of a client address.
const ADDRESS: Quota = Quota { max_attempts: 20, window_seconds: 900, lockout_seconds: 60 };
/// The consumed attempts of an account and of a client address.
const ATTEMPTS: ConsumedAttempts = ConsumedAttempts { account: [1; 32], address: [2; 32], at: NOW };

use Decision::{Allow, RetryAfter};

impl<S: Store> Community<S> {
    /// Checks the rate limits of an account and of a client address.
    async fn attempt(&self, account: u8, address: u8, now: i64) -> Decision {
        let buckets = vec![([account; 32], ACCOUNT), ([address; 32], ADDRESS)];
        self.run(CheckRateLimit { buckets, now }).await.expect("the command is never rejected")
    }

    /// Returns the number of attempts in a bucket.
    async fn attempts(&self, key: u8) -> usize {
        expect_read(self.store.get::<RateLimitBucket>([key; 32]).await)
            .map_or(0, |row| row.bucket.attempts.len())
    }

    /// Registers a member with a password hash and several sessions.
    async fn member_with_password(&self, phc: &str, sessions: u8) -> u64 {
        let new_member = NewMember { password: Some(new_password(phc)), ..member_named("甲") };
        let me = self.sign_up(new_member, 1).await.expect("the name is free");
        for byte in 2..=sessions {
            assert_eq!(self.log_in(me, phc, byte, NOW).await, Ok(()));
        }
        me
    }

    async fn log_in(&self, me: u64, phc: &str, byte: u8, now: i64) -> Result<(), ErrorCode> {
        let session = NewSession { expires: now + 1_000_000, ..new_session(byte) };
        let expected_phc = phc.to_owned();
        let log_in = CompleteLogin {
            me: mid(me),
            expected_phc,
            rehashed_phc: None,
            attempts: ATTEMPTS,
            session,
            login_rate: LOGIN_QUOTA,
            now,
        };
        self.run(log_in).await.map(|decision| assert_eq!(decision, Allow))
    }

    async fn phc(&self, member: u64) -> Option<String> {
        expect_read(self.store.get::<Password>(mid(member)).await).map(|row| row.phc)
    }
}

pub(crate) async fn concurrent_attempts_do_not_exceed_the_quota(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let mut tasks = JoinSet::new();
    for _ in 0..200 {
        let store = community.store.clone();
        let buckets = vec![([1; 32], ACCOUNT), ([2; 32], ADDRESS)];
        tasks.spawn(async move {
            store.run(CheckRateLimit { buckets, now: NOW }).await.expect("the store is writable")
        });
    }
    let decisions = tasks.join_all().await;
    assert_eq!(decisions.iter().filter(|decision| **decision == Allow).count(), ACCOUNT.max_attempts);
    assert!(decisions.iter().all(|decision| matches!(decision, Allow | RetryAfter(60))));
    assert_eq!(
        community.attempts(2).await,
        ACCOUNT.max_attempts,
        "a locked account consumes no attempt of the address"
    );
}

pub(crate) async fn address_quota_limits_accounts_tried(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    for account in 10..30 {
        assert_eq!(community.attempt(account, 2, NOW).await, Allow, "{account}");
    }
    assert_eq!(community.attempt(30, 2, NOW).await, RetryAfter(60));
    assert_eq!(community.attempts(30).await, 0, "a locked address consumes no attempt of the account");
    assert_eq!(community.attempt(30, 3, NOW).await, Allow, "another address is not locked");
    assert_eq!(community.attempt(31, 2, NOW + 59).await, RetryAfter(1));
    assert_eq!(community.attempt(31, 2, NOW + 60).await, Allow);
}

pub(crate) async fn longer_of_two_lockouts_is_returned(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    for now in [NOW, NOW + 60] {
        for _ in 0..5 {
            assert_eq!(community.attempt(1, 2, now).await, Allow);
        }
        // The next lockout is longer.
        assert!(matches!(community.attempt(1, 2, now).await, RetryAfter(_)));
    }
    for account in 10..20 {
        assert_eq!(community.attempt(account, 2, NOW + 61).await, Allow, "{account}");
    }
    assert_eq!(community.attempt(20, 2, NOW + 61).await, RetryAfter(60), "20 attempts from this address");
    assert_eq!(community.attempt(1, 2, NOW + 70).await, RetryAfter(110), "the longer of 120 - 10 and 60 - 9");
    assert_eq!(community.attempt(1, 3, NOW + 70).await, RetryAfter(110));
    assert_eq!(community.attempt(20, 2, NOW + 70).await, RetryAfter(51));
}

pub(crate) async fn lockouts_double_and_expire(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let (mut now, mut wait) = (NOW, 60);
    for _ in 0..4 {
        for _ in 0..5 {
            assert_eq!(community.attempt(1, 9, now).await, Allow);
        }
        assert_eq!(community.attempt(1, 9, now).await, RetryAfter(wait));
        (now, wait) = (now + wait, wait * 2);
        let row: RateLimitBucket =
            expect_read(community.store.get([1; 32]).await).expect("the bucket exists");
        assert_eq!((row.bucket.locked_until, row.expires), (now, now + MAX_LOCKOUT_SECONDS));
    }
    community.run_all_due_tasks(now + MAX_LOCKOUT_SECONDS - 1).await;
    assert!(expect_read(community.store.get::<RateLimitBucket>([1; 32]).await).is_some());
    assert_eq!(
        expect_read(community.store.get::<RateLimitBucket>([9; 32]).await),
        None,
        "the window of the address has ended"
    );
    community.run_all_due_tasks(now + MAX_LOCKOUT_SECONDS).await;
    assert_eq!(expect_read(community.store.all::<RateLimitBucket>().await), []);
    assert_eq!(community.attempt(1, 9, now + MAX_LOCKOUT_SECONDS).await, Allow);
    assert_eq!(community.run_due_tasks(i64::MAX).await, 2, "each bucket has one task");
}

pub(crate) async fn expired_bucket_equals_an_empty_one(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    for account in [1, 2] {
        assert_eq!(community.attempt(account, 9, NOW).await, Allow);
        for _ in 0..4 {
            assert_eq!(community.attempt(account, 9, NOW + 899).await, Allow);
        }
    }
    community.run_all_due_tasks(NOW + 1798).await;
    assert_eq!(community.attempts(1).await, 5, "attempts count until the window of the last one ends");
    // One bucket is checked just before it is deleted, the other just after.
    assert_eq!(community.attempt(1, 9, NOW + 1799).await, Allow);
    community.run_all_due_tasks(NOW + 1799).await;
    assert_eq!(community.attempt(2, 9, NOW + 1799).await, Allow);
    assert_eq!((community.attempts(1).await, community.attempts(2).await), (1, 1));
}

pub(crate) async fn successful_login_refunds_its_attempt(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 1).await;
    for now in [NOW - 3, NOW - 2, NOW - 1, NOW] {
        assert_eq!(community.attempt(1, 2, now).await, Allow);
    }
    assert_eq!(community.log_in(me, "phc", 2, NOW).await, Ok(()));
    assert_eq!(
        (community.attempts(1).await, community.attempts(2).await),
        (0, 3),
        "only this attempt of the address is refunded"
    );
    assert_eq!(community.sessions(me).await, [1, 2]);
    let logins = expect_read(community.store.login_log(mid(me), 0, usize::MAX).await);
    assert_eq!(logins[0], login_origin("A").login_row(mid(me), NOW, LoginMethod::Password, true));

    assert_eq!(community.attempt(1, 2, NOW).await, Allow);
    assert_eq!(community.run(RefundAttempt(ATTEMPTS)).await, Ok(()));
    assert_eq!((community.attempts(1).await, community.attempts(2).await), (0, 3));
    let unknown = ConsumedAttempts { account: [7; 32], address: [8; 32], at: NOW };
    assert_eq!(
        community.run(RefundAttempt(unknown)).await,
        Ok(()),
        "a refund of a deleted bucket has no effect"
    );
    let buckets: Vec<_> =
        expect_read(community.store.all::<RateLimitBucket>().await).into_iter().map(|row| row.hash).collect();
    assert_eq!(
        buckets,
        [ATTEMPTS.address, LOGIN_QUOTA.0],
        "the account's bucket is gone, and the successful login is counted"
    );
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
        ChangePassword { me: mid(me), expected_phc, new_password, renewal, attempts: Some(ATTEMPTS) }
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
        now: NOW,
    };
    assert_eq!(community.run(log_in.clone()).await, Ok(Allow));
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
        now: NOW,
    };
    assert_eq!(community.run(log_in(4, 2)).await, Ok(Allow));
    assert_eq!((community.sessions(me).await, community.sessions(2).await), (vec![1, 3, 4], vec![9]));
    assert_eq!(community.session(2).await, None);
    assert_eq!(
        community.run(log_in(5, 9)).await,
        Ok(Allow),
        "the replaced session belongs to another member"
    );
    assert_eq!((community.sessions(me).await, community.sessions(2).await), (vec![1, 3, 4, 5], vec![]));
    assert_eq!(community.run(log_in(6, 9)).await, Ok(Allow), "the replaced session has ended already");
    let rejected = CompleteLogin { expected_phc: "wrong".to_owned(), ..log_in(7, 6) };
    assert_eq!(community.run(rejected).await, Err(ErrorCode::WrongCredentials));
    assert_eq!(community.sessions(me).await, [1, 3, 4, 5, 6], "a rejected login ends no session");
    let sign_up = RegisterMember {
        new_member: member_named("丙"),
        session: NewSession { replaces: Some([6; 32]), ..new_session(10) },
        cipher: Arc::clone(&community.cipher),
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
        assert_eq!(community.run(log_in(byte, max_sessions)).await, Ok(Allow));
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

pub(crate) async fn successful_logins_are_rate_limited_separately(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 1).await;
    let login_rate = (LOGIN_QUOTA.0, Quota { max_attempts: 2, ..LOGIN_QUOTA.1 });
    for (byte, decision, sessions) in
        [(2, Allow, 2), (3, Allow, 3), (4, RetryAfter(60), 3), (5, RetryAfter(60), 3)]
    {
        assert_eq!(community.attempt(1, 2, NOW).await, Allow);
        let (expected_phc, session) = ("phc".to_owned(), new_session(byte));
        let log_in = CompleteLogin {
            me: mid(me),
            expected_phc,
            rehashed_phc: None,
            attempts: ATTEMPTS,
            session,
            login_rate,
            now: NOW,
        };
        assert_eq!(community.run(log_in).await, Ok(decision), "{byte}");
        assert_eq!(community.sessions(me).await.len(), sessions, "{byte}");
        assert_eq!(
            (community.attempts(1).await, community.attempts(2).await),
            (0, 0),
            "a successful login refunds its attempt"
        );
    }
}
