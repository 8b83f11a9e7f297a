//! The path of a request, from the TCP connection to the line in the log. Read from the top.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use fleet::access::{Asks, Decision, Fact, RequestFacts, Verdict};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;

use crate::buffer::{Buffer, Buffers};
use crate::client::{Client, NoHead};
use crate::config::Limits;
use crate::face::{self, Face, FaceError, FaceRequest};
use crate::framing::{Decoder, Framing, Sender};
use crate::head::{self, BadHead, Head, MOST_HEADERS};
use crate::in_flight::{InFlight, Ticket};
use crate::journal::{Journal, Line, shown};
use crate::own_answer::OwnAnswer;
use crate::places::{Place, Places};
use crate::relay::{Outgoing, Progress, Relay};
use crate::request::{self, Forwarded, Route};
use crate::table::Table;
use crate::upstream::Upstream;

/// Body bytes of a refused request that are read so that its connection can go on.
const READ_ANYWAY: u64 = 256 * 1024;

/// Time for that.
const READ_ANYWAY_TIME: Duration = Duration::from_secs(5);

/// Everything that a request meets on its way.
pub(crate) struct Stack {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) limits: Limits,
    pub(crate) buffers: Arc<Buffers>,
    pub(crate) table: Table,
    pub(crate) in_flight: Arc<InFlight>,
    pub(crate) upstream: Upstream,
    pub(crate) forwarded: Forwarded,
    pub(crate) places: Arc<Places>,
    pub(crate) router: Router,
    pub(crate) journal: Journal,
    pub(crate) clock: fn() -> time::OffsetDateTime,
    /// Turns true when the gateway stops.
    pub(crate) closing: watch::Sender<bool>,
}

impl fmt::Debug for Stack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Stack").field("upstream", &self.upstream).finish_non_exhaustive()
    }
}

/// What is to be done with a request whose head has been read.
enum Step {
    /// It is nobody's, or cannot be read.
    Refuse { line: Line<'static>, answer: OwnAnswer, body: Option<Body> },
    /// The decision table refuses it.
    Refused { asked: Asked, body: Body },
    /// It goes to the mail server.
    Relay { asked: Asked, outgoing: Outgoing },
    /// It is answered in process.
    Face { request: FaceRequest, path: String },
}

/// A request to ActiveSync that has been decided.
struct Asked {
    facts: Box<RequestFacts>,
    decision: Decision,
    ticket: Ticket,
    began: Instant,
}

/// What there is of a body that nobody wants.
#[derive(Clone, Copy)]
struct Body {
    framing: Framing,
    expects_continue: bool,
    closes: bool,
}

/// What happens to the connection after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// It is broken, or must look broken.
    Break,
    /// It is closed in good order.
    Close,
    /// It takes another request.
    GoOn,
}

/// Why a request under way is ended from here.
enum Ended {
    /// The gateway stops.
    Closing,
    /// The decision has changed.
    Revoked(Decision),
}

impl Asked {
    fn line(&self) -> Line<'_> {
        let refused = self.decision.verdict != Verdict::Allow;
        let line = Line::decided(&self.facts, &self.decision, refused);
        Line { duration: self.began.elapsed(), ..line }
    }
}

impl Stack {
    /// Serves one connection: handshake, then one request after the other, each read and decided for itself.
    pub(crate) async fn connection(
        self: Arc<Self>,
        tcp: TcpStream,
        peer: SocketAddr,
        mut place: Place,
    ) {
        let buffers = Arc::clone(&self.buffers);
        let accepting =
            Client::accept(&self.acceptor, tcp, peer, buffers, self.limits.handshake_time);
        let mut client = match Box::pin(accepting).await {
            Ok(client) => client,
            Err(error) => return tracing::debug!(%peer, %error, "no TLS"),
        };
        place.has_shaken_hands();
        let mut closing = self.closing.subscribe();
        let next = loop {
            let next = match client.head(&self.limits, &mut closing).await {
                Ok(length) => self.request(&mut client, length).await,
                Err(NoHead::Closed) => Next::Close,
                Err(NoHead::Bad(bad)) => self.refuse_head(&mut client, bad).await,
            };
            if next != Next::GoOn {
                break next;
            }
        };
        if next == Next::Close {
            Box::pin(client.close()).await;
        }
    }

    /// Serves the request whose head is the first `length` bytes that the client has sent.
    async fn request(&self, client: &mut Client, length: usize) -> Next {
        let step = self.decide(client, length);
        client.consume(length);
        match step {
            Step::Relay { asked, outgoing } => self.relay(client, asked, outgoing).await,
            Step::Refused { asked, body } => Box::pin(self.refuse(client, asked, body)).await,
            Step::Refuse { line, answer, body } => {
                Box::pin(self.refuse_unread(client, line, answer, body)).await
            }
            Step::Face { request, path } => Box::pin(self.face(client, request, path)).await,
        }
    }

    /// Reads the head and decides, without waiting for anything.
    fn decide(&self, client: &Client, length: usize) -> Step {
        let bytes = client.unread().get(..length).unwrap_or_default();
        let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let head = match head::read(bytes, &mut space, self.limits.header_count) {
            Ok(head) => head,
            Err(bad) => return refuse_bad_head(client, bad),
        };
        let body = Body {
            framing: head.framing,
            expects_continue: head.expects_continue,
            closes: head.closes,
        };
        match request::route(head.path) {
            Route::ActiveSync => self.decide_activesync(client, &head, body),
            Route::Closed => {
                let line =
                    Line::undecided(client.peer(), "closed-path", path_fact(head.path), true);
                Step::Refuse { line, answer: OwnAnswer::empty(404), body: Some(body) }
            }
            Route::Face => match face::request(&head, client) {
                Some(request) => Step::Face { request, path: head.path.to_owned() },
                None => {
                    refuse_bad_head(client, BadHead { status: 400, what: "request cannot be read" })
                }
            },
        }
    }

    fn decide_activesync(&self, client: &Client, head: &Head<'_, '_>, body: Body) -> Step {
        let facts = Box::new(request::facts(head, client));
        let ticket = self.in_flight.enter(match &facts.asks {
            Asks::Command { eas_id, .. } => eas_id,
            Asks::Malformed { .. } | Asks::Options => "",
        });
        let began = Instant::now();
        let decision = self.table.decide(&facts, began);
        let asked = Asked { facts, decision, ticket, began };
        if asked.decision.verdict != Verdict::Allow {
            return Step::Refused { asked, body };
        }
        let mut upstream_head = self.buffers.take();
        let written = request::write_head(
            head,
            &asked.facts,
            &self.upstream,
            &self.forwarded,
            &mut upstream_head,
        );
        if written.is_err() {
            return refuse_bad_head(client, BadHead { status: 431, what: "head too long" });
        }
        let outgoing = Outgoing {
            head: upstream_head,
            framing: head.framing,
            expects_continue: head.expects_continue,
            repeatable: head.method == "OPTIONS",
            host: head.host.into(),
            closes: head.closes,
        };
        Step::Relay { asked, outgoing }
    }

    /// Carries an allowed request to the mail server and back, unless the decision changes in the meantime.
    async fn relay(&self, client: &mut Client, mut asked: Asked, outgoing: Outgoing) -> Next {
        let progress = Progress::default();
        let closes = outgoing.closes;
        let relay = Relay {
            upstream: &self.upstream,
            buffers: &self.buffers,
            limits: &self.limits,
            progress: &progress,
        };
        let outcome = tokio::select! {
            biased;
            ended = self.ended(&asked, &progress) => Err(ended),
            outcome = relay.run(client, outgoing) => Ok(outcome),
        };
        let (answer, closes) = match outcome {
            Ok(Ok(goes_on)) => (None, !goes_on),
            Ok(Err(error)) => {
                error.log();
                (Some(error.answer()), true)
            }
            Err(Ended::Closing) => (Some(Some(OwnAnswer::later(1))), true),
            Err(Ended::Revoked(decision)) => {
                let answer = OwnAnswer::decided(&decision, &asked.facts.asks);
                asked.decision = decision;
                (Some(answer), closes || !progress.is_sent())
            }
        };
        let (next, status, eas_status) = match (answer, progress.answered()) {
            (None, status) => (if closes { Next::Close } else { Next::GoOn }, status, None),
            (Some(Some(answer)), None) => {
                let next = Box::pin(self.say(client, &answer, closes)).await;
                (next, Some(answer.status), answer.eas_status)
            }
            // An answer that is cut must not look whole, and nobody is there for one that never began.
            (Some(_), status) => (Next::Break, status, None),
        };
        let mut line = asked.line();
        (line.status, line.eas_status) = (status.unwrap_or_default(), eas_status);
        (line.bytes_in, line.bytes_out) = (progress.bytes_in(), progress.bytes_out());
        self.journal.write(&line);
        next
    }

    /// Waits until the request must end: it is looked at again whenever something changes that could matter to it.
    async fn ended(&self, asked: &Asked, progress: &Progress) -> Ended {
        loop {
            asked.ticket.woken().await;
            if *self.closing.borrow() && progress.is_sent() && progress.answered().is_none() {
                return Ended::Closing;
            }
            let decision = self.table.decide(&asked.facts, Instant::now());
            if decision.verdict != Verdict::Allow {
                return Ended::Revoked(decision);
            }
        }
    }

    /// Says what the decision table says.
    async fn refuse(&self, client: &mut Client, asked: Asked, body: Body) -> Next {
        let answer = OwnAnswer::decided(&asked.decision, &asked.facts.asks)
            .unwrap_or_else(|| OwnAnswer::empty(403));
        let closes = !self.skip_body(client, body).await;
        let next = self.say(client, &answer, closes).await;
        let mut line = asked.line();
        (line.status, line.eas_status) = (answer.status, answer.eas_status);
        self.journal.write(&line);
        next
    }

    /// Answers a head that cannot be read. Where the next request would begin is unknown, so the connection ends.
    async fn refuse_head(&self, client: &mut Client, bad: BadHead) -> Next {
        let Step::Refuse { line, answer, body } = refuse_bad_head(client, bad) else {
            return Next::Close;
        };
        Box::pin(self.refuse_unread(client, line, answer, body)).await
    }

    async fn refuse_unread(
        &self,
        client: &mut Client,
        mut line: Line<'static>,
        answer: OwnAnswer,
        body: Option<Body>,
    ) -> Next {
        let closes = match body {
            Some(body) => !self.skip_body(client, body).await,
            None => true,
        };
        let next = self.say(client, &answer, closes).await;
        line.status = answer.status;
        self.journal.write(&line);
        next
    }

    /// Lets the router in this process answer.
    async fn face(&self, client: &mut Client, request: FaceRequest, path: String) -> Next {
        let began = Instant::now();
        let face = Face {
            router: &self.router,
            buffers: &self.buffers,
            limits: &self.limits,
            clock: self.clock,
        };
        let fact = Fact { name: "path", value: shown(&path).into() };
        let mut line = Line::undecided(client.peer(), "face", fact, false);
        let next = match face.answer(client, request).await {
            Ok(outcome) => {
                line.status = outcome.status;
                (line.bytes_in, line.bytes_out) = (outcome.bytes_in, outcome.bytes_out);
                if outcome.goes_on { Next::GoOn } else { Next::Close }
            }
            Err(FaceError { error, begun }) => {
                error.log_of_face();
                match (begun, error.answer()) {
                    (None, Some(answer)) => {
                        line.status = answer.status;
                        self.say(client, &answer, true).await
                    }
                    // An answer that is cut must not look whole.
                    (begun, _) => {
                        line.status = begun.unwrap_or_default();
                        Next::Break
                    }
                }
            }
        };
        line.duration = began.elapsed();
        self.journal.write(&line);
        next
    }

    /// Reads a body that nobody wants, if it is small, so that the client gets to the answer. Returns whether the connection
    /// can go on.
    async fn skip_body(&self, client: &mut Client, body: Body) -> bool {
        let Ok(mut decoder) = Decoder::new(body.framing, Sender::Client, READ_ANYWAY) else {
            return false;
        };
        if body.expects_continue && client.unread().is_empty() && !decoder.is_done() {
            return false;
        }
        let skipping = async {
            while !decoder.is_done() {
                let mut raw = std::future::poll_fn(|context| client.poll_bytes(context)).await?;
                if raw.is_empty() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                let decoded = decoder.decode(raw.filled_mut()).map_err(io::Error::other)?;
                client.put_back(raw.split_off(decoded.consumed));
            }
            io::Result::Ok(())
        };
        matches!(timeout(READ_ANYWAY_TIME, skipping).await, Ok(Ok(()))) && !body.closes
    }

    async fn say(&self, client: &mut Client, answer: &OwnAnswer, closes: bool) -> Next {
        let mut out: Buffer = self.buffers.take();
        let written = answer.write((self.clock)(), closes, &mut out);
        let sent = async {
            client.write(&mut out, self.limits.stall).await?;
            client.flush(self.limits.stall).await
        };
        match (written, sent.await) {
            (Ok(()), Ok(())) if closes => Next::Close,
            (Ok(()), Ok(())) => Next::GoOn,
            (Ok(()) | Err(_), Ok(()) | Err(_)) => Next::Break,
        }
    }
}

fn refuse_bad_head(client: &Client, bad: BadHead) -> Step {
    let fact = Fact { name: "request", value: Cow::Borrowed(bad.what) };
    let line = Line::undecided(client.peer(), "malformed-request", fact, true);
    Step::Refuse { line, answer: OwnAnswer::empty(bad.status), body: None }
}

/// Of a closed path only the first segment is told: further ones can be mail addresses.
fn path_fact(path: &str) -> Fact {
    let first = path.split('/').nth(1).unwrap_or_default();
    let shown: String = first.chars().take(40).collect();
    Fact { name: "path", value: format!("/{shown}").into() }
}
