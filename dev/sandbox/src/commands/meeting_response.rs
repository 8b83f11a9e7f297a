use activesync::messages::{
    Body, Event, MeetingReply, MeetingResponseAnswer, MeetingResponseRequest, MeetingResult,
    MeetingTarget, UserResponse,
};
use activesync::query::Version;
use activesync::status::Status;
use mail_parser::MessageParser;

use super::UNREADABLE;
use crate::http::{Call, Reply};
use crate::itip::{self, Letter, Method};
use crate::mailbox::{FolderId, Item, ItemId, Mailbox};
use crate::meetings;
use crate::pim;

const INVALID: Status = Status(2);

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let Ok(request) = MeetingResponseRequest::decode(&call.body) else {
        return Reply::Refused(UNREADABLE);
    };
    let results = request.replies.iter().map(|reply| {
        let id = match &reply.target {
            MeetingTarget::Item { request_id, .. } => request_id,
            MeetingTarget::SearchResult(id) => id,
        };
        let (status, calendar_id) = match answer(call, reply) {
            Ok((event, letter)) => {
                call.server.post(call.account, letter.into_iter().collect());
                (Status::OK, event.map(|id| id.to_string()))
            }
            Err(status) => (status, None),
        };
        MeetingResult { request_id: Some(id.clone()), status, calendar_id }
    });
    let answer = MeetingResponseAnswer { status: None, results: results.collect() };
    call.account.tell_news();
    Reply::Wbxml(answer.encode())
}

/// An invitation, and where it is.
struct Invitation {
    /// The mail, which goes to the Deleted folder once it is answered.
    mail: Option<ItemId>,
    /// The event; absent if its owner has deleted it.
    calendar: Option<ItemId>,
    event: Event,
}

/// Carries out one answer. Gives the event that came of it, and the mail to the organiser.
fn answer(
    call: &Call<'_>,
    reply: &MeetingReply,
) -> Result<(Option<ItemId>, Option<Letter>), Status> {
    let (owner, now) = (call.account.owner(), call.server.now());
    let mut inside = call.account.inside();
    let mailbox = &mut inside.mailbox;
    let Invitation { mail, calendar, event } = invitation(call, mailbox, &reply.target)?;
    let instance = reply.instance.filter(|_| call.version >= Version::V14_1);
    let occurrence = instance
        .map(|instance| {
            pim::instance_named(&event, instance, Version::V14_1, &pim::ZONE).ok_or(INVALID)
        })
        .transpose()?;
    let wanted = event.response_requested != Some(false);
    let send = reply.send.as_ref().filter(|_| call.version >= Version::V16_0 && wanted);
    let letter = send.and_then(|send| {
        let proposed = send.proposed.filter(|_| call.version >= Version::V16_1);
        let text = send.body.as_ref().map(text).unwrap_or_default();
        meetings::answer_letter(owner, &event, reply.response, occurrence, proposed, &text, now)
    });
    let new = meetings::with_answer(&event, reply.response, occurrence, now);
    let gone = reply.response == UserResponse::Decline && occurrence.is_none();
    let calendar = match (calendar, gone) {
        (Some(id), true) => {
            mailbox.shift(id, Mailbox::DELETED);
            None
        }
        (Some(id), false) => {
            meetings::put(mailbox, id, new);
            Some(id)
        }
        (None, true) => None,
        (None, false) => Some(meetings::add(mailbox, new)),
    };
    if let Some(mail) = mail {
        mailbox.shift(mail, Mailbox::DELETED);
    }
    Ok((calendar.filter(|_| reply.response != UserResponse::Decline), letter))
}

fn invitation(
    call: &Call<'_>,
    mailbox: &Mailbox,
    target: &MeetingTarget,
) -> Result<Invitation, Status> {
    let (id, item) = match target {
        MeetingTarget::Item { collection_id, request_id } => {
            let id = ItemId::parse(request_id).ok_or(INVALID)?;
            let folder = FolderId::parse(collection_id).ok_or(INVALID)?;
            (id, mailbox.item_in(folder, id).ok_or(INVALID)?)
        }
        MeetingTarget::SearchResult(id) => {
            let id = ItemId::parse(id).ok_or(INVALID)?;
            (id, mailbox.item(id).ok_or(INVALID)?)
        }
    };
    match call.server.typed(&item.content) {
        Some(typed) => {
            let event = pim::as_event(&typed).filter(|_| call.version >= Version::V14_0);
            let event = event.ok_or(INVALID)?.clone();
            if !event.meeting_status.unwrap_or_default().is_received() {
                return Err(INVALID);
            }
            Ok(Invitation { mail: None, calendar: Some(id), event })
        }
        None => of_mail(call, mailbox, id, item),
    }
}

fn of_mail(
    call: &Call<'_>,
    mailbox: &Mailbox,
    id: ItemId,
    item: &Item,
) -> Result<Invitation, Status> {
    let mime = call.server.mime(&item.content);
    let message = MessageParser::default().parse(mime.as_ref()).ok_or(INVALID)?;
    let itip = itip::of(&message).filter(|itip| itip.method == Method::Request).ok_or(INVALID)?;
    let uid = itip.event.uid.clone().ok_or(INVALID)?;
    let (calendar, event) = match meetings::find(mailbox, &uid) {
        Some((calendar, event)) => (Some(calendar), event),
        None => {
            let (owner, now) = (call.account.owner(), call.server.now());
            (None, meetings::invitation(itip.event, owner, now, mailbox.last_change()))
        }
    };
    if !event.meeting_status.unwrap_or_default().is_received() {
        return Err(INVALID);
    }
    Ok(Invitation { mail: Some(id), calendar, event })
}

fn text(body: &Body) -> String {
    body.data.as_deref().map(|data| String::from_utf8_lossy(data).into_owned()).unwrap_or_default()
}
