use super::*;
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn wal_reader_and_map_resize_do_not_deadlock() {
    let dir = tempfile::tempdir().unwrap();
    let (env, _wal) = LmdbEnv::open(dir.path(), RealDisk::shared(dir.path()), 0).unwrap();
    let env = Arc::new(env);
    let (done, finished) = mpsc::channel();
    for resizes in [false, true] {
        let (env, done) = (Arc::clone(&env), done.clone());
        std::thread::spawn(move || {
            for _ in 0..2000 {
                if resizes {
                    env.resize(|size| size).unwrap();
                } else {
                    env.with_tree_and_wal(|_, _| Ok(())).unwrap();
                }
            }
            done.send(()).unwrap();
        });
    }
    for _ in 0..2 {
        finished.recv_timeout(Duration::from_mins(1)).expect("a thread waits forever");
    }
}

#[test]
fn idle_transaction_serves_readers_of_its_tree_only() {
    let dir = tempfile::tempdir().unwrap();
    let (env, _wal) = LmdbEnv::open(dir.path(), RealDisk::shared(dir.path()), 0).unwrap();
    let read = || env.with_snapshot(|snapshot| Ok(snapshot.txn.id())).unwrap();
    let idle = || env.mem_state().unwrap().idle_txns.len();
    let first = read();
    assert_eq!((read(), idle()), (first, 1));
    assert_eq!((env.with_snapshot(|_| Ok(read())).unwrap(), idle()), (first, 2));
    env.publish(Memtable::default());
    assert_eq!((read(), idle()), (first, 2), "a commit changes no tree");
    env.resize(|size| size * 2).unwrap();
    assert_eq!(idle(), 0);
    read();
    env.apply_checkpoint(&env.switch_memtable(), WalPosition::default()).unwrap();
    assert_eq!(idle(), 0);
    assert_eq!((read(), idle()), (first + 1, 1));
}
