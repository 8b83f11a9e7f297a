//! Status numbers and what a client has to do about them.
//!
//! The same number means different things in different commands, and some elements called Status stand at several depths of
//! one answer. So messages carry the bare [`Status`], and the reader asks it in the words of the command it belongs to.

mod command;
mod common;

pub use command::{
    AvailabilityStatus, CertificateStatus, EstimateStatus, FindStatus, FolderChangeStatus,
    FolderSyncStatus, ItemOperationsStatus, MeetingResponseStatus, MoveStatus, NameStatus,
    PictureStatus, PingStatus, PolicyStatus, ProvisionStatus, RecipientCertificateStatus,
    ResolveStatus, SearchStatus, SendStatus, SettingsStatus, SyncStatus,
};
pub use common::Common;

/// A status number as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(pub u16);

impl Status {
    /// Success, in every command but MoveItems.
    pub const OK: Self = Self(1);

    /// Returns whether this is [`Status::OK`].
    pub fn is_ok(self) -> bool {
        self == Self::OK
    }
}

impl From<Status> for i64 {
    fn from(status: Status) -> Self {
        Self::from(status.0)
    }
}
