//! Meetings against the sample mail server, which tells the others itself since 16.0 and before does not.

use super::ground::{Ground, inbox};
use super::synced;
use crate::entries::{
    Answer, EntryQuery, EntryView, EventFields, EventView, MeetingMail, Proposal, Reply, Told,
};
use crate::errands::ErrandError;
use crate::{App, MessageView};
use activesync::messages::{Attendee, AttendeeStatus, Email, Event, FolderKind, MeetingStatus};
use activesync::query::{Command, Version};
use serde_json::json;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

#[tokio::test]
async fn an_invitation_is_answered_and_the_organiser_knows() {
    for version in [Version::V14_1, Version::V16_1] {
        let ground = Ground::new(|options| options.versions = vec![version]).await;
        ground.server.add_item("bob", meeting()).unwrap();
        ground.server.deliver("alice", INVITATION.replace('\n', "\r\n")).unwrap();
        synced(&ground).await;
        let event = ground.until("the invitation", invited).await;
        assert!(event.entry.invited, "{event:?}");

        let told = Told::Organizer { words: "Gerne".to_owned(), proposed: None };
        ground.app.answer_event(event.id, None, Answer::Accept, told).await.unwrap();

        let knows = async |_: &App| {
            (organiser_sees(&ground)?.status == Some(AttendeeStatus::Accepted)).then_some(())
        };
        ground.until("the organiser's calendar", knows).await;
        let mails = ground.server.mails("bob", FolderKind::Inbox).unwrap();
        let told = mails.iter().filter(|mail| mail.subject.contains("Quartalsplanung"));
        assert_eq!(told.count(), 1, "{version:?}: {mails:?}");
    }
}

#[tokio::test]
async fn an_invitation_is_answered_from_the_mail_and_goes() {
    for version in [Version::V12_1, Version::V14_1, Version::V16_1] {
        let ground = Ground::new(|options| options.versions = vec![version]).await;
        ground.server.add_item("bob", meeting()).unwrap();
        ground.server.deliver("alice", INVITATION.replace('\n', "\r\n")).unwrap();
        synced(&ground).await;
        let mail = ground.until("the invitation", invitation).await;
        let invites = mail.meeting.as_ref().unwrap();
        assert!(invites.answerable, "{version:?}: {invites:?}");
        assert_eq!(invites.kind, MeetingMail::Invitation, "{version:?}");
        let start = invites.start.as_deref();
        assert_eq!(start, Some("2027-03-02T09:00:00+01:00"), "{version:?}");
        let organizer = invites.organizer.as_ref().unwrap();
        assert_eq!(organizer.address, "bob@example.test");
        let event = async |app: &App| invitation(app).await?.meeting?.event;
        ground.until("the event of the invitation", event).await;

        let told = Told::Organizer { words: "Gerne".to_owned(), proposed: None };
        ground.app.answer_invitation(mail.item.id, Answer::Accept, told).await.unwrap();

        let knows = async |_: &App| {
            (organiser_sees(&ground)?.status == Some(AttendeeStatus::Accepted)).then_some(())
        };
        ground.until("the organiser's calendar", knows).await;
        let gone = async |app: &App| invitation(app).await.is_none().then_some(());
        ground.until("the answered invitation to go", gone).await;
        let accepted = async |app: &App| {
            (invited(app).await?.entry.reply == Some(Reply::Accepted)).then_some(())
        };
        // What was answered is a property of events since 14.0.
        if version >= Version::V14_0 {
            ground.until("the answer in one's own calendar", accepted).await;
        }
    }
}

#[tokio::test]
async fn another_time_is_proposed_where_the_server_can_tell_it() {
    let ground = Ground::new(|options| options.versions = vec![Version::V16_1]).await;
    ground.server.add_item("bob", meeting()).unwrap();
    ground.server.deliver("alice", INVITATION.replace('\n', "\r\n")).unwrap();
    synced(&ground).await;
    let mail = ground.until("the invitation", invitation).await.item.id;
    let told = |start: &str, end: &str| Told::Organizer {
        words: String::new(),
        proposed: Some(Proposal { start: start.to_owned(), end: end.to_owned() }),
    };
    let early = told("2027-03-02T09:00:00Z", "2027-03-02T08:00:00Z");
    let refused = ground.app.answer_invitation(mail, Answer::Tentative, early).await;
    assert!(
        matches!(refused, Err(ErrandError::Impossible { code: "end_before_start" })),
        "{refused:?}"
    );

    let later = told("2027-03-02T12:00:00+01:00", "2027-03-02T13:00:00+01:00");
    ground.app.answer_invitation(mail, Answer::Tentative, later).await.unwrap();

    let knows = async |_: &App| organiser_sees(&ground)?.proposed_start;
    let proposed = ground.until("the proposal at the organiser", knows).await;
    assert_eq!(proposed, datetime!(2027-03-02 11:00 UTC));
}

#[tokio::test]
async fn other_mails_invite_to_nothing() {
    let ground = Ground::new(|options| options.versions = vec![Version::V14_1]).await;
    synced(&ground).await;
    let mail = ground.inbox().await[0].id;
    let refused = ground.app.answer_invitation(mail, Answer::Accept, Told::Nobody).await;
    assert!(
        matches!(refused, Err(ErrandError::Impossible { code: "no_invitation" })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn those_who_are_invited_are_told_of_each_change_by_mail_up_to_14_1() {
    let ground = Ground::new(|options| options.versions = vec![Version::V14_1]).await;
    synced(&ground).await;
    let app = &ground.app;
    let fields = |json: serde_json::Value| serde_json::from_value::<EventFields>(json).unwrap();
    let event = fields(json!({
        "subject": "Strategie", "start": "2027-03-02T09:00", "zone": "Europe/Berlin",
        "attendees": [{ "address": "bob@example.test", "name": "Bob" }],
    }));
    let id = app.add_entry(None, event, None).await.unwrap();
    let first = ground.until("the invitation", async |_: &App| told(&ground, 1)).await;
    assert_eq!(first[0], "IPM.Schedule.Meeting.Request Strategie");
    assert_eq!(bobs_start(&ground), Some(datetime!(2027-03-02 8:00 UTC)));

    // What concerns nobody else is told to nobody: the next mail is of the new time.
    app.change_entry(id, fields(json!({ "reminder": 5 })), None).await.unwrap();
    ground.way.cut();
    app.change_entry(id, fields(json!({ "start": "2027-03-02T10:00" })), None).await.unwrap();
    app.change_entry(id, fields(json!({ "start": "2027-03-02T11:00" })), None).await.unwrap();
    let ground = ground.restart().await;
    ground.way.mend().await;
    let asked = async |_: &App| told(&ground, 2);
    ground.until_asked("the new time", asked).await;
    let moved = async |_: &App| {
        (bobs_start(&ground) == Some(datetime!(2027-03-02 10:00 UTC))).then_some(())
    };
    ground.until("the new time in the calendar of who is invited", moved).await;

    ground.app.remove_entry::<EventFields>(id).await.unwrap();
    let mails = ground.until("the cancellation", async |_: &App| told(&ground, 3)).await;
    assert_eq!(mails[2], "IPM.Schedule.Meeting.Canceled Cancelled: Strategie", "{mails:?}");
    synced(&ground).await;
    assert_eq!(told(&ground, 3).map(|mails| mails.len()), Some(3), "nothing is told twice");
}

#[tokio::test]
async fn since_16_0_the_server_alone_tells_those_who_are_invited() {
    let ground = Ground::new(|options| options.versions = vec![Version::V16_1]).await;
    synced(&ground).await;
    let event = serde_json::from_value::<EventFields>(json!({
        "subject": "Strategie", "start": "2027-03-02T09:00", "zone": "Europe/Berlin",
        "attendees": [{ "address": "bob@example.test", "name": "Bob" }],
    }));
    ground.app.add_entry(None, event.unwrap(), None).await.unwrap();
    ground.until("the invitation", async |_: &App| told(&ground, 1)).await;
    synced(&ground).await;
    assert_eq!(told(&ground, 1).map(|mails| mails.len()), Some(1));
    assert_eq!(ground.way.requests(Command::SendMail), 0);
}

/// The mails to Bob about the meeting, by class and subject, once there are as many.
fn told(ground: &Ground, least: usize) -> Option<Vec<String>> {
    let items = ground.server.items("bob", FolderKind::Inbox, Version::V14_1).unwrap();
    let mails = items.into_iter().filter_map(|(_, item)| item.into_email());
    let about = mails.filter(|mail| {
        mail.subject.as_deref().is_some_and(|subject| subject.contains("Strategie"))
    });
    let line = |mail: Box<Email>| {
        let class = mail.message_class.unwrap_or_default();
        format!("{class} {}", mail.subject.unwrap_or_default())
    };
    let mut lines: Vec<String> = about.map(line).collect();
    // The server lists the newest first.
    lines.reverse();
    (lines.len() >= least).then_some(lines)
}

/// When the meeting starts in Bob's calendar.
fn bobs_start(ground: &Ground) -> Option<OffsetDateTime> {
    let items = ground.server.items("bob", FolderKind::Calendar, Version::V14_1).unwrap();
    let mut events = items.into_iter().filter_map(|(_, item)| item.into_event());
    events.find(|event| event.subject.as_deref() == Some("Strategie"))?.start
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

async fn invitation(app: &App) -> Option<MessageView> {
    let mail = inbox(app).await.into_iter().find(|mail| mail.subject == "Quartalsplanung")?;
    app.message(mail.id).await.ok()
}

fn meeting() -> Event {
    let start = datetime!(2027-03-02 8:00 UTC);
    Event {
        uid: Some("meeting-1".to_owned()),
        subject: Some("Quartalsplanung".to_owned()),
        start: Some(start),
        end: Some(start + Duration::hours(1)),
        organizer_email: Some("bob@example.test".to_owned()),
        meeting_status: Some(MeetingStatus::ORGANIZED),
        attendees: Some(vec![Attendee::required("alice@example.test", "Alice")]),
        ..Event::default()
    }
}

/// What the organiser knows of who is invited.
fn organiser_sees(ground: &Ground) -> Option<Attendee> {
    let items = ground.server.items("bob", FolderKind::Calendar, Version::V16_1).unwrap();
    let events = items.into_iter().filter_map(|(_, item)| item.into_event());
    let meeting =
        events.into_iter().find(|event| event.subject.as_deref() == Some("Quartalsplanung"))?;
    meeting.attendees?.into_iter().next()
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
