//! The server's order to wipe: what it gave goes at once; what the account needs to say so goes once that was heard, or was tried long
//! enough.

use activesync::{messages::ProvisionAnswer, messages::WipeOrder, status::ProvisionStatus};
use time::{Duration, OffsetDateTime};

use super::{Account, Effects, Event};
use crate::{
    Answer, Change, ErrandFailure, FetchFailure,
    entries::Entries,
    errands::Errands,
    fetches::Fetches,
    folders::Folders,
    outbox::Outbox,
    pace::{self, Trouble},
    uploads::Uploads,
};

/// How long the server is told of a wipe, from the order on.
const TOLD_FOR: Duration = Duration::days(7);

impl Account {
    /// The order that is being carried out, and until when the server is told of it.
    pub fn wipe_ordered(&self) -> Option<(WipeOrder, OffsetDateTime)> {
        let until = self.record.wipe_until.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        self.record.wipe_ordered.map(|order| (order, until))
    }

    /// The order, once the server has been told of it in vain for long enough: what is left has to go now.
    pub fn wipe_due(&self, now: OffsetDateTime) -> Option<WipeOrder> {
        self.wipe_ordered()
            .filter(|(_, until)| !self.wiped && *until <= now)
            .map(|(order, _)| order)
    }

    /// Takes the order: it is stored in the same step in which everything goes that the server gave.
    pub(super) fn obey_wipe(
        &mut self,
        order: WipeOrder,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) {
        let until = *self.record.wipe_until.get_or_insert(now + TOLD_FOR);
        for want in self.fetches.drain_asked() {
            let result = Err(FetchFailure::Unreachable(CODE.to_owned()));
            effects.events.push(Event::Fetched { want, result });
        }
        for errand in self.errands.drain() {
            let result = Err(ErrandFailure::Unreachable(CODE.to_owned()));
            effects.events.push(Event::ErrandEnded { errand, result });
        }
        self.folders = Folders::default();
        self.uploads = Uploads::default();
        self.entries = Entries::default();
        self.outbox = Outbox::default();
        self.errands = Errands::default();
        self.fetches = Fetches::default();
        self.start_tree_anew();
        effects.changes.push(Change::PutAccount(self.record.clone()));
        effects.changes.push(Change::Erase);
        if self.held.is_some() {
            effects.events.push(Event::StopPush);
        }
        effects.events.push(Event::WipeOrdered { order, until });
    }

    /// Handles the answer to the confirmation. It is sent again for as long as that may help and there is time.
    pub(super) fn confirmed_wipe(
        &mut self,
        answer: Result<Answer, Trouble>,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let heard = answer.and_then(|answer| {
            let answer = ProvisionAnswer::decode(&answer.body)
                .map_err(|_| Trouble::ServerError("unreadable_answer".to_owned()))?;
            match answer.status.provision() {
                ProvisionStatus::Ok | ProvisionStatus::ProtocolError => Ok(()),
                ProvisionStatus::Common(common) => Err(pace::common(answer.status, common)),
                ProvisionStatus::ServerError | ProvisionStatus::Undocumented(_) => {
                    Err(pace::undocumented(answer.status))
                }
            }
        });
        let again = match heard {
            Ok(()) => None,
            // The same again would be no better, and a password that is refused is not tried twice.
            Err(
                Trouble::AskOptions
                | Trouble::BadRequest(_)
                | Trouble::Noncompliant(_)
                | Trouble::Password(_)
                | Trouble::Unsupported,
            ) => None,
            Err(Trouble::Provision | Trouble::StateLost) => {
                Some(Trouble::ServerError(CODE.to_owned()))
            }
            Err(
                trouble @ (Trouble::Busy(_)
                | Trouble::Cancelled
                | Trouble::Lost
                | Trouble::Moved(_)
                | Trouble::Refused(_)
                | Trouble::ServerError(_)
                | Trouble::Unsent(_)),
            ) => Some(trouble),
        };
        match (again, self.wipe_ordered()) {
            (Some(trouble), Some((_, until))) if until > now => Err(trouble),
            (_, order) => {
                self.wiped = true;
                // Only an order is ever confirmed.
                let order = order.map_or(WipeOrder::Device, |(order, _)| order);
                effects.events.push(Event::Wipe(order));
                Ok(())
            }
        }
    }
}

/// What screens are told meanwhile.
pub(super) const CODE: &str = "wipe_ordered";
