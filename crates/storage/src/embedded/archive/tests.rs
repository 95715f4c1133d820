use super::base_copy;
use super::layout::Archive;
use super::*;
use crate::embedded::disk::RealDisk;
use crate::embedded::encoding::Table;
use crate::embedded::env::LmdbEnv;
use crate::encryption::fill_random;
use object_store::memory::InMemory;
use std::path::Path;
use std::sync::Arc;

/// Opens an environment whose tree has so many MiB that cannot be compressed.
fn env_of(dir: &Path, mib: u64) -> Arc<LmdbEnv> {
    let open = || LmdbEnv::open(dir, RealDisk::shared(dir), 64 << 20).unwrap().0;
    let env = open();
    let (mut txn, tables) = env.begin_write().unwrap();
    for key in 0..mib * 64 {
        let mut value = vec![0; 1 << 14];
        fill_random(&mut value);
        tables.put(&mut txn, Table::Meta, &key.to_be_bytes(), &value).unwrap();
    }
    env.commit(txn).unwrap();
    drop(env);
    Arc::new(open())
}

#[tokio::test]
async fn resize_interrupts_a_base_copy() {
    let dir = tempfile::tempdir().unwrap();
    let env = env_of(dir.path(), 12);
    let archive = Archive::new(Arc::new(InMemory::new()), "", None);
    let copy = base_copy::copy(&archive, &env, 1);
    let mut copy = std::pin::pin!(copy);
    // The first poll starts the copy. Its threads wait for this task, which polls no more.
    assert!(futures_util::poll!(&mut copy).is_pending());
    let (mut requests, resized) = (env.resize_requests(), Arc::clone(&env));
    let resize = tokio::task::spawn_blocking(move || resized.resize(|size| size));
    requests.changed().await.unwrap();
    assert!(matches!(copy.await, Err(ArchiveError::Interrupted)));
    resize.await.unwrap().unwrap();
    let copied = base_copy::copy(&archive, &env, 1).await.unwrap();
    assert!(copied.stored_bytes > 12 << 20, "{copied:?}");
}

#[tokio::test]
async fn dropped_base_copy_ends_its_threads() {
    let dir = tempfile::tempdir().unwrap();
    let env = env_of(dir.path(), 12);
    let archive = Archive::new(Arc::new(InMemory::new()), "", None);
    let mut copy = Box::pin(base_copy::copy(&archive, &env, 1));
    assert!(futures_util::poll!(&mut copy).is_pending());
    drop(copy);
    assert_eq!(Arc::strong_count(&env), 1);
}
