//! What follows from the end of a fetch.

use activesync::query::Version;
use time::OffsetDateTime;

use super::{Account, Asked, Effects, Event};
use crate::{Answer, Change, FetchFailure, Fetched, Want, fetches, pace::Trouble};

impl Account {
    pub(super) fn fetched(
        &mut self,
        wants: Vec<Want>,
        asked: Asked,
        answer: Result<Answer, Trouble>,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let (results, changes) =
            match answer.and_then(|answer| fetches::read(wants.clone(), &answer)) {
                Ok(read) => read,
                Err(trouble) => return self.not_fetched(wants, asked, trouble, now, effects),
            };
        if asked == Asked::Draft {
            effects.changes.extend(self.draft_files_told(&changes));
        }
        effects.changes.extend(changes);
        let most = self.record.limits.largest_attachment.unwrap_or(u64::MAX);
        for (want, result) in results {
            let result = allowed(result, most);
            match asked {
                Asked::Background(tries) => {
                    if matches!(result, Err(FetchFailure::Unreachable(_))) {
                        self.fetches.try_later(vec![want], tries, now, self.jitter);
                    }
                }
                Asked::Draft => effects.changes.extend(self.draft_looked_at(&want, &result, now)),
                Asked::Search => effects.changes.extend(self.looked_at(&want, &result)),
                Asked::User => effects.events.push(Event::Fetched { want, result }),
            }
        }
        self.provisioning.settled();
        Ok(())
    }

    fn not_fetched(
        &mut self,
        wants: Vec<Want>,
        asked: Asked,
        trouble: Trouble,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        // Mail goes on without this command, whatever the version.
        let trouble = if trouble == Trouble::AskOptions { Trouble::Unsupported } else { trouble };
        if trouble == Trouble::Unsupported {
            self.fetches.unsupported();
        }
        // What the server cannot hand out is no trouble of the account, but no success either.
        let code = match &trouble {
            Trouble::BadRequest(code) | Trouble::ServerError(code) => Some(code.clone()),
            Trouble::Unsupported => Some("not_supported".to_owned()),
            Trouble::AskOptions
            | Trouble::Busy(_)
            | Trouble::Cancelled
            | Trouble::Lost
            | Trouble::Moved(_)
            | Trouble::Noncompliant(_)
            | Trouble::Password(_)
            | Trouble::Provision
            | Trouble::Refused(_)
            | Trouble::StateLost
            | Trouble::Unsent(_) => None,
        };
        match (asked, &code) {
            (Asked::Background(tries), _) if may_be_its_fault(&trouble) => {
                self.fetches.try_later(wants, tries, now, self.jitter);
            }
            (Asked::Background(tries), _) => self.fetches.put_back(wants, tries),
            (Asked::Draft, Some(code)) => {
                for want in wants {
                    let failed = Err(FetchFailure::Unreachable(code.clone()));
                    effects.changes.extend(self.draft_looked_at(&want, &failed, now));
                }
            }
            (Asked::Draft, None) if may_be_its_fault(&trouble) => {
                wants.iter().for_each(|want| self.look_at_draft_later(want, now));
            }
            (Asked::Search, _) if may_be_its_fault(&trouble) => {
                for want in wants {
                    let failure = FetchFailure::Unreachable(trouble.code());
                    effects.changes.extend(self.looked_at(&want, &Err(failure)));
                }
            }
            (Asked::Draft | Asked::Search, _) => {}
            (Asked::User, _)
                if self.has_other_way(&wants, &trouble)
                    || matches!(trouble, Trouble::Provision | Trouble::Moved(_)) =>
            {
                wants.into_iter().for_each(|want| self.fetches.ask(want));
            }
            (Asked::User, _) => {
                let code = code.clone().unwrap_or_else(|| "offline".to_owned());
                let failed = |want| Event::Fetched {
                    want,
                    result: Err(FetchFailure::Unreachable(code.clone())),
                };
                effects.events.extend(wants.into_iter().map(failed));
            }
        }
        Err(if code.is_some() { Trouble::Cancelled } else { trouble })
    }

    /// Handles the bytes of an attachment that came alone, as 12.1 gives them.
    pub(super) fn got_attachment(
        &mut self,
        want: Want,
        answer: Result<Answer, Trouble>,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let answer = match answer {
            Ok(answer) => answer,
            // There is no third way.
            Err(Trouble::AskOptions | Trouble::Unsupported) => {
                let refused = Trouble::BadRequest("not_supported".to_owned());
                return self.not_fetched(vec![want], Asked::User, refused, now, effects);
            }
            Err(trouble) => {
                return self.not_fetched(vec![want], Asked::User, trouble, now, effects);
            }
        };
        let most = self.record.limits.largest_attachment.unwrap_or(u64::MAX);
        let result = allowed(Ok(Fetched::Attachment(answer.body.into())), most);
        effects.events.push(Event::Fetched { want, result });
        self.provisioning.settled();
        Ok(())
    }

    /// Says whether a server that does not know ItemOperations may still hand this out.
    fn has_other_way(&self, wants: &[Want], trouble: &Trouble) -> bool {
        *trouble == Trouble::Unsupported
            && self.version() < Version::V14_0
            && wants.iter().all(|want| want.attachment().is_some())
    }

    fn looked_at(&mut self, want: &Want, result: &Result<Fetched, FetchFailure>) -> Vec<Change> {
        let Want::Head(item) = want else { return Vec::new() };
        match result {
            Ok(Fetched::Head(message_id)) => self.outbox.seen(&item.item, message_id.as_deref()),
            Ok(Fetched::Attachment(_) | Fetched::Body | Fetched::Part { .. } | Fetched::Source)
            | Err(FetchFailure::Missing) => self.outbox.seen(&item.item, None),
            Err(FetchFailure::Refused(_) | FetchFailure::Unreachable(_)) => {
                self.outbox.unseen(&item.item)
            }
        }
    }
}

/// Says whether it can be what was to be fetched that the server stumbles over: it must not keep everything else waiting.
fn may_be_its_fault(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::AskOptions
        | Trouble::BadRequest(_)
        | Trouble::Busy(_)
        | Trouble::Lost
        | Trouble::Noncompliant(_)
        | Trouble::Provision
        | Trouble::Refused(_)
        | Trouble::ServerError(_)
        | Trouble::StateLost
        | Trouble::Unsupported => true,
        Trouble::Cancelled | Trouble::Moved(_) | Trouble::Password(_) | Trouble::Unsent(_) => false,
    }
}

/// Withholds an attachment that is larger than the policy allows; the server's estimate of its size may have been less.
fn allowed(result: Result<Fetched, FetchFailure>, most: u64) -> Result<Fetched, FetchFailure> {
    match result {
        Ok(Fetched::Attachment(bytes))
            if u64::try_from(bytes.len()).is_ok_and(|size| size > most) =>
        {
            Err(FetchFailure::Refused("too_large".to_owned()))
        }
        Ok(Fetched::Part { total: Some(total), .. }) if total > most => {
            Err(FetchFailure::Refused("too_large".to_owned()))
        }
        other => other,
    }
}
