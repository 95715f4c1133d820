//! Transactions, locks, id sequences, the import progress, and the connections of other processes.

use std::time::Duration;

/// Begins a read-only transaction on one snapshot.
pub(crate) const BEGIN_SNAPSHOT: &str = "begin isolation level repeatable read read only";
/// Begins a transaction that may run long.
pub(crate) const BEGIN_EXCLUSIVE: &str = "begin; set local statement_timeout = 0";
/// Begins a transaction that may run long on distributed tables. It accesses one node after another, since it may
/// write reference tables.
pub(crate) const BEGIN_EXCLUSIVE_CITUS: &str = "begin; set local statement_timeout = 0; \
     set local citus.multi_shard_modify_mode to 'sequential'";
/// Begins a transaction of several commands. A row that another program locks for long ends it, and each command
/// then runs alone.
pub(crate) const BEGIN_SHARED: &str = "begin; set local lock_timeout = '1s'";
/// Begins a transaction of several commands on distributed tables, with one connection to each node. The limit holds
/// on all nodes.
pub(crate) const BEGIN_SHARED_CITUS: &str = "begin; set local citus.multi_shard_modify_mode to 'sequential'; \
     set local citus.propagate_set_commands to 'local'; set local lock_timeout = '1s'";
pub(crate) const COMMIT: &str = "commit";
pub(crate) const ROLLBACK: &str = "rollback";

/// Returns the statements that begin a transaction that reads everything. The server cancels a statement at the
/// time limit, and once the connection is closed. It detects that on most platforms.
pub(crate) fn begin_scan(limit: Duration) -> String {
    let millis = limit.as_millis();
    format!(
        "{BEGIN_SNAPSHOT}; set local statement_timeout = {millis}; \
         set local idle_in_transaction_session_timeout = {millis}; \
         do $$ begin set local client_connection_check_interval = '1s'; exception when others then null; end $$"
    )
}

/// Returns the process that serves this connection, and the time of its start.
pub(crate) const OWN_BACKEND: &str = "select pid, (extract(epoch from backend_start) * 1000000)::int8 \
     from pg_stat_activity where pid = pg_backend_pid()";
/// Cancels the statement of a process.
pub(crate) const CANCEL_BACKEND: &str = "select pg_cancel_backend(pid) from pg_stat_activity \
     where pid = $1 and (extract(epoch from backend_start) * 1000000)::int8 = $2";

/// Takes an advisory lock until the end of the transaction.
pub(crate) const ADVISORY_LOCK: &str = "select true from pg_advisory_xact_lock($1)";

/// Returns the next id of each sequence and locks them until the end of the transaction, in one order.
pub(crate) const LOCK_NEXT_IDS: &str = "select name, value from next_id where name in ('audit', 'mid', 'tagid') \
     order by name for update";
pub(crate) const NEXT_ID: &str = "select value from next_id where name = $1";
pub(crate) const RAISE_NEXT_ID: &str = "update next_id set value = $2 where name = $1 and value < $2";
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
