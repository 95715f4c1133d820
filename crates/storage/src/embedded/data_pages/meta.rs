//! The two meta pages. Each commit of LMDB replaces the older one.
//!
//! LMDB reads the page with the larger transaction id. It checks neither page beyond a few constants. If the newer
//! page is damaged, LMDB may read the older tree without a word, or follow invalid page numbers. So both pages are
//! compared before LMDB opens the file.
//!
//! A seal follows the fields of LMDB, in a part of the page that LMDB neither reads nor writes: the transaction id
//! and a checksum of the page up to it. It is written after a commit. A power loss in between leaves the seal of an
//! earlier transaction, which says nothing.

use super::super::data_dir::DATA_FILE;
use super::format::{Damage, FREE_LIST, META_LEN, META_PAGES, MetaPage, TXN_ID, u32_at, u64_at};
use super::{IS_SUPPORTED, read_exact_at};
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// The length of the seal: the transaction id and the checksum.
const SEAL_LEN: usize = 12;
/// The page sizes of LMDB, the most frequent first.
const PAGE_SIZES: [usize; 7] = [4096, 16384, 8192, 32768, 2048, 1024, 512];
/// The attempts to read pages that another process may be writing.
const READ_ATTEMPTS: usize = 16;

/// The meta pages of a file. At least one is whole.
#[derive(Debug)]
pub(in super::super) struct MetaPages {
    /// The page to open the file with.
    pub(in super::super) whole: MetaPage,
    /// The page of the transaction before. `None` if one of both is damaged.
    pub(in super::super) older: Option<MetaPage>,
    /// The damaged page, if there is one.
    pub(in super::super) damaged: Option<DamagedMeta>,
}

/// A damaged meta page.
#[derive(Clone, Debug)]
pub(in super::super) struct DamagedMeta {
    pub(in super::super) number: u64,
    pub(in super::super) damage: Damage,
    /// The transaction id in the page. It may be damaged too.
    txn_id: u64,
    /// True if LMDB would read the other page.
    pub(in super::super) is_ignored_by_lmdb: bool,
}

/// Reads and compares the meta pages. Returns `None` if this machine's format is unknown, and the damage of both
/// pages if neither is whole.
pub(in super::super) fn read(dir: &Path) -> io::Result<Option<Result<MetaPages, [Damage; 2]>>> {
    if !IS_SUPPORTED {
        return Ok(None);
    }
    let file = File::open(dir.join(DATA_FILE))?;
    let mut pages = read_both(&file)?;
    for _ in 0..READ_ATTEMPTS {
        let again = read_both(&file)?;
        if again == pages {
            break;
        }
        pages = again;
    }
    Ok(Some(compare(&pages, file.metadata()?.len())))
}

/// The bytes of both pages. A page behind the end of the file is empty.
type RawPages = [Vec<u8>; 2];

fn read_both(file: &File) -> io::Result<RawPages> {
    let read = |at: usize| {
        let mut bytes = vec![0; META_LEN + SEAL_LEN];
        match read_exact_at(file, at as u64, &mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Vec::new()),
            result => result.map(|()| bytes),
        }
    };
    let first = read(0)?;
    let stated = parse(&first, 0).ok().map(|page| page.page_size);
    // If the first page is damaged, its page size may be.
    for page_size in stated.into_iter().chain(PAGE_SIZES) {
        let second = read(page_size)?;
        if parse(&second, 1).is_ok_and(|page| page.page_size == page_size) {
            return Ok([first, second]);
        }
    }
    Ok([first, read(stated.unwrap_or(PAGE_SIZES[0]))?])
}

fn parse(bytes: &[u8], number: u64) -> Result<MetaPage, Damage> {
    let page = MetaPage::parse(bytes, number)?;
    let is_sealed = u64_at(bytes, META_LEN) == page.txn_id && page.txn_id > 0;
    if is_sealed && sealed_txn(bytes).is_none() {
        Err("differs from its checksum".to_owned())
    } else {
        Ok(page)
    }
}

/// Returns the transaction of the seal, if the page is otherwise as the seal has it.
fn sealed_txn(page: &[u8]) -> Option<u64> {
    let txn_id = u64_at(page, META_LEN);
    (u32_at(page, META_LEN + 8) == checksum(page, txn_id)).then_some(txn_id)
}

fn checksum(page: &[u8], txn_id: u64) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&page[..TXN_ID]);
    hasher.update(&txn_id.to_le_bytes());
    hasher.finalize()
}

fn compare(raw: &RawPages, file_len: u64) -> Result<MetaPages, [Damage; 2]> {
    let [first, second] = [0, 1].map(|number| parse(&raw[usize::from(number == 1)], number));
    let txn_ids = raw.each_ref().map(|bytes| u64_at(bytes, TXN_ID));
    let damaged = |number: u64, damage| {
        let (at, other) = if number == 0 { (0, 1) } else { (1, 0) };
        // LMDB compares the header, two constants, the page size and the transaction ids.
        let is_readable = u64_at(&raw[at], 0) == number
            && raw[at].get(8..24) == raw[other].get(8..24)
            && u32_at(&raw[at], FREE_LIST) == u32_at(&raw[other], FREE_LIST)
            && txn_ids[at] < txn_ids[other];
        Some(DamagedMeta { number, damage, txn_id: txn_ids[at], is_ignored_by_lmdb: is_readable })
    };
    let (first, second) = match (first, second) {
        (Err(first), Err(second)) => return Err([first, second]),
        (Err(damage), Ok(whole)) => return Ok(MetaPages { whole, older: None, damaged: damaged(0, damage) }),
        (Ok(whole), Err(damage)) => return Ok(MetaPages { whole, older: None, damaged: damaged(1, damage) }),
        (Ok(first), Ok(second)) => (first, second),
    };
    let (newer, older) = if first.txn_id < second.txn_id { (second, first) } else { (first, second) };
    let is_pair = newer.txn_id == older.txn_id + 1 || newer.txn_id == 0;
    if newer.page_size != older.page_size || !is_pair {
        // A seal tells the transaction. Without one, the larger id is taken for damaged: the WAL has all later writes.
        let is_damaged = |page: &MetaPage| {
            sealed_txn(&raw[usize::from(page.number == 1)]).is_some_and(|sealed| sealed != page.txn_id)
        };
        let (whole, other) = if is_damaged(&older) { (newer, older) } else { (older, newer) };
        let damage = format!("has transaction {}, but the other has {}", other.txn_id, whole.txn_id);
        return Ok(MetaPages { whole, older: None, damaged: damaged(other.number, damage) });
    }
    if newer.last_page < older.last_page {
        // The file never becomes shorter.
        let damage = |page: &MetaPage| format!("has the last page {}", page.last_page);
        let (whole, other) = if older.file_len() > file_len { (newer, older) } else { (older, newer) };
        return Ok(MetaPages { whole, older: None, damaged: damaged(other.number, damage(&other)) });
    }
    Ok(MetaPages { whole: newer, older: Some(older), damaged: None })
}

impl MetaPages {
    /// True if the damaged page was the older one for certain, so the other has the newest tree.
    pub(in super::super) fn is_newest_whole(&self) -> bool {
        self.damaged.as_ref().is_none_or(|damaged| damaged.txn_id < self.whole.txn_id)
    }
}

/// Replaces a damaged meta page by the other one, as of the transaction before. LMDB then reads the other one, and
/// the next commit replaces the damaged one.
pub(in super::super) fn repair(dir: &Path, whole: &MetaPage) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(dir.join(DATA_FILE))?;
    let place = |number: u64| number * whole.page_size as u64;
    let mut bytes = vec![0; META_LEN];
    read_exact_at(&file, place(whole.number), &mut bytes)?;
    let other = META_PAGES - 1 - whole.number;
    // A copy with transaction 0 on both pages is a pair as well.
    let txn_id = whole.txn_id.saturating_sub(1);
    bytes[..8].copy_from_slice(&other.to_le_bytes());
    bytes[TXN_ID..].copy_from_slice(&txn_id.to_le_bytes());
    bytes.extend(txn_id.to_le_bytes());
    bytes.extend(checksum(&bytes[..META_LEN], txn_id).to_le_bytes());
    file.seek(SeekFrom::Start(place(other)))?;
    file.write_all(&bytes)?;
    file.sync_all()
}

/// Writes the seal of the meta page of a committed transaction. It reaches the disk with the next commit, or later.
pub(in super::super) fn seal(dir: &Path, page_size: usize, txn_id: u64) -> io::Result<()> {
    if !IS_SUPPORTED {
        return Ok(());
    }
    let mut file = OpenOptions::new().read(true).write(true).open(dir.join(DATA_FILE))?;
    let at = txn_id % META_PAGES * page_size as u64;
    let mut bytes = vec![0; META_LEN];
    read_exact_at(&file, at, &mut bytes)?;
    let seal = [&txn_id.to_le_bytes()[..], &checksum(&bytes, txn_id).to_le_bytes()].concat();
    file.seek(SeekFrom::Start(at + META_LEN as u64))?;
    file.write_all(&seal)
}
