//! Helpers for a store with members: a member is a number, and unimportant arguments have a default.
//!
//! A storage error panics. A rejection is returned.

use guanxi_domain::paging::PageWindow;
use guanxi_domain::relation::{self, Relation, RelationPair};
use guanxi_storage::commands::{
    AssignGroups, ChangeRelation, Command, CreateGroup, DeleteGroup, ImportResult, InsertRows, RenameGroup,
};
use guanxi_storage::encryption::Keyring;
use guanxi_storage::key::KeyReader;
use guanxi_storage::model::{Card, DueTask, Nameplate, Pendant, Profile, Table};
use guanxi_storage::store::{List, ListQuery, Page, all_cards};
use guanxi_storage::{CommandError, Counters, FieldCipher, Row, StorageError, Store};
use guanxi_types::{ErrorCode, Mid, Order, RelationAction, RelationSource, Tagid};
use std::sync::Arc;

/// A limit of followings and groups that no test reaches.
pub(crate) const FOLLOW_LIMIT: u32 = 2000;

/// The window of a whole list.
pub(crate) const WHOLE_LIST: PageWindow = PageWindow { offset: 0, limit: usize::MAX };

/// Returns the mid of a number.
pub(crate) fn mid(number: u64) -> Mid {
    Mid::new(number).expect("tests number members from 1")
}

/// Returns a card with defaults only.
pub(crate) fn card(number: u64) -> Row {
    Row::Card(Box::new(Card::new(mid(number))))
}

/// Returns the rows of a member with picture URLs of so many bytes, at most 10,000.
pub(crate) fn large_member(number: u64, bytes: usize) -> Vec<Row> {
    let url = || format!("https://example.cn/{}", "a".repeat(bytes / 5 - 19));
    let pendant = Pendant { image: url(), image_enhance: url(), ..Pendant::default() };
    let nameplate = Nameplate { image: url(), ..Nameplate::default() };
    let (top_photo, top_photo_small, mid) = (url(), url(), mid(number));
    let profile = Profile { pendant, nameplate, top_photo, top_photo_small, ..Profile::new(mid) };
    vec![card(number), Row::Profile(Box::new(profile))]
}

/// Returns the command of a relation action.
pub(crate) fn change_relation(me: u64, action: RelationAction, them: u64, now: i64) -> ChangeRelation {
    ChangeRelation {
        me: mid(me),
        them: mid(them),
        action,
        source: RelationSource::DEFAULT,
        limit: FOLLOW_LIMIT,
        now,
    }
}

/// Returns the members whose bio reviews are due.
pub(crate) async fn due_bios<S: Store>(store: &S, now: i64) -> Vec<Mid> {
    let tasks = expect_read(store.due_tasks(now, Table::scheduled()).await)
        .into_iter()
        .filter(|task| task.table == Table::BioReview);
    tasks.filter_map(|DueTask { key, .. }| KeyReader(&key).mid()).collect()
}

/// Returns the result of a read. Panics on a storage error.
pub(crate) fn expect_read<T>(result: Result<T, StorageError>) -> T {
    result.expect("the store is readable")
}

/// Runs a command. Returns its output or rejection. Panics on a storage error.
pub(crate) async fn run<C: Command>(store: &impl Store, command: C) -> Result<C::Output, ErrorCode> {
    match store.run(command).await {
        Ok(output) => Ok(output),
        Err(CommandError::Rejected(code)) => Err(code),
        Err(CommandError::Fault(error)) => panic!("storage error: {error}"),
    }
}

/// Returns a cipher with new random keys.
pub(crate) fn new_cipher() -> Arc<FieldCipher> {
    Arc::new(FieldCipher::new(Keyring::generate()))
}

/// A store with its keys.
pub(crate) struct Community<S> {
    pub(crate) store: S,
    pub(crate) cipher: Arc<FieldCipher>,
}

impl<S: Store> Community<S> {
    /// Creates members numbered from 1 in an empty store.
    pub(crate) async fn with_members(store: S, members: u64) -> Community<S> {
        let community = Community::new(store);
        let loaded = community.import((1..=members).map(card).collect()).await;
        assert_eq!(loaded.error, None);
        community
    }

    /// Wraps a store, with new keys.
    pub(crate) fn new(store: S) -> Community<S> {
        Community { store, cipher: new_cipher() }
    }

    pub(crate) async fn import(&self, rows: Vec<Row>) -> ImportResult {
        let cipher = Arc::clone(&self.cipher);
        self.run(InsertRows { rows, cipher }).await.expect("an import is never rejected")
    }

    /// Runs a command. Returns its output or the code of its rejection.
    pub(crate) async fn run<C: Command>(&self, command: C) -> Result<C::Output, ErrorCode> {
        run(&self.store, command).await
    }

    pub(crate) async fn relate(
        &self,
        me: u64,
        action: RelationAction,
        them: u64,
        now: i64,
    ) -> Result<(), ErrorCode> {
        self.run(change_relation(me, action, them, now)).await
    }

    /// Runs relation actions, none of which may be rejected.
    pub(crate) async fn relate_all(&self, actions: &[(u64, RelationAction, u64, i64)]) {
        for &(me, action, them, now) in actions {
            assert_eq!(self.relate(me, action, them, now).await, Ok(()), "{me} {action:?} {them} at {now}");
        }
    }

    pub(crate) async fn relation_pair(&self, me: u64, them: u64) -> RelationPair {
        expect_read(self.store.relation_pair(mid(me), mid(them)).await).expect("the target exists")
    }

    pub(crate) async fn relation(&self, me: u64, them: u64) -> Option<Relation> {
        self.relation_pair(me, them).await.outgoing
    }

    /// Returns the API's attribute of a relation, and its time.
    pub(crate) async fn attribute(&self, me: u64, them: u64) -> (u8, i64) {
        let RelationPair { outgoing, incoming } = self.relation_pair(me, them).await;
        let attribute = relation::encode_attribute(outgoing.as_ref(), incoming.as_ref());
        (attribute, outgoing.map_or(0, |relation| relation.mtime))
    }

    pub(crate) async fn counters(&self, member: u64) -> Counters {
        expect_read(self.store.counters(mid(member)).await).expect("the member exists")
    }

    /// Returns the numbers of follows, whispers, blocks and followers of a member.
    pub(crate) async fn counts(&self, member: u64) -> [u32; 4] {
        let Counters { following, whisper, blocked, follower, .. } = self.counters(member).await;
        [following, whisper, blocked, follower]
    }

    /// Returns the versions of a member's followers and followings, as the member sees them.
    pub(crate) async fn versions(&self, member: u64) -> [u32; 2] {
        let counters = self.counters(member).await;
        [counters.followers_version, counters.followings_version_for(true)]
    }

    pub(crate) async fn page(&self, query: ListQuery) -> Option<Page> {
        expect_read(self.store.page(query, all_cards).await).ok()
    }

    /// Returns a whole list, newest first, as its owner sees it.
    pub(crate) async fn list(&self, owner: u64, list: List) -> Page {
        let owner = mid(owner);
        let query = ListQuery { owner, list, viewer: Some(owner), window: WHOLE_LIST, order: Order::Desc };
        self.page(query).await.expect("the list exists")
    }

    pub(crate) async fn followers(&self, owner: u64) -> Vec<u64> {
        page_mids(&self.list(owner, List::Followers).await)
    }

    pub(crate) async fn followings(&self, owner: u64) -> Vec<u64> {
        page_mids(&self.list(owner, List::Followings).await)
    }

    pub(crate) async fn group_members(&self, owner: u64, tagid: Tagid) -> Vec<u64> {
        page_mids(&self.list(owner, List::Group(tagid)).await)
    }

    pub(crate) async fn create_group(&self, me: u64, name: &str) -> Result<Tagid, ErrorCode> {
        self.run(CreateGroup { me: mid(me), name: name.to_owned(), limit: FOLLOW_LIMIT as usize }).await
    }

    pub(crate) async fn rename_group(&self, me: u64, tagid: Tagid, name: &str) -> Result<(), ErrorCode> {
        self.run(RenameGroup { me: mid(me), tagid, name: name.to_owned() }).await
    }

    pub(crate) async fn delete_group(&self, me: u64, tagid: Tagid) -> Result<(), ErrorCode> {
        self.run(DeleteGroup { me: mid(me), tagid }).await
    }

    pub(crate) async fn assign_groups(
        &self,
        me: u64,
        fids: &[u64],
        tagids: &[Tagid],
    ) -> Result<(), ErrorCode> {
        let fids = fids.iter().copied().map(mid).collect();
        self.run(AssignGroups { me: mid(me), fids, tagids: tagids.to_vec() }).await
    }

    /// Returns the groups that a member created: tagid, name, size.
    pub(crate) async fn groups(&self, owner: u64) -> Vec<(Tagid, String, u32)> {
        let groups = expect_read(self.store.groups(mid(owner)).await);
        groups.own.into_iter().map(|(group, size)| (group.tagid, group.name, size)).collect()
    }
}

/// Returns the members of a page, in its order.
pub(crate) fn page_mids(page: &Page) -> Vec<u64> {
    page.entries.iter().map(|entry| entry.mid.get()).collect()
}
