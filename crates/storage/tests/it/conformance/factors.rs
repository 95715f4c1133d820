//! Second factors: set up and removal, the second step of a login, passkeys, and proofs of sessions.

use super::rate_limits::ATTEMPTS;
use crate::community::{Community, expect_read, mid};
use crate::members::{LOGIN_QUOTA, NOW, SECOND_STEP, login_origin, new_password, new_session, no_outbox};
use guanxi_storage::Store;
use guanxi_storage::commands::{
    AddPasskey, ChangePassword, CompleteLogin, CompleteSecondStep, ConfirmQrCode, ConfirmTotp, CountTry,
    CreateQrCode, FactorProof, LogInWithPasskey, NewPasskey, PasswordLogin, ProveSession, RemovePasskey,
    RemoveTotp, RenamePasskey, RenewRecoveryCodes, ScanQrCode, SessionRenewal, StartTotp,
    StorePasskeyChallenge, TakePasskeyChallenge,
};
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::{Challenge, Factors};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const HASH: [u8; 32] = SECOND_STEP.hash;

fn codes(first: u8) -> Vec<String> {
    (first..first + 3).map(|byte| format!("{byte:02x}").repeat(32)).collect()
}

fn passkey(id: &str) -> NewPasskey {
    NewPasskey { name: "手机".to_owned(), credential_id: id.to_owned(), credential: "0".to_owned() }
}

fn passkey_proof(before: &str, after: &str) -> FactorProof {
    let [credential_id, before, after] = ["aa", before, after].map(str::to_owned);
    FactorProof::Passkey { credential_id, before, after }
}

impl<S: Store> Community<S> {
    async fn factors(&self, member: u64) -> Factors {
        expect_read(self.store.get(mid(member)).await).unwrap_or(Factors::new(mid(member)))
    }

    /// Sets up one-time codes of the member of session 1, with a code of step 5.
    async fn set_up_totp(&self, me: u64) {
        let (secret, cipher) = (SECRET.to_owned(), Arc::clone(&self.cipher));
        assert_eq!(self.run(StartTotp { me: mid(me), secret, cipher }).await, Ok(()));
        let pending = self.factors(me).await.pending_totp.expect("a secret waits");
        assert_eq!(self.confirm_totp(me, pending).await, Ok(true));
    }

    async fn confirm_totp(
        &self,
        me: u64,
        pending: guanxi_storage::model::Sensitive,
    ) -> Result<bool, ErrorCode> {
        let (session, recovery_codes, outbox) = ([1; 32], codes(1), no_outbox(&self.cipher));
        self.run(ConfirmTotp { me: mid(me), pending, step: 5, recovery_codes, session, outbox }).await
    }

    async fn add_passkey(&self, me: u64, id: &str, limit: usize) -> Result<bool, ErrorCode> {
        let (passkey, recovery_codes, session) = (passkey(id), codes(1), [1; 32]);
        let outbox = no_outbox(&self.cipher);
        self.run(AddPasskey { me: mid(me), passkey, limit, recovery_codes, session, outbox }).await
    }

    async fn start_login(&self, me: u64) -> Result<PasswordLogin, ErrorCode> {
        let log_in = CompleteLogin {
            me: mid(me),
            expected_phc: "phc".to_owned(),
            rehashed_phc: None,
            attempts: ATTEMPTS,
            session: new_session(2),
            login_rate: LOGIN_QUOTA,
            second_step: SECOND_STEP,
            now: NOW,
        };
        self.run(log_in).await
    }

    async fn finish_login(&self, proof: FactorProof, byte: u8, now: i64) -> Result<u64, ErrorCode> {
        let (attempts, session) = (ATTEMPTS, new_session(byte));
        let finished = self.run(CompleteSecondStep { hash: HASH, proof, attempts, session, now }).await;
        finished.map(Mid::get)
    }

    async fn prove(&self, password: bool, factor: Option<FactorProof>, now: i64) -> Result<(), ErrorCode> {
        let (session, attempts) = ([1; 32], Vec::new());
        self.run(ProveSession { me: mid(1), session, password, factor, attempts, now }).await
    }

    /// Returns the times of a session's proofs, by password and by factor.
    async fn proofs(&self, byte: u8) -> (i64, i64) {
        let session = self.session(byte).await.expect("the session exists");
        (session.password_proved, session.factor_proved)
    }
}

pub(crate) async fn totp_is_set_up_and_removed(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 1).await;
    let outbox = || no_outbox(&community.cipher);
    let remove = || RemoveTotp { me: mid(me), outbox: outbox() };
    assert_eq!(community.run(remove()).await, Err(ErrorCode::FactorNotFound));
    let renew = |first| RenewRecoveryCodes { me: mid(me), recovery_codes: codes(first), outbox: outbox() };
    assert_eq!(community.run(renew(4)).await, Err(ErrorCode::FactorNotFound));
    let (secret, cipher) = (SECRET.to_owned(), Arc::clone(&community.cipher));
    let start = StartTotp { me: mid(me), secret, cipher };
    assert_eq!(community.run(start.clone()).await, Ok(()));
    let replaced = community.factors(me).await.pending_totp.expect("a secret waits");
    assert!(!community.factors(me).await.has_any(), "an unconfirmed secret is no factor");
    assert_eq!(community.run(start.clone()).await, Ok(()));
    assert_eq!(community.confirm_totp(me, replaced).await, Err(ErrorCode::FactorNotFound));
    let pending = community.factors(me).await.pending_totp.expect("a secret waits");
    assert_eq!(community.confirm_totp(me, pending).await, Ok(true));
    let factors = community.factors(me).await;
    assert_eq!((factors.pending_totp, factors.totp_step, factors.recovery_codes), (None, 5, codes(1)));
    assert_eq!(community.decrypt(SensitiveField::Totp, me, factors.totp.as_ref()).as_deref(), Some(SECRET));
    assert_eq!(community.proofs(1).await, (NOW, NOW));
    assert_eq!(community.run(start).await, Err(ErrorCode::FactorExists));
    assert_eq!(community.run(renew(4)).await, Ok(()));
    assert_eq!(community.factors(me).await.recovery_codes, codes(4));
    assert_eq!(community.run(remove()).await, Ok(()));
    let factors = community.factors(me).await;
    assert_eq!((factors.has_any(), factors.recovery_codes), (false, Vec::new()));
}

pub(crate) async fn second_step_takes_each_code_once(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 1).await;
    community.set_up_totp(me).await;
    let expired = Err(ErrorCode::LoginStepExpired);
    assert_eq!(community.finish_login(FactorProof::Totp(6), 3, NOW).await, expired);
    // step or recovery code, result
    for (proof, result) in [
        (FactorProof::Totp(5), Err(ErrorCode::WrongFactor)),
        (FactorProof::Totp(4), Err(ErrorCode::WrongFactor)),
        (FactorProof::Totp(6), Ok(me)),
        (FactorProof::Totp(6), Err(ErrorCode::WrongFactor)),
        (FactorProof::RecoveryCode(codes(1)[1].clone()), Ok(me)),
        (FactorProof::RecoveryCode(codes(1)[1].clone()), Err(ErrorCode::WrongFactor)),
        (FactorProof::RecoveryCode(codes(9)[0].clone()), Err(ErrorCode::WrongFactor)),
        (passkey_proof("0", "1"), Err(ErrorCode::WrongFactor)),
    ] {
        assert_eq!(community.start_login(me).await, Ok(PasswordLogin::SecondStep));
        assert_eq!(community.finish_login(proof.clone(), 3, NOW).await, result, "{proof:?}");
        if result.is_ok() {
            assert_eq!(community.proofs(3).await, (NOW, NOW));
            assert_eq!(community.finish_login(FactorProof::Totp(99), 4, NOW).await, expired, "it is used up");
        }
    }
    assert_eq!(community.factors(me).await.recovery_codes.len(), 2);
    assert_eq!(community.session(2).await, None, "the first step opens no session");
}

pub(crate) async fn second_step_ends(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 1).await;
    community.set_up_totp(me).await;
    let expired = ErrorCode::LoginStepExpired;
    let count = |now| CountTry { hash: HASH, now };
    assert_eq!(community.run(count(NOW)).await, Err(expired));
    assert_eq!(community.start_login(me).await, Ok(PasswordLogin::SecondStep));
    for _ in 0..5 {
        assert_eq!(community.run(count(NOW)).await, Ok(mid(me)));
    }
    assert_eq!(community.run(count(NOW)).await, Err(expired), "five tries");
    assert_eq!(community.start_login(me).await, Ok(PasswordLogin::SecondStep));
    let end = SECOND_STEP.expires;
    assert_eq!(community.run(count(end - 1)).await, Ok(mid(me)));
    assert_eq!(community.run(count(end)).await, Err(expired));
    assert_eq!(community.finish_login(FactorProof::Totp(6), 3, end).await, Err(expired));
    let change = ChangePassword {
        me: mid(me),
        expected_phc: Some("phc".to_owned()),
        new_password: new_password("new"),
        renewal: SessionRenewal { old: [1; 32], new: [9; 32], expires: NOW + 9 },
        attempts: None,
        outbox: no_outbox(&community.cipher),
    };
    assert_eq!(community.run(change).await, Ok(()));
    let proof = FactorProof::Totp(6);
    assert_eq!(community.finish_login(proof, 3, NOW).await, Err(expired), "the password changed");
    assert!(community.run_due_tasks(end).await > 0);
    assert_eq!(expect_read(community.store.all::<Challenge>().await), []);
}

pub(crate) async fn passkeys_are_managed_within_the_limit(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 1).await;
    assert_eq!(community.add_passkey(me, "aa", 2).await, Ok(true));
    assert_eq!(community.add_passkey(me, "aa", 2).await, Err(ErrorCode::FactorExists));
    assert_eq!(community.add_passkey(me, "bb", 2).await, Ok(false), "the recovery codes stay");
    assert_eq!(community.add_passkey(me, "cc", 2).await, Err(ErrorCode::PasskeyLimitReached));
    let rename = |id| RenamePasskey { me: mid(me), id, name: "电脑".to_owned() };
    assert_eq!(community.run(rename(2)).await, Ok(()));
    assert_eq!(community.run(rename(3)).await, Err(ErrorCode::FactorNotFound));
    let remove = |id| RemovePasskey { me: mid(me), id, outbox: no_outbox(&community.cipher) };
    assert_eq!(community.run(remove(1)).await, Ok(()));
    assert_eq!(community.run(remove(1)).await, Err(ErrorCode::FactorNotFound));
    assert_eq!(community.add_passkey(me, "dd", 2).await, Ok(false));
    let passkeys = community.factors(me).await.passkeys;
    let left: Vec<_> = passkeys.iter().map(|passkey| (passkey.id, passkey.name.as_str())).collect();
    assert_eq!(left, [(2, "电脑"), (3, "手机")], "an id is never used again");
}

pub(crate) async fn passkey_logs_in_with_a_rising_counter(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 1).await;
    assert_eq!(community.add_passkey(me, "aa", 2).await, Ok(true));
    let log_in =
        |proof, byte| LogInWithPasskey { me: mid(me), proof, session: new_session(byte), now: NOW + 7 };
    assert_eq!(community.run(log_in(passkey_proof("0", "1"), 5)).await, Ok(()));
    assert_eq!(community.proofs(5).await, (NOW + 7, NOW + 7), "a passkey counts as both");
    let copied = log_in(passkey_proof("0", "1"), 6);
    assert_eq!(community.run(copied).await, Err(ErrorCode::WrongFactor));
    assert_eq!(community.run(log_in(passkey_proof("1", "2"), 6)).await, Ok(()));
    assert_eq!(community.factors(me).await.passkeys[0].used, NOW + 7);
    community.delete_member(me).await;
    assert_eq!(community.run(log_in(passkey_proof("2", "3"), 7)).await, Err(ErrorCode::WrongFactor));
}

pub(crate) async fn passkey_challenge_is_answered_once(store: impl Store) {
    let community = Community::new(store);
    let put = StorePasskeyChallenge { hash: HASH, state: "{}".to_owned(), expires: NOW + 9 };
    let take = |now| TakePasskeyChallenge { hash: HASH, now };
    assert_eq!(community.run(put.clone()).await, Ok(()));
    assert_eq!(community.run(take(NOW)).await.as_deref(), Ok("{}"));
    assert_eq!(community.run(take(NOW)).await, Err(ErrorCode::InvalidPasskey));
    assert_eq!(community.run(put).await, Ok(()));
    assert_eq!(community.run(take(NOW + 9)).await, Err(ErrorCode::InvalidPasskey));
}

pub(crate) async fn session_is_proved(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 1).await;
    assert_eq!(community.proofs(1).await, (NOW, 0), "a registration proves the password");
    community.set_up_totp(me).await;
    assert_eq!(community.prove(true, None, NOW + 1).await, Ok(()));
    assert_eq!(community.proofs(1).await, (NOW + 1, NOW));
    assert_eq!(community.prove(false, Some(FactorProof::Totp(6)), NOW + 2).await, Ok(()));
    assert_eq!(community.proofs(1).await, (NOW + 1, NOW + 2));
    let used = Some(FactorProof::Totp(6));
    assert_eq!(community.prove(true, used, NOW + 3).await, Err(ErrorCode::WrongFactor));
    assert_eq!(community.proofs(1).await, (NOW + 1, NOW + 2), "a rejected proof changes nothing");
    assert_eq!(community.add_passkey(me, "aa", 2).await, Ok(false));
    assert_eq!(community.prove(false, Some(passkey_proof("0", "1")), NOW + 4).await, Ok(()));
    assert_eq!(community.proofs(1).await, (NOW + 4, NOW + 4));
    let (session, attempts) = ([2; 32], Vec::new());
    let prove = ProveSession { me: mid(me), session, password: true, factor: None, attempts, now: NOW };
    assert_eq!(community.run(prove).await, Err(ErrorCode::NotLoggedIn));
}

pub(crate) async fn qr_login_needs_a_session_with_factor(store: impl Store) {
    let community = Community::new(store);
    let me = community.member_with_password("phc", 2).await;
    community.set_up_totp(me).await;
    let (hash, claim_secret, origin) = ([8; 32], [9; 32], login_origin("TV"));
    let create = CreateQrCode { hash, claim_secret, origin, now: NOW, expires: NOW + 9 };
    assert_eq!(community.run(create).await, Ok(()));
    assert!(community.run(ScanQrCode { me: mid(me), hash, now: NOW }).await.is_ok());
    let confirm = |byte: u8| ConfirmQrCode { me: mid(me), hash, session: [byte; 32], now: NOW };
    assert_eq!(community.run(confirm(2)).await, Err(ErrorCode::ProofRequired));
    assert_eq!(community.run(confirm(1)).await, Ok(()));
}
