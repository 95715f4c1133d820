//! Connections: taken from a pool, asked many things in one trip, and given up where it is not known how they stand.

use super::{sql, value};
use crate::StorageError;
use crate::row::{Value, Values};
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};
use futures_util::future::{MaybeDone, maybe_done};
use futures_util::{Stream, StreamExt, TryStreamExt, pin_mut};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::Type;
use tokio_postgres::{Config, NoTls, Statement};

/// A question: a statement and its values.
pub(super) type Ask<'a> = (&'a str, Vec<Value>);

/// A question on its way.
type Asked<'a> = Pin<Box<dyn Future<Output = Result<Vec<Values>, Failed>> + Send + 'a>>;

/// The pool of a database. What is asked takes no longer than `patience`, nor does it wait longer for a connection.
pub(super) fn pool(mut config: Config, connections: usize, patience: Duration) -> Result<Pool, StorageError> {
    if config.get_application_name().is_none() {
        config.application_name("guanxi");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(patience.min(CONNECTING));
    }
    config
        .keepalives_idle(KEEPALIVE)
        .keepalives_interval(KEEPALIVE)
        .tcp_user_timeout(patience.max(KEEPALIVE));
    let manager =
        Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    // A statement that nobody waits for any more should not go on, nor a transaction whose program is gone. It ends a little
    // before, so that it is the database that tells, and what it tells is sure.
    let settings = format!(
        "set statement_timeout = {}; set idle_in_transaction_session_timeout = {}; \
         set default_transaction_isolation = 'read committed'; {}",
        (patience * 4 / 5).as_millis().max(1),
        (patience * 2).as_millis(),
        sql::PRESENT
    );
    let begin = Hook::async_fn(move |client, _| {
        let settings = settings.clone();
        Box::pin(async move { client.batch_execute(&settings).await.map_err(HookError::Backend) })
    });
    let waiting = patience.min(CONNECTING);
    Pool::builder(manager)
        .max_size(connections)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(waiting))
        .create_timeout(Some(waiting))
        .recycle_timeout(Some(waiting))
        .post_create(begin)
        .build()
        .map_err(|error| StorageError::Engine(error.to_string()))
}

/// How long what nobody waits for may take.
const UNHURRIED: Duration = Duration::from_mins(10);

/// How long connecting may take, and waiting for a connection.
const CONNECTING: Duration = Duration::from_secs(1);

/// After how long a silent connection is asked whether it is there.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// A connection that is somebody's for a while.
#[derive(Debug)]
pub(super) struct Link {
    /// There until it is dropped.
    client: Option<Object>,
    /// Whether an answer is waited for, or a transaction goes on: dropped then, it is not used again.
    busy: AtomicBool,
    /// How long it waits for an answer.
    patience: Duration,
}

/// Why a trip failed.
#[derive(Debug)]
pub(super) struct Broken {
    fault: StorageError,
    /// Whether what came last may have been done all the same: it was sent, and no answer came.
    unanswered: bool,
}

impl Broken {
    /// The fault of a trip that ended in a commit.
    pub(super) fn of_commit(self) -> StorageError {
        match self.fault {
            StorageError::Unavailable(why) | StorageError::Timeout(why) if self.unanswered => {
                StorageError::CommitUnknown(why)
            }
            fault => fault,
        }
    }
}

impl From<Broken> for StorageError {
    fn from(broken: Broken) -> StorageError {
        broken.fault
    }
}

impl From<StorageError> for Broken {
    fn from(fault: StorageError) -> Broken {
        Broken { fault, unanswered: false }
    }
}

/// Why a question failed.
#[derive(Debug)]
struct Failed {
    fault: StorageError,
    /// Whether it is the database that says so.
    told: bool,
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Failed {
        let told = error.as_db_error().is_some();
        Failed { fault: error.into(), told }
    }
}

impl From<StorageError> for Failed {
    fn from(fault: StorageError) -> Failed {
        Failed { fault, told: false }
    }
}

impl Link {
    pub(super) async fn take(pool: &Pool, patience: Duration) -> Result<Link, StorageError> {
        let client = pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                match StorageError::from(error) {
                    // Whatever the database says to a newcomer, it is not there for us.
                    StorageError::Engine(why) => StorageError::Unavailable(why),
                    fault => fault,
                }
            }
            PoolError::Timeout(TimeoutType::Wait) => {
                StorageError::Unavailable("no connection came free in time".to_owned())
            }
            PoolError::Timeout(_) => StorageError::Unavailable("it could not be reached in time".to_owned()),
            error => StorageError::Unavailable(error.to_string()),
        })?;
        Ok(Link { client: Some(client), busy: AtomicBool::new(false), patience })
    }

    pub(super) fn client(&self) -> &Object {
        self.client.as_ref().expect("it is there until it is dropped")
    }

    /// From now on nothing else may be asked of it but by who has it, until it is let go.
    pub(super) fn hold(&self) {
        self.busy.store(true, Ordering::Relaxed);
    }

    /// It stands as it was taken.
    pub(super) fn let_go(&self) {
        self.busy.store(false, Ordering::Relaxed);
    }

    /// What is asked from now on may take its time.
    pub(super) fn take_time(&mut self) {
        self.patience = self.patience.max(UNHURRIED);
    }

    /// Waits for something, but not for longer than it may take.
    async fn in_time<T>(
        &self,
        what: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        timeout(self.patience, what).await.unwrap_or_else(|_| Err(slow()))
    }

    /// Asks something, all of it in time. What is begun is ended, or the connection is not used again.
    pub(super) async fn whole<T>(
        &self,
        what: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        self.hold();
        let done = self.in_time(what).await;
        // A question of one statement that failed leaves nothing behind, but who knows which it was.
        if done.is_ok() {
            self.let_go();
        }
        done
    }

    async fn statement(&self, text: &str) -> Result<Statement, StorageError> {
        Ok(self.client().prepare_cached(text).await?)
    }

    async fn rows(&self, statement: &Statement, with: &[Value]) -> Result<Vec<Values>, Failed> {
        let rows = self.client().query_raw(statement, with).await?;
        pin_mut!(rows);
        let mut told = Vec::new();
        while let Some(row) = rows.try_next().await? {
            told.push(value::values(&row)?);
        }
        Ok(told)
    }

    /// What the database says to a statement, row by row, as it comes.
    pub(super) async fn stream(
        &self,
        text: &str,
    ) -> Result<impl Stream<Item = Result<Values, StorageError>> + Unpin + use<>, StorageError> {
        let statement = self.statement(text).await?;
        let rows = self.client().query_raw(&statement, &[] as &[Value]).await?;
        Ok(Box::pin(rows.map(|row| value::values(&row?))))
    }

    /// What the database says to a statement.
    pub(super) async fn ask(&self, text: &str, with: Vec<Value>) -> Result<Vec<Values>, StorageError> {
        let statement = self.statement(text).await?;
        self.rows(&statement, &with).await.map_err(|failed| failed.fault)
    }

    /// Says something that has no answer.
    pub(super) async fn say(&self, text: &str) -> Result<(), StorageError> {
        self.in_time(async { Ok(self.client().batch_execute(text).await?) }).await
    }

    /// Asks in one trip, in that order: `before`, the questions, `after`.
    pub(super) async fn trip(
        &self,
        before: Option<&str>,
        asks: &[Ask<'_>],
        after: Option<&str>,
    ) -> Result<Vec<Vec<Values>>, Broken> {
        let mut statements = Vec::with_capacity(asks.len());
        for (text, _) in asks {
            statements.push(self.in_time(self.statement(text)).await?);
        }
        let mut waiting: Vec<Asked<'_>> = Vec::with_capacity(asks.len() + 2);
        let say = |text| async move { Ok(self.client().batch_execute(text).await.map(|()| Vec::new())?) };
        if let Some(text) = before {
            waiting.push(Box::pin(say(text)));
        }
        for ((_, with), statement) in asks.iter().zip(&statements) {
            waiting.push(Box::pin(self.rows(statement, with)));
        }
        if let Some(text) = after {
            waiting.push(Box::pin(say(text)));
        }
        // A first look sends the question, a second waits for the answer.
        let mut waiting: Vec<_> = waiting.into_iter().map(maybe_done).collect();
        let (mut answers, count) = (Vec::with_capacity(waiting.len()), waiting.len());
        for (asked, number) in waiting.iter_mut().zip(1..) {
            let _ = futures_util::poll!(Pin::new(&mut *asked));
            // What cannot even be sent holds off what follows: a commit would make the rest durable.
            if let MaybeDone::Done(Err(Failed { fault, told: false })) = asked
                && number < count
            {
                return Err(fault.clone().into());
            }
        }
        for asked in &mut waiting {
            let answer = match timeout(self.patience, Pin::new(&mut *asked)).await {
                Ok(()) => Pin::new(asked).take_output().unwrap_or_else(|| Ok(Vec::new())),
                Err(_) => Err(slow().into()),
            };
            // What the database says to an earlier question it says before it looks at the last.
            let is_last = answers.len() + 1 == count;
            answers.push(answer.map_err(|Failed { fault, told }| Broken {
                fault,
                unanswered: after.is_some() && (is_last || !told),
            })?);
        }
        if before.is_some() {
            answers.remove(0);
        }
        answers.truncate(asks.len());
        Ok(answers)
    }

    /// Adds many rows to a table at once.
    pub(super) async fn copy(
        &self,
        table: &str,
        columns: &str,
        rows: &[Vec<Value>],
    ) -> Result<(), StorageError> {
        self.in_time(self.copied(table, columns, rows)).await
    }

    async fn copied(&self, table: &str, columns: &str, rows: &[Vec<Value>]) -> Result<(), StorageError> {
        let like = self.statement(&format!("select {columns} from {table}")).await?;
        let kinds: Vec<Type> = like.columns().iter().map(|column| column.type_().clone()).collect();
        let copy = self.statement(&format!("copy {table} ({columns}) from stdin binary")).await?;
        let writer = BinaryCopyInWriter::new(self.client().copy_in(&copy).await?, &kinds);
        pin_mut!(writer);
        for row in rows {
            writer.as_mut().write_raw(row).await?;
        }
        writer.finish().await?;
        Ok(())
    }
}

/// The fault of what was not answered in time.
pub(super) fn slow() -> StorageError {
    StorageError::Timeout("there was no answer in time".to_owned())
}

impl Drop for Link {
    fn drop(&mut self) {
        if *self.busy.get_mut()
            && let Some(client) = self.client.take()
        {
            // The database ends what was begun when it sees the connection gone.
            drop(Object::take(client));
        }
    }
}

impl From<tokio_postgres::Error> for StorageError {
    fn from(error: tokio_postgres::Error) -> StorageError {
        let Some(told) = error.as_db_error() else {
            let why = error.to_string();
            // What is wrong on our side is told like this; anything else means that it is gone, or cannot be reached.
            let ours = why.starts_with("error serializing") || why.starts_with("error deserializing");
            let cause = std::error::Error::source(&error).map_or(String::new(), |cause| format!(": {cause}"));
            return if ours { StorageError::Engine(why) } else { StorageError::Unavailable(why + &cause) };
        };
        // What else it tells may cite what was to be written.
        let why = format!("{} ({})", told.message(), told.code().code());
        match *told.code() {
            SqlState::T_R_SERIALIZATION_FAILURE
            | SqlState::T_R_DEADLOCK_DETECTED
            | SqlState::UNIQUE_VIOLATION
            | SqlState::LOCK_NOT_AVAILABLE => StorageError::Conflict(why),
            SqlState::QUERY_CANCELED => StorageError::Timeout(why),
            SqlState::DISK_FULL | SqlState::IO_ERROR => StorageError::Io(why),
            SqlState::READ_ONLY_SQL_TRANSACTION | SqlState::INVALID_CATALOG_NAME => {
                StorageError::Unavailable(why)
            }
            // A connection that it ends, whyever, is gone.
            _ if matches!(told.parsed_severity(), Some(Severity::Fatal | Severity::Panic)) => {
                StorageError::Unavailable(why)
            }
            ref code => match &code.code()[..2] {
                // Connections, resources, an operator's intervention.
                "08" | "53" | "57" => StorageError::Unavailable(why),
                _ => StorageError::Engine(why),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::address;
    use guanxi_test_postgres::Schema;

    #[tokio::test]
    async fn what_cannot_be_sent_holds_off_the_commit_behind_it() {
        let Some(schema) = Schema::fresh().await else { return };
        let patience = Duration::from_secs(10);
        let pool = pool(address(&schema.url()).unwrap(), 1, patience).unwrap();
        let link = Link::take(&pool, patience).await.unwrap();
        link.say("create table small (number int2)").await.unwrap();
        link.hold();
        let asks = [1, 70_000].map(|number| ("insert into small values ($1)", vec![Value::Int(number)]));
        let broken = link.trip(Some("begin"), &asks, Some("commit")).await.unwrap_err();
        assert!(matches!(broken.of_commit(), StorageError::Engine(_)));
        drop(link);
        let link = Link::take(&pool, patience).await.unwrap();
        assert_eq!(link.ask("select number from small", Vec::new()).await.unwrap().len(), 0);
    }
}
