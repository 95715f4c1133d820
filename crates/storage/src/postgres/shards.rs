//! The shards of distributed tables. Rows of one shard go in one statement, which Citus sends to one node.

use crate::error::OpenError;
use guanxi_types::Mid;
use tokio_postgres::Client;

/// The shards of the members' tables. None if Citus does not distribute them.
///
/// A later division of shards makes them outdated. A statement then finds rows of two shards and fails, and each
/// command runs alone.
#[derive(Debug, Default)]
pub(super) struct Shards {
    /// The least hash of each shard, in ascending order.
    first_hashes: Vec<i32>,
}

impl Shards {
    /// Reads the shards of a database with distributed tables.
    pub(super) async fn read(client: &Client) -> Result<Shards, OpenError> {
        let text = "select shardminvalue::integer from pg_dist_shard \
                    where logicalrelid = to_regclass('counters') order by shardminvalue::integer";
        let rows = client.query(text, &[]).await;
        let rows = rows.map_err(|error| OpenError::Database(crate::StorageError::from(error).into()))?;
        Ok(Shards { first_hashes: rows.iter().map(|row| row.get(0)).collect() })
    }

    /// Returns true if the tables are distributed.
    pub(super) fn are_distributed(&self) -> bool {
        !self.first_hashes.is_empty()
    }

    /// Returns the number of a member's shard.
    pub(super) fn of(&self, mid: Mid) -> usize {
        let hash = hash(mid.get().cast_signed());
        self.first_hashes.partition_point(|first| *first <= hash)
    }
}

fn lower_half(bits: u64) -> u32 {
    let [first, second, third, fourth, ..] = bits.to_le_bytes();
    u32::from_le_bytes([first, second, third, fourth])
}

/// Returns the hash of a number as PostgreSQL's `hashint8` does: the last mixing step of Jenkins' lookup3.
fn hash(number: i64) -> i32 {
    let bits = number.cast_unsigned();
    let (low, high) = (lower_half(bits), lower_half(bits >> 32));
    let start = 0x9e37_79b9_u32.wrapping_add(4).wrapping_add(3_923_095);
    let folded = low ^ if number >= 0 { high } else { !high };
    let mut words = [start.wrapping_add(folded), start, start];
    for (target, source, bits) in
        [(2, 1, 14), (0, 2, 11), (1, 0, 25), (2, 1, 16), (0, 2, 4), (1, 0, 14), (2, 1, 24)]
    {
        words[target] = (words[target] ^ words[source]).wrapping_sub(words[source].rotate_left(bits));
    }
    words[2].cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_test_postgres::Schema;

    #[tokio::test]
    async fn hash_equals_that_of_postgresql() {
        let Some(schema) = Schema::create().await else { return };
        let client = schema.client().await;
        let numbers = [0, 1, -1, 7, 1 << 31, 1 << 32, (1 << 53) - 1, i64::MAX, i64::MIN];
        for number in numbers.into_iter().chain((1..100).map(|number| number * 87_178_291_199)) {
            let row = client.query_one("select hashint8($1)", &[&number]).await.unwrap();
            assert_eq!(hash(number), row.get::<_, i32>(0), "{number}");
        }
    }

    #[test]
    fn members_are_divided_by_their_hashes() {
        let shards = Shards { first_hashes: vec![i32::MIN, -1_000_000_000, 0, 1_000_000_000] };
        let mut counts = [0; 5];
        for mid in (1..=1000).filter_map(Mid::new) {
            let shard = shards.of(mid);
            assert!(hash(mid.get().cast_signed()) >= shards.first_hashes[shard - 1]);
            counts[shard] += 1;
        }
        assert!(counts[0] == 0 && counts[1..].iter().all(|count| *count > 150), "{counts:?}");
        assert!(shards.are_distributed() && !Shards::default().are_distributed());
    }
}
