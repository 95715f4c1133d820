//! The interface of an engine: commands to run, and the queries.

use crate::commands::Command;
use crate::counters::Counters;
use crate::daily_login_cache::DailyLoginCache;
use crate::dump::ImportProgress;
use crate::integrity::Report;
use crate::member_list::{MemberPage, MemberQuery};
use crate::model::{
    AuditRow, Card, CoinRow, DueTask, Entity, Experience, Group, LoginRow, NewsRow, Privacy, Profile,
    RewardRow, Session, Table, TokenHash, Upstat,
};
use crate::name_search::{FoundPage, NameQuery};
use crate::{CommandError, Row, StorageError};
use guanxi_domain::news::{FollowerDay, NewFollower};
use guanxi_domain::paging::PageWindow;
use guanxi_domain::privacy::Audience;
use guanxi_domain::relation::{GroupMembership, Relation, RelationKind, RelationPair};
use guanxi_types::{Mid, Order, Tagid};
use jiff::civil::Date;
use std::ops::RangeInclusive;
use tokio::sync::mpsc;

/// The maximum number of due tasks that one query returns.
pub(crate) const DUE_BATCH: usize = 256;

/// The number of rows in a batch of an export.
pub(crate) const EXPORT_BATCH: usize = 1000;

/// The number of pictures after which a batch of an export ends, since they are large.
const EXPORT_PICTURE_BATCH: usize = 16;

/// Returns true if a batch of an export is full.
pub(crate) fn is_full_batch(batch: &[Row]) -> bool {
    let has_pictures = matches!(batch.last(), Some(Row::Picture(_)));
    batch.len() >= if has_pictures { EXPORT_PICTURE_BATCH } else { EXPORT_BATCH }
}

/// A store of one community. Each query reads a consistent snapshot. A command returns after its commit is durable.
pub trait Store: Clone + Send + Sync + 'static {
    /// Runs a command in one transaction.
    fn run<C: Command>(&self, command: C) -> impl Future<Output = Result<C::Output, CommandError>> + Send;

    /// Returns the row of a key.
    fn get<R: Entity>(&self, key: R::Key) -> impl Future<Output = Result<Option<R>, StorageError>> + Send;

    /// Returns the rows of keys, in the same order.
    fn rows<R: Entity>(
        &self,
        keys: Vec<R::Key>,
    ) -> impl Future<Output = Result<Vec<Option<R>>, StorageError>> + Send;

    /// Returns up to `limit` rows of a member, in the order of their keys.
    fn rows_of<R: Entity>(
        &self,
        mid: Mid,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<R>, StorageError>> + Send;

    /// Returns the counters of a member, or `None` if there is no such member.
    fn counters(&self, mid: Mid) -> impl Future<Output = Result<Option<Counters>, StorageError>> + Send;

    /// Returns the relations between two members, or `None` if there is no member `them`.
    fn relation_pair(
        &self,
        me: Mid,
        them: Mid,
    ) -> impl Future<Output = Result<Option<RelationPair>, StorageError>> + Send;

    /// Returns a page of a list as the viewer sees it, or why there is none.
    ///
    /// `remove_known` receives the entries of the page, and the listed members in the same order with the versions of
    /// their cards. It removes those whose cards the caller has, so that the engine does not read them. [`all_cards`]
    /// removes none.
    fn page(
        &self,
        query: ListQuery,
        remove_known: impl FnOnce(&[ListEntry], &mut Vec<(Mid, CardVersion)>) + Send,
    ) -> impl Future<Output = Result<Result<Page, ListRefusal>, StorageError>> + Send;

    /// Returns the groups of a member.
    fn groups(&self, owner: Mid) -> impl Future<Output = Result<Groups, StorageError>> + Send;

    /// Returns the groups of `me` that contain `them`, or `None` if there is no member `them`.
    fn groups_containing(
        &self,
        me: Mid,
        them: Mid,
    ) -> impl Future<Output = Result<Option<JoinedGroups>, StorageError>> + Send;

    /// Returns the public data of a member as the viewer sees it, or `None` if there is no such member.
    fn space(
        &self,
        mid: Mid,
        viewer: Option<Mid>,
    ) -> impl Future<Output = Result<Option<Space>, StorageError>> + Send;

    /// Returns up to `limit` entries of a member's coin log from `since` on, newest first.
    fn coin_log(
        &self,
        mid: Mid,
        since: i64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<CoinRow>, StorageError>> + Send;

    /// Returns the entries of a window of a member's coin log, newest first.
    fn coin_window(
        &self,
        mid: Mid,
        window: LogWindow,
    ) -> impl Future<Output = Result<Vec<CoinRow>, StorageError>> + Send;

    /// Returns the rewards of a member in a range of at most some hundred days, newest first.
    fn rewards(
        &self,
        mid: Mid,
        days: RangeInclusive<Date>,
    ) -> impl Future<Output = Result<Vec<RewardRow>, StorageError>> + Send;

    /// Returns the stored news of a member, and the newest unread followers since a time, newest first. It scans at
    /// most [`MAX_FOLLOWERS`](guanxi_domain::news::MAX_FOLLOWERS) of them.
    fn news(&self, mid: Mid, since: i64) -> impl Future<Output = Result<News, StorageError>> + Send;

    /// Returns the followers of a member by the days of their follows, newest first, on up to `limit` of a range of at
    /// most some hundred days.
    fn follower_days(
        &self,
        mid: Mid,
        days: RangeInclusive<Date>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<FollowerDay>, StorageError>> + Send;

    /// Returns up to `limit` entries of a member's login log from `since` on, newest first.
    fn login_log(
        &self,
        mid: Mid,
        since: i64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<LoginRow>, StorageError>> + Send;

    /// Returns the first entry of a member's login log.
    fn first_login(&self, mid: Mid) -> impl Future<Output = Result<Option<LoginRow>, StorageError>> + Send;

    /// Returns a page of the members that a search by name finds, best matches first. It reads a bounded number of
    /// index entries, and the viewer's relations to their members.
    fn find_members(&self, query: NameQuery) -> impl Future<Output = Result<FoundPage, StorageError>> + Send;

    /// Returns a page of the operators' list of members. It compares a bounded number of members, so a page may have
    /// fewer members than requested.
    fn list_members(
        &self,
        query: MemberQuery,
    ) -> impl Future<Output = Result<MemberPage, StorageError>> + Send;

    /// Returns a batch of the tasks in these tables that are due at `now`, the longest due first.
    fn due_tasks(
        &self,
        now: i64,
        tables: &[Table],
    ) -> impl Future<Output = Result<Vec<DueTask>, StorageError>> + Send;

    /// Returns up to `limit` rows of a table that are pending review since `since` or later, oldest first.
    fn pending_reviews<R: Entity>(
        &self,
        since: i64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<R>, StorageError>> + Send;

    /// Returns all rows of a table. Only for small tables.
    fn all<R: Entity>(&self) -> impl Future<Output = Result<Vec<R>, StorageError>> + Send;

    /// Returns up to `limit` entries of the audit log, newest first. `before` excludes entries from that
    /// sequence number on.
    fn audit_log(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<AuditRow>, StorageError>> + Send;

    /// Returns the cache of daily login rewards.
    fn daily_logins(&self) -> &DailyLoginCache;

    /// Returns a session, and true if the member has the reward of the day's login.
    fn session(
        &self,
        hash: TokenHash,
        day: Date,
    ) -> impl Future<Output = Result<Option<(Session, bool)>, StorageError>> + Send {
        async move {
            let Some(session) = self.get::<Session>(hash).await? else { return Ok(None) };
            // A granted reward is never revoked, so only granted ones are cached.
            if self.daily_logins().member(&hash, day) == Some(session.mid) {
                return Ok(Some((session, true)));
            }
            let reward = self.get::<RewardRow>((session.mid, day)).await?;
            let is_granted = reward.is_some_and(|row| row.granted.login);
            if is_granted {
                self.daily_logins().insert(&hash, session.mid, day);
            }
            Ok(Some((session, is_granted)))
        }
    }

    /// Returns the sessions of a member.
    fn sessions(&self, mid: Mid) -> impl Future<Output = Result<Vec<Session>, StorageError>> + Send;

    /// Sends a consistent snapshot of all rows in batches, while writes continue. If the receiver is dropped,
    /// it ends early with `Ok`.
    ///
    /// Rows come kind by kind in the order of [`Row`], and in the order of their keys within a kind. Relations
    /// are ordered by owner and target. Logs are ordered by member, time, and their order within the second.
    /// Private fields stay encrypted. Members whose deletion is pending are omitted, with all their relations.
    /// Every member has `versions`, as its owner sees them, and `next` comes last.
    fn export(&self, out: mpsc::Sender<Vec<Row>>) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Checks the invariants of all rows and indexes. It reads the whole store.
    fn check_integrity(&self) -> impl Future<Output = Result<Report, StorageError>> + Send;

    /// True if the store has no member.
    fn is_empty(&self) -> impl Future<Output = Result<bool, StorageError>> + Send;

    /// Returns the progress of an unfinished import, whose community is incomplete. `None` if there is none.
    fn import_progress(&self) -> impl Future<Output = Result<Option<ImportProgress>, StorageError>> + Send;
}

/// A window of a log.
#[derive(Clone, Copy, Debug)]
pub struct LogWindow {
    /// The first second.
    pub since: i64,
    /// The last second.
    pub until: i64,
    /// The number of entries before the window, newest first.
    pub skip: usize,
    /// The maximum number of entries.
    pub limit: usize,
}

/// The news of a member.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// The stored news.
    pub row: NewsRow,
    /// The newest unread followers, newest first.
    pub followers: Vec<NewFollower>,
}

/// A list of members, of one owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// The members that follow the owner.
    Followers,
    /// The members that the owner follows.
    Followings,
    /// The members that the owner whispers. Visible to the owner only.
    Whispers,
    /// The members that the owner blocks. Visible to the owner only.
    Blocks,
    /// The members in a group of the owner, in the order in which they joined it.
    Group(Tagid),
}

impl List {
    /// Returns the length of the list according to the owner's counters. `None` for a group that the owner created.
    pub(crate) fn counted_len(self, counters: &Counters) -> Option<u32> {
        match self {
            List::Followers => Some(counters.follower),
            List::Followings => Some(counters.following),
            List::Whispers => Some(counters.whisper),
            List::Blocks => Some(counters.blocked),
            List::Group(Tagid::SPECIAL) => Some(counters.special),
            List::Group(Tagid::DEFAULT) => Some(counters.default),
            List::Group(_) => None,
        }
    }

    /// Returns the kind of the owner's relations in the list. `None` for followers and groups.
    pub(crate) fn relation_kind(self) -> Option<RelationKind> {
        match self {
            List::Followings => Some(RelationKind::Follow),
            List::Whispers => Some(RelationKind::Whisper),
            List::Blocks => Some(RelationKind::Block),
            List::Followers | List::Group(_) => None,
        }
    }

    /// True if the entries are follows of the owner. The owner sees their groups.
    pub(crate) fn is_followings(self) -> bool {
        matches!(self, List::Followings | List::Group(_))
    }

    /// True if the viewer may know of the list. Whispers and blocks are private (D13).
    pub(crate) fn is_known_to(self, viewer: Option<Mid>, owner: Mid) -> bool {
        !matches!(self, List::Whispers | List::Blocks) || viewer == Some(owner)
    }

    /// Returns the audience of the list. `None` for a list that others never see.
    pub(crate) fn audience(self, privacy: &Privacy) -> Option<Audience> {
        match self {
            List::Followers => Some(privacy.followers),
            List::Followings => Some(privacy.followings),
            List::Whispers | List::Blocks | List::Group(_) => None,
        }
    }
}

/// The reason why a viewer gets no page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListRefusal {
    /// There is no such list, or nobody but its owner knows of it.
    NotFound,
    /// The owner hides the list from the viewer.
    Hidden,
}

/// The query of a page of a list.
#[derive(Clone, Copy, Debug)]
pub struct ListQuery {
    /// The owner of the list.
    pub owner: Mid,
    /// The list.
    pub list: List,
    /// The viewer. `None` is an anonymous one.
    pub viewer: Option<Mid>,
    /// The range of entries.
    pub window: PageWindow,
    /// The order of entries, by time.
    pub order: Order,
}

/// The version of a member's card. Cards of one member with equal versions are equal. The embedded engine reports
/// changes to its [listeners](crate::card_listener) instead, and all its versions are 0.
pub type CardVersion = i64;

/// The argument of [`Store::page`] for a caller that has no card. Removes no member.
pub fn all_cards(_entries: &[ListEntry], _listed: &mut Vec<(Mid, CardVersion)>) {}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<ListEntry>,
    /// The cards of the listed members in the same order, without those that the caller removed. They may be newer
    /// than the entries.
    pub cards: Vec<(CardVersion, Card)>,
    /// The number of entries in the whole list.
    pub total: u32,
    /// The version of the list.
    pub version: u32,
}

/// The groups that contain a member, in the order in which it joined them. Groups that the owner created have a
/// name.
pub type JoinedGroups = Vec<(Tagid, Option<String>)>;

/// The groups of a member, with the number of members in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    /// The number of members in the built-in group 特别关注.
    pub special: u32,
    /// The number of members in the built-in group 默认分组.
    pub default: u32,
    /// The groups that the owner created, in the order of their tagids.
    pub own: Vec<(Group, u32)>,
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListEntry {
    /// The listed member.
    pub mid: Mid,
    /// The time at which the listed relation began, in seconds. 0 in a group that another member views.
    pub mtime: i64,
    /// The viewer's relation to the listed member, as on the wire.
    pub attribute: u8,
    /// The groups of the listed member, if the viewer owns the list and the entry is a follow.
    pub groups: Vec<GroupMembership>,
}

/// The public data of a member.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// The card.
    pub card: Card,
    /// The profile.
    pub profile: Profile,
    /// The exp.
    pub experience: Experience,
    /// The counts of the member's works.
    pub upstat: Upstat,
    /// The counters.
    pub counters: Counters,
    /// True if the viewer follows or whispers the member.
    pub is_followed: bool,
}

impl Space {
    /// Returns the public data of a member. `relation` is the viewer's relation to the member. Absent rows have
    /// defaults.
    pub(crate) fn new(
        mid: Mid,
        counters: Counters,
        relation: Option<&Relation>,
        card: Option<Card>,
        profile: Option<Profile>,
        experience: Option<Experience>,
        upstat: Option<Upstat>,
    ) -> Space {
        Space {
            card: card.unwrap_or(Card::new(mid)),
            profile: profile.unwrap_or(Profile::new(mid)),
            experience: experience.unwrap_or(Experience::new(mid)),
            upstat: upstat.unwrap_or(Upstat::new(mid)),
            counters,
            is_followed: relation.is_some_and(Relation::is_following),
        }
    }
}
