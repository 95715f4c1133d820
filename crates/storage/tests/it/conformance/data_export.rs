//! Archives of members' own data: one claim at a time, and encrypted chunks.

use crate::community::{Community, expect_read, mid};
use guanxi_storage::Store;
use guanxi_storage::commands::{AddExportChunk, ClaimExport, ExportClaim, FinishExport, RequestExport};
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::{DataExport, DataExportChunk, DataExportJob, Table};
use guanxi_types::ErrorCode;
use std::sync::Arc;

const NOW: i64 = 1_000;
const EXPIRES: i64 = 5_000;

fn claim(id: u64, until: i64) -> ExportClaim {
    ExportClaim { mid: mid(1), id, until }
}

impl<S: Store> Community<S> {
    async fn request_export(&self) -> Result<(), ErrorCode> {
        self.run(RequestExport { me: mid(1), now: NOW }).await
    }

    async fn add_chunk(&self, claim: ExportClaim, bytes: &[u8]) -> Result<(), ErrorCode> {
        let (bytes, cipher) = (bytes.to_vec(), Arc::clone(&self.cipher));
        self.run(AddExportChunk { claim, bytes, cipher }).await
    }

    async fn finish_export(&self, claim: ExportClaim) -> Result<(), ErrorCode> {
        self.run(FinishExport { claim, bytes: 9, expires: EXPIRES, now: NOW + 9 }).await
    }

    /// Returns the bytes of the stored chunks.
    async fn chunks(&self) -> Vec<Vec<u8>> {
        let chunks = expect_read(self.store.rows_of::<DataExportChunk>(mid(1), usize::MAX).await);
        let bytes = |chunk: &DataExportChunk| {
            let data = chunk.data.as_ref().expect("it has data");
            self.cipher.decrypt_bytes(SensitiveField::Export, mid(1), data).expect("it is encrypted here")
        };
        chunks.iter().map(bytes).collect()
    }

    async fn export(&self) -> Option<DataExport> {
        expect_read(self.store.get(mid(1)).await)
    }
}

pub(crate) async fn export_is_made_by_one_claim(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.request_export().await, Ok(()));
    assert_eq!(community.request_export().await, Err(ErrorCode::ExportInProgress));
    let due = expect_read(community.store.due_tasks(NOW, &[Table::DataExportJob]).await);
    assert_eq!(due.len(), 1);
    let first = claim(7, NOW + 60);
    assert_eq!(community.run(ClaimExport { claim: first, now: NOW }).await, Ok(true));
    assert_eq!(community.run(ClaimExport { claim: claim(8, NOW + 60), now: NOW + 59 }).await, Ok(false));
    assert_eq!(community.add_chunk(claim(7, NOW + 90), b"one").await, Ok(()));
    assert_eq!(community.run(ClaimExport { claim: claim(8, NOW + 99), now: NOW + 89 }).await, Ok(false));
    // The program of the first claim has ended. Another one starts again.
    let second = claim(8, NOW + 200);
    assert_eq!(community.run(ClaimExport { claim: second, now: NOW + 90 }).await, Ok(true));
    assert_eq!(community.add_chunk(first, b"two").await, Err(ErrorCode::ExportNotFound));
    assert_eq!(community.finish_export(first).await, Err(ErrorCode::ExportNotFound));
    for bytes in [b"three".as_slice(), b"\xff\0\xfe"] {
        assert_eq!(community.add_chunk(second, bytes).await, Ok(()));
    }
    assert_eq!(community.chunks().await, [b"three".as_slice(), b"\xff\0\xfe"]);
    assert_eq!(community.finish_export(second).await, Ok(()));
    let made = DataExport { mid: mid(1), finished: NOW + 9, expires: EXPIRES, chunks: 2, bytes: 9 };
    assert_eq!(community.export().await, Some(made));
    assert_eq!(expect_read(community.store.get::<DataExportJob>(mid(1)).await), None);
    assert_eq!(community.request_export().await, Ok(()), "a new one replaces it");
}

pub(crate) async fn expired_export_is_deleted(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let claim = claim(7, NOW + 60);
    assert_eq!(community.request_export().await, Ok(()));
    assert_eq!(community.run(ClaimExport { claim, now: NOW }).await, Ok(true));
    for number in 0..70_u8 {
        assert_eq!(community.add_chunk(claim, &[number]).await, Ok(()));
    }
    assert_eq!(community.finish_export(claim).await, Ok(()));
    while community.run_due_tasks(EXPIRES - 1).await > 0 {}
    assert_eq!(community.chunks().await.len(), 70);
    while community.run_due_tasks(EXPIRES).await > 0 {}
    assert_eq!((community.chunks().await.len(), community.export().await), (0, None));
}
