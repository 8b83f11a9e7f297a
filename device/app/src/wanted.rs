//! What a person does with a message: marks, deletion, another folder. Here at once, on the server when it can be reached.

use crate::app::App;
use crate::error::{AccessError, ChangeError};
use crate::session::{MailChange, Wish, with};
use crate::view::{DraftId, FlagState, FlagView, FolderId, MessageId};
use activesync::messages as wire;
use pim::{FollowUp, Marks};
use time::Date;

/// The longest name of a category.
const LONGEST_CATEGORY: usize = 255;

impl App {
    /// Marks a message as read or unread.
    ///
    /// # Errors
    ///
    /// [`ChangeError::Missing`] if there is no such message.
    pub async fn mark_read(&self, message: MessageId, read: bool) -> Result<(), ChangeError> {
        self.mark(message, Marks { read: Some(read), ..Marks::default() }).await
    }

    /// Flags a message, notes that what was to be done is done, or takes the flag away. `due` counts for an active flag.
    ///
    /// # Errors
    ///
    /// [`ChangeError::Missing`] if there is no such message.
    pub async fn flag(
        &self,
        message: MessageId,
        state: FlagState,
        due: Option<Date>,
    ) -> Result<(), ChangeError> {
        let flag = match state {
            FlagState::None => FollowUp::default(),
            FlagState::Active => {
                FollowUp { state: wire::FlagState::Active, due, ..FollowUp::default() }
            }
            FlagState::Complete => {
                let completed = Some(self.life.now());
                FollowUp { state: wire::FlagState::Done, due, completed, ..FollowUp::default() }
            }
        };
        self.mark(message, Marks { flag: Some(flag), ..Marks::default() }).await
    }

    /// Sets the categories of a message; blank ones and repetitions are left out.
    ///
    /// # Errors
    ///
    /// [`ChangeError::NotSupported`] if the mail server does not know categories.
    pub async fn categorize(
        &self,
        message: MessageId,
        categories: Vec<String>,
    ) -> Result<(), ChangeError> {
        let mut kept: Vec<String> = Vec::new();
        for category in categories {
            let name: String = mail::text::line(&category).chars().take(LONGEST_CATEGORY).collect();
            if !name.is_empty() && !kept.contains(&name) {
                kept.push(name);
            }
        }
        self.mark(message, Marks { categories: Some(kept), ..Marks::default() }).await
    }

    /// Deletes a message: to the folder for deleted ones, or for good. One that lies there goes for good.
    ///
    /// # Errors
    ///
    /// [`ChangeError::Missing`] if there is no such message.
    pub async fn delete(&self, message: MessageId, for_good: bool) -> Result<(), ChangeError> {
        if let Some(draft) = self.draft_of(message).await? {
            return Ok(self.throw_away(draft, for_good).await?);
        }
        self.change(message, MailChange::Delete { for_good }).await
    }

    /// Moves a message to another folder.
    ///
    /// # Errors
    ///
    /// [`ChangeError::NoFolder`] if there is no such folder.
    pub async fn move_message(
        &self,
        message: MessageId,
        folder: FolderId,
    ) -> Result<(), ChangeError> {
        self.change(message, MailChange::Move(vault::mail::FolderId(folder.0))).await
    }

    /// The draft that a message is: what was written in it goes with it.
    async fn draft_of(&self, message: MessageId) -> Result<Option<DraftId>, ChangeError> {
        let (open, _) = self.life.open().await?;
        let draft = with(&open, move |open| open.mail().draft_of(message)).await;

        Ok(draft.map_err(AccessError::from)?)
    }

    async fn mark(&self, message: MessageId, marks: Marks) -> Result<(), ChangeError> {
        self.change(message, MailChange::Mark(marks)).await
    }

    async fn change(&self, message: MessageId, change: MailChange) -> Result<(), ChangeError> {
        let session = self.life.session().await?;

        session.ask(|done| Wish::Change(message, change, done)).await?
    }
}

impl From<AccessError> for ChangeError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Locked => Self::Locked,
            AccessError::Missing => Self::Missing,
            AccessError::Storage { reason } => Self::Storage { reason },
        }
    }
}

impl From<FollowUp> for FlagView {
    fn from(flag: FollowUp) -> Self {
        Self {
            state: match flag.state {
                wire::FlagState::None => FlagState::None,
                wire::FlagState::Active => FlagState::Active,
                wire::FlagState::Done => FlagState::Complete,
            },
            due: flag.due,
            completed: flag.completed,
        }
    }
}
