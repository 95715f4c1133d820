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

pub use account::{ApplyRealname, ChangeReach, NewMember, Reach, Reseal, SeeNews, SetQuestion, SignUp};
pub use ahead::{Ahead, RowKey};
pub use attend::Attend;
pub use ingest::Ingest;
pub use keys::NoteKeys;
pub use login::{Attempt, ChangePassword, FailLogin, LogIn, NewPassword, Passed, TakeBack};
pub use qr::{ClaimQr, ConfirmQr, DrawQr, ScanQr};

pub use group::{AssignGroups, CreateGroup, DeleteGroup, RenameGroup};
pub use load::{Load, Loaded, Loading, TakeIn};
pub use relate::Relate;
pub use session::{Arrival, EndSession, OpenSession, Renewal, RevokeSessions, Whence, device};
pub use sign::{ApproveDue, SubmitSign};
pub use visit::Visit;

use crate::row::Farewell;
use crate::txn::Txn;
use crate::{Error, Fault, Stat};
use guanxi_types::{Code, Mid};

/// A command: data that an engine can apply, and apply again when a transaction of its own came to nothing.
pub trait Command: Send + Sync + 'static {
    /// What it tells when it is done.
    type Answer: Send + 'static;

    /// Whether it waits for room in a full queue, in turn with others that wait. Requests are rejected there, as others come
    /// faster than they are done; work that the service has to do anyway is not.
    const WAITS: bool = false;

    /// What it will look at first.
    fn ahead(&self) -> Ahead {
        Ahead::default()
    }

    /// Loads, decides, applies.
    fn apply<T: Txn>(&self, tx: &mut T) -> impl Future<Output = Result<Self::Answer, Error>> + Send;
}

/// The counters of a member; none of nobody, and of who leaves: what would be written of them then could outlive them.
async fn member<T: Txn>(tx: &mut T, mid: Mid) -> Result<Option<Stat>, Fault> {
    match tx.get::<Farewell>(mid).await? {
        Some(_) => Ok(None),
        None => tx.stat(mid).await,
    }
}

/// Writes something that changes nothing, by the way of every other write: once it is done, writes are durable. It waits for its
/// turn, as a store with much to do is not one that takes no writes.
#[derive(Clone, Copy, Debug)]
pub struct Probe;

impl Command for Probe {
    type Answer = ();
    const WAITS: bool = true;

    async fn apply<T: Txn>(&self, tx: &mut T) -> Result<(), Error> {
        Ok(tx.touch().await?)
    }
}

/// The counters of who acts; -404 if there is no such member.
async fn actor<T: Txn>(tx: &mut T, me: Mid) -> Result<Stat, Error> {
    Ok(member(tx, me).await?.ok_or(Code::NoMember)?)
}
