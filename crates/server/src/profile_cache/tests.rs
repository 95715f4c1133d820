use super::*;
use crate::to_api;
use guanxi_api::Envelope;
use guanxi_api::member_list::{ProfileSummary, RelationPage};
use guanxi_domain::paging::PageWindow;
use guanxi_storage::commands::{ChangeRelation, InsertRows};
use guanxi_storage::embedded::Options;
use guanxi_storage::encryption::Keyring;
use guanxi_storage::model::Card;
use guanxi_storage::store::{List, ListEntry};
use guanxi_storage::{EmbeddedStore, FieldCipher, Row};
use guanxi_types::{Order, RelationAction, RelationSource};
use proptest::prelude::*;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

fn mid(number: u64) -> Mid {
    Mid::new(number).unwrap()
}

fn named(number: u64, uname: &str) -> Card {
    Card { uname: uname.to_owned(), ..Card::new(mid(number)) }
}

/// Returns a cache of so many bytes.
fn cache(bytes: usize) -> SharedCache {
    SharedCache::new(bytes)
}

const ORIGIN: &str = "http://a.cn";

fn origin() -> Cow<'static, str> {
    Cow::Borrowed(ORIGIN)
}

/// Starts a page.
fn start(cache: Option<&SharedCache>) -> PageProfiles<'_, 'static, fn() -> Cow<'static, str>> {
    PageProfiles::new(cache, origin)
}

/// Returns the profiles on a page of members, and the number of cards that were read.
fn read(
    page: PageProfiles<'_, 'static, fn() -> Cow<'static, str>>,
    mids: &[u64],
    card: impl Fn(Mid) -> Card,
) -> (Vec<ProfileSummary>, usize) {
    let listed = mids.iter().map(|number| (mid(*number), 0)).collect();
    read_versions(page, listed, |mid, version| (version, card(mid)))
}

/// As [`read`], of cards with versions.
fn read_versions(
    mut page: PageProfiles<'_, 'static, fn() -> Cow<'static, str>>,
    mut listed: Vec<(Mid, CardVersion)>,
    card: impl Fn(Mid, CardVersion) -> (CardVersion, Card),
) -> (Vec<ProfileSummary>, usize) {
    let entry = |mid| ListEntry { mid, mtime: 0, attribute: 0, groups: Vec::new() };
    let entries: Vec<ListEntry> = listed.iter().map(|(mid, _)| entry(*mid)).collect();
    page.write_known::<RelationPage>(&entries, &mut listed);
    let cards: Vec<_> = listed.into_iter().map(|(mid, version)| card(mid, version)).collect();
    let cards_read = cards.len();
    let json = page.complete(Page { entries, cards, total: 0, version: 0 }).unwrap();
    (profiles(json), cards_read)
}

/// Returns the profiles on an encoded page.
fn profiles(json: PreEncoded<RelationPage>) -> Vec<ProfileSummary> {
    let page: Envelope<RelationPage> = serde_json::from_slice(&json.into_bytes()).unwrap();
    page.data.unwrap().list.into_iter().map(|item| item.profile).collect()
}

/// Returns the names on a page of members who have `uname` in the store, and the number of cards that were read.
fn names(cache: &SharedCache, mids: &[u64], uname: &str) -> (Vec<String>, usize) {
    let (profiles, cards_read) = read(start(Some(cache)), mids, |mid| named(mid.get(), uname));
    (profiles.into_iter().map(|profile| profile.uname).collect(), cards_read)
}

/// Reports changed cards.
fn change_cards(cache: &SharedCache, mids: &[Mid]) {
    cache.cards_changed(&ChangedCards { cards: mids.to_vec(), details: Vec::new() });
}

#[test]
fn local_picture_gets_the_origin() {
    let hostile = r#"","face":"","sign":"#;
    for uname in ["", "甲", hostile, "\u{0}\\\"face\":\"\"", &hostile.repeat(60_000)] {
        for (face, shown) in [
            ("", "http://a.cn/assets/noface.gif"),
            ("/face/1/00000000000000ab/256.jpg", "http://a.cn/face/1/00000000000000ab/256.jpg"),
            ("http://b.cn/1.jpg", "http://b.cn/1.jpg"),
        ] {
            let card = Card { face: face.to_owned(), sign: hostile.to_owned(), ..named(1, uname) };
            let cache = cache(1 << 20);
            // The second profile comes from the cache, unless it is larger than the cache.
            for _ in 0..2 {
                let (profiles, _) = read(start(Some(&cache)), &[1], |_| card.clone());
                let summary = to_api::profile_summary(card.clone());
                assert_eq!(profiles, [ProfileSummary { face: shown.to_owned(), ..summary }]);
            }
        }
    }
}

#[test]
fn profile_is_encoded_once() {
    let cache = cache(1 << 20);
    assert_eq!(names(&cache, &[1, 2], "a"), (vec!["a".to_owned(), "a".to_owned()], 2));
    let (names, cards_read) = names(&cache, &[3, 1, 4, 2], "b");
    assert_eq!((names, cards_read), (["b", "a", "b", "a"].map(str::to_owned).to_vec(), 2));
}

#[test]
fn disabled_cache_stores_nothing() {
    for _ in 0..2 {
        assert_eq!(read(start(None), &[1], |_| named(1, "a")).1, 1);
    }
}

#[test]
fn changed_card_is_returned_at_once() {
    let cache = cache(1 << 20);
    names(&cache, &[1, 2], "old");
    change_cards(&cache, &[mid(1)]);
    assert_eq!(names(&cache, &[1, 2], "new"), (vec!["new".to_owned(), "old".to_owned()], 1));
}

#[test]
fn older_snapshot_does_not_cache_old_card() {
    let cache = cache(1 << 20);
    let before = start(Some(&cache));
    change_cards(&cache, &[mid(1)]);
    // The snapshot of this page is older than the change. It may return the old card, but must not cache it.
    assert_eq!(read(before, &[1], |_| named(1, "old")).0[0].uname, "old");
    assert_eq!(names(&cache, &[1], "new").0, ["new"]);
}

#[test]
fn card_changed_after_its_read_is_not_cached() {
    let cache = cache(1 << 20);
    let changes = |_| {
        change_cards(&cache, &[mid(1)]);
        named(1, "old")
    };
    read(start(Some(&cache)), &[1], changes);
    assert_eq!(names(&cache, &[1], "new").0, ["new"]);
}

#[test]
fn failed_read_caches_nothing() {
    let cache = cache(1 << 20);
    // A page that fails is never completed.
    start(Some(&cache)).write_known::<RelationPage>(&[], &mut vec![(mid(1), 0)]);
    assert_eq!(names(&cache, &[1], "a").1, 1);
}

#[test]
fn profile_of_another_version_is_read_again() {
    let cache = cache(1 << 20);
    // listed version, version of the card that is read -> name on the page
    let cases = [
        (7, None, "7"),
        (7, Some(7), "7"),
        (8, None, "8"),
        (8, Some(8), "8"),
        // The card changed after the entries were listed.
        (7, Some(9), "9"),
        (9, Some(9), "9"),
        (7, None, "7"),
    ];
    for (number, (listed, read, name)) in cases.into_iter().enumerate() {
        let card = |mid: Mid, version| {
            let version = read.unwrap_or(version);
            (version, named(mid.get(), &version.to_string()))
        };
        let is_cached = [1, 3, 5].contains(&number);
        let (profiles, cards_read) = read_versions(start(Some(&cache)), vec![(mid(1), listed)], card);
        assert_eq!((profiles[0].uname.as_str(), cards_read), (name, usize::from(!is_cached)), "{number}");
    }
}

/// Returns the memory of a cache by its own count, in bytes.
fn memory(cache: &SharedCache) -> usize {
    let profiles = &cache.read().profiles;
    let bytes: usize = (1..=10_000)
        .filter_map(|number| profiles.peek(&CacheKey::listed(mid(number))))
        .map(|p| p.bytes.len())
        .sum();
    bytes + profiles.memory_used().total()
}

#[test]
fn full_cache_evicts_profiles() {
    const CAPACITY: usize = 1 << 17;
    let cache = cache(CAPACITY);
    let all: Vec<u64> = (1..=1_000).collect();
    assert_eq!(names(&cache, &all, "a").1, 1_000);
    let cached = cache.read().profiles.len();
    assert!(cached < 1_000 && cached > CAPACITY / 500, "{cached}");
    assert!(cache.read().profiles.contains_key(&CacheKey::listed(mid(1_000))));
    assert!(memory(&cache) <= CAPACITY);
    // The cached profiles still belong to their members.
    let card = |mid: Mid| Card { sign: mid.to_string(), ..named(mid.get(), "a") };
    change_cards(&cache, &all.iter().copied().map(mid).collect::<Vec<_>>());
    for _ in 0..2 {
        let (profiles, _) = read(start(Some(&cache)), &all, card);
        let signs = profiles.into_iter().map(|profile| profile.sign);
        assert!(signs.eq(all.iter().map(u64::to_string)));
    }
}

#[test]
fn shown_profiles_survive_a_scan_of_others() {
    let cache = cache(1 << 17);
    let popular: Vec<u64> = (1..=50).collect();
    for start in (51..5_000).step_by(50) {
        names(&cache, &popular, "a");
        names(&cache, &(start..start + 50).collect::<Vec<_>>(), "a");
    }
    assert_eq!(names(&cache, &popular, "a").1, 0);
}

#[test]
fn cached_profile_takes_at_most_480_bytes() {
    const CAPACITY: usize = 1 << 20;
    let text = |length: usize| "x".repeat(length);
    let cache = cache(CAPACITY);
    let card = |mid| Card { uname: text(24), face: text(77), sign: text(45), ..Card::new(mid) };
    read(start(Some(&cache)), &(1..=10_000).collect::<Vec<_>>(), card);
    let size = EncodedProfile::encode(card(mid(1))).unwrap().fields.len();
    assert!((345..=355).contains(&size), "{size}");
    let (weight, cached) = (cache.read().profiles.weight(), cache.read().profiles.len());
    assert!(weight <= CAPACITY as u64 && weight / cached as u64 <= 480, "{weight} {cached}");
    // The allocator of the program rounds up to a multiple of 64 in this range.
    let memory = memory(&cache) + cached * (size.next_multiple_of(64) - size);
    assert!(memory <= CAPACITY, "{memory}");
}

#[test]
fn profile_larger_than_the_cache_is_not_cached() {
    let cache = cache(1 << 16);
    let long = "x".repeat(1 << 16);
    assert_eq!(names(&cache, &[1, 2], &long).0, [long.as_str(), long.as_str()]);
    assert_eq!(cache.read().profiles.len(), 0);
}

proptest! {
    /// Reads, changes and evictions in any order: a profile always matches the current card.
    #[test]
    fn cached_profiles_match_the_current_cards(
        steps in prop::collection::vec((1u64..40, 0usize..3_000, any::<bool>()), 1..200)
    ) {
        let cache = cache(1 << 16);
        let mut model: HashMap<Mid, Card> = (1..40).map(|number| (mid(number), Card::new(mid(number)))).collect();
        for (number, length, changes) in steps {
            let mids = [number, number % 39 + 1];
            if changes {
                model.insert(mid(number), named(number, &format!("{number}{}", "x".repeat(length))));
                change_cards(&cache, &[mid(number)]);
            }
            let (profiles, _) = read(start(Some(&cache)), &mids, |mid| model[&mid].clone());
            let (expected, _) = read(start(None), &mids, |mid| model[&mid].clone());
            prop_assert_eq!(profiles, expected);
        }
    }
}

const MEMBERS: u64 = 20;

/// Creates a store with members, who all follow member 1.
async fn open_store(folder: &Path) -> EmbeddedStore {
    let store = EmbeddedStore::open(folder, Options::default()).unwrap();
    set_name(&store, 1..=MEMBERS, "甲").await;
    for follower in 2..=MEMBERS {
        let (action, source) = (RelationAction::Follow, RelationSource::DEFAULT);
        let me = mid(follower);
        let command =
            ChangeRelation { me, them: mid(1), action, source, limit: 100, now: follower.cast_signed() };
        store.run(command).await.unwrap();
    }
    store
}

/// Gives members a name.
async fn set_name(store: &EmbeddedStore, members: impl Iterator<Item = u64>, uname: &str) {
    let rows = members.map(|number| Row::Card(Box::new(named(number, uname)))).collect();
    let cipher = Arc::new(FieldCipher::new(Keyring::generate()));
    assert_eq!(store.run(InsertRows { rows, cipher }).await.unwrap().error, None);
}

/// Returns the names of the followers of member 1, from the last follower on.
async fn follower_names(cache: &ProfileCache, store: &EmbeddedStore) -> Vec<String> {
    let window = PageWindow { offset: 0, limit: 50 };
    let query = ListQuery { owner: mid(1), list: List::Followers, viewer: None, window, order: Order::Desc };
    let page = cache.page(store, query, origin).await.unwrap().unwrap();
    profiles(page).into_iter().map(|profile| profile.uname).collect()
}

fn index(position: u64) -> usize {
    usize::try_from(position).unwrap()
}

#[tokio::test]
async fn committed_card_is_on_the_next_page_of_every_cache() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path()).await;
    let engine = Engine::from(store.clone());
    let caches = [1 << 20, 1 << 20, 0].map(|bytes| ProfileCache::new(bytes, &engine));
    for change in 0..5 {
        let uname = format!("甲{change}");
        set_name(&store, [3].into_iter(), &uname).await;
        for cache in &caches {
            let names = follower_names(cache, &store).await;
            assert_eq!(names.len() as u64, MEMBERS - 1);
            assert_eq!(names[index(MEMBERS - 3)], uname);
        }
    }
    assert_eq!(caches[0].shared.as_ref().unwrap().read().profiles.len() as u64, MEMBERS - 1);
    assert!(caches[2].shared.is_none());
}

#[tokio::test]
async fn read_only_store_has_no_cache() {
    let folder = tempfile::tempdir().unwrap();
    drop(open_store(folder.path()).await);
    let store = EmbeddedStore::open_read_only(folder.path()).unwrap();
    let cache = ProfileCache::new(1 << 20, &Engine::from(store.clone()));
    assert!(cache.shared.is_none());
    assert_eq!(follower_names(&cache, &store).await.len() as u64, MEMBERS - 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_pages_never_cache_an_old_card() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path()).await;
    // A small cache, so that profiles are evicted and encoded all the time.
    let cache = ProfileCache::new(8 << 10, &Engine::from(store.clone()));
    let is_done = Arc::new(AtomicBool::new(false));
    let readers = [(); 3].map(|()| {
        let (cache, store, is_done) = (cache.clone(), store.clone(), Arc::clone(&is_done));
        tokio::spawn(async move {
            while !is_done.load(Ordering::Relaxed) {
                follower_names(&cache, &store).await;
                tokio::task::yield_now().await;
            }
        })
    });
    for change in 1..=200 {
        let (member, uname) = (change % (MEMBERS - 1) + 2, format!("甲{change}"));
        set_name(&store, [member].into_iter(), &uname).await;
        let names = follower_names(&cache, &store).await;
        assert_eq!(names[index(MEMBERS - member)], uname);
    }
    is_done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}
