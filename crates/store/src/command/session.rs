//! Sessions are opened and revoked.

use super::{Command, actor};
use crate::Error;
use crate::row::{Session, TokenHash};
use crate::txn::Txn;
use guanxi_wire::Mid;

/// Opens a session. -404 for nobody.
#[derive(Clone, Copy, Debug)]
pub struct OpenSession {
    /// Whose.
    pub me: Mid,
    /// The hash of its token.
    pub hash: TokenHash,
    /// The time, in seconds.
    pub now: i64,
    /// From when it is none, in seconds.
    pub expires: i64,
}

impl Command for OpenSession {
    type Answer = ();

    async fn apply<T: Txn>(&self, tx: &mut T) -> Result<(), Error> {
        let &OpenSession { me, hash, now, expires } = self;
        actor(tx, me).await?;
        for session in tx.sessions(me).await? {
            if session.expires <= now {
                tx.drop_session(&session).await?;
            }
        }
        Ok(tx.put_session(&Session { hash, mid: me, created: now, expires }).await?)
    }
}

/// Revokes all of a member's sessions; tells how many. -404 for nobody.
#[derive(Clone, Copy, Debug)]
pub struct RevokeSessions {
    /// Whose.
    pub me: Mid,
}

impl Command for RevokeSessions {
    type Answer = usize;

    async fn apply<T: Txn>(&self, tx: &mut T) -> Result<usize, Error> {
        actor(tx, self.me).await?;
        let sessions = tx.sessions(self.me).await?;
        for session in &sessions {
            tx.drop_session(session).await?;
        }
        Ok(sessions.len())
    }
}
