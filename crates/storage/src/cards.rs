//! Cards as lists show them: the JSON of a member's [`Face`], ready to be copied into a page, and those of whom it was asked
//! kept in memory.
//!
//! A page shows fifty members. To look each of them up and to write their JSON takes most of the page's time, and cards
//! hardly ever change. So what was written once is kept, until the card changes or there is no room.

use crate::StorageError;
use crate::row::Card;
use foldhash::fast::RandomState;
use guanxi_api::listed::Face;
use guanxi_types::Mid;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The faces of a page's members, in their order: for each the fields of a [`Face`] as JSON, from `"uname"` on, without
/// braces. Those of a member without a picture begin with `GAP`, and behind it four bytes that tell where in the fields the
/// picture is missing: the service has one for them, whose address is not a store's business (D40).
#[derive(Clone, Debug, Default)]
pub struct Faces {
    bytes: Vec<u8>,
    /// Where each of them is in `bytes`; none is empty, unless it is still to be written.
    places: Vec<Range<usize>>,
}

/// Begins the bytes of a face that has no picture. No JSON begins so.
const GAP: u8 = 0;

/// How many bytes stand before the fields of a face that has no picture.
const BEFORE: usize = 1 + size_of::<u32>();

/// The JSON of one face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaceJson<'f> {
    /// All of it; if there is no picture, what stands before its address.
    before: &'f [u8],
    /// What stands behind the picture's address, if there is none.
    behind: Option<&'f [u8]>,
}

impl<'f> FaceJson<'f> {
    fn read(bytes: &'f [u8]) -> FaceJson<'f> {
        let gap = match bytes {
            [GAP, a, b, c, d, fields @ ..] => {
                fields.split_at_checked(u32::from_be_bytes([*a, *b, *c, *d]) as usize)
            }
            _ => None,
        };
        match gap {
            Some((before, behind)) => FaceJson { before, behind: Some(behind) },
            None => FaceJson { before: bytes, behind: None },
        }
    }

    /// Returns true if the member has a picture of their own.
    pub fn has_picture(self) -> bool {
        self.behind.is_none()
    }

    /// Appends the fields. A member without a picture is shown with `picture`, an address as JSON has it within quotes.
    pub fn write(self, out: &mut Vec<u8>, picture: &str) {
        out.extend_from_slice(self.before);
        if let Some(behind) = self.behind {
            out.extend_from_slice(picture.as_bytes());
            out.extend_from_slice(behind);
        }
    }
}

impl Faces {
    /// The faces of these cards.
    pub fn of(cards: impl IntoIterator<Item = Card>) -> Result<Faces, StorageError> {
        let mut faces = Faces::default();
        for card in cards {
            let place = faces.write(card)?;
            faces.places.push(place);
        }
        Ok(faces)
    }

    /// Writes a face behind the others, and tells where it is.
    fn write(&mut self, card: Card) -> Result<Range<usize>, StorageError> {
        let start = self.bytes.len();
        let has_picture = !card.face.is_empty();
        if !has_picture {
            // The brace that comes next is the last of these.
            self.bytes.resize(start + BEFORE - 1, GAP);
        }
        serde_json::to_writer(&mut self.bytes, &Face::from(card))
            .map_err(|error| StorageError::Engine(error.to_string()))?;
        // Between the braces.
        let end = self.bytes.len() - 1;
        if has_picture {
            return Ok(start + 1..end);
        }
        let gap = gap(&self.bytes[start + BEFORE..end])?;
        self.bytes[start + 1..start + BEFORE].copy_from_slice(&gap.to_be_bytes());
        Ok(start..end)
    }

    /// Each of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = FaceJson<'_>> {
        self.places.iter().map(|place| FaceJson::read(&self.bytes[place.clone()]))
    }

    /// How many bytes all of them have together, or a few more.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}

/// Returns where in the fields of a face the address of its picture is missing. No text has these bytes: its quotes would be
/// escaped.
fn gap(fields: &[u8]) -> Result<u32, StorageError> {
    const MISSING: &[u8] = b"\"face\":\"\"";
    let at = fields.windows(MISSING.len()).position(|part| part == MISSING);
    let gap = at.and_then(|at| u32::try_from(at + MISSING.len() - 1).ok());
    gap.ok_or_else(|| StorageError::Engine("a face has no place for a picture".to_owned()))
}

impl PartialEq for Faces {
    fn eq(&self, other: &Faces) -> bool {
        self.iter().eq(other.iter())
    }
}

/// The faces that are kept.
#[derive(Debug)]
pub(crate) struct Cards {
    memory: RwLock<Memory>,
    /// How often cards have changed.
    changes: AtomicU64,
}

impl Cards {
    /// Faces in so many bytes of memory; with too few for any, none is kept.
    pub(crate) fn new(bytes: usize) -> Cards {
        Cards { memory: RwLock::new(Memory::new(bytes)), changes: AtomicU64::new(0) }
    }

    /// What is kept, for a snapshot that is taken after this.
    pub(crate) fn known(&self) -> Known<'_> {
        Known { cards: self, changes: self.changes.load(Ordering::Acquire) }
    }

    /// Drops those whose card has changed. To be called once snapshots see the change, and before it is answered.
    pub(crate) fn forget(&self, changed: &[Mid]) {
        if changed.is_empty() {
            return;
        }
        let mut memory = self.write();
        self.changes.fetch_add(1, Ordering::Release);
        for mid in changed {
            memory.places.remove(mid);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Memory> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Memory> {
        self.memory.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The kept faces as one reader asks for them. It was made before the reader's snapshot, so if no card has changed since, what
/// the snapshot shows is the newest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'c> {
    cards: &'c Cards,
    changes: u64,
}

impl Known<'_> {
    /// The faces of these members. Those that are not kept are written from their cards, and kept from now on.
    pub(crate) fn faces(
        self,
        mids: &[Mid],
        card: impl Fn(Mid) -> Result<Card, StorageError>,
    ) -> Result<Faces, StorageError> {
        let mut faces = self.cards.read().copy(mids);
        let mut written = Vec::new();
        for (at, mid) in mids.iter().enumerate() {
            if faces.places[at].is_empty() {
                faces.places[at] = faces.write(card(*mid)?)?;
                written.push(at);
            }
        }
        self.keep(mids, &faces, &written);
        Ok(faces)
    }

    fn keep(self, mids: &[Mid], faces: &Faces, written: &[usize]) {
        if written.is_empty() {
            return;
        }
        let mut memory = self.cards.write();
        // Whoever changed a card has dropped it, and it must not come back as an older snapshot shows it.
        if self.cards.changes.load(Ordering::Relaxed) == self.changes {
            for at in written {
                memory.put(mids[*at], &faces.bytes[faces.places[*at].clone()]);
            }
        }
    }
}

/// Faces one behind the other in blocks. When there is no room for another block, the oldest is emptied and filled anew.
#[derive(Debug)]
struct Memory {
    places: HashMap<Mid, Place, RandomState>,
    blocks: Vec<Block>,
    /// Which block is being filled.
    filling: usize,
    /// How many there may be.
    most: usize,
}

/// Where a face is.
#[derive(Clone, Copy, Debug)]
struct Place {
    block: u32,
    start: u16,
    length: u16,
}

#[derive(Debug)]
struct Block {
    bytes: Vec<u8>,
    /// Whose faces were written here; some may be elsewhere by now.
    mids: Vec<Mid>,
}

impl Block {
    /// How many bytes of faces it has room for.
    const SIZE: usize = 1 << 16;

    /// How many faces it has at most, be they ever so short.
    const MOST: usize = 256;

    /// How much memory it takes at most, with what it takes to find what is in it, in bytes.
    const WHOLE: usize = Block::SIZE + Block::MOST * Block::FINDING;

    /// What it takes at most to find a face, in bytes: its mid here, and its entry in a table of which only a fifth may be in
    /// use, as it doubles while half of it remembers entries that are gone.
    const FINDING: usize = 88;

    /// An empty one, with all the room that it will need: if it grew, it would take more.
    fn new() -> Block {
        Block { bytes: Vec::with_capacity(Block::SIZE), mids: Vec::new() }
    }

    fn has_room_for(&self, face: &[u8]) -> bool {
        self.bytes.len() + face.len() <= Block::SIZE && self.mids.len() < Block::MOST
    }
}

impl Memory {
    fn new(bytes: usize) -> Memory {
        Memory { places: HashMap::default(), blocks: Vec::new(), filling: 0, most: bytes / Block::WHOLE }
    }

    /// The faces of these members, with empty places for those that are not here.
    fn copy(&self, mids: &[Mid]) -> Faces {
        // All are found before the first is copied, so that memory is waited for at once and not in turn.
        let kept: Vec<Option<&Place>> = mids.iter().map(|mid| self.places.get(mid)).collect();
        let size = kept.iter().flatten().map(|place| usize::from(place.length)).sum();
        let mut bytes = Vec::with_capacity(size);
        let places = kept.into_iter().map(|place| {
            let copied = bytes.len();
            if let Some(Place { block, start, length }) = place {
                let (start, length) = (usize::from(*start), usize::from(*length));
                bytes.extend_from_slice(&self.blocks[*block as usize].bytes[start..start + length]);
            }
            copied..bytes.len()
        });
        Faces { places: places.collect(), bytes }
    }

    fn put(&mut self, mid: Mid, face: &[u8]) {
        if self.places.contains_key(&mid) || !self.make_room(face) {
            return;
        }
        let block = &mut self.blocks[self.filling];
        let (start, length) = (u16::try_from(block.bytes.len()), u16::try_from(face.len()));
        let (Ok(block_number), Ok(start), Ok(length)) = (u32::try_from(self.filling), start, length) else {
            return;
        };
        block.bytes.extend_from_slice(face);
        block.mids.push(mid);
        self.places.insert(mid, Place { block: block_number, start, length });
    }

    /// Whether the block that is being filled has room, be it another one than before.
    fn make_room(&mut self, face: &[u8]) -> bool {
        if self.blocks.get(self.filling).is_some_and(|block| block.has_room_for(face)) {
            return true;
        }
        if face.len() > Block::SIZE || self.most == 0 {
            return false;
        }
        if self.blocks.len() < self.most {
            self.filling = self.blocks.len();
            self.blocks.push(Block::new());
            return true;
        }
        self.filling = (self.filling + 1) % self.most;
        let Memory { places, blocks, filling, .. } = self;
        let block = &mut blocks[*filling];
        for mid in block.mids.drain(..) {
            if places.get(&mid).is_some_and(|place| place.block as usize == *filling) {
                places.remove(&mid);
            }
        }
        block.bytes.clear();
        true
    }
}

#[cfg(test)]
mod tests;
