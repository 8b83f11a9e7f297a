//! The shapes of answers, apart from the app's own values so that each may change alone.

mod certificates;
mod draft;
mod mail;
mod people;
mod security;
mod state;

pub(crate) use certificates::{ImportedView, KnownCertificateView};
pub(crate) use draft::{DraftKind, DraftView};
pub(crate) use mail::{
    FlagState, FolderView, FoundView, Importance, MessageView, MessagesView, OutboxView, SearchView,
};
pub(crate) use people::{
    AvailabilityView, CertificateVerdict, CertificatesView, DirectoryView, OutOfOfficeState,
    OutOfOfficeView, ReplyForm,
};
pub(crate) use state::{ChangesView, OpenedBy, PasswordRules, StateView};
