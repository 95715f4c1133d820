//! What the service sees of an engine.

use crate::cards::Faces;
use crate::check::Report;
use crate::command::Command;
use crate::dump::Progress;
use crate::row::{
    AuditRow, Card, CoinRow, Due, Group, Growth, LoginRow, Profile, Record, Session, Table, TokenHash, Upstat,
};
use crate::stat::Counters;
use crate::{CommandError, Row, StorageError};
use guanxi_domain::page::Window;
use guanxi_domain::relation::RelationPair;
use guanxi_domain::tie::{GroupMembership, RelationKind};
use guanxi_types::Order;
use guanxi_types::{Mid, Tagid};
use jiff::civil::Date;
use tokio::sync::mpsc;

/// An engine. Each read is one moment's truth; a command's answer comes when it is durable.
pub trait Store: Clone + Send + Sync + 'static {
    /// Does a command, whole or not at all.
    fn run<C: Command>(&self, command: C) -> impl Future<Output = Result<C::Answer, CommandError>> + Send;

    /// The row of that key.
    fn get<R: Record>(&self, key: R::Key) -> impl Future<Output = Result<Option<R>, StorageError>> + Send;

    /// A member's counters; none if there is no such member.
    fn stat(&self, mid: Mid) -> impl Future<Output = Result<Option<Counters>, StorageError>> + Send;

    /// Both ties between a member and another; none if there is no such other.
    fn pair(
        &self,
        me: Mid,
        them: Mid,
    ) -> impl Future<Output = Result<Option<RelationPair>, StorageError>> + Send;

    /// A stretch of a list, as `viewer` sees it; none if there is no such list.
    fn page(&self, page: ListQuery) -> impl Future<Output = Result<Option<Page>, StorageError>> + Send;

    /// A member's groups.
    fn groups(&self, owner: Mid) -> impl Future<Output = Result<Groups, StorageError>> + Send;

    /// The groups a member keeps another in; none if there is no such other.
    fn groups_of(
        &self,
        me: Mid,
        them: Mid,
    ) -> impl Future<Output = Result<Option<JoinedGroups>, StorageError>> + Send;

    /// All that a member's space and card show to `viewer`; none if there is no such member.
    fn space(
        &self,
        mid: Mid,
        viewer: Option<Mid>,
    ) -> impl Future<Output = Result<Option<Space>, StorageError>> + Send;

    /// The newest entries of a member's coin log from a second on, newest first.
    fn coins(
        &self,
        mid: Mid,
        since: i64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<CoinRow>, StorageError>> + Send;

    /// The newest entries of a member's login log from a second on, newest first.
    fn logins(
        &self,
        mid: Mid,
        since: i64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<LoginRow>, StorageError>> + Send;

    /// The first entry of a member's login log; none if it is empty.
    fn first_login(&self, mid: Mid) -> impl Future<Output = Result<Option<LoginRow>, StorageError>> + Send;

    /// Some of what the clock has to look at by now in these tables, the longest due first.
    fn due(&self, now: i64, tables: &[Table]) -> impl Future<Output = Result<Vec<Due>, StorageError>> + Send;

    /// The rows of a table that wait for a moderator, at most so many, the longest first; those since before `since` are
    /// passed over.
    fn waiting<R: Record>(
        &self,
        since: i64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<R>, StorageError>> + Send;

    /// All rows of a small table.
    fn all<R: Record>(&self) -> impl Future<Output = Result<Vec<R>, StorageError>> + Send;

    /// The operators' log, at most so many of it, the newest first; from before a number if one is named.
    fn audit(
        &self,
        before: Option<u64>,
        most: usize,
    ) -> impl Future<Output = Result<Vec<AuditRow>, StorageError>> + Send;

    /// A session, and whether a day's login was given to its member.
    fn session(
        &self,
        hash: TokenHash,
        day: Date,
    ) -> impl Future<Output = Result<Option<(Session, bool)>, StorageError>> + Send;

    /// A member's sessions.
    fn sessions(&self, mid: Mid) -> impl Future<Output = Result<Vec<Session>, StorageError>> + Send;

    /// Sends the whole community as of one moment, while writes go on, in batches: kind by kind in the order of [`Row`], each
    /// in the order of its key, ties by owner and other, logs by member, time, and their order within that second. Private
    /// texts come as they are kept. Members who are leaving are left out, with their ties and those to them. Every member has
    /// `versions`, as they see them themselves, and `next` comes last. It ends early, and well, if nobody receives.
    fn export(&self, out: mpsc::Sender<Vec<Row>>) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Counts everything again, and names what does not agree. Takes as long as reading it all does.
    fn check(&self) -> impl Future<Output = Result<Report, StorageError>> + Send;

    /// Whether nobody is in it.
    fn is_empty(&self) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// How far a load came that was begun and not ended, so that some of its community is missing; none if there is none.
    fn loading(&self) -> impl Future<Output = Result<Option<Progress>, StorageError>> + Send;
}

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Who follows its owner.
    Fans,
    /// Whom its owner follows.
    Followings,
    /// Whom its owner whispers: seen by its owner alone.
    Whispers,
    /// Whom its owner blocks: seen by its owner alone.
    Blacks,
    /// Who is in a group of its owner's, by when they joined it.
    Group(Tagid),
}

impl List {
    /// The kind of its owner's ties that it has all of; none if it is of others' ties, or a group.
    pub(crate) fn kind(self) -> Option<RelationKind> {
        match self {
            List::Followings => Some(RelationKind::Follow),
            List::Whispers => Some(RelationKind::Whisper),
            List::Blacks => Some(RelationKind::Black),
            List::Fans | List::Group(_) => None,
        }
    }

    /// Whether it is of its owner's follows, so that their groups are shown to the owner.
    pub(crate) fn is_followings(self) -> bool {
        matches!(self, List::Followings | List::Group(_))
    }

    /// Whether there is such a list for that viewer: what a member whispers and blocks is nobody else's business (D13).
    pub(crate) fn is_for(self, viewer: Option<Mid>, owner: Mid) -> bool {
        !matches!(self, List::Whispers | List::Blacks) || viewer == Some(owner)
    }
}

/// Which page.
#[derive(Clone, Copy, Debug)]
pub struct ListQuery {
    /// Of whose list.
    pub owner: Mid,
    /// Of which.
    pub list: List,
    /// Seen by whom.
    pub viewer: Option<Mid>,
    /// Which stretch.
    pub window: Window,
    /// In which direction.
    pub order: Order,
}

/// A stretch of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Its entries.
    pub entries: Vec<Entry>,
    /// What everybody sees of the members listed, in the same order. It may be newer than the rest of the page: as it was when
    /// the page was answered.
    pub faces: Faces,
    /// How many the whole list has.
    pub total: u32,
    /// The list's version.
    pub version: u32,
}

/// Groups in the order they were joined, with the names of those that are one's own.
pub type JoinedGroups = Vec<(Tagid, Option<String>)>;

/// A member's groups.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    /// How many are in 特别关注.
    pub special: u32,
    /// How many are in 默认分组.
    pub default: u32,
    /// Their own by tagid, with how many are in each.
    pub own: Vec<(Group, u32)>,
}

/// A member listed.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Whom.
    pub mid: Mid,
    /// When the listed tie came to be, in seconds; 0 in a group that its owner does not look at.
    pub mtime: i64,
    /// The viewer's tie to them, as the wire has it.
    pub attribute: u8,
    /// The groups the viewer keeps them in, if the list is the viewer's followings, or a group of theirs.
    pub groups: Vec<GroupMembership>,
}

/// All that a member's space and card show.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// Their card.
    pub card: Card,
    /// Their profile.
    pub profile: Profile,
    /// Their exp.
    pub growth: Growth,
    /// How their works are seen.
    pub upstat: Upstat,
    /// Their counters.
    pub stat: Counters,
    /// Whether the viewer follows or whispers them.
    pub followed: bool,
}
