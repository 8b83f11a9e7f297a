//! Answers to invitations.

use activesync::{
    messages::{
        Body, BodyType, MeetingReply, MeetingResponseAnswer, MeetingResponseRequest, MeetingTarget,
        SendResponse, UserResponse,
    },
    query::{Command, Version},
    status::{MeetingResponseStatus, Status},
};
use time::OffsetDateTime;

use super::{ErrandFailure, Refusal, failure::unreadable};
use crate::{ItemRef, pace};

/// An answer to an invitation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MeetingAnswer {
    /// The mail that invites, or the event in the calendar (since 14.0).
    pub invitation: ItemRef,
    /// The start that the series gives to the only occurrence that is meant; since 14.1.
    pub occurrence: Option<OffsetDateTime>,
    /// The answer.
    pub response: UserResponse,
    /// What the server tells the organiser besides, where it is the one that tells (since 16.0); absent, nobody is told.
    pub told: Option<String>,
    /// Start and end that are proposed instead, if somebody is told; since 16.1.
    pub proposed: Option<(OffsetDateTime, OffsetDateTime)>,
}

impl MeetingAnswer {
    pub(super) fn request(&self, version: Version) -> (Command, Vec<u8>) {
        let text = |text: &String| Body::whole(BodyType::Text, text.clone());
        let send = self.told.as_ref().map(|told| SendResponse {
            body: Some(told).filter(|told| !told.is_empty()).map(text),
            proposed: self.proposed,
        });
        let reply = MeetingReply {
            response: self.response,
            target: MeetingTarget::Item {
                collection_id: self.invitation.collection.0.clone(),
                request_id: self.invitation.item.0.clone(),
            },
            instance: self.occurrence,
            send,
        };
        let mut request = MeetingResponseRequest { replies: vec![reply] };
        request.prepare(version);
        (Command::MeetingResponse, request.encode())
    }

    /// Reads the answer, which has nothing to say but that it was done.
    pub(crate) fn read(&self, body: &[u8]) -> Result<(), Refusal> {
        let answer = MeetingResponseAnswer::decode(body).map_err(unreadable)?;
        let result = answer.results.first().map(|result| result.status);
        let status = result.or(answer.status).unwrap_or(Status::OK);
        let code = format!("status_{}", status.0);
        match status.meeting_response() {
            MeetingResponseStatus::Ok => Ok(()),
            MeetingResponseStatus::InvalidRequest => {
                Err(Refusal::Failed(ErrandFailure::Refused(code)))
            }
            MeetingResponseStatus::ServerError | MeetingResponseStatus::Undocumented(_) => {
                Err(Refusal::Failed(ErrandFailure::Unreachable(code)))
            }
            MeetingResponseStatus::Common(common) => Err(pace::common(status, common).into()),
        }
    }
}
