//! Requests of the app, answered in process.

use std::future::poll_fn;
use std::io::Write;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use http::{HeaderName, HeaderValue, Method, Request, Response, header};
use http_body_util::BodyExt;
use time::OffsetDateTime;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::buffer::{Buffer, Buffers};
use crate::client::Client;
use crate::config::Limits;
use crate::framing::{Decoder, Framing, Sender};
use crate::head::Head;
use crate::own_answer::write_status;
use crate::relay::RelayError;

/// Headers of a request or an answer that are the gateway's own business.
const CONNECTION_HEADERS: [HeaderName; 8] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::DATE,
    header::EXPECT,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// A request for a path that is served in process.
#[derive(Debug)]
pub(crate) struct FaceRequest {
    head: Request<()>,
    framing: Framing,
    expects_continue: bool,
    closes: bool,
}

/// What came of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FaceOutcome {
    pub(crate) status: u16,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    /// Whether the client's connection takes another request.
    pub(crate) goes_on: bool,
}

/// Why a request got no whole answer.
#[derive(Debug)]
pub(crate) struct FaceError {
    pub(crate) error: RelayError,
    /// The status that the client may have begun to see. No other answer can follow on this connection.
    pub(crate) begun: Option<u16>,
}

impl From<RelayError> for FaceError {
    fn from(error: RelayError) -> Self {
        Self { error, begun: None }
    }
}

/// Turns a head into a request for the router, or returns `None` if HTTP's own types refuse it.
pub(crate) fn request(head: &Head<'_, '_>, client: &Client) -> Option<FaceRequest> {
    let target =
        head.query.map_or_else(|| head.path.to_owned(), |query| format!("{}?{query}", head.path));
    let method = Method::from_bytes(head.method.as_bytes()).ok()?;
    if method == Method::CONNECT || method == Method::TRACE {
        return None;
    }
    let mut request = Request::builder().method(method).uri(target);
    for line in head.headers {
        let name = HeaderName::from_bytes(line.name.as_bytes()).ok()?;
        if !CONNECTION_HEADERS.contains(&name) {
            request = request.header(name, HeaderValue::from_bytes(line.value).ok()?);
        }
    }
    let head_of_request = request.extension(client.connection()?).body(()).ok()?;
    let (framing, expects_continue, closes) = (head.framing, head.expects_continue, head.closes);
    Some(FaceRequest { head: head_of_request, framing, expects_continue, closes })
}

/// Where an answer is written to, and within which limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Face<'a> {
    pub(crate) router: &'a Router,
    pub(crate) buffers: &'a Arc<Buffers>,
    pub(crate) limits: &'a Limits,
    pub(crate) clock: fn() -> OffsetDateTime,
}

impl Face<'_> {
    /// Reads the body, asks the router, and writes its answer.
    pub(crate) async fn answer(
        self,
        client: &mut Client,
        request: FaceRequest,
    ) -> Result<FaceOutcome, FaceError> {
        let FaceRequest { head, framing, expects_continue, closes } = request;
        let reading = self.read_body(client, framing, expects_continue);
        let body =
            timeout(self.limits.body_time, reading).await.unwrap_or(Err(RelayError::ClientSlow))?;
        let bytes_in = body.len() as u64;
        let head_only = head.method() == Method::HEAD;
        let response = self.ask(client, head.map(|()| Body::from(body))).await?;
        let status = response.status().as_u16();
        let closes = closes || closes_connection(&response);
        let mut begun = false;
        let written = self.write(client, response, head_only, closes, &mut begun).await;
        let bytes_out =
            written.map_err(|error| FaceError { error, begun: begun.then_some(status) })?;
        Ok(FaceOutcome { status, bytes_in, bytes_out, goes_on: !closes })
    }

    async fn read_body(
        &self,
        client: &mut Client,
        framing: Framing,
        expects: bool,
    ) -> Result<Bytes, RelayError> {
        let mut decoder = Decoder::new(framing, Sender::Client, self.limits.face_request_bytes)?;
        if expects && !decoder.is_done() && client.unread().is_empty() {
            let mut invitation = self.buffers.take();
            invitation.append(b"HTTP/1.1 100 Continue\r\n\r\n");
            self.send(client, &mut invitation).await?;
            client.flush(self.limits.stall).await.map_err(|_| RelayError::ClientGone)?;
        }
        let mut body = Vec::new();
        while !decoder.is_done() {
            let reading = timeout(self.limits.stall, poll_fn(|context| client.poll_bytes(context)));
            let mut raw = reading
                .await
                .map_err(|_| RelayError::ClientSlow)?
                .map_err(|_| RelayError::ClientGone)?;
            if raw.is_empty() {
                return Err(RelayError::ClientGone);
            }
            let decoded = decoder.decode(raw.filled_mut())?;
            client.put_back(raw.split_off(decoded.consumed));
            raw.truncate(decoded.content);
            body.extend_from_slice(raw.filled());
        }
        Ok(body.into())
    }

    /// Waits for the router's answer, or for the client to go away.
    async fn ask(
        &self,
        client: &mut Client,
        request: Request<Body>,
    ) -> Result<Response<Body>, RelayError> {
        let mut asking = pin!(self.router.clone().oneshot(request));
        let waiting = poll_fn(|context| {
            if let Poll::Ready(Ok(response)) = asking.as_mut().poll(context) {
                return Poll::Ready(Ok(response));
            }
            client.poll_gone(context).map(|()| Err(RelayError::ClientGone))
        });
        timeout(self.limits.longest_hold, waiting).await.unwrap_or(Err(RelayError::UpstreamSlow))
    }

    async fn write(
        &self,
        client: &mut Client,
        response: Response<Body>,
        head_only: bool,
        closes: bool,
        begun: &mut bool,
    ) -> Result<u64, RelayError> {
        let (parts, mut body) = response.into_parts();
        let length = body.size_hint().exact();
        let chunked = length.is_none() && !head_only;
        let mut out = self.buffers.take();
        self.write_head(&parts, length.filter(|_| !head_only), chunked, closes, &mut out)
            .map_err(|_| RelayError::UpstreamGone)?;
        let mut bytes_out = 0;
        loop {
            let next = timeout(self.limits.longest_hold, body.frame()).await;
            let Some(frame) = next.map_err(|_| RelayError::UpstreamSlow)?.filter(|_| !head_only)
            else {
                break;
            };
            let Ok(data) = frame.map_err(|_| RelayError::UpstreamGone)?.into_data() else {
                continue;
            };
            bytes_out += data.len() as u64;
            self.write_data(client, &mut out, &data, chunked, begun).await?;
        }
        if chunked {
            out.end_chunks();
        }
        *begun = true;
        self.send(client, &mut out).await?;
        client.flush(self.limits.stall).await.map_err(|_| RelayError::ClientGone)?;
        Ok(bytes_out)
    }

    fn write_head(
        &self,
        parts: &http::response::Parts,
        length: Option<u64>,
        chunked: bool,
        closes: bool,
        out: &mut Buffer,
    ) -> std::io::Result<()> {
        write_status(parts.status.as_u16(), (self.clock)(), out)?;
        for (name, value) in &parts.headers {
            if !CONNECTION_HEADERS.contains(name) {
                out.add_header(name.as_str(), value.as_bytes())?;
            }
        }
        let has_body =
            !parts.status.is_informational() && !matches!(parts.status.as_u16(), 204 | 304);
        match length {
            Some(length) if has_body => write!(out, "Content-Length: {length}\r\n")?,
            Some(_) | None => {}
        }
        if chunked {
            out.add_header("Transfer-Encoding", b"chunked")?;
        }
        out.write_all(if closes { b"Connection: close\r\n\r\n" } else { b"\r\n" })
    }

    /// Writes data in pieces of one buffer; the head goes out together with the first piece if both fit.
    async fn write_data(
        &self,
        client: &mut Client,
        out: &mut Buffer,
        data: &[u8],
        chunked: bool,
        begun: &mut bool,
    ) -> Result<(), RelayError> {
        let mut rest = data;
        while !rest.is_empty() {
            let mut piece = self.buffers.take();
            let taken = piece.append(rest);
            rest = rest.get(taken..).unwrap_or_default();
            if chunked {
                piece.frame_chunk(false);
            }
            if piece.filled().len() <= out.room() {
                out.append(piece.filled());
            } else {
                *begun = true;
                self.send(client, out).await?;
                *out = piece;
            }
        }
        Ok(())
    }

    async fn send(&self, client: &mut Client, buffer: &mut Buffer) -> Result<(), RelayError> {
        client.write(buffer, self.limits.stall).await.map_err(|_| RelayError::ClientGone)
    }
}

fn closes_connection(response: &Response<Body>) -> bool {
    response
        .headers()
        .get(header::CONNECTION)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"))
}
