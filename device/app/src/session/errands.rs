//! Errands of people: handed to the account, and their ends handed back.

use super::{Driver, answer};
use pim::{Errand, ErrandFailure, ErrandId, Reply};
use tokio::sync::oneshot;

/// Where the end of an errand is told.
pub(crate) type Done = oneshot::Sender<Result<Reply, ErrandFailure>>;

impl Driver {
    pub(super) fn run_errand(&mut self, errand: Errand, done: Done) {
        match self.account.run(errand, (self.life.clock)()) {
            Ok(id) => self.errands.push((id, done)),
            Err(failure) => answer(done, Err(failure)),
        }
    }

    pub(super) fn errand_ended(&mut self, ended: ErrandId, result: Result<Reply, ErrandFailure>) {
        if let Some(place) = self.errands.iter().position(|(id, _)| *id == ended) {
            answer(self.errands.swap_remove(place).1, result);
        }
    }

    /// Whoever types on does not wait for what was asked at the letter before.
    pub(super) fn leave_errands(&mut self) {
        let account = &mut self.account;
        for (errand, _) in self.errands.iter().filter(|(_, done)| done.is_closed()) {
            account.leave(*errand);
        }
        self.errands.retain(|(_, done)| !done.is_closed());
    }
}
