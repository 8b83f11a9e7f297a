use activesync::messages::SendMailRequest;
use activesync::query::Version;
use activesync::status::Status;
use bytes::Bytes;
use mail_parser::{Address, MessageParser};

use super::UNREADABLE;
use crate::http::{Call, Reply};
use crate::mailbox::Mailbox;

const MIME_INVALID: Status = Status(107);
const NO_RECIPIENT: Status = Status(119);
const ALREADY_SENT: Status = Status(118);
const LONGEST_CLIENT_ID: usize = 40;

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let outgoing = if call.version == Version::V12_1 {
        let save = call.query.parameters.save_in_sent;
        Outgoing { client_id: None, save, mime: call.body.clone() }
    } else {
        let Ok(request) = SendMailRequest::decode(&call.body) else {
            return Reply::Refused(UNREADABLE);
        };
        if !is_client_id(&request.client_id) {
            return Reply::Refused(UNREADABLE);
        }
        let (save, mime) = (request.save_in_sent_items, request.mime);
        Outgoing { client_id: Some(request.client_id), save, mime }
    };
    match submit(call, outgoing) {
        Ok(()) => Reply::Empty,
        Err(status) => Reply::Refused(status),
    }
}

pub(super) fn is_client_id(id: &str) -> bool {
    (1..=LONGEST_CLIENT_ID).contains(&id.len())
}

/// A message that the device wants to be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// Names it, so that it is sent once; absent in 12.1.
    pub(super) client_id: Option<String>,
    /// Whether a copy goes to the Sent folder.
    pub(super) save: bool,
    pub(super) mime: Bytes,
}

/// Sends a message to everybody it names.
pub(super) fn submit(call: &Call<'_>, outgoing: Outgoing) -> Result<(), Status> {
    let Outgoing { client_id, save, mime } = outgoing;
    let message = MessageParser::default().parse(mime.as_ref()).ok_or(MIME_INVALID)?;
    let headers = [message.to(), message.cc(), message.bcc()];
    let recipients: Vec<_> =
        headers.into_iter().flatten().flat_map(Address::iter).filter_map(|a| a.address()).collect();
    if recipients.is_empty() {
        return Err(NO_RECIPIENT);
    }
    if !accept(call, client_id) {
        return Err(ALREADY_SENT);
    }
    let now = call.server.now();
    if save {
        call.account.deliver(Mailbox::SENT, complete(call, &mime, &message, true), now, true);
    }
    let delivered = complete(call, &mime, &message, false);
    let mut accounts: Vec<_> =
        recipients.iter().filter_map(|address| call.server.recipient(address)).collect();
    accounts.sort_by(|a, b| a.name.cmp(&b.name));
    accounts.dedup_by(|a, b| a.name == b.name);
    for account in accounts {
        call.server.receive(account, &delivered);
    }
    Ok(())
}

/// Takes note of a message; false if it was taken before.
fn accept(call: &Call<'_>, client_id: Option<String>) -> bool {
    let mut inside = call.account.inside();
    let fresh = client_id.is_none_or(|id| inside.sent.insert(id));
    inside.submitted += u64::from(fresh);
    fresh
}

/// Adds the headers that a mail server adds, and takes out the hidden recipients unless the sender keeps it.
fn complete(
    call: &Call<'_>,
    mime: &Bytes,
    message: &mail_parser::Message<'_>,
    keep_hidden: bool,
) -> Bytes {
    let now = call.server.now();
    let mut head = Vec::new();
    if message.date().is_none() {
        let date = now.format(&time::format_description::well_known::Rfc2822).unwrap_or_default();
        head.extend(format!("Date: {date}\r\n").into_bytes());
    }
    if message.message_id().is_none() {
        let id = format!("{}.{}", now.unix_timestamp_nanos(), call.account.address);
        head.extend(format!("Message-ID: <{id}>\r\n").into_bytes());
    }
    let mut position = 0;
    if !keep_hidden {
        for header in
            message.headers().iter().filter(|header| header.name().eq_ignore_ascii_case("Bcc"))
        {
            head.extend_from_slice(
                mime.get(position..header.offset_field() as usize).unwrap_or_default(),
            );
            position = header.offset_end() as usize;
        }
    }
    head.extend_from_slice(mime.get(position..).unwrap_or_default());
    Bytes::from(head)
}
