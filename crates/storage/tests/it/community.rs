//! A store spoken to in short: a member is a number, and what a test does not ask about has its usual value.
//!
//! A fault of the engine ends the test here; a refusal is an answer.

use guanxi_api::api::relation::modify::{RelationAction, Source};
use guanxi_domain::page::Window;
use guanxi_domain::relation::RelationPair;
use guanxi_domain::tie::{self, Relation};
use guanxi_storage::command::{
    AssignGroups, ChangeRelation, Command, CreateGroup, DeleteGroup, ImportResult, InsertRows, RenameGroup,
};
use guanxi_storage::key::Parts;
use guanxi_storage::row::{Card, Due, Nameplate, Pendant, Profile, Table};
use guanxi_storage::store::{List, ListQuery, Page};
use guanxi_storage::vault::Keyring;
use guanxi_storage::{CommandError, Counters, FieldCipher, Row, StorageError, Store};
use guanxi_types::Order;
use guanxi_types::{ErrorCode, Mid, Tagid};
use std::sync::Arc;

/// More than any test follows, or has groups.
pub(crate) const LIMIT: u32 = 2000;

/// The whole of a list.
pub(crate) const ALL: Window = Window { skip: 0, take: usize::MAX };

/// The member of that number.
pub(crate) fn mid(number: u64) -> Mid {
    Mid::new(number).expect("a test numbers its members from 1")
}

/// A member of whom nothing is said but the mid.
pub(crate) fn card(number: u64) -> Row {
    Row::Card(Box::new(Card::of(mid(number))))
}

/// A member with so many bytes of addresses of pictures, 10,000 at most.
pub(crate) fn bulky(number: u64, bytes: usize) -> Vec<Row> {
    let url = || format!("https://example.cn/{}", "a".repeat(bytes / 5 - 19));
    let pendant = Pendant { image: url(), image_enhance: url(), ..Pendant::default() };
    let nameplate = Nameplate { image: url(), ..Nameplate::default() };
    let (top_photo, top_photo_small, mid) = (url(), url(), mid(number));
    let profile = Profile { pendant, nameplate, top_photo, top_photo_small, ..Profile::of(mid) };
    vec![card(number), Row::Profile(Box::new(profile))]
}

/// An act upon a tie.
pub(crate) fn relate(me: u64, act: RelationAction, them: u64, now: i64) -> ChangeRelation {
    ChangeRelation { me: mid(me), them: mid(them), act, source: Source::USUAL, limit: LIMIT, now }
}

/// Whose signs the clock has to look at.
pub(crate) async fn due_signs<S: Store>(store: &S, now: i64) -> Vec<Mid> {
    let due = read(store.due(now, Table::awaited()).await).into_iter().filter(|due| due.table == Table::Sign);
    due.filter_map(|Due { key, .. }| Parts(&key).mid()).collect()
}

/// What a read tells.
pub(crate) fn read<T>(told: Result<T, StorageError>) -> T {
    told.expect("the engine reads")
}

/// Some keys.
pub(crate) fn vault() -> Arc<FieldCipher> {
    Arc::new(FieldCipher::new(Keyring::draw()))
}

/// A store.
pub(crate) struct Community<S> {
    pub(crate) store: S,
    pub(crate) vault: Arc<FieldCipher>,
}

impl<S: Store> Community<S> {
    /// A store, and members numbered from 1 in it.
    pub(crate) async fn of(store: S, members: u64) -> Community<S> {
        let community = Community::empty(store);
        let loaded = community.load((1..=members).map(card).collect()).await;
        assert_eq!(loaded.fault, None);
        community
    }

    /// A store with nobody in it, and keys of its own.
    pub(crate) fn empty(store: S) -> Community<S> {
        Community { store, vault: vault() }
    }

    pub(crate) async fn load(&self, rows: Vec<Row>) -> ImportResult {
        let vault = Arc::clone(&self.vault);
        self.run(InsertRows { rows, vault }).await.expect("a load is never refused")
    }

    /// Does a command, or tells why it was refused.
    pub(crate) async fn run<C: Command>(&self, command: C) -> Result<C::Answer, ErrorCode> {
        match self.store.run(command).await {
            Ok(answer) => Ok(answer),
            Err(CommandError::Rejected(code)) => Err(code),
            Err(CommandError::Fault(fault)) => panic!("the engine broke: {fault}"),
        }
    }

    pub(crate) async fn act(
        &self,
        me: u64,
        act: RelationAction,
        them: u64,
        now: i64,
    ) -> Result<(), ErrorCode> {
        self.run(relate(me, act, them, now)).await
    }

    /// Acts that nothing forbids, in turn.
    pub(crate) async fn acts(&self, acts: &[(u64, RelationAction, u64, i64)]) {
        for &(me, act, them, now) in acts {
            assert_eq!(self.act(me, act, them, now).await, Ok(()), "{me} {act:?} {them} at {now}");
        }
    }

    pub(crate) async fn pair(&self, me: u64, them: u64) -> RelationPair {
        read(self.store.pair(mid(me), mid(them)).await).expect("the other exists")
    }

    pub(crate) async fn tie(&self, me: u64, them: u64) -> Option<Relation> {
        self.pair(me, them).await.outgoing
    }

    /// One's tie as the wire has it, and since when it is.
    pub(crate) async fn attribute(&self, me: u64, them: u64) -> (u8, i64) {
        let RelationPair { outgoing: mine, incoming: theirs } = self.pair(me, them).await;
        (tie::attribute(mine.as_ref(), theirs.as_ref()), mine.map_or(0, |tie| tie.mtime))
    }

    pub(crate) async fn stat(&self, member: u64) -> Counters {
        read(self.store.stat(mid(member)).await).expect("the member exists")
    }

    /// How many a member follows, whispers and blocks, and how many fans they have.
    pub(crate) async fn counts(&self, member: u64) -> [u32; 4] {
        let Counters { following, whisper, black, follower, .. } = self.stat(member).await;
        [following, whisper, black, follower]
    }

    /// The versions of a member's fans and of their own ties.
    pub(crate) async fn versions(&self, member: u64) -> [u32; 2] {
        let stat = self.stat(member).await;
        [stat.fans_version, stat.version_of_followings(true)]
    }

    pub(crate) async fn page(&self, page: ListQuery) -> Option<Page> {
        read(self.store.page(page).await)
    }

    /// A whole list, newest first, as its owner sees it.
    pub(crate) async fn list(&self, owner: u64, list: List) -> Page {
        let owner = mid(owner);
        let page = ListQuery { owner, list, viewer: Some(owner), window: ALL, order: Order::Desc };
        self.page(page).await.expect("there is such a list")
    }

    pub(crate) async fn fans(&self, owner: u64) -> Vec<u64> {
        members(&self.list(owner, List::Fans).await)
    }

    pub(crate) async fn followings(&self, owner: u64) -> Vec<u64> {
        members(&self.list(owner, List::Followings).await)
    }

    pub(crate) async fn group(&self, owner: u64, tagid: Tagid) -> Vec<u64> {
        members(&self.list(owner, List::Group(tagid)).await)
    }

    pub(crate) async fn create(&self, me: u64, name: &str) -> Result<Tagid, ErrorCode> {
        self.run(CreateGroup { me: mid(me), name: name.to_owned(), limit: LIMIT as usize }).await
    }

    pub(crate) async fn rename(&self, me: u64, tagid: Tagid, name: &str) -> Result<(), ErrorCode> {
        self.run(RenameGroup { me: mid(me), tagid, name: name.to_owned() }).await
    }

    pub(crate) async fn delete(&self, me: u64, tagid: Tagid) -> Result<(), ErrorCode> {
        self.run(DeleteGroup { me: mid(me), tagid }).await
    }

    pub(crate) async fn assign(&self, me: u64, fids: &[u64], tagids: &[Tagid]) -> Result<(), ErrorCode> {
        let fids = fids.iter().copied().map(mid).collect();
        self.run(AssignGroups { me: mid(me), fids, tagids: tagids.to_vec() }).await
    }

    /// A member's own groups: tagid, name, how many are in it.
    pub(crate) async fn groups(&self, owner: u64) -> Vec<(Tagid, String, u32)> {
        let groups = read(self.store.groups(mid(owner)).await);
        groups.own.into_iter().map(|(group, size)| (group.tagid, group.name, size)).collect()
    }
}

/// Who is on a page, in its order.
pub(crate) fn members(page: &Page) -> Vec<u64> {
    page.entries.iter().map(|entry| entry.mid.get()).collect()
}
