//! Logging in by QR code: drawn, scanned, confirmed, claimed.

use crate::community::{Community, mid, read};
use crate::members::{NOW, arrival, whence};
use crate::told::{common, told};
use guanxi_storage::Store;
use guanxi_storage::command::{
    ClaimQr, ConfirmQr, DrawQr, EndSession, NewSession, OpenSession, ScanQr, device,
};
use guanxi_storage::row::{LatestLogin, LoginMethod, Qr};
use guanxi_types::{ErrorCode, Mid};

/// What the caller who drew it knows.
const CALLER: [u8; 32] = [7; 32];
/// When it ends.
const END: i64 = NOW + 180;

/// The session of a member's phone, which scans.
fn phone(me: u64) -> [u8; 32] {
    [100 + u8::try_from(me).expect("there are few"); 32]
}

impl<S: Store> Community<S> {
    /// A store, members and a code that one of them could scan.
    async fn with_code(store: S) -> Community<S> {
        let community = Community::of(store, 3).await;
        assert_eq!(community.draw(1).await, Ok(()));
        community
    }

    async fn draw(&self, code: u8) -> Result<(), ErrorCode> {
        let (hash, caller, whence) = ([code; 32], CALLER, whence("TV"));
        self.run(DrawQr { hash, caller, whence, now: NOW, expires: END }).await
    }

    async fn scan(&self, me: u64, code: u8, now: i64) -> Result<Qr, ErrorCode> {
        self.run(ScanQr { me: mid(me), hash: [code; 32], now }).await
    }

    async fn confirm(&self, me: u64, code: u8, now: i64) -> Result<(), ErrorCode> {
        let (by, me) = (phone(me), mid(me));
        self.run(OpenSession { me, hash: by, now: NOW, expires: NOW + 86_400 }).await?;
        self.run(ConfirmQr { me, hash: [code; 32], by, now }).await
    }

    async fn claim(&self, code: u8, caller: [u8; 32], byte: u8, now: i64) -> Result<u64, ErrorCode> {
        let arrival = NewSession { how: LoginMethod::Qr, whence: whence("TV"), ..arrival(byte) };
        let claimed = self.run(ClaimQr { hash: [code; 32], caller, arrival, now }).await;
        claimed.map(Mid::get)
    }

    /// Who has scanned a code last, and whether they have confirmed it; none if it is gone.
    async fn code(&self, code: u8) -> Option<(Option<u64>, bool)> {
        let kept: Option<Qr> = read(self.store.get([code; 32]).await);
        kept.map(|qr| (qr.scanned.map(Mid::get), qr.confirmed))
    }
}

pub(crate) async fn what_an_ended_session_confirmed_opens_nothing(store: impl Store) {
    let community = Community::with_code(store).await;
    assert!(community.scan(2, 1, NOW).await.is_ok());
    assert_eq!(community.confirm(2, 1, NOW).await, Ok(()));
    let id = *phone(2).first_chunk().expect("it is longer");
    assert_eq!(community.run(EndSession { me: mid(2), id }).await, Ok(()));
    assert_eq!(community.claim(1, CALLER, 1, NOW + 1).await, Err(ErrorCode::QrGone));
    assert_eq!(community.sessions(2).await, Vec::<u8>::new());
}

pub(crate) async fn a_code_is_scanned_confirmed_and_claimed(store: impl Store) {
    let community = Community::with_code(store).await;
    assert_eq!(community.code(1).await, Some((None, false)));
    assert_eq!(community.claim(1, CALLER, 1, NOW).await, Err(ErrorCode::QrGone), "nobody has said yes");
    let seen = community.scan(2, 1, NOW).await.expect("it is drawn");
    assert_eq!(
        (seen.device, seen.place, seen.made, seen.scanned),
        (whence("TV").device, whence("TV").place, NOW, Some(mid(2)))
    );
    assert_eq!(community.claim(1, CALLER, 1, NOW).await, Err(ErrorCode::QrGone));
    assert_eq!(community.code(1).await, Some((Some(2), false)), "who asks too early may ask again");
    assert_eq!(community.confirm(2, 1, NOW).await, Ok(()));
    assert_eq!(community.confirm(2, 1, NOW).await, Err(ErrorCode::QrGone));
    assert_eq!(community.scan(2, 1, NOW).await.err(), Some(ErrorCode::QrGone));
    assert_eq!(community.claim(1, CALLER, 1, NOW + 5).await, Ok(2));

    let session = community.session(1).await.expect("it is open");
    assert_eq!((session.mid, session.created, session.how), (mid(2), NOW + 5, Some(LoginMethod::Qr)));
    let login = whence("TV").login(mid(2), NOW + 5, LoginMethod::Qr, true);
    assert_eq!(read(community.store.logins(mid(2), 0, usize::MAX).await), std::slice::from_ref(&login));
    let latest = read(community.store.get::<LatestLogin>((mid(2), device("TV"))).await);
    assert_eq!(latest.map(|latest| latest.login), Some(login));
    assert_eq!(community.code(1).await, None);
    assert_eq!(community.claim(1, CALLER, 2, NOW + 5).await, Err(ErrorCode::QrGone), "it is claimed once");
    assert_eq!(community.sessions(2).await, [1, 102]);
}

pub(crate) async fn whoever_scanned_last_confirms(store: impl Store) {
    let community = Community::with_code(store).await;
    assert_eq!(community.confirm(2, 1, NOW).await, Err(ErrorCode::QrNotScanned));
    assert!(community.scan(2, 1, NOW).await.is_ok());
    assert_eq!(community.confirm(3, 1, NOW).await, Err(ErrorCode::QrNotScanned));
    assert!(community.scan(3, 1, NOW).await.is_ok());
    assert_eq!(community.confirm(2, 1, NOW).await, Err(ErrorCode::QrNotScanned), "another has it in hand");
    assert!(community.scan(2, 1, NOW).await.is_ok());
    assert_eq!(community.confirm(2, 1, NOW).await, Ok(()));
    assert_eq!(
        community.scan(3, 1, NOW).await.err(),
        Some(ErrorCode::QrGone),
        "it is nobody else's any more"
    );
    assert_eq!(community.confirm(3, 1, NOW).await, Err(ErrorCode::QrGone));
    assert_eq!(community.claim(1, CALLER, 1, NOW).await, Ok(2));
}

pub(crate) async fn a_code_is_claimed_by_who_drew_it(store: impl Store) {
    let community = Community::with_code(store).await;
    assert!(community.scan(2, 1, NOW).await.is_ok());
    assert_eq!(community.confirm(2, 1, NOW).await, Ok(()));
    let before = (told(&community.store, 3).await, common(&community.store).await);
    for (code, caller) in [(1, [8; 32]), (2, CALLER)] {
        assert_eq!(community.claim(code, caller, 1, NOW).await, Err(ErrorCode::QrGone));
    }
    assert_eq!((told(&community.store, 3).await, common(&community.store).await), before);
    assert_eq!(community.claim(1, CALLER, 1, NOW).await, Ok(2), "who saw the code has taken nothing");
}

pub(crate) async fn a_code_ends_by_itself(store: impl Store) {
    let community = Community::with_code(store).await;
    for code in [2, 3] {
        assert_eq!(community.draw(code).await, Ok(()));
        assert!(community.scan(2, code, END - 1).await.is_ok());
    }
    assert_eq!(community.confirm(2, 3, END - 1).await, Ok(()));
    assert_eq!(community.scan(2, 1, END).await.err(), Some(ErrorCode::QrGone));
    assert_eq!(community.confirm(2, 2, END).await, Err(ErrorCode::QrGone));
    assert_eq!(community.claim(3, CALLER, 1, END).await, Err(ErrorCode::QrGone));
    assert_eq!(community.attend(END - 1).await, 0);
    assert_eq!(community.claim(3, CALLER, 1, END - 1).await, Ok(2), "to the last second");
    assert_eq!(community.attend(END).await, 2, "what was claimed is not due");
    assert_eq!(read(community.store.all::<Qr>().await), []);
    for (me, code) in [(2, 1), (9, 1)] {
        let refusal = if me == 9 { ErrorCode::NoMember } else { ErrorCode::QrGone };
        assert_eq!(community.scan(me, code, NOW).await.err(), Some(refusal));
        assert_eq!(community.confirm(me, code, NOW).await, Err(refusal));
    }
}

pub(crate) async fn who_leaves_after_saying_yes_opens_nothing(store: impl Store) {
    let community = Community::with_code(store).await;
    assert!(community.scan(2, 1, NOW).await.is_ok());
    assert_eq!(community.confirm(2, 1, NOW).await, Ok(()));
    community.let_go(2).await;
    for _ in 0..2 {
        assert_eq!(community.claim(1, CALLER, 1, NOW).await, Err(ErrorCode::QrGone));
        assert_eq!((community.session(1).await, community.sessions(2).await), (None, vec![]));
        community.attend_all(NOW).await;
    }
    assert_eq!(read(community.store.logins(mid(2), 0, usize::MAX).await), []);
}
