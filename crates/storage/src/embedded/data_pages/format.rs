//! The parser of LMDB's pages. A page that it accepts has no offset outside of itself.
//!
//! | page | content |
//! |---|---|
//! | meta | the records of the free list and of the table of tables, the last page, the transaction |
//! | branch | keys and page numbers of children |
//! | leaf | keys and values, records of trees, or page numbers of long values |
//! | overflow | a long value, in this page and the following ones |

/// The length of the header of a page: its number (8), 0 (2), its type (2), the bounds of its free space (2 and 2).
pub(super) const HEAD_LEN: usize = 16;
/// The number of meta pages, which are the first pages of the file.
pub(super) const META_PAGES: u64 = 2;

const BRANCH: u16 = 1;
const LEAF: u16 = 2;
const OVERFLOW: u16 = 4;
const META: u16 = 8;

const MAGIC: u32 = 0xBEEF_C0DE;
const VERSION: u32 = 1;
/// The flags of the free list: its keys are numbers.
const INTEGER_KEYS: u16 = 8;
/// The page number of an empty tree's root.
const NO_PAGE: u64 = u64::MAX;
/// The greatest depth of a tree that LMDB reads.
const MAX_DEPTH: u16 = 32;
/// The length of the longest key.
const MAX_KEY_LEN: usize = 511;
/// The length of the header of a node.
const NODE_HEAD_LEN: usize = 8;
/// The length of the record of a tree.
const TREE_RECORD_LEN: usize = 48;

/// The offsets of the fields of a meta page, and the end of the last.
pub(super) const FREE_LIST: usize = HEAD_LEN + 24;
const MAIN: usize = FREE_LIST + TREE_RECORD_LEN;
const LAST_PAGE: usize = MAIN + TREE_RECORD_LEN;
pub(super) const TXN_ID: usize = LAST_PAGE + 8;
pub(super) const META_LEN: usize = TXN_ID + 8;

/// A description of damage. The subject of the sentence is the page.
pub(super) type Damage = String;

/// The record of a tree, as the page above it has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TreeRecord {
    /// 0 for an empty tree.
    pub(super) depth: u16,
    pub(super) branch_pages: u64,
    pub(super) leaf_pages: u64,
    pub(super) overflow_pages: u64,
    pub(super) entries: u64,
    /// Valid unless the tree is empty.
    pub(super) root: u64,
}

/// A valid meta page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct MetaPage {
    pub(in super::super) number: u64,
    pub(in super::super) page_size: usize,
    pub(super) free_list: TreeRecord,
    pub(super) main: TreeRecord,
    pub(in super::super) last_page: u64,
    pub(in super::super) txn_id: u64,
}

/// A branch page or a leaf page.
#[derive(Debug)]
pub(super) struct TreePage<'p> {
    pub(super) is_leaf: bool,
    pub(super) nodes: Vec<Node<'p>>,
}

#[derive(Debug)]
pub(super) struct Node<'p> {
    pub(super) key: &'p [u8],
    pub(super) content: NodeContent<'p>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum NodeContent<'p> {
    Child(u64),
    Value(&'p [u8]),
    /// The first page of a long value, and its length.
    LongValue(u64, usize),
    Tree(TreeRecord),
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array_at(bytes, at))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array_at(bytes, at))
}

/// Returns the bytes of a number. A number outside of `bytes` is 0: callers check the length.
fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

fn ensure(condition: bool, damage: impl FnOnce() -> Damage) -> Result<(), Damage> {
    if condition { Ok(()) } else { Err(damage()) }
}

impl TreeRecord {
    /// Parses a record. `flags` are those that it must have. The first number is the page size in the record of the
    /// free list, and else 0.
    fn parse(bytes: &[u8], flags: u16) -> Result<TreeRecord, Damage> {
        let record = TreeRecord {
            depth: u16_at(bytes, 6),
            branch_pages: u64_at(bytes, 8),
            leaf_pages: u64_at(bytes, 16),
            overflow_pages: u64_at(bytes, 24),
            entries: u64_at(bytes, 32),
            root: u64_at(bytes, 40),
        };
        let found = u16_at(bytes, 4);
        ensure(found == flags, || format!("has a tree with the flags {found:#x}, expected {flags:#x}"))?;
        let TreeRecord { depth, entries, root, .. } = record;
        let is_empty = depth == 0 && entries == 0 && root == NO_PAGE;
        let is_possible = depth > 0 && depth <= MAX_DEPTH && root >= META_PAGES && root != NO_PAGE;
        ensure(is_empty || is_possible, || {
            format!("has a tree of depth {depth} with {entries} entries and the root page {root}")
        })?;
        Ok(record)
    }
}

impl MetaPage {
    /// Parses the first [`META_LEN`] bytes of meta page `number`.
    pub(super) fn parse(bytes: &[u8], number: u64) -> Result<MetaPage, Damage> {
        ensure(bytes.len() >= META_LEN, || "is missing, as the file is too short".to_owned())?;
        let mut head = [0; HEAD_LEN];
        head[..8].copy_from_slice(&number.to_le_bytes());
        head[10..12].copy_from_slice(&META.to_le_bytes());
        ensure(bytes[..HEAD_LEN] == head, || "has an invalid header".to_owned())?;
        ensure(u32_at(bytes, HEAD_LEN) == MAGIC, || "is not a page of LMDB".to_owned())?;
        let version = u32_at(bytes, HEAD_LEN + 4);
        ensure(version == VERSION, || format!("has the format {version}, expected {VERSION}"))?;
        ensure(u64_at(bytes, HEAD_LEN + 8) == 0, || "has an address of a map".to_owned())?;
        let page_size = u32_at(bytes, FREE_LIST) as usize;
        let is_possible = page_size.is_power_of_two() && (512..=1 << 15).contains(&page_size);
        ensure(is_possible, || format!("has the page size {page_size}"))?;
        let free_list = TreeRecord::parse(&bytes[FREE_LIST..MAIN], INTEGER_KEYS)?;
        ensure(u32_at(bytes, MAIN) == 0, || "has an invalid record of the table of tables".to_owned())?;
        let main = TreeRecord::parse(&bytes[MAIN..LAST_PAGE], 0)?;
        let (last_page, txn_id) = (u64_at(bytes, LAST_PAGE), u64_at(bytes, TXN_ID));
        for root in [free_list, main].into_iter().filter(|tree| tree.depth > 0).map(|tree| tree.root) {
            ensure(root <= last_page, || format!("refers to page {root}, but the last page is {last_page}"))?;
        }
        let limit = (u64::MAX >> 1) / page_size as u64;
        ensure((1..limit).contains(&last_page), || format!("has the last page {last_page}"))?;
        // Transaction N writes meta page N % 2.
        ensure(txn_id == 0 || txn_id % META_PAGES == number, || {
            format!("has transaction {txn_id}, which belongs to the other meta page")
        })?;
        Ok(MetaPage { number, page_size, free_list, main, last_page, txn_id })
    }

    /// The length that the data file should have, in bytes.
    pub(in super::super) fn file_len(&self) -> u64 {
        (self.last_page + 1) * self.page_size as u64
    }
}

impl<'p> TreePage<'p> {
    /// Parses a branch page or a leaf page.
    pub(super) fn parse(page: &'p [u8], number: u64) -> Result<TreePage<'p>, Damage> {
        check_number(page, number)?;
        let is_leaf = match u16_at(page, 10) {
            BRANCH => false,
            LEAF => true,
            kind => return Err(format!("has the type {kind:#x}, expected a branch or a leaf")),
        };
        let (lower, upper) = (usize::from(u16_at(page, 12)), usize::from(u16_at(page, 14)));
        let are_bounds = HEAD_LEN <= lower && lower % 2 == 0 && lower <= upper && upper <= page.len();
        ensure(are_bounds, || format!("has free space from byte {lower} to {upper}"))?;
        let offsets = (HEAD_LEN..lower).step_by(2).map(|at| usize::from(u16_at(page, at)));
        let mut nodes = Vec::with_capacity((lower - HEAD_LEN) / 2);
        let mut places = Vec::with_capacity(nodes.capacity());
        for offset in offsets {
            ensure(offset >= upper && offset % 2 == 0, || format!("has a node at byte {offset}"))?;
            let (node, length) = Node::parse(&page[offset.min(page.len())..], is_leaf)
                .map_err(|damage| format!("has a node at byte {offset} that {damage}"))?;
            places.push((offset, offset + length.next_multiple_of(2)));
            nodes.push(node);
        }
        // Nodes fill the page from its free space to its end.
        places.sort_unstable();
        let end = places.iter().try_fold(upper, |end, (from, to)| (*from == end).then_some(*to));
        ensure(end == Some(page.len()), || "has nodes that overlap, or a gap between nodes".to_owned())?;
        Ok(TreePage { is_leaf, nodes })
    }
}

impl<'p> Node<'p> {
    /// Parses the node that `bytes` begins with. Returns it with its length.
    fn parse(bytes: &'p [u8], is_leaf: bool) -> Result<(Node<'p>, usize), Damage> {
        ensure(bytes.len() >= NODE_HEAD_LEN, || "exceeds the page".to_owned())?;
        let number = u64::from(u32_at(bytes, 0));
        let (flags, key_len) = (u16_at(bytes, 4), usize::from(u16_at(bytes, 6)));
        let is_key_len = key_len <= MAX_KEY_LEN && (key_len > 0 || !is_leaf);
        ensure(is_key_len, || format!("has a key of {key_len} bytes"))?;
        let key_end = NODE_HEAD_LEN + key_len;
        let key = bytes.get(NODE_HEAD_LEN..key_end).ok_or("exceeds the page")?;
        if !is_leaf {
            let child = number | u64::from(flags) << 32;
            return Ok((Node { key, content: NodeContent::Child(child) }, key_end));
        }
        let length = usize::try_from(number).map_err(|error| error.to_string())?;
        let stored_len = if flags == 1 { 8 } else { length };
        let stored = bytes[key_end..].get(..stored_len).ok_or("exceeds the page")?;
        let content = match flags {
            0 => NodeContent::Value(stored),
            1 => NodeContent::LongValue(u64_at(stored, 0), length),
            2 if length == TREE_RECORD_LEN && u32_at(stored, 0) == 0 => {
                NodeContent::Tree(TreeRecord::parse(stored, 0)?)
            }
            _ => return Err(format!("has the flags {flags:#x} and a value of {length} bytes")),
        };
        Ok((Node { key, content }, key_end + stored_len))
    }
}

/// Checks the header of an overflow page for a value of a length. Returns the number of its pages, which may be more
/// than the value needs.
pub(super) fn parse_overflow(page: &[u8], number: u64, value_len: usize) -> Result<u32, Damage> {
    check_number(page, number)?;
    let kind = u16_at(page, 10);
    ensure(kind == OVERFLOW, || format!("has the type {kind:#x}, expected a long value"))?;
    let (pages, needed) = (u32_at(page, 12), (HEAD_LEN + value_len).div_ceil(page.len()));
    ensure(pages as usize >= needed, || format!("has {pages} pages for a value that needs {needed}"))?;
    Ok(pages)
}

fn check_number(page: &[u8], number: u64) -> Result<(), Damage> {
    let found = u64_at(page, 0);
    ensure(found == number, || format!("has the number of page {found}"))?;
    ensure(u16_at(page, 8) == 0, || "has an invalid header".to_owned())
}
