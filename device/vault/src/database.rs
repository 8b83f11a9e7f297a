//! The encrypted database: SQLCipher under the raw session key.

use crate::{Fault, disk};
use data_encoding::HEXLOWER;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::MutexGuard;
use zeroize::Zeroizing;

/// The database's name in the container's directory; SQLite puts `-wal` and `-shm` beside it.
pub(crate) const FILE: &str = "container.db";

/// How many statements are kept prepared: more than there are.
const STATEMENTS: usize = 128;

/// The key of the database, 256 random bits.
pub(crate) type SessionKey = Zeroizing<[u8; 32]>;

/// Tables that belong together, with the steps that bring them to their latest form.
///
/// A step is SQL, runs in one transaction with its record, and never changes once it was released.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) steps: &'static [&'static str],
}

/// Every part of the database, in the order in which they are brought up.
const PARTS: &[&Part] = &[
    &crate::documents::PART,
    &crate::mail::PART,
    &crate::entries::PART,
    &crate::fetched::PART,
    &crate::correspondents::PART,
];

/// The open database, until this guard is dropped; others wait meanwhile.
#[derive(Debug)]
pub struct Database<'a>(MutexGuard<'a, Option<Connection>>);

impl<'a> Database<'a> {
    pub(crate) fn new(guard: MutexGuard<'a, Option<Connection>>) -> Option<Self> {
        guard.is_some().then(|| Self(guard))
    }
}

impl Deref for Database<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0.as_ref().expect("made with a connection, which nobody takes while the guard lives")
    }
}

impl DerefMut for Database<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.0.as_mut().expect("made with a connection, which nobody takes while the guard lives")
    }
}

/// Makes the database in `directory`.
pub(crate) fn create(directory: &Path, key: &SessionKey) -> Result<Connection, Fault> {
    // Made here, because SQLite would let others read it; its log gets the same permissions.
    disk::write(&directory.join(FILE), b"")?;
    let mut connection = connect(directory, key)?;
    connection.execute_batch(
        "CREATE TABLE part (name TEXT PRIMARY KEY, steps INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    )?;
    migrate(&mut connection, PARTS)?;
    Ok(connection)
}

/// Opens the database in `directory` and brings its tables up.
pub(crate) fn open(directory: &Path, key: &SessionKey) -> Result<Connection, Fault> {
    if !disk::exists(&directory.join(FILE))? {
        return Err(Fault::damaged(FILE));
    }
    let mut connection = connect(directory, key)?;
    // A file that was emptied is a fresh database to SQLite, and would pass for an empty mailbox.
    if !connection.table_exists(None, "part")? {
        return Err(Fault::damaged(FILE));
    }
    migrate(&mut connection, PARTS)?;
    Ok(connection)
}

/// Removes the database and what SQLite keeps beside it.
pub(crate) fn destroy(directory: &Path) -> Result<(), Fault> {
    for ending in ["-wal", "-shm", "-journal", ""] {
        disk::remove(&directory.join(format!("{FILE}{ending}")))?;
    }
    Ok(())
}

fn connect(directory: &Path, key: &SessionKey) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(directory.join(FILE), flags)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    unlock(&connection, key)?;
    Ok(connection)
}

fn unlock(connection: &Connection, key: &SessionKey) -> Result<(), Fault> {
    // Before the key, so that the copies SQLite makes of that statement are overwritten when they are freed. The log
    // would go to standard error; what fails is told by the error.
    connection
        .execute_batch("PRAGMA cipher_log_level = NONE; PRAGMA cipher_memory_security = ON")?;
    connection.execute_batch(&key_statement(key))?;
    // The first page is read here: a wrong key and a changed file show.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY;
         PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA synchronous = FULL;",
    )?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Fault::unsound(format!(
            "the database refuses its write-ahead log and keeps {mode}"
        )));
    }
    Ok(())
}

/// Writes the statement in one piece of memory, since growing would leave copies of the key behind.
fn key_statement(key: &SessionKey) -> Zeroizing<String> {
    let mut statement = Zeroizing::new(String::with_capacity(128));
    statement.push_str("PRAGMA key = \"x'");
    HEXLOWER.encode_append(key.as_slice(), &mut statement);
    statement.push_str("'\"");
    statement
}

fn migrate(connection: &mut Connection, parts: &[&Part]) -> Result<(), Fault> {
    for part in parts {
        let done: Option<u32> = connection
            .query_row("SELECT steps FROM part WHERE name = ?1", [part.name], |row| row.get(0))
            .optional()?;
        let done = done.unwrap_or(0);
        if usize::try_from(done).is_ok_and(|done| done > part.steps.len()) {
            return Err(Fault::Newer { what: format!("its tables for {}", part.name) });
        }
        for (number, step) in (1..).zip(part.steps).filter(|(number, _)| *number > done) {
            let transaction = connection.transaction()?;
            transaction.execute_batch(step)?;
            transaction.execute(
                "INSERT INTO part (name, steps) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET steps = ?2",
                params![part.name, number],
            )?;
            transaction.commit()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_that_keep_plain_text_off_the_disk_are_in_force() {
        let directory = tempfile::tempdir().unwrap();
        let connection = create(directory.path(), &key(1)).unwrap();

        let settings: Vec<String> = [
            "cipher_memory_security",
            "foreign_keys",
            "journal_mode",
            "secure_delete",
            "synchronous",
            "temp_store",
            "trusted_schema",
        ]
        .iter()
        .map(|name| format!("{name} = {}", pragma(&connection, name)))
        .collect();
        insta::assert_debug_snapshot!(settings, @r#"
        [
            "cipher_memory_security = 1",
            "foreign_keys = 1",
            "journal_mode = wal",
            "secure_delete = 1",
            "synchronous = 2",
            "temp_store = 2",
            "trusted_schema = 0",
        ]
        "#);
    }

    #[test]
    fn another_key_and_a_changed_page_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        drop(create(directory.path(), &key(1)).unwrap());
        assert!(matches!(open(directory.path(), &key(2)), Err(Fault::Damaged { .. })));

        let path = directory.path().join(FILE);
        let mut bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.starts_with(b"SQLite format 3"));
        bytes[100] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(open(directory.path(), &key(1)), Err(Fault::Damaged { .. })));
    }

    #[test]
    fn steps_run_once_and_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let mut connection = create(directory.path(), &key(1)).unwrap();
        let first = Part { name: "test", steps: &["CREATE TABLE a (x TEXT)"] };
        let second = Part {
            name: "test",
            steps: &["CREATE TABLE a (x TEXT)", "ALTER TABLE a ADD COLUMN y TEXT"],
        };

        migrate(&mut connection, &[&first]).unwrap();
        migrate(&mut connection, &[&second]).unwrap();
        migrate(&mut connection, &[&second]).unwrap();

        connection.execute("INSERT INTO a (x, y) VALUES ('1', '2')", []).unwrap();
        assert!(matches!(migrate(&mut connection, &[&first]), Err(Fault::Newer { .. })));
    }

    #[test]
    fn mails_from_before_are_shown_where_they_lie_and_their_marks_still_go_up() {
        let directory = tempfile::tempdir().unwrap();
        disk::write(&directory.path().join(FILE), b"").unwrap();
        let mut connection = connect(directory.path(), &key(1)).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE part (name TEXT PRIMARY KEY, steps INTEGER NOT NULL) STRICT",
            )
            .unwrap();
        let before = Part { name: "mail", steps: &crate::mail::PART.steps[..3] };
        migrate(&mut connection, &[&before]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO folder (server_id, sync_key, synced) VALUES ('inbox', '7', 1);
                 INSERT INTO message (folder, server_id, subject, read) VALUES (1, '1', 'One', 1);
                 INSERT INTO message (folder, server_id, subject) VALUES (1, '2', 'Two');
                 INSERT INTO upload (message, read) VALUES (1, 1)",
            )
            .unwrap();

        migrate(&mut connection, &[&crate::mail::PART]).unwrap();

        let facts =
            |sql: &str| -> String { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
        assert_eq!(
            facts("SELECT group_concat(shown || ':' || subject) FROM message"),
            "1:One,1:Two"
        );
        assert_eq!(facts("SELECT message || marks FROM wanted"), r#"1{"read":true}"#);
        assert_eq!(facts("SELECT sync_key || total || unread FROM folder"), "021");
    }

    #[test]
    fn drafts_from_before_are_as_they_were_and_wait_for_the_server() {
        let directory = tempfile::tempdir().unwrap();
        disk::write(&directory.path().join(FILE), b"").unwrap();
        let mut connection = connect(directory.path(), &key(1)).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE part (name TEXT PRIMARY KEY, steps INTEGER NOT NULL) STRICT",
            )
            .unwrap();
        let before = Part { name: "mail", steps: &crate::mail::PART.steps[..6] };
        migrate(&mut connection, &[&before]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO draft (subject) VALUES ('One'), ('Two');
                 INSERT INTO draft_file (draft, name, file) VALUES (1, 'a.txt', 'f1')",
            )
            .unwrap();

        migrate(&mut connection, &[&crate::mail::PART]).unwrap();

        let facts =
            |sql: &str| -> String { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
        assert_eq!(
            facts("SELECT group_concat(subject || ':' || (revision <> settled)) FROM draft"),
            "One:1,Two:1"
        );
        assert_eq!(facts("SELECT '' || count(DISTINCT client_id) FROM draft"), "2");
        assert_eq!(facts("SELECT draft || name || file FROM draft_file"), "1a.txtf1");
        connection.execute("DELETE FROM draft WHERE id = 1", []).unwrap();
        assert_eq!(facts("SELECT file FROM stale_file"), "f1");
    }

    #[test]
    fn a_step_that_fails_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let mut connection = create(directory.path(), &key(1)).unwrap();
        let broken =
            Part { name: "test", steps: &["CREATE TABLE a (x TEXT); CREATE TABLE a (x TEXT)"] };

        assert!(matches!(migrate(&mut connection, &[&broken]), Err(Fault::Database(_))));

        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'a'", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tables, 0);
    }

    fn pragma(connection: &Connection, name: &str) -> String {
        use rusqlite::types::ValueRef;

        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| match row.get_ref(0)? {
                ValueRef::Integer(number) => Ok(number.to_string()),
                ValueRef::Text(text) => Ok(String::from_utf8_lossy(text).into_owned()),
                other @ (ValueRef::Blob(_) | ValueRef::Null | ValueRef::Real(_)) => {
                    Ok(format!("{other:?}"))
                }
            })
            .unwrap()
    }

    fn key(byte: u8) -> SessionKey {
        Zeroizing::new([byte; 32])
    }
}
