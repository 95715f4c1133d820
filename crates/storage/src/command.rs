//! Everything that changes a store. A command loads what its rule needs, has the rule decide, and puts the difference:
//! as the decision comes before the first put, a refusal writes nothing. Commands are written once, over [`Txn`].

mod account;
mod ahead;
mod attend;
mod group;
mod ingest;
mod keys;
mod known;
mod load;
mod login;
pub mod operate;
mod qr;
mod relate;
mod session;
mod sign;
mod visit;

pub use account::{
    ApplyRealname, ChangeReach, ContactKind, NewMember, ReencryptFields, SeeNews, SetQuestion, SignUp,
};
pub use ahead::{Prefetch, RowKey};
pub use attend::RunDueTask;
pub use ingest::Ingest;
pub use keys::RecordKeys;
pub use login::{
    ChangePassword, CheckRateLimit, ConsumedAttempts, FailLogin, LogIn, NewPassword, RefundAttempt,
};
pub use qr::{ClaimQr, ConfirmQr, DrawQr, ScanQr};

pub use group::{AssignGroups, CreateGroup, DeleteGroup, RenameGroup};
pub use load::{ImportChunk, ImportResult, InsertRows, SetImportProgress};
pub use relate::ChangeRelation;
pub use session::{EndSession, LoginOrigin, NewSession, OpenSession, Renewal, RevokeSessions, device};
pub use sign::{ApproveDue, SubmitSign};
pub use visit::GrantDailyLogin;

use crate::row::Farewell;
use crate::txn::Transaction;
use crate::{CommandError, Counters, StorageError};
use guanxi_types::{ErrorCode, Mid};

/// A command: data that an engine can apply, and apply again when a transaction of its own came to nothing.
pub trait Command: Send + Sync + 'static {
    /// What it tells when it is done.
    type Answer: Send + 'static;

    /// Whether it waits for room in a full queue, in turn with others that wait. Requests are rejected there, as others come
    /// faster than they are done; work that the service has to do anyway is not.
    const WAITS: bool = false;

    /// What it will look at first.
    fn prefetch(&self) -> Prefetch {
        Prefetch::default()
    }

    /// Loads, decides, applies.
    fn apply<T: Transaction>(
        &self,
        tx: &mut T,
    ) -> impl Future<Output = Result<Self::Answer, CommandError>> + Send;
}

/// The counters of a member; none of nobody, and of who leaves: what would be written of them then could outlive them.
async fn member<T: Transaction>(tx: &mut T, mid: Mid) -> Result<Option<Counters>, StorageError> {
    match tx.get::<Farewell>(mid).await? {
        Some(_) => Ok(None),
        None => tx.counters(mid).await,
    }
}

/// Writes something that changes nothing, by the way of every other write: once it is done, writes are durable. It waits for its
/// turn, as a store with much to do is not one that takes no writes.
#[derive(Clone, Copy, Debug)]
pub struct Probe;

impl Command for Probe {
    type Answer = ();
    const WAITS: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        Ok(tx.touch().await?)
    }
}

/// The counters of who acts; -404 if there is no such member.
async fn actor<T: Transaction>(tx: &mut T, me: Mid) -> Result<Counters, CommandError> {
    Ok(member(tx, me).await?.ok_or(ErrorCode::NoMember)?)
}
