//! The schema: made and brought up to date by `guanxi migrate`, and looked at before anything else is.

use super::sql;
use crate::error::OpenError;
use crate::row::Table;
use tokio_postgres::{Client, Config, NoTls};

mod steps {
    refinery::embed_migrations!("migrations");
    pub(super) use migrations::runner;
}
use steps::runner;

/// Held while somebody migrates.
const MIGRATING: i64 = 0x6775_616e_7869;

/// What a migration did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The version that was there; 0 if there was nothing.
    pub from: i32,
    /// The version that is there now.
    pub to: i32,
    /// The tables that Citus has distributed now and had not before; none if it was not asked to, or is not there.
    pub distributed: Option<Vec<String>>,
}

/// The version that this program needs.
pub fn newest() -> i32 {
    runner().get_migrations().iter().map(refinery::Migration::version).max().unwrap_or(0)
}

fn broken(error: tokio_postgres::Error) -> OpenError {
    OpenError::Database(crate::StorageError::from(error).to_string())
}

/// The version of a database's schema; 0 if there is none.
pub(super) async fn version(client: &Client) -> Result<i32, OpenError> {
    let there = client.query_one("select to_regclass('refinery_schema_history') is not null", &[]).await;
    if !there.map_err(broken)?.get::<_, bool>(0) {
        return Ok(0);
    }
    let last = client.query_one("select coalesce(max(version), 0) from refinery_schema_history", &[]).await;
    Ok(last.map_err(broken)?.get(0))
}

/// Whether Citus has distributed the tables.
pub(super) async fn is_distributed(client: &Client) -> Result<bool, OpenError> {
    Ok(has_citus(client).await? && !distributed(client).await?.is_empty())
}

async fn has_citus(client: &Client) -> Result<bool, OpenError> {
    let found = client.query_opt("select 1 from pg_extension where extname = 'citus'", &[]).await;
    Ok(found.map_err(broken)?.is_some())
}

async fn distributed(client: &Client) -> Result<Vec<String>, OpenError> {
    let text = "select c.relname::text from pg_dist_partition p join pg_class c on c.oid = p.logicalrelid \
                where c.relnamespace = (select relnamespace from pg_class where oid = to_regclass('stat'))";
    let rows = client.query(text, &[]).await.map_err(broken)?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// That a schema is the one that this program needs.
pub(super) fn fits(found: i32) -> Result<(), OpenError> {
    let known = newest();
    match found {
        0 => Err(OpenError::NotMigrated),
        _ if found < known => Err(OpenError::Older { found, known }),
        _ if found > known => Err(OpenError::NewerSchema { found, known }),
        _ => Ok(()),
    }
}

/// Makes the schema, or brings it up to date; has Citus distribute it if it is asked to and is there.
pub async fn migrate(config: &Config, citus: bool) -> Result<Migrated, OpenError> {
    let (mut client, connection) = config.connect(NoTls).await.map_err(broken)?;
    let connection = tokio::spawn(connection);
    let done = migrated(&mut client, citus).await;
    drop(client);
    // It ends with its client.
    let _ = connection.await;
    done
}

async fn migrated(client: &mut Client, citus: bool) -> Result<Migrated, OpenError> {
    client.execute("select pg_advisory_lock($1)", &[&MIGRATING]).await.map_err(broken)?;
    let (from, known) = (version(client).await?, newest());
    if from > known {
        return Err(OpenError::NewerSchema { found: from, known });
    }
    let done = runner().run_async(client).await;
    done.map_err(|error| OpenError::Database(cause(&error)))?;
    let distributed = if citus && has_citus(client).await? { Some(distribute(client).await?) } else { None };
    Ok(Migrated { from, to: version(client).await?, distributed })
}

/// What is at the bottom of an error: what the database itself said.
fn cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), cause)
}

/// Has Citus distribute the tables that it has not yet.
async fn distribute(client: &Client) -> Result<Vec<String>, OpenError> {
    let there = distributed(client).await?;
    let mut made = Vec::new();
    for (table, how) in distribution() {
        if there.iter().any(|there| there == table) {
            continue;
        }
        let text = match how {
            How::Everywhere => format!("select create_reference_table('{table}')"),
            How::By(column, None) => {
                format!("select create_distributed_table('{table}', '{column}', colocate_with => 'none')")
            }
            How::By(column, Some(with)) => {
                format!("select create_distributed_table('{table}', '{column}', colocate_with => '{with}')")
            }
        };
        client.batch_execute(&text).await.map_err(broken)?;
        made.push(table.to_owned());
    }
    Ok(made)
}

/// How a table is distributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Every node has all of it.
    Everywhere,
    /// By a column; its rows lie with those of another table that have the same.
    By(&'static str, Option<&'static str>),
}

/// What is a member's lies together, the cards that all lists show lie everywhere, what is found by a hash lies by it. What
/// is of the whole service stays with the coordinator.
pub(super) fn distribution() -> Vec<(&'static str, How)> {
    let mut tables = vec![("stat", How::By("mid", None))];
    let of_member = |name| (name, How::By("mid", Some("stat")));
    tables.extend(["tie", "fan", "grouped", "coin", "login", "member_session"].map(of_member));
    for shape in Table::ALL.iter().map(|table| table.shape()) {
        let name = sql::name(shape.table);
        match shape.key[0] {
            _ if shape.table == Table::Card => tables.push((name, How::Everywhere)),
            "mid" => tables.push(of_member(name)),
            "hash" if shape.table == Table::Session => tables.push((name, How::By("hash", None))),
            "hash" if shape.table != Table::OperatorToken => {
                tables.push((name, How::By("hash", Some("session"))));
            }
            _ => (),
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;
    use crate::postgres::{Options, PostgresStore, address};
    use crate::row::{Account, Realname, Record, SignReview};
    use guanxi_test_postgres::Schema;
    use guanxi_types::Mid;
    use refinery::Target;

    /// What version 1 could keep of a member: a sign that waits, one that was rejected, a verified name, an account.
    const ROWS: &str = "insert into sign (mid, sign, submitted, due, rejected, attend_at, waits_since) values \
         (1, '早', 100, 160, null, 160, 100), (2, '广告', 100, null, '广告', null, null); \
         insert into realname (mid, standing, card_type, submitted) values (1, 'verified', 0, 90); \
         insert into account (mid, userid, nick_free, tel_verified, mail_verified, has_password, score, pwd_level, security, \
         safe_question, weibo, qq, skip_verify) values (1, 'jia', false, false, false, false, 0, 0, false, false, false, false, \
         false)";

    #[tokio::test]
    async fn what_the_first_schema_kept_reads_on() {
        let Some(schema) = Schema::fresh().await else { return };
        let mut client = schema.client().await;
        runner().set_target(Target::Version(1)).run_async(&mut client).await.unwrap();
        if has_citus(&client).await.unwrap() {
            distribute(&client).await.unwrap();
        }
        client.batch_execute(ROWS).await.unwrap();
        let address = address(&schema.url()).unwrap();
        let done = migrate(&address, true).await.unwrap();
        assert_eq!((done.from, done.to), (1, newest()));
        let store = PostgresStore::open(address, Options::default()).await.unwrap();
        let [one, two] = [1, 2].map(|mid| Mid::new(mid).unwrap());
        let review = async |mid: Mid| store.get::<SignReview>(mid).await.unwrap().unwrap();
        assert_eq!((review(one).await.waits(), review(one).await.ended), (Some(100), 0));
        assert_eq!((review(two).await.waits(), review(two).await.ended), (None, 0));
        assert_eq!(store.get::<Realname>(one).await.unwrap().unwrap().ended, 0);
        assert_eq!(store.get::<Account>(one).await.unwrap().unwrap().seen, 0);
    }
}
