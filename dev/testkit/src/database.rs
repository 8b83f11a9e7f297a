//! An empty database for one test, on SQLite or on PostgreSQL.

use crate::postgres::program;
use anyhow::{Context, Result, bail};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::UNIX_EPOCH;
use tempfile::TempDir;

/// Names the server that tests use in place of SQLite, as `postgres://user@host:port`.
pub const VARIABLE: &str = "CORDON_TEST_POSTGRES";

/// An empty database that nobody else uses; removed when dropped.
#[derive(Debug)]
pub struct Database {
    /// What the store opens.
    pub url: String,
    home: Home,
}

#[derive(Debug)]
enum Home {
    Directory { _directory: TempDir },
    Server { url: String, name: String },
}

/// Makes a database: on the PostgreSQL server that [`VARIABLE`] names, otherwise in a temporary SQLite file.
///
/// A file and not memory, because memory would mean one connection, which hides every race.
///
/// # Panics
///
/// If the database cannot be made: a test without one would show nothing.
pub fn fresh() -> Database {
    match std::env::var(VARIABLE) {
        Ok(server) => on_server(&server).expect("the PostgreSQL server makes a database"),
        Err(_) => in_directory().expect("a temporary directory can be made"),
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        match &self.home {
            Home::Directory { .. } => {}
            Home::Server { url, name } => {
                // What stays behind goes with the server.
                let _ = execute(url, &format!("DROP DATABASE {name} WITH (FORCE)"));
            }
        }
    }
}

fn in_directory() -> Result<Database> {
    let directory = TempDir::with_prefix("cordon-database-")?;
    let url = format!("sqlite://{}?mode=rwc", directory.path().join("fleet.sqlite").display());

    Ok(Database { url, home: Home::Directory { _directory: directory } })
}

fn on_server(server: &str) -> Result<Database> {
    let address = server.strip_prefix("postgres://").context("it begins with postgres://")?;
    let authority = address.split(['/', '?']).next().context("it names a host")?;
    let name = unused_name()?;
    let maintenance = format!("postgres://{authority}/postgres");
    execute(&maintenance, &format!("CREATE DATABASE {name} TEMPLATE template0"))?;

    Ok(Database {
        url: format!("postgres://{authority}/{name}"),
        home: Home::Server { url: maintenance, name },
    })
}

fn unused_name() -> Result<String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    #[expect(clippy::disallowed_methods, reason = "a name that no earlier run has used")]
    let now = std::time::SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();

    Ok(format!("test_{}_{now}_{count}", std::process::id()))
}

fn execute(url: &str, statement: &str) -> Result<()> {
    let output = Command::new(program("psql")?)
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", url])
        .args(["--command", statement])
        .output()?;
    if !output.status.success() {
        bail!("{statement}: {}", String::from_utf8_lossy(&output.stderr));
    }

    Ok(())
}
