//! A client that sends exactly the bytes it is told to.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::soon;

/// A TLS connection to the gateway.
pub(crate) struct Client {
    pub(crate) stream: TlsStream<TcpStream>,
    received: Vec<u8>,
}

/// An answer of the gateway.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, config: ClientConfig) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap(), config).await
    }

    /// Speaks TLS on a connection that is there.
    pub(crate) async fn over(tcp: TcpStream, config: ClientConfig) -> Self {
        let name = "mail.test".try_into().unwrap();
        let stream = soon(TlsConnector::from(Arc::new(config)).connect(name, tcp)).await.unwrap();
        Self { stream, received: Vec::new() }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes()).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Reads one whole answer.
    pub(crate) async fn answer(&mut self) -> Answer {
        self.try_answer().await.expect("an answer")
    }

    /// Reads one whole answer, or returns `None` if the connection ends before.
    pub(crate) async fn try_answer(&mut self) -> Option<Answer> {
        let head = self.take_until(b"\r\n\r\n").await?;
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let lower = head.to_ascii_lowercase();
        let length = lower.split("content-length: ").nth(1);
        let body = if lower.contains("transfer-encoding: chunked") {
            self.chunks().await?
        } else if let Some(length) = length {
            let length = length.lines().next().unwrap().trim().parse().unwrap();
            self.take(length).await?
        } else {
            Vec::new()
        };
        Some(Answer { status, head, body })
    }

    async fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = String::from_utf8(self.take_until(b"\r\n").await?).unwrap();
            let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
            let chunk = self.take(size + 2).await?;
            body.extend_from_slice(&chunk[..size]);
            if size == 0 {
                return Some(body);
            }
        }
    }

    /// Takes everything up to and with `end`.
    pub(crate) async fn take_until(&mut self, end: &[u8]) -> Option<Vec<u8>> {
        loop {
            if let Some(at) = self.received.windows(end.len()).position(|window| window == end) {
                return Some(self.received.drain(..at + end.len()).collect());
            }
            self.receive().await?;
        }
    }

    /// Takes `count` bytes.
    pub(crate) async fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.received.len() < count {
            self.receive().await?;
        }
        Some(self.received.drain(..count).collect())
    }

    async fn receive(&mut self) -> Option<()> {
        let mut bytes = vec![0; 64 * 1024];
        let count = soon(self.stream.read(&mut bytes)).await.unwrap_or(0);
        self.received.extend_from_slice(&bytes[..count]);
        (count > 0).then_some(())
    }

    /// Waits until the gateway closes the connection. Returns what came before.
    pub(crate) async fn closed(&mut self) -> Vec<u8> {
        while self.receive().await.is_some() {}
        std::mem::take(&mut self.received)
    }

    pub(crate) fn exporter(&self, label: &[u8]) -> [u8; 32] {
        let (_, session) = self.stream.get_ref();
        session.export_keying_material([0; 32], label, Some(&[])).unwrap()
    }
}

impl Answer {
    /// Returns whether the gateway ends the connection after this answer.
    pub(crate) fn closes(&self) -> bool {
        self.head.to_ascii_lowercase().contains("connection: close")
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}
