//! One client: its TLS connection, and what it has sent that nobody has read.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use fleet::access::Connection;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::buffer::{Buffer, Buffers, poll_some};
use crate::config::Limits;
use crate::head::{BadHead, end_of_head};

/// Bytes that TLS keeps for a client that reads slowly.
const UNSENT_LIMIT: usize = 32 * 1024;

/// Bytes that are read and forgotten when a connection closes before its client has finished speaking.
const FORGOTTEN_LIMIT: usize = 1024 * 1024;

/// Time for that.
const FORGETTING_TIME: Duration = Duration::from_secs(2);

/// A client whose TLS handshake is done.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TlsStream<TcpStream>,
    buffers: Arc<Buffers>,
    /// What has been received and belongs to no request yet, or to the body of the present one. Never empty.
    unread: Option<Buffer>,
    peer: SocketAddr,
    certificate: Option<[u8; 32]>,
}

/// What came instead of a request head.
#[derive(Debug)]
pub(crate) enum NoHead {
    /// The client or the gateway has ended the connection between two requests, or it broke.
    Closed,
    /// Bytes that are no request head.
    Bad(BadHead),
}

impl From<BadHead> for NoHead {
    fn from(bad: BadHead) -> Self {
        Self::Bad(bad)
    }
}

impl Client {
    /// Does the TLS handshake.
    pub(crate) async fn accept(
        acceptor: &TlsAcceptor,
        tcp: TcpStream,
        peer: SocketAddr,
        buffers: Arc<Buffers>,
        time: Duration,
    ) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        let accepting =
            acceptor.accept_with(tcp, |session| session.set_buffer_limit(Some(UNSENT_LIMIT)));
        let stream =
            timeout(time, accepting).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))?;
        let (_, session) = stream.get_ref();
        let leaf = session.peer_certificates().and_then(|chain| chain.first());
        let certificate = leaf.map(|leaf| Sha256::digest(leaf).into());
        Ok(Self { stream, buffers, unread: None, peer, certificate })
    }

    /// Returns the client's end of the TCP connection.
    pub(crate) fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Returns the SHA-256 of the certificate the client proved to hold.
    pub(crate) fn certificate(&self) -> Option<[u8; 32]> {
        self.certificate
    }

    /// Describes the connection to the faces behind the gateway, or `None` if TLS exports no key material.
    pub(crate) fn connection(&self) -> Option<Connection> {
        let (_, session) = self.stream.get_ref();
        let exporter =
            session.export_keying_material([0; 32], Connection::EXPORTER_LABEL, Some(&[])).ok()?;
        let leaf = session.peer_certificates().and_then(|chain| chain.first());
        Some(Connection {
            exporter,
            client_certificate: leaf.map(|leaf| leaf.to_vec()),
            peer: self.peer,
        })
    }

    /// Waits for a whole request head without holding a buffer, and returns its length. It stays in [`Client::unread`].
    pub(crate) async fn head(
        &mut self,
        limits: &Limits,
        closing: &mut watch::Receiver<bool>,
    ) -> Result<usize, NoHead> {
        let mut buffer = match self.unread.take() {
            Some(unread) => unread,
            None => tokio::select! {
                biased;
                _ = closing.wait_for(|closing| *closing) => return Err(NoHead::Closed),
                bytes = timeout(limits.idle, poll_fn(|context| self.poll_socket(context))) => match bytes {
                    Ok(Ok(bytes)) if !bytes.is_empty() => bytes,
                    Ok(Ok(_) | Err(_)) | Err(_) => return Err(NoHead::Closed),
                },
            },
        };
        buffer.compact();
        let reading = self.rest_of_head(&mut buffer, limits.header_bytes);
        let length = timeout(limits.header_time, reading).await;
        let length =
            length.unwrap_or(Err(BadHead { status: 408, what: "head came too slowly" }.into()))?;
        self.unread = Some(buffer);
        Ok(length)
    }

    async fn rest_of_head(&mut self, buffer: &mut Buffer, limit: usize) -> Result<usize, NoHead> {
        let mut seen = 0;
        loop {
            match end_of_head(buffer.filled(), seen)? {
                Some(length) if length <= limit => return Ok(length),
                None if buffer.filled().len() < limit => {}
                Some(_) | None => return Err(BadHead { status: 431, what: "head too long" }.into()),
            }
            seen = buffer.filled().len();
            match poll_fn(|context| buffer.poll_fill(context, &mut self.stream)).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => return Err(NoHead::Closed),
            }
        }
    }

    /// Returns what has been received and not been read.
    pub(crate) fn unread(&self) -> &[u8] {
        self.unread.as_ref().map(Buffer::filled).unwrap_or_default()
    }

    /// Marks `count` bytes as read.
    pub(crate) fn consume(&mut self, count: usize) {
        if let Some(unread) = &mut self.unread {
            unread.consume(count);
        }
        self.unread.take_if(|unread| unread.is_empty());
    }

    /// Puts back what was read too much.
    pub(crate) fn put_back(&mut self, rest: Option<Buffer>) {
        self.unread = rest.filter(|rest| !rest.is_empty());
    }

    /// Returns the next bytes; an empty buffer is the end.
    pub(crate) fn poll_bytes(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Buffer>> {
        match self.unread.take() {
            Some(unread) => Poll::Ready(Ok(unread)),
            None => self.poll_socket(context),
        }
    }

    /// Becomes ready when the client has gone away. What it sends in the meantime is kept, up to one buffer.
    pub(crate) fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.unread.is_some() {
            return Poll::Pending;
        }
        match self.poll_socket(context) {
            Poll::Ready(Ok(bytes)) if !bytes.is_empty() => {
                self.unread = Some(bytes);
                Poll::Pending
            }
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_socket(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Buffer>> {
        poll_some(&self.buffers, context, &mut self.stream)
    }

    /// Writes the content of `buffer`, which must make progress within `stall`.
    pub(crate) async fn write(&mut self, buffer: &mut Buffer, stall: Duration) -> io::Result<()> {
        let writing = poll_fn(|context| buffer.poll_drain(context, &mut self.stream));
        timeout(stall, writing).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Hands everything that was written to the network.
    pub(crate) async fn flush(&mut self, stall: Duration) -> io::Result<()> {
        let flushing = poll_fn(|context| Pin::new(&mut self.stream).poll_flush(context));
        timeout(stall, flushing).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Closes so that the last answer arrives even if the client is still sending.
    pub(crate) async fn close(mut self) {
        let closing = async {
            if self.stream.shutdown().await.is_err() {
                return;
            }
            let mut forgotten = 0;
            while forgotten < FORGOTTEN_LIMIT {
                match poll_fn(|context| self.poll_socket(context)).await {
                    Ok(bytes) if !bytes.is_empty() => forgotten += bytes.filled().len(),
                    Ok(_) | Err(_) => return,
                }
            }
        };
        // A client that keeps the connection busy for longer loses the answer.
        timeout(FORGETTING_TIME, closing).await.unwrap_or_default();
    }
}
