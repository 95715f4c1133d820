//! The cache of encoded member profiles: as lists show them, and as cards.
//!
//! A page shows fifty members. Reading and encoding their cards takes most of the page's time, and cards hardly
//! ever change. So an encoded profile is cached with the version of its card. It is used as long as the store lists
//! that version, and no listener reports a change.
//!
//! A page looks up all its members under one lock and copies their profiles into its JSON. This costs less than a
//! lock and a reference count for each.

use crate::encoded_card::EncodedCard;
use crate::encoded_page::{PageLayout, PageWriter};
use crate::encoded_profiles::EncodedProfile;
use crate::http::response::{ApiError, PreEncoded, encoding_error};
use foldhash::fast::RandomState;
use guanxi_storage::card_listener::{CardListener, ChangedCards};
use guanxi_storage::store::{CardVersion, ListEntry, ListQuery, ListRefusal, Page};
use guanxi_storage::{Engine, Store};
use guanxi_types::Mid;
use quick_cache::unsync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};
use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

/// The cache of encoded profiles. Clones share it.
#[derive(Clone, Debug)]
pub struct ProfileCache {
    /// `None` if the cache is disabled.
    shared: Option<Arc<SharedCache>>,
    /// True if the store reports changes of all rows that a card shows. Versions are of the row `card` only.
    has_cards: bool,
}

impl ProfileCache {
    /// Creates a cache of at most `max_bytes` bytes for a store. It is disabled if that is 0, or if the store does
    /// not report every change of a card.
    pub fn new(max_bytes: usize, store: &Engine) -> ProfileCache {
        let has_cards = !store.is_shared();
        if max_bytes == 0 {
            return ProfileCache { shared: None, has_cards };
        }
        let shared = Arc::new(SharedCache::new(max_bytes));
        let listener: Weak<dyn CardListener> = Arc::<SharedCache>::downgrade(&shared);
        ProfileCache { shared: store.add_card_listener(listener).then_some(shared), has_cards }
    }

    /// Returns a page of a list as the viewer sees it, or why there is none. The pictures of the service have the
    /// origin that `origin` returns (D40).
    pub async fn page<'a, T: PageLayout>(
        &self,
        store: &impl Store,
        query: ListQuery,
        origin: impl FnOnce() -> Cow<'a, str> + Send,
    ) -> Result<Result<PreEncoded<T>, ListRefusal>, ApiError> {
        let mut profiles = PageProfiles::new(self.shared.as_deref(), origin);
        let page = store.page(query, |entries, listed| profiles.write_known::<T>(entries, listed)).await?;
        match page {
            Ok(page) => profiles.complete(page).map(Ok).map_err(|error| encoding_error(&error)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Returns the cache of cards, or `None` if it is disabled.
    pub fn cards(&self) -> Option<&SharedCache> {
        self.shared.as_deref().filter(|_| self.has_cards)
    }
}

/// The profiles of one page, from the cache and from cards. It is created before the snapshot of the page, so as
/// long as the generation is unchanged, the snapshot has the newest cards.
struct PageProfiles<'c, 'a, F> {
    cache: Option<&'c SharedCache>,
    generation: u64,
    page: PageWriter<'a, F>,
}

impl<'c, 'a, F: FnOnce() -> Cow<'a, str>> PageProfiles<'c, 'a, F> {
    fn new(cache: Option<&'c SharedCache>, origin: F) -> PageProfiles<'c, 'a, F> {
        let generation = cache.map_or(0, SharedCache::generation);
        PageProfiles { cache, generation, page: PageWriter::new(origin) }
    }

    /// Writes the page with the profiles that are cached. Removes their members.
    fn write_known<T: PageLayout>(&mut self, entries: &[ListEntry], listed: &mut Vec<(Mid, CardVersion)>) {
        let Some(cache) = self.cache else {
            return self.page.write_entries::<T>(entries, &vec![None; entries.len()]);
        };
        let state = cache.read();
        // All profiles are looked up before the first copy, so that their cache misses overlap.
        let found = listed.iter().map(|(mid, version)| state.profile(*mid, *version));
        let found: Vec<Option<EncodedProfile<&[u8]>>> = found.collect();
        self.page.write_entries::<T>(entries, &found);
        let mut found = found.iter();
        listed.retain(|_| found.next().is_some_and(Option::is_none));
    }

    /// Encodes the other cards of a page, and caches their profiles.
    fn complete<T: PageLayout>(self, page: Page) -> serde_json::Result<PreEncoded<T>> {
        let Page { cards, total, version, .. } = page;
        let (mut cached, mut missing) = (Vec::new(), Vec::with_capacity(cards.len()));
        for (version, card) in cards {
            let mid = card.mid;
            let profile = EncodedProfile::encode(card)?;
            if self.cache.is_some() {
                cached.push((CacheKey::listed(mid), CachedProfile::new(version, &profile)));
            }
            missing.push(profile);
        }
        if let Some(cache) = self.cache
            && !cached.is_empty()
        {
            cache.insert(self.generation, cached);
        }
        Ok(self.page.finish(&missing, total, version))
    }
}

/// The key of a cached profile: a member, and the form of the profile in the lowest bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct CacheKey(u64);

impl CacheKey {
    /// The key of a profile in lists.
    fn listed(mid: Mid) -> CacheKey {
        CacheKey(mid.get() << 1)
    }

    /// The key of a card.
    fn card(mid: Mid) -> CacheKey {
        CacheKey(mid.get() << 1 | 1)
    }
}

/// The profile of a member in the cache.
#[derive(Clone, Debug)]
struct CachedProfile {
    /// The version of the card that was encoded.
    version: CardVersion,
    /// An [`EncodedCard`], or the fields of a profile in lists. Those with a local picture follow [`LOCAL_FACE`] and
    /// the offset of its path.
    bytes: Box<[u8]>,
}

/// The first byte of a cached profile with a local picture. Fields begin with a quote.
const LOCAL_FACE: u8 = 0;

impl CachedProfile {
    fn new(version: CardVersion, profile: &EncodedProfile<Vec<u8>>) -> CachedProfile {
        let EncodedProfile { fields, local_face } = profile;
        let bytes = match local_face {
            None => Box::from(&fields[..]),
            Some(offset) => [&[LOCAL_FACE], &offset.get().to_le_bytes()[..], fields].concat().into(),
        };
        CachedProfile { version, bytes }
    }

    fn profile(&self) -> EncodedProfile<&[u8]> {
        if let Some((&LOCAL_FACE, rest)) = self.bytes.split_first()
            && let Some((offset, fields)) = rest.split_first_chunk()
        {
            return EncodedProfile { fields, local_face: NonZeroUsize::new(usize::from_le_bytes(*offset)) };
        }
        EncodedProfile { fields: &self.bytes, local_face: None }
    }
}

/// The memory of an enabled cache.
#[derive(Debug)]
pub struct SharedCache(RwLock<CacheState>);

struct CacheState {
    profiles: Cache<CacheKey, CachedProfile, MemoryWeighter, RandomState>,
    /// The number of times that cards changed.
    generation: u64,
}

impl CacheState {
    /// Returns the profile of a member in lists, if it is of this version.
    fn profile(&self, mid: Mid, version: CardVersion) -> Option<EncodedProfile<&[u8]>> {
        let cached = self.profiles.get(&CacheKey::listed(mid)).filter(|cached| cached.version == version)?;
        Some(cached.profile())
    }
}

impl SharedCache {
    fn new(max_bytes: usize) -> SharedCache {
        let options = OptionsBuilder::new()
            .weight_capacity(max_bytes as u64)
            .estimated_items_capacity(max_bytes / TYPICAL_ENTRY_BYTES)
            .build()
            .expect("both capacities are set");
        let (hasher, lifecycle) = (RandomState::default(), DefaultLifecycle::default());
        let profiles = Cache::with_options(options, MemoryWeighter, hasher, lifecycle);
        SharedCache(RwLock::new(CacheState { profiles, generation: 0 }))
    }

    fn read(&self) -> RwLockReadGuard<'_, CacheState> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, CacheState> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the generation of the snapshots that begin after this call.
    pub fn generation(&self) -> u64 {
        self.read().generation
    }

    /// Passes the card of a member to `read`, if it is cached.
    pub fn read_card<R>(&self, mid: Mid, read: impl FnOnce(EncodedCard<&[u8]>) -> R) -> Option<R> {
        let state = self.read();
        state
            .profiles
            .get(&CacheKey::card(mid))
            .and_then(|cached| EncodedCard::from_bytes(&cached.bytes))
            .map(read)
    }

    /// Inserts a card that was encoded from a snapshot of a generation.
    pub fn insert_card(&self, generation: u64, mid: Mid, card: &EncodedCard<Vec<u8>>) {
        let cached = CachedProfile { version: 0, bytes: card.to_bytes() };
        self.insert(generation, vec![(CacheKey::card(mid), cached)]);
    }

    /// Inserts profiles that were encoded from a snapshot of a generation.
    fn insert(&self, generation: u64, profiles: Vec<(CacheKey, CachedProfile)>) {
        let mut state = self.write();
        // A later change removed a profile that this snapshot has in an older version, so nothing is inserted
        // then.
        if state.generation == generation {
            for (key, profile) in profiles {
                state.profiles.insert(key, profile);
            }
        }
    }
}

impl CardListener for SharedCache {
    fn cards_changed(&self, changed: &ChangedCards) {
        let mut state = self.write();
        state.generation += 1;
        for mid in &changed.cards {
            state.profiles.remove(&CacheKey::listed(*mid));
        }
        for mid in changed.cards.iter().chain(&changed.details) {
            state.profiles.remove(&CacheKey::card(*mid));
        }
    }
}

impl fmt::Debug for CacheState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("CacheState").field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// The memory of a cached profile with a picture and a bio of usual lengths, in bytes.
const TYPICAL_ENTRY_BYTES: usize = 480;

/// The memory of a cached profile besides its bytes: its entry, the allocator's rounding, and its share of the hash
/// table and of the keys of evicted profiles. Measured: 94 bytes, and 125 once the cache evicts profiles.
const ENTRY_OVERHEAD_BYTES: usize = 128;

/// The weight of a cached profile: its memory in bytes.
#[derive(Clone, Copy, Debug)]
struct MemoryWeighter;

impl Weighter<CacheKey, CachedProfile> for MemoryWeighter {
    fn weight(&self, _key: &CacheKey, cached: &CachedProfile) -> u64 {
        (cached.bytes.len() + ENTRY_OVERHEAD_BYTES) as u64
    }
}

#[cfg(test)]
mod tests;
