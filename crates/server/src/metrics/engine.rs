//! Metrics of the storage engine, read at each scrape.

use super::PREFIX;
use guanxi_storage::batch_sizes::BatchSizeHistogram;
use guanxi_storage::embedded::archive::ArchiveMetrics;
use guanxi_storage::postgres::RetryCause;
use guanxi_storage::{Engine, embedded, postgres};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use std::fmt;
use std::time::Duration;

/// Metrics that exist with PostgreSQL only, without the prefix `guanxi_`.
pub const DATABASE_METRICS: [&str; 7] = [
    "db_pool_connections",
    "db_pool_rejected_total",
    "db_pool_wait_seconds_total",
    "db_pool_waiting",
    "db_pool_waits_total",
    "transaction_retries_total",
    "writes_failed_total",
];

/// Reads the metrics of the engine at each scrape.
#[derive(Debug)]
pub(super) struct EngineCollector(pub(super) Engine);

impl Collector for EngineCollector {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        match &self.0 {
            Engine::Embedded(store) => {
                let data_file_bytes = store.disk_size().unwrap_or(0);
                encode_embedded(store.metrics(), data_file_bytes, &mut Encoder(encoder))
            }
            Engine::Postgres(store) => encode_postgres(store.metrics(), &mut Encoder(encoder)),
        }
    }
}

fn encode_embedded(
    metrics: embedded::EngineMetrics,
    data_file_bytes: u64,
    encoder: &mut Encoder<'_>,
) -> fmt::Result {
    encode_transactions(metrics.batch_sizes, metrics.commands, encoder)?;
    encoder.counter("commits_failed", "Failed commits", metrics.failed_commits)?;
    encoder.counter("write_queue_rejected", "Writes rejected by a full commit queue", metrics.shed)?;
    encoder.counter("writes_abandoned", "Writes skipped after a client disconnect", metrics.abandoned)?;
    encoder.gauge("write_queue_length", "Writes that wait for a commit", metrics.queued as u64)?;
    encoder.gauge("data_file_bytes", "Size of the data file", data_file_bytes)?;
    match metrics.archive {
        Some(archive) => encode_archive(&archive, encoder),
        None => Ok(()),
    }
}

fn encode_archive(archive: &ArchiveMetrics, encoder: &mut Encoder<'_>) -> fmt::Result {
    let lag = Duration::from_millis(archive.lag_ms).as_secs_f64();
    encoder.seconds("archive_lag", "Age of the newest state in the archive, 0 if it has all writes", lag)?;
    encoder.gauge("archive_last_lsn", "LSN of the last archived record of the WAL", archive.last_lsn)?;
    encoder.gauge("archive_wal_lsn", "LSN of the last record of the WAL", archive.wal_lsn)?;
    encoder.counter("archive_errors", "Failed attempts to archive", archive.errors)?;
    let last_base = Duration::from_millis(archive.last_base_ms).as_secs_f64();
    let help = "Unix time of the last base copy in the archive, 0 before the first";
    encoder.seconds("archive_last_base_timestamp", help, last_base)
}

fn encode_postgres(metrics: postgres::EngineMetrics, encoder: &mut Encoder<'_>) -> fmt::Result {
    encode_transactions(metrics.transactions, metrics.completed, encoder)?;
    encoder.counter("writes_failed", "Writes that failed with a storage error", metrics.failed)?;
    encoder.encode("transaction_retries", "Retries of transactions by cause", &Retries(metrics.retries))?;
    encoder.counter("db_pool_rejected", "Requests rejected by a full queue of the pool", metrics.shed)?;
    encoder.counter("db_pool_waits", "Requests that waited for a connection", metrics.pool_waits)?;
    let wait_time = ConstCounter::new(metrics.pool_wait_time.as_secs_f64());
    let help = "Time that requests waited for a connection";
    wait_time.encode(encoder.0.encode_descriptor(
        "db_pool_wait",
        help,
        Some(&Unit::Seconds),
        wait_time.metric_type(),
    )?)?;
    encoder.gauge("db_pool_connections", "Open database connections", metrics.open_connections as u64)?;
    encoder.gauge("db_pool_waiting", "Requests that wait for a connection", metrics.waiting_requests as u64)
}

/// Encodes the metrics of durable transactions, of either engine.
fn encode_transactions(
    batch_sizes: BatchSizeHistogram,
    completed: u64,
    encoder: &mut Encoder<'_>,
) -> fmt::Result {
    encoder.counter("commits", "Durable commits", batch_sizes.count())?;
    encoder.counter("writes", "Completed writes, rejections included", completed)?;
    encoder.encode("commit_batch_size", "Number of writes in a commit", &BatchSizes(batch_sizes))
}

/// An encoder of metrics with their descriptions.
struct Encoder<'e>(DescriptorEncoder<'e>);

impl Encoder<'_> {
    fn encode(&mut self, name: &str, help: &str, metric: &impl EncodeMetric) -> fmt::Result {
        metric.encode(self.0.encode_descriptor(name, help, None, metric.metric_type())?)
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.encode(name, help, &ConstCounter::new(value))
    }

    fn seconds(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        let gauge = ConstGauge::new(value);
        let encoder = self.0.encode_descriptor(name, help, Some(&Unit::Seconds), gauge.metric_type())?;
        gauge.encode(encoder)
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.encode(name, help, &ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}

/// The numbers of retries, in the order of [`RetryCause::ALL`].
struct Retries([u64; RetryCause::ALL.len()]);

impl EncodeMetric for Retries {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        for (cause, count) in RetryCause::ALL.into_iter().zip(self.0) {
            let cause = match cause {
                RetryCause::Conflict => "conflict",
                RetryCause::ConnectionLost => "connection_lost",
                RetryCause::BatchFailed => "batch_failed",
            };
            ConstCounter::new(count).encode(encoder.encode_family(&[("cause", cause)])?)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Counter
    }
}

/// A histogram of batch sizes.
struct BatchSizes(BatchSizeHistogram);

impl EncodeMetric for BatchSizes {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let sum: u64 = self.0.sum;
        let count = self.0.count();
        #[expect(
            clippy::cast_precision_loss,
            reason = "values below 2^53 are exact, and the last bound is infinite"
        )]
        let to_f64 = |value: u64| if value == u64::MAX { f64::INFINITY } else { value as f64 };
        let buckets: Vec<(f64, u64)> =
            self.0.buckets.iter().map(|(bound, count)| (to_f64(*bound), *count)).collect();
        encoder.encode_histogram::<NoLabelSet>(to_f64(sum), count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

/// Returns a registry with the metrics of an engine.
pub(super) fn collector_registry(collector: SampleCollector) -> Registry {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(collector));
    registry
}

/// A collector of sample values of an engine.
#[derive(Debug)]
pub(super) enum SampleCollector {
    Embedded,
    Postgres,
}

impl Collector for SampleCollector {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let encoder = &mut Encoder(encoder);
        match self {
            SampleCollector::Embedded => {
                let buckets = vec![(1, 1), (u64::MAX, 1)];
                let batch_sizes = BatchSizeHistogram { sum: 3, buckets };
                let archive = Some(ArchiveMetrics::default());
                let metrics = embedded::EngineMetrics { batch_sizes, archive, ..Default::default() };
                encode_embedded(metrics, 4_096, encoder)
            }
            SampleCollector::Postgres => encode_postgres(postgres::EngineMetrics::default(), encoder),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode_sample(collector: SampleCollector) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &collector_registry(collector)).unwrap();
        text
    }

    fn sample_names(collector: SampleCollector) -> Vec<String> {
        let text = encode_sample(collector);
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples.filter_map(|line| Some(line.split(['{', ' ']).next()?.to_owned())).collect()
    }

    #[test]
    fn last_bucket_of_batch_sizes_is_infinite() {
        let text = encode_sample(SampleCollector::Embedded);
        let buckets: Vec<&str> = text.lines().filter(|line| line.contains("bucket")).collect();
        let name = "guanxi_commit_batch_size_bucket";
        assert_eq!(buckets, [format!("{name}{{le=\"1.0\"}} 1"), format!("{name}{{le=\"+Inf\"}} 2")]);
    }

    #[test]
    fn database_metrics_are_those_of_postgres_only() {
        let embedded = sample_names(SampleCollector::Embedded);
        let mut names = sample_names(SampleCollector::Postgres);
        names.retain(|name| !embedded.contains(name));
        names.sort_unstable();
        // A family has a sample for each value of its labels.
        names.dedup();
        assert_eq!(names, DATABASE_METRICS.map(|name| format!("guanxi_{name}")));
    }
}
