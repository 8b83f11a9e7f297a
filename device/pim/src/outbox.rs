//! Mails on their way out, each delivered exactly once.
//!
//! ```text
//!   Waiting ──store "sending", send──▶ Sending ──accepted──▶ gone
//!      ▲                                  │ answer lost, or restart
//!      │                                  ▼
//!      └──looked twice, not there──── look for the Message-ID among the sent mails ──found──▶ gone
//! ```
//!
//! An answer or a forwarded mail may leave it to the server to add the original: then only what is new is sent. If the original is
//! gone by then, the mail fails and the user decides.
//!
//! A server may turn a request away for what the account is, or for what this mail is. So the mail waits until the server has
//! served the account in something else; one that is turned away after that fails, and nothing else waits for it any longer.
//!
//! The ClientId makes a second try harmless with servers that remember it. Others do not, so a mail whose fate is unknown is looked
//! for in the sent folder first: what appeared there since is a candidate, and its head tells.

use std::collections::BTreeMap;

use activesync::{
    messages::{SendMailAnswer, SmartMailAnswer},
    status::{Common, SendStatus},
};
use time::{Duration, OffsetDateTime};

use crate::{
    Change, ItemRef, OutboxId, OutboxRecord, OutboxState, ServerId,
    pace::{self, Trouble},
};

/// The mails to be sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    mails: BTreeMap<OutboxId, Mail>,
    /// With how often their heads could not be read.
    candidates: BTreeMap<ServerId, u32>,
}

#[derive(Clone, Debug)]
struct Mail {
    record: OutboxRecord,
    not_before: Option<OffsetDateTime>,
    look: Option<Look>,
    turned_away: TurnedAway,
}

/// How often the server turned a mail away, not counting what can be the account's.
#[derive(Clone, Copy, Debug, Default)]
struct TurnedAway {
    times: u32,
    /// The server has served the account in nothing else since.
    is_fresh: bool,
}

/// How far the search for a mail of unknown fate is.
#[derive(Clone, Copy, Debug)]
struct Look {
    number: u32,
    stage: Stage,
    /// Some head could not be read.
    is_blind: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// The server may still be busy with it.
    Due(OffsetDateTime),
    /// The sent folder is being brought up to date.
    Listing,
    /// The heads of what appeared there are read.
    Reading,
}

/// The server may need that long to send a mail whose connection broke.
const BEFORE_LOOKING: Duration = Duration::seconds(10);
const BETWEEN_LOOKS: Duration = Duration::seconds(50);
const LOOKS: u32 = 2;
const MOST_TRIES: u32 = 5;
/// The server could not build or submit it, mostly because of what it is.
const TRIES_OF_UNSENDABLE: u32 = 2;
/// How often a mail is turned away before it fails.
const REFUSALS: u32 = 2;
/// The same where something can be done for the account in between.
const REFUSALS_WITH_REMEDY: u32 = 3;
const CLOCKS_DIFFER: Duration = Duration::days(1);
const ORIGINAL_MISSING: &str = "original_missing";

impl Outbox {
    /// Takes up what was stored. What was being sent then may have been sent.
    pub(crate) fn restore(
        records: Vec<OutboxRecord>,
        candidates: Vec<ServerId>,
        now: OffsetDateTime,
    ) -> Self {
        let mail = |record: OutboxRecord| {
            let look = (record.state == OutboxState::Sending).then(|| Look::first(now));
            (record.id, Mail { look, ..Mail::new(record) })
        };
        Self {
            mails: records.into_iter().map(mail).collect(),
            candidates: candidates.into_iter().map(|id| (id, 0)).collect(),
        }
    }

    /// Takes a mail in, unless it is known already.
    pub(crate) fn add(&mut self, record: OutboxRecord) {
        self.mails.entry(record.id).or_insert_with(|| Mail::new(record));
    }

    /// Drops a mail, unless its bytes are on their way right now.
    pub(crate) fn discard(&mut self, id: OutboxId) -> Option<Vec<Change>> {
        let mail = self.mails.get(&id)?;
        let on_its_way = mail.record.state == OutboxState::Sending && mail.look.is_none();
        (!on_its_way).then(|| self.remove(id))
    }

    /// Begins to send the oldest mail that may go: the change must be stored before a byte leaves.
    pub(crate) fn begin(&mut self, now: OffsetDateTime) -> Option<OutboxRecord> {
        let has_original = |mail: &Mail| {
            mail.record.original.as_ref().is_none_or(|original| original.item.is_some())
        };
        let may_go = |mail: &&mut Mail| {
            mail.record.state == OutboxState::Waiting
                && has_original(mail)
                && !mail.turned_away.is_fresh
                && mail.not_before.is_none_or(|moment| moment <= now)
        };
        let mail = self
            .mails
            .values_mut()
            .filter(may_go)
            .min_by_key(|mail| (mail.record.created, mail.record.id))?;
        mail.record.state = OutboxState::Sending;
        mail.record.tries += 1;
        mail.look = None;
        Some(mail.record.clone())
    }

    /// A mail has another id now, or is gone: what is to be added to answers is found under the new one.
    pub(crate) fn moved(&mut self, from: &ItemRef, to: Option<&ItemRef>) {
        let originals = self.mails.values_mut().filter_map(|mail| mail.record.original.as_mut());
        for original in originals.filter(|original| original.item.as_ref() == Some(from)) {
            original.item = to.cloned();
        }
    }

    /// Fails the mails whose original is gone.
    pub(crate) fn fail_orphans(&mut self) -> Vec<Change> {
        let is_orphan = |mail: &&Mail| {
            mail.record.state == OutboxState::Waiting
                && mail.record.original.as_ref().is_some_and(|original| original.item.is_none())
        };
        let orphans: Vec<OutboxId> =
            self.mails.values().filter(is_orphan).map(|mail| mail.record.id).collect();
        orphans.into_iter().flat_map(|id| self.fail(id, ORIGINAL_MISSING.to_owned())).collect()
    }

    /// Handles the end of a request that [`Outbox::begin`] began. The trouble is handed back where it concerns the account.
    pub(crate) fn ended(
        &mut self,
        id: OutboxId,
        answer: Result<&[u8], Trouble>,
        now: OffsetDateTime,
        jitter: u16,
    ) -> (Vec<Change>, Option<Trouble>) {
        let composed = self.mails.get(&id).is_some_and(|mail| mail.record.original.is_some());
        match answer.and_then(|body| verdict(body, composed)) {
            Ok(()) => (self.remove(id), None),
            // Whoever says that the server is busy, the mail may have reached it.
            Err(trouble @ (Trouble::Busy(_) | Trouble::Cancelled | Trouble::Lost)) => {
                (self.unsure(id, now), Some(trouble))
            }
            Err(Trouble::ServerError(code))
                if code.starts_with("http_") || code.ends_with("_answer") =>
            {
                (self.unsure(id, now), Some(Trouble::ServerError(code)))
            }
            Err(Trouble::ServerError(code)) => (self.again_later(id, &code, now, jitter), None),
            Err(Trouble::BadRequest(code)) => (self.fail(id, code), None),
            Err(trouble @ Trouble::Unsupported) => (self.fail(id, trouble.code()), None),
            Err(trouble @ Trouble::Unsent(_)) => (self.not_sent(id), Some(trouble)),
            Err(
                trouble @ (Trouble::Noncompliant(_) | Trouble::Password(_) | Trouble::Refused(_)),
            ) => self.turned_away(id, trouble, REFUSALS),
            Err(
                trouble @ (Trouble::AskOptions
                | Trouble::Moved(_)
                | Trouble::Provision
                | Trouble::StateLost),
            ) => self.turned_away(id, trouble, REFUSALS_WITH_REMEDY),
        }
    }

    /// Says whether a mail waits for the server to serve the account in something else.
    pub(crate) fn is_turned_away(&self) -> bool {
        self.mails.values().any(|mail| mail.turned_away.is_fresh)
    }

    /// The server served the account: it is not the account for which mails are turned away.
    pub(crate) fn account_is_served(&mut self) {
        self.mails.values_mut().for_each(|mail| mail.turned_away.is_fresh = false);
    }

    /// Says whether some mail's fate is unknown, so that what appears in the sent folder matters.
    pub(crate) fn is_unsure(&self) -> bool {
        self.mails.values().any(|mail| mail.record.state == OutboxState::Sending)
    }

    /// Notes what appeared in the sent folder, as far as it can be one of ours.
    pub(crate) fn appeared(
        &mut self,
        item: &ServerId,
        moment: Option<OffsetDateTime>,
    ) -> Option<Change> {
        let sending = self.mails.values().filter(|mail| mail.record.state == OutboxState::Sending);
        let oldest = sending.map(|mail| mail.record.created).min()?;
        let fits = moment.is_none_or(|moment| moment.saturating_add(CLOCKS_DIFFER) >= oldest);
        let is_new = fits && !self.candidates.contains_key(item);
        is_new.then(|| {
            self.candidates.insert(item.clone(), 0);
            Change::AddCandidate(item.clone())
        })
    }

    /// Starts the looks that are due; says whether the sent folder has to be brought up to date for them.
    pub(crate) fn begin_looks(&mut self, now: OffsetDateTime) -> bool {
        let mut due = false;
        for look in self.looks() {
            if matches!(look.stage, Stage::Due(moment) if moment <= now) {
                look.stage = Stage::Listing;
                due = true;
            }
        }
        due
    }

    /// Says whether a look waits for the sent folder.
    pub(crate) fn waits_for_list(&self) -> bool {
        self.mails.values().filter_map(|mail| mail.look).any(|look| look.stage == Stage::Listing)
    }

    /// The sent folder is up to date.
    pub(crate) fn listed(&mut self) {
        for look in self.looks() {
            if look.stage == Stage::Listing {
                look.stage = Stage::Reading;
            }
        }
    }

    /// Names the next mail whose head has to be read.
    pub(crate) fn candidate(&self) -> Option<ServerId> {
        let reading = self
            .mails
            .values()
            .filter_map(|mail| mail.look)
            .any(|look| look.stage == Stage::Reading);
        let least = self.candidates.iter().min_by_key(|(_, unread)| **unread);
        least.filter(|_| reading).map(|(id, _)| id.clone())
    }

    /// Takes note of the Message-ID of a mail in the sent folder.
    pub(crate) fn seen(&mut self, candidate: &ServerId, message_id: Option<&str>) -> Vec<Change> {
        let found = self.mails.values().find(|mail| {
            mail.record.state == OutboxState::Sending
                && Some(mail.record.message_id.as_str()) == message_id
        });
        let mut changes = Vec::new();
        if self.candidates.remove(candidate).is_some() {
            changes.push(Change::RemoveCandidate(candidate.clone()));
        }
        if let Some(id) = found.map(|mail| mail.record.id) {
            changes.extend(self.remove(id));
        }
        changes
    }

    /// Takes note that a head could not be read. If that stays so, a mail that is not found elsewhere may be this one: it is not sent
    /// again, and the user decides.
    pub(crate) fn unseen(&mut self, candidate: &ServerId) -> Vec<Change> {
        let Some(unread) = self.candidates.get_mut(candidate) else { return Vec::new() };
        *unread += 1;
        if *unread < MOST_TRIES {
            return Vec::new();
        }
        self.candidates.remove(candidate);
        self.looks().for_each(|look| look.is_blind = true);
        vec![Change::RemoveCandidate(candidate.clone())]
    }

    /// Ends the looks for which every head was read. After the last look a mail that was not found waits again; without a sent
    /// folder there is nothing to look at.
    pub(crate) fn end_looks(
        &mut self,
        has_sent_folder: bool,
        now: OffsetDateTime,
        jitter: u16,
    ) -> Vec<Change> {
        if has_sent_folder && !self.candidates.is_empty() {
            return Vec::new();
        }
        let mut changes = Vec::new();
        for mail in self.mails.values_mut() {
            let Some(look) = mail.look else { continue };
            let over =
                look.stage == Stage::Reading || !has_sent_folder && look.stage == Stage::Listing;
            if over && (look.number >= LOOKS || !has_sent_folder) {
                mail.look = None;
                mail.not_before =
                    Some(now + pace::pause(mail.record.tries, pace::WHILE_BROKEN, jitter));
                let failed = |code: &str| OutboxState::Failed(code.to_owned());
                mail.record.state = match mail.record.tries {
                    _ if look.is_blind => failed("fate_unknown"),
                    0..MOST_TRIES => OutboxState::Waiting,
                    MOST_TRIES.. => failed("not_delivered"),
                };
                changes.push(Change::PutOutbox(mail.record.clone()));
            } else if over {
                mail.look = Some(Look {
                    number: look.number + 1,
                    stage: Stage::Due(now + BETWEEN_LOOKS),
                    ..look
                });
            }
        }
        changes.extend(self.tidy());
        changes
    }

    pub(crate) fn wake_at(&self) -> Option<OffsetDateTime> {
        let look = |mail: &Mail| match mail.look.map(|look| look.stage) {
            Some(Stage::Due(moment)) => Some(moment),
            Some(Stage::Listing | Stage::Reading) | None => None,
        };
        self.mails.values().filter_map(|mail| look(mail).or(mail.not_before)).min()
    }

    fn looks(&mut self) -> impl Iterator<Item = &mut Look> {
        self.mails.values_mut().filter_map(|mail| mail.look.as_mut())
    }

    fn unsure(&mut self, id: OutboxId, now: OffsetDateTime) -> Vec<Change> {
        if let Some(mail) = self.mails.get_mut(&id) {
            mail.look = Some(Look::first(now));
        }
        Vec::new()
    }

    fn turned_away(
        &mut self,
        id: OutboxId,
        trouble: Trouble,
        most: u32,
    ) -> (Vec<Change>, Option<Trouble>) {
        let times = self.mails.get_mut(&id).map_or(0, |mail| {
            mail.turned_away.is_fresh = true;
            mail.turned_away.times += 1;
            mail.turned_away.times
        });
        if times >= most {
            return (self.fail(id, trouble.code()), None);
        }
        (self.not_sent(id), Some(trouble))
    }

    fn not_sent(&mut self, id: OutboxId) -> Vec<Change> {
        self.change(id, |record| {
            record.state = OutboxState::Waiting;
            record.tries = record.tries.saturating_sub(1);
        })
    }

    fn again_later(
        &mut self,
        id: OutboxId,
        code: &str,
        now: OffsetDateTime,
        jitter: u16,
    ) -> Vec<Change> {
        let tries = self.mails.get(&id).map_or(0, |mail| mail.record.tries);
        let most = if matches!(code, "status_120" | "status_121") {
            TRIES_OF_UNSENDABLE
        } else {
            MOST_TRIES
        };
        if tries >= most {
            return self.fail(id, code.to_owned());
        }
        if let Some(mail) = self.mails.get_mut(&id) {
            mail.not_before = Some(now + pace::pause(tries, pace::WHILE_BROKEN, jitter));
        }
        self.change(id, |record| record.state = OutboxState::Waiting)
    }

    fn fail(&mut self, id: OutboxId, code: String) -> Vec<Change> {
        self.change(id, |record| record.state = OutboxState::Failed(code))
    }

    fn change(&mut self, id: OutboxId, change: impl FnOnce(&mut OutboxRecord)) -> Vec<Change> {
        let Some(mail) = self.mails.get_mut(&id) else { return Vec::new() };
        mail.look = None;
        change(&mut mail.record);
        let stored = Change::PutOutbox(mail.record.clone());
        std::iter::once(stored).chain(self.tidy()).collect()
    }

    fn remove(&mut self, id: OutboxId) -> Vec<Change> {
        self.mails.remove(&id);
        std::iter::once(Change::RemoveOutbox(id)).chain(self.tidy()).collect()
    }

    /// Without an unsure mail there are no candidates.
    fn tidy(&mut self) -> Vec<Change> {
        if self.is_unsure() {
            return Vec::new();
        }
        std::mem::take(&mut self.candidates).into_keys().map(Change::RemoveCandidate).collect()
    }
}

impl Mail {
    fn new(record: OutboxRecord) -> Self {
        Self { record, not_before: None, look: None, turned_away: TurnedAway::default() }
    }
}

impl Look {
    fn first(now: OffsetDateTime) -> Self {
        Self { number: 1, stage: Stage::Due(now + BEFORE_LOOKING), is_blind: false }
    }
}

fn verdict(body: &[u8], composed: bool) -> Result<(), Trouble> {
    let status = if composed {
        SmartMailAnswer::decode(body).map(|answer| answer.map(|answer| answer.status))
    } else {
        SendMailAnswer::decode(body).map(|answer| answer.map(|answer| answer.status))
    };
    let status = status.map_err(|_| Trouble::ServerError("unreadable_answer".to_owned()))?;
    let Some(status) = status else { return Ok(()) };
    match status.send() {
        SendStatus::Common(Common::ItemUnavailable) if composed => {
            Err(Trouble::BadRequest(ORIGINAL_MISSING.to_owned()))
        }
        SendStatus::Ok | SendStatus::Common(Common::AlreadySent) => Ok(()),
        SendStatus::Common(common) => Err(pace::common(status, common)),
        SendStatus::Undocumented(_) => Err(pace::undocumented(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_mail_of_the_last_day_there_is_may_be_ours() {
        let record = OutboxRecord {
            id: OutboxId(1),
            client_id: "c".to_owned(),
            message_id: "m".to_owned(),
            created: datetime!(2026-01-01 00:00 UTC),
            state: OutboxState::Sending,
            tries: 1,
            original: None,
        };
        let mut outbox = Outbox::restore(vec![record.clone()], Vec::new(), record.created);
        let last = Some(datetime!(9999-12-31 23:59:59 UTC));
        assert!(outbox.appeared(&ServerId("1".to_owned()), last).is_some());
        let before = Some(datetime!(2025-12-30 0:00 UTC));
        assert!(outbox.appeared(&ServerId("2".to_owned()), before).is_none());
    }
}
