//! Connections to the mail server, and the ones that wait for their next request.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::buffer::{Buffers, poll_some};
use crate::config::{Limits, UpstreamConfig};

/// The mail server.
#[derive(Debug)]
pub(crate) struct Upstream {
    config: UpstreamConfig,
    authority: String,
    connect_time: Duration,
    keep_for: Duration,
    keep: usize,
    idle: Mutex<VecDeque<(Instant, Stream)>>,
}

/// A connection to the mail server on which one request is under way.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The bytes.
    pub(crate) stream: Stream,
    /// Whether it has served before, so that the server may have closed it in the meantime.
    pub(crate) used_before: bool,
}

impl Upstream {
    /// Describes the mail server without connecting to it.
    pub(crate) fn new(config: UpstreamConfig, limits: &Limits) -> Self {
        Self {
            authority: config.authority(),
            config,
            connect_time: limits.connect_time,
            keep_for: limits.upstream_idle,
            keep: limits.upstream_idle_connections,
            idle: Mutex::default(),
        }
    }

    /// Returns the value of `Host` for this server.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// Returns the path under which this server speaks ActiveSync.
    pub(crate) fn path(&self) -> &str {
        &self.config.path
    }

    /// Takes the connection that was used last and is still open, if there is one.
    pub(crate) fn reuse(&self, buffers: &Arc<Buffers>) -> Option<Connection> {
        loop {
            let (since, mut stream) =
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop_back()?;
            if since.elapsed() < self.keep_for && is_quiet(&mut stream, buffers) {
                return Some(Connection { stream, used_before: true });
            }
        }
    }

    /// Makes a connection.
    pub(crate) async fn connect(&self) -> io::Result<Connection> {
        let connecting = async {
            let tcp = TcpStream::connect((self.config.host.as_str(), self.config.port)).await?;
            tcp.set_nodelay(true)?;
            let Some((config, name)) = &self.config.tls else {
                return io::Result::Ok(Stream::Plain(tcp));
            };
            let tls = TlsConnector::from(Arc::clone(config)).connect(name.clone(), tcp).await?;
            Ok(Stream::Tls(Box::new(tls)))
        };
        let stream = timeout(self.connect_time, connecting)
            .await
            .unwrap_or(Err(io::ErrorKind::TimedOut.into()))?;
        Ok(Connection { stream, used_before: false })
    }

    /// Keeps a connection for the next request. Its last answer must have been read to the end.
    pub(crate) fn keep(&self, connection: Connection) {
        let now = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while idle.front().is_some_and(|(since, _)| now - *since >= self.keep_for)
            || idle.len() >= self.keep.max(1)
        {
            idle.pop_front();
        }
        if self.keep > 0 {
            idle.push_back((now, connection.stream));
        }
    }

    /// Closes the connections that have waited too long.
    pub(crate) fn close_old(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while idle.front().is_some_and(|(since, _)| since.elapsed() >= self.keep_for) {
            idle.pop_front();
        }
    }
}

/// A server that has closed, or that says something unasked, cannot be asked again.
fn is_quiet(stream: &mut Stream, buffers: &Arc<Buffers>) -> bool {
    poll_some(buffers, &mut Context::from_waker(Waker::noop()), stream).is_pending()
}

/// A plain or encrypted connection to the mail server.
#[derive(Debug)]
pub(crate) enum Stream {
    /// Without encryption, for a server on the same machine or a protected network.
    Plain(TcpStream),
    /// With TLS; boxed, because it is large.
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
