//! Asking a directory that speaks LDAP, without signing in.

use crate::http::{Address, AddressError, HttpError, Reach, Trust, config, dial};
use ldap::{Answer, Content, Filter, FilterError, Search, Unreadable, missing, start_tls, unbind};
use mail::text;
use pki::Certificate;
use pki::cms::Signed;
use policy::LdapSettings;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// How long the directory is asked, all addresses together.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same, as a server is told it for one search, in seconds.
const SECONDS: u32 = 5;
/// The most entries that a server is asked for.
const MOST_ENTRIES: u32 = 20;
/// The most messages that are read to one search, and the most bytes of them all.
const MOST_MESSAGES: usize = 100;
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The ports of `ldap` and `ldaps` (IANA).
const LDAP: u16 = 389;
const LDAPS: u16 = 636;

/// The results with which a search has an end that its entries outlive (RFC 4511, appendix A): success, and one of three limits.
const FINE: [u32; 4] = [0, 3, 4, 11];

/// Why the directory does not answer.
#[derive(Debug, thiserror::Error)]
enum LdapError {
    /// The settings name no server that can be asked.
    #[error("the address of the directory is wrong")]
    Address(#[source] AddressError),
    /// The connection broke.
    #[error("the connection to the directory broke")]
    Broken(#[from] io::Error),
    /// There is none.
    #[error(transparent)]
    Connect(#[from] HttpError),
    /// The settings say no way to search.
    #[error("the filter of the settings is wrong")]
    Filter(#[from] FilterError),
    /// The server does not do it.
    #[error("the directory refuses with code {code}: {said}")]
    Refused {
        /// Result code (RFC 4511, appendix A).
        code: u32,
        /// The server's words.
        said: String,
    },
    /// TLS cannot be used with these authorities.
    #[error("no TLS")]
    Tls(#[from] rustls::Error),
    /// The answer is longer than any that serves.
    #[error("the directory answers without end")]
    TooMuch,
    /// What comes is not LDAP.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Whoever answers is not the server.
    #[error("no secure connection to the directory at {address} can be made")]
    Untrusted {
        /// Where.
        address: String,
        /// What TLS says.
        #[source]
        cause: io::Error,
    },
}

/// Certificates that lie beside an address.
type Found = Vec<(String, Vec<Certificate>)>;

/// Asks for the certificates of each address. What cannot be had in time is not found.
pub(super) async fn ask(settings: &LdapSettings, trust: &Trust, addresses: &[String]) -> Found {
    let mut found = Vec::new();
    match timeout(PATIENCE, reach(settings, trust, addresses, &mut found)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(%error, cause, "The directory was asked for certificates in vain");
        }
        Err(_) => tracing::warn!("The directory did not tell all certificates in time"),
    }

    found
}

/// Connects as the settings say, and searches.
async fn reach(
    settings: &LdapSettings,
    trust: &Trust,
    addresses: &[String],
    found: &mut Found,
) -> Result<(), LdapError> {
    let searches = Searches { filter: Filter::parse(&settings.filter)?, settings, addresses };
    let (place, with_tls_at_once) = match settings.server.strip_prefix("ldaps://") {
        Some(place) => (place, true),
        None => (settings.server.trim_start_matches("ldap://"), false),
    };
    let usual = if with_tls_at_once { LDAPS } else { LDAP };
    let address = Address::with_port(place, usual).map_err(LdapError::Address)?;
    let mut stream = dial(address.host(), address.port(), Reach::Everywhere, place).await?;
    if !with_tls_at_once && settings.without_tls {
        return searches.run(&mut stream, found).await;
    }
    if !with_tls_at_once {
        ask_for_tls(&mut stream).await?;
    }
    let untrusted = |cause| LdapError::Untrusted { address: place.to_owned(), cause };
    let connector = TlsConnector::from(Arc::new(config(trust, None)?));
    let mut stream = connector.connect(address.name(), stream).await.map_err(untrusted)?;

    searches.run(&mut stream, found).await
}

/// Agrees on TLS. Not a byte after the answer is read, so nothing that came in the clear counts as said under TLS.
async fn ask_for_tls(stream: &mut TcpStream) -> Result<(), LdapError> {
    /// The request's number.
    const ID: u32 = 1;

    stream.write_all(&start_tls(ID)).await?;
    let (answer, _) = next(stream).await?;
    match answer.content {
        Content::Ended { code: 0, .. } if answer.id == ID => Ok(()),
        Content::Ended { code, said } => Err(refused(code, &said)),
        Content::Entry(_) | Content::Other => Err(Unreadable.into()),
    }
}

struct Searches<'a> {
    settings: &'a LdapSettings,
    filter: Filter,
    addresses: &'a [String],
}

impl Searches<'_> {
    /// Searches for one address after the other, and says goodbye.
    async fn run<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        found: &mut Found,
    ) -> Result<(), LdapError> {
        let mut id = 1;
        for address in self.addresses {
            id += 1;
            let certificates = self.search(stream, id, address).await?;
            found.push((address.clone(), certificates));
        }
        // All was told: a farewell that is not heard changes nothing.
        drop(stream.write_all(&unbind(id + 1)).await);
        drop(stream.shutdown().await);

        Ok(())
    }

    async fn search<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        id: u32,
        address: &str,
    ) -> Result<Vec<Certificate>, LdapError> {
        let search = Search {
            base: &self.settings.base,
            filter: &self.filter,
            address,
            attributes: &self.settings.attributes,
            most: MOST_ENTRIES,
            seconds: SECONDS,
        };
        stream.write_all(&search.encode(id)).await?;
        stream.flush().await?;
        let (mut certificates, mut bytes) = (Vec::new(), 0);
        for _ in 0..MOST_MESSAGES {
            let (answer, size) = next(stream).await?;
            bytes += size;
            if bytes > MOST_BYTES {
                return Err(LdapError::TooMuch);
            }
            match answer.content {
                Content::Ended { code, .. } if answer.id == id && FINE.contains(&code) => {
                    return Ok(certificates);
                }
                // Of this search, or of none: the server ends the connection.
                Content::Ended { code, said } => return Err(refused(code, &said)),
                Content::Entry(values) if answer.id == id => {
                    certificates.extend(values.iter().flat_map(|value| certificates_in(value)));
                }
                Content::Entry(_) => return Err(Unreadable.into()),
                Content::Other => {}
            }
        }

        Err(LdapError::TooMuch)
    }
}

/// Reads one message; tells its size in bytes, too.
async fn next<S: AsyncRead + Unpin>(stream: &mut S) -> Result<(Answer, usize), LdapError> {
    let mut bytes: Vec<u8> = Vec::new();
    loop {
        let missing = missing(&bytes)?;
        if missing == 0 {
            return Ok((Answer::read(&bytes)?, bytes.len()));
        }
        // A length that is announced is not yet one that comes.
        let wanted = u64::try_from(missing).map_err(|_| Unreadable)?;
        let came = (&mut *stream).take(wanted).read_to_end(&mut bytes).await?;
        if came < missing {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
    }
}

/// One certificate, or a CMS message with some (RFC 2798, 2.8: `userSMIMECertificate`).
fn certificates_in(value: &[u8]) -> Vec<Certificate> {
    let one = Certificate::from_der(value).map(|certificate| vec![certificate]);

    one.or_else(|_| Signed::read(value).map(|signed| signed.certificates)).unwrap_or_default()
}

fn refused(code: u32, said: &str) -> LdapError {
    LdapError::Refused { code, said: text::line(said) }
}
