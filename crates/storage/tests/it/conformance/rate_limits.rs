//! Rate limits and lockouts of logins (D34).

use crate::community::{Community, expect_read, mid};
use crate::members::{LOGIN_QUOTA, NOW, SECOND_STEP, login_origin, member_named, new_password, new_session};
use guanxi_domain::rate_limit::{Decision, MAX_LOCKOUT_SECONDS, Quota};
use guanxi_storage::Store;
use guanxi_storage::commands::PasswordLogin::{self, LoggedIn};
use guanxi_storage::commands::{
    CheckRateLimit, CompleteLogin, ConsumedAttempts, NewMember, NewSession, RefundAttempt,
};
use guanxi_storage::model::{LoginMethod, Password, RateLimitBucket};
use guanxi_types::ErrorCode;
use tokio::task::JoinSet;

/// The quota of an account.
const ACCOUNT: Quota = Quota { max_attempts: 5, window_seconds: 900, lockout_seconds: 60 };
/// The quota of a client address.
const ADDRESS: Quota = Quota { max_attempts: 20, window_seconds: 900, lockout_seconds: 60 };
/// The consumed attempts of an account and of a client address.
pub(super) const ATTEMPTS: ConsumedAttempts =
    ConsumedAttempts { account: [1; 32], address: [2; 32], at: NOW };

use Decision::{Allow, RetryAfter};

impl<S: Store> Community<S> {
    /// Checks the rate limits of an account and of a client address.
    pub(super) async fn attempt(&self, account: u8, address: u8, now: i64) -> Decision {
        let buckets = vec![([account; 32], ACCOUNT), ([address; 32], ADDRESS)];
        self.run(CheckRateLimit { buckets, now }).await.expect("the command is never rejected")
    }

    /// Returns the number of attempts in a bucket.
    pub(super) async fn attempts(&self, key: u8) -> usize {
        expect_read(self.store.get::<RateLimitBucket>([key; 32]).await)
            .map_or(0, |row| row.bucket.attempts.len())
    }

    /// Registers a member with a password hash and several sessions.
    pub(super) async fn member_with_password(&self, phc: &str, sessions: u8) -> u64 {
        let new_member = NewMember { password: Some(new_password(phc)), ..member_named("甲") };
        let me = self.sign_up(new_member, 1).await.expect("the name is free");
        for byte in 2..=sessions {
            assert_eq!(self.log_in(me, phc, byte, NOW).await, Ok(()));
        }
        me
    }

    pub(super) async fn log_in(&self, me: u64, phc: &str, byte: u8, now: i64) -> Result<(), ErrorCode> {
        let session = NewSession { expires: now + 1_000_000, ..new_session(byte) };
        let expected_phc = phc.to_owned();
        let log_in = CompleteLogin {
            me: mid(me),
            expected_phc,
            rehashed_phc: None,
            attempts: ATTEMPTS,
            session,
            login_rate: LOGIN_QUOTA,
            second_step: SECOND_STEP,
            now,
        };
        self.run(log_in).await.map(|login| assert_eq!(login, PasswordLogin::LoggedIn))
    }

    pub(super) async fn phc(&self, member: u64) -> Option<String> {
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
    // The first bucket is checked just before it is deleted, the second just after.
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

pub(crate) async fn successful_logins_are_rate_limited_separately(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 1).await;
    let login_rate = (LOGIN_QUOTA.0, Quota { max_attempts: 2, ..LOGIN_QUOTA.1 });
    for (byte, login, sessions) in [
        (2, LoggedIn, 2),
        (3, LoggedIn, 3),
        (4, PasswordLogin::RetryAfter(60), 3),
        (5, PasswordLogin::RetryAfter(60), 3),
    ] {
        assert_eq!(community.attempt(1, 2, NOW).await, Allow);
        let (expected_phc, session) = ("phc".to_owned(), new_session(byte));
        let log_in = CompleteLogin {
            me: mid(me),
            expected_phc,
            rehashed_phc: None,
            attempts: ATTEMPTS,
            session,
            login_rate,
            second_step: SECOND_STEP,
            now: NOW,
        };
        assert_eq!(community.run(log_in).await, Ok(login), "{byte}");
        assert_eq!(community.sessions(me).await.len(), sessions, "{byte}");
        assert_eq!(
            (community.attempts(1).await, community.attempts(2).await),
            (0, 0),
            "a successful login refunds its attempt"
        );
    }
}
