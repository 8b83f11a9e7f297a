//! Invitations against the sample mail server, which tells the organiser itself since 16.0 and before does not.

use super::ground::Ground;
use super::synced;
use crate::App;
use crate::entries::{Answer, EntryQuery, EntryView, EventFields, EventView, Told};
use crate::errands::ErrandError;
use activesync::messages::{Attendee, AttendeeStatus, Event, FolderKind, MeetingStatus};
use activesync::query::Version;
use time::Duration;
use time::macros::datetime;

#[tokio::test]
async fn an_invitation_is_answered_and_the_organiser_knows() {
    for version in [Version::V14_1, Version::V16_1] {
        let ground = Ground::new(|options| options.versions = vec![version]).await;
        let start = datetime!(2027-03-02 8:00 UTC);
        let meeting = Event {
            uid: Some("meeting-1".to_owned()),
            subject: Some("Quartalsplanung".to_owned()),
            start: Some(start),
            end: Some(start + Duration::hours(1)),
            organizer_email: Some("bob@example.test".to_owned()),
            meeting_status: Some(MeetingStatus::ORGANIZED),
            attendees: Some(vec![Attendee::required("alice@example.test", "Alice")]),
            ..Event::default()
        };
        ground.server.add_item("bob", meeting).unwrap();
        ground.server.deliver("alice", INVITATION.replace('\n', "\r\n")).unwrap();
        synced(&ground).await;
        let event = ground.until("the invitation", invited).await;
        assert!(event.entry.invited, "{event:?}");

        let told = Told::Organizer("Gerne".to_owned());
        ground.app.answer_event(event.id, None, Answer::Accept, told).await.unwrap();

        let knows = async |_: &App| {
            let status = organiser_sees(&ground);
            (status == Some(AttendeeStatus::Accepted)).then_some(())
        };
        ground.until("the organiser's calendar", knows).await;
        let mails = ground.server.mails("bob", FolderKind::Inbox).unwrap();
        let told = mails.iter().filter(|mail| mail.subject.contains("Quartalsplanung"));
        assert_eq!(told.count(), 1, "{version:?}: {mails:?}");
    }
}

#[tokio::test]
async fn an_appointment_of_ones_own_is_no_invitation() {
    let ground = Ground::new(|options| options.versions = vec![Version::V16_1]).await;
    synced(&ground).await;
    let own = async |app: &App| {
        events(app).await.into_iter().find(|event| !event.entry.invited).map(|event| event.id)
    };
    let own = ground.until("the calendar", own).await;
    let refused = ground.app.answer_event(own, None, Answer::Accept, Told::Nobody).await;
    assert!(matches!(refused, Err(ErrandError::Impossible { code: "not_invited" })), "{refused:?}");
}

async fn events(app: &App) -> Vec<EntryView<EventView, EventFields>> {
    let query = EntryQuery { limit: 200, ..EntryQuery::default() };
    app.entries::<EventFields>(query).await.unwrap().items
}

async fn invited(app: &App) -> Option<EntryView<EventView, EventFields>> {
    let subject = Some("Quartalsplanung".to_owned());
    events(app).await.into_iter().find(|event| event.entry.fields.subject == subject)
}

fn organiser_sees(ground: &Ground) -> Option<AttendeeStatus> {
    let items = ground.server.items("bob", FolderKind::Calendar, Version::V14_1).unwrap();
    let events = items.into_iter().filter_map(|(_, item)| item.into_event());
    let meeting =
        events.into_iter().find(|event| event.subject.as_deref() == Some("Quartalsplanung"))?;
    meeting.attendees?.first()?.status
}

const INVITATION: &str = "From: Bob <bob@example.test>
To: Alice <alice@example.test>
Subject: Quartalsplanung
Message-ID: <invitation-1@example.test>
MIME-Version: 1.0
Content-Type: text/calendar; charset=utf-8; method=REQUEST

BEGIN:VCALENDAR
METHOD:REQUEST
VERSION:2.0
BEGIN:VEVENT
UID:meeting-1
DTSTAMP:20260915T090000Z
DTSTART:20270302T080000Z
DTEND:20270302T090000Z
SUMMARY:Quartalsplanung
ORGANIZER;CN=Bob:mailto:bob@example.test
ATTENDEE;CN=Alice;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:alice@example.test
END:VEVENT
END:VCALENDAR
";
