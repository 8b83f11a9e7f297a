//! Follows what the fleet says, and reaches the requests that it affects.

use std::future::pending;

use fleet::access::FeedMessage;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::in_flight::InFlight;
use crate::table::{Affected, Table};

/// Applies messages until the task is ended. When they fail to come, requests under way are ended in time.
pub(crate) async fn follow(
    table: &Table,
    in_flight: &InFlight,
    mut messages: mpsc::Receiver<FeedMessage>,
) {
    let mut lost = true;
    loop {
        let expires = table.expires().filter(|_| !lost);
        let expired = async {
            match expires {
                Some(expires) => sleep_until(expires).await,
                None => pending().await,
            }
        };
        tokio::select! {
            message = receive(&mut messages) => lost = !take_in(table, in_flight, message, lost),
            () = expired => {
                tracing::error!("no sign of life from the feed: all ActiveSync is refused");
                in_flight.wake_all();
                lost = true;
            }
        }
    }
}

/// A feed that has ended is silent, and silence is told by time alone.
async fn receive(messages: &mut mpsc::Receiver<FeedMessage>) -> FeedMessage {
    match messages.recv().await {
        Some(message) => message,
        None => pending().await,
    }
}

/// Returns whether the feed can be relied upon after this message.
fn take_in(table: &Table, in_flight: &InFlight, message: FeedMessage, was_lost: bool) -> bool {
    match table.apply(message, Instant::now()) {
        Ok(Affected::All) => in_flight.wake_all(),
        Ok(Affected::EasIds(ids)) => ids.iter().for_each(|id| in_flight.wake(id)),
        Err(error) => {
            tracing::error!(%error, "the feed is not believed");
            return !was_lost;
        }
    }
    if was_lost {
        tracing::info!("the feed is heard: ActiveSync is decided by device");
    }
    true
}
