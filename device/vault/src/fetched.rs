//! What was fetched to judge certificates by: revocation lists, OCSP answers, certificates of issuers.

use crate::database::Part;
use crate::{AccessError, Open};
use rusqlite::params;
use time::OffsetDateTime;

/// Something that was fetched, as it came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fetched {
    /// What it is and where it came from, in the words of the caller.
    pub source: String,
    /// The certificate of the issuer of what it is about, DER, where that was known.
    pub issuer: Option<Vec<u8>>,
    /// When it came, to the second.
    pub came: OffsetDateTime,
    /// The bytes.
    pub content: Vec<u8>,
}

impl Open {
    /// Returns all that was fetched.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn fetched(&self) -> Result<Vec<Fetched>, AccessError> {
        let database = self.database()?;
        let mut statement = database
            .prepare("SELECT source, issuer, came, content FROM fetched ORDER BY source")?;
        let rows = statement.query_map([], |row| {
            let came: i64 = row.get(2)?;

            Ok(Fetched {
                source: row.get(0)?,
                issuer: row.get(1)?,
                came: OffsetDateTime::from_unix_timestamp(came)
                    .unwrap_or(OffsetDateTime::UNIX_EPOCH),
                content: row.get(3)?,
            })
        })?;

        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps something in place of what came from the same source before; durable on return.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn keep_fetched(&self, fetched: &Fetched) -> Result<(), AccessError> {
        let Fetched { source, issuer, came, content } = fetched;
        self.database()?.execute(
            "INSERT INTO fetched (source, issuer, came, content) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (source) DO UPDATE SET issuer = ?2, came = ?3, content = ?4",
            params![source, issuer, came.unix_timestamp(), content],
        )?;

        Ok(())
    }

    /// Forgets what came from a source.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn forget_fetched(&self, source: &str) -> Result<(), AccessError> {
        self.database()?.execute("DELETE FROM fetched WHERE source = ?1", [source])?;

        Ok(())
    }
}

pub(crate) const PART: Part = Part {
    name: "fetched",
    steps: &["CREATE TABLE fetched (
        source TEXT PRIMARY KEY, issuer BLOB, came INTEGER NOT NULL, content BLOB NOT NULL
    ) STRICT"],
};
