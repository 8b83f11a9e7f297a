//! The one HTTP/1.1 client: pinned trust, device certificate, limits on everything.
//!
//! Connections are kept and used again. A request is sent a second time only if the first attempt died before any
//! of it was sent, which happens when the server has closed an idle connection.

mod connection;
mod endpoint;
mod open;
mod reach;
mod trust;

pub(crate) use connection::Connection;
pub(crate) use connection::dial;
pub(crate) use endpoint::Endpoint;
pub(crate) use open::send as send_open;
pub(crate) use reach::Reach;
pub(crate) use trust::{ClientIdentity, Trust, config};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use rustls::ClientConfig;
use rustls_pki_types::{InvalidDnsNameError, ServerName};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// How long a connection may take to be made, TLS included.
const CONNECT: Duration = Duration::from_secs(15);
/// How many connections are kept for later.
const KEPT: usize = 4;

/// Sends requests to one server. Clones share their connections.
#[derive(Clone)]
pub(crate) struct Client(Arc<Inner>);

struct Inner {
    address: Address,
    reach: Reach,
    tls: Arc<ClientConfig>,
    idle: Mutex<Vec<Connection>>,
}

/// Where a server is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Address {
    /// Host name or IP address, without brackets.
    host: String,
    port: u16,
    name: ServerName<'static>,
}

/// What to send.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// How long the whole answer may take.
    pub(crate) within: Duration,
    /// The largest body of an answer, in bytes.
    pub(crate) largest: usize,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// The answer broke off; the server may have acted.
    #[error("the connection broke before the answer was complete")]
    Broken(#[source] hyper::Error),
    /// Nobody answers there at present.
    #[error("no connection to {address} can be made")]
    Connect {
        /// Where.
        address: String,
        /// What the operating system says.
        #[source]
        cause: std::io::Error,
    },
    /// The name leads to a place that this client must not reach.
    #[error("{address} is not on the internet")]
    NotPublic {
        /// Where.
        address: String,
    },
    /// The answer is larger than it may be.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The answer did not come in time; the server may have acted.
    #[error("no answer came in time")]
    TooSlow,
    /// Whoever answers is not the server, or does not accept this device's certificate.
    #[error("no secure connection to {address} can be made")]
    Untrusted {
        /// Where.
        address: String,
        /// What TLS says.
        #[source]
        cause: std::io::Error,
    },
}

impl Client {
    /// Sends requests to `address`.
    pub(crate) fn new(
        address: Address,
        trust: &Trust,
        identity: Option<ClientIdentity>,
    ) -> Result<Self, rustls::Error> {
        Self::within(Reach::Everywhere, address, trust, identity)
    }

    /// As [`new`](Self::new), and reaches no further than `reach`.
    pub(crate) fn within(
        reach: Reach,
        address: Address,
        trust: &Trust,
        identity: Option<ClientIdentity>,
    ) -> Result<Self, rustls::Error> {
        let tls = Arc::new(trust::for_http(trust, identity)?);

        Ok(Self(Arc::new(Inner { address, reach, tls, idle: Mutex::default() })))
    }

    /// Makes a connection that is used for nothing else.
    pub(crate) async fn connect(&self) -> Result<Connection, HttpError> {
        let making = Connection::make(&self.0.address, self.0.reach, Arc::clone(&self.0.tls));

        timeout(CONNECT, making).await.map_err(|_| HttpError::TooSlow)?
    }

    /// Sends a request and waits for the whole answer.
    pub(crate) async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let within = request.within;

        timeout(within, self.exchange(request)).await.map_err(|_| HttpError::TooSlow)?
    }

    async fn exchange(&self, request: Request) -> Result<Response, HttpError> {
        while let Some(mut kept) = self.take() {
            if let Some(answer) = kept.try_send(&request).await {
                let answer = answer?;
                self.keep(kept);
                return Ok(answer);
            }
        }
        let mut fresh = self.connect().await?;
        let answer = fresh.send(&request).await?;
        self.keep(fresh);

        Ok(answer)
    }

    fn take(&self) -> Option<Connection> {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(Connection::is_open);

        idle.pop()
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if connection.is_open() && idle.len() < KEPT {
            idle.push(connection);
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.0.address).finish_non_exhaustive()
    }
}

impl Address {
    /// Host name or IP address, without brackets.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The name that the certificate must have.
    pub(crate) fn name(&self) -> ServerName<'static> {
        self.name.clone()
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The port of HTTPS.
    const HTTPS: u16 = 443;

    /// Reads `HOST`, `HOST:PORT`, `[V6]` or `[V6]:PORT`.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        Self::with_port(text, Self::HTTPS)
    }

    /// As [`parse`](Self::parse), where another port than that of HTTPS is the usual one.
    pub(crate) fn with_port(text: &str, usual: u16) -> Result<Self, AddressError> {
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, rest)) => (host, Some(rest.strip_prefix(':').ok_or(AddressError::Port)?)),
            None => match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        let port = match port {
            Some(port) => port.parse().map_err(|_| AddressError::Port)?,
            None => usual,
        };
        let name = ServerName::try_from(host.to_owned()).map_err(AddressError::Host)?;

        Ok(Self { host: host.to_owned(), port, name })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.host.contains(':'), self.port) {
            (false, Self::HTTPS) => f.write_str(&self.host),
            (false, port) => write!(f, "{}:{port}", self.host),
            (true, Self::HTTPS) => write!(f, "[{}]", self.host),
            (true, port) => write!(f, "[{}]:{port}", self.host),
        }
    }
}

/// Why a text does not say where a server is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddressError {
    /// It is no host name and no address.
    #[error("the server has no valid name")]
    Host(#[source] InvalidDnsNameError),
    /// It is no number from 0 to 65535.
    #[error("the server has no valid port")]
    Port,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        for text in
            ["mail.example.org", "mail.example.org:8443", "127.0.0.1:1", "[::1]", "[::1]:8443"]
        {
            assert_eq!(Address::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Address::parse("mail.example.org:443").unwrap().to_string(), "mail.example.org");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "a b", "host:", "host:x", "host:70000", "[::1", "[::1]8", "https://host"] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
