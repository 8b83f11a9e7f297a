//! Meetings that mails are about.

use super::event::Organizer;
use super::moment;
use super::recurrence::RecurrenceFields;
use activesync::messages::{MeetingMessageType, MeetingRequest, MessageClass};
use activesync::zone::Zone;
use mail::Mailbox;
use serde::Serialize;
use time::{Duration, OffsetDateTime};
use utoipa::ToSchema;

/// The meeting that a mail is about.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct MeetingView {
    /// What the mail says of it.
    pub kind: MeetingMail,
    /// The person may answer: it is an invitation, no newer one came, and nobody else answers for them.
    pub answerable: bool,
    /// When it starts; of whole days the first.
    pub start: Option<String>,
    /// When it ends; of whole days the last.
    pub end: Option<String>,
    /// It takes whole days.
    pub all_day: bool,
    /// Where it takes place.
    pub location: Option<String>,
    /// Who organises it.
    pub organizer: Option<Organizer>,
    /// How it recurs, in English.
    pub recurrence_words: Option<String>,
    /// The start that the series gives to the only occurrence that is meant.
    pub occurrence: Option<String>,
    /// The start that an attendee proposes instead.
    pub proposed_start: Option<String>,
    /// The end that an attendee proposes instead.
    pub proposed_end: Option<String>,
    /// The event in the calendar, if it is there.
    pub event: Option<i64>,
}

/// What a mail says of a meeting.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeetingMail {
    /// An attendee comes.
    Accepted,
    /// It does not take place.
    Cancellation,
    /// An attendee does not come.
    Declined,
    /// An invitation, or what changed in one.
    Invitation,
    /// Something else, for people to read.
    Note,
    /// An attendee perhaps comes.
    Tentative,
}

impl MeetingView {
    /// Reads what a mail of this class says.
    pub(crate) fn of(class: &str, request: &MeetingRequest) -> Self {
        let kind = MeetingMail::of(class);
        let elsewhere = matches!(
            request.message_type,
            Some(MeetingMessageType::Delegated | MeetingMessageType::Outdated)
        );
        let zone = zone(request);
        let all_day = request.all_day == Some(true);
        let text = |moment: OffsetDateTime| {
            if all_day {
                moment::date_text(zone.local(moment).date())
            } else {
                moment::moment_text(moment, &zone)
            }
        };
        // The end of whole days is the midnight after them.
        let last = |end: OffsetDateTime| if all_day { end - Duration::SECOND } else { end };
        let organizer = Mailbox::list(request.organizer.as_deref().unwrap_or_default());
        let organizer = organizer.into_iter().next();
        let recurrence = request.recurrences.as_ref().and_then(|list| list.first());
        let recurrence = recurrence.and_then(|wire| RecurrenceFields::read(wire, &zone));

        Self {
            kind,
            answerable: kind == MeetingMail::Invitation && !elsewhere,
            start: request.start.map(text),
            end: request.end.map(|end| text(last(end))),
            all_day,
            location: location(request),
            organizer: organizer.map(|Mailbox { name, address }| Organizer { name, address }),
            recurrence_words: recurrence.as_ref().map(RecurrenceFields::words),
            occurrence: request
                .recurrence_id
                .map(|original| moment::moment_text(original, &Zone::Utc)),
            proposed_start: request.proposed_start.map(text),
            proposed_end: request.proposed_end.map(text),
            event: None,
        }
    }
}

impl MeetingMail {
    fn of(class: &str) -> Self {
        match MessageClass::of(class) {
            MessageClass::MeetingAccepted => Self::Accepted,
            MessageClass::MeetingCancellation => Self::Cancellation,
            MessageClass::MeetingDeclined => Self::Declined,
            MessageClass::MeetingRequest => Self::Invitation,
            MessageClass::MeetingTentative => Self::Tentative,
            MessageClass::DeliveryReport
            | MessageClass::MeetingNotification
            | MessageClass::Note
            | MessageClass::Post
            | MessageClass::ReadReport
            | MessageClass::Smime
            | MessageClass::SmimeReceipt
            | MessageClass::SmimeSigned
            | MessageClass::Voicemail => Self::Note,
        }
    }
}

/// The zone whose clock a meeting follows.
fn zone(request: &MeetingRequest) -> Zone {
    let moment = request.start.unwrap_or(OffsetDateTime::UNIX_EPOCH);

    Zone::of_event(request.timezone.as_ref(), moment, &Zone::Utc)
}

fn location(request: &MeetingRequest) -> Option<String> {
    let place = request.place.as_ref().and_then(|place| place.display_name.clone());

    request.location.clone().or(place).filter(|place| !place.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use activesync::zone::NamedZone;
    use time::macros::datetime;

    const INVITATION: &str = "IPM.Schedule.Meeting.Request";

    #[test]
    fn an_invitation_says_when_by_its_own_clock() {
        let berlin = Zone::Named(NamedZone::find("Europe/Berlin").unwrap());
        let start = datetime!(2027-03-02 8:00 UTC);
        let request = MeetingRequest {
            start: Some(start),
            end: Some(datetime!(2027-03-02 9:00 UTC)),
            timezone: Some(berlin.rules_at(start)),
            organizer: Some("\"Bob\" <bob@example.test>".to_owned()),
            location: Some("Raum 5".to_owned()),
            ..MeetingRequest::default()
        };
        let view = MeetingView::of(INVITATION, &request);
        assert_eq!(view.start.as_deref(), Some("2027-03-02T09:00:00+01:00"));
        assert!(view.answerable, "{view:?}");
        assert_eq!(view.organizer.unwrap().address, "bob@example.test");
    }

    #[test]
    fn only_what_still_invites_can_be_answered() {
        let answerable = |class: &str, message_type| {
            let request = MeetingRequest { message_type, ..MeetingRequest::default() };
            MeetingView::of(class, &request).answerable
        };
        assert!(answerable(INVITATION, None));
        assert!(answerable(INVITATION, Some(MeetingMessageType::FullUpdate)));
        assert!(!answerable(INVITATION, Some(MeetingMessageType::Outdated)));
        assert!(!answerable(INVITATION, Some(MeetingMessageType::Delegated)));
        assert!(!answerable("IPM.Schedule.Meeting.Canceled", None));
        assert!(!answerable("IPM.Note", None));
    }

    #[test]
    fn whole_days_are_the_first_and_the_last() {
        let request = MeetingRequest {
            start: Some(datetime!(2027-03-02 0:00 UTC)),
            end: Some(datetime!(2027-03-04 0:00 UTC)),
            all_day: Some(true),
            ..MeetingRequest::default()
        };
        let view = MeetingView::of(INVITATION, &request);
        assert_eq!(view.start.as_deref(), Some("2027-03-02"));
        assert_eq!(view.end.as_deref(), Some("2027-03-03"));
    }
}
