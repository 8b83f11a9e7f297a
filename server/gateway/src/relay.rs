//! One allowed request on its way to the mail server, and the answer on its way back.
//!
//! ```text
//! client ── piece by piece ──> mail server      upload
//!        (no buffer is held)                    wait: for the first byte, for up to an hour
//! client <── piece by piece ── mail server      download
//! ```

mod download;
mod error;
mod upload;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::task::{Poll, ready};

use tokio::io::AsyncWrite;
use tokio::time::timeout;

use crate::answer::Reader;
use crate::buffer::{Buffer, Buffers, poll_some};
use crate::client::Client;
use crate::config::Limits;
use crate::framing::Framing;
use crate::upstream::{Connection, Stream, Upstream};

pub(crate) use error::RelayError;
use upload::Upload;

/// How far a request has come. It outlives the relay, which may be dropped at any moment.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    sent: AtomicBool,
    status: AtomicU16,
}

impl Progress {
    /// Bytes of the request's body.
    pub(crate) fn bytes_in(&self) -> u64 {
        self.bytes_in.load(Ordering::Relaxed)
    }

    /// Bytes of the answer's body.
    pub(crate) fn bytes_out(&self) -> u64 {
        self.bytes_out.load(Ordering::Relaxed)
    }

    /// Whether the client's request has been read to its end.
    pub(crate) fn is_sent(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }

    /// The status that the client has begun to see.
    pub(crate) fn answered(&self) -> Option<u16> {
        Some(self.status.load(Ordering::Relaxed)).filter(|status| *status != 0)
    }
}

/// A request that may go to the mail server.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// The head for the mail server.
    pub(crate) head: Buffer,
    /// How the body ends.
    pub(crate) framing: Framing,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub(crate) expects_continue: bool,
    /// Whether it does no harm to ask twice.
    pub(crate) repeatable: bool,
    /// The name under which the client reached the gateway.
    pub(crate) host: Box<str>,
    /// Whether the client wants no further request on its connection.
    pub(crate) closes: bool,
}

/// What a request needs on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relay<'a> {
    pub(crate) upstream: &'a Upstream,
    pub(crate) buffers: &'a Arc<Buffers>,
    pub(crate) limits: &'a Limits,
    pub(crate) progress: &'a Progress,
}

impl Relay<'_> {
    /// Carries one request and its answer. Returns whether the client's connection takes another request.
    pub(crate) async fn run(
        self,
        client: &mut Client,
        outgoing: Outgoing,
    ) -> Result<bool, RelayError> {
        let Outgoing { mut head, framing, expects_continue, repeatable, host, closes } = outgoing;
        let mut upload = Upload::new(framing, self.limits.request_bytes)?;
        let mark = head.mark();
        upload.add_first_piece(client, &mut head, self.progress)?;
        self.progress.sent.store(upload.is_done(), Ordering::Relaxed);
        let mut connection = self.send_first(&mut head, mark).await?;
        if repeatable && connection.used_before && upload.is_done() {
            head.rewind(mark);
            return self.ask_twice(client, connection, head, self.reader(&host, closes)).await;
        }
        drop(head);
        if expects_continue && client.unread().is_empty() && !upload.is_done() {
            self.invite_body(client).await?;
        }
        let sending = self.send_rest(client, &mut connection.stream, &mut upload);
        let early =
            timeout(self.limits.body_time, sending).await.unwrap_or(Err(RelayError::ClientSlow))?;
        let closes = closes || !upload.is_done();
        drop(upload);
        let first = match early {
            Some(first) => first,
            None => self.wait(client, &mut connection.stream).await?,
        };
        self.pass_on(client, connection, first, self.reader(&host, closes)).await
    }

    fn reader<'a>(&'a self, host: &'a str, closes: bool) -> Reader<'a> {
        Reader { host, upstream: self.upstream.authority(), closes }
    }

    /// Repeats a harmless request if the server closed the connection that it had kept.
    async fn ask_twice(
        &self,
        client: &mut Client,
        mut connection: Connection,
        mut head: Buffer,
        reader: Reader<'_>,
    ) -> Result<bool, RelayError> {
        self.flush(&mut connection.stream).await?;
        let first = match self.wait(client, &mut connection.stream).await {
            Err(RelayError::UpstreamGone) => {
                connection = self.connect().await?;
                self.write_first(&mut head, &mut connection).await?;
                self.flush(&mut connection.stream).await?;
                self.wait(client, &mut connection.stream).await?
            }
            first => first?,
        };
        self.pass_on(client, connection, first, reader).await
    }

    /// Tells a client that waits for it to send its body.
    async fn invite_body(&self, client: &mut Client) -> Result<(), RelayError> {
        let mut invitation = self.buffers.take();
        invitation.append(b"HTTP/1.1 100 Continue\r\n\r\n");
        client
            .write(&mut invitation, self.limits.stall)
            .await
            .map_err(|_| RelayError::ClientGone)?;
        client.flush(self.limits.stall).await.map_err(|_| RelayError::ClientGone)
    }

    /// Waits for the first bytes of the answer, or for the client to go away. Nothing is held in the meantime.
    async fn wait(&self, client: &mut Client, stream: &mut Stream) -> Result<Buffer, RelayError> {
        let waiting = poll_fn(|context| {
            if let Poll::Ready(first) = poll_some(self.buffers, context, stream) {
                let first = first.ok().filter(|first| !first.is_empty());
                return Poll::Ready(first.ok_or(RelayError::UpstreamGone));
            }
            ready!(client.poll_gone(context));
            Poll::Ready(Err(RelayError::ClientGone))
        });
        timeout(self.limits.longest_hold, waiting).await.unwrap_or(Err(RelayError::UpstreamSlow))
    }

    async fn connect(&self) -> Result<Connection, RelayError> {
        self.upstream.connect().await.map_err(RelayError::Unreachable)
    }

    async fn flush(&self, stream: &mut Stream) -> Result<(), RelayError> {
        let flushing = poll_fn(|context| Pin::new(&mut *stream).poll_flush(context));
        let flushed =
            timeout(self.limits.stall, flushing).await.map_err(|_| RelayError::UpstreamSlow)?;
        flushed.map_err(|_| RelayError::UpstreamGone)
    }
}
