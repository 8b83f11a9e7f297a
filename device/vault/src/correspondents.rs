//! Certificates of the people that one writes to, by address.
//!
//! What is kept here was found or given, not judged: a certificate is judged whenever it is used.

use crate::database::Part;
use crate::mail::{Moment, run};
use crate::{AccessError, Open};
use pki::Certificate;
use pki::cms::Capabilities;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use time::OffsetDateTime;

/// The query for certificates.
macro_rules! columns {
    () => {
        "SELECT id, address, certificate, source, learnt, capabilities FROM correspondent"
    };
}

/// Identifies a certificate of somebody in this container.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CorrespondentId(pub i64);

/// A certificate of somebody, for one of their addresses.
#[derive(Clone, Debug)]
pub struct Correspondent {
    /// Its id in this container.
    pub id: CorrespondentId,
    /// The address, in lower case.
    pub address: String,
    /// The certificate.
    pub certificate: Certificate,
    /// Where it is from.
    pub source: Source,
    /// When it was learnt, to the millisecond.
    pub learnt: OffsetDateTime,
    /// What the person's mail program reads, as it last said in a signed mail.
    pub capabilities: Option<Capabilities>,
}

/// Where a certificate is from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// The directory or the contacts of the mail server.
    Directory,
    /// The person put it in.
    Import,
    /// A directory that speaks LDAP.
    Ldap,
    /// Cordon's server.
    Portal,
    /// A mail that its holder signed.
    SignedMail,
}

/// A certificate to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewCorrespondent<'a> {
    /// The address, one of the certificate's.
    pub address: &'a str,
    /// The certificate.
    pub certificate: &'a Certificate,
    /// Where it is from.
    pub source: Source,
    /// What the person's mail program reads, and when it said so.
    pub capabilities: Option<(&'a Capabilities, OffsetDateTime)>,
}

/// The certificates of an open container.
#[derive(Debug)]
pub struct Correspondents<'a>(&'a Open);

impl Open {
    /// Returns the certificates of the people that one writes to.
    pub fn correspondents(&self) -> Correspondents<'_> {
        Correspondents(self)
    }
}

impl Correspondents<'_> {
    /// Keeps certificates, durable on return. One that is here stays as it is, but for newer capabilities, and for its source if
    /// the person puts it in now.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn keep(
        &self,
        certificates: &[NewCorrespondent<'_>],
        now: OffsetDateTime,
    ) -> Result<(), AccessError> {
        let mut database = self.0.database()?;
        let transaction = database.transaction()?;
        certificates.iter().try_for_each(|one| keep(&transaction, one, now))?;
        Ok(transaction.commit()?)
    }

    /// Returns all certificates, by address, the one learnt last first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn all(&self) -> Result<Vec<Correspondent>, AccessError> {
        let database = self.0.database()?;
        let certificates = database
            .prepare_cached(concat!(columns!(), " ORDER BY address, learnt DESC, id DESC"))?
            .query_map([], view)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(certificates)
    }

    /// Returns the certificates for an address, the one learnt last first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn of(&self, address: &str) -> Result<Vec<Correspondent>, AccessError> {
        let database = self.0.database()?;
        let certificates = database
            .prepare_cached(concat!(
                columns!(),
                " WHERE address = ?1 ORDER BY learnt DESC, id DESC"
            ))?
            .query_map([address.to_lowercase()], view)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(certificates)
    }

    /// Returns one certificate, or `None` if there is no such one.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn get(&self, id: CorrespondentId) -> Result<Option<Correspondent>, AccessError> {
        let database = self.0.database()?;
        let certificate = database
            .prepare_cached(concat!(columns!(), " WHERE id = ?1"))?
            .query_row([id.0], view)
            .optional()?;
        Ok(certificate)
    }

    /// Removes a certificate, durable on return; `false` if there is no such one.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn remove(&self, id: CorrespondentId) -> Result<bool, AccessError> {
        let database = self.0.database()?;
        Ok(database.execute("DELETE FROM correspondent WHERE id = ?1", [id.0])? > 0)
    }
}

fn keep(
    connection: &Connection,
    new: &NewCorrespondent<'_>,
    now: OffsetDateTime,
) -> rusqlite::Result<()> {
    run(
        connection,
        "INSERT INTO correspondent (address, certificate, source, learnt, capabilities, capable_since)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (address, certificate) DO UPDATE SET
             source = CASE WHEN excluded.source = 'import' THEN 'import' ELSE source END,
             capabilities = CASE WHEN excluded.capable_since >= coalesce(capable_since, 0)
                 THEN excluded.capabilities ELSE capabilities END,
             capable_since = max(coalesce(capable_since, excluded.capable_since), coalesce(excluded.capable_since, capable_since))",
        params![
            new.address.to_lowercase(),
            new.certificate.as_der(),
            name(new.source),
            Moment(now),
            new.capabilities.map(|(capabilities, _)| capabilities.to_der()),
            new.capabilities.map(|(_, since)| Moment(since)),
        ],
    )
}

fn view(row: &Row<'_>) -> rusqlite::Result<Correspondent> {
    let damaged = |column, error: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, error)
    };
    let der: Vec<u8> = row.get(2)?;
    let capabilities: Option<Vec<u8>> = row.get(5)?;
    Ok(Correspondent {
        id: CorrespondentId(row.get(0)?),
        address: row.get(1)?,
        certificate: Certificate::from_der(&der).map_err(|error| damaged(2, error.into()))?,
        source: source(&row.get::<_, String>(3)?),
        learnt: row.get::<_, Moment>(4)?.0,
        // What is not understood is not known.
        capabilities: capabilities.and_then(|der| Capabilities::from_der(&der).ok()),
    })
}

fn name(source: Source) -> &'static str {
    match source {
        Source::Directory => "directory",
        Source::Import => "import",
        Source::Ldap => "ldap",
        Source::Portal => "portal",
        Source::SignedMail => "signed_mail",
    }
}

/// Reads what [`name`] wrote.
fn source(name: &str) -> Source {
    match name {
        "import" => Source::Import,
        "ldap" => Source::Ldap,
        "portal" => Source::Portal,
        "signed_mail" => Source::SignedMail,
        _ => Source::Directory,
    }
}

pub(crate) const PART: Part = Part {
    name: "correspondents",
    steps: &[
        // Certificates are DER, addresses in lower case; capabilities are DER of RFC 8551 with when they were told.
        "CREATE TABLE correspondent (
             id INTEGER PRIMARY KEY AUTOINCREMENT,
             address TEXT NOT NULL,
             certificate BLOB NOT NULL,
             source TEXT NOT NULL,
             learnt INTEGER NOT NULL,
             capabilities BLOB,
             capable_since INTEGER,
             UNIQUE (address, certificate)
         ) STRICT",
    ],
};
