//! Transactions, locks, id sequences, the import progress, and the connections of other processes.

/// Begins a read-only transaction on one snapshot.
pub(crate) const BEGIN_SNAPSHOT: &str = "begin isolation level repeatable read read only";
/// Begins a transaction that may run long.
pub(crate) const BEGIN_EXCLUSIVE: &str = "begin; set local statement_timeout = 0";
/// Begins a transaction that may run long on distributed tables. It accesses one node after another, since it may
/// write reference tables.
pub(crate) const BEGIN_EXCLUSIVE_CITUS: &str = "begin; set local statement_timeout = 0; \
     set local citus.multi_shard_modify_mode to 'sequential'";
pub(crate) const COMMIT: &str = "commit";
pub(crate) const ROLLBACK: &str = "rollback";
/// Lifts the time limits of a transaction that reads everything.
pub(crate) const DISABLE_TIMEOUTS: &str =
    "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0";

/// Takes an advisory lock until the end of the transaction.
pub(crate) const ADVISORY_LOCK: &str = "select true from pg_advisory_xact_lock($1)";

/// Returns the next id of a sequence and locks it until the end of the transaction.
pub(crate) const LOCK_NEXT_ID: &str = "select value from next_id where name = $1 for update";
pub(crate) const NEXT_ID: &str = "select value from next_id where name = $1";
pub(crate) const RAISE_NEXT_ID: &str = "update next_id set value = greatest(value, $2) where name = $1";
/// Writes a row that nothing reads, to prove that commits are durable.
pub(crate) const PROBE_WRITE: &str = "insert into next_id (name, value) values ('probe', 0) \
     on conflict (name) do update set value = next_id.value";

pub(crate) const IMPORT_PROGRESS: &str = "select rows, digest from import_progress";
pub(crate) const UPSERT_IMPORT_PROGRESS: &str = "insert into import_progress (id, rows, digest) values (0, $1, $2) \
     on conflict (id) do update set rows = excluded.rows, digest = excluded.digest";
pub(crate) const DELETE_IMPORT_PROGRESS: &str = "delete from import_progress";

/// Registers a connection to this schema: holds a shared advisory lock for as long as the connection lasts.
pub(crate) const REGISTER_CONNECTION: &str =
    "select pg_advisory_lock_shared(1735745902, hashtext(current_schema()))";
/// Counts the registered connections, those of other processes included.
pub(crate) const COUNT_CONNECTIONS: &str = "select count(*) from pg_locks where locktype = 'advisory' \
     and objsubid = 2 and classid = 1735745902 and objid = hashtext(current_schema())::oid \
     and database = (select oid from pg_database where datname = current_database())";
