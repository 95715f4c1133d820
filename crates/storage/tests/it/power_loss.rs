//! Power loss at any moment: LMDB as of its last checkpoint, and a WAL of that time or later, whose last record may
//! be torn. Recovery finds every acknowledged write and nothing else.

use crate::community::{Community, mid};
use crate::fixtures::dump_text;
use crate::tempdir::{empty_dir, open, open_with_small_memtable, reopen};
use guanxi_storage::commands::GrantDailyLogin;
use guanxi_storage::{EmbeddedStore, Store};
use guanxi_types::{RelationAction, Tagid};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The segments of a WAL, by file name.
type Segments = BTreeMap<String, Vec<u8>>;

/// The files of the directory after a command was acknowledged, and the dump of the store at that time.
struct Moment {
    data_file: Vec<u8>,
    wal: Segments,
    dump: String,
}

/// Reads the data file between two checkpoints.
fn read_data_file(dir: &Path) -> Vec<u8> {
    let read = || fs::read(dir.join("data.mdb")).expect("the file exists");
    let (mut first, mut second) = (read(), read());
    while first != second {
        (first, second) = (second, read());
    }
    first
}

fn read_wal(dir: &Path) -> Segments {
    let files = fs::read_dir(dir).expect("the directory exists").map(|file| file.expect("it is listed"));
    let named = files.map(|file| (file.file_name().into_string().expect("a plain name"), file.path()));
    let segments = named.filter(|(name, _)| name.starts_with("wal."));
    segments.map(|(name, path)| (name, fs::read(path).expect("the file is readable"))).collect()
}

async fn dump_of(community: &Community<EmbeddedStore>) -> String {
    dump_text(&community.exported().await)
}

/// Runs commands one after another, so that each is a record of its own. Returns the state after each.
async fn history() -> Vec<Moment> {
    let home = empty_dir();
    let community = Community::with_members(open_with_small_memtable(home.path()), 4).await;
    let mut moments = Vec::new();
    for step in 0..36u64 {
        let (me, them) = (step % 4 + 1, (step + step / 4) % 3);
        let them = (me + them) % 4 + 1;
        let now = 100 + step.cast_signed();
        match step {
            0..=11 if step % 3 > 0 => community.relate_all(&[(me, RelationAction::Follow, them, now)]).await,
            12 => assert_eq!(community.create_group(1, "同学").await, Ok(Tagid(1))),
            13 => assert_eq!(community.create_group(2, "同事").await, Ok(Tagid(2))),
            _ if step % 5 == 0 => community.relate_all(&[(me, RelationAction::Whisper, them, now)]).await,
            _ if step % 7 == 0 => community.relate_all(&[(me, RelationAction::Block, them, now)]).await,
            _ => community.run(GrantDailyLogin { me: mid(me), now: now * 100_000 }).await.expect("a new day"),
        }
        let (data_file, wal) = (read_data_file(home.path()), read_wal(home.path()));
        moments.push(Moment { data_file, wal, dump: dump_of(&community).await });
    }
    moments
}

/// A directory with a data file and a WAL.
fn directory_of(data_file: &[u8], wal: &Segments) -> TempDir {
    let home = empty_dir();
    fs::write(home.path().join("guanxi.format"), "guanxi embedded 1\n").expect("the disk has room");
    fs::write(home.path().join("data.mdb"), data_file).expect("the disk has room");
    for (name, bytes) in wal {
        fs::write(home.path().join(name), bytes).expect("the disk has room");
    }
    home
}

/// Asserts that a store is consistent and has the expected dump.
async fn assert_dump(store: EmbeddedStore, expected: &str, context: &str) -> Community<EmbeddedStore> {
    let report = store.check_integrity().await.expect("the store is readable");
    assert!(report.is_clean(), "{context}: {report}");
    let community = Community::new(store);
    assert_eq!(dump_of(&community).await, expected, "{context}");
    community
}

/// The WAL of the last moment with all segments that were removed before: a removal may reach the disk late.
fn with_removed_segments(moments: &[Moment]) -> Segments {
    moments.iter().flat_map(|moment| moment.wal.clone()).collect()
}

#[tokio::test]
async fn old_data_file_with_later_wal_recovers_all_writes() {
    let moments = history().await;
    let mut data_files: Vec<(usize, &[u8])> = Vec::new();
    for (at, moment) in moments.iter().enumerate() {
        if data_files.last().is_none_or(|(_, last)| *last != moment.data_file) {
            data_files.push((at, &moment.data_file));
        }
        let home = directory_of(&moment.data_file, &moment.wal);
        let store = EmbeddedStore::open_read_only(home.path()).unwrap();
        assert_dump(store, &moment.dump, &format!("as of {at}")).await;
        let wal = with_removed_segments(&moments[..=at]);
        for (of, data_file) in &data_files {
            let home = directory_of(data_file, &wal);
            let context = format!("the data file of {of} and the WAL of {at}");
            let store = EmbeddedStore::open_read_only(home.path()).unwrap();
            assert_dump(store, &moment.dump, &context).await;
        }
    }
    assert!(data_files.len() > 10, "only {} checkpoints", data_files.len());
}

/// The length of the header of a segment.
const HEADER_LEN: usize = 60;

/// Returns the offset of the last record of a segment. A record has 20 bytes, and as many as its first four say.
fn last_record(segment: &[u8]) -> usize {
    let (mut last, mut next) = (HEADER_LEN, HEADER_LEN);
    while next < segment.len() {
        last = next;
        let length = u32::from_be_bytes(*segment[next..].first_chunk().expect("a complete record"));
        next += 20 + usize::try_from(length).expect("a short record");
    }
    last
}

fn latest_segment(wal: &Segments) -> String {
    let number = |name: &&String| name[4..].parse::<u64>().expect("a segment number");
    wal.keys().max_by_key(number).expect("a segment").clone()
}

#[tokio::test]
async fn torn_last_record_at_any_length_is_discarded() {
    let moments = history().await;
    for at in [5, 22, 35] {
        let (before, mut wal) = (&moments[at - 1].dump, with_removed_segments(&moments[..=at]));
        let data_file = &moments[at - at % 3].data_file;
        let latest = latest_segment(&wal);
        let complete = wal[&latest].clone();
        for length in last_record(&complete)..complete.len() {
            wal.insert(latest.clone(), complete[..length].to_vec());
            let home = directory_of(data_file, &wal);
            let context = format!("{latest} of {at}, truncated to {length} bytes");
            assert_dump(EmbeddedStore::open_read_only(home.path()).unwrap(), before, &context).await;
            if length % 32 == 0 {
                assert_later_writes_survive(home.path(), before, &context).await;
            }
        }
    }
}

/// Asserts that a recovered store accepts writes, and that they survive further power losses.
async fn assert_later_writes_survive(dir: &Path, before: &str, context: &str) {
    let community = assert_dump(reopen(dir), before, context).await;
    community.create_group(3, "后来").await.expect("the name is new");
    let expected = dump_of(&community).await;
    // The next power loss comes before the next checkpoint.
    let again = directory_of(&read_data_file(dir), &read_wal(dir));
    drop(community);
    assert_dump(reopen(dir), &expected, context).await;
    assert_dump(reopen(again.path()), &expected, context).await;
    assert_dump(reopen(again.path()), &expected, context).await;
}

#[tokio::test]
async fn corrupt_segment_is_reported_and_not_changed() {
    let moments = history().await;
    let wal = with_removed_segments(&moments);
    let latest = latest_segment(&wal);
    let data_file = &moments[0].data_file;
    for (name, bytes) in wal.iter().filter(|(name, bytes)| **name != latest && !bytes.is_empty()).skip(1) {
        let mut corrupt = wal.clone();
        corrupt.get_mut(name).unwrap()[bytes.len() / 2] ^= 1;
        let home = directory_of(data_file, &corrupt);
        let opened = open(home.path()).expect_err("the WAL is corrupt").to_string();
        let store = EmbeddedStore::open_read_only(home.path()).unwrap();
        let read = store.check_integrity().await.expect_err("the WAL is corrupt").to_string();
        for error in [opened, read] {
            assert!(error.contains(&format!("{name} is corrupt")), "{error}");
        }
        assert_eq!(read_wal(home.path()), corrupt);
        assert_eq!(fs::read(home.path().join("data.mdb")).unwrap(), *data_file);
    }
}
