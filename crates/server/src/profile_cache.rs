//! The cache of encoded member profiles.
//!
//! A page shows fifty members. Reading and encoding their cards takes most of the page's time, and cards hardly
//! ever change. So an encoded profile is cached with the version of its card. It is used as long as the store lists
//! that version, and no listener reports a change.
//!
//! A page looks up all its members under one lock and copies their profiles. This costs less than a lock and a
//! reference count for each.

use crate::encoded_profiles::{EncodedProfile, EncodedProfiles, ProfilePage};
use crate::http::response::{ApiError, encoding_error};
use foldhash::fast::RandomState;
use guanxi_storage::card_listener::CardListener;
use guanxi_storage::model::Card;
use guanxi_storage::store::{CardVersion, ListQuery, Page};
use guanxi_storage::{Engine, Store};
use guanxi_types::Mid;
use quick_cache::unsync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

/// The cache of encoded profiles. Clones share it.
#[derive(Clone, Debug)]
pub struct ProfileCache {
    /// `None` if the cache is disabled.
    shared: Option<Arc<SharedCache>>,
}

impl ProfileCache {
    /// Creates a cache of at most `max_bytes` bytes for a store. It is disabled if that is 0, or if the store does
    /// not report every change of a card.
    pub fn new(max_bytes: usize, store: &Engine) -> ProfileCache {
        if max_bytes == 0 {
            return ProfileCache { shared: None };
        }
        let shared = Arc::new(SharedCache::new(max_bytes));
        let listener: Weak<dyn CardListener> = Arc::<SharedCache>::downgrade(&shared);
        ProfileCache { shared: store.add_card_listener(listener).then_some(shared) }
    }

    /// Returns a page of a list as the viewer sees it, or `None` if the viewer cannot see such a list.
    pub async fn page(&self, store: &impl Store, query: ListQuery) -> Result<Option<ProfilePage>, ApiError> {
        let mut profiles = PageProfiles::new(self.shared.as_deref());
        let page = store.page(query, |listed| profiles.remove_known(listed)).await?;
        page.map(|page| profiles.complete(page)).transpose().map_err(|error| encoding_error(&error))
    }
}

/// The profiles of one page, from the cache and from cards. It is created before the snapshot of the page, so as
/// long as the generation is unchanged, the snapshot has the newest cards.
#[derive(Debug)]
struct PageProfiles<'c> {
    cache: Option<&'c SharedCache>,
    generation: u64,
    profiles: EncodedProfiles,
}

impl<'c> PageProfiles<'c> {
    fn new(cache: Option<&'c SharedCache>) -> PageProfiles<'c> {
        let generation = cache.map_or(0, |cache| cache.read().generation);
        PageProfiles { cache, generation, profiles: EncodedProfiles::default() }
    }

    /// Removes the members whose profiles are cached.
    fn remove_known(&mut self, listed: &mut Vec<(Mid, CardVersion)>) {
        if let Some(cache) = self.cache {
            self.profiles = cache.copy(listed);
            let mut profiles = self.profiles.iter();
            listed.retain(|_| profiles.next().is_none_or(|profile| profile.fields.is_empty()));
        }
    }

    /// Encodes the cards of a page, and caches their profiles.
    fn complete(mut self, page: Page) -> serde_json::Result<ProfilePage> {
        let Page { entries, cards, total, version } = page;
        let (versions, cards): (Vec<CardVersion>, Vec<Card>) = cards.into_iter().unzip();
        let encoded = self.profiles.fill(&entries, cards)?;
        if let Some(cache) = self.cache
            && !encoded.is_empty()
        {
            let cached = encoded.into_iter().zip(versions).map(|(index, version)| {
                (entries[index].mid, CachedProfile::new(version, self.profiles.get(index)))
            });
            cache.insert(self.generation, cached.collect());
        }
        Ok(ProfilePage { entries, profiles: self.profiles, total, version })
    }
}

/// The profile of a member in the cache.
#[derive(Clone, Debug)]
struct CachedProfile {
    /// The version of the card that was encoded.
    version: CardVersion,
    /// The fields. Those of a member without an avatar follow [`NO_AVATAR`] and the offset of the avatar: most members
    /// have an avatar, and need no memory for the offset.
    bytes: Box<[u8]>,
}

/// The first byte of a cached profile without an avatar. Fields begin with a quote.
const NO_AVATAR: u8 = 0;

impl CachedProfile {
    fn new(version: CardVersion, profile: EncodedProfile<&[u8]>) -> CachedProfile {
        let EncodedProfile { fields, avatar_offset } = profile;
        let bytes = match avatar_offset {
            None => Box::from(fields),
            Some(offset) => [&[NO_AVATAR], &offset.get().to_le_bytes()[..], fields].concat().into(),
        };
        CachedProfile { version, bytes }
    }

    fn profile(&self) -> EncodedProfile<&[u8]> {
        if let Some((&NO_AVATAR, rest)) = self.bytes.split_first()
            && let Some((offset, fields)) = rest.split_first_chunk()
        {
            return EncodedProfile {
                fields,
                avatar_offset: NonZeroUsize::new(usize::from_le_bytes(*offset)),
            };
        }
        EncodedProfile { fields: &self.bytes, avatar_offset: None }
    }
}

/// The memory of an enabled cache.
#[derive(Debug)]
struct SharedCache(RwLock<CacheState>);

struct CacheState {
    profiles: Cache<Mid, CachedProfile, MemoryWeighter, RandomState>,
    /// The number of times that cards changed.
    generation: u64,
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

    /// Returns copies of the cached profiles of members, if they are of the given versions.
    fn copy(&self, listed: &[(Mid, CardVersion)]) -> EncodedProfiles {
        let state = self.read();
        // All profiles are looked up before the first copy, so that their cache misses overlap.
        let found = listed.iter().map(|(mid, version)| {
            let cached = state.profiles.get(mid).filter(|cached| cached.version == *version)?;
            Some(cached.profile())
        });
        EncodedProfiles::copy(&found.collect::<Vec<_>>())
    }

    /// Inserts profiles that were encoded from a snapshot of a generation.
    fn insert(&self, generation: u64, profiles: Vec<(Mid, CachedProfile)>) {
        let mut state = self.write();
        // A later change removed a profile that this snapshot has in an older version, so nothing is inserted
        // then.
        if state.generation == generation {
            for (mid, profile) in profiles {
                state.profiles.insert(mid, profile);
            }
        }
    }
}

impl CardListener for SharedCache {
    fn cards_changed(&self, mids: &[Mid]) {
        let mut state = self.write();
        state.generation += 1;
        for mid in mids {
            state.profiles.remove(mid);
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

impl Weighter<Mid, CachedProfile> for MemoryWeighter {
    fn weight(&self, _mid: &Mid, cached: &CachedProfile) -> u64 {
        (cached.bytes.len() + ENTRY_OVERHEAD_BYTES) as u64
    }
}

#[cfg(test)]
mod tests;
