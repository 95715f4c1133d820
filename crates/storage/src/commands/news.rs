//! The news of a member: events that are stored as items, and the marks of read ones.

use super::{Command, Prefetch, require_member};
use crate::model::{NewsRow, TokenHash};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::news::NewsItem;
use guanxi_types::{Mid, TimeCursor};

/// Adds an item to the news of a member, in the commit of its event.
pub(super) async fn add_news<T: Transaction>(
    tx: &mut T,
    mid: Mid,
    item: NewsItem,
) -> Result<(), StorageError> {
    let mut row = tx.get::<NewsRow>(mid).await?.unwrap_or(NewsRow::new(mid));
    row.add(item, tx.news_limits());
    tx.put(&row).await
}

/// Returns the mark of a session in the news of its login. JSON has numbers of 53 bits.
pub fn session_mark(hash: &TokenHash) -> u64 {
    hash.first_chunk().map_or(0, |head| u64::from_be_bytes(*head) >> 11)
}

/// Replaces the mark of a session that continues under another token.
pub(super) async fn renew_session_mark<T: Transaction>(
    tx: &mut T,
    mid: Mid,
    old: &TokenHash,
    new: &TokenHash,
) -> Result<(), StorageError> {
    let (old, new) = (session_mark(old), session_mark(new));
    let Some(mut row) = tx.get::<NewsRow>(mid).await? else { return Ok(()) };
    match row.items.iter_mut().find(|item| item.is_own_login(Some(old))) {
        Some(item) => {
            item.session = new;
            tx.put(&row).await
        }
        None => Ok(()),
    }
}

/// Raises the time up to which the member has read their news. The time never decreases, and never exceeds `now`.
#[derive(Clone, Copy, Debug)]
pub struct MarkNewsSeen {
    /// The member.
    pub me: Mid,
    /// The time of the newest news read, in seconds.
    pub until: i64,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for MarkNewsSeen {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.me).row::<NewsRow>(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &MarkNewsSeen { me, until, now } = self;
        require_member(tx, me).await?;
        let row = tx.get::<NewsRow>(me).await?.unwrap_or(NewsRow::new(me));
        let seen = row.seen.max(until.min(now));
        if seen == row.seen {
            return Ok(());
        }
        Ok(tx.put(&NewsRow { seen, ..row }).await?)
    }
}

/// Marks one of a member's news as read. The number 0 stands for the followers up to the time, and other numbers for
/// items. Has no effect for an item that is no longer stored.
#[derive(Clone, Copy, Debug)]
pub struct MarkNewsRead {
    /// The member.
    pub me: Mid,
    /// The position of the news.
    pub id: TimeCursor,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for MarkNewsRead {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.me).row::<NewsRow>(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &MarkNewsRead { me, id, now } = self;
        require_member(tx, me).await?;
        let mut row = tx.get::<NewsRow>(me).await?.unwrap_or(NewsRow::new(me));
        let before = row.clone();
        if id.number == 0 {
            row.followers_seen = row.followers_seen.max(id.time.min(now));
        } else if let Some(item) = row.items.iter_mut().find(|item| item.position() == id) {
            item.read = true;
        }
        if row == before { Ok(()) } else { Ok(tx.put(&row).await?) }
    }
}
