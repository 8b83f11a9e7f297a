//! What the user wants of mails, and what the server says of moves.

use activesync::{
    messages::{FolderKind, MoveItemsAnswer},
    query::Version,
    status::{Common, MoveStatus},
};
use time::OffsetDateTime;

use super::{Account, Effects};
use crate::{
    Answer, Change, CollectionId, Destination, ItemRef, Known, Marks,
    pace::{self, Trouble},
    uploads::Moves,
};

impl Account {
    /// Sets marks of a mail, here at once; what else is known of it stays. Nothing if the protocol version has no such marks.
    pub fn mark(&mut self, item: ItemRef, marks: Marks, known: Known) -> Option<Vec<Change>> {
        let knows_categories = self.record.version.is_none_or(|version| version >= Version::V14_0);
        if marks.categories.is_some() && !knows_categories {
            return None;
        }
        Some(self.uploads.mark(item, marks, known))
    }

    /// Deletes a mail, here at once: to the folder for deleted mails, or for good. A mail that lies there goes for good.
    pub fn delete(&mut self, item: ItemRef, for_good: bool, known: Known) -> Vec<Change> {
        let kind = self.folders.get(&item.collection).map(|folder| folder.record.kind);
        let to = if for_good || kind == Some(FolderKind::Deleted) {
            Destination::Nowhere
        } else {
            Destination::DeletedItems
        };
        self.uploads.place(item, to, known)
    }

    /// Moves a mail to another folder, here at once; into its own it comes back. Nothing if there is no such folder for mail.
    pub fn move_mail(
        &mut self,
        item: ItemRef,
        to: CollectionId,
        known: Known,
    ) -> Option<Vec<Change>> {
        self.folders.get(&to).filter(|folder| folder.record.kind.is_mail())?;
        Some(self.uploads.place(item, Destination::Folder(to), known))
    }

    /// Says whether the server can add an original to an answer or a forwarded mail by itself.
    pub fn composes(&self) -> bool {
        self.record.version.is_some_and(|version| version >= Version::V14_0)
    }

    /// Mails that are to be added to others are found where they are now; where they are gone, nothing can be sent.
    pub(super) fn follow_originals(&mut self, effects: &mut Effects) {
        let mut drafts = Vec::new();
        for change in &effects.changes {
            if let Change::MoveMail { from, to } = change {
                self.outbox.moved(from, Some(to));
                // In another folder it is a draft no more.
                drafts.extend(self.drafts.gone(from));
            } else if let Change::RemoveMail(item) = change {
                self.outbox.moved(item, None);
            }
        }
        effects.changes.extend(drafts);
        effects.changes.extend(self.outbox.fail_orphans());
    }

    pub(super) fn moved(
        &mut self,
        sent: &Moves,
        answer: Result<Answer, Trouble>,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let answer = answer.and_then(|answer| {
            MoveItemsAnswer::decode(&answer.body)
                .map_err(|_| Trouble::ServerError("unreadable_answer".to_owned()))
        });
        let answer = answer.and_then(|answer| match answer.status {
            Some(status) => match Common::of(status) {
                Some(common) => Err(pace::common(status, common)),
                None => Ok(answer),
            },
            None => Ok(answer),
        });
        match answer {
            Ok(answer) => {
                let unknown = |status: MoveStatus| status == MoveStatus::UnknownDestination;
                let unknown = answer.results.iter().any(|one| unknown(one.status.move_items()));
                self.tree.wanted |= unknown;
                effects.changes.extend(self.uploads.moved(sent, &answer.results));
                self.push.found();
                self.settled(now, effects);
                Ok(())
            }
            Err(trouble) => {
                let code = match &trouble {
                    Trouble::BadRequest(code) => Some((code.clone(), true)),
                    Trouble::ServerError(code) => Some((code.clone(), false)),
                    Trouble::Noncompliant(_) | Trouble::Refused(_) | Trouble::StateLost => {
                        Some((trouble.code(), false))
                    }
                    Trouble::AskOptions | Trouble::Unsupported => Some((trouble.code(), true)),
                    Trouble::Busy(_)
                    | Trouble::Cancelled
                    | Trouble::Lost
                    | Trouble::Moved(_)
                    | Trouble::Password(_)
                    | Trouble::Provision
                    | Trouble::Unsent(_) => None,
                };
                let Some((code, for_good)) = code else { return Err(trouble) };
                effects.changes.extend(self.uploads.not_moved(sent, &code, for_good));
                // Whether the account is turned away, or these mails are, the tree shows.
                let is_turned_away =
                    matches!(trouble, Trouble::Noncompliant(_) | Trouble::Refused(_));
                self.tree.wanted |= is_turned_away;
                if is_turned_away && self.uploads.were_tried(sent) {
                    return Err(Trouble::Cancelled);
                }
                // What the server cannot do with a mail is no trouble of the account.
                if for_good { Ok(()) } else { Err(trouble) }
            }
        }
    }
}
