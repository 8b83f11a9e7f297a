//! Answers to invitations.

use super::moment;
use crate::app::App;
use crate::errands::ErrandError;
use crate::error::{AccessError, SendError};
use crate::send::Letter;
use crate::session::with;
use activesync::messages::{Event, Item, MeetingRequest, UserResponse};
use activesync::query::Version;
use activesync::zone::Zone;
use mail::Mailbox;
use pim::{EntryId, Errand, ItemRef, MeetingAnswer};
use serde::Deserialize;
use utoipa::ToSchema;

/// What a person answers to an invitation.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Answer {
    Accept,
    Tentative,
    Decline,
}

/// Who is told of an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Told {
    /// The organiser, with these words.
    Organizer(String),
    /// Nobody: only one's own calendar knows.
    Nobody,
}

impl App {
    /// Answers the invitation to an event of the calendar, or to one occurrence of a series; the organiser is told by the mail
    /// server where it does that (since 16.0), else by a mail from here.
    ///
    /// # Errors
    ///
    /// [`ErrandError::Impossible`] if the event is none to which the person is invited.
    pub async fn answer_event(
        &self,
        id: i64,
        occurrence: Option<&str>,
        answer: Answer,
        told: Told,
    ) -> Result<(), ErrandError> {
        let (open, device) = self.life.open().await?;
        let impossible = |code| ErrandError::Impossible { code };
        let occurrence = occurrence
            .map(|text| moment::moment("occurrence", text, &Zone::Utc))
            .transpose()
            .map_err(|_| impossible("occurrence_unreadable"))?;
        let place = with(&open, move |open| open.entries().place(EntryId(id))).await;
        let place = place.map_err(AccessError::from)?.ok_or(ErrandError::Missing)?;
        let Item::Event(event) = place.item else { return Err(ErrandError::Missing) };
        if !event.meeting_status.is_some_and(|status| status.is_received()) {
            return Err(impossible("not_invited"));
        }
        let server_id = place.server_id.ok_or_else(|| impossible("not_invited"))?;
        let version = with(&open, |open| open.mail().version()).await.map_err(AccessError::from)?;
        let version = version.unwrap_or(Version::V14_1);
        if version < Version::V14_0 || occurrence.is_some() && version < Version::V14_1 {
            return Err(ErrandError::Unsupported);
        }
        let response = answer.into();
        let tells_itself = version >= Version::V16_0 || is_sogo(&place.collection.0);
        let errand = MeetingAnswer {
            event: ItemRef { collection: place.collection, item: server_id },
            occurrence,
            response,
            told: match &told {
                Told::Organizer(words) => Some(words.clone()),
                Told::Nobody => None,
            },
        };
        self.run(Errand::Meeting(errand)).await?;
        let Told::Organizer(words) = told else { return Ok(()) };
        if tells_itself {
            return Ok(());
        }
        let address = device.settings.borrow().settings.mail.address.clone();
        let name = open.certificate().common_name().unwrap_or_default();
        let person = Mailbox { name, address };
        let invitation = invitation(&event, occurrence);
        let subject = event.subject.as_deref().unwrap_or_default();
        let calendar = pim::reply(&invitation, response, subject, &person, self.life.now());
        let organizer = organizer(&event).ok_or_else(|| impossible("no_organizer"))?;
        let calendar = calendar.ok_or_else(|| impossible("not_invited"))?;
        let title = format!("{}: {subject}", answer.word());
        let letter = Letter::about(calendar, organizer, title, words);
        self.post(&open, &device, letter, None).await.map(drop).map_err(|error| match error {
            SendError::Locked => ErrandError::Locked,
            SendError::Storage { reason } => ErrandError::Storage { reason },
            error @ (SendError::AttachmentMissing { .. }
            | SendError::BadAddress { .. }
            | SendError::DraftIncomplete
            | SendError::DraftMissing
            | SendError::NoRecipient
            | SendError::OriginalMissing
            | SendError::TooLarge { .. }) => ErrandError::Refused { code: error.to_string() },
        })
    }
}

impl Answer {
    /// What the subject of the answer begins with, in the language of the protocol.
    fn word(self) -> &'static str {
        match self {
            Self::Accept => "Accepted",
            Self::Tentative => "Tentative",
            Self::Decline => "Declined",
        }
    }
}

impl From<Answer> for UserResponse {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Accept => Self::Accept,
            Answer::Tentative => Self::Tentative,
            Answer::Decline => Self::Decline,
        }
    }
}

fn organizer(event: &Event) -> Option<Mailbox> {
    let address = event.organizer_email.clone().filter(|address| !address.is_empty())?;
    Some(Mailbox { name: event.organizer_name.clone().unwrap_or_default(), address })
}

/// The invitation as a mail would tell of it.
fn invitation(event: &Event, occurrence: Option<time::OffsetDateTime>) -> MeetingRequest {
    let length = event.start.zip(event.end).map(|(start, end)| end - start);
    let organizer = organizer(event);
    MeetingRequest {
        uid: event.uid.clone(),
        organizer: organizer.map(|one| format!("\"{}\" <{}>", one.name, one.address)),
        all_day: event.all_day,
        timezone: event.timezone.clone(),
        start: occurrence.or(event.start),
        end: occurrence.zip(length).map_or(event.end, |(start, length)| Some(start + length)),
        recurrence_id: occurrence,
        ..MeetingRequest::default()
    }
}

/// SOGo mails the organiser whatever version it speaks, and would let the answer arrive twice. It is known by its folders' ids.
fn is_sogo(collection: &str) -> bool {
    collection.starts_with("vevent%2F") || collection.starts_with("vevent/")
}
