use activesync::messages::{Forwardee, LastVerb, SmartMailRequest, SmartSource};
use activesync::query::Version;
use activesync::status::Status;
use bytes::Bytes;
use mail_builder::MessageBuilder;
use mail_parser::{Address, Message, MessageParser};

use super::send_mail::{self, Outgoing};
use super::{UNREADABLE, search};
use crate::http::{Call, Reply};
use crate::mailbox::{FolderId, Item, ItemId};
use crate::quoting::{self, CannotAdd};

const INCOMPLETE: Status = Status(103);
const CANNOT_BUILD: Status = Status(121);
const SOURCE_NOT_FOUND: Status = Status(150);
const CONTENT_MISSING: Status = Status(107);

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    match send(call) {
        Ok(()) => Reply::Empty,
        Err(status) => Reply::Refused(status),
    }
}

fn send(call: &Call<'_>) -> Result<(), Status> {
    let request = read(call)?;
    request.check()?;
    let (id, item) = source(call, &request.source).ok_or(SOURCE_NOT_FOUND)?;
    let original = call.server.mime(&item.content);
    let mime = match &request.mime {
        Some(mime) if request.replace_mime => mime.clone(),
        Some(mime) => added(mime, &original, &item, request.forward)?,
        None => added(&forward_to(call, &request, &original)?, &original, &item, true)?,
    };
    let verb = if request.forward { LastVerb::Forward } else { reply_verb(call, &mime, &original) };
    let client_id = (call.version >= Version::V14_0).then_some(request.client_id);
    send_mail::submit(call, Outgoing { client_id, save: request.save_in_sent_items, mime })?;
    let now = call.server.now();
    call.account.inside().mailbox.change(id, |_, marks| marks.last_verb = Some((verb, now)));
    call.account.tell_news();
    Ok(())
}

fn read(call: &Call<'_>) -> Result<SmartMailRequest, Status> {
    let command = call.query.command;
    if call.version < Version::V14_0 {
        let body = call.body.clone();
        return SmartMailRequest::from_query(command, &call.query.parameters, body)
            .ok_or(INCOMPLETE);
    }
    let request = SmartMailRequest::decode(&call.body).map_err(|_| UNREADABLE)?;
    if request.command() != command || !send_mail::is_client_id(&request.client_id) {
        return Err(UNREADABLE);
    }
    Ok(request)
}

fn source(call: &Call<'_>, source: &SmartSource) -> Option<(ItemId, Item)> {
    let (folder, id) = match source {
        SmartSource::Item { folder_id, item_id } => {
            (FolderId::parse(folder_id)?, ItemId::parse(item_id)?)
        }
        SmartSource::SearchResult(id) => search::parse_long_id(id)?,
    };
    let inside = call.account.inside();
    inside.mailbox.item_in(folder, id).map(|item| (id, item.clone()))
}

fn added(new: &Bytes, original: &Bytes, item: &Item, forward: bool) -> Result<Bytes, Status> {
    quoting::with_original(new, original, item.received, forward).map_err(|CannotAdd| CANNOT_BUILD)
}

/// Writes the message of a forward that names only people and perhaps a text.
fn forward_to(
    call: &Call<'_>,
    request: &SmartMailRequest,
    original: &Bytes,
) -> Result<Bytes, Status> {
    let original = MessageParser::default().parse_headers(original.as_ref());
    let subject = original.as_ref().and_then(Message::subject).unwrap_or_default();
    let now = call.server.now();
    let person = |one: &Forwardee| {
        (one.name.clone().unwrap_or_default(), one.email.clone().unwrap_or_default())
    };
    let to: Vec<_> = request.forwardees.iter().map(person).collect();
    let text = request.body.as_ref().and_then(|body| body.data.as_deref()).unwrap_or_default();
    let message = MessageBuilder::new()
        .date(now.unix_timestamp())
        .message_id(format!("{}.{}", now.unix_timestamp_nanos(), call.account.address))
        .from(call.account.address.as_str())
        .to(to)
        .subject(format!("FW: {subject}"))
        .text_body(String::from_utf8_lossy(text).into_owned());
    message.write_to_vec().map(Bytes::from).map_err(|_| CONTENT_MISSING)
}

/// An answer that goes to somebody besides the author is one to all.
fn reply_verb(call: &Call<'_>, mime: &Bytes, original: &Bytes) -> LastVerb {
    let parse = |mime: &Bytes| {
        MessageParser::default().parse_headers(mime.as_ref()).map(Message::into_owned)
    };
    let (Some(answer), Some(original)) = (parse(mime), parse(original)) else {
        return LastVerb::Reply;
    };
    let author: Vec<_> =
        addresses([original.reply_to(), original.from(), original.sender()]).collect();
    let known = |address: &String| {
        author.contains(address) || address.eq_ignore_ascii_case(&call.account.address)
    };
    if addresses([answer.to(), answer.cc(), answer.bcc()]).all(|address| known(&address)) {
        LastVerb::Reply
    } else {
        LastVerb::ReplyAll
    }
}

fn addresses(lists: [Option<&Address<'_>>; 3]) -> impl Iterator<Item = String> {
    let lists = lists.into_iter().flatten().flat_map(Address::iter);
    lists.filter_map(|one| one.address().map(str::to_lowercase)).collect::<Vec<_>>().into_iter()
}
