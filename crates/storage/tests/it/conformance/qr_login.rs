//! Login by QR code: create, scan, confirm, claim.

use crate::community::{Community, expect_read, mid};
use crate::dump_state::{member_states, service_state};
use crate::members::{NOW, login_origin, new_session};
use guanxi_storage::Store;
use guanxi_storage::commands::{
    CancelQrCode, ClaimQrCode, ConfirmQrCode, CreateQrCode, CreateSession, NewSession, RevokeSession,
    ScanQrCode, device_hash,
};
use guanxi_storage::model::{LatestLogin, LoginMethod, QrLogin};
use guanxi_types::{ErrorCode, Mid};

/// The secret of the device that requested the code.
const DEVICE_SECRET: [u8; 32] = [7; 32];
/// The expiry of the code.
const END: i64 = NOW + 180;

/// Returns the session of a member's phone, which scans the code.
fn phone(me: u64) -> [u8; 32] {
    [100 + u8::try_from(me).expect("a small number"); 32]
}

impl<S: Store> Community<S> {
    /// Creates members and a QR code.
    async fn with_code(store: S) -> Community<S> {
        let community = Community::with_members(store, 3).await;
        assert_eq!(community.create_code(1).await, Ok(()));
        community
    }

    async fn create_code(&self, code: u8) -> Result<(), ErrorCode> {
        let (hash, claim_secret, origin) = ([code; 32], DEVICE_SECRET, login_origin("TV"));
        self.run(CreateQrCode { hash, claim_secret, origin, now: NOW, expires: END }).await
    }

    async fn scan(&self, me: u64, code: u8, now: i64) -> Result<QrLogin, ErrorCode> {
        self.run(ScanQrCode { me: mid(me), hash: [code; 32], now }).await
    }

    async fn confirm(&self, me: u64, code: u8, now: i64) -> Result<(), ErrorCode> {
        let (session, me) = (phone(me), mid(me));
        self.run(CreateSession { me, hash: session, now: NOW, expires: NOW + 86_400 }).await?;
        self.run(ConfirmQrCode { me, hash: [code; 32], session, now }).await
    }

    async fn claim(&self, code: u8, claim_secret: [u8; 32], byte: u8, now: i64) -> Result<u64, ErrorCode> {
        let session = NewSession { method: LoginMethod::Qr, origin: login_origin("TV"), ..new_session(byte) };
        let member = self.run(ClaimQrCode { hash: [code; 32], claim_secret, session, now }).await;
        member.map(Mid::get)
    }

    /// Returns the last scanner of a code, and true if they confirmed it. `None` if the code is gone.
    async fn code(&self, code: u8) -> Option<(Option<u64>, bool)> {
        let code: Option<QrLogin> = expect_read(self.store.get([code; 32]).await);
        code.map(|qr| (qr.scanned_by.map(Mid::get), qr.confirmed))
    }
}

pub(crate) async fn confirmation_ends_with_its_session(store: impl Store) {
    let community = Community::with_code(store).await;
    assert!(community.scan(2, 1, NOW).await.is_ok());
    assert_eq!(community.confirm(2, 1, NOW).await, Ok(()));
    let id = *phone(2).first_chunk().expect("a hash has more bytes");
    assert_eq!(community.run(RevokeSession { me: mid(2), id }).await, Ok(()));
    assert_eq!(community.claim(1, DEVICE_SECRET, 1, NOW + 1).await, Err(ErrorCode::QrCodeExpired));
    assert_eq!(community.sessions(2).await, Vec::<u8>::new());
}

pub(crate) async fn qr_code_is_scanned_confirmed_and_claimed(store: impl Store) {
    let community = Community::with_code(store).await;
    assert_eq!(community.code(1).await, Some((None, false)));
    assert_eq!(
        community.claim(1, DEVICE_SECRET, 1, NOW).await,
        Err(ErrorCode::QrCodeExpired),
        "the login is not confirmed"
    );
    let scanned = community.scan(2, 1, NOW).await.expect("the code exists");
    assert_eq!(
        (scanned.device, scanned.location, scanned.created, scanned.scanned_by),
        (login_origin("TV").device, login_origin("TV").location, NOW, Some(mid(2)))
    );
    assert_eq!(community.claim(1, DEVICE_SECRET, 1, NOW).await, Err(ErrorCode::QrCodeExpired));
    assert_eq!(community.code(1).await, Some((Some(2), false)), "an early claim may be repeated");
    assert_eq!(community.confirm(2, 1, NOW).await, Ok(()));
    assert_eq!(community.confirm(2, 1, NOW).await, Err(ErrorCode::QrCodeExpired));
    assert_eq!(community.scan(2, 1, NOW).await.err(), Some(ErrorCode::QrCodeExpired));
    assert_eq!(community.claim(1, DEVICE_SECRET, 1, NOW + 5).await, Ok(2));

    let session = community.session(1).await.expect("the session exists");
    assert_eq!(
        (session.mid, session.created, session.login_method),
        (mid(2), NOW + 5, Some(LoginMethod::Qr))
    );
    let login = login_origin("TV").login_row(mid(2), NOW + 5, LoginMethod::Qr, true);
    assert_eq!(
        expect_read(community.store.login_log(mid(2), 0, usize::MAX).await),
        std::slice::from_ref(&login)
    );
    let latest = expect_read(community.store.get::<LatestLogin>((mid(2), device_hash("TV"))).await);
    assert_eq!(latest.map(|latest| latest.login), Some(login));
    assert_eq!(community.code(1).await, None);
    assert_eq!(
        community.claim(1, DEVICE_SECRET, 2, NOW + 5).await,
        Err(ErrorCode::QrCodeExpired),
        "a code is claimed once"
    );
    assert_eq!(community.sessions(2).await, [1, 102]);
}

pub(crate) async fn last_scanner_confirms(store: impl Store) {
    let community = Community::with_code(store).await;
    assert_eq!(community.confirm(2, 1, NOW).await, Err(ErrorCode::QrCodeNotScanned));
    assert!(community.scan(2, 1, NOW).await.is_ok());
    assert_eq!(community.confirm(3, 1, NOW).await, Err(ErrorCode::QrCodeNotScanned));
    assert!(community.scan(3, 1, NOW).await.is_ok());
    assert_eq!(
        community.confirm(2, 1, NOW).await,
        Err(ErrorCode::QrCodeNotScanned),
        "another member scanned the code"
    );
    assert!(community.scan(2, 1, NOW).await.is_ok());
    assert_eq!(community.confirm(2, 1, NOW).await, Ok(()));
    assert_eq!(
        community.scan(3, 1, NOW).await.err(),
        Some(ErrorCode::QrCodeExpired),
        "a confirmed code cannot be scanned"
    );
    assert_eq!(community.confirm(3, 1, NOW).await, Err(ErrorCode::QrCodeExpired));
    assert_eq!(community.claim(1, DEVICE_SECRET, 1, NOW).await, Ok(2));
}

pub(crate) async fn last_scanner_cancels(store: impl Store) {
    let community = Community::with_code(store).await;
    let cancel = async |me, now| community.run(CancelQrCode { me: mid(me), hash: [1; 32], now }).await;
    assert_eq!(cancel(2, NOW).await, Err(ErrorCode::QrCodeNotScanned));
    assert!(community.scan(2, 1, NOW).await.is_ok());
    assert_eq!(cancel(3, NOW).await, Err(ErrorCode::QrCodeNotScanned));
    assert_eq!(cancel(2, END).await, Err(ErrorCode::QrCodeExpired));
    assert_eq!(community.code(1).await, Some((Some(2), false)));
    assert_eq!(cancel(2, NOW).await, Ok(()));
    assert_eq!(community.code(1).await, None);
    assert_eq!(community.confirm(2, 1, NOW).await, Err(ErrorCode::QrCodeExpired));
    // A confirmed code belongs to the other client.
    assert_eq!(community.create_code(1).await, Ok(()));
    assert!(community.scan(2, 1, NOW).await.is_ok());
    assert_eq!(community.confirm(2, 1, NOW).await, Ok(()));
    assert_eq!(cancel(2, NOW).await, Err(ErrorCode::QrCodeExpired));
    assert_eq!(community.claim(1, DEVICE_SECRET, 1, NOW).await, Ok(2));
}

pub(crate) async fn qr_code_is_claimed_by_its_requester_only(store: impl Store) {
    let community = Community::with_code(store).await;
    assert!(community.scan(2, 1, NOW).await.is_ok());
    assert_eq!(community.confirm(2, 1, NOW).await, Ok(()));
    let before = (member_states(&community.store, 3).await, service_state(&community.store).await);
    for (code, caller) in [(1, [8; 32]), (2, DEVICE_SECRET)] {
        assert_eq!(community.claim(code, caller, 1, NOW).await, Err(ErrorCode::QrCodeExpired));
    }
    assert_eq!((member_states(&community.store, 3).await, service_state(&community.store).await), before);
    assert_eq!(
        community.claim(1, DEVICE_SECRET, 1, NOW).await,
        Ok(2),
        "other claims did not use up the code"
    );
}

pub(crate) async fn qr_code_expires(store: impl Store) {
    let community = Community::with_code(store).await;
    for code in [2, 3] {
        assert_eq!(community.create_code(code).await, Ok(()));
        assert!(community.scan(2, code, END - 1).await.is_ok());
    }
    assert_eq!(community.confirm(2, 3, END - 1).await, Ok(()));
    assert_eq!(community.scan(2, 1, END).await.err(), Some(ErrorCode::QrCodeExpired));
    assert_eq!(community.confirm(2, 2, END).await, Err(ErrorCode::QrCodeExpired));
    assert_eq!(community.claim(3, DEVICE_SECRET, 1, END).await, Err(ErrorCode::QrCodeExpired));
    assert_eq!(community.run_due_tasks(END - 1).await, 0);
    assert_eq!(
        community.claim(3, DEVICE_SECRET, 1, END - 1).await,
        Ok(2),
        "the code is valid to its last second"
    );
    assert_eq!(community.run_due_tasks(END).await, 2, "a claimed code has no task");
    assert_eq!(expect_read(community.store.all::<QrLogin>().await), []);
    for (me, code) in [(2, 1), (9, 1)] {
        let rejection = if me == 9 { ErrorCode::MemberNotFound } else { ErrorCode::QrCodeExpired };
        assert_eq!(community.scan(me, code, NOW).await.err(), Some(rejection));
        assert_eq!(community.confirm(me, code, NOW).await, Err(rejection));
    }
}

pub(crate) async fn confirmation_ends_with_member_deletion(store: impl Store) {
    let community = Community::with_code(store).await;
    assert!(community.scan(2, 1, NOW).await.is_ok());
    assert_eq!(community.confirm(2, 1, NOW).await, Ok(()));
    community.delete_member(2).await;
    for _ in 0..2 {
        assert_eq!(community.claim(1, DEVICE_SECRET, 1, NOW).await, Err(ErrorCode::QrCodeExpired));
        assert_eq!((community.session(1).await, community.sessions(2).await), (None, vec![]));
        community.run_all_due_tasks(NOW).await;
    }
    assert_eq!(expect_read(community.store.login_log(mid(2), 0, usize::MAX).await), []);
}
