//! A mail server that reads requests as they come and reacts as told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::soon;

/// The server's address and what happens to it.
pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    events: mpsc::UnboundedReceiver<Event>,
}

#[derive(Debug)]
enum Event {
    Request(Seen),
    Closed(usize),
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Which connection it came on, counted from 0.
    pub(crate) connection: usize,
    /// How many requests had come on it before.
    pub(crate) before: usize,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reaction {
    /// It sends these bytes and waits for the next request.
    Answer(Vec<u8>),
    /// It sends these bytes and closes.
    AnswerAndClose(Vec<u8>),
    /// It says nothing until the gateway closes.
    Hold,
}

impl Reaction {
    pub(crate) fn ok() -> Self {
        Self::text("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    }

    pub(crate) fn text(answer: &str) -> Self {
        Self::Answer(answer.into())
    }
}

type React = Arc<dyn Fn(&Seen) -> Reaction + Send + Sync>;

impl MailServer {
    pub(crate) async fn start(react: impl Fn(&Seen) -> Reaction + Send + Sync + 'static) -> Self {
        Self::listen(Arc::new(react), None).await
    }

    pub(crate) async fn start_tls(
        acceptor: TlsAcceptor,
        react: impl Fn(&Seen) -> Reaction + Send + Sync + 'static,
    ) -> Self {
        Self::listen(Arc::new(react), Some(acceptor)).await
    }

    async fn listen(react: React, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, events) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let count = AtomicUsize::new(0);
            while let Ok((tcp, _)) = listener.accept().await {
                let connection = count.fetch_add(1, Ordering::Relaxed);
                let (sender, react, acceptor) =
                    (sender.clone(), Arc::clone(&react), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        Some(acceptor) => {
                            if let Ok(tls) = acceptor.accept(tcp).await {
                                serve(tls, connection, &sender, &react).await;
                            }
                        }
                        None => serve(tcp, connection, &sender, &react).await,
                    }
                    sender.send(Event::Closed(connection)).unwrap_or_default();
                });
            }
        });
        Self { address, events }
    }

    /// Waits for the next request.
    pub(crate) async fn request(&mut self) -> Seen {
        loop {
            if let Event::Request(seen) = soon(self.events.recv()).await.unwrap() {
                return seen;
            }
        }
    }

    /// Waits until the gateway closes a connection, and returns which.
    pub(crate) async fn closed(&mut self) -> usize {
        loop {
            if let Event::Closed(connection) = soon(self.events.recv()).await.unwrap() {
                return connection;
            }
        }
    }

    /// Returns the requests that have come and were not asked for.
    pub(crate) fn others(&mut self) -> Vec<Seen> {
        let mut others = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            if let Event::Request(seen) = event {
                others.push(seen);
            }
        }
        others
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    connection: usize,
    events: &mpsc::UnboundedSender<Event>,
    react: &React,
) {
    let mut received = Vec::new();
    let mut before = 0;
    while let Some((head, body)) = read_request(&mut stream, &mut received).await {
        let seen = Seen { connection, before, head, body };
        before += 1;
        let reaction = react(&seen);
        events.send(Event::Request(seen)).unwrap_or_default();
        match reaction {
            Reaction::Answer(bytes) => drop(stream.write_all(&bytes).await),
            Reaction::AnswerAndClose(bytes) => {
                drop(stream.write_all(&bytes).await);
                drop(stream.shutdown().await);
                return;
            }
            Reaction::Hold => {}
        }
        drop(stream.flush().await);
    }
}

async fn read_request<S: AsyncRead + Unpin>(
    stream: &mut S,
    received: &mut Vec<u8>,
) -> Option<(String, Vec<u8>)> {
    let head = take_until(stream, received, b"\r\n\r\n").await?;
    let head = String::from_utf8(head).unwrap();
    let mut body = Vec::new();
    if let Some(length) = head.split("Content-Length: ").nth(1) {
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        while received.len() < length {
            receive(stream, received).await?;
        }
        body = received.drain(..length).collect();
    } else if head.contains("Transfer-Encoding: chunked") {
        loop {
            let line = String::from_utf8(take_until(stream, received, b"\r\n").await?).unwrap();
            let size = usize::from_str_radix(line.trim_end(), 16).unwrap();
            while received.len() < size + 2 {
                receive(stream, received).await?;
            }
            body.extend(received.drain(..size + 2).take(size));
            if size == 0 {
                break;
            }
        }
    }
    Some((head, body))
}

async fn take_until<S: AsyncRead + Unpin>(
    stream: &mut S,
    received: &mut Vec<u8>,
    end: &[u8],
) -> Option<Vec<u8>> {
    loop {
        if let Some(at) = received.windows(end.len()).position(|window| window == end) {
            return Some(received.drain(..at + end.len()).collect());
        }
        receive(stream, received).await?;
    }
}

async fn receive<S: AsyncRead + Unpin>(stream: &mut S, received: &mut Vec<u8>) -> Option<()> {
    let mut bytes = vec![0; 64 * 1024];
    let count = stream.read(&mut bytes).await.unwrap_or(0);
    received.extend_from_slice(&bytes[..count]);
    (count > 0).then_some(())
}
