//! Integration tests of the storage engines.
//!
//! | module | subject |
//! |---|---|
//! | `conformance` | the conformance suite: the same cases for every engine |
//! | `relation_model` | random commands, compared with a naive model |
//! | `data_damage` | damaged pages of the data file, and damaged meta pages |
//! | `data_dir` | the data directory: ownership, formats, backups, growth |
//! | `checkpoint_concurrency` | checkpoints during writes, reads and backups |
//! | `archive` | the continuous archive: restores, kills, faults of its store |
//! | `power_loss` | recovery of a checkpoint and a WAL that is cut anywhere |
//! | `disk_full` | failing writes of the WAL or of a checkpoint |
//! | `lmdb_failures` | failures of the disk below LMDB |
//! | `card_listener` | the report of changed cards |
//! | `limits` | the largest numbers |
//! | `bulk_load` | a store that is created from whole members |
//! | `concurrent_commands` | concurrent commands, the queue, durability of an answer |
//! | `shared_transactions` | commands that share a transaction of PostgreSQL |
//! | `row_reads` | concurrent reads of single rows, which share statements on PostgreSQL |
//! | `concurrent_writers` | concurrent writers of the same rows, over several stores on one database |
//! | `database_faults` | a database that is unavailable, slow, locked, or lost during a command |
//! | `failover` | failover to a standby under writes |
//! | `poolers` | PgBouncer before the database |
//! | `postgres_schema` | migrations and schema versions |
//! | `encryption_at_rest` | private data in the files of a data directory |
//! | `integrity_check` | the integrity check, on clean and on tampered stores |
//! | `community` | helpers: a store with members, relations and groups |
//! | `members` | helpers: accounts, sessions, operator commands |
//! | `fixtures` | helpers: dumps, and a sample community |
//! | `dump_state` | helpers: the whole state of a store, for comparison |
//! | `tempdir` | helpers: stores in temporary directories and schemas |
//! | `preload` | helpers: a library that makes system calls of a child process fail |
#![deny(unsafe_code)]

mod archive;
mod bulk_load;
mod card_listener;
mod checkpoint_concurrency;
mod community;
mod concurrent_commands;
mod concurrent_writers;
mod conformance;
mod data_damage;
mod data_dir;
mod database_faults;
#[cfg(unix)]
mod disk_full;
mod dump_state;
mod encryption_at_rest;
mod failover;
mod fixtures;
mod integrity_check;
mod limits;
#[cfg(target_os = "linux")]
mod lmdb_failures;
mod members;
mod poolers;
mod postgres_schema;
mod power_loss;
#[cfg(target_os = "linux")]
mod preload;
mod relation_model;
mod row_reads;
mod shared_transactions;
mod tempdir;
