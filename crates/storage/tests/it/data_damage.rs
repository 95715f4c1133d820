//! Damage of the data file: each flipped bit is reported with its page, or has no effect. No acknowledged write is
//! lost by a damaged meta page.

use crate::community::{Community, large_member};
use crate::fixtures::{relation, sample_community};
use crate::tempdir::{empty_dir, new_store, open, open_with_small_memtable, reopen};
use guanxi_domain::relation::RelationKind;
use guanxi_storage::integrity::Report;
use guanxi_storage::{EmbeddedStore, Row, Store};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const PAGE: usize = 4096;
/// The length of the fields and of the seal of a meta page.
const META_LEN: usize = 164;

/// A closed store: its files, and its rows.
struct Closed {
    files: BTreeMap<String, Vec<u8>>,
    rows: Vec<Row>,
}

impl Closed {
    /// Creates a store with pages of every kind, by several checkpoints.
    async fn create() -> Closed {
        let home = empty_dir();
        let community = Community::new(open_with_small_memtable(home.path()));
        let sample = community.import(sample_community()).await;
        assert_eq!(sample.error, None);
        let first = 10_000;
        let follow = |other| relation(other, RelationKind::Follow, first, 100, &[(0, 0)]);
        let others = first + 1..first + 150;
        for rows in [
            large_member(first, 2 * PAGE),
            others.clone().flat_map(|other| large_member(other, 150)).collect(),
            others.map(follow).collect(),
            large_member(first, PAGE),
        ] {
            let result = community.import(rows).await;
            assert_eq!(result.error, None);
        }
        let rows = community.exported_encrypted().await;
        drop(community);
        let files = read_files(home.path());
        Closed { files, rows }
    }

    fn data(&self) -> &[u8] {
        &self.files["data.mdb"]
    }

    /// The kind of a page in a report of this test.
    fn kind(&self, page: usize) -> &'static str {
        match self.data()[page * PAGE + 10] {
            1 => "branch",
            2 => "leaf",
            4 => "overflow",
            8 => "meta",
            _ => "other",
        }
    }

    /// Writes the files with another data file.
    fn with_data(&self, data: &[u8]) -> TempDir {
        let home = empty_dir();
        for (name, bytes) in &self.files {
            let bytes = if name == "data.mdb" { data } else { bytes };
            fs::write(home.path().join(name), bytes).expect("the disk has room");
        }
        home
    }

    fn with_flipped_bit(&self, at: usize, bit: usize) -> TempDir {
        let mut data = self.data().to_vec();
        data[at] ^= 1 << bit;
        self.with_data(&data)
    }
}

/// Reads the files of a closed store that a backup would have.
fn read_files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(dir).expect("the directory exists").map(|file| file.expect("it is listed"));
    let named = files.map(|file| (file.file_name().into_string().expect("a plain name"), file.path()));
    let kept = named.filter(|(name, _)| !name.ends_with("lock") && name != "lock.mdb");
    kept.map(|(name, path)| (name, fs::read(path).expect("the file is readable"))).collect()
}

fn check(dir: &Path, scrub: bool) -> Report {
    EmbeddedStore::check_file(dir, scrub).expect("the directory is readable")
}

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }
}

/// Asserts that a damaged store is reported, or has all of its data. Returns true if it is reported.
async fn assert_reported_or_whole(home: &Path, closed: &Closed, case: &str) -> bool {
    let report = check(home, true);
    if !report.is_clean() {
        let text = report.to_string();
        assert!(text.contains("of data.mdb ("), "{case}: {text}");
        return true;
    }
    let store = EmbeddedStore::open_read_only(home).expect("the file is whole");
    let report = store.check_integrity().await.expect("the store is readable");
    assert!(report.is_clean(), "{case}: {report}");
    assert!(Community::new(store).exported_encrypted().await == closed.rows, "{case}");
    false
}

#[tokio::test]
async fn flipped_bit_in_any_page_is_reported_or_harmless() {
    let closed = Closed::create().await;
    assert!(check(closed.with_data(closed.data()).path(), true).is_clean());
    let pages = closed.data().len() / PAGE;
    let mut numbers = Numbers(1);
    for kind in ["branch", "leaf", "overflow"] {
        let of_kind: Vec<usize> = (0..pages).filter(|page| closed.kind(*page) == kind).collect();
        assert!(!of_kind.is_empty(), "no {kind} page");
        let mut reported = 0;
        for trial in 0..80 {
            let page = of_kind[numbers.below(of_kind.len())];
            // Half of the flips are in the header and the offsets of nodes.
            let at = page * PAGE + numbers.below(if trial % 2 == 0 { 40 } else { PAGE });
            let bit = numbers.below(8);
            let home = closed.with_flipped_bit(at, bit);
            let case = format!("bit {bit} of byte {} in {kind} page {page}", at % PAGE);
            reported += usize::from(assert_reported_or_whole(home.path(), &closed, &case).await);
        }
        assert!(reported > 20, "only {reported} flips in pages of kind {kind} were reported");
    }
}

#[tokio::test]
async fn noise_in_any_page_is_reported_or_harmless() {
    let closed = Closed::create().await;
    let mut numbers = Numbers(2);
    for page in 2..closed.data().len() / PAGE {
        let mut data = closed.data().to_vec();
        for _ in 0..=numbers.below(64) {
            let (at, byte) = (page * PAGE + numbers.below(PAGE), numbers.below(256));
            data[at] = u8::try_from(byte).expect("it is below 256");
        }
        let home = closed.with_data(&data);
        assert_reported_or_whole(home.path(), &closed, &format!("noise in page {page}")).await;
    }
}

#[tokio::test]
async fn damaged_free_list_is_reported() {
    let closed = Closed::create().await;
    let meta = newest_meta(closed.data());
    let root = u64::from_le_bytes(*closed.data()[meta + 80..].first_chunk().unwrap());
    let page = usize::try_from(root).unwrap() * PAGE;
    let last_node = usize::from(u16::from_le_bytes(*closed.data()[page + 16..].first_chunk().unwrap()));
    // A node has a header of 8 bytes, a key of 8, the number of free pages, and the pages.
    for at in [8, 9, 16, 24, 25] {
        let home = closed.with_flipped_bit(page + last_node + at, 5);
        let text = check(home.path(), false).to_string();
        assert!(text.contains("(free list)"), "byte {at}: {text}");
    }
}

/// The place of the meta page with the larger transaction id.
fn newest_meta(data: &[u8]) -> usize {
    let txn_id = |at: usize| u64::from_le_bytes(*data[at + 144..].first_chunk().expect("a meta page"));
    if txn_id(0) > txn_id(PAGE) { 0 } else { PAGE }
}

#[tokio::test]
async fn writes_survive_any_flipped_bit_of_a_meta_page() {
    let closed = Closed::create().await;
    for page in [0, 1] {
        for trial in 0..META_LEN * 8 / 37 {
            let (byte, bit) = (trial * 37 / 8, trial * 37 % 8);
            let home = closed.with_flipped_bit(page * PAGE + byte, bit);
            let case = format!("bit {bit} of byte {byte} in meta page {page}");
            let is_reported = !check(home.path(), false).is_clean();
            assert!(is_reported || byte >= 152, "{case} is not reported");
            let community =
                Community::new(open(home.path()).unwrap_or_else(|error| panic!("{case}: {error}")));
            assert!(community.exported_encrypted().await == closed.rows, "{case}");
            drop(community);
            let report = check(home.path(), true);
            assert!(report.is_clean(), "{case} is not repaired: {report}");
        }
    }
}

#[tokio::test]
async fn writes_survive_damage_of_each_newest_meta_page() {
    let (home, store) = new_store();
    drop(Community::with_members(store, 1).await);
    for number in 2..8 {
        let data_file = home.path().join("data.mdb");
        let mut data = fs::read(&data_file).unwrap();
        // The root of the table of tables.
        let at = newest_meta(&data) + 128;
        data[at] ^= 8;
        fs::write(&data_file, data).unwrap();
        let refused =
            EmbeddedStore::open_read_only(home.path()).expect_err("the page is damaged").to_string();
        assert!(refused.contains("of data.mdb (meta)") && refused.contains("guanxi serve"), "{refused}");
        let community = Community::new(reopen(home.path()));
        assert_eq!(community.store.check_integrity().await.unwrap().members, number - 1);
        let result = community.import(large_member(number, PAGE)).await;
        assert_eq!(result.error, None);
    }
}

#[tokio::test]
async fn older_meta_page_without_a_wal_is_refused() {
    let closed = Closed::create().await;
    let home = closed.with_flipped_bit(newest_meta(closed.data()) + 128, 0);
    for name in closed.files.keys().filter(|name| name.starts_with("wal.")) {
        fs::remove_file(home.path().join(name)).unwrap();
    }
    let before = fs::read(home.path().join("data.mdb")).unwrap();
    let refused = open(home.path()).expect_err("writes would be lost").to_string();
    for part in ["of data.mdb (meta)", "an older state that lacks writes", "restore"] {
        assert!(refused.contains(part), "{refused}");
    }
    assert!(fs::read(home.path().join("data.mdb")).unwrap() == before, "nothing is changed");
}

#[tokio::test]
async fn two_damaged_meta_pages_are_named() {
    let closed = Closed::create().await;
    let mut data = closed.data().to_vec();
    (data[30], data[PAGE + 60]) = (1, 0xff);
    let home = closed.with_data(&data);
    let refused = open(home.path()).expect_err("no meta page is whole").to_string();
    for part in ["data.mdb is damaged", "page 0 ", "page 1 ", "restore it from a backup"] {
        assert!(refused.contains(part), "{refused}");
    }
    let report = check(home.path(), false);
    assert_eq!(report.violation_count, 2, "{report}");
}

#[tokio::test]
async fn truncated_file_is_reported_at_any_length() {
    let closed = Closed::create().await;
    let pages = closed.data().len() / PAGE;
    for kept in (0..pages).flat_map(|page| [page * PAGE, page * PAGE + 100]).step_by(3).skip(1) {
        let home = closed.with_data(&closed.data()[..kept]);
        let is_reported = assert_reported_or_whole(home.path(), &closed, &format!("{kept} bytes")).await;
        assert!(is_reported || kept > closed.data().len() / 2, "{kept} bytes");
        if kept < closed.data().len() / 2 {
            let refused = open(home.path()).expect_err("the file is truncated").to_string();
            assert!(refused.contains("data.mdb"), "{refused}");
        }
    }
}

#[tokio::test]
async fn clean_stop_keeps_the_wal_of_the_last_checkpoint() {
    let home = empty_dir();
    let segments = || {
        let names = read_files(home.path()).into_keys().filter(|name| name.starts_with("wal."));
        names.collect::<Vec<String>>()
    };
    for number in 1..6 {
        let community = Community::new(reopen(home.path()));
        let result = community.import(large_member(number, PAGE)).await;
        assert_eq!(result.error, None);
        drop(community);
        let kept = segments();
        assert!((1..=2).contains(&kept.len()), "after {number} stops: {kept:?}");
        let before = fs::read(home.path().join("data.mdb")).unwrap();
        drop(reopen(home.path()));
        assert!(
            before == fs::read(home.path().join("data.mdb")).unwrap(),
            "an open without writes changes nothing"
        );
        assert!(
            kept.iter().all(|name| segments().contains(name)),
            "after {number} stops, and one without writes"
        );
    }
}

#[tokio::test]
async fn damaged_page_that_opening_reads_is_named() {
    let closed = Closed::create().await;
    let root = newest_meta(closed.data()) + 128;
    let page = usize::try_from(u64::from_le_bytes(*closed.data()[root..].first_chunk().unwrap())).unwrap();
    let home = closed.with_flipped_bit(page * PAGE + 14, 7);
    let refused = open(home.path()).expect_err("the page is damaged").to_string();
    assert!(refused.contains(&format!("page {page} of data.mdb (table of tables)")), "{refused}");
}
