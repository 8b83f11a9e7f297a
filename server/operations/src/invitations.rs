//! Invitations.

mod code;
mod invite;
mod revoke;
mod views;

pub use code::InvitationCode;
pub use invite::Invited;

use audit::{Subject, SubjectKind};
use fleet::InvitationId;

fn subject(id: InvitationId) -> Subject {
    Subject::new(SubjectKind::Invitation, id)
}
