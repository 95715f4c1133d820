//! A node of a counted B+tree: entries in key order, packed into one value.
//!
//! | bytes | content |
//! |---|---|
//! | 1 | the level, 0 for a leaf; plus 16 times the width of secondary keys; plus 128 if the entries have values |
//! | 1 | 16 times the width of primary keys, plus the width of mids |
//! | the rest | the entries: primary key, secondary key, mid, then a payload |
//!
//! The payload in a leaf is nothing, or a length (LEB128) and as many bytes. In an inner node it is the number of
//! entries below the child (4 bytes). Numbers are big-endian. A node is as wide as its widest key: a mid of a small
//! community takes three bytes, and a secondary key takes none if no two entries share a second.

use crate::varint::{read_varint, write_varint};
use std::cmp::Ordering;
use std::ops::Range;

/// The key of an entry: a primary key (an mtime or a join seq), a secondary key (the seq within that second), and a
/// mid.
pub(in super::super) type EntryKey = (u32, u32, u64);

const HAS_VALUES: u8 = 0x80;
const LEVEL_MASK: u8 = 0x0f;
const HEAD_LEN: usize = 2;

/// The least key.
pub(super) const MIN_KEY: EntryKey = (0, 0, 0);

/// A node as bytes. Reads of a parsed node cannot fail.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodeRef<'a> {
    pub(super) layout: NodeLayout,
    body: &'a [u8],
}

/// The layout of a node's entries. Widths are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeLayout {
    pub(super) level: u8,
    has_values: bool,
    primary_width: usize,
    secondary_width: usize,
    mid_width: usize,
}

/// An entry, and its position in the body of its node.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub(super) key: EntryKey,
    pub(super) value: &'a [u8],
    position: Range<usize>,
}

impl Entry<'_> {
    /// The number of entries below this one, which is in an inner node.
    pub(super) fn subtree_len(&self) -> u32 {
        self.value.try_into().map_or(0, u32::from_be_bytes)
    }
}

impl NodeLayout {
    fn leaf(has_values: bool) -> NodeLayout {
        NodeLayout { level: 0, has_values, primary_width: 0, secondary_width: 0, mid_width: 1 }
    }

    fn to_head(self) -> [u8; HEAD_LEN] {
        #[expect(clippy::cast_possible_truncation, reason = "a width is at most eight")]
        let width = |bytes: usize| bytes as u8;
        let has_values = if self.has_values { HAS_VALUES } else { 0 };
        [
            self.level | width(self.secondary_width) << 4 | has_values,
            width(self.primary_width) << 4 | width(self.mid_width),
        ]
    }

    fn from_head(head: [u8; HEAD_LEN]) -> Option<NodeLayout> {
        let (level, has_values) = (head[0] & LEVEL_MASK, head[0] & HAS_VALUES != 0);
        let secondary_width = usize::from(head[0] >> 4 & 7);
        let (primary_width, mid_width) = (usize::from(head[1] / 16), usize::from(head[1] % 16));
        let is_valid =
            primary_width <= 4 && secondary_width <= 4 && mid_width <= 8 && !(has_values && level > 0);
        is_valid.then_some(NodeLayout { level, has_values, primary_width, secondary_width, mid_width })
    }

    fn key_width(self) -> usize {
        self.primary_width + self.secondary_width + self.mid_width
    }

    /// The length of each entry, or `None` if lengths differ.
    fn stride(self) -> Option<usize> {
        (!self.has_values).then(|| self.key_width() + if self.level > 0 { 4 } else { 0 })
    }

    fn fits(self, key: EntryKey) -> bool {
        self.widened_for(key) == self
    }

    fn widened_for(self, (primary, secondary, mid): EntryKey) -> NodeLayout {
        NodeLayout {
            primary_width: self.primary_width.max(byte_width(primary.into())),
            secondary_width: self.secondary_width.max(byte_width(secondary.into())),
            mid_width: self.mid_width.max(byte_width(mid)),
            ..self
        }
    }

    fn write_entry(self, (primary, secondary, mid): EntryKey, value: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(&primary.to_be_bytes()[4 - self.primary_width..]);
        out.extend_from_slice(&secondary.to_be_bytes()[4 - self.secondary_width..]);
        out.extend_from_slice(&mid.to_be_bytes()[8 - self.mid_width..]);
        if self.has_values {
            write_varint(value.len() as u64, out);
        }
        out.extend_from_slice(value);
    }

    #[inline]
    fn read_key(self, entry: &[u8]) -> EntryKey {
        let (primary, rest) = entry.split_at(self.primary_width);
        let (secondary, rest) = rest.split_at(self.secondary_width);
        #[expect(clippy::cast_possible_truncation, reason = "it is at most four bytes wide")]
        let short = |bytes| big_endian(bytes) as u32;
        (short(primary), short(secondary), big_endian(&rest[..self.mid_width]))
    }

    /// Reads the entry at a position of a body, or `None` if it is truncated.
    fn entry_at(self, body: &[u8], start: usize) -> Option<Entry<'_>> {
        let bytes = body.get(start..)?;
        let payload = bytes.get(self.key_width()..)?;
        let (skip, length) = match self.stride() {
            Some(stride) => (0, stride - self.key_width()),
            None => {
                read_varint(payload).and_then(|(skip, length)| Some((skip, usize::try_from(length).ok()?)))?
            }
        };
        let value = payload.get(skip..skip.checked_add(length)?)?;
        let end = start + self.key_width() + skip + length;
        Some(Entry { key: self.read_key(bytes), value, position: start..end })
    }
}

impl<'a> NodeRef<'a> {
    /// Parses a node, or `None` if it is corrupt. Among entries of varying length, a truncated one is not noticed
    /// here: see [`NodeRef::is_complete`].
    pub(super) fn parse(bytes: &'a [u8]) -> Option<NodeRef<'a>> {
        let (head, body) = bytes.split_first_chunk::<HEAD_LEN>()?;
        let layout = NodeLayout::from_head(*head)?;
        let is_valid = match layout.stride() {
            Some(0) => body.is_empty(),
            Some(stride) => body.len() % stride == 0,
            None => true,
        };
        is_valid.then_some(NodeRef { layout, body })
    }

    /// True if no entry is truncated. This reads each entry, unless all have one length: then the parse has checked
    /// that.
    pub(super) fn is_complete(self) -> bool {
        self.layout.stride().is_some()
            || self.entries().last().map_or(0, |entry| entry.position.end) == self.body.len()
    }

    pub(super) fn entries(self) -> impl Iterator<Item = Entry<'a>> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let entry = self.layout.entry_at(self.body, start).filter(|_| start < self.body.len())?;
            start = entry.position.end;
            Some(entry)
        })
    }

    /// The number of entries in this node.
    pub(super) fn len(self) -> usize {
        match self.layout.stride() {
            Some(0) => 0,
            Some(stride) => self.body.len() / stride,
            None => self.entries().count(),
        }
    }

    /// The number of entries in all leaves of this subtree.
    pub(super) fn subtree_len(self) -> u32 {
        if self.layout.level > 0 {
            return self.entries().fold(0, |sum, entry| sum.saturating_add(entry.subtree_len()));
        }
        u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    /// The children of an inner node whose ranks overlap a range, each with its part of the range.
    pub(super) fn children_at(self, ranks: Range<usize>) -> impl Iterator<Item = (EntryKey, Range<usize>)> {
        let mut end = 0;
        let children = self.body.chunks_exact(self.layout.stride().unwrap_or(1).max(1)).map(move |entry| {
            let start = end;
            end += entry.last_chunk().map_or(0, |len| u32::from_be_bytes(*len)) as usize;
            (entry, start..end)
        });
        // The keys of the other children are not read.
        let Range { start: first, end: last } = ranks;
        children
            .skip_while(move |(_, here)| here.end <= first)
            .take_while(move |(_, here)| here.start < last)
            .map(move |(entry, here)| {
                let part = first.max(here.start) - here.start..last.min(here.end) - here.start;
                (self.layout.read_key(entry), part)
            })
    }

    /// The keys of a range of entries, by position.
    pub(super) fn keys(self, range: Range<usize>) -> impl Iterator<Item = EntryKey> {
        let stride = self.layout.stride().unwrap_or(0);
        // Entries of one length are addressed directly, the others are walked one by one.
        let (fixed, varying) = if stride > 0 {
            (&self.body[(range.start * stride).min(self.body.len())..], [].as_slice())
        } else {
            ([].as_slice(), self.body)
        };
        let fixed = fixed.chunks_exact(stride.max(1)).map(move |entry| self.layout.read_key(entry));
        let varying = NodeRef { body: varying, ..self }.entries().skip(range.start).map(|entry| entry.key);
        fixed.chain(varying).take(range.len())
    }

    /// Returns the entry of a key, or the position at which it would be inserted.
    pub(super) fn search(self, key: EntryKey) -> Result<Entry<'a>, usize> {
        match self.layout.stride() {
            Some(0) => Err(0),
            Some(stride) => {
                let (mut from, mut to) = (0, self.body.len() / stride);
                while from < to {
                    let middle = usize::midpoint(from, to);
                    match self.layout.read_key(&self.body[middle * stride..]).cmp(&key) {
                        Ordering::Less => from = middle + 1,
                        Ordering::Equal => {
                            return self.layout.entry_at(self.body, middle * stride).ok_or(middle * stride);
                        }
                        Ordering::Greater => to = middle,
                    }
                }
                Err(from * stride)
            }
            None => {
                let mut end = self.body.len();
                for entry in self.entries() {
                    match entry.key.cmp(&key) {
                        Ordering::Less => (),
                        Ordering::Equal => return Ok(entry),
                        Ordering::Greater => {
                            end = entry.position.start;
                            break;
                        }
                    }
                }
                Err(end)
            }
        }
    }

    /// Returns the entry of an inner node whose child covers a key: the last entry whose key is not greater.
    pub(super) fn child_for(self, key: EntryKey) -> Option<Entry<'a>> {
        match self.search(key) {
            Ok(entry) => Some(entry),
            Err(position) => {
                let stride = self.layout.stride().unwrap_or(0);
                self.layout.entry_at(self.body, position.saturating_sub(stride))
            }
        }
    }
}

/// A node that is being changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NodeMut {
    pub(super) layout: NodeLayout,
    body: Vec<u8>,
}

impl NodeMut {
    /// An empty leaf.
    pub(super) fn leaf(has_values: bool) -> NodeMut {
        NodeMut { layout: NodeLayout::leaf(has_values), body: Vec::new() }
    }

    /// An inner node without children.
    pub(super) fn inner(level: u8) -> NodeMut {
        NodeMut { layout: NodeLayout { level, ..NodeLayout::leaf(false) }, body: Vec::new() }
    }

    pub(super) fn as_node(&self) -> NodeRef<'_> {
        NodeRef { layout: self.layout, body: &self.body }
    }

    /// The encoded size in bytes.
    pub(super) fn size(&self) -> usize {
        HEAD_LEN + self.body.len()
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        [&self.layout.to_head()[..], &self.body].concat()
    }

    /// Inserts or replaces an entry. Returns true if the key is new.
    pub(super) fn insert(&mut self, key: EntryKey, value: &[u8]) -> bool {
        if !self.layout.fits(key) {
            self.widen(self.layout.widened_for(key));
        }
        let (position, is_new) = match self.as_node().search(key) {
            Ok(entry) => (entry.position, false),
            Err(position) => (position..position, true),
        };
        let mut entry = Vec::with_capacity(self.layout.key_width() + 3 + value.len());
        self.layout.write_entry(key, value, &mut entry);
        self.body.splice(position, entry);
        is_new
    }

    /// Appends an entry. Its key must be greater than all others.
    pub(super) fn push(&mut self, key: EntryKey, value: &[u8]) {
        if !self.layout.fits(key) {
            self.widen(self.layout.widened_for(key));
        }
        let layout = self.layout;
        layout.write_entry(key, value, &mut self.body);
    }

    /// Removes an entry. Returns false if there is none with this key.
    pub(super) fn remove(&mut self, key: EntryKey) -> bool {
        let Ok(Entry { position, .. }) = self.as_node().search(key) else { return false };
        self.body.drain(position);
        true
    }

    /// Splits the latter half off. If `inserted` is the last key, splits only that entry off: a list that grows at
    /// its end has full nodes.
    pub(super) fn split(&mut self, inserted: EntryKey) -> NodeMut {
        let half = if inserted == self.last_key() { usize::MAX } else { self.body.len() / 2 };
        let mut cut = 0;
        for entry in self.as_node().entries() {
            cut = entry.position.start;
            if cut >= half {
                break;
            }
        }
        let body = self.body.split_off(cut);
        NodeMut { layout: self.layout, body }
    }

    /// Appends the entries of the next sibling.
    pub(super) fn append(&mut self, next: NodeRef<'_>) {
        for entry in next.entries() {
            self.push(entry.key, entry.value);
        }
    }

    /// The first key, or the least key if the node is empty.
    pub(super) fn first_key(&self) -> EntryKey {
        self.as_node().entries().next().map_or(MIN_KEY, |entry| entry.key)
    }

    fn last_key(&self) -> EntryKey {
        match self.layout.stride() {
            Some(stride) if stride <= self.body.len() => {
                self.layout.read_key(&self.body[self.body.len() - stride..])
            }
            _ => self.as_node().entries().last().map_or(MIN_KEY, |entry| entry.key),
        }
    }

    fn widen(&mut self, layout: NodeLayout) {
        let mut body = Vec::with_capacity(self.body.len() * 2);
        for entry in self.as_node().entries() {
            layout.write_entry(entry.key, entry.value, &mut body);
        }
        *self = NodeMut { layout, body };
    }
}

impl From<NodeRef<'_>> for NodeMut {
    fn from(node: NodeRef<'_>) -> NodeMut {
        NodeMut { layout: node.layout, body: node.body.to_vec() }
    }
}

/// The number of bytes that a number needs; 0 for 0.
fn byte_width(number: u64) -> usize {
    (64 - number.leading_zeros() as usize).div_ceil(8)
}

#[inline]
fn big_endian(bytes: &[u8]) -> u64 {
    match *bytes {
        [] => 0,
        // The usual width of times and mids.
        [a, b, c, d] => u32::from_be_bytes([a, b, c, d]).into(),
        _ => bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    }
}
