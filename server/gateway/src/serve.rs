//! A gateway that runs: its listener, its tasks, and its end.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use fleet::access::FeedMessage;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::buffer::Buffers;
use crate::config::GatewayConfig;
use crate::feed;
use crate::journal::{Journal, RefusalRecord};
use crate::places::Places;
use crate::request::Forwarded;
use crate::stack::Stack;
use crate::table::Table;
use crate::upstream::Upstream;

/// Buffers that are kept for the next request; more are made when they are needed.
const KEPT_BUFFERS: usize = 64;

/// Pause after the system refused a connection, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How often unused connections to the mail server are looked through.
const SWEEP: Duration = Duration::from_secs(1);

/// How often it is told that connections were closed because their address has too many.
const REPORT: Duration = Duration::from_secs(60);

/// A gateway. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Gateway {
    stack: Arc<Stack>,
    feed: Arc<Mutex<Option<mpsc::Receiver<FeedMessage>>>>,
}

impl Gateway {
    /// Sets up a gateway that serves clients with `tls`, answers `/app/…` and `/join` by `face`, and follows `feed`.
    ///
    /// Requests reach `face` with the extension [`fleet::access::Connection`]. Of `tls` the identity, the suites and the verifier of
    /// client certificates are taken; only HTTP/1.1 is spoken, without early data, and TLS 1.2 only with extended master secrets, without
    /// which the exporter would not identify the connection (RFC 7627).
    pub fn new(
        config: GatewayConfig,
        tls: Arc<ServerConfig>,
        face: Router,
        feed: mpsc::Receiver<FeedMessage>,
    ) -> Self {
        let limits = config.limits.bounded();
        let mut tls = Arc::unwrap_or_clone(tls);
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        tls.max_early_data_size = 0;
        tls.require_ems = true;
        let stack = Stack {
            acceptor: TlsAcceptor::from(Arc::new(tls)),
            buffers: Buffers::new(KEPT_BUFFERS),
            table: Table::new(config.fail_closed_after, Instant::now()),
            in_flight: Arc::default(),
            upstream: Upstream::new(config.upstream, &limits),
            places: Arc::new(Places::new(&limits)),
            forwarded: Forwarded {
                headers: config.forwarded_headers,
                cookies: config.forwarded_cookies,
            },
            router: face,
            journal: Journal::new(config.clock, config.remembered_refusals),
            clock: config.clock,
            closing: watch::Sender::new(false),
            limits,
        };
        Self { stack: Arc::new(stack), feed: Arc::new(Mutex::new(Some(feed))) }
    }

    /// Serves `listener` until `shutdown` is ready, then lets running requests finish within the configured grace.
    ///
    /// Requests that wait for the mail server are answered with 503 at that moment; their clients come back to the next gateway.
    /// The gateway also ends if something that it cannot do without has ended.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let mut companions = JoinSet::new();
        let feed = self.feed.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(feed) = feed {
            let stack = Arc::clone(&self.stack);
            companions
                .spawn(async move { feed::follow(&stack.table, &stack.in_flight, feed).await });
        }
        companions.spawn(sweep(Arc::clone(&self.stack)));
        let mut connections = JoinSet::new();
        tokio::select! {
            () = self.accept(listener, &mut connections) => {}
            Some(ended) = companions.join_next() => {
                tracing::error!(panicked = ended.is_err(), "a task of the gateway has ended: it serves no longer");
            }
            () = shutdown => {}
        }
        self.stack.closing.send_replace(true);
        self.stack.in_flight.wake_all();
        let finishing = async { while connections.join_next().await.is_some() {} };
        // What has not finished by then is dropped with the set.
        timeout(self.stack.limits.shutdown_grace, finishing).await.unwrap_or_default();
    }

    /// Returns the latest refusals, oldest first.
    pub fn recent_refusals(&self) -> Vec<RefusalRecord> {
        self.stack.journal.refusals()
    }

    /// Returns how many requests to ActiveSync are under way, held ones included.
    pub fn requests_under_way(&self) -> usize {
        self.stack.in_flight.count()
    }

    async fn accept(&self, listener: TcpListener, connections: &mut JoinSet<()>) {
        let places = &self.stack.places;
        loop {
            tokio::select! {
                Some(_) = connections.join_next() => {}
                accepted = next(&listener, places) => match accepted {
                    Ok((free, tcp, peer)) => match places.take(free, peer.ip()) {
                        Some(place) => {
                            let stack = Arc::clone(&self.stack);
                            connections.spawn(stack.connection(tcp, peer, place));
                        }
                        None => tracing::debug!(%peer, "too many connections from this address"),
                    },
                    Err(error) => {
                        tracing::warn!(%error, "a connection was not accepted");
                        sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
    }
}

async fn next(
    listener: &TcpListener,
    places: &Places,
) -> io::Result<(OwnedSemaphorePermit, tokio::net::TcpStream, std::net::SocketAddr)> {
    let free = places.free().await.map_err(io::Error::other)?;
    let (tcp, peer) = listener.accept().await?;
    Ok((free, tcp, peer))
}

async fn sweep(stack: Arc<Stack>) {
    let mut ticks = interval(SWEEP);
    let mut reports = interval(REPORT);
    loop {
        tokio::select! {
            _ = ticks.tick() => stack.upstream.close_old(),
            _ = reports.tick() => match stack.places.refused() {
                0 => {}
                connections => tracing::warn!(
                    connections,
                    "closed connections from addresses that have too many; see gateway.connections_per_address"
                ),
            },
        }
    }
}
