//! A directory that another process has open, and what is left when that one is killed.

use crate::community::{Community, mid, relate};
use crate::home::{HURRY, empty, open, reopen};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::directory::Blank;
use guanxi_storage::error::OpenError;
use guanxi_storage::{EmbeddedStore, Store};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Names the directory to the other process.
const HOME: &str = "GUANXI_TEST_HOME";
/// Tells it how much gathers before the tree takes it in.
const GATHERS: &str = "GUANXI_TEST_GATHERS";
/// How many members there are.
const MEMBERS: u64 = 1000;

/// The other process: follows one after another, and says each that was acknowledged, until it is killed. It is this test,
/// run by the one below; by itself it has nothing to do.
#[tokio::test]
async fn the_other_process() {
    let Ok(home) = std::env::var(HOME) else { return };
    let gathers = std::env::var(GATHERS).expect("it is told").parse().expect("a number");
    let store = EmbeddedStore::open(Path::new(&home), Options { gathers, ..Options::default() });
    let community = Community::of(store.expect("the directory opens"), MEMBERS).await;
    for them in 2..=MEMBERS {
        assert_eq!(community.run(relate(1, RelationAction::Follow, them, 100)).await, Ok(()));
        println!("\nfollowed {them}");
    }
}

/// Ends with the test, however that ends.
struct Other(Child);

impl Other {
    fn start(home: &Path, gathers: usize) -> Other {
        let program = std::env::current_exe().expect("a test is a program");
        let started = Command::new(program)
            .args(["--exact", "directory::elsewhere::the_other_process", "--nocapture"])
            .env(HOME, home)
            .env(GATHERS, gathers.to_string())
            .stdout(Stdio::piped())
            .spawn();
        Other(started.expect("a program can be started"))
    }

    /// Whom it says that it has followed.
    fn acknowledged(&mut self) -> impl Iterator<Item = u64> + use<> {
        let lines = BufReader::new(self.0.stdout.take().expect("nobody reads it yet")).lines();
        lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("followed ")?.parse().ok())
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn another_process_has_it_in_use_until_it_is_killed() {
    for gathers in [HURRY, Options::default().gathers] {
        let home = empty();
        let mut other = Other::start(home.path(), gathers);
        let mut acknowledged = other.acknowledged();
        assert!(acknowledged.by_ref().take(20).eq(2..=21));
        assert!(matches!(open(home.path()), Err(OpenError::InUse(_))));

        other.0.kill().unwrap();
        other.0.wait().unwrap();
        let last = acknowledged.last().unwrap_or(21);
        let store = reopen(home.path());
        let report = store.check().await.unwrap();
        assert!(report.is_clean(), "{report}");
        for them in 2..=last {
            let pair = store.pair(mid(1), mid(them)).await.unwrap().unwrap();
            assert!(pair.outgoing.is_some(), "{them} was acknowledged, as was {last}");
        }
    }
}

#[tokio::test]
async fn who_reads_is_told_what_another_process_writes_meanwhile() {
    for gathers in [HURRY, Options::default().gathers] {
        let home = empty();
        let mut other = Other::start(home.path(), gathers);
        let mut acknowledged = other.acknowledged();
        assert_eq!(acknowledged.next(), Some(2));
        let reading = EmbeddedStore::open_to_read(home.path()).unwrap();
        for them in acknowledged.by_ref().take(500) {
            let pair = reading.pair(mid(1), mid(them)).await.unwrap().unwrap();
            assert!(pair.outgoing.is_some(), "{them} was acknowledged");
            if them % 100 == 0 {
                let report = reading.check().await.unwrap();
                assert!(report.is_clean(), "{report}");
            }
        }
        other.0.kill().unwrap();
        other.0.wait().unwrap();
        // Who opens it next finds everything that was told, and maybe a last commit on disk that nobody was told of.
        let told = reading.check().await.unwrap();
        drop(reading);
        let report = reopen(home.path()).check().await.unwrap();
        assert!(report.is_clean(), "{report}");
        assert!((told.follows..=told.follows + 1).contains(&report.follows), "{told}\n{report}");
    }
}

#[tokio::test]
async fn a_copy_has_what_another_process_wrote_before_it_was_begun() {
    let home = empty();
    let mut other = Other::start(home.path(), HURRY);
    let mut acknowledged = other.acknowledged();
    assert_eq!(acknowledged.next(), Some(2));
    let reading = EmbeddedStore::open_to_read(home.path()).unwrap();
    for copy in 0..12 {
        let last = acknowledged.by_ref().nth(20).expect("it goes on");
        let to = empty();
        let blank = Blank::make(to.path()).unwrap();
        reading.copy(&blank).unwrap();
        blank.finish().unwrap();
        let copied =
            if copy % 2 == 0 { reopen(to.path()) } else { EmbeddedStore::open_to_read(to.path()).unwrap() };
        let report = copied.check().await.unwrap();
        assert!(report.is_clean(), "{report}");
        assert!(report.follows >= last - 1, "{last} was acknowledged\n{report}");
    }
}
