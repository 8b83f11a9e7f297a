//! How requests ended, and what follows from it.

use super::cookies::Cookies;
use super::place::Place;
use super::{Driver, Ended, answer, jitter, wire, with};
use crate::http::Response;
use crate::record::MAIL_PLACE;
use crate::sign_in::NoAnswer;
use pim::{Effects, Event, FetchFailure, Fetched, Outcome, Ticket, Want};
use tokio::sync::oneshot;

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
        if self.place.is_elsewhere && is_nowhere(&outcome) {
            // The server of the registration knows where it is now.
            self.place = Place::home(&self.device);
            with(&self.open, |open| open.documents().remove(MAIL_PLACE)).await?;
        }

        self.handle(ticket, outcome).await
    }

    pub(super) async fn handle(&mut self, ticket: Ticket, outcome: Outcome) -> Result<(), Ended> {
        let mut outcomes = vec![(ticket, outcome)];
        while let Some((ticket, outcome)) = outcomes.pop() {
            let Effects { changes, events } =
                self.account.handle(ticket, outcome, (self.life.clock)(), jitter());
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

    /// Goes where the mail server says that the mailbox is, if that is no stranger's.
    async fn follow_mailbox(&mut self, location: &str) -> Result<(), Ended> {
        match Place::at(location, &self.device) {
            Ok(Ok(place)) => {
                let stored = Place::to_bytes(location, &self.device);
                with(&self.open, move |open| open.documents().write(MAIL_PLACE, &stored)).await?;
                self.place = place;
                self.cookies = Cookies::default();
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

/// Tells whether there is no mail server at all where it was asked.
fn is_nowhere(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Answered(answer) => answer.status == 404,
        Outcome::Unsent | Outcome::Untrusted => true,
        Outcome::Cancelled | Outcome::Lost | Outcome::NoCredentials | Outcome::Unreadable => false,
    }
}
