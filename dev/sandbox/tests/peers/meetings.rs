use activesync::messages::*;
use activesync::query::{Command, Version};
use activesync::zone::NamedZone;
use time::macros::datetime;

use crate::contacts::add;
use crate::device::{Device, Refused, Server, id_of, mail_of};
use crate::observation::Seen;

const UID: &str = "planning-1@example.test";

fn meeting() -> Event {
    let rules = NamedZone::find("Europe/Berlin").unwrap().rules_at(datetime!(2026-01-01 00:00 UTC));
    let mut event = Event {
        timezone: Some(rules),
        all_day: Some(false),
        busy_status: Some(BusyStatus::Busy),
        dt_stamp: Some(datetime!(2026-09-15 10:00 UTC)),
        start: Some(datetime!(2026-10-06 08:00 UTC)),
        end: Some(datetime!(2026-10-06 09:00 UTC)),
        location: Some("Room 2".into()),
        sensitivity: Some(Sensitivity::Normal),
        subject: Some("Planning".into()),
        uid: Some(UID.into()),
        meeting_status: Some(MeetingStatus::ORGANIZED),
        organizer_email: Some("alice@example.test".into()),
        organizer_name: Some("Alice".into()),
        attendees: Some(vec![Attendee::required("oscar@example.test", "Oscar")]),
        body: Some(Body::whole(BodyType::Text, "Agenda")),
        ..Event::default()
    };
    event.prepare_upload(Version::V14_1);
    assert_eq!(event.check(Version::V14_1), Ok(()));
    event
}

/// The mail about the meeting that a client of 14.1 writes itself.
fn letter(from: &str, to: &str, subject: &str, method: &str, attendee: &str) -> String {
    format!(
        "From: {from}@example.test\r\nTo: {to}@example.test\r\nSubject: {subject}\r\n\
         Date: Tue, 15 Sep 2026 10:00:00 +0000\r\nMessage-ID: <{method}.1@example.test>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"part\"\r\n\r\n\
         --part\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAgenda\r\n\
         --part\r\nContent-Type: text/calendar; charset=utf-8; method={method}\r\n\r\n\
         BEGIN:VCALENDAR\r\nPRODID:-//Test//Test//EN\r\nVERSION:2.0\r\nMETHOD:{method}\r\n\
         BEGIN:VEVENT\r\nUID:{UID}\r\nDTSTAMP:20260915T100000Z\r\nSEQUENCE:0\r\n\
         DTSTART:20261006T080000Z\r\nDTEND:20261006T090000Z\r\nSUMMARY:Planning\r\n\
         LOCATION:Room 2\r\nORGANIZER;CN=Alice:mailto:alice@example.test\r\n\
         ATTENDEE;CN=Oscar;{attendee}:mailto:oscar@example.test\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n--part--\r\n"
    )
}

/// The meeting as a device of a person sees it that knew nothing before.
async fn shown(server: &Server, user: &'static str) -> Option<Event> {
    let device = server.device(user, "Viewer").await;
    let (_, commands) = device.load(&device.folder(FolderKind::Calendar)).await;
    let mut events = commands.into_iter().filter_map(|command| match command {
        ServerCommand::Add { item, .. } => item.into_event(),
        ServerCommand::Change { .. }
        | ServerCommand::Delete { .. }
        | ServerCommand::SoftDelete { .. } => None,
    });
    events.find(|event| event.uid.as_deref() == Some(UID)).map(|event| *event)
}

/// The answer that the organiser knows of.
async fn known_answer(server: &Server) -> Option<AttendeeStatus> {
    let attendees = shown(server, "alice").await.unwrap().attendees;
    attendees.unwrap_or_default().first().and_then(|attendee| attendee.status)
}

/// The subjects of a person's mails, once a last one has come.
async fn subjects(server: &Server, user: &'static str, last: &str) -> Vec<String> {
    let device = server.device(user, "Reader").await;
    device.write(user, last, "Text").await;
    device.mail(last).await;
    let mails = device.load(&device.folder(FolderKind::Inbox)).await.1;
    let mut subjects: Vec<_> = mails
        .into_iter()
        .filter_map(|command| match command {
            ServerCommand::Add { item, .. } => item.into_email()?.subject,
            ServerCommand::Change { .. }
            | ServerCommand::Delete { .. }
            | ServerCommand::SoftDelete { .. } => None,
        })
        .filter(|subject| subject != last)
        .collect();
    subjects.sort();
    subjects
}

/// Accepts an invitation; gives the status and whether there is an event.
async fn accept(device: &Device, inbox: &str, id: &str) -> Result<(u16, bool), Refused> {
    let reply = MeetingReply {
        response: UserResponse::Accept,
        target: MeetingTarget::Item { collection_id: inbox.to_owned(), request_id: id.to_owned() },
        instance: None,
        send: None,
    };
    let request = MeetingResponseRequest { replies: vec![reply] };
    let body = device.ask(Command::MeetingResponse, request.encode()).await?;
    let result = MeetingResponseAnswer::decode(&body).unwrap().results.remove(0);
    Ok((result.status.0, result.calendar_id.is_some()))
}

pub(crate) async fn answered(server: &Server, seen: &mut Seen) {
    let organiser = server.device("alice", "Organiser").await;
    let calendar = organiser.folder(FolderKind::Calendar);
    let (mut key, _) = organiser.load(&calendar).await;
    let added = add(&organiser, &calendar, &mut key, meeting().into()).await;
    seen.note("meeting: added", added.map(|(status, id)| (status, id.is_some())));
    let own = shown(server, "alice").await.unwrap();
    seen.note("meeting: status of the organiser's event", own.meeting_status);
    let people: Vec<_> = own.attendees.unwrap_or_default();
    let people: Vec<_> =
        people.into_iter().map(|one| (one.name, one.email, one.kind, one.status)).collect();
    seen.note("meeting: attendees of the organiser's event", people);

    let device = server.device("oscar", "Invitee").await;
    let inbox = device.folder(FolderKind::Inbox);
    let unasked = subjects(server, "oscar", "Before it").await;
    seen.note("meeting: mails of the server to the attendee", unasked);
    let before = shown(server, "oscar").await;
    seen.note("meeting: in the attendee's calendar without a mail", before.is_some());

    let request =
        letter("alice", "oscar", "Planning", "REQUEST", "PARTSTAT=NEEDS-ACTION;RSVP=TRUE");
    organiser.send_mail("request", &request).await.unwrap();
    let id = device.mail("Planning").await;
    let (_, mails) = device.load(&inbox).await;
    let mail = mails.iter().find(|mail| id_of(mail) == id).unwrap();
    let mail = mail_of(mail, "Planning").unwrap();
    seen.note("meeting: classes of the mail", (&mail.message_class, &mail.content_class));
    let invitation = mail.meeting_request.unwrap();
    seen.note("meeting: start and end", (invitation.start, invitation.end, invitation.all_day));
    seen.note(
        "meeting: place and part of a series",
        (&invitation.location, invitation.instance_type),
    );
    seen.note("meeting: an answer is wanted", invitation.response_requested);
    seen.note("meeting: its id", invitation.meeting_uid());
    let organizer = invitation.organizer.unwrap_or_default();
    seen.note("meeting: organiser", organizer.contains("alice@example.test"));
    let states = |event: Event| (event.meeting_status, event.busy_status, event.response_type);
    let before = shown(server, "oscar").await.map(states);
    seen.note("meeting: in the attendee's calendar before the answer", before);

    seen.note("meeting: accepted", accept(&device, &inbox, &id).await);
    let after = shown(server, "oscar").await.map(states);
    seen.note("meeting: in the attendee's calendar after the answer", after);
    seen.note("meeting: the answer that the organiser knows of", known_answer(server).await);
    let mails = subjects(server, "alice", "After the answer").await;
    seen.note("meeting: mails of the server to the organiser", mails);
    let reply = letter("oscar", "alice", "Accepted: Planning", "REPLY", "PARTSTAT=ACCEPTED");
    device.send_mail("reply", &reply).await.unwrap();
    organiser.mail("Accepted: Planning").await;
    seen.note("meeting: the answer after the attendee's mail", known_answer(server).await);
    seen.note("meeting: mails of the attendee", subjects(server, "oscar", "After it").await);
    seen.note("meeting: accepted again", accept(&device, &inbox, &id).await);
    device.write("oscar", "No meeting", "Text").await;
    let other = device.mail("No meeting").await;
    seen.note("meeting: accepted where there is none", accept(&device, &inbox, &other).await);
}
