//! The commands: every change of a store, written once for both engines over [`Transaction`].
//!
//! A command loads the rows that its rule needs, lets the rule decide, and writes the difference. The decision
//! comes before the first write, so a rejected command writes nothing.

mod account;
mod bio;
mod change_many;
mod change_relation;
mod contact_code;
mod daily_login;
mod data_export;
mod factor_login;
mod factors;
mod group;
mod identifiers;
mod import;
mod ingest;
mod keys;
mod leave;
mod login;
mod news;
pub mod operator;
mod outbox;
mod picture;
mod prefetch;
mod privacy;
mod profile;
mod qr;
mod remark;
mod rewards;
mod session;
mod tasks;
mod undo;

pub use account::{ChangeContact, DismissFirstSteps, NewMember, RegisterMember, SetQuestion, SubmitRealname};
pub use bio::{ApproveDueBio, SubmitBio};
pub use change_many::{ChangeMany, ManyChange, ManyResult};
pub use change_relation::ChangeRelation;
pub use contact_code::{
    CheckRecoveryCode, ConfirmContact, RecoverAccount, RecoveryProof, SendContactCode, SendRecoveryCode,
    SubmittedCode,
};
pub use daily_login::GrantDailyLogin;
pub use data_export::{AddExportChunk, ClaimExport, ExportClaim, FinishExport, RequestExport};
pub use factor_login::{
    CompleteSecondStep, CountTry, FactorProof, LogInWithPasskey, ProveSession, StorePasskeyChallenge,
    TakePasskeyChallenge,
};
pub use factors::{
    AddPasskey, ConfirmTotp, NewPasskey, RemovePasskey, RemoveTotp, RenamePasskey, RenewRecoveryCodes,
    StartTotp,
};
pub use group::{AssignGroups, CreateGroup, DeleteGroup, RenameGroup};
pub use import::{ImportChunk, ImportResult, InsertRows, SetImportProgress};
pub use ingest::IngestEvents;
pub use keys::{RecordKeys, ReencryptFields};
pub use leave::{Leave, Stay};
pub use login::{
    ChangePassword, CheckRateLimit, CompleteLogin, ConsumedAttempts, NewPassword, PasswordLogin,
    RecordFailedLogin, RefundAttempt, SecondStep,
};
pub use news::{MarkNewsRead, MarkNewsSeen, session_mark};
pub use outbox::{Claim, ClaimMessage, FinishMessage, Outbox, OutboxLimits};
pub use picture::{ChangePicture, NewPicture};
pub use prefetch::{Prefetch, RowKey};
pub use privacy::ChangePrivacy;
pub use profile::{ChangeName, ChangeProfile, ProfileField};
pub use qr::{CancelQrCode, ClaimQrCode, ConfirmQrCode, CreateQrCode, ScanQrCode};
pub use remark::SetRemark;
pub use session::{
    CreateSession, LoginOrigin, NewSession, RevokeSession, RevokeSessions, SessionRenewal, device_hash,
};
pub use tasks::RunDueTask;
pub use undo::{Undo, UndoableCommand, Undone, WithUndo};

pub use crate::model::ContactKind;
use crate::model::{Entity, PendingDeletion};
use crate::transaction::Transaction;
use crate::{CommandError, Counters, StorageError};
use guanxi_types::{ErrorCode, Mid};

/// A write, as data. An engine applies it in one transaction, and applies it again if that transaction
/// conflicts with another one.
pub trait Command: Send + Sync + 'static {
    /// The result of the applied command.
    type Output: Send + 'static;

    /// True if the command waits for room in a full write queue. Requests are rejected with
    /// [`StorageError::Busy`] instead, since more of them arrive than the engine can apply. Background work
    /// cannot be dropped, so it waits.
    const WAITS_WHEN_QUEUE_FULL: bool = false;

    /// True if the prefetch names every member and every row without an owner that [`Command::apply`] accesses, so
    /// that all locks are known beforehand. Such commands share transactions of PostgreSQL.
    const PREFETCHES_ALL_LOCKS: bool = false;

    /// Returns hints of the rows that [`Command::apply`] reads first.
    fn prefetch(&self) -> Prefetch {
        Prefetch::default()
    }

    /// Reads, decides and writes within a transaction. An error rolls the transaction back.
    fn apply<T: Transaction>(
        &self,
        tx: &mut T,
    ) -> impl Future<Output = Result<Self::Output, CommandError>> + Send;
}

/// Returns the counters of a member. Returns `None` for an unknown member, and for a member whose deletion is
/// pending: a row written then could outlive the member.
async fn active_member<T: Transaction>(tx: &mut T, mid: Mid) -> Result<Option<Counters>, StorageError> {
    match tx.get::<PendingDeletion>(mid).await? {
        Some(_) => Ok(None),
        None => tx.counters(mid).await,
    }
}

/// Returns the counters of a member, or rejects with -404 if there is no such active member.
async fn require_member<T: Transaction>(tx: &mut T, me: Mid) -> Result<Counters, CommandError> {
    Ok(active_member(tx, me).await?.ok_or(ErrorCode::MemberNotFound)?)
}

/// Deletes a row if there is one, so that an absent row costs no write.
async fn delete_existing<T: Transaction, R: Entity>(tx: &mut T, key: R::Key) -> Result<(), StorageError> {
    match tx.get::<R>(key).await? {
        Some(_) => tx.delete::<R>(key).await,
        None => Ok(()),
    }
}

/// A health check of the write path. It commits a write without effect, so success proves that writes become
/// durable. It waits in a full queue, since a busy store is still a healthy one.
#[derive(Clone, Copy, Debug)]
pub struct ProbeWrites;

impl Command for ProbeWrites {
    type Output = ();
    const WAITS_WHEN_QUEUE_FULL: bool = true;
    const PREFETCHES_ALL_LOCKS: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        Ok(tx.write_probe().await?)
    }
}
