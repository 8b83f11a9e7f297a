//! Mails about meetings, which the app writes where the server does not (to 14.1).

use super::{Driver, Ended, with};
use crate::error::SendError;
use crate::send::{Letter, Sealed, sender};
use pim::{Organised, meeting_news};
use vault::entries::MeetingNews;
use vault::mail::NewMail;

impl Driver {
    /// Has those who are invited told of each meeting that changed, once the server has the change.
    pub(super) async fn tell_meeting_news(&mut self) -> Result<(), Ended> {
        if !std::mem::take(&mut self.may_owe_news) {
            return Ok(());
        }
        for news in with(&self.open, |open| open.entries().meeting_news()).await? {
            let mails = match self.letters(&news) {
                Ok(mails) => mails,
                Err(error) => {
                    // It stays owed, and is tried again with the next change and at the next start.
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "A mail about a meeting could not be written");
                    continue;
                }
            };
            let queued = with(&self.open, move |open| {
                let mails: Vec<NewMail<'_>> = mails.iter().map(Sealed::for_outbox).collect();
                open.entries().tell_news(&news, &mails)
            });
            let queued = queued.await?;
            if queued.is_empty() {
                continue;
            }
            for record in queued {
                self.account.submit(record);
            }
            self.count_outbox().await?;
        }

        Ok(())
    }

    fn letters(&self, news: &MeetingNews) -> Result<Vec<Sealed>, SendError> {
        let now = (self.life.clock)();
        if news.ends.is_some_and(|ends| ends <= now) {
            // Of what is over nobody has to be told.
            return Ok(Vec::new());
        }
        let organizer = sender(&self.open, &self.device);
        let by = Organised { organizer: &organizer, sequence: news.sequence, now };
        let letters = meeting_news(news.told.as_deref(), news.stands.as_deref(), by);

        letters
            .into_iter()
            .map(|letter| Letter::from(letter).seal(organizer.clone(), now))
            .collect()
    }
}
