//! A node of a [roll](super::roll): entries in order, packed into one value.
//!
//! | bytes | are |
//! |---|---|
//! | 1 | the level: 0 for a leaf; how many bytes an item's place takes, times 16; 128 more if its entries carry something |
//! | 1 | how many bytes an item's number takes, times 16, and how many its member takes |
//! | the rest | the entries: number, place, member, then what it carries: of a leaf nothing, or so many bytes (LEB128) and these; of the nodes above it, how many entries are below (4) |
//!
//! Numbers are big-endian. A node is as wide as its widest entry, so a member of a small community takes three bytes, and a
//! place takes none where every second has one entry.

use std::ops::Range;

/// What orders a roll: a number, a place among those of that number, then a member.
pub(super) type Item = (u32, u32, u64);

const LOADED: u8 = 0x80;
const LEVEL: u8 = 0x0f;
const HEAD: usize = 2;

/// The least item.
pub(super) const LEAST: Item = (0, 0, 0);

/// A node as bytes. What is asked of them cannot fail.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    pub(super) shape: Shape,
    body: &'a [u8],
}

/// How the entries of a node are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) level: u8,
    loaded: bool,
    number: usize,
    place: usize,
    member: usize,
}

/// An entry, and where it lies in its node.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub(super) item: Item,
    pub(super) load: &'a [u8],
    at: Range<usize>,
}

impl Entry<'_> {
    /// How many entries are below, in a node above the leaves.
    pub(super) fn below(&self) -> u32 {
        self.load.try_into().map_or(0, u32::from_be_bytes)
    }
}

impl Shape {
    fn leaf(loaded: bool) -> Shape {
        Shape { level: 0, loaded, number: 0, place: 0, member: 1 }
    }

    fn head(self) -> [u8; HEAD] {
        #[expect(clippy::cast_possible_truncation, reason = "they are eight at most")]
        let width = |bytes: usize| bytes as u8;
        let loaded = if self.loaded { LOADED } else { 0 };
        [self.level | width(self.place) << 4 | loaded, width(self.number) << 4 | width(self.member)]
    }

    fn of(head: [u8; HEAD]) -> Option<Shape> {
        let (level, loaded, place) = (head[0] & LEVEL, head[0] & LOADED != 0, usize::from(head[0] >> 4 & 7));
        let (number, member) = (usize::from(head[1] / 16), usize::from(head[1] % 16));
        let known = number <= 4 && place <= 4 && member <= 8 && !(loaded && level > 0);
        known.then_some(Shape { level, loaded, number, place, member })
    }

    fn item(self) -> usize {
        self.number + self.place + self.member
    }

    /// How long each entry is; none if they differ.
    fn stride(self) -> Option<usize> {
        (!self.loaded).then(|| self.item() + if self.level > 0 { 4 } else { 0 })
    }

    fn holds(self, item: Item) -> bool {
        self.widened(item) == self
    }

    fn widened(self, (number, place, member): Item) -> Shape {
        let (number, place, member) = (width(number.into()), width(place.into()), width(member));
        Shape {
            number: self.number.max(number),
            place: self.place.max(place),
            member: self.member.max(member),
            ..self
        }
    }

    fn write(self, (number, place, member): Item, load: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(&number.to_be_bytes()[4 - self.number..]);
        out.extend_from_slice(&place.to_be_bytes()[4 - self.place..]);
        out.extend_from_slice(&member.to_be_bytes()[8 - self.member..]);
        if self.loaded {
            write_number(load.len() as u64, out);
        }
        out.extend_from_slice(load);
    }

    #[inline]
    fn item_at(self, entry: &[u8]) -> Item {
        let (number, rest) = entry.split_at(self.number);
        let (place, rest) = rest.split_at(self.place);
        #[expect(clippy::cast_possible_truncation, reason = "it is four bytes wide at most")]
        let short = |bytes| big_endian(bytes) as u32;
        (short(number), short(place), big_endian(&rest[..self.member]))
    }

    /// The first entry of a body; none if it is cut short.
    fn first(self, body: &[u8], from: usize) -> Option<Entry<'_>> {
        let bytes = body.get(from..)?;
        let behind = bytes.get(self.item()..)?;
        let (skip, length) = match self.stride() {
            Some(stride) => (0, stride - self.item()),
            None => {
                read_number(behind).and_then(|(skip, length)| Some((skip, usize::try_from(length).ok()?)))?
            }
        };
        let load = behind.get(skip..skip.checked_add(length)?)?;
        let end = from + self.item() + skip + length;
        Some(Entry { item: self.item_at(bytes), load, at: from..end })
    }
}

impl<'a> Node<'a> {
    /// Reads a node; none if it is damaged, but for an entry that is cut short among those of many lengths.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Node<'a>> {
        let (head, body) = bytes.split_first_chunk::<HEAD>()?;
        let shape = Shape::of(*head)?;
        let whole = match shape.stride() {
            Some(0) => body.is_empty(),
            Some(stride) => body.len() % stride == 0,
            None => true,
        };
        whole.then_some(Node { shape, body })
    }

    /// Whether no entry is cut short. Where all are of one length, reading it has shown that; else it takes a look at each.
    pub(super) fn is_whole(self) -> bool {
        self.shape.stride().is_some()
            || self.entries().last().map_or(0, |entry| entry.at.end) == self.body.len()
    }

    pub(super) fn entries(self) -> impl Iterator<Item = Entry<'a>> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let entry = self.shape.first(self.body, from).filter(|_| from < self.body.len())?;
            from = entry.at.end;
            Some(entry)
        })
    }

    /// How many entries there are in it.
    pub(super) fn len(self) -> usize {
        match self.shape.stride() {
            Some(0) => 0,
            Some(stride) => self.body.len() / stride,
            None => self.entries().count(),
        }
    }

    /// How many entries the leaves below it have, or it has if it is one.
    pub(super) fn total(self) -> u32 {
        if self.shape.level > 0 {
            return self.entries().fold(0, |sum, entry| sum.saturating_add(entry.below()));
        }
        u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    /// The items of a stretch.
    pub(super) fn items(self, stretch: Range<usize>) -> impl Iterator<Item = Item> {
        let stride = self.shape.stride().unwrap_or(0);
        // Entries of one length are found by it; the others one behind another.
        let (alike, others) = if stride > 0 {
            (&self.body[(stretch.start * stride).min(self.body.len())..], [].as_slice())
        } else {
            ([].as_slice(), self.body)
        };
        let alike = alike.chunks_exact(stride.max(1)).map(move |entry| self.shape.item_at(entry));
        let others = Node { body: others, ..self }.entries().skip(stretch.start).map(|entry| entry.item);
        alike.chain(others).take(stretch.len())
    }

    /// The entry of an item, or where it would lie.
    pub(super) fn find(self, item: Item) -> Result<Entry<'a>, usize> {
        match self.shape.stride() {
            Some(0) => Err(0),
            Some(stride) => {
                let (mut from, mut to) = (0, self.body.len() / stride);
                while from < to {
                    let middle = usize::midpoint(from, to);
                    match self.shape.item_at(&self.body[middle * stride..]).cmp(&item) {
                        std::cmp::Ordering::Less => from = middle + 1,
                        std::cmp::Ordering::Equal => {
                            return self.shape.first(self.body, middle * stride).ok_or(middle * stride);
                        }
                        std::cmp::Ordering::Greater => to = middle,
                    }
                }
                Err(from * stride)
            }
            None => {
                let mut end = self.body.len();
                for entry in self.entries() {
                    match entry.item.cmp(&item) {
                        std::cmp::Ordering::Less => (),
                        std::cmp::Ordering::Equal => return Ok(entry),
                        std::cmp::Ordering::Greater => {
                            end = entry.at.start;
                            break;
                        }
                    }
                }
                Err(end)
            }
        }
    }

    /// The entry under which an item lies, in a node above the leaves: the last that does not begin behind it.
    pub(super) fn over(self, item: Item) -> Option<Entry<'a>> {
        match self.find(item) {
            Ok(entry) => Some(entry),
            Err(at) => {
                let stride = self.shape.stride().unwrap_or(0);
                self.shape.first(self.body, at.saturating_sub(stride))
            }
        }
    }
}

/// A node that is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NodeBuf {
    pub(super) shape: Shape,
    body: Vec<u8>,
}

impl NodeBuf {
    /// A leaf of no entries.
    pub(super) fn leaf(loaded: bool) -> NodeBuf {
        NodeBuf { shape: Shape::leaf(loaded), body: Vec::new() }
    }

    /// A node over no others yet.
    pub(super) fn over(level: u8) -> NodeBuf {
        NodeBuf { shape: Shape { level, ..Shape::leaf(false) }, body: Vec::new() }
    }

    pub(super) fn node(&self) -> Node<'_> {
        Node { shape: self.shape, body: &self.body }
    }

    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        HEAD + self.body.len()
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        [&self.shape.head()[..], &self.body].concat()
    }

    /// Puts an entry into its place; tells whether there was none of that item.
    pub(super) fn put(&mut self, item: Item, load: &[u8]) -> bool {
        if !self.shape.holds(item) {
            self.widen(self.shape.widened(item));
        }
        let (at, is_new) = match self.node().find(item) {
            Ok(entry) => (entry.at, false),
            Err(at) => (at..at, true),
        };
        let mut entry = Vec::with_capacity(self.shape.item() + 3 + load.len());
        self.shape.write(item, load, &mut entry);
        self.body.splice(at, entry);
        is_new
    }

    /// Puts an entry behind all others.
    pub(super) fn push(&mut self, item: Item, load: &[u8]) {
        if !self.shape.holds(item) {
            self.widen(self.shape.widened(item));
        }
        let shape = self.shape;
        shape.write(item, load, &mut self.body);
    }

    /// Takes an entry away; tells whether it was there.
    pub(super) fn take(&mut self, item: Item) -> bool {
        let Ok(Entry { at, .. }) = self.node().find(item) else { return false };
        self.body.drain(at);
        true
    }

    /// Takes the latter part away: the last entry alone if `item` is that, so that a roll that grows at its end is left full,
    /// else half of it.
    pub(super) fn split(&mut self, item: Item) -> NodeBuf {
        let half = if item == self.last() { usize::MAX } else { self.body.len() / 2 };
        let mut cut = 0;
        for entry in self.node().entries() {
            cut = entry.at.start;
            if cut >= half {
                break;
            }
        }
        let body = self.body.split_off(cut);
        NodeBuf { shape: self.shape, body }
    }

    /// Adds the entries of the node behind it.
    pub(super) fn absorb(&mut self, next: Node<'_>) {
        for entry in next.entries() {
            self.push(entry.item, entry.load);
        }
    }

    /// The first item; the least if there is none.
    pub(super) fn first(&self) -> Item {
        self.node().entries().next().map_or(LEAST, |entry| entry.item)
    }

    fn last(&self) -> Item {
        match self.shape.stride() {
            Some(stride) if stride <= self.body.len() => {
                self.shape.item_at(&self.body[self.body.len() - stride..])
            }
            _ => self.node().entries().last().map_or(LEAST, |entry| entry.item),
        }
    }

    fn widen(&mut self, shape: Shape) {
        let mut body = Vec::with_capacity(self.body.len() * 2);
        for entry in self.node().entries() {
            shape.write(entry.item, entry.load, &mut body);
        }
        *self = NodeBuf { shape, body };
    }
}

impl From<Node<'_>> for NodeBuf {
    fn from(node: Node<'_>) -> NodeBuf {
        NodeBuf { shape: node.shape, body: node.body.to_vec() }
    }
}

/// How many bytes a number takes.
fn width(number: u64) -> usize {
    (64 - number.leading_zeros() as usize).div_ceil(8)
}

#[inline]
fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Writes a number as LEB128.
#[expect(clippy::cast_possible_truncation, reason = "the low seven bits are meant")]
pub(super) fn write_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Reads a number of LEB128: how many bytes it takes, and what it is.
pub(super) fn read_number(bytes: &[u8]) -> Option<(usize, u64)> {
    let mut number = 0;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((at + 1, number));
        }
    }
    None
}
