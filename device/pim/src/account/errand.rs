//! Errands of a person: taken, sent, and told how they ended.

use activesync::{messages::Class, query::Command};
use time::OffsetDateTime;

use super::{Account, Effects, Event, Task};
use crate::{
    Answer, Change, Content, Errand, ErrandFailure, ErrandId, FolderErrand, Reply, Request,
    errands::{FolderNews, Refusal, Sent, Terms},
    pace::Trouble,
};

/// What follows from the answer to an errand.
enum Ended {
    /// It has to be asked once more, after something else.
    Again,
    /// It is over.
    With(Result<Reply, ErrandFailure>),
}

impl Account {
    /// Sends the server on an errand; [`Event::ErrandEnded`] tells how it ended.
    ///
    /// # Errors
    ///
    /// A failure at once if it cannot be, or the server cannot be asked now.
    pub fn run(&mut self, errand: Errand, now: OffsetDateTime) -> Result<ErrandId, ErrandFailure> {
        errand.check(&self.folders)?;
        if self.wiped || !self.pace.is_ready(now) {
            let code = self.pace.shown().map_or("offline", |(_, code)| code.as_str());
            return Err(ErrandFailure::Unreachable(code.to_owned()));
        }
        Ok(self.errands.add(errand))
    }

    /// Nobody waits for an errand any more: one that changes nothing on the server is dropped if it was not sent yet.
    pub fn leave(&mut self, errand: ErrandId) {
        self.errands.drop_reading(errand);
    }

    pub(super) fn errand(&mut self, now: OffsetDateTime) -> Option<Request> {
        let sent = self.errands.take()?;
        let version = self.version();
        let terms = Terms {
            folders: &self.folders,
            tree_key: &self.record.tree_key,
            version,
            find: self.errands.may_find(version),
        };
        let (command, body) = sent.errand.request(terms);
        let task = Task::Errand(Sent { command: Some(command), ..sent });
        Some(self.post(command, Content::Wbxml(body), task, now))
    }

    pub(super) fn errand_ended(
        &mut self,
        sent: Sent,
        answer: Result<Answer, Trouble>,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let ended = answer.and_then(|answer| self.read_errand(&sent, &answer, effects));
        let result = match ended {
            Ok(Ended::Again) => {
                self.errands.again(sent);
                return Ok(());
            }
            Ok(Ended::With(result)) => {
                self.provisioning.settled();
                self.abilities.tries = 0;
                result
            }
            Err(trouble) => return self.errand_failed(sent, trouble, effects),
        };
        effects.events.push(Event::ErrandEnded { errand: sent.id, result });
        Ok(())
    }

    fn read_errand(
        &mut self,
        sent: &Sent,
        answer: &Answer,
        effects: &mut Effects,
    ) -> Result<Ended, Trouble> {
        let body = &answer.body;
        let command = sent.command.unwrap_or(Command::Search);
        let read = match &sent.errand {
            Errand::Certificates(check) => check.read(body).map(Reply::Certificates),
            Errand::Directory(query) => query.read(command, body).map(Reply::Directory),
            Errand::Folder(errand) => errand
                .read(body, &self.folders)
                .map(|news| self.take_folder_news(errand, news, effects)),
            Errand::Mailbox(search) => search.read(command, body).map(Reply::Mails),
            Errand::Meeting(answer) => answer.read(body).map(|()| {
                // The event tells what was answered, and a mail that invited is gone.
                self.folders.want(&answer.invitation.collection);
                self.folders.want_class(Class::Calendar);
                Reply::Done
            }),
            Errand::OutOfOffice(errand) => {
                errand.read(body).map(|read| read.map_or(Reply::Done, Reply::OutOfOffice))
            }
            Errand::People(query) => query.read(body).map(Reply::People),
        };
        match read {
            Ok(reply) => Ok(Ended::With(Ok(reply))),
            Err(Refusal::TreeLost) if !sent.repeated => {
                self.start_tree_anew();
                Ok(Ended::Again)
            }
            Err(Refusal::TreeStale) if !sent.repeated => {
                self.tree.wanted = true;
                Ok(Ended::Again)
            }
            Err(Refusal::TreeLost | Refusal::TreeStale) => {
                Ok(Ended::With(Err(ErrandFailure::Unreachable("state_lost".to_owned()))))
            }
            Err(Refusal::Failed(failure)) => {
                // Whatever the server did not like: its tree may be another than the one that is here.
                self.tree.wanted |= matches!(sent.errand, Errand::Folder(_));
                Ok(Ended::With(Err(failure)))
            }
            Err(Refusal::Trouble(trouble)) => Err(trouble),
        }
    }

    fn take_folder_news(
        &mut self,
        errand: &FolderErrand,
        news: FolderNews,
        effects: &mut Effects,
    ) -> Reply {
        if let FolderErrand::Empty { folder, .. } = errand {
            self.folders.want(folder);
        }
        let (changes, gone) = self.folders.take(&news.changes, false);
        effects.changes.extend(changes);
        effects.changes.extend(self.forget_folders(&gone));
        if let Some(key) = news.key {
            self.record.tree_key = key;
            effects.changes.push(Change::PutAccount(self.record.clone()));
        }
        // Servers may do more than they were asked, such as to move a deleted folder.
        self.tree.wanted = true;
        news.made.map_or(Reply::Done, Reply::Made)
    }

    fn errand_failed(
        &mut self,
        sent: Sent,
        trouble: Trouble,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let unknown =
            matches!(trouble, Trouble::AskOptions | Trouble::BadRequest(_) | Trouble::Unsupported);
        if sent.command == Some(Command::Find) && unknown {
            self.errands.search_instead(sent);
            return Err(Trouble::Cancelled);
        }
        if trouble == Trouble::Provision || trouble == Trouble::AskOptions && !sent.repeated {
            self.errands.again(sent);
            return Err(trouble);
        }
        let failure = ErrandFailure::of(&trouble, sent.errand.changes());
        match (&sent.errand, &failure) {
            (Errand::Folder(FolderErrand::Empty { folder, .. }), ErrandFailure::Uncertain) => {
                self.folders.want(folder);
                self.tree.wanted = true;
            }
            // One server counts as told what it did for an answer that was lost: only the whole tree shows it.
            (Errand::Folder(_), ErrandFailure::Uncertain) => self.start_tree_anew(),
            (
                Errand::Certificates(_)
                | Errand::Directory(_)
                | Errand::Folder(_)
                | Errand::Mailbox(_)
                | Errand::Meeting(_)
                | Errand::OutOfOffice(_)
                | Errand::People(_),
                _,
            ) => {}
        }
        effects.events.push(Event::ErrandEnded { errand: sent.id, result: Err(failure) });
        match trouble {
            // What the server does not do is no trouble of the account, but no success either.
            Trouble::AskOptions
            | Trouble::BadRequest(_)
            | Trouble::ServerError(_)
            | Trouble::Unsupported => Err(Trouble::Cancelled),
            Trouble::Busy(_)
            | Trouble::Cancelled
            | Trouble::Lost
            | Trouble::Moved(_)
            | Trouble::Noncompliant(_)
            | Trouble::Password(_)
            | Trouble::Provision
            | Trouble::Refused(_)
            | Trouble::StateLost
            | Trouble::Unsent(_) => Err(trouble),
        }
    }
}
