//! The shapes of answers, apart from the app's own values so that each may change alone.

mod mail;
mod state;

pub(crate) use mail::{FolderView, MessageView, MessagesView, OutboxView, SearchView};
pub(crate) use state::{ChangesView, StateView};
