use activesync::messages::*;
use activesync::query::{Command, Version};
use activesync::status::Status;
use sandbox::{Options, Running};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::*;
use crate::client::{Client, options, ready};

const START: OffsetDateTime = datetime!(2026-10-05 08:00 UTC);
const NEXT: OffsetDateTime = datetime!(2026-10-12 08:00 UTC);

fn meeting() -> Event {
    Event {
        subject: some("Planung, Teil 1; ganz wichtig"),
        start: Some(START),
        end: Some(START + Duration::hours(1)),
        place: Some(Box::new(Location::named("Raum Elbe"))),
        body: Some(Body::whole(BodyType::Text, "Punkte:\r\n- eins")),
        attendees: Some(vec![
            Attendee::required("bob@example.test", "Bob"),
            Attendee::required("carol@example.test", "Carol"),
            Attendee::required("who@elsewhere.test", "Who"),
        ]),
        ..Event::default()
    }
}

fn weekly() -> Event {
    let recurrence = Recurrence {
        kind: Some(1),
        interval: Some(1),
        day_of_week: Some(2),
        occurrences: Some(5),
        ..Recurrence::default()
    };
    Event { recurrence: Some(recurrence), ..meeting() }
}

fn events(running: &Running, account: &str) -> Vec<(String, Event)> {
    let items = running.items(account, FolderKind::Calendar, Version::V16_1).unwrap();
    items.into_iter().map(|(id, item)| (id, *item.into_event().unwrap())).collect()
}

fn mails(running: &Running, account: &str, version: Version) -> Vec<(String, Email)> {
    let items = running.items(account, FolderKind::Inbox, version).unwrap();
    items.into_iter().map(|(id, item)| (id, *item.into_email().unwrap())).collect()
}

async fn respond(client: &Client, reply: MeetingReply) -> MeetingResult {
    let request = MeetingResponseRequest { replies: vec![reply] };
    let answer = client.post(Command::MeetingResponse, request.encode()).await;
    MeetingResponseAnswer::decode(&answer).unwrap().results.remove(0)
}

fn reply(response: UserResponse, folder: &str, id: &str) -> MeetingReply {
    MeetingReply {
        response,
        target: MeetingTarget::Item { collection_id: folder.into(), request_id: id.into() },
        instance: None,
        send: Some(SendResponse::default()),
    }
}

fn status(event: &Event, address: &str) -> Option<AttendeeStatus> {
    let mut attendees = event.attendees.iter().flatten();
    attendees.find(|attendee| attendee.email.as_deref() == Some(address))?.status
}

#[tokio::test]
async fn the_server_invites_since_16() {
    let (running, alice) = ready(Options { samples: false, ..options() }).await;
    let (mut calendar, _) = Replica::loaded(&alice, CALENDAR).await;
    let id = calendar.add(weekly()).await;
    let own = &events(&running, "alice")[0].1;
    assert_eq!(own.meeting_status, Some(MeetingStatus::ORGANIZED));
    assert_eq!(own.organizer_email, some("alice@example.test"));
    assert_eq!(status(own, "bob@example.test"), Some(AttendeeStatus::NotResponded));

    for account in ["bob", "carol"] {
        let mail = &mails(&running, account, Version::V16_1)[0].1;
        assert_eq!(mail.class(), MessageClass::MeetingRequest);
        assert_eq!(mail.attachments, None);
        let request = mail.meeting_request.as_deref().unwrap();
        assert_eq!((request.start, request.uid.clone()), (Some(START), own.uid.clone()));
        assert_eq!(request.place, Some(Location::named("Raum Elbe")));
        assert_eq!(request.instance_type, Some(InstanceType::Series));
        assert_eq!(request.organizer, some("\"Alice\" <alice@example.test>"));
        let event = &events(&running, account)[0].1;
        assert_eq!(event.subject, weekly().subject);
        assert_eq!(event.body.as_ref().unwrap().data, weekly().body.unwrap().data);
        assert_eq!(event.meeting_status, Some(MeetingStatus::RECEIVED));
        assert_eq!(event.busy_status, Some(BusyStatus::Tentative));
        assert_eq!(event.response_type, Some(ResponseType::NotResponded));
        assert_eq!((&event.recurrence, &event.timezone), (&own.recurrence, &own.timezone));
    }
    assert_eq!(running.mails("alice", FolderKind::Sent).unwrap().len(), 1);

    let old = &mails(&running, "bob", Version::V14_1)[0].1;
    let request = old.meeting_request.as_deref().unwrap();
    assert_eq!((request.location.as_deref(), &request.uid), (Some("Raum Elbe"), &None));
    assert_eq!(request.meeting_uid(), own.uid);

    calendar.change(&id, Event { reminder: Some(5), ..Event::default() }).await;
    assert_eq!(mails(&running, "bob", Version::V16_1).len(), 1, "a reminder is one's own");
    let (start, end) = (Some(START + Duration::hours(2)), Some(START + Duration::hours(3)));
    let attendees = Some(vec![Attendee::required("bob@example.test", "Bob")]);
    calendar.change(&id, Event { start, end, attendees, ..Event::default() }).await;
    assert_eq!(events(&running, "bob")[0].1.start, start);
    let carol = &mails(&running, "carol", Version::V16_1)[0].1;
    assert_eq!(carol.class(), MessageClass::MeetingCancellation);
    let cancelled = events(&running, "carol")[0].1.meeting_status;
    assert_eq!(cancelled, Some(MeetingStatus::CANCELLED_RECEIVED));

    calendar.push(vec![delete(&id)]).await;
    let bob = &mails(&running, "bob", Version::V16_1)[0].1;
    assert_eq!(bob.class(), MessageClass::MeetingCancellation);
    assert_eq!(bob.subject.as_deref(), Some("Canceled: Planung, Teil 1; ganz wichtig"));
}

#[tokio::test]
async fn answers_reach_the_organiser() {
    let (running, alice) = ready(Options { samples: false, ..options() }).await;
    let (mut calendar, _) = Replica::loaded(&alice, CALENDAR).await;
    let id = calendar.add(meeting()).await;
    let bob = Client { user: "bob".into(), ..alice.clone() };
    bob.folders("0").await;

    let (mut inbox, mails_of_bob) = Replica::loaded(&bob, "f1").await;
    let (mut calendar_of_bob, _) = Replica::loaded(&bob, CALENDAR).await;
    let mail = mails_of_bob[0].0.clone();
    let result = respond(&bob, reply(UserResponse::Accept, "f1", &mail)).await;
    let event = events(&running, "bob").remove(0);
    assert_eq!((result.status, result.calendar_id), (Status::OK, Some(event.0.clone())));
    assert_eq!(event.1.response_type, Some(ResponseType::Accepted));
    assert_eq!(event.1.busy_status, Some(BusyStatus::Busy));
    assert_eq!(inbox.pull().await, [ServerCommand::Delete { server_id: mail.clone() }]);
    assert!(matches!(&calendar_of_bob.pull().await[..], [ServerCommand::Change { .. }]));
    let there = &events(&running, "alice")[0].1;
    assert_eq!(status(there, "bob@example.test"), Some(AttendeeStatus::Accepted));
    assert_eq!(status(there, "carol@example.test"), Some(AttendeeStatus::NotResponded));
    let answer = &mails(&running, "alice", Version::V16_1)[0].1;
    assert_eq!(answer.class(), MessageClass::MeetingAccepted);
    assert!(matches!(&calendar.pull().await[..], [ServerCommand::Change { .. }]));

    let again = respond(&bob, reply(UserResponse::Accept, "f1", &mail)).await;
    assert_eq!(again.status, Status(2));
    let declined = respond(&bob, reply(UserResponse::Decline, CALENDAR, &event.0)).await;
    assert_eq!((declined.status, declined.calendar_id), (Status::OK, None));
    assert_eq!(events(&running, "bob").len(), 0);
    let there = &events(&running, "alice")[0].1;
    assert_eq!(status(there, "bob@example.test"), Some(AttendeeStatus::Declined));
    let own = respond(&alice, reply(UserResponse::Accept, CALENDAR, &id)).await;
    assert_eq!(own.status, Status(2), "nobody answers their own meeting");
}

#[tokio::test]
async fn another_time_can_be_proposed() {
    let (running, alice) = ready(Options { samples: false, ..options() }).await;
    let (mut calendar, _) = Replica::loaded(&alice, CALENDAR).await;
    calendar.add(meeting()).await;
    let carol = Client { user: "carol".into(), ..alice.clone() };
    let mail = mails(&running, "carol", Version::V16_1)[0].0.clone();
    let (start, end) = (START + Duration::hours(4), START + Duration::hours(5));
    let send = SendResponse {
        body: Some(Body::whole(BodyType::Text, "Lieber später")),
        proposed: Some((start, end)),
    };
    let reply = MeetingReply { send: Some(send), ..reply(UserResponse::Tentative, "f1", &mail) };
    assert_eq!(respond(&carol, reply).await.status, Status::OK);
    let event = &events(&running, "alice")[0].1;
    assert_eq!(event.start, Some(START), "a proposal moves nothing");
    let attendee = &event.attendees.as_ref().unwrap()[1];
    assert_eq!(attendee.status, Some(AttendeeStatus::Tentative));
    assert_eq!((attendee.proposed_start, attendee.proposed_end), (Some(start), Some(end)));
    let mail = &mails(&running, "alice", Version::V16_1)[0].1;
    assert_eq!(mail.class(), MessageClass::MeetingTentative);
    assert_eq!(mail.meeting_request.as_ref().unwrap().proposed_start, Some(start));
}

#[tokio::test]
async fn one_occurrence_is_answered_moved_and_called_off() {
    let (running, alice) = ready(Options { samples: false, ..options() }).await;
    let (mut calendar, _) = Replica::loaded(&alice, CALENDAR).await;
    let id = calendar.add(weekly()).await;
    let bob = Client { user: "bob".into(), ..alice.clone() };
    let (event, _) = events(&running, "bob").remove(0);
    let one =
        MeetingReply { instance: Some(NEXT), ..reply(UserResponse::Tentative, CALENDAR, &event) };
    assert_eq!(respond(&bob, one).await.status, Status::OK);
    let there = &events(&running, "bob")[0].1;
    assert_eq!(there.response_type, Some(ResponseType::NotResponded));
    let exception = &there.exceptions.as_ref().unwrap()[0];
    assert_eq!(exception.instance_id, Some(NEXT));
    assert_eq!(exception.response_type, Some(ResponseType::Tentative));
    let organised = &events(&running, "alice")[0].1;
    assert_eq!(status(organised, "bob@example.test"), Some(AttendeeStatus::NotResponded));
    let attendees = organised.exceptions.as_ref().unwrap()[0].attendees.as_ref().unwrap();
    assert_eq!(attendees[0].status, Some(AttendeeStatus::Tentative));

    calendar.pull().await;
    let later = NEXT + Duration::hours(3);
    let item =
        Event { start: Some(later), end: Some(later + Duration::hours(1)), ..Event::default() };
    let moved = ClientCommand::Change {
        server_id: id.clone(),
        instance: Some(NEXT),
        item: item.into(),
        send: false,
    };
    assert_eq!(calendar.push(vec![moved]).await.responses, []);
    let carols = &events(&running, "carol")[0].1;
    assert_eq!(carols.start, Some(START));
    assert_eq!(carols.exceptions.as_ref().unwrap()[0].start, Some(later));
    let mail = &mails(&running, "carol", Version::V16_1)[0].1;
    let request = mail.meeting_request.as_ref().unwrap();
    assert_eq!((request.recurrence_id, request.start), (Some(NEXT), Some(later)));

    let off = ClientCommand::Delete { server_id: id, instance: Some(START) };
    assert_eq!(calendar.push(vec![off]).await.responses, []);
    let mail = &mails(&running, "carol", Version::V16_1)[0].1;
    assert_eq!(mail.class(), MessageClass::MeetingCancellation);
    let carols = &events(&running, "carol")[0].1;
    let first = &carols.exceptions.as_ref().unwrap()[0];
    assert_eq!(first.meeting_status, Some(MeetingStatus::CANCELLED_RECEIVED));
    assert_eq!(carols.meeting_status, Some(MeetingStatus::RECEIVED));
}

const INVITATION: &str = "From: Alice <alice@example.test>\r
To: Bob <bob@example.test>\r
Subject: Besprechung\r
MIME-Version: 1.0\r
Content-Type: multipart/alternative; boundary=x\r
\r
--x\r
Content-Type: text/plain; charset=utf-8\r
\r
Kommt bitte\r
--x\r
Content-Type: text/calendar; charset=utf-8; method=REQUEST\r
\r
BEGIN:VCALENDAR\r
METHOD:REQUEST\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:own-uid-1\r
DTSTAMP:20260915T090000Z\r
DTSTART;TZID=Europe/Berlin:20261102T090000\r
DTEND;TZID=Europe/Berlin:20261102T100000\r
RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=4\r
SUMMARY:Besprechung mit\\, \r
 Bob\r
LOCATION:Raum 3\r
ORGANIZER;CN=\"Alice: A\":mailto:alice@example.test\r
ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:MAILTO:bob@example.test\r
END:VEVENT\r
END:VCALENDAR\r
--x--\r
";

fn mime(text: &str) -> Vec<u8> {
    let mime = text.to_owned().into();
    let client_id = format!("c{}", text.len());
    let request = SendMailRequest {
        client_id,
        account_id: None,
        save_in_sent_items: false,
        mime,
        template_id: None,
    };
    request.encode()
}

#[tokio::test]
async fn clients_invite_and_answer_by_themselves_to_14_1() {
    let (running, alice) = ready(Options { samples: false, ..options() }).await;
    let alice = Client { version: Version::V14_1, ..alice };
    let mut calendar = Replica::primed(&alice, CALENDAR, None).await;
    calendar.pull().await;
    let own = Event {
        uid: some("own-uid-1"),
        location: some("Raum 3"),
        place: None,
        meeting_status: Some(MeetingStatus::ORGANIZED),
        attendees: Some(vec![Attendee::required("bob@example.test", "Bob")]),
        ..meeting()
    };
    calendar.add(own).await;
    assert_eq!(mails(&running, "bob", Version::V14_1).len(), 0, "the client writes itself");
    alice.post(Command::SendMail, mime(INVITATION)).await;

    let (mail, email) = mails(&running, "bob", Version::V14_1).remove(0);
    let request = email.meeting_request.as_deref().unwrap();
    assert_eq!(request.meeting_uid(), some("own-uid-1"));
    assert_eq!(request.recurrences.as_ref().unwrap()[0].week_of_month, Some(1));
    let (_, event) = events(&running, "bob").remove(0);
    assert_eq!(event.subject, some("Besprechung mit, Bob"));
    assert_eq!(event.start, Some(datetime!(2026-11-02 08:00 UTC)));
    assert_eq!(event.organizer_name, some("Alice: A"));
    assert_eq!(event.recurrence.as_ref().unwrap().kind, Some(3));

    let bob = Client { user: "bob".into(), ..alice.clone() };
    let accept = MeetingReply { send: None, ..reply(UserResponse::Accept, "f1", &mail) };
    assert_eq!(respond(&bob, accept).await.status, Status::OK);
    assert_eq!(mails(&running, "alice", Version::V14_1).len(), 0, "the client writes itself");
    let answer = INVITATION
        .replace("From: Alice <alice@example.test>", "From: Bob <bob@example.test>")
        .replace("To: Bob <bob@example.test>", "To: Alice <alice@example.test>")
        .replace("REQUEST", "REPLY")
        .replace("NEEDS-ACTION", "ACCEPTED");
    bob.post(Command::SendMail, mime(&answer)).await;
    let there = &events(&running, "alice")[0].1;
    assert_eq!(status(there, "bob@example.test"), Some(AttendeeStatus::Accepted));
}
