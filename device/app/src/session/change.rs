//! What the user does with a mail, on its way to the rules and to the disk.

use super::{Driver, Ended, with};
use crate::error::ChangeError;
use pim::Marks;
use vault::mail::{FolderId, MessageId};

/// What the user does with a mail.
#[derive(Clone, Debug)]
pub(crate) enum MailChange {
    Delete { for_good: bool },
    Mark(Marks),
    Move(FolderId),
}

impl Driver {
    /// Carries a change out, here at once; the server is told when it can be reached.
    pub(super) async fn change(
        &mut self,
        message: MessageId,
        change: MailChange,
    ) -> Result<Result<(), ChangeError>, Ended> {
        let known = with(&self.open, move |open| open.mail().known(message)).await?;
        let Some((item, known)) = known else { return Ok(Err(ChangeError::Missing)) };
        let changes = match change {
            MailChange::Delete { for_good } => self.account.delete(item, for_good, known),
            MailChange::Mark(marks) => match self.account.mark(item, marks, known) {
                Some(changes) => changes,
                None => return Ok(Err(ChangeError::NotSupported)),
            },
            MailChange::Move(folder) => {
                let to = with(&self.open, move |open| open.mail().collection(folder)).await?;
                match to.and_then(|to| self.account.move_mail(item, to, known)) {
                    Some(changes) => changes,
                    None => return Ok(Err(ChangeError::NoFolder)),
                }
            }
        };
        self.store(changes).await?;

        Ok(Ok(()))
    }
}
