//! What screens see change: a number that grows, and what it stands for.

use crate::view::{
    AccountView, ChangesView, OpensWith, PolicyView, RemoteImages, Standing, SyncState, SyncView,
    Topic,
};
use policy::{PasswordRules, SmimeSettings};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// How many changes are remembered; who asks about an older one is told that everything changed.
const REMEMBERED: usize = 256;

/// The state that screens share. Holds nothing of the mailbox.
#[derive(Debug)]
pub(crate) struct Board {
    facts: Mutex<Facts>,
    sequence: watch::Sender<u64>,
}

/// The changing facts about the app.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) standing: Standing,
    /// What IT noted when it blocked the device.
    pub(crate) block_reason: Option<String>,
    /// What opens the container.
    pub(crate) opens_with: Option<OpensWith>,
    /// The container was locked because its smart card was pulled out.
    pub(crate) card_removed: bool,
    pub(crate) needs_mail_password: bool,
    pub(crate) needs_sign_in: bool,
    /// A sign-in waits for the browser.
    pub(crate) signing_in: bool,
    /// Why the last sign-in in the browser came to nothing.
    pub(crate) sign_in_failure: Option<String>,
    pub(crate) sync: SyncView,
    pub(crate) outbox: u64,
    /// How many certificate files of the server's lie in the import folder.
    pub(crate) delivered: u64,
    /// How many wait at the server for the person of the open container.
    pub(crate) waiting: u64,
    /// What the mail server's policy asks for.
    pub(crate) policy: Vec<PolicyView>,
    /// What the settings say about this person; there while the container is open.
    pub(crate) profile: Option<Profile>,
    changes: VecDeque<(u64, Topic)>,
}

/// What screens need of the settings.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) account: AccountView,
    pub(crate) password_rules: PasswordRules,
    pub(crate) remote_images: RemoteImages,
    pub(crate) smime: SmimeSettings,
    pub(crate) lock_after_seconds: u32,
}

impl Board {
    pub(crate) fn new(standing: Standing) -> Self {
        let facts = Facts {
            standing,
            block_reason: None,
            opens_with: None,
            card_removed: false,
            needs_mail_password: false,
            needs_sign_in: false,
            signing_in: false,
            sign_in_failure: None,
            sync: quiet(),
            outbox: 0,
            delivered: 0,
            waiting: 0,
            policy: Vec::new(),
            profile: None,
            changes: VecDeque::new(),
        };

        Self { facts: Mutex::new(facts), sequence: watch::Sender::new(0) }
    }

    /// Copies the facts.
    pub(crate) fn facts(&self) -> Facts {
        self.lock().clone()
    }

    /// The number of the last change.
    pub(crate) fn sequence(&self) -> u64 {
        *self.sequence.borrow()
    }

    /// Changes facts, and tells screens that the state is another.
    pub(crate) fn update(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.lock());
        self.changed(Topic::State);
    }

    /// Tells screens that something has changed.
    pub(crate) fn changed(&self, topic: Topic) {
        let mut facts = self.lock();
        let next = self.sequence() + 1;
        if facts.changes.len() == REMEMBERED {
            facts.changes.pop_front();
        }
        facts.changes.push_back((next, topic));
        self.sequence.send_replace(next);
    }

    /// Forgets what belongs to the open container.
    pub(crate) fn close(&self) {
        self.update(|facts| {
            facts.needs_mail_password = false;
            facts.needs_sign_in = false;
            facts.signing_in = false;
            facts.sign_in_failure = None;
            facts.sync = quiet();
            facts.outbox = 0;
            facts.waiting = 0;
            facts.policy = Vec::new();
            facts.profile = None;
        });
    }

    /// Waits until the number is greater than `after`, or `wait` has passed.
    pub(crate) async fn wait(&self, after: u64, wait: Duration) -> ChangesView {
        let mut numbers = self.sequence.subscribe();
        let newer = numbers.wait_for(|sequence| *sequence != after);
        // Time that passes without a change is an answer too.
        drop(timeout(wait, newer).await);

        self.since(after)
    }

    fn since(&self, after: u64) -> ChangesView {
        let facts = self.lock();
        let sequence = self.sequence();
        let oldest = facts.changes.front().map_or(sequence + 1, |(number, _)| *number);
        let known = after <= sequence && after + 1 >= oldest;
        let mut topics = if known {
            let newer = facts.changes.iter().filter(|(number, _)| *number > after);
            newer.map(|(_, topic)| *topic).collect()
        } else {
            vec![
                Topic::State,
                Topic::Folders,
                Topic::Messages,
                Topic::Outbox,
                Topic::Drafts,
                Topic::Entries,
            ]
        };
        topics.sort();
        topics.dedup();

        ChangesView { sequence, topics }
    }

    fn lock(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn quiet() -> SyncView {
    SyncView { state: SyncState::Idle, last_success: None, detail: None, done: 0, total: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_wakes_whoever_waits() {
        let board = Board::new(Standing::Active);
        let (changes, ()) = tokio::join!(board.wait(0, Duration::from_secs(60)), async {
            board.changed(Topic::Outbox);
        });

        assert_eq!(changes, ChangesView { sequence: 1, topics: vec![Topic::Outbox] });
        assert_eq!(board.wait(1, Duration::ZERO).await.topics, []);
    }

    #[tokio::test]
    async fn whoever_was_away_too_long_is_told_everything() {
        let board = Board::new(Standing::Active);
        for _ in 0..300 {
            board.changed(Topic::Messages);
        }

        assert_eq!(board.wait(7, Duration::ZERO).await.topics.len(), 6);
        assert_eq!(board.wait(299, Duration::ZERO).await.topics, [Topic::Messages]);
        assert_eq!(board.wait(9_999, Duration::ZERO).await.topics.len(), 6, "from another run");
    }
}
