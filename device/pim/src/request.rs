use activesync::{
    messages::{SendMailRequest, SmartMailRequest, SmartSource, SyncRequest},
    query::{Command, Parameters, Version},
};
use bytes::Bytes;
use time::{Duration, OffsetDateTime};

use crate::{Change, ItemRef, OutboxId};

/// Ties an outcome to its request.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Ticket(pub(crate) u64);

/// Which of the two requests at a time this is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lane {
    /// Answered at once.
    Command,
    /// Held by the server until something happens.
    Push,
}

/// Something to be sent to the mail server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// To be handed back with the outcome.
    pub ticket: Ticket,
    /// Which of the two requests at a time this is.
    pub lane: Lane,
    /// What is asked.
    pub verb: Verb,
    /// What else stands in the query.
    pub parameters: Parameters,
    /// The body.
    pub content: Content,
    /// How long an answer may take.
    pub patience: Duration,
    /// The most bytes an answer may have.
    pub largest_answer: usize,
    /// To be stored before a byte is sent.
    pub store_first: Vec<Change>,
}

/// What a request asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    /// The HTTP method OPTIONS.
    Options,
    /// A command, by POST.
    Command {
        /// The command.
        command: Command,
        /// The protocol version.
        version: Version,
        /// The policy key; absent in the very first Provision.
        policy_key: Option<u32>,
        /// Raw bytes may come beside the answer.
        multipart: bool,
    },
}

/// The body of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Content {
    /// None.
    Empty,
    /// A mail of the outbox, to be wrapped by the shell, which has its bytes, with [`mail_body`].
    Mail {
        /// The mail.
        mail: OutboxId,
        /// What the server knows it by.
        client_id: String,
        /// What the server adds to it.
        original: Option<(ItemRef, Composition)>,
    },
    /// A mail of the outbox as it is, which is how 12.1 takes it; the shell has its bytes.
    Mime(OutboxId),
    /// A request with drafts, to be encoded by the shell once each new attachment has its bytes: its client id is `f` and the id of
    /// the file, as in `f7`.
    Sync(Box<SyncRequest>),
    /// WBXML.
    Wbxml(Vec<u8>),
}

/// How a server puts a mail and another one together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Composition {
    /// As an answer, with the text of the other one below.
    Answer,
    /// As a forwarded mail, with the text and the files of the other one.
    Forward,
}

/// Wraps the bytes of a mail of the outbox, for [`Content::Mail`]: it is saved among the sent mails, and the server adds the original.
pub fn mail_body(
    client_id: &str,
    mime: Bytes,
    original: Option<&(ItemRef, Composition)>,
) -> Vec<u8> {
    let client_id = client_id.to_owned();
    let Some((item, composition)) = original else {
        let mail = SendMailRequest {
            client_id,
            account_id: None,
            save_in_sent_items: true,
            mime,
            template_id: None,
        };
        return mail.encode();
    };
    let mail = SmartMailRequest {
        forward: *composition == Composition::Forward,
        client_id,
        account_id: None,
        save_in_sent_items: true,
        replace_mime: false,
        source: SmartSource::Item {
            folder_id: item.collection.0.clone(),
            item_id: item.item.0.clone(),
        },
        instance: None,
        mime: Some(mime),
        template_id: None,
        forwardees: Vec::new(),
        body: None,
    };
    mail.encode()
}

/// How a request ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The server answered.
    Answered(Answer),
    /// The shell gave it up, by [`Event::StopPush`](crate::Event::StopPush) or because it locks.
    Cancelled,
    /// The connection ended without an answer; the server may or may not have acted.
    Lost,
    /// No byte of the request was sent: the user has to sign in first.
    NoCredentials,
    /// The answer is larger than allowed, or not readable as HTTP.
    Unreadable,
    /// No byte of the request was sent: there is no connection.
    Unsent,
    /// No byte of the request was sent: whoever answers there has the wrong certificate.
    Untrusted,
}

/// What a server answered.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Answer {
    /// The status code of HTTP.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `MS-ASProtocolVersions`.
    pub versions: Option<String>,
    /// `X-MS-Location`: where the mailbox is.
    pub location: Option<String>,
    /// Only a token of an identity provider signs in here, no password.
    pub wants_token: bool,
    /// `X-MS-RP` is there: the server asks for a new start.
    pub start_anew: bool,
    /// Until when the server wants to be left alone, from `Retry-After`.
    pub retry_at: Option<OffsetDateTime>,
    /// The body.
    pub body: Vec<u8>,
}
