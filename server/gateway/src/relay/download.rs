//! The way of an answer to the client.

use std::future::poll_fn;
use std::sync::atomic::Ordering;

use tokio::time::timeout;

use super::{Relay, RelayError};
use crate::answer::{Answer, Found, Reader, translate};
use crate::buffer::{Buffer, poll_some};
use crate::client::Client;
use crate::framing::{Decoder, Framing, Sender};
use crate::upstream::{Connection, Stream};

/// The body of an answer, as far as it has not reached the client.
struct Download {
    body: Decoder,
    chunked: bool,
    /// Whether nothing has come that does not belong to the answer.
    clean: bool,
}

impl Relay<'_> {
    /// Passes the answer on, of which `first` has come, and keeps the connection if it can be used again. Returns whether the
    /// client's connection takes another request.
    pub(super) async fn pass_on(
        &self,
        client: &mut Client,
        mut connection: Connection,
        mut first: Buffer,
        reader: Reader<'_>,
    ) -> Result<bool, RelayError> {
        let mut out = self.buffers.take();
        let answer = self.answer_head(&mut connection.stream, &mut first, reader, &mut out).await?;
        self.progress.status.store(answer.status, Ordering::Relaxed);
        let chunked = matches!(answer.framing, Framing::Chunked | Framing::UntilClose);
        let body = Decoder::new(answer.framing, Sender::Server, u64::MAX)?;
        let mut download = Download { body, chunked, clean: true };
        self.decode(&mut download, &mut first)?;
        if first.filled().len() <= out.room() {
            out.append(first.filled());
            first.truncate(0);
        }
        self.write(client, out).await?;
        self.write(client, first).await?;
        self.pass_rest(client, &mut connection.stream, &mut download).await?;
        client.flush(self.limits.stall).await.map_err(|_| RelayError::ClientGone)?;
        if answer.reusable && download.clean && self.progress.is_sent() {
            self.upstream.keep(connection);
        }
        Ok(!reader.closes)
    }

    /// Reads until the head of the answer is whole, and writes the client's to `out`.
    async fn answer_head(
        &self,
        stream: &mut Stream,
        first: &mut Buffer,
        reader: Reader<'_>,
        out: &mut Buffer,
    ) -> Result<Answer, RelayError> {
        loop {
            match translate(first.filled(), reader, out)? {
                Found::Final { length, answer } => {
                    first.consume(length);
                    return Ok(answer);
                }
                Found::Interim { length } => first.consume(length),
                Found::Part => {
                    let reading = poll_fn(|context| first.poll_fill(context, stream));
                    match timeout(self.limits.stall, reading).await {
                        Ok(Ok(1..)) => {}
                        Ok(Ok(0) | Err(_)) => return Err(RelayError::UpstreamGone),
                        Err(_) => return Err(RelayError::UpstreamSlow),
                    }
                }
            }
        }
    }

    /// Passes on what follows the first bytes. No buffer is held while the server makes a pause.
    async fn pass_rest(
        &self,
        client: &mut Client,
        stream: &mut Stream,
        download: &mut Download,
    ) -> Result<(), RelayError> {
        while !download.body.is_done() {
            let reading = poll_fn(|context| poll_some(self.buffers, context, stream));
            let mut piece = match timeout(self.limits.stall, reading).await {
                Ok(Ok(piece)) => piece,
                Ok(Err(_)) => return Err(RelayError::UpstreamGone),
                Err(_) => return Err(RelayError::UpstreamSlow),
            };
            if piece.is_empty() {
                if !download.body.may_end_here() {
                    return Err(RelayError::UpstreamGone);
                }
                piece.end_chunks();
                return self.write(client, piece).await;
            }
            self.decode(download, &mut piece)?;
            self.write(client, piece).await?;
        }
        Ok(())
    }

    /// Leaves in `piece` what the client gets.
    fn decode(&self, download: &mut Download, piece: &mut Buffer) -> Result<(), RelayError> {
        let received = piece.filled().len();
        let decoded =
            download.body.decode(piece.filled_mut()).map_err(|_| RelayError::UpstreamGone)?;
        download.clean &= decoded.consumed == received;
        piece.truncate(decoded.content);
        self.progress.bytes_out.fetch_add(decoded.content as u64, Ordering::Relaxed);
        if download.chunked {
            piece.frame_chunk(download.body.is_done());
        }
        Ok(())
    }

    async fn write(&self, client: &mut Client, mut piece: Buffer) -> Result<(), RelayError> {
        client.write(&mut piece, self.limits.stall).await.map_err(|_| RelayError::ClientGone)
    }
}
