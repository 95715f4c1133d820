//! Helpers for accounts, sessions, operator commands and scheduled tasks.

use crate::community::{Community, expect_read, mid};
use guanxi_domain::rate_limit::Quota;
use guanxi_storage::commands::operator::{Audited, DeleteMember, OperatorCommand};
use guanxi_storage::commands::{
    GrantDailyLogin, LoginOrigin, NewMember, NewPassword, NewSession, Outbox, OutboxLimits, RegisterMember,
    RunDueTask, SecondStep,
};
use guanxi_storage::encryption::{Hash, IdentifierKind, Keyring, SensitiveField};
use guanxi_storage::model::{
    Account, AuditRow, Experience, LoginIdentifier, LoginMethod, PendingDeletion, Sensitive, Session, Table,
};
use guanxi_storage::{FieldCipher, Store};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

/// The usual time: 2020-05-20 00:00:00 in Asia/Shanghai.
pub(crate) const NOW: i64 = 1_589_904_000;

/// The bucket of successful logins, with a quota that no test reaches.
pub(crate) const LOGIN_QUOTA: (Hash, Quota) =
    ([6; 32], Quota { max_attempts: 1_000, window_seconds: 900, lockout_seconds: 60 });

/// The second step of a login, for members with a second factor.
pub(crate) const SECOND_STEP: SecondStep = SecondStep { hash: [7; 32], expires: NOW + 300 };

/// Returns the origin of a login from a device.
pub(crate) fn login_origin(buvid: &str) -> LoginOrigin {
    LoginOrigin {
        ip: [36, 40, 120, 15].into(),
        device: "Chrome浏览器".to_owned(),
        buvid: buvid.to_owned(),
        location: "中国陕西渭南".to_owned(),
        isp: "电信".to_owned(),
    }
}

/// Returns a new session whose hash repeats a byte. Ten sessions are allowed.
pub(crate) fn new_session(byte: u8) -> NewSession {
    let (hash, expires, method) = ([byte; 32], NOW + 1_000_000, LoginMethod::Password);
    NewSession {
        hash,
        expires,
        max_sessions: 10,
        method,
        origin: login_origin("A"),
        is_unfamiliar: false,
        replaces: None,
        outbox: no_outbox(&Arc::new(FieldCipher::new(Keyring::generate()))),
    }
}

/// Returns an outbox without senders, which stores no message.
pub(crate) fn no_outbox(cipher: &Arc<FieldCipher>) -> Outbox {
    let (sends_tel, sends_mail) = (false, false);
    let limits = OutboxLimits { sends_tel, sends_mail, max_waiting: 3, retry_secs: 259_200, code_secs: 600 };
    Outbox { cipher: Arc::clone(cipher), limits, language: "en", now: NOW }
}

/// Returns an outbox with senders for phones and mail addresses.
pub(crate) fn sending_outbox(cipher: &Arc<FieldCipher>) -> Outbox {
    let outbox = no_outbox(cipher);
    let limits = OutboxLimits { sends_tel: true, sends_mail: true, ..outbox.limits };
    Outbox { limits, ..outbox }
}

/// Returns a new password with a given hash.
pub(crate) fn new_password(phc: &str) -> NewPassword {
    NewPassword { phc: phc.to_owned(), score: 90, level: 3, safe: true }
}

/// Returns a new member with a name only.
pub(crate) fn member_named(uname: &str) -> NewMember {
    NewMember { uname: uname.to_owned(), ..NewMember::default() }
}

/// Returns a new member with a name and a phone.
pub(crate) fn member_with_phone(uname: &str, tel: &str) -> NewMember {
    NewMember { tel: Some(tel.to_owned()), ..member_named(uname) }
}

/// Returns the bytes of sessions, sorted.
fn session_bytes(sessions: &[Session]) -> Vec<u8> {
    let mut bytes: Vec<u8> = sessions.iter().map(|session| session.hash[0]).collect();
    bytes.sort_unstable();
    bytes
}

impl<S: Store> Community<S> {
    /// Registers a member with a session. Returns their number.
    pub(crate) async fn sign_up(&self, new: NewMember, byte: u8) -> Result<u64, ErrorCode> {
        let outbox = no_outbox(&self.cipher);
        let registered =
            self.run(RegisterMember { new_member: new, session: new_session(byte), outbox, now: NOW }).await;
        registered.map(Mid::get)
    }

    pub(crate) async fn session(&self, byte: u8) -> Option<Session> {
        expect_read(self.store.get([byte; 32]).await)
    }

    /// Returns the bytes of a member's sessions.
    pub(crate) async fn sessions(&self, member: u64) -> Vec<u8> {
        session_bytes(&expect_read(self.store.sessions(mid(member)).await))
    }

    /// Returns the member of a login identifier.
    pub(crate) async fn find(&self, kind: IdentifierKind, text: &str) -> Option<u64> {
        self.find_with(&self.cipher, kind, text).await
    }

    /// Returns the member of a login identifier under other keys.
    pub(crate) async fn find_with(
        &self,
        cipher: &FieldCipher,
        kind: IdentifierKind,
        text: &str,
    ) -> Option<u64> {
        for hash in cipher.lookup_hashes(kind, text) {
            if let Some(identifier) = expect_read(self.store.get::<LoginIdentifier>(hash).await) {
                return Some(identifier.mid.get());
            }
        }
        None
    }

    pub(crate) async fn account(&self, member: u64) -> Account {
        expect_read(self.store.get(mid(member)).await).expect("the member has an account")
    }

    /// Decrypts a private field of a member.
    pub(crate) fn decrypt(
        &self,
        field: SensitiveField,
        member: u64,
        text: Option<&Sensitive>,
    ) -> Option<String> {
        text.map(|text| expect_read(self.cipher.decrypt(field, mid(member), text)))
    }

    pub(crate) async fn experience(&self, member: u64) -> Experience {
        expect_read(self.store.get(mid(member)).await).unwrap_or(Experience::new(mid(member)))
    }

    pub(crate) async fn exp(&self, member: u64) -> u64 {
        self.experience(member).await.exp
    }

    pub(crate) async fn daily_login(&self, member: u64, now: i64) {
        assert_eq!(self.run(GrantDailyLogin { me: mid(member), now }).await, Ok(()));
    }

    /// Runs an operator command.
    pub(crate) async fn run_as_operator<C: OperatorCommand>(
        &self,
        command: C,
    ) -> Result<C::Output, ErrorCode> {
        self.run(Audited { by: "操作员".to_owned(), now: NOW, command }).await
    }

    /// Returns the audit log, newest first.
    pub(crate) async fn audit_log(&self) -> Vec<AuditRow> {
        expect_read(self.store.audit_log(None, usize::MAX).await)
    }

    /// Returns the newest audit entry: action, before, after.
    pub(crate) async fn latest_audit_entry(&self) -> (String, String, String) {
        let row = self.audit_log().await.into_iter().next().expect("the audit log has an entry");
        (row.action, row.before, row.after)
    }

    /// Starts the deletion of a member. Scheduled tasks complete it.
    pub(crate) async fn delete_member(&self, member: u64) {
        let cipher = Arc::clone(&self.cipher);
        assert_eq!(self.run_as_operator(DeleteMember { mid: mid(member), cipher }).await, Ok(()));
    }

    pub(crate) async fn is_pending_deletion(&self, member: u64) -> bool {
        expect_read(self.store.get::<PendingDeletion>(mid(member)).await).is_some()
    }

    /// Runs the due tasks once. Returns their number.
    pub(crate) async fn run_due_tasks(&self, now: i64) -> usize {
        let tasks = expect_read(self.store.due_tasks(now, Table::scheduled()).await);
        let count = tasks.len();
        for task in tasks {
            assert_eq!(self.run(RunDueTask { task, cipher: Arc::clone(&self.cipher), now }).await, Ok(()));
        }
        count
    }

    /// Runs due tasks until none is left.
    pub(crate) async fn run_all_due_tasks(&self, now: i64) {
        while self.run_due_tasks(now).await > 0 {}
    }
}
