//! The schema: its migrations, its version, and its distribution by Citus.

use super::config::DatabaseConfig;
use super::connector::Connector;
use super::error::root_cause;
use super::pooler;
use crate::error::OpenError;
use crate::model::Table;
use refinery_core::{Migration, Runner};
use std::time::Duration;
use tokio_postgres::Client;

/// The migrations, in order: the name of a file of `migrations`, and its text.
const MIGRATIONS: [(&str, &str); 1] =
    [("V1__initial_schema", include_str!("../../migrations/V1__initial_schema.sql"))];

/// The time limit of connecting for a migration.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The advisory lock of a migration.
const MIGRATION_LOCK: i64 = 0x6775_616e_7869;

/// The result of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The version before the migration, or 0 for an empty database.
    pub from: i32,
    /// The version after the migration.
    pub to: i32,
    /// The tables that Citus newly distributes. `None` if that was not requested, or Citus is not installed.
    pub distributed: Option<Vec<String>>,
}

#[expect(clippy::expect_used, reason = "the names are constants, and a test parses them")]
fn runner() -> Runner {
    let migrations =
        MIGRATIONS.map(|(name, sql)| Migration::unapplied(name, sql).expect("the name is valid"));
    Runner::new(&migrations)
}

/// Returns the schema version that this program requires.
pub fn required_version() -> i32 {
    runner().get_migrations().iter().map(Migration::version).max().unwrap_or(0)
}

fn open_error(error: tokio_postgres::Error) -> OpenError {
    OpenError::Database(crate::StorageError::from(error).into())
}

/// Returns the schema version of a database, or 0 if it has no schema.
pub(super) async fn version(client: &Client) -> Result<i32, OpenError> {
    let exists = client.query_one("select to_regclass('refinery_schema_history') is not null", &[]).await;
    if !exists.map_err(open_error)?.get::<_, bool>(0) {
        return Ok(0);
    }
    let last = client.query_one("select coalesce(max(version), 0) from refinery_schema_history", &[]).await;
    Ok(last.map_err(open_error)?.get(0))
}

/// Returns an error unless the schema version is the required one.
pub(super) fn check_version(found: i32) -> Result<(), OpenError> {
    let known = required_version();
    match found {
        0 => Err(OpenError::NotMigrated),
        _ if found < known => Err(OpenError::SchemaOutdated { found, known }),
        _ if found > known => Err(OpenError::SchemaTooNew { found, known }),
        _ => Ok(()),
    }
}

/// Migrates a database to the required version. With `citus`, distributes the tables too, if Citus is installed.
///
/// Concurrent migrations wait for each other.
pub async fn migrate(config: &DatabaseConfig, citus: bool) -> Result<Migrated, OpenError> {
    let connector = Connector::new(config.clone(), CONNECT_TIMEOUT, String::new())?;
    let connected = connector.connect().await;
    let (mut client, connection) = connected.map_err(|error| OpenError::Database(error.into()))?;
    pooler::check(&connector, &client).await?;
    let result = migrate_with(&mut client, citus).await;
    drop(client);
    // The task ends with its client.
    let _ = connection.await;
    result
}

async fn migrate_with(client: &mut Client, citus: bool) -> Result<Migrated, OpenError> {
    client.execute("select pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await.map_err(open_error)?;
    let (from, known) = (version(client).await?, required_version());
    if from > known {
        return Err(OpenError::SchemaTooNew { found: from, known });
    }
    let result = runner().run_async(client).await;
    result.map_err(|error| {
        OpenError::Database(MigrationError { text: root_cause(&error), source: error }.into())
    })?;
    let distributed = if citus && has_citus(client).await? { Some(distribute(client).await?) } else { None };
    Ok(Migrated { from, to: version(client).await?, distributed })
}

/// A failed migration, with the text of its root cause.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct MigrationError {
    text: String,
    source: refinery_core::Error,
}

/// Returns true if Citus distributes the tables.
pub(super) async fn is_distributed(client: &Client) -> Result<bool, OpenError> {
    Ok(has_citus(client).await? && !distributed_tables(client).await?.is_empty())
}

async fn has_citus(client: &Client) -> Result<bool, OpenError> {
    let extension = client.query_opt("select 1 from pg_extension where extname = 'citus'", &[]).await;
    Ok(extension.map_err(open_error)?.is_some())
}

async fn distributed_tables(client: &Client) -> Result<Vec<String>, OpenError> {
    let text = "select c.relname::text from pg_dist_partition p join pg_class c on c.oid = p.logicalrelid \
                where c.relnamespace = (select relnamespace from pg_class where oid = to_regclass('counters'))";
    let rows = client.query(text, &[]).await.map_err(open_error)?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Returns `citus.shard_count` if it is set. Otherwise there are few shards on a node, as a transaction of many members
/// has statements for each shard.
const SHARD_COUNT: &str = "select case when source = 'default' then greatest(8, 4 * (select count(*) \
     from pg_dist_node where noderole = 'primary' and shouldhaveshards))::integer else setting::integer end \
     from pg_settings where name = 'citus.shard_count'";

/// Distributes the tables that are not distributed yet. Returns their names.
async fn distribute(client: &Client) -> Result<Vec<String>, OpenError> {
    let done = distributed_tables(client).await?;
    let shards: i32 = client.query_one(SHARD_COUNT, &[]).await.map_err(open_error)?.get(0);
    let mut added = Vec::new();
    for (table, distribution) in distribution() {
        if done.iter().any(|done| done == table) {
            continue;
        }
        let text = match distribution {
            Distribution::Reference => format!("select create_reference_table('{table}')"),
            Distribution::Column { column, colocate_with } => {
                let with = match colocate_with {
                    Some(other) => format!("colocate_with => '{other}'"),
                    None => format!("colocate_with => 'none', shard_count => {shards}"),
                };
                format!("select create_distributed_table('{table}', '{column}', {with})")
            }
        };
        client.batch_execute(&text).await.map_err(open_error)?;
        added.push(table.to_owned());
    }
    Ok(added)
}

/// The distribution of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Distribution {
    /// A reference table: every node has all rows.
    Reference,
    /// A table distributed by a column, colocated with another table.
    Column { column: &'static str, colocate_with: Option<&'static str> },
}

/// Returns the tables that Citus distributes. All other tables stay on the coordinator.
///
/// Tables of members are colocated by `mid`. Tables of hashes are colocated by `hash`. Cards are on every node,
/// since every list shows them.
pub(super) fn distribution() -> Vec<(&'static str, Distribution)> {
    let by = |column, colocate_with| Distribution::Column { column, colocate_with };
    let of_members = |table| (table, by("mid", Some("counters")));
    let mut tables = vec![("counters", by("mid", None))];
    tables.extend(
        ["relation", "follower_index", "group_member", "coin", "login", "member_session", "name_index"]
            .map(of_members),
    );
    for schema in Table::ALL.iter().map(|table| table.schema()) {
        let name = schema.table.name();
        match schema.key[0] {
            _ if schema.table == Table::Card => tables.push((name, Distribution::Reference)),
            "mid" => tables.push(of_members(name)),
            "hash" if schema.table == Table::Session => tables.push((name, by("hash", None))),
            "hash" if schema.table != Table::OperatorToken => {
                tables.push((name, by("hash", Some("session"))));
            }
            _ => (),
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_file_is_embedded() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut files: Vec<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let embedded = MIGRATIONS.map(|(name, _)| format!("{name}.sql"));
        assert_eq!(files, embedded);
        assert_eq!(runner().get_migrations().len(), MIGRATIONS.len());
    }

    #[test]
    fn version_check_accepts_the_required_version_only() {
        let required = required_version();
        assert!(check_version(required).is_ok());
        assert!(matches!(check_version(0), Err(OpenError::NotMigrated)));
        let newer = check_version(required + 1);
        assert!(matches!(newer, Err(OpenError::SchemaTooNew { found, known }) if found == known + 1));
        let older = check_version(-1);
        assert!(matches!(older, Err(OpenError::SchemaOutdated { found: -1, .. })));
    }
}
