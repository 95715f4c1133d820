use super::*;
use proptest::prelude::*;
use std::cell::Cell;

fn mid(number: u64) -> Mid {
    Mid::new(number).unwrap()
}

fn named(number: u64, uname: &str) -> Card {
    Card { uname: uname.to_owned(), ..Card::new(mid(number)) }
}

/// Returns the names in the profiles of members, and the number of cards that were read.
fn names(reader: CacheReader<'_>, mids: &[u64], uname: &str) -> (Vec<String>, usize) {
    let cards_read = Cell::new(0);
    let mids: Vec<Mid> = mids.iter().copied().map(mid).collect();
    let card = |mid: Mid| {
        cards_read.set(cards_read.get() + 1);
        Ok(named(mid.get(), uname))
    };
    let profiles = reader.profiles(&mids, card).unwrap();
    (profiles.iter().map(|profile| decode(profile).uname).collect(), cards_read.get())
}

/// The URL of the default avatar.
const DEFAULT_AVATAR: &str = "http://a.cn/noface.gif";

fn decode(profile: EncodedProfile<'_>) -> ProfileSummary {
    let mut json = b"{".to_vec();
    profile.write(&mut json, DEFAULT_AVATAR);
    json.push(b'}');
    serde_json::from_slice(&json).unwrap()
}

#[test]
fn profile_without_avatar_gets_the_default_one() {
    let hostile = r#"","face":"","sign":"#;
    for uname in ["", "甲", hostile, "\u{0}\\\"face\":\"\"", &hostile.repeat(9_000)] {
        for face in ["", "http://b.cn/1.jpg"] {
            let card = Card { face: face.to_owned(), sign: hostile.to_owned(), ..named(1, uname) };
            let cache = ProfileCache::new(1 << 20);
            // The second profile comes from the cache, unless it is larger than a chunk.
            for _ in 0..2 {
                let profiles = cache.reader().profiles(&[mid(1)], |_| Ok(card.clone())).unwrap();
                let profile = profiles.iter().next().unwrap();
                assert_eq!(profile.has_avatar(), !face.is_empty());
                let avatar = if face.is_empty() { DEFAULT_AVATAR } else { face };
                let expected =
                    ProfileSummary { face: avatar.to_owned(), ..ProfileSummary::from(card.clone()) };
                assert_eq!(decode(profile), expected);
            }
        }
    }
}

#[test]
fn profile_is_encoded_once() {
    let cache = ProfileCache::new(1 << 20);
    assert_eq!(names(cache.reader(), &[1, 2], "a"), (vec!["a".to_owned(), "a".to_owned()], 2));
    let (names, cards_read) = names(cache.reader(), &[3, 1, 4, 2], "b");
    assert_eq!((names, cards_read), (["b", "a", "b", "a"].map(str::to_owned).to_vec(), 2));
}

#[test]
fn cache_without_memory_stores_nothing() {
    let cache = ProfileCache::new(0);
    for _ in 0..2 {
        assert_eq!(names(cache.reader(), &[1], "a").1, 1);
    }
}

#[test]
fn changed_card_is_returned_at_once() {
    let cache = ProfileCache::new(1 << 20);
    names(cache.reader(), &[1, 2], "old");
    cache.invalidate(&[mid(1)]);
    assert_eq!(names(cache.reader(), &[1, 2], "new"), (vec!["new".to_owned(), "old".to_owned()], 1));
}

#[test]
fn older_snapshot_does_not_cache_old_card() {
    let cache = ProfileCache::new(1 << 20);
    let before = cache.reader();
    cache.invalidate(&[mid(1)]);
    // The snapshot of this reader is older than the change. It may return the old card, but must not cache it.
    assert_eq!(names(before, &[1], "old").0, ["old"]);
    assert_eq!(names(cache.reader(), &[1], "new").0, ["new"]);
}

#[test]
fn card_changed_during_encoding_is_not_cached() {
    let cache = ProfileCache::new(1 << 20);
    let changes = |_| {
        cache.invalidate(&[mid(1)]);
        Ok(named(1, "old"))
    };
    cache.reader().profiles(&[mid(1)], changes).unwrap();
    assert_eq!(names(cache.reader(), &[1], "new").0, ["new"]);
}

#[test]
fn failed_read_caches_nothing() {
    let cache = ProfileCache::new(1 << 20);
    assert!(cache.reader().profiles(&[mid(1)], |_| Err(StorageError::Closed)).is_err());
    assert_eq!(names(cache.reader(), &[1], "a").1, 1);
}

#[test]
fn oldest_chunk_is_reused_when_full() {
    let cache = ProfileCache::new(2 * Chunk::TOTAL_BYTES);
    let all: Vec<u64> = (1..=1_000).collect();
    assert_eq!(names(cache.reader(), &all, "a").1, 1_000);
    let arena = cache.read();
    let (cached, chunks) = (arena.slots.len(), arena.chunks.len());
    assert_eq!(chunks, 2);
    assert!(cached < 1_000 && cached > Chunk::CAPACITY_BYTES / 440, "{cached}");
    assert!(!arena.slots.contains_key(&mid(1)) && arena.slots.contains_key(&mid(1_000)));
    drop(arena);
    // The cached profiles still belong to their members.
    let mids: Vec<Mid> = all.iter().copied().map(mid).collect();
    let profiles = cache.reader().profiles(&mids, |mid| Ok(named(mid.get(), "a"))).unwrap();
    assert_eq!(profiles, EncodedProfiles::from_cards(all.iter().map(|number| named(*number, "a"))).unwrap());
}

#[test]
fn cached_profile_takes_at_most_440_bytes() {
    let text = |length: usize| "x".repeat(length);
    let cache = ProfileCache::new(1 << 20);
    let card = |mid| Ok(Card { uname: text(24), face: text(77), sign: text(45), ..Card::new(mid) });
    let mids: Vec<Mid> = (1..=10_000).map(mid).collect();
    let profiles = cache.reader().profiles(&mids, card).unwrap();
    let size = profiles.iter().next().unwrap().head.len();
    assert!((345..=355).contains(&size), "{size}");
    let arena = cache.read();
    // The system commits only the written bytes of a chunk. The hash table has 8/7 of its capacity in buckets.
    let chunks: usize = arena.chunks.iter().map(|chunk| chunk.bytes.len() + 8 * chunk.mids.capacity()).sum();
    let table = arena.slots.capacity() * 8 / 7 * (size_of::<(Mid, Slot)>() + 1);
    assert!((chunks + table) / arena.slots.len() <= 440, "{chunks} {table}");
    assert!(arena.chunks.iter().all(|chunk| chunk.bytes.capacity() == Chunk::CAPACITY_BYTES));
    assert!(chunks + table <= 1 << 20, "{chunks} {table}");
}

#[test]
fn profile_larger_than_a_chunk_is_not_cached() {
    let cache = ProfileCache::new(1 << 20);
    let long = "x".repeat(Chunk::CAPACITY_BYTES);
    assert_eq!(names(cache.reader(), &[1, 2], &long).0, [long.as_str(), long.as_str()]);
    assert_eq!(cache.read().slots.len(), 0);
}

proptest! {
    /// Reads, changes and evictions in any order: a profile always matches the current card.
    #[test]
    fn cached_profiles_match_the_current_cards(
        steps in prop::collection::vec((1u64..40, 0usize..3_000, any::<bool>()), 1..200)
    ) {
        let cache = ProfileCache::new(2 * Chunk::TOTAL_BYTES);
        let mut model: HashMap<Mid, Card> = (1..40).map(|number| (mid(number), Card::new(mid(number)))).collect();
        for (number, length, changes) in steps {
            let mids = [mid(number), mid(number % 39 + 1)];
            if changes {
                model.insert(mids[0], named(number, &format!("{number}{}", "x".repeat(length))));
                cache.invalidate(&mids[..1]);
            }
            let profiles = cache.reader().profiles(&mids, |mid| Ok(model[&mid].clone())).unwrap();
            prop_assert_eq!(profiles, EncodedProfiles::from_cards(mids.map(|mid| model[&mid].clone())).unwrap());
        }
    }
}
