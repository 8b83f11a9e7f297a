//! How requests ended, and what follows from it.

use super::cookies::Cookies;
use super::place::{Place, Turn, Unreached};
use super::{Driver, Ended, answer, jitter, wire, with};
use crate::http::Response;
use crate::record::MAIL_PLACE;
use crate::sign_in::NoAnswer;
use pim::{Change, Effects, Event, FetchFailure, Fetched, Outcome, Ticket, Want};
use tokio::sync::oneshot;
use vault::mail::UnfetchedPlace;

impl Driver {
    pub(super) async fn ended(
        &mut self,
        ticket: Ticket,
        ended: Result<Response, NoAnswer>,
    ) -> Result<(), Ended> {
        if let Err(error) = &ended {
            tracing::debug!(error = error as &dyn std::error::Error, "A request got no answer");
        }
        if self.push.as_ref().is_some_and(|(push, _)| *push == ticket) {
            self.push = None;
        }
        let now = (self.life.clock)();
        if let Ok(response) = &ended {
            self.cookies.take(&response.headers, now);
        }
        let outcome = wire::outcome(ended, now);
        self.look_for_mailbox(&outcome).await?;

        self.handle(ticket, outcome).await
    }

    pub(super) async fn handle(&mut self, ticket: Ticket, outcome: Outcome) -> Result<(), Ended> {
        let mut outcomes = vec![(ticket, outcome)];
        while let Some((ticket, outcome)) = outcomes.pop() {
            let Effects { changes, events } =
                self.account.handle(ticket, outcome, (self.life.clock)(), jitter());
            if changes.iter().any(|change| matches!(change, Change::Enforce(_))) {
                // What may not stay is fetched anew, as far as it may be.
                self.unfetched = Some(UnfetchedPlace::START);
            }
            self.store(changes).await?;
            for event in events {
                match event {
                    Event::ErrandEnded { errand, result } => self.errand_ended(errand, result),
                    Event::Fetched { want, result } => self.fetched(&want, &result),
                    Event::Moved(location) => self.follow_mailbox(&location).await?,
                    Event::StopPush => {
                        if let Some((ticket, task)) = self.push.take() {
                            task.abort();
                            outcomes.push((ticket, Outcome::Cancelled));
                        }
                    }
                    Event::Wipe(order) => return Err(Ended::Wiped(order)),
                    Event::WipeOrdered { order, until } => self.leave(order, until)?,
                }
            }
        }

        Ok(())
    }

    /// Asks elsewhere where the mailbox is if nobody answers for it, and remembers what is known of it until somebody knows better.
    async fn look_for_mailbox(&mut self, outcome: &Outcome) -> Result<(), Ended> {
        let turn =
            self.unreached.turn(self.place.is_elsewhere, self.other_place.is_some(), outcome);
        match turn {
            Turn::Stay => {}
            Turn::AskHome => {
                let place = std::mem::replace(&mut self.place, Place::home(&self.device));
                self.other_place = Some(place);
                self.cookies = Cookies::default();
            }
            Turn::Return => {
                if let Some(place) = self.other_place.take() {
                    self.go_to(place);
                }
            }
            Turn::GoHome => {
                self.go_to(Place::home(&self.device));
                with(&self.open, |open| open.documents().remove(MAIL_PLACE)).await?;
            }
            Turn::StayHome => {
                self.other_place = None;
                with(&self.open, |open| open.documents().remove(MAIL_PLACE)).await?;
            }
        }

        Ok(())
    }

    /// What one server wants to see again is none of another's business.
    fn go_to(&mut self, place: Place) {
        self.place = place;
        self.other_place = None;
        self.unreached = Unreached::default();
        self.cookies = Cookies::default();
    }

    /// Goes where the mail server says that the mailbox is, if that is no stranger's.
    async fn follow_mailbox(&mut self, location: &str) -> Result<(), Ended> {
        match Place::at(location, &self.device) {
            Ok(Ok(place)) => {
                let stored = Place::to_bytes(location, &self.device);
                with(&self.open, move |open| open.documents().write(MAIL_PLACE, &stored)).await?;
                self.go_to(place);
            }
            Ok(Err(error)) => {
                tracing::warn!(location, %error, "The mailbox moved, and its new server cannot be asked");
                self.account.stay((self.life.clock)());
            }
            Err(error) => {
                tracing::warn!(location, %error, "The mail server sends elsewhere; the app does not follow");
                self.account.stay((self.life.clock)());
            }
        }

        Ok(())
    }

    fn fetched(&mut self, want: &Want, result: &Result<Fetched, FetchFailure>) {
        let (told, waiting) =
            std::mem::take(&mut self.fetching).into_iter().partition(|(wish, _)| wish == want);
        self.fetching = waiting;
        let told: Vec<(Want, oneshot::Sender<Result<Fetched, FetchFailure>>)> = told;
        for (_, done) in told {
            answer(done, result.clone());
        }
    }
}
