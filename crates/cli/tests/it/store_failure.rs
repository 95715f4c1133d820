//! A disk that fails under a running service: the service ends in words and with an exit code, and the next start
//! has every acknowledged write.

use crate::preload::{self, FAIL_META};
use crate::program::{Service, TestDir, assert_exit, guanxi, stdout};
use guanxi_storage::commands::ProbeWrites;
use guanxi_storage::embedded::Options;
use guanxi_storage::{EmbeddedStore, Store};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};

/// The file during whose existence no page of the data file can be written.
const FAIL_DATA: &str = "GUANXI_TEST_FAIL_DATA";

/// The exit code after a failure of the disk.
const STORE_FAILED: Option<i32> = Some(6);

/// The exit code after a stop whose last writes remain in the WAL.
const STOPPED_UNFINISHED: Option<i32> = Some(7);

fn serve(data: &str) -> Command {
    guanxi(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data])
}

/// Runs `guanxi health`, which makes the service write.
fn health(service: &Service) -> Output {
    guanxi(&["health"]).env("GUANXI_OPERATOR_LISTEN", &service.operators).output().unwrap()
}

/// Writes what a killed process leaves: more in its WAL than the smallest memtable holds.
async fn write_killed_store(folder: &TestDir, data: &str) {
    let running = folder.path("running");
    let store = EmbeddedStore::open(Path::new(&running), Options::default()).unwrap();
    // Each probe is a block of 4 KiB.
    for _ in 0..300 {
        store.run(ProbeWrites).await.unwrap();
    }
    fs::create_dir(data).unwrap();
    for file in fs::read_dir(&running).unwrap().map(Result::unwrap) {
        if file.file_name() != "lock.mdb" {
            fs::copy(file.path(), Path::new(data).join(file.file_name())).unwrap();
        }
    }
}

#[tokio::test]
async fn failed_meta_write_ends_serve_and_restart_helps() {
    let folder = TestDir::new();
    let library = preload::compile(folder.0.path());
    let data = folder.path("data");
    write_killed_store(&folder, &data).await;
    let mut command = serve(&data);
    command.env("LD_PRELOAD", library).env(FAIL_META, folder.path("fail")).env("GUANXI_MEMTABLE_MIB", "1");
    let mut service = Service::start(command);
    File::create(folder.path("fail")).unwrap();
    // This write starts the checkpoint. It may be answered before or after the failure.
    health(&service);
    assert_eq!(service.child.wait().unwrap().code(), STORE_FAILED);
    assert!(!Path::new(&folder.path("fail")).exists(), "the write of the meta page has failed");
    let service = Service::start(serve(&data));
    assert_eq!(stdout(&health(&service)), "ready\n");
}

#[test]
fn truncated_data_file_ends_serve() {
    let folder = TestDir::new();
    let mut service = Service::start(serve(&folder.path("data")));
    File::options().write(true).open(folder.path("data/data.mdb")).unwrap().set_len(0).unwrap();
    health(&service);
    assert_eq!(service.child.wait().unwrap().code(), STORE_FAILED);
}

#[test]
fn stop_without_a_checkpoint_has_an_exit_code() {
    let folder = TestDir::new();
    let library = preload::compile(folder.0.path());
    let (data, full) = (folder.path("data"), folder.path("full"));
    for is_full in [true, false] {
        let mut command = serve(&data);
        command.env("LD_PRELOAD", &library).env(FAIL_DATA, &full);
        let mut service = Service::start(command);
        assert_eq!(stdout(&health(&service)), "ready\n");
        if is_full {
            File::create(&full).unwrap();
        }
        service.terminate();
        let code = service.child.wait().unwrap().code();
        assert_eq!(code, if is_full { STOPPED_UNFINISHED } else { Some(0) });
        let _ = fs::remove_file(&full);
    }
}

#[test]
fn health_names_the_reason() {
    let folder = TestDir::new();
    let data = folder.path("data");
    drop(EmbeddedStore::open(Path::new(&data), Options::default()).unwrap());
    // The WAL has room for 2 KiB.
    let serve = "ulimit -f 4; exec \"$0\" serve --listen 127.0.0.1:0 --data-dir \"$1\"";
    let mut command = Command::new("sh");
    command.args(["-c", serve, env!("CARGO_BIN_EXE_guanxi"), &data]);
    let service = Service::start(command);
    assert_exit(&health(&service), 1, "503 Service Unavailable: not ready: the disk rejects writes: ");
}
