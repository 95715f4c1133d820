//! Members who sign up, come in by doors and codes, are operated upon and leave, in short.

use crate::community::{Community, mid, read};
use guanxi_domain::tries::Quota;
use guanxi_storage::command::operate::{Audited, DeleteMember, OperatorCommand};
use guanxi_storage::command::{
    GrantDailyLogin, LoginOrigin, NewMember, NewPassword, NewSession, RunDueTask, SignUp,
};
use guanxi_storage::row::{
    Account, AuditRow, Farewell, Growth, Handle, LoginMethod, Sensitive, Session, Table,
};
use guanxi_storage::vault::{Field, Hash, IdentifierKind};
use guanxi_storage::{FieldCipher, Store};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

/// When most things happen.
pub(crate) const NOW: i64 = 1_589_904_000;

/// The door at which right passwords are counted, and more than any test has.
pub(crate) const OFTEN: (Hash, Quota) = ([6; 32], Quota { tries: 1_000, window: 900, wait: 60 });

/// From where everybody comes.
pub(crate) fn whence(buvid: &str) -> LoginOrigin {
    LoginOrigin {
        ip: [36, 40, 120, 15].into(),
        device: "Chrome浏览器".to_owned(),
        buvid: buvid.to_owned(),
        place: "中国陕西渭南".to_owned(),
        carrier: "电信".to_owned(),
    }
}

/// A session to be opened, known by a byte; there is room for many.
pub(crate) fn arrival(byte: u8) -> NewSession {
    let (hash, expires, most, how) = ([byte; 32], NOW + 1_000_000, 10, LoginMethod::Password);
    NewSession { hash, expires, most, how, whence: whence("A"), replaces: None }
}

/// A password by what was made of it.
pub(crate) fn password(phc: &str) -> NewPassword {
    NewPassword { phc: phc.to_owned(), score: 90, level: 3, safe: true }
}

/// Somebody of whom nothing but a name is known.
pub(crate) fn named(uname: &str) -> NewMember {
    NewMember { uname: uname.to_owned(), ..NewMember::default() }
}

/// Somebody with a name and a phone.
pub(crate) fn reached(uname: &str, tel: &str) -> NewMember {
    NewMember { tel: Some(tel.to_owned()), ..named(uname) }
}

/// The sessions among these of that member, by their bytes.
fn bytes(sessions: &[Session]) -> Vec<u8> {
    let mut bytes: Vec<u8> = sessions.iter().map(|session| session.hash[0]).collect();
    bytes.sort_unstable();
    bytes
}

impl<S: Store> Community<S> {
    /// Signs somebody up, with a session of their own; tells their number.
    pub(crate) async fn sign_up(&self, new: NewMember, byte: u8) -> Result<u64, ErrorCode> {
        let vault = Arc::clone(&self.vault);
        let signed = self.run(SignUp { new, arrival: arrival(byte), vault, now: NOW }).await;
        signed.map(Mid::get)
    }

    pub(crate) async fn session(&self, byte: u8) -> Option<Session> {
        read(self.store.get([byte; 32]).await)
    }

    /// The bytes of a member's sessions.
    pub(crate) async fn sessions(&self, member: u64) -> Vec<u8> {
        bytes(&read(self.store.sessions(mid(member)).await))
    }

    /// Whom something finds.
    pub(crate) async fn find(&self, known: IdentifierKind, text: &str) -> Option<u64> {
        self.find_with(&self.vault, known, text).await
    }

    /// Whom something finds for who has these keys.
    pub(crate) async fn find_with(
        &self,
        vault: &FieldCipher,
        known: IdentifierKind,
        text: &str,
    ) -> Option<u64> {
        for hash in vault.handles(known, text) {
            if let Some(handle) = read(self.store.get::<Handle>(hash).await) {
                return Some(handle.mid.get());
            }
        }
        None
    }

    pub(crate) async fn account(&self, member: u64) -> Account {
        read(self.store.get(mid(member)).await).expect("the member has an account")
    }

    /// A private text of a member's, opened.
    pub(crate) fn open(&self, field: Field, member: u64, private: Option<&Sensitive>) -> Option<String> {
        private.map(|private| read(self.vault.open(field, mid(member), private)))
    }

    pub(crate) async fn growth(&self, member: u64) -> Growth {
        read(self.store.get(mid(member)).await).unwrap_or(Growth::of(mid(member)))
    }

    pub(crate) async fn exp(&self, member: u64) -> u64 {
        self.growth(member).await.exp
    }

    pub(crate) async fn visit(&self, member: u64, now: i64) {
        assert_eq!(self.run(GrantDailyLogin { me: mid(member), now }).await, Ok(()));
    }

    /// Has the operator do something.
    pub(crate) async fn operate<D: OperatorCommand>(&self, deed: D) -> Result<D::Answer, ErrorCode> {
        self.run(Audited { by: "操作员".to_owned(), now: NOW, deed }).await
    }

    /// The operators' log, newest first.
    pub(crate) async fn audit(&self) -> Vec<AuditRow> {
        read(self.store.audit(None, usize::MAX).await)
    }

    /// What of the log is newest: the deed, what was, what is.
    pub(crate) async fn latest_deed(&self) -> (String, String, String) {
        let row = self.audit().await.into_iter().next().expect("something was done");
        (row.deed, row.before, row.after)
    }

    /// Lets a member go; what they had goes by the clock.
    pub(crate) async fn let_go(&self, member: u64) {
        let vault = Arc::clone(&self.vault);
        assert_eq!(self.operate(DeleteMember { mid: mid(member), vault }).await, Ok(()));
    }

    pub(crate) async fn leaves(&self, member: u64) -> bool {
        read(self.store.get::<Farewell>(mid(member)).await).is_some()
    }

    /// Does what is due, once; tells how much that was.
    pub(crate) async fn attend(&self, now: i64) -> usize {
        let due = read(self.store.due(now, Table::awaited()).await);
        let count = due.len();
        for due in due {
            assert_eq!(self.run(RunDueTask { due, now }).await, Ok(()));
        }
        count
    }

    /// Does what is due until nothing is.
    pub(crate) async fn attend_all(&self, now: i64) {
        while self.attend(now).await > 0 {}
    }
}
