//! The objects of an archive.
//!
//! | name | content |
//! |---|---|
//! | `store` | the id of the store, written first |
//! | `T/start` | the beginning of timeline T, written before its other objects |
//! | `T/wal/G/L` | a [span](super::span) whose first record has LSN L. G is L divided by 100,000 |
//! | `T/data/L-R` | the rows of the LMDB tree after LSN L. R is a random number |
//! | `T/base/L` | a base copy: the name of its data, which are complete, and what they hold |
//!
//! All are [sealed](super::sealed). Numbers have leading zeros, so names are in numerical order.

use super::sealed::{self, Opener};
use super::{ArchiveError, now_ms, span};
use crate::embedded::wal::{Record, StoreId};
use crate::encryption::{Keyring, fill_random};
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// The format of the objects.
const FORMAT: u32 = 1;

/// The number of LSNs whose spans have a common folder.
const LSNS_PER_GROUP: u64 = 100_000;

/// The time in which the store must finish an operation.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(30);

/// An archive: a store of objects, and the keys that encrypt them.
#[derive(Clone, Debug)]
pub struct Archive {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    pub(super) keys: Option<Keyring>,
    operation_timeout: Duration,
}

#[derive(Serialize, Deserialize)]
struct StoreObject {
    format: u32,
    /// The id of the store, in hexadecimal digits.
    store: String,
}

/// The beginning of a timeline.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Start {
    time_ms: u64,
    /// The LSN after which it begins.
    lsn: u64,
}

/// A base copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BaseCopy {
    /// The LSN of the last record in the data.
    pub(super) lsn: u64,
    /// A time after that record.
    pub(super) time_ms: u64,
    /// The name of the data.
    pub(super) data: String,
    /// The size of the data as an object.
    pub(super) stored_bytes: u64,
}

/// A listed span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SpanName {
    pub(super) first_lsn: u64,
    pub(super) stored_bytes: u64,
}

impl Archive {
    /// Returns the archive of a store.
    pub fn new(store: Arc<dyn ObjectStore>, prefix: &str, keys: Option<Keyring>) -> Archive {
        Archive { store, prefix: prefix.to_owned(), keys, operation_timeout: OPERATION_TIMEOUT }
    }

    /// Returns the archive with another time limit of operations.
    #[must_use]
    pub fn with_operation_timeout(self, operation_timeout: Duration) -> Archive {
        Archive { operation_timeout, ..self }
    }

    /// Claims an empty archive for a store. Fails if another store has it, or if it has other keys.
    pub(super) async fn claim(&self, store: StoreId) -> Result<(), ArchiveError> {
        let store = format!("{:032x}", u128::from_be_bytes(store.0));
        let object = StoreObject { format: FORMAT, store: store.clone() };
        // A new object is created twice: the second attempt must fail, or spans could be replaced.
        for _ in 0..2 {
            if !self.create("store", &to_json(&object)?).await? {
                return match self.store_id().await? {
                    found if found == store => Ok(()),
                    _ => Err(ArchiveError::Refused(
                        "the archive belongs to another community: name an empty folder or prefix".to_owned(),
                    )),
                };
            }
        }
        let reason = "the archive's store replaces objects that exist already: it needs conditional writes \
                      (If-None-Match)";
        Err(ArchiveError::Refused(reason.to_owned()))
    }

    /// Returns the id of the store that claimed the archive. Fails if the archive has other keys.
    pub(super) async fn store_id(&self) -> Result<String, ArchiveError> {
        let object: Result<StoreObject, ArchiveError> = self.get_json("store").await;
        match object {
            Ok(object) if object.format == FORMAT => Ok(object.store),
            Ok(object) => Err(ArchiveError::Refused(format!(
                "the archive has format {}, but this program supports up to {FORMAT}: use a newer guanxi",
                object.format
            ))),
            // Every other object would fail alike.
            Err(ArchiveError::Damaged(..)) if self.keys.is_some() => Err(ArchiveError::WrongKey),
            Err(ArchiveError::Store(object_store::Error::NotFound { .. })) => {
                Err(ArchiveError::Refused("there is no archive: it has no object named `store`".to_owned()))
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the numbers of all timelines, in order.
    pub(super) async fn timelines(&self) -> Result<Vec<u32>, ArchiveError> {
        let folders = self.folders("").await?;
        let mut timelines: Vec<u32> = folders.iter().filter_map(|name| name.parse().ok()).collect();
        timelines.sort_unstable();
        Ok(timelines)
    }

    /// Begins the timeline after the newest one. Returns its number.
    pub(super) async fn begin_timeline(&self, lsn: u64) -> Result<u32, ArchiveError> {
        let start = to_json(&Start { time_ms: now_ms(), lsn })?;
        let mut timeline = self.timelines().await?.last().map_or(1, |last| last + 1);
        while !self.create(&start_name(timeline), &start).await? {
            timeline += 1;
        }
        Ok(timeline)
    }

    /// Creates a span. Returns false if an object with its first LSN exists.
    pub(super) async fn create_span(&self, timeline: u32, records: &[Record]) -> Result<bool, ArchiveError> {
        let first_lsn = records.first().map_or(0, |record| record.lsn);
        self.create(&span_name(timeline, first_lsn), &span::encode(records)).await
    }

    /// Returns the records of a span.
    pub(super) async fn span(&self, timeline: u32, first_lsn: u64) -> Result<Vec<Record>, ArchiveError> {
        let name = span_name(timeline, first_lsn);
        let records = span::decode(&self.get(&name).await?);
        let has_name = |records: &Vec<Record>| records[0].lsn == first_lsn;
        records.filter(has_name).ok_or(ArchiveError::Damaged(name, "it has no valid records"))
    }

    /// Returns the spans that may hold records after an LSN, in order.
    pub(super) async fn spans_after(&self, timeline: u32, lsn: u64) -> Result<Vec<SpanName>, ArchiveError> {
        let mut groups = self.groups(timeline).await?;
        // The record after `lsn` may be in the last span of the group before its own.
        let own = (lsn + 1) / LSNS_PER_GROUP;
        let first = groups.partition_point(|group| *group < own).saturating_sub(1);
        let mut spans = Vec::new();
        for group in groups.drain(first..) {
            spans.extend(self.spans_of_group(timeline, group).await?);
        }
        let before = spans.partition_point(|span| span.first_lsn <= lsn + 1);
        Ok(spans.split_off(before.saturating_sub(1)))
    }

    /// Returns the spans whose records all are at or below an LSN.
    pub(super) async fn spans_before(&self, timeline: u32, lsn: u64) -> Result<Vec<SpanName>, ArchiveError> {
        let mut spans = Vec::new();
        for group in self.groups(timeline).await? {
            if group > (lsn + 1) / LSNS_PER_GROUP {
                break;
            }
            spans.extend(self.spans_of_group(timeline, group).await?);
        }
        // The last record of a span precedes the first one of the next span.
        let next_spans = spans.partition_point(|span| span.first_lsn <= lsn + 1);
        spans.truncate(next_spans.saturating_sub(1));
        Ok(spans)
    }

    /// Returns the last records of a timeline: those of its last span.
    pub(super) async fn last_span(&self, timeline: u32) -> Result<Option<Vec<Record>>, ArchiveError> {
        // A failed write may have left an empty folder.
        for group in self.groups(timeline).await?.into_iter().rev() {
            if let Some(last) = self.spans_of_group(timeline, group).await?.last() {
                return Ok(Some(self.span(timeline, last.first_lsn).await?));
            }
        }
        Ok(None)
    }

    async fn groups(&self, timeline: u32) -> Result<Vec<u64>, ArchiveError> {
        let folders = self.folders(&format!("{timeline:08}/wal")).await?;
        let mut groups: Vec<u64> = folders.iter().filter_map(|name| name.parse().ok()).collect();
        groups.sort_unstable();
        Ok(groups)
    }

    async fn spans_of_group(&self, timeline: u32, group: u64) -> Result<Vec<SpanName>, ArchiveError> {
        let objects = self.list(&format!("{timeline:08}/wal/{group:015}")).await?;
        let span = |object: &ObjectMeta| {
            let first_lsn = object.location.filename()?.parse().ok()?;
            Some(SpanName { first_lsn, stored_bytes: object.size })
        };
        let mut spans: Vec<SpanName> = objects.iter().filter_map(span).collect();
        spans.sort_unstable();
        Ok(spans)
    }

    /// Returns the complete base copies of a timeline, in order.
    pub(super) async fn bases(&self, timeline: u32) -> Result<Vec<BaseCopy>, ArchiveError> {
        let objects = self.list(&format!("{timeline:08}/base")).await?;
        let mut lsns: Vec<u64> =
            objects.iter().filter_map(|object| object.location.filename()?.parse().ok()).collect();
        lsns.sort_unstable();
        let mut bases = Vec::new();
        for lsn in lsns {
            match self.get_json(&base_name(timeline, lsn)).await {
                Ok(base) => bases.push(base),
                // It was pruned meanwhile.
                Err(ArchiveError::Store(object_store::Error::NotFound { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(bases)
    }

    /// Completes a base copy. An equal one may exist already.
    pub(super) async fn create_base(&self, timeline: u32, base: &BaseCopy) -> Result<(), ArchiveError> {
        self.create(&base_name(timeline, base.lsn), &to_json(base)?).await.map(drop)
    }

    /// Returns a new name for the data of a base copy.
    pub(super) fn new_data_name(timeline: u32, lsn: u64) -> String {
        let mut random = [0; 8];
        fill_random(&mut random);
        format!("{timeline:08}/data/{lsn:020}-{:016x}", u64::from_be_bytes(random))
    }

    /// Returns the names of all data of base copies in a timeline, complete or not.
    pub(super) async fn data_names(&self, timeline: u32) -> Result<Vec<String>, ArchiveError> {
        let objects = self.list(&format!("{timeline:08}/data")).await?;
        let name = |object: &ObjectMeta| Some(format!("{timeline:08}/data/{}", object.location.filename()?));
        Ok(objects.iter().filter_map(name).collect())
    }

    /// Begins an upload of several parts.
    pub(super) async fn upload(&self, name: &str) -> Result<Box<dyn MultipartUpload>, ArchiveError> {
        let location = self.path(name);
        self.limited("upload", self.store.put_multipart(&location)).await
    }

    /// Passes the content of an object to a function, chunk by chunk.
    pub(super) async fn download(
        &self,
        name: &str,
        mut write: impl FnMut(Vec<u8>) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let location = self.path(name);
        let mut stream = self.limited("read", self.store.get(&location)).await?.into_stream();
        let mut opener = Opener::new(self.keys.as_ref(), name);
        while let Some(bytes) = self.limited("read", stream.try_next()).await? {
            opener.push(&bytes);
            while let Some(chunk) = opener.next_chunk()? {
                write(chunk)?;
            }
        }
        opener.finish()
    }

    async fn get(&self, name: &str) -> Result<Vec<u8>, ArchiveError> {
        let location = self.path(name);
        let read = async { self.store.get(&location).await?.bytes().await };
        let object = self.limited("read", read).await?;
        sealed::open(self.keys.as_ref(), name, &object)
    }

    async fn get_json<T: DeserializeOwned>(&self, name: &str) -> Result<T, ArchiveError> {
        let content = self.get(name).await?;
        let damaged = |_| ArchiveError::Damaged(name.to_owned(), "its content is unknown");
        serde_json::from_slice(&content).map_err(damaged)
    }

    /// Creates an object. Returns false if it exists.
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, ArchiveError> {
        let sealed = sealed::seal(self.keys.as_ref(), name, content);
        let object = sealed.map_err(|error| ArchiveError::Io("an object of the archive", error))?;
        let location = self.path(name);
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let put = self.store.put_opts(&location, PutPayload::from(object), options);
        match self.limited("write", put).await {
            Ok(_) => Ok(true),
            Err(ArchiveError::Store(object_store::Error::AlreadyExists { .. })) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Deletes objects. Some may be gone already.
    pub(super) async fn delete(&self, names: Vec<String>) -> Result<(), ArchiveError> {
        let locations: Vec<_> = names.iter().map(|name| Ok(self.path(name))).collect();
        let mut deleted = self.store.delete_stream(stream::iter(locations).boxed());
        loop {
            match self.limited("delete", deleted.try_next()).await {
                Ok(None) => return Ok(()),
                Ok(Some(_)) | Err(ArchiveError::Store(object_store::Error::NotFound { .. })) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Lists the objects of a folder.
    async fn list(&self, folder: &str) -> Result<Vec<ObjectMeta>, ArchiveError> {
        let prefix = self.path(folder);
        let mut stream: BoxStream<'_, _> = self.store.list(Some(&prefix));
        let mut objects = Vec::new();
        while let Some(object) = self.limited("list", stream.try_next()).await? {
            objects.push(object);
        }
        Ok(objects)
    }

    /// Lists the folders in a folder.
    async fn folders(&self, folder: &str) -> Result<Vec<String>, ArchiveError> {
        let prefix = self.path(folder);
        let listed = self.limited("list", self.store.list_with_delimiter(Some(&prefix))).await?;
        let name = |path: &Path| path.filename().map(str::to_owned);
        Ok(listed.common_prefixes.iter().filter_map(name).collect())
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.prefix))
    }

    /// Limits the time of an operation.
    pub(super) async fn limited<T>(
        &self,
        operation: &'static str,
        future: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, ArchiveError> {
        let result = timeout(self.operation_timeout, future).await;
        result.map_err(|_| ArchiveError::TimedOut(operation))?.map_err(ArchiveError::Store)
    }
}

pub(super) fn start_name(timeline: u32) -> String {
    format!("{timeline:08}/start")
}

pub(super) fn base_name(timeline: u32, lsn: u64) -> String {
    format!("{timeline:08}/base/{lsn:020}")
}

pub(super) fn span_name(timeline: u32, first_lsn: u64) -> String {
    format!("{timeline:08}/wal/{:015}/{first_lsn:020}", first_lsn / LSNS_PER_GROUP)
}

fn to_json(object: &impl Serialize) -> Result<Vec<u8>, ArchiveError> {
    serde_json::to_vec(object).map_err(|error| ArchiveError::Io("an object of the archive", error.into()))
}
