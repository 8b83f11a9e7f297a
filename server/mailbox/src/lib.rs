//! The mailbox that people send their certificate files to (`docs/certificate-files.md`), read over IMAP (RFC 3501, RFC 4315).
//!
//! ```text
//!   mailbox ── unseen mails, one by one ──► letter: author, certificate files ──► operations decide
//!      ▲                                                                            │
//!      └── deleted if all its files are in the database, else marked as read ◄──────┘
//! ```
//!
//! Invariants:
//! - A mail is deleted only after its files are durable; whatever fails in between, the next look finds it again.
//! - A mail that cannot be read, or is refused, stays for an administrator and holds up no other.

mod config;
mod letter;

pub use config::{ConfigError, MailboxConfig};

use async_imap::Session;
use async_imap::error::Error as ImapError;
use futures_util::TryStreamExt as _;
use letter::Letter;
use operations::{Failure, Fault, MailedFile, Operations};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// How long one look may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// The largest mail that is read, in bytes.
const LARGEST: u32 = 1 << 20;
/// The most mails that are looked at in one look.
const MOST: usize = 100;

/// What a look at the mailbox has found.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Looked {
    /// How many certificate files were taken.
    pub taken: usize,
    /// How many were refused; their mails are still there.
    pub refused: usize,
    /// How many mails have none, or are too large; they are still there.
    pub others: usize,
}

/// Why the mailbox was not looked at, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// The server cannot be reached, or is not to be trusted.
    #[error("the mailbox's server {server} cannot be reached")]
    Connect {
        /// Its name and port.
        server: String,
        /// What failed.
        #[source]
        cause: io::Error,
    },
    /// The folder does not open.
    #[error("the folder {folder:?} of the mailbox does not open: {reason}")]
    Folder {
        /// Its name.
        folder: String,
        /// What the server says.
        reason: String,
    },
    /// We failed.
    #[error("a certificate file could not be stored")]
    Fault(#[from] Fault),
    /// The server said something that is not understood, or hung up.
    #[error("the mailbox's server does not do what it was asked: {reason}")]
    Protocol {
        /// What it says.
        reason: String,
    },
    /// The server takes name and password not.
    #[error("the mailbox's server does not let {user} in: {reason}")]
    SignIn {
        /// The name.
        user: String,
        /// What the server says.
        reason: String,
    },
    /// It took too long.
    #[error("the mailbox's server does not answer in time")]
    TooSlow,
}

/// A connection, with TLS or without.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Wire for T {}

/// Looks at the mailbox again and again.
pub async fn follow(config: MailboxConfig, operations: Operations) {
    let mut is_failing = false;
    loop {
        let outcome = look(&config, &operations).await;
        match &outcome {
            Ok(Looked { taken: 0, refused: 0, others: 0 }) if !is_failing => {}
            Ok(looked) => tracing::info!(
                taken = looked.taken,
                refused = looked.refused,
                others = looked.others,
                "Looked at the mailbox for certificate files"
            ),
            Err(error) if !is_failing => tracing::error!(
                error = error as &dyn std::error::Error,
                "Could not look at the mailbox for certificate files; it is tried again until it succeeds"
            ),
            Err(_) => {}
        }
        is_failing = outcome.is_err();
        tokio::time::sleep(config.every).await;
    }
}

/// Looks at the mails that nobody has read, takes their certificate files, and deletes those all of whose files were taken.
///
/// # Errors
///
/// [`MailboxError`]; what was taken before is taken.
pub async fn look(config: &MailboxConfig, operations: &Operations) -> Result<Looked, MailboxError> {
    let looking = async {
        let mut session = sign_in(config).await?;
        let looked = look_through(&mut session, config, operations).await;
        // Whatever it says to that: everything is done.
        let _ = session.logout().await;

        looked
    };

    timeout(PATIENCE, looking).await.unwrap_or(Err(MailboxError::TooSlow))
}

async fn sign_in(config: &MailboxConfig) -> Result<Session<Box<dyn Wire>>, MailboxError> {
    let not_connected = |cause| MailboxError::Connect { server: config.server(), cause };
    let wire = connect(config).await.map_err(not_connected)?;
    let mut client = async_imap::Client::new(wire);
    let greeting = client.read_response().await.map_err(not_connected)?;
    greeting.ok_or_else(|| not_connected(io::ErrorKind::UnexpectedEof.into()))?;
    let signed_in = client.login(&config.user, config.password.expose_secret()).await;
    let mut session = signed_in.map_err(|(error, _)| MailboxError::SignIn {
        user: config.user.clone(),
        reason: said(&error),
    })?;
    session.select(&config.folder).await.map_err(|error| MailboxError::Folder {
        folder: config.folder.clone(),
        reason: said(&error),
    })?;

    Ok(session)
}

async fn connect(config: &MailboxConfig) -> io::Result<Box<dyn Wire>> {
    let tcp = TcpStream::connect((config.host.as_str(), config.port)).await?;
    let Some((tls, name)) = &config.tls else { return Ok(Box::new(tcp)) };

    Ok(Box::new(TlsConnector::from(Arc::clone(tls)).connect(name.clone(), tcp).await?))
}

async fn look_through(
    session: &mut Session<Box<dyn Wire>>,
    config: &MailboxConfig,
    operations: &Operations,
) -> Result<Looked, MailboxError> {
    let mut unseen: Vec<u32> = session.uid_search("UNSEEN UNDELETED").await?.into_iter().collect();
    unseen.sort_unstable();
    unseen.truncate(MOST);
    let mut looked = Looked::default();
    for uid in unseen {
        let Some(mail) = read(session, uid).await? else {
            tracing::warn!(uid, "A mail in the mailbox for certificate files is too large");
            looked.others += 1;
            mark(session, uid, "\\Seen").await?;
            continue;
        };
        let (server, it) = (config.authentication_results.clone(), operations.clone());
        let taken = tokio::spawn(async move {
            let letter = Letter::read(&mail, server.as_deref());
            take(&letter, Sha256::digest(&mail).into(), &it).await
        });
        // Whatever is wrong with a mail, it ends neither the server nor the way to the next one.
        let found = taken.await.unwrap_or_else(|panic| {
            tracing::error!(uid, %panic, "A mail in the mailbox for certificate files cannot be read");
            Ok(Looked::default())
        })?;
        looked.taken += found.taken;
        looked.refused += found.refused;
        if found.refused > 0 || found.taken == 0 {
            looked.others += usize::from(found.refused == 0);
            mark(session, uid, "\\Seen").await?;
        } else {
            mark(session, uid, "\\Seen \\Deleted").await?;
            expunge(session, uid).await?;
        }
    }

    Ok(looked)
}

/// Takes the certificate files of a mail.
async fn take(letter: &Letter, mail: [u8; 32], operations: &Operations) -> Result<Looked, Fault> {
    let authors: Vec<_> = letter.authors.iter().map(String::as_str).collect();
    let mut looked = Looked::default();
    for file in &letter.files {
        let mailed = MailedFile {
            authors: &authors,
            is_proven: letter.is_proven,
            mail,
            name: &file.name,
            content: &file.bytes,
        };
        match operations.deposit_mailed_file(mailed).await {
            Ok(_) => looked.taken += 1,
            Err(Failure::Fault(fault)) => return Err(fault),
            Err(failure @ (Failure::Refused(_) | Failure::Unknown(_))) => {
                tracing::warn!(reason = %failure, "A certificate file that came by mail was not taken");
                looked.refused += 1;
            }
        }
    }

    Ok(looked)
}

/// Reads a mail without marking it; `None` if it is too large.
async fn read(
    session: &mut Session<Box<dyn Wire>>,
    uid: u32,
) -> Result<Option<Vec<u8>>, MailboxError> {
    let sizes: Vec<_> =
        session.uid_fetch(uid.to_string(), "RFC822.SIZE").await?.try_collect().await?;
    if sizes.iter().filter_map(|fetched| fetched.size).any(|size| size > LARGEST) {
        return Ok(None);
    }
    let mails: Vec<_> =
        session.uid_fetch(uid.to_string(), "BODY.PEEK[]").await?.try_collect().await?;
    let mail = mails.iter().find_map(|fetched| fetched.body());

    // Somebody else may have taken it in the meantime.
    Ok(Some(mail.unwrap_or_default().to_vec()))
}

async fn mark(
    session: &mut Session<Box<dyn Wire>>,
    uid: u32,
    flags: &str,
) -> Result<(), MailboxError> {
    let query = format!("+FLAGS.SILENT ({flags})");
    let _: Vec<_> = session.uid_store(uid.to_string(), query).await?.try_collect().await?;

    Ok(())
}

async fn expunge(session: &mut Session<Box<dyn Wire>>, uid: u32) -> Result<(), MailboxError> {
    let capabilities = session.capabilities().await?;
    let gone: Pin<Box<dyn futures_util::Stream<Item = _> + Send>> =
        if capabilities.has_str("UIDPLUS") {
            Box::pin(session.uid_expunge(uid.to_string()).await?)
        } else {
            Box::pin(session.expunge().await?)
        };
    let _: Vec<_> = gone.try_collect().await?;

    Ok(())
}

impl From<ImapError> for MailboxError {
    fn from(error: ImapError) -> Self {
        Self::Protocol { reason: said(&error) }
    }
}

/// What the server has said, without our own words around it.
fn said(error: &ImapError) -> String {
    if let ImapError::No(text) | ImapError::Bad(text) = error {
        return text.clone();
    }

    error.to_string()
}
