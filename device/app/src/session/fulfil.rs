//! Wishes, fulfilled.

use super::wish::{Rewrite, Wish};
use super::{Driver, Ended, answer, with};
use crate::error::EntryError;
use crate::view::Topic;
use pim::{EntryEdit, EntryId, Outcome, Shown};
use vault::Open;

impl Driver {
    pub(super) async fn fulfil(&mut self, wish: Wish) -> Result<(), Ended> {
        match wish {
            Wish::AddEntry { folder, client_id, item, done } => {
                let invites = self.account.owes_news(None, Some(&item));
                let work = move |open: &Open| {
                    open.entries().add(folder, &client_id, &item, invites.as_deref())
                };
                let record = with(&self.open, work).await?;
                let entry = record.as_ref().map(|record| record.entry);
                if let Some(record) = record {
                    self.account.take_edit(record);
                    self.may_owe_news = true;
                    self.life.board.changed(Topic::Entries);
                }
                answer(done, entry);
            }
            Wish::DraftChanged(draft) => self.draft_changed(draft).await?,
            Wish::EditEntry { entry, client_id, rewrite, done } => {
                let edited = self.edit(entry, client_id, rewrite).await?;
                answer(done, edited);
            }
            Wish::Change(message, change, done) => {
                let changed = self.change(message, change).await?;
                answer(done, changed);
            }
            Wish::Composes(done) => answer(done, self.account.composes()),
            Wish::Discard { mail, done } => {
                let changes = self.account.discard(mail);
                let discarded = changes.is_some();
                self.store(changes.unwrap_or_default()).await?;
                answer(done, discarded);
            }
            Wish::Fetch { want, done } => {
                match self.account.fetch(want.clone(), (self.life.clock)()) {
                    Ok(()) => self.fetching.push((want, done)),
                    Err(failure) => answer(done, Err(failure)),
                }
            }
            Wish::PasswordGiven(password) => {
                self.sign_in.password = Some(password);
                self.account.password_given();
            }
            Wish::Run { errand, done } => self.run_errand(errand, done),
            Wish::SignedIn => self.account.password_given(),
            Wish::SignedOut => {
                if let Some((ticket, task)) = self.push.take() {
                    task.abort();
                    self.handle(ticket, Outcome::Cancelled).await?;
                }
                self.account.sync_now();
            }
            Wish::Submit(record) => {
                self.account.submit(record);
                self.count_outbox().await?;
            }
            Wish::SyncNow => self.account.sync_now(),
        }

        Ok(())
    }

    /// Changes or deletes an entry, from what it is now.
    async fn edit(
        &mut self,
        entry: EntryId,
        client_id: String,
        rewrite: Rewrite,
    ) -> Result<Result<(), EntryError>, Ended> {
        let place = with(&self.open, move |open| open.entries().place(entry)).await?;
        let Some(place) = place else { return Ok(Err(EntryError::Missing)) };
        let edit = match rewrite {
            Rewrite::Change(write) => {
                let mut item = place.item.clone();
                if let Err(error) = write(&mut item) {
                    return Ok(Err(error));
                }
                EntryEdit::Change(Box::new(item.changes_since(&place.item)))
            }
            Rewrite::Delete => EntryEdit::Delete,
        };
        let shown = Shown {
            entry,
            collection: place.collection,
            server_id: place.server_id,
            item: place.item,
            client_id,
        };
        let changes = self.account.edit(shown, edit);
        self.store(changes).await?;

        Ok(Ok(()))
    }
}
