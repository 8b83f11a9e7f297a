//! What can be set, and the values that hold when nothing is set.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use time::OffsetDateTime;

use crate::buffer::CAPACITY;
use crate::head::MOST_HEADERS;

/// How one gateway is set up.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// The mail server behind the gateway.
    pub upstream: UpstreamConfig,
    /// How long the last known standing of devices counts without a sign of life from the feed. After that every ActiveSync
    /// request is refused until the feed is back.
    pub fail_closed_after: Duration,
    /// Sizes, counts and times.
    pub limits: Limits,
    /// How many refusals [`Gateway::recent_refusals`](crate::Gateway::recent_refusals) remembers, those of devices before others.
    pub remembered_refusals: usize,
    /// Names of cookies that reach the mail server besides those by which Exchange finds a mailbox; one that ends with `*` stands for
    /// all that begin so. A cookie that signs somebody in must not be among them.
    pub forwarded_cookies: Vec<String>,
    /// Names of request headers that reach the mail server besides those ActiveSync clients use, in lower case.
    pub forwarded_headers: Vec<String>,
    /// The clock that dates answers and refusals.
    pub clock: fn() -> OffsetDateTime,
}

impl GatewayConfig {
    /// Sets up a gateway in front of `upstream` with the usual values.
    pub fn new(upstream: UpstreamConfig, clock: fn() -> OffsetDateTime) -> Self {
        Self {
            upstream,
            fail_closed_after: Duration::from_secs(60),
            limits: Limits::default(),
            remembered_refusals: 200,
            forwarded_cookies: Vec::new(),
            forwarded_headers: Vec::new(),
            clock,
        }
    }
}

/// Sizes, counts and times that bound what one client can use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at the same time; further ones wait to be accepted.
    pub connections: usize,
    /// Connections at the same time from one IPv4 address or from one /64 of IPv6; further ones are closed at once. Many phones of one
    /// company can share an address.
    pub connections_per_address: usize,
    /// Of these, the ones whose TLS handshake is not done.
    pub handshakes_per_address: usize,
    /// Time for the TLS handshake.
    pub handshake_time: Duration,
    /// Time from the first to the last byte of a request head.
    pub header_time: Duration,
    /// Bytes of a request head, at most 16 KiB.
    pub header_bytes: usize,
    /// Header lines of a request, at most 128.
    pub header_count: usize,
    /// Bytes of an ActiveSync request body; sent mail with its attachments must fit.
    pub request_bytes: u64,
    /// Bytes of a request body for the paths that are served in process.
    pub face_request_bytes: u64,
    /// Time for the whole body of a request.
    pub body_time: Duration,
    /// Time that a body or an answer may stand still in the middle.
    pub stall: Duration,
    /// Time without a request after which a connection is closed.
    pub idle: Duration,
    /// Time the mail server may take to begin its answer. ActiveSync holds a request for up to 59 minutes.
    pub longest_hold: Duration,
    /// Time to connect to the mail server.
    pub connect_time: Duration,
    /// Time an unused connection to the mail server is kept; shorter than the server keeps it itself.
    pub upstream_idle: Duration,
    /// Unused connections to the mail server that are kept.
    pub upstream_idle_connections: usize,
    /// Time that running requests get when the gateway stops.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 100_000,
            connections_per_address: 5_000,
            handshakes_per_address: 1_000,
            handshake_time: Duration::from_secs(10),
            header_time: Duration::from_secs(10),
            header_bytes: CAPACITY,
            header_count: 64,
            request_bytes: 100 * 1024 * 1024,
            face_request_bytes: 256 * 1024,
            body_time: Duration::from_secs(15 * 60),
            stall: Duration::from_secs(60),
            idle: Duration::from_secs(120),
            longest_hold: Duration::from_secs(61 * 60),
            connect_time: Duration::from_secs(5),
            upstream_idle: Duration::from_secs(4),
            upstream_idle_connections: 256,
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// Brings sizes down to what the buffers and the parser have room for.
    pub(crate) fn bounded(mut self) -> Self {
        self.header_bytes = self.header_bytes.min(CAPACITY);
        self.header_count = self.header_count.min(MOST_HEADERS);
        self
    }
}

/// The path of ActiveSync, in the letter case that every server answers.
pub(crate) const ACTIVESYNC_PATH: &str = "/Microsoft-Server-ActiveSync";

/// Where the mail server is and how it proves itself.
#[derive(Clone)]
pub struct UpstreamConfig {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) path: String,
    pub(crate) tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

/// Why an address is not that of a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// The host or the port is missing or misspelt.
    #[error("the address of the mail server has no valid host and port")]
    Host,
    /// The path contains a query or characters that must be encoded.
    #[error("the address of the mail server has no valid path")]
    Path,
    /// The address begins with neither `http://` nor `https://`.
    #[error("the address of the mail server begins with neither http:// nor https://")]
    Scheme,
}

impl UpstreamConfig {
    /// Reads an address such as `https://mail.example.org` or `http://127.0.0.1:20000/SOGo/Microsoft-Server-ActiveSync`.
    ///
    /// Without a path, `/Microsoft-Server-ActiveSync` is taken. A server with `https` must prove itself with a certificate that
    /// leads to one of `anchors`.
    ///
    /// # Errors
    ///
    /// [`UpstreamError`] names the part that cannot be read.
    pub fn parse(url: &str, anchors: RootCertStore) -> Result<Self, UpstreamError> {
        let (rest, secure) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (rest, true),
            (None, Some(rest)) => (rest, false),
            (None, None) => return Err(UpstreamError::Scheme),
        };
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        if !path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'%'))
        {
            return Err(UpstreamError::Path);
        }
        let (host, port) =
            split_authority(authority, if secure { 443 } else { 80 }).ok_or(UpstreamError::Host)?;
        let tls = if secure { Some(client_config(&host, anchors)?) } else { None };
        let path = if path.is_empty() || path == "/" { ACTIVESYNC_PATH } else { path };
        Ok(Self { host, port, path: path.to_owned(), tls })
    }

    /// Returns the value of `Host` that the mail server expects.
    pub(crate) fn authority(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.port, &self.tls) {
            (443, Some(_)) | (80, None) => host,
            (port, _) => format!("{host}:{port}"),
        }
    }
}

impl fmt::Debug for UpstreamConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        write!(formatter, "{scheme}://{}{}", self.authority(), self.path)
    }
}

/// Takes `host`, `host:port`, `[address]` and `[address]:port`.
fn split_authority(authority: &str, default_port: u16) -> Option<(String, u16)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, rest.strip_prefix(':').or_else(|| rest.is_empty().then_some(""))?)
        }
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    let plausible = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    if host.is_empty() || !host.bytes().all(plausible) {
        return None;
    }
    let port =
        if port.is_empty() { default_port } else { port.parse().ok().filter(|port| *port != 0)? };
    Some((host.to_owned(), port))
}

fn client_config(
    host: &str,
    anchors: RootCertStore,
) -> Result<(Arc<ClientConfig>, ServerName<'static>), UpstreamError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| UpstreamError::Scheme)?
        .with_root_certificates(anchors)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = ServerName::try_from(host.to_owned()).map_err(|_| UpstreamError::Host)?;
    Ok((Arc::new(config), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_mail_servers_are_read() {
        for (url, shown) in [
            ("http://127.0.0.1:20000", "http://127.0.0.1:20000/Microsoft-Server-ActiveSync"),
            ("http://mail/", "http://mail/Microsoft-Server-ActiveSync"),
            ("https://mail.example.org", "https://mail.example.org/Microsoft-Server-ActiveSync"),
            ("https://mail.example.org:8443/a/b", "https://mail.example.org:8443/a/b"),
            ("https://[::1]:444", "https://[::1]:444/Microsoft-Server-ActiveSync"),
        ] {
            assert_eq!(
                format!("{:?}", UpstreamConfig::parse(url, RootCertStore::empty()).unwrap()),
                shown
            );
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for (url, error) in [
            ("mail.example.org", UpstreamError::Scheme),
            ("ftp://mail", UpstreamError::Scheme),
            ("http://", UpstreamError::Host),
            ("http://user@mail", UpstreamError::Host),
            ("http://mail:0", UpstreamError::Host),
            ("http://mail:70000", UpstreamError::Host),
            ("http://[mail]", UpstreamError::Host),
            ("http://mail/a?b", UpstreamError::Path),
            ("http://mail/a b", UpstreamError::Path),
        ] {
            assert_eq!(
                UpstreamConfig::parse(url, RootCertStore::empty()).err(),
                Some(error),
                "{url}"
            );
        }
    }
}
