//! The connection pool, and the transactions on it.

use crate::changes::Touched;
use crate::error::StoreError;
use crate::migration::Migrations;
use crate::{audit_log, changes};
use audit::{Event, Record};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, RuntimeErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use std::time::{Duration, Instant};

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait before a database that was locked while it was opened is opened again.
const LOCKED_PAUSE: Duration = Duration::from_millis(20);
/// How many connections one process opens at most.
const CONNECTIONS: u32 = 12;
/// SQLite's primary result code for a locked file.
const SQLITE_BUSY: u32 = 5;
/// The number of PostgreSQL's advisory lock under which tables are migrated: "cordon" in ASCII.
const MIGRATION_LOCK: i64 = 0x636f_7264_6f6e;

/// A connection pool to the fleet's database.
#[derive(Clone, Debug)]
pub struct Store(pub(crate) DatabaseConnection);

impl Store {
    /// Opens the database at `url`: `sqlite:///path?mode=rwc` or `postgres://…`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be reached.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(CONNECTIONS).acquire_timeout(PATIENCE).connect_timeout(PATIENCE);
        // Statements carry names and addresses, which belong in no log.
        options.record_stmt_in_spans(false).sqlx_logging(false);
        options.map_sqlx_sqlite_opts(|options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(PATIENCE)
                .foreign_keys(true)
        });

        let deadline = Instant::now() + PATIENCE;
        loop {
            match Database::connect(options.clone()).await {
                Ok(connection) => return Ok(Self(connection)),
                // Of two processes that turn a new SQLite file to write-ahead logging at once, SQLite refuses one
                // without regard to the busy timeout, because waiting could be for ever.
                Err(error) if is_locked(&error) && Instant::now() < deadline => {
                    tokio::time::sleep(LOCKED_PAUSE).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Brings the tables to the form that this version of the program reads and writes: all the way or not at all,
    /// one process at a time.
    ///
    /// # Errors
    ///
    /// [`StoreError::NewerSchema`] if a newer version of the program has been here.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let transaction = self.begin_transaction().await?;
        if transaction.get_database_backend() == DbBackend::Postgres {
            let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
            transaction.execute_unprepared(&lock).await?;
        }
        let applied = Migrations::get_migration_models(&transaction).await?;
        let known = Migrations::migrations();
        let foreign = applied
            .into_iter()
            .map(|migration| migration.version)
            .find(|version| !known.iter().any(|known| known.name() == version));
        if let Some(migration) = foreign {
            return Err(StoreError::NewerSchema { migration });
        }

        Migrations::up(&transaction, None).await?;
        Ok(transaction.commit().await?)
    }

    /// Begins a unit of work.
    ///
    /// SQLite takes its write lock here, so that two writers queue instead of one failing halfway.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn begin(&self) -> Result<UnitOfWork, StoreError> {
        Ok(UnitOfWork { transaction: self.begin_transaction().await?, touched: Vec::new() })
    }

    async fn begin_transaction(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };

        Ok(self.0.begin_with_options(options).await?)
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it gives none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.0.ping().await?)
    }

    /// Closes all connections, once they are idle.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not take leave.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.0.close().await?)
    }
}

/// Whether SQLite says that another connection has the file locked: SQLITE_BUSY, or one of its extended codes, whose
/// lowest byte is the same.
fn is_locked(error: &DbErr) -> bool {
    let (DbErr::Conn(error) | DbErr::Exec(error) | DbErr::Query(error)) = error else {
        return false;
    };
    let RuntimeErr::SqlxError(error) = error else { return false };
    let code = error.as_database_error().and_then(|error| error.code());

    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

/// One transaction; dropped without [`commit`](Self::commit) it leaves no trace.
#[derive(Debug)]
pub struct UnitOfWork {
    pub(crate) transaction: DatabaseTransaction,
    pub(crate) touched: Vec<Touched>,
}

impl UnitOfWork {
    /// Makes everything done in this unit of work durable, together with what the audit log says of it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not confirm; whether it is durable is then unknown.
    pub async fn commit(self, record: Record) -> Result<Event, StoreError> {
        changes::append(&self.transaction, &self.touched).await?;
        let event = audit_log::append(&self.transaction, record).await?;
        self.transaction.commit().await?;

        Ok(event)
    }

    /// Undoes everything done in this unit of work, and releases its locks at once.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not confirm; it is undone nevertheless.
    pub async fn roll_back(self) -> Result<(), StoreError> {
        Ok(self.transaction.rollback().await?)
    }
}
