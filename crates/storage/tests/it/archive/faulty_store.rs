//! A store of objects that fails, hangs and loses answers at random, from a seed.

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU64, AtomicUsize};

/// Random numbers from a seed, by the method splitmix64.
#[derive(Debug)]
pub(super) struct Random(AtomicU64);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(AtomicU64::new(seed))
    }

    /// Returns a number below `bound`.
    pub(super) fn below(&self, bound: u64) -> u64 {
        let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// The fate of an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The operation is not done.
    Fails,
    /// The operation is done, and its answer is lost.
    LosesAnswer,
    /// The operation is done or not, and never answered.
    Hangs {
        is_done: bool,
    },
}

/// A store in memory whose operations fail with a given percentage.
#[derive(Clone, Debug)]
pub(super) struct FaultyStore {
    inner: Arc<InMemory>,
    random: Arc<Random>,
    percentage: Arc<AtomicU64>,
    pub(super) faults: Arc<AtomicUsize>,
}

impl FaultyStore {
    pub(super) fn new(inner: Arc<InMemory>, seed: u64) -> FaultyStore {
        let (random, percentage) = (Arc::new(Random::new(seed)), Arc::default());
        FaultyStore { inner, random, percentage, faults: Arc::default() }
    }

    pub(super) fn set_percentage(&self, percentage: u64) {
        self.percentage.store(percentage, Relaxed);
    }

    fn next_fault(&self) -> Fault {
        if self.random.below(100) >= self.percentage.load(Relaxed) {
            return Fault::None;
        }
        self.faults.fetch_add(1, Relaxed);
        match self.random.below(8) {
            0..=2 => Fault::Fails,
            3..=5 => Fault::LosesAnswer,
            6 => Fault::Hangs { is_done: false },
            _ => Fault::Hangs { is_done: true },
        }
    }

    async fn with_faults<T>(&self, operation: impl Future<Output = Result<T>>) -> Result<T> {
        let fault = self.next_fault();
        let is_done = matches!(fault, Fault::None | Fault::LosesAnswer | Fault::Hangs { is_done: true });
        let result = if is_done { Some(operation.await) } else { None };
        match (fault, result) {
            (Fault::None, Some(result)) => result,
            (Fault::Hangs { .. }, _) => std::future::pending().await,
            _ => Err(broken()),
        }
    }
}

fn broken() -> Error {
    Error::Generic { store: "faulty", source: "the line broke".into() }
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("faulty store")
    }
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.with_faults(self.inner.put_opts(location, payload, options)).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let upload = self.with_faults(self.inner.put_multipart_opts(location, options)).await?;
        Ok(Box::new(FaultyUpload { upload, store: self.clone() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.with_faults(self.inner.get_opts(location, options)).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        if self.next_fault() != Fault::None {
            return Box::pin(futures_util::stream::once(async { Err(broken()) }));
        }
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.with_faults(self.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

#[derive(Debug)]
struct FaultyUpload {
    upload: Box<dyn MultipartUpload>,
    store: FaultyStore,
}

#[async_trait]
impl MultipartUpload for FaultyUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        if self.store.next_fault() != Fault::None {
            return Box::pin(async { Err(broken()) });
        }
        self.upload.put_part(data)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.store.with_faults(self.upload.complete()).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.abort().await
    }
}
