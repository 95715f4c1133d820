//! Guessing is slow, and sessions are opened to who knows the password (D34).

use crate::community::{Community, mid, read};
use crate::members::{NOW, OFTEN, arrival, named, password, whence};
use crate::told::{common, told};
use guanxi_domain::tries::{Decision, LONGEST, Quota};
use guanxi_storage::Store;
use guanxi_storage::command::{
    ChangePassword, CheckRateLimit, ConsumedAttempts, EndSession, FailLogin, LogIn, NewMember, NewSession,
    RefundAttempt, Renewal, SignUp, device,
};
use guanxi_storage::row::{Door, LatestLogin, LoginMethod, LoginRow, Password, Session};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;
use tokio::task::JoinSet;

fn renewal(old: u8, new: u8) -> Renewal {
    Renewal { old: [old; 32], new: [new; 32], expires: NOW + 9 }
}

/// What an account allows.
const ACCOUNT: Quota = Quota { tries: 5, window: 900, wait: 60 };
/// What an address allows.
const ADDRESS: Quota = Quota { tries: 20, window: 900, wait: 60 };
/// The doors of a member and of where they come from.
const DOORS: ConsumedAttempts = ConsumedAttempts { account: [1; 32], address: [2; 32], at: NOW };

use Decision::{Through, Wait};

impl<S: Store> Community<S> {
    /// Tries the door of an account, and that of an address.
    async fn attempt(&self, account: u8, address: u8, now: i64) -> Decision {
        let doors = vec![([account; 32], ACCOUNT), ([address; 32], ADDRESS)];
        self.run(CheckRateLimit { doors, now }).await.expect("it is told, not refused")
    }

    /// How many tries a door remembers.
    async fn tries(&self, door: u8) -> usize {
        read(self.store.get::<Door>([door; 32]).await).map_or(0, |door| door.tries.recent.len())
    }

    /// A member with a password that is known by that text, and as many sessions.
    async fn locked(&self, phc: &str, sessions: u8) -> u64 {
        let new = NewMember { password: Some(password(phc)), ..named("甲") };
        let me = self.sign_up(new, 1).await.expect("the name is free");
        for byte in 2..=sessions {
            assert_eq!(self.log_in(me, phc, byte, NOW).await, Ok(()));
        }
        me
    }

    async fn log_in(&self, me: u64, seen: &str, byte: u8, now: i64) -> Result<(), ErrorCode> {
        let arrival = NewSession { expires: now + 1_000_000, ..arrival(byte) };
        let seen = seen.to_owned();
        let log_in = LogIn { me: mid(me), seen, anew: None, passed: DOORS, arrival, often: OFTEN, now };
        self.run(log_in).await.map(|said| assert_eq!(said, Through))
    }

    async fn phc(&self, member: u64) -> Option<String> {
        read(self.store.get::<Password>(mid(member)).await).map(|kept| kept.phc)
    }
}

pub(crate) async fn however_many_try_at_once_so_many_get_through(store: impl Store) {
    let community = Community::of(store, 1).await;
    let mut tasks = JoinSet::new();
    for _ in 0..200 {
        let store = community.store.clone();
        let doors = vec![([1; 32], ACCOUNT), ([2; 32], ADDRESS)];
        tasks.spawn(async move {
            store.run(CheckRateLimit { doors, now: NOW }).await.expect("the engine writes")
        });
    }
    let said = tasks.join_all().await;
    assert_eq!(said.iter().filter(|said| **said == Through).count(), ACCOUNT.tries);
    assert!(said.iter().all(|said| matches!(said, Through | Wait(60))));
    assert_eq!(community.tries(2).await, ACCOUNT.tries, "who has to wait at one door counts at none");
}

pub(crate) async fn an_address_tries_few_accounts(store: impl Store) {
    let community = Community::of(store, 1).await;
    for account in 10..30 {
        assert_eq!(community.attempt(account, 2, NOW).await, Through, "{account}");
    }
    assert_eq!(community.attempt(30, 2, NOW).await, Wait(60));
    assert_eq!(community.tries(30).await, 0, "the account has not seen it");
    assert_eq!(community.attempt(30, 3, NOW).await, Through, "from elsewhere it is open");
    assert_eq!(community.attempt(31, 2, NOW + 59).await, Wait(1));
    assert_eq!(community.attempt(31, 2, NOW + 60).await, Through);
}

pub(crate) async fn of_two_waits_the_longer_is_told(store: impl Store) {
    let community = Community::of(store, 1).await;
    for now in [NOW, NOW + 60] {
        for _ in 0..5 {
            assert_eq!(community.attempt(1, 2, now).await, Through);
        }
        // Its next wait is longer.
        assert!(matches!(community.attempt(1, 2, now).await, Wait(_)));
    }
    for account in 10..20 {
        assert_eq!(community.attempt(account, 2, NOW + 61).await, Through, "{account}");
    }
    assert_eq!(community.attempt(20, 2, NOW + 61).await, Wait(60), "20 in all from there");
    assert_eq!(community.attempt(1, 2, NOW + 70).await, Wait(110), "120 less 10, and 60 less 9");
    assert_eq!(community.attempt(1, 3, NOW + 70).await, Wait(110));
    assert_eq!(community.attempt(20, 2, NOW + 70).await, Wait(51));
}

pub(crate) async fn waits_grow_and_are_forgotten_by_the_clock(store: impl Store) {
    let community = Community::of(store, 1).await;
    let (mut now, mut wait) = (NOW, 60);
    for _ in 0..4 {
        for _ in 0..5 {
            assert_eq!(community.attempt(1, 9, now).await, Through);
        }
        assert_eq!(community.attempt(1, 9, now).await, Wait(wait));
        (now, wait) = (now + wait, wait * 2);
        let until: Door = read(community.store.get([1; 32]).await).expect("it remembers");
        assert_eq!((until.tries.until, until.forgotten), (now, now + LONGEST));
    }
    community.attend_all(now + LONGEST - 1).await;
    assert!(read(community.store.get::<Door>([1; 32]).await).is_some());
    assert_eq!(read(community.store.get::<Door>([9; 32]).await), None, "its window is over");
    community.attend_all(now + LONGEST).await;
    assert_eq!(read(community.store.all::<Door>().await), []);
    assert_eq!(community.attempt(1, 9, now + LONGEST).await, Through);
    assert_eq!(community.attend(i64::MAX).await, 2, "each door is due once");
}

pub(crate) async fn a_door_that_is_forgotten_had_nothing_to_say(store: impl Store) {
    let community = Community::of(store, 2).await;
    for door in [1, 2] {
        assert_eq!(community.attempt(door, 9, NOW).await, Through);
        for _ in 0..4 {
            assert_eq!(community.attempt(door, 9, NOW + 899).await, Through);
        }
    }
    community.attend_all(NOW + 1798).await;
    assert_eq!(community.tries(1).await, 5, "they count until the last one's window is over");
    // One is asked just before the clock takes it away, the other just after.
    assert_eq!(community.attempt(1, 9, NOW + 1799).await, Through);
    community.attend_all(NOW + 1799).await;
    assert_eq!(community.attempt(2, 9, NOW + 1799).await, Through);
    assert_eq!((community.tries(1).await, community.tries(2).await), (1, 1));
}

pub(crate) async fn who_logs_in_is_taken_back(store: impl Store) {
    let community = Community::empty(store);
    let me = community.locked("phc", 1).await;
    for now in [NOW - 3, NOW - 2, NOW - 1, NOW] {
        assert_eq!(community.attempt(1, 2, now).await, Through);
    }
    assert_eq!(community.log_in(me, "phc", 2, NOW).await, Ok(()));
    assert_eq!(
        (community.tries(1).await, community.tries(2).await),
        (0, 3),
        "the address forgets this one alone"
    );
    assert_eq!(community.sessions(me).await, [1, 2]);
    let logins = read(community.store.logins(mid(me), 0, usize::MAX).await);
    assert_eq!(logins[0], whence("A").login(mid(me), NOW, LoginMethod::Password, true));

    assert_eq!(community.attempt(1, 2, NOW).await, Through);
    assert_eq!(community.run(RefundAttempt(DOORS)).await, Ok(()));
    assert_eq!((community.tries(1).await, community.tries(2).await), (0, 3));
    let nowhere = ConsumedAttempts { account: [7; 32], address: [8; 32], at: NOW };
    assert_eq!(community.run(RefundAttempt(nowhere)).await, Ok(()), "what was forgotten meanwhile stays so");
    let doors: Vec<_> = read(community.store.all::<Door>().await).into_iter().map(|door| door.hash).collect();
    assert_eq!(doors, [DOORS.address, OFTEN.0], "the account's is gone, and the right password was counted");
}

pub(crate) async fn a_password_that_is_another_by_now_opens_nothing(store: impl Store) {
    let community = Community::empty(store);
    let me = community.locked("phc", 1).await;
    assert_eq!(community.attempt(1, 2, NOW).await, Through);
    let before = (told(&community.store, 2).await, common(&community.store).await);
    assert_eq!(community.log_in(me, "old", 2, NOW).await, Err(ErrorCode::WrongPassword));
    assert_eq!(community.log_in(2, "", 2, NOW).await, Err(ErrorCode::WrongPassword), "there is nobody");
    let change = |me, seen: Option<&str>| {
        let (seen, next, renew) = (seen.map(str::to_owned), password("new"), renewal(1, 9));
        ChangePassword { me: mid(me), seen, next, renew, passed: Some(DOORS) }
    };
    assert_eq!(community.run(change(me, Some("old"))).await, Err(ErrorCode::WrongPassword));
    assert_eq!(community.run(change(me, None)).await, Err(ErrorCode::WrongPassword), "there is one");
    assert_eq!(community.run(change(2, None)).await, Err(ErrorCode::NoMember));
    assert_eq!((told(&community.store, 2).await, common(&community.store).await), before);

    let anew = Some("risen".to_owned());
    let (seen, arrival) = ("phc".to_owned(), arrival(2));
    let log_in = LogIn { me: mid(me), seen, anew, passed: DOORS, arrival, often: OFTEN, now: NOW };
    assert_eq!(community.run(log_in.clone()).await, Ok(Through));
    assert_eq!(community.phc(me).await.as_deref(), Some("risen"));
    assert_eq!(community.run(log_in).await, Err(ErrorCode::WrongPassword));
}

pub(crate) async fn a_changed_password_ends_all_other_sessions(store: impl Store) {
    let community = Community::empty(store);
    let me = community.locked("phc", 4).await;
    assert_eq!(community.sign_up(named("乙"), 9).await, Ok(2));
    assert_eq!(community.attempt(1, 2, NOW).await, Through);
    let (seen, next) = (Some("phc".to_owned()), password("new"));
    let change = |renew| ChangePassword {
        me: mid(me),
        seen: seen.clone(),
        next: next.clone(),
        renew,
        passed: Some(DOORS),
    };
    let before = (told(&community.store, 2).await, common(&community.store).await);
    for ended in [renewal(7, 8), renewal(9, 8)] {
        assert_eq!(
            community.run(change(ended)).await,
            Err(ErrorCode::NotLoggedIn),
            "it is none, or another's"
        );
    }
    assert_eq!((told(&community.store, 2).await, common(&community.store).await), before);
    let was = community.session(3).await;
    assert_eq!(community.run(change(renewal(3, 5))).await, Ok(()));
    assert_eq!((community.sessions(me).await, community.sessions(2).await), (vec![5], vec![9]));
    let renewed = was.map(|was| Session { hash: [5; 32], expires: NOW + 9, ..was });
    assert_eq!(community.session(5).await, renewed, "it goes on, under another token");
    for (byte, there) in [(1, false), (2, false), (3, false), (4, false), (5, true), (9, true)] {
        assert_eq!(community.session(byte).await.is_some(), there, "{byte}");
    }
    assert_eq!((community.phc(me).await.as_deref(), community.tries(1).await), (Some("new"), 0));
    // Who has none sets one, and needs no door for it.
    let (seen, next, renew) = (None, password("first"), renewal(9, 8));
    let set = ChangePassword { me: mid(2), seen, next, renew, passed: None };
    assert_eq!(community.run(set).await, Ok(()));
    assert!(community.account(2).await.has_password);
    assert_eq!((community.phc(2).await.as_deref(), community.sessions(2).await), (Some("first"), vec![8]));
}

pub(crate) async fn login_ends_the_session_that_it_replaces(store: impl Store) {
    let community = Community::empty(store);
    let me = community.locked("phc", 3).await;
    assert_eq!(community.sign_up(named("乙"), 9).await, Ok(2));
    let log_in = |byte, old: u8| LogIn {
        me: mid(me),
        seen: "phc".to_owned(),
        anew: None,
        passed: DOORS,
        arrival: NewSession { replaces: Some([old; 32]), ..arrival(byte) },
        often: OFTEN,
        now: NOW,
    };
    assert_eq!(community.run(log_in(4, 2)).await, Ok(Through));
    assert_eq!((community.sessions(me).await, community.sessions(2).await), (vec![1, 3, 4], vec![9]));
    assert_eq!(community.session(2).await, None);
    assert_eq!(community.run(log_in(5, 9)).await, Ok(Through), "the browser was somebody else's");
    assert_eq!((community.sessions(me).await, community.sessions(2).await), (vec![1, 3, 4, 5], vec![]));
    assert_eq!(community.run(log_in(6, 9)).await, Ok(Through), "it had ended already");
    let (seen, passed) = ("wrong".to_owned(), DOORS);
    let refused = LogIn { seen, passed, ..log_in(7, 6) };
    assert_eq!(community.run(refused).await, Err(ErrorCode::WrongPassword));
    assert_eq!(community.sessions(me).await, [1, 3, 4, 5, 6], "who is not logged in keeps what they have");
    let sign_up = SignUp {
        new: named("丙"),
        arrival: NewSession { replaces: Some([6; 32]), ..arrival(10) },
        vault: Arc::clone(&community.vault),
        now: NOW,
    };
    assert_eq!(community.run(sign_up).await.map(Mid::get), Ok(3));
    assert_eq!((community.sessions(me).await, community.sessions(3).await), (vec![1, 3, 4, 5], vec![10]));
}

pub(crate) async fn the_oldest_sessions_make_room(store: impl Store) {
    let community = Community::empty(store);
    let me = community.locked("phc", 1).await;
    let log_in = |byte: u8, most| {
        let (seen, now) = ("phc".to_owned(), NOW + 100 - i64::from(byte));
        LogIn {
            me: mid(me),
            seen,
            anew: None,
            passed: DOORS,
            arrival: NewSession { most, ..arrival(byte) },
            often: OFTEN,
            now,
        }
    };
    // The later the byte, the older the session; 1 is the oldest of all.
    for (byte, most, left) in [
        (9, 3, vec![1, 9]),
        (8, 3, vec![1, 8, 9]),
        (7, 3, vec![7, 8, 9]),
        (6, 3, vec![6, 7, 8]),
        (5, 2, vec![5, 6]),
        (4, 0, vec![4]),
        (3, 1, vec![3]),
    ] {
        assert_eq!(community.run(log_in(byte, most)).await, Ok(Through));
        assert_eq!(community.sessions(me).await, left, "{byte} of at most {most}");
    }
}

pub(crate) async fn a_session_is_ended_by_its_member(store: impl Store) {
    let community = Community::empty(store);
    let me = community.locked("phc", 3).await;
    assert_eq!(community.sign_up(named("乙"), 9).await, Ok(2));
    let end = |member, byte| EndSession { me: mid(member), id: [byte; 8] };
    assert_eq!(community.run(end(me, 9)).await, Err(ErrorCode::NoSession), "it is somebody else's");
    assert_eq!(community.run(end(me, 2)).await, Ok(()));
    assert_eq!(community.run(end(me, 2)).await, Err(ErrorCode::NoSession));
    assert_eq!(community.run(end(7, 2)).await, Err(ErrorCode::NoSession));
    assert_eq!((community.sessions(me).await, community.sessions(2).await), (vec![1, 3], vec![9]));
}

pub(crate) async fn a_failed_login_is_recorded_of_a_member(store: impl Store) {
    let community = Community::empty(store);
    let me = community.locked("phc", 1).await;
    let fail = |member, buvid| FailLogin {
        mid: Some(mid(member)),
        whence: whence(buvid),
        door: [7; 32],
        now: NOW + 5,
    };
    for buvid in ["A", "B"] {
        assert_eq!(community.run(fail(me, buvid)).await, Ok(()));
    }
    let before = (told(&community.store, 3).await, common(&community.store).await);
    assert_eq!(community.run(fail(2, "A")).await, Ok(()), "who asks is not told that there is nobody");
    assert_eq!((told(&community.store, 3).await, common(&community.store).await), before);

    let logins = read(community.store.logins(mid(me), NOW + 1, usize::MAX).await);
    let failed = |buvid| whence(buvid).login(mid(me), NOW + 5, LoginMethod::Password, false);
    assert_eq!(logins, [failed("B"), failed("A")]);
    let latest = async |buvid: &str| {
        let kept = read(community.store.get::<LatestLogin>((mid(me), device(buvid))).await);
        kept.map(|LatestLogin { login: LoginRow { time, .. }, .. }| time)
    };
    assert_eq!((latest("A").await, latest("B").await), (Some(NOW), None), "of those that succeeded");
    // A clock that was set back does not make an older login the latest.
    assert_eq!(community.log_in(me, "phc", 2, NOW - 9).await, Ok(()));
    assert_eq!(latest("A").await, Some(NOW));
    assert_eq!(community.log_in(me, "phc", 3, NOW + 9).await, Ok(()));
    assert_eq!(latest("A").await, Some(NOW + 9));
}

pub(crate) async fn right_passwords_have_an_end_and_are_no_failures(store: impl Store) {
    let community = Community::empty(store);
    let me = community.locked("phc", 1).await;
    let often = (OFTEN.0, Quota { tries: 2, ..OFTEN.1 });
    for (byte, said, sessions) in [(2, Through, 2), (3, Through, 3), (4, Wait(60), 3), (5, Wait(60), 3)] {
        assert_eq!(community.attempt(1, 2, NOW).await, Through);
        let (seen, arrival) = ("phc".to_owned(), arrival(byte));
        let log_in = LogIn { me: mid(me), seen, anew: None, passed: DOORS, arrival, often, now: NOW };
        assert_eq!(community.run(log_in).await, Ok(said), "{byte}");
        assert_eq!(community.sessions(me).await.len(), sessions, "{byte}");
        assert_eq!((community.tries(1).await, community.tries(2).await), (0, 0), "it was right");
    }
}
