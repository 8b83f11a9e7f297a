//! Answers to invitations.

use super::invitation::MeetingView;
use super::moment;
use crate::app::App;
use crate::errands::ErrandError;
use crate::error::{AccessError, SendError};
use crate::lifecycle::Device;
use crate::send::{Letter, sender};
use crate::session::with;
use crate::view::MessageId;
use activesync::messages::{Class, Event, Item, MeetingRequest, UserResponse};
use activesync::query::Version;
use activesync::zone::Zone;
use mail::Mailbox;
use pim::{CollectionId, EntryId, Errand, ItemRef, MeetingAnswer};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use vault::Open;

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
    /// The organiser.
    Organizer {
        /// With these words.
        words: String,
        /// The time that is proposed instead.
        proposed: Option<Proposal>,
    },
    /// Nobody: only one's own calendar knows.
    Nobody,
}

/// Another time for a meeting.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// When it should start, such as `2026-12-31T09:30:00+01:00`.
    pub start: String,
    /// When it should end.
    pub end: String,
}

/// An invitation that is to be answered.
struct Invitation {
    /// What the server knows it by.
    item: ItemRef,
    /// What it invites to.
    request: MeetingRequest,
    occurrence: Option<OffsetDateTime>,
    subject: String,
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
        let occurrence =
            occurrence.map(|text| moment_of("occurrence_unreadable", text)).transpose()?;
        let place = with(&open, move |open| open.entries().place(EntryId(id))).await;
        let place = place.map_err(AccessError::from)?.ok_or(ErrandError::Missing)?;
        let Item::Event(event) = place.item else { return Err(ErrandError::Missing) };
        if !event.meeting_status.is_some_and(|status| status.is_received()) {
            return Err(impossible("not_invited"));
        }
        let server_id = place.server_id.ok_or_else(|| impossible("not_invited"))?;
        let version = self.version(&open).await?;
        if version < Version::V14_0 || occurrence.is_some() && version < Version::V14_1 {
            return Err(ErrandError::Unsupported);
        }
        let invitation = Invitation {
            item: ItemRef { collection: place.collection, item: server_id },
            request: request_of(&event, occurrence),
            occurrence,
            subject: event.subject.clone().unwrap_or_default(),
        };

        self.answer(&open, &device, invitation, answer, told).await
    }

    /// Answers the mail that invites to a meeting, as [`answer_event`](Self::answer_event) does; the mail server takes it away.
    ///
    /// # Errors
    ///
    /// [`ErrandError::Impossible`] if the mail does not invite to anything, or not any more.
    pub async fn answer_invitation(
        &self,
        message: MessageId,
        answer: Answer,
        told: Told,
    ) -> Result<(), ErrandError> {
        let (open, device) = self.life.open().await?;
        let found = with(&open, move |open| {
            Ok((open.mail().message(message)?, open.mail().item(message)?))
        });
        let (Some(mail), Some(item)) = found.await.map_err(AccessError::from)? else {
            return Err(ErrandError::Missing);
        };
        let request = mail.meeting.ok_or_else(|| impossible("no_invitation"))?;
        if !MeetingView::of(&mail.class, &request).answerable {
            return Err(impossible("no_invitation"));
        }
        let invitation =
            Invitation { item, request: *request, occurrence: None, subject: mail.item.subject };

        self.answer(&open, &device, invitation, answer, told).await
    }

    async fn answer(
        &self,
        open: &Open,
        device: &Device,
        invitation: Invitation,
        answer: Answer,
        told: Told,
    ) -> Result<(), ErrandError> {
        let version = self.version(open).await?;
        let (words, proposed) = match told {
            Told::Organizer { words, proposed } => (Some(words), proposed),
            Told::Nobody => (None, None),
        };
        let proposed = proposed.map(|proposal| proposal.moments()).transpose()?;
        if proposed.is_some() && version < Version::V16_1 {
            return Err(ErrandError::Unsupported);
        }
        let Invitation { item, request, occurrence, subject } = invitation;
        let response = answer.into();
        let errand = Errand::Meeting(MeetingAnswer {
            invitation: item,
            occurrence,
            response,
            told: words.clone(),
            proposed,
        });
        self.run(errand).await?;
        let Some(words) = words else { return Ok(()) };
        if version >= Version::V16_0 || is_sogo(open).await? {
            return Ok(());
        }
        let organizer = Mailbox::list(request.organizer.as_deref().unwrap_or_default());
        let organizer = organizer.into_iter().next().ok_or_else(|| impossible("no_organizer"))?;
        let person = sender(open, device);
        let calendar = pim::reply(&request, response, &subject, &person, self.life.now());
        let calendar = calendar.ok_or_else(|| impossible("not_invited"))?;
        let title = format!("{}: {subject}", answer.word());
        let letter = Letter::about(calendar, organizer, title, words);
        self.post(open, device, letter, None).await.map(drop).map_err(|error| match error {
            SendError::Locked => ErrandError::Locked,
            SendError::Storage { reason } => ErrandError::Storage { reason },
            error @ (SendError::AttachmentMissing { .. }
            | SendError::BadAddress { .. }
            | SendError::CannotSign(_)
            | SendError::Certificates { .. }
            | SendError::DraftIncomplete
            | SendError::DraftMissing
            | SendError::EncryptionRequired
            | SendError::NoRecipient
            | SendError::NotProtected { .. }
            | SendError::OriginalMissing
            | SendError::TooLarge { .. }) => ErrandError::Refused { code: error.to_string() },
        })
    }

    async fn version(&self, open: &Open) -> Result<Version, ErrandError> {
        let version = with(open, |open| open.mail().version()).await.map_err(AccessError::from)?;

        Ok(version.unwrap_or(Version::V14_1))
    }
}

impl Proposal {
    fn moments(&self) -> Result<(OffsetDateTime, OffsetDateTime), ErrandError> {
        let start = moment_of("proposal_unreadable", &self.start)?;
        let end = moment_of("proposal_unreadable", &self.end)?;

        if start < end { Ok((start, end)) } else { Err(impossible("end_before_start")) }
    }
}

fn impossible(code: &'static str) -> ErrandError {
    ErrandError::Impossible { code }
}

fn moment_of(code: &'static str, text: &str) -> Result<OffsetDateTime, ErrandError> {
    moment::moment("time", text, &Zone::Utc).map_err(|_| impossible(code))
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

/// The invitation as a mail would tell of it.
fn request_of(event: &Event, occurrence: Option<OffsetDateTime>) -> MeetingRequest {
    let length = event.start.zip(event.end).map(|(start, end)| end - start);
    let address = event.organizer_email.as_ref().filter(|address| !address.is_empty());
    let name = event.organizer_name.as_deref().unwrap_or_default().replace('"', "");
    MeetingRequest {
        uid: event.uid.clone(),
        organizer: address.map(|address| format!("\"{name}\" <{address}>")),
        all_day: event.all_day,
        timezone: event.timezone.clone(),
        start: occurrence.or(event.start),
        end: match occurrence.zip(length) {
            Some((start, length)) => start.checked_add(length),
            None => event.end,
        },
        recurrence_id: occurrence,
        ..MeetingRequest::default()
    }
}

/// SOGo mails the organiser whatever version it speaks, and would let the answer arrive twice. It is known by its folders' ids.
async fn is_sogo(open: &Open) -> Result<bool, ErrandError> {
    let calendars = with(open, |open| open.entries().collections(Class::Calendar)).await;
    let calendars = calendars.map_err(AccessError::from)?;
    let named = |id: &CollectionId| id.0.starts_with("vevent%2F") || id.0.starts_with("vevent/");

    Ok(calendars.iter().any(named))
}
