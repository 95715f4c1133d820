//! Codes: verification of a contact, and recovery of an account.

use crate::community::{Community, expect_read, mid};
use crate::members::{NOW, member_with_phone, new_password, sending_outbox};
use guanxi_storage::Store;
use guanxi_storage::commands::{
    ChangeContact, CheckRecoveryCode, ConfirmContact, ContactKind, Outbox, RecoverAccount, RecoveryProof,
    SendContactCode, SendRecoveryCode, SubmittedCode,
};
use guanxi_storage::model::{ContactCode, MessageKind, Password};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

const TEL: &str = "15312345056";
const OTHER_TEL: &str = "15312345057";

/// A code that differs from another.
fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().expect("a code is a number") + 1) % 1_000_000)
}

impl<S: Store> Community<S> {
    /// Creates member 1 with a phone that is not verified.
    async fn with_phone(store: S) -> Community<S> {
        let community = Community::new(store);
        assert_eq!(community.sign_up(member_with_phone("甲", TEL), 1).await, Ok(1));
        community
    }

    async fn send_code(&self, contact: ContactKind, now: i64) -> Result<(), ErrorCode> {
        let outbox = Outbox { now, ..sending_outbox(&self.cipher) };
        self.run(SendContactCode { me: mid(1), contact, outbox }).await
    }

    /// Returns the code in the newest message of member 1.
    async fn sent_code(&self) -> String {
        let message = self.messages(1).await.pop().expect("a message waits");
        message.2.expect("the message has a code")
    }

    fn submitted(&self, code: &str, now: i64) -> SubmittedCode {
        SubmittedCode { code: code.to_owned(), max_tries: 5, cipher: Arc::clone(&self.cipher), now }
    }

    async fn confirm_tel(&self, code: &str, now: i64) -> Result<bool, ErrorCode> {
        let code = self.submitted(code, now);
        self.run(ConfirmContact { me: mid(1), contact: ContactKind::Tel, code, failures: [8; 32] }).await
    }

    async fn request_recovery(&self, mid: Option<Mid>, address: &str) {
        let (contact, address) = (ContactKind::Tel, address.to_owned());
        let outbox = sending_outbox(&self.cipher);
        assert_eq!(self.run(SendRecoveryCode { mid, contact, address, outbox }).await, Ok(()));
    }

    fn proof(&self, mid: Option<Mid>, address: &str, code: &str, now: i64) -> RecoveryProof {
        let (contact, address) = (ContactKind::Tel, address.to_owned());
        RecoveryProof { mid, contact, address, code: self.submitted(code, now) }
    }

    async fn recover(&self, proof: RecoveryProof) -> Result<bool, ErrorCode> {
        let (new_password, outbox) = (new_password("recovered"), sending_outbox(&self.cipher));
        self.run(RecoverAccount { proof, new_password, failures: vec![[8; 32]], outbox }).await
    }

    async fn codes(&self) -> Vec<ContactCode> {
        expect_read(self.store.all().await)
    }
}

pub(crate) async fn phone_is_verified_by_its_code(store: impl Store) {
    let community = Community::with_phone(store).await;
    assert_eq!(community.send_code(ContactKind::Mail, NOW).await, Err(ErrorCode::NothingToVerify));
    assert_eq!(community.send_code(ContactKind::Tel, NOW).await, Ok(()));
    let code = community.sent_code().await;
    assert_eq!(
        community.messages(1).await,
        [(MessageKind::VerificationCode, TEL.to_owned(), Some(code.clone()))]
    );
    assert_eq!(community.confirm_tel(&wrong(&code), NOW).await, Ok(false));
    assert!(!community.account(1).await.tel_verified);
    assert_eq!(community.confirm_tel(&code, NOW + 599).await, Ok(true));
    assert!(community.account(1).await.tel_verified);
    assert_eq!(community.exp(1).await, 100, "the first verified phone is rewarded");
    assert_eq!(community.codes().await, []);
    assert_eq!(community.confirm_tel(&code, NOW).await, Err(ErrorCode::NothingToVerify));
    assert_eq!(community.send_code(ContactKind::Tel, NOW).await, Err(ErrorCode::NothingToVerify));
    let mut outbox = sending_outbox(&community.cipher);
    outbox.limits.sends_mail = false;
    let without_sender = SendContactCode { me: mid(1), contact: ContactKind::Mail, outbox };
    assert_eq!(community.run(without_sender).await, Err(ErrorCode::NoMessageSender));
}

pub(crate) async fn code_is_void_after_five_tries_or_ten_minutes(store: impl Store) {
    let community = Community::with_phone(store).await;
    assert_eq!(community.send_code(ContactKind::Tel, NOW).await, Ok(()));
    let code = community.sent_code().await;
    for _ in 0..5 {
        assert_eq!(community.confirm_tel(&wrong(&code), NOW).await, Ok(false));
    }
    assert_eq!(community.confirm_tel(&code, NOW).await, Ok(false), "the code is void");
    assert_eq!(community.send_code(ContactKind::Tel, NOW + 1).await, Ok(()));
    let code = community.sent_code().await;
    assert_eq!(community.confirm_tel(&code, NOW + 601).await, Ok(false), "the code has expired");
    assert_eq!(community.send_code(ContactKind::Tel, NOW + 2).await, Ok(()));
    let (first, _) = (community.sent_code().await, community.send_code(ContactKind::Tel, NOW + 3).await);
    let second = community.sent_code().await;
    if first != second {
        assert_eq!(community.confirm_tel(&first, NOW + 4).await, Ok(false), "a newer code replaces it");
    }
    assert_eq!(community.confirm_tel(&second, NOW + 4).await, Ok(true));
}

pub(crate) async fn code_is_of_one_contact(store: impl Store) {
    let community = Community::with_phone(store).await;
    assert_eq!(community.send_code(ContactKind::Tel, NOW).await, Ok(()));
    let code = community.sent_code().await;
    let (value, outbox) = (Some(OTHER_TEL.to_owned()), crate::members::no_outbox(&community.cipher));
    let change = ChangeContact { me: mid(1), kind: ContactKind::Tel, value, outbox };
    assert_eq!(community.run(change).await, Ok(()));
    assert_eq!(community.confirm_tel(&code, NOW).await, Ok(false));
    let recovered = community.recover(community.proof(Some(mid(1)), TEL, &code, NOW)).await;
    assert_eq!(recovered, Ok(false), "a verification code recovers nothing");
    assert_eq!(community.run_due_tasks(NOW + 600).await, 2, "the code, and its message for a sender");
    assert_eq!(community.codes().await, []);
}

pub(crate) async fn recovery_sets_a_password_and_ends_sessions(store: impl Store) {
    let community = Community::with_phone(store).await;
    assert_eq!(community.send_code(ContactKind::Tel, NOW).await, Ok(()));
    assert_eq!(community.confirm_tel(&community.sent_code().await, NOW).await, Ok(true));
    let me = Some(mid(1));
    community.request_recovery(me, TEL).await;
    let code = community.messages(1).await.into_iter().find(|message| message.0 == MessageKind::RecoveryCode);
    let code = code.and_then(|message| message.2).expect("the member has a code");
    let proof = |code: &str| community.proof(me, TEL, code, NOW);
    assert_eq!(community.recover(proof(&wrong(&code))).await, Ok(false));
    assert_eq!(
        community.run(CheckRecoveryCode { proof: proof(&code), failures: [8; 32] }).await,
        Ok(me),
        "a check leaves the code valid"
    );
    assert_eq!(community.recover(proof(&code)).await, Ok(true));
    let password: Option<Password> = expect_read(community.store.get(mid(1)).await);
    assert_eq!(password.map(|row| row.phc).as_deref(), Some("recovered"));
    assert_eq!(community.sessions(1).await, [0; 0]);
    assert!(community.messages(1).await.iter().any(|message| message.0 == MessageKind::PasswordChanged));
    assert_eq!(community.recover(proof(&code)).await, Ok(false), "a code is used once");
}

pub(crate) async fn unverified_contact_recovers_nothing(store: impl Store) {
    let community = Community::with_phone(store).await;
    for (member, address) in [(Some(mid(1)), TEL), (None, OTHER_TEL)] {
        community.request_recovery(member, address).await;
        assert_eq!(community.messages(1).await, []);
        // As many tries as for a real code change the row.
        for tries in 1..=5 {
            let proof = community.proof(member, address, "123456", NOW);
            assert_eq!(community.run(CheckRecoveryCode { proof, failures: [8; 32] }).await, Ok(None));
            let row = community.codes().await.pop();
            assert_eq!(row.map(|row| (row.mid, row.wrong_tries)), (tries < 5).then_some((None, tries)));
        }
    }
}

pub(crate) async fn recovery_code_ends_with_the_member(store: impl Store) {
    let community = Community::with_phone(store).await;
    assert_eq!(community.send_code(ContactKind::Tel, NOW).await, Ok(()));
    assert_eq!(community.confirm_tel(&community.sent_code().await, NOW).await, Ok(true));
    community.request_recovery(Some(mid(1)), TEL).await;
    let code = community.messages(1).await.into_iter().find(|message| message.0 == MessageKind::RecoveryCode);
    let code = code.and_then(|message| message.2).expect("the member has a code");
    community.delete_member(1).await;
    assert_eq!(community.messages(1).await, []);
    assert_eq!(community.recover(community.proof(Some(mid(1)), TEL, &code, NOW)).await, Ok(false));
}
