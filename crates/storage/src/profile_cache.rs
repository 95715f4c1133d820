//! The cache of encoded member profiles: the JSON of each [`ProfileSummary`], ready to be copied into the page
//! of a list.
//!
//! A page shows fifty members. Reading and encoding their cards takes most of the page's time, and cards hardly
//! ever change. So an encoded profile is cached until the card changes, or until the cache is full.

use crate::StorageError;
use crate::model::Card;
use foldhash::fast::RandomState;
use guanxi_api::member_list::ProfileSummary;
use guanxi_types::Mid;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The encoded profiles of a page's members, in their order. Each has the fields of a [`ProfileSummary`] as
/// JSON, from `"uname"` on, without braces.
///
/// A profile without an avatar begins with `NO_AVATAR_MARKER` and four bytes: the offset at which the avatar's
/// URL is to be inserted. The service inserts the URL of its default avatar, which the store does not know
/// (D40).
#[derive(Clone, Debug, Default)]
pub struct EncodedProfiles {
    bytes: Vec<u8>,
    /// The range of each profile in `bytes`. An empty range is a profile that is not encoded yet.
    ranges: Vec<Range<usize>>,
}

/// The first byte of a profile without an avatar. No JSON begins with it.
const NO_AVATAR_MARKER: u8 = 0;

/// The number of bytes before the fields of a profile without an avatar.
const NO_AVATAR_HEADER_BYTES: usize = 1 + size_of::<u32>();

/// The JSON of one profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodedProfile<'f> {
    /// All fields, or those before the URL of a missing avatar.
    head: &'f [u8],
    /// The fields after the URL of a missing avatar.
    tail: Option<&'f [u8]>,
}

impl<'f> EncodedProfile<'f> {
    fn parse(bytes: &'f [u8]) -> EncodedProfile<'f> {
        let offset = match bytes {
            [NO_AVATAR_MARKER, a, b, c, d, fields @ ..] => {
                fields.split_at_checked(u32::from_be_bytes([*a, *b, *c, *d]) as usize)
            }
            _ => None,
        };
        match offset {
            Some((head, tail)) => EncodedProfile { head, tail: Some(tail) },
            None => EncodedProfile { head: bytes, tail: None },
        }
    }

    /// Returns true if the member has an avatar.
    pub fn has_avatar(self) -> bool {
        self.tail.is_none()
    }

    /// Appends the fields. `avatar` is the URL for a member without an avatar, escaped as in a JSON string.
    pub fn write(self, out: &mut Vec<u8>, avatar: &str) {
        out.extend_from_slice(self.head);
        if let Some(tail) = self.tail {
            out.extend_from_slice(avatar.as_bytes());
            out.extend_from_slice(tail);
        }
    }
}

impl EncodedProfiles {
    /// Returns the encoded profiles of cards.
    pub fn from_cards(cards: impl IntoIterator<Item = Card>) -> Result<EncodedProfiles, StorageError> {
        let mut profiles = EncodedProfiles::default();
        for card in cards {
            let range = profiles.write(card)?;
            profiles.ranges.push(range);
        }
        Ok(profiles)
    }

    /// Appends an encoded profile, and returns its range.
    fn write(&mut self, card: Card) -> Result<Range<usize>, StorageError> {
        let start = self.bytes.len();
        let has_avatar = !card.face.is_empty();
        if !has_avatar {
            // The opening brace of the JSON takes the last byte of the header.
            self.bytes.resize(start + NO_AVATAR_HEADER_BYTES - 1, NO_AVATAR_MARKER);
        }
        serde_json::to_writer(&mut self.bytes, &ProfileSummary::from(card)).map_err(StorageError::engine)?;
        // The closing brace is not part of the profile.
        let end = self.bytes.len() - 1;
        if has_avatar {
            return Ok(start + 1..end);
        }
        let offset = avatar_offset(&self.bytes[start + NO_AVATAR_HEADER_BYTES..end])?;
        self.bytes[start + 1..start + NO_AVATAR_HEADER_BYTES].copy_from_slice(&offset.to_be_bytes());
        Ok(start..end)
    }

    /// Returns the profiles.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = EncodedProfile<'_>> {
        self.ranges.iter().map(|range| EncodedProfile::parse(&self.bytes[range.clone()]))
    }

    /// Returns an upper bound of the size of all profiles, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// Returns the offset in the fields at which the avatar's URL is missing. No text contains the searched bytes,
/// since its quotes would be escaped.
fn avatar_offset(fields: &[u8]) -> Result<u32, StorageError> {
    const MISSING: &[u8] = b"\"face\":\"\"";
    let index = fields.windows(MISSING.len()).position(|part| part == MISSING);
    let offset = index.and_then(|index| u32::try_from(index + MISSING.len() - 1).ok());
    offset.ok_or_else(|| StorageError::engine("profile encoding failed: no field of the avatar"))
}

impl PartialEq for EncodedProfiles {
    fn eq(&self, other: &EncodedProfiles) -> bool {
        self.iter().eq(other.iter())
    }
}

/// The cache of encoded profiles.
#[derive(Debug)]
pub(crate) struct ProfileCache {
    arena: RwLock<Arena>,
    /// The number of invalidations.
    generation: AtomicU64,
}

impl ProfileCache {
    /// Returns a cache of at most `bytes` bytes. It caches nothing if that is less than one chunk.
    pub(crate) fn new(bytes: usize) -> ProfileCache {
        ProfileCache { arena: RwLock::new(Arena::new(bytes)), generation: AtomicU64::new(0) }
    }

    /// Returns a reader for a snapshot that is taken afterwards.
    pub(crate) fn reader(&self) -> CacheReader<'_> {
        CacheReader { cache: self, generation: self.generation.load(Ordering::Acquire) }
    }

    /// Removes the profiles of changed cards. The caller must call it after new snapshots see the change, and
    /// before the command returns.
    pub(crate) fn invalidate(&self, changed: &[Mid]) {
        if changed.is_empty() {
            return;
        }
        let mut arena = self.write();
        self.generation.fetch_add(1, Ordering::Release);
        for mid in changed {
            arena.slots.remove(mid);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Arena> {
        self.arena.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Arena> {
        self.arena.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The access of one snapshot to the cache. It is created before the snapshot, so as long as the generation is
/// unchanged, the snapshot has the newest cards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CacheReader<'c> {
    cache: &'c ProfileCache,
    generation: u64,
}

impl CacheReader<'_> {
    /// Returns the profiles of these members. Those that are not cached are encoded from their cards, and cached.
    pub(crate) fn profiles(
        self,
        mids: &[Mid],
        card: impl Fn(Mid) -> Result<Card, StorageError>,
    ) -> Result<EncodedProfiles, StorageError> {
        let mut profiles = self.cache.read().copy(mids);
        let mut written = Vec::new();
        for (index, mid) in mids.iter().enumerate() {
            if profiles.ranges[index].is_empty() {
                profiles.ranges[index] = profiles.write(card(*mid)?)?;
                written.push(index);
            }
        }
        self.store(mids, &profiles, &written);
        Ok(profiles)
    }

    fn store(self, mids: &[Mid], profiles: &EncodedProfiles, written: &[usize]) {
        if written.is_empty() {
            return;
        }
        let mut arena = self.cache.write();
        // A later invalidation removed a profile that this snapshot has in an older version, so nothing is
        // cached then.
        if self.cache.generation.load(Ordering::Relaxed) == self.generation {
            for index in written {
                arena.put(mids[*index], &profiles.bytes[profiles.ranges[*index].clone()]);
            }
        }
    }
}

/// The memory of the cache: chunks of profiles, used as a ring. If all chunks are full, the oldest is cleared
/// and reused.
#[derive(Debug)]
struct Arena {
    slots: HashMap<Mid, Slot, RandomState>,
    chunks: Vec<Chunk>,
    /// The index of the chunk that profiles are appended to.
    active: usize,
    /// The maximum number of chunks.
    max_chunks: usize,
}

/// The position of a profile in the arena.
#[derive(Clone, Copy, Debug)]
struct Slot {
    chunk: u32,
    start: u16,
    len: u16,
}

#[derive(Debug)]
struct Chunk {
    bytes: Vec<u8>,
    /// The members whose profiles were appended here. The slot of some of them may be in another chunk by now.
    mids: Vec<Mid>,
}

impl Chunk {
    /// The size of a chunk, in bytes of profiles.
    const CAPACITY_BYTES: usize = 1 << 16;

    /// The maximum number of profiles in a chunk.
    const MAX_PROFILES: usize = 256;

    /// The maximum memory of a chunk with its share of the index, in bytes.
    const TOTAL_BYTES: usize = Chunk::CAPACITY_BYTES + Chunk::MAX_PROFILES * Chunk::INDEX_BYTES_PER_PROFILE;

    /// The maximum memory of the index for one profile, in bytes: the mid in the chunk, and the entry in the
    /// hash table. The load of the table can be as low as a fifth, since it doubles while half of it is deleted
    /// entries.
    const INDEX_BYTES_PER_PROFILE: usize = 88;

    /// Returns an empty chunk with its full capacity. A growing vector would take more memory.
    fn new() -> Chunk {
        Chunk { bytes: Vec::with_capacity(Chunk::CAPACITY_BYTES), mids: Vec::new() }
    }

    fn has_room_for(&self, profile: &[u8]) -> bool {
        self.bytes.len() + profile.len() <= Chunk::CAPACITY_BYTES && self.mids.len() < Chunk::MAX_PROFILES
    }
}

impl Arena {
    fn new(bytes: usize) -> Arena {
        let max_chunks = bytes / Chunk::TOTAL_BYTES;
        Arena { slots: HashMap::default(), chunks: Vec::new(), active: 0, max_chunks }
    }

    /// Returns the cached profiles of these members, with empty ranges for the others.
    fn copy(&self, mids: &[Mid]) -> EncodedProfiles {
        // All slots are looked up before the first copy, so that their cache misses overlap.
        let found: Vec<Option<&Slot>> = mids.iter().map(|mid| self.slots.get(mid)).collect();
        let size = found.iter().flatten().map(|slot| usize::from(slot.len)).sum();
        let mut bytes = Vec::with_capacity(size);
        let ranges = found.into_iter().map(|slot| {
            let copied = bytes.len();
            if let Some(Slot { chunk, start, len }) = slot {
                let (start, len) = (usize::from(*start), usize::from(*len));
                bytes.extend_from_slice(&self.chunks[*chunk as usize].bytes[start..start + len]);
            }
            copied..bytes.len()
        });
        EncodedProfiles { ranges: ranges.collect(), bytes }
    }

    fn put(&mut self, mid: Mid, profile: &[u8]) {
        if self.slots.contains_key(&mid) || !self.ensure_room(profile) {
            return;
        }
        let chunk = &mut self.chunks[self.active];
        let (start, len) = (u16::try_from(chunk.bytes.len()), u16::try_from(profile.len()));
        let (Ok(chunk_index), Ok(start), Ok(len)) = (u32::try_from(self.active), start, len) else {
            return;
        };
        chunk.bytes.extend_from_slice(profile);
        chunk.mids.push(mid);
        self.slots.insert(mid, Slot { chunk: chunk_index, start, len });
    }

    /// Makes room for a profile, in a new or a reused chunk if needed. Returns false if the profile cannot be
    /// cached.
    fn ensure_room(&mut self, profile: &[u8]) -> bool {
        if self.chunks.get(self.active).is_some_and(|chunk| chunk.has_room_for(profile)) {
            return true;
        }
        if profile.len() > Chunk::CAPACITY_BYTES || self.max_chunks == 0 {
            return false;
        }
        if self.chunks.len() < self.max_chunks {
            self.active = self.chunks.len();
            self.chunks.push(Chunk::new());
            return true;
        }
        self.active = (self.active + 1) % self.max_chunks;
        let Arena { slots, chunks, active, .. } = self;
        let chunk = &mut chunks[*active];
        for mid in chunk.mids.drain(..) {
            if slots.get(&mid).is_some_and(|range| range.chunk as usize == *active) {
                slots.remove(&mid);
            }
        }
        chunk.bytes.clear();
        true
    }
}

#[cfg(test)]
mod tests;
