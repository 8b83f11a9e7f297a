//! One TLS connection.

use super::{Address, HttpError, Reach, Request, Response};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

/// The label and the length of what both ends derive (`docs/registration.md`).
const EXPORTER_LABEL: &[u8] = b"EXPORTER-cordon-registration-v1";

/// One TLS connection to one server.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    exporter: [u8; 32],
    host: HeaderValue,
}

impl Connection {
    pub(super) async fn make(
        address: &Address,
        reach: Reach,
        tls: Arc<ClientConfig>,
    ) -> Result<Self, HttpError> {
        let place = || address.to_string();
        let stream = dial(&address.host, address.port, reach, &place()).await?;
        let untrusted = |cause| HttpError::Untrusted { address: place(), cause };
        let stream = TlsConnector::from(tls)
            .connect(address.name.clone(), stream)
            .await
            .map_err(untrusted)?;
        let exporter = stream
            .get_ref()
            .1
            .export_keying_material([0; 32], EXPORTER_LABEL, Some(&[]))
            .map_err(|error| untrusted(std::io::Error::other(error)))?;
        let host = HeaderValue::try_from(place())
            .map_err(|error| untrusted(std::io::Error::other(error)))?;
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(HttpError::Broken)?;
        tokio::spawn(async move {
            // Whoever waits for an answer hears of it; between two requests nobody has to.
            drop(connection.await);
        });

        Ok(Self { sender, exporter, host })
    }

    /// What both ends of this connection derived and nobody else can.
    pub(crate) fn exporter(&self) -> [u8; 32] {
        self.exporter
    }

    /// Tells whether another request may be sent.
    pub(super) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Sends a request and waits for the whole answer.
    pub(crate) async fn send(&mut self, request: &Request) -> Result<Response, HttpError> {
        self.sender.ready().await.map_err(HttpError::Broken)?;
        let head = self.sender.send_request(self.head(request)).await.map_err(HttpError::Broken)?;

        collect(head, request.largest).await
    }

    /// As [`send`](Self::send), but gives `None` if the connection died before anything was sent.
    pub(super) async fn try_send(
        &mut self,
        request: &Request,
    ) -> Option<Result<Response, HttpError>> {
        self.sender.ready().await.ok()?;
        match self.sender.try_send_request(self.head(request)).await {
            Ok(head) => Some(collect(head, request.largest).await),
            Err(mut error) => match error.take_message() {
                Some(_) => None,
                None => Some(Err(HttpError::Broken(error.into_error()))),
            },
        }
    }

    fn head(&self, request: &Request) -> hyper::Request<Full<Bytes>> {
        let mut head = hyper::Request::new(Full::new(request.body.clone()));
        *head.method_mut() = request.method.clone();
        // A path that is none becomes "/", which no server here answers.
        *head.uri_mut() = request.path.parse().unwrap_or_default();
        *head.headers_mut() = request.headers.clone();
        head.headers_mut().insert(HOST, self.host.clone());
        if request.method == Method::POST {
            // Also of an empty body, where hyper leaves it out: one server fails without it.
            head.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(request.body.len()));
        }

        head
    }
}

/// Connects to a host within reach; `place` is how it is called in errors.
pub(crate) async fn dial(
    host: &str,
    port: u16,
    reach: Reach,
    place: &str,
) -> Result<TcpStream, HttpError> {
    let failed = |cause| HttpError::Connect { address: place.to_owned(), cause };
    let found = lookup_host((host, port)).await.map_err(failed)?;
    let found: Vec<SocketAddr> = found.collect();
    if !found.iter().all(|address| reach.includes(address.ip())) {
        return Err(HttpError::NotPublic { address: place.to_owned() });
    }
    // The addresses that were looked at, not the name: its next answer may be another.
    let stream = TcpStream::connect(&found[..]).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;

    Ok(stream)
}

pub(super) async fn collect(
    answer: hyper::Response<Incoming>,
    largest: usize,
) -> Result<Response, HttpError> {
    let (head, mut body) = answer.into_parts();
    let announced =
        head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if head.status != StatusCode::NO_CONTENT
        && announced.is_some_and(|length: usize| length > largest)
    {
        return Err(HttpError::TooLarge(largest));
    }
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(HttpError::Broken)?.into_data() else { continue };
        if bytes.len() + data.len() > largest {
            return Err(HttpError::TooLarge(largest));
        }
        bytes.extend_from_slice(&data);
    }

    Ok(Response { status: head.status, headers: head.headers, body: bytes.freeze() })
}
