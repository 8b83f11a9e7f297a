//! The door to the page: an HTTP server on a loopback port that lets in one user's browser and nobody else.
//!
//! The questions that each request must answer are in [`checks`], the exchange of a ticket for a session in [`ticket`].
//! What no check can keep out is a program of the same user.

pub(crate) mod assets;
pub(crate) mod checks;
pub(crate) mod handover;
mod headers;
pub(crate) mod peer;
#[cfg(test)]
mod tests;
pub(crate) mod ticket;

use crate::api::{self, Api, Problem};
use crate::random::{make_secret, make_token};
use anyhow::Context as _;
use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::serve::IncomingStream;
use checks::Address;
use handover::Handover;
use http::StatusCode;
use peer::Peer;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use ticket::{Redemption, Sessions, Tickets};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// The door's address, and who holds a ticket or a session.
pub(crate) struct Door {
    address: Address,
    tickets: Mutex<Tickets>,
    sessions: Mutex<Sessions>,
    handover: Mutex<Option<Handover>>,
    closed: Notify,
}

impl Door {
    /// Makes the door for a server on `port`.
    pub(crate) fn new(port: u16) -> Self {
        Self {
            address: Address::new(port),
            tickets: Mutex::default(),
            sessions: Mutex::default(),
            handover: Mutex::default(),
            closed: Notify::new(),
        }
    }

    /// Issues a ticket and returns the file that leads a browser to the page with it.
    pub(crate) fn invite(
        &self,
        runtime: Option<&Path>,
        temporary: &Path,
    ) -> anyhow::Result<PathBuf> {
        let ticket = make_secret()?;
        let url = format!("{}/#ticket={}", self.address.origin, make_token(&ticket));
        let handover = Handover::write(runtime, temporary, &make_token(&make_secret()?), &url)?;
        let path = handover.path().to_owned();
        lock(&self.tickets).issue(ticket, Instant::now());
        *lock(&self.handover) = Some(handover);
        Ok(path)
    }

    /// Exchanges a ticket for the token of a session.
    pub(crate) fn redeem(&self, ticket: &str) -> Result<String, Problem> {
        let now = Instant::now();
        match lock(&self.tickets).redeem(ticket, now) {
            Redemption::Accepted => {}
            Redemption::Refused => return Err(Problem::ticket_refused()),
            Redemption::Closed => {
                tracing::warn!("the door closes after too many wrong tickets");
                self.closed.notify_one();
                return Err(Problem::ticket_refused());
            }
        }
        *lock(&self.handover) = None;
        let secret = make_secret().map_err(|error| Problem::internal(&error))?;
        Ok(lock(&self.sessions).begin(secret, now))
    }

    /// Returns once the door has to be closed, because somebody guesses tickets.
    pub(crate) async fn closed(&self) {
        self.closed.notified().await;
    }
}

/// Opens the door's port, which the system chooses.
pub(crate) async fn listen() -> anyhow::Result<(TcpListener, u16)> {
    let listener =
        TcpListener::bind(("127.0.0.1", 0)).await.context("cannot open a port on 127.0.0.1")?;
    let port = listener.local_addr().context("cannot tell the port")?.port();
    Ok((listener, port))
}

/// Builds everything that is behind the door.
pub(crate) fn router(api: Api, door: Arc<Door>, pages: assets::Source) -> Router {
    let redeem = api::door::router().with_state(door.clone());
    let frames = api::frames::documents().with_state(api.clone());
    let inside = api::router().split_for_parts().0.with_state(api);
    let inside = inside.layer(from_fn_with_state(door.clone(), require_session));
    Router::new()
        .merge(redeem)
        .merge(frames)
        .merge(inside)
        .fallback(move |request: Request| async move { page(pages, &request) })
        .layer(from_fn_with_state(door, check))
        .layer(from_fn(complete))
}

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        stream
            .io()
            .local_addr()
            .map_or(Self::Foreign, |server| peer::identify(*stream.remote_addr(), server))
    }
}

async fn complete(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    headers::complete(response.headers_mut());
    response
}

async fn check(
    State(door): State<Arc<Door>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    match checks::admit(&door.address, peer, request.method(), request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => {
            tracing::warn!(?refusal, method = %request.method(), "refused a request at the door");
            refusal.status().into_response()
        }
    }
}

async fn require_session(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let now = Instant::now();
    let admitted = checks::bearer(request.headers())
        .is_some_and(|token| lock(&door.sessions).admit(token, now));
    if admitted {
        return next.run(request).await;
    }
    if lock(&door.sessions).any(now) {
        return Problem::no_session().into_response();
    }
    // Before the first session the door does not even say what it is.
    StatusCode::NOT_FOUND.into_response()
}

fn page(pages: assets::Source, request: &Request) -> Response {
    let path = request.uri().path();
    let interface = path.starts_with("/api/") || path.starts_with("/frame/");
    if interface || !matches!(*request.method(), http::Method::GET | http::Method::HEAD) {
        return StatusCode::NOT_FOUND.into_response();
    }
    assets::serve(pages, path)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
