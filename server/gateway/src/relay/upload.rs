//! The way of a request to the mail server.

use std::future::poll_fn;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker, ready};

use tokio::time::timeout;

use super::{Progress, Relay, RelayError};
use crate::buffer::{Buffer, Mark, poll_some};
use crate::client::Client;
use crate::framing::{BodyError, Decoder, Framing, Sender};
use crate::upstream::{Connection, Stream};

/// The part of a request that has not reached the mail server.
#[derive(Debug)]
pub(super) struct Upload {
    /// What is ready to be written.
    piece: Option<Buffer>,
    body: Decoder,
    chunked: bool,
}

impl Relay<'_> {
    /// Writes the first bytes to a connection that was kept, or to one made for them.
    pub(super) async fn send_first(
        &self,
        first: &mut Buffer,
        mark: Mark,
    ) -> Result<Connection, RelayError> {
        if let Some(mut connection) = self.upstream.reuse(self.buffers) {
            if self.write_first(first, &mut connection).await? {
                return Ok(connection);
            }
            // Not everything was taken, so the server has not acted on it.
            first.rewind(mark);
        }
        let mut connection = self.connect().await?;
        self.write_first(first, &mut connection).await?;
        Ok(connection)
    }

    /// Writes the first bytes. Returns `false` if a connection that had been used before did not take them.
    pub(super) async fn write_first(
        &self,
        first: &mut Buffer,
        connection: &mut Connection,
    ) -> Result<bool, RelayError> {
        let writing = poll_fn(|context| first.poll_drain(context, &mut connection.stream));
        match timeout(self.limits.stall, writing).await {
            Ok(Ok(())) => Ok(true),
            Ok(Err(_)) if connection.used_before => Ok(false),
            Ok(Err(_)) => Err(RelayError::UpstreamGone),
            Err(_) => Err(RelayError::UpstreamSlow),
        }
    }

    /// Sends the rest of the request. A server that answers before it has everything is not sent more; its first bytes are
    /// returned.
    pub(super) async fn send_rest(
        &self,
        client: &mut Client,
        stream: &mut Stream,
        upload: &mut Upload,
    ) -> Result<Option<Buffer>, RelayError> {
        while !upload.is_done() || upload.piece.is_some() {
            let step = poll_fn(|context| {
                if let Poll::Ready(moved) = upload.poll_step(context, client, stream, self.progress)
                {
                    return Poll::Ready(moved.map(|()| None));
                }
                let early = ready!(poll_some(self.buffers, context, stream));
                let early = early.ok().filter(|early| !early.is_empty());
                Poll::Ready(early.map(Some).ok_or(RelayError::UpstreamGone))
            });
            match timeout(self.limits.stall, step).await {
                Ok(Ok(None)) => {}
                // It may have said why before it closed.
                Ok(Err(RelayError::UpstreamGone)) => {
                    return self.wait(client, stream).await.map(Some);
                }
                Ok(early) => return early,
                Err(_) if upload.piece.is_some() => return Err(RelayError::UpstreamSlow),
                Err(_) => return Err(RelayError::ClientSlow),
            }
        }
        self.progress.sent.store(true, Ordering::Relaxed);
        self.flush(stream).await?;
        Ok(None)
    }
}

impl Upload {
    /// Begins a body of at most `allowed` bytes.
    pub(super) fn new(framing: Framing, allowed: u64) -> Result<Self, BodyError> {
        let body = Decoder::new(framing, Sender::Client, allowed)?;
        Ok(Self { piece: None, body, chunked: framing == Framing::Chunked })
    }

    /// Returns whether the client's request has been read to its end.
    pub(super) fn is_done(&self) -> bool {
        self.body.is_done()
    }

    /// Appends to the head what has already been received of the body, so that a small request is written at once.
    pub(super) fn add_first_piece(
        &mut self,
        client: &mut Client,
        head: &mut Buffer,
        progress: &Progress,
    ) -> Result<(), RelayError> {
        if client.unread().is_empty() || self.is_done() {
            return Ok(());
        }
        let received = client.poll_bytes(&mut Context::from_waker(Waker::noop()));
        let Poll::Ready(Ok(raw)) = received else { return Ok(()) };
        let piece = self.decode(raw, client, progress)?;
        if piece.filled().len() <= head.room() {
            head.append(piece.filled());
        } else {
            self.piece = Some(piece);
        }
        Ok(())
    }

    /// Moves one piece from the client to the server.
    fn poll_step(
        &mut self,
        context: &mut Context<'_>,
        client: &mut Client,
        stream: &mut Stream,
        progress: &Progress,
    ) -> Poll<Result<(), RelayError>> {
        if self.piece.is_none() {
            let raw = ready!(client.poll_bytes(context)).map_err(|_| RelayError::ClientGone)?;
            if raw.is_empty() {
                return Poll::Ready(Err(RelayError::ClientGone));
            }
            self.piece = Some(self.decode(raw, client, progress)?);
        }
        if let Some(piece) = &mut self.piece {
            ready!(piece.poll_drain(context, stream)).map_err(|_| RelayError::UpstreamGone)?;
        }
        self.piece = None;
        Poll::Ready(Ok(()))
    }

    /// Turns received bytes into a piece for the server. What belongs to the next request goes back to the client's unread.
    fn decode(
        &mut self,
        mut raw: Buffer,
        client: &mut Client,
        progress: &Progress,
    ) -> Result<Buffer, RelayError> {
        let decoded = self.body.decode(raw.filled_mut())?;
        client.put_back(raw.split_off(decoded.consumed));
        raw.truncate(decoded.content);
        progress.bytes_in.fetch_add(decoded.content as u64, Ordering::Relaxed);
        if self.chunked {
            raw.frame_chunk(self.is_done());
        }
        Ok(raw)
    }
}
