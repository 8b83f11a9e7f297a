use std::time::Duration;

use tokio::sync::watch;
use tokio::time;

use crate::server::{Account, Inside, Server};

/// How a held request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// There is something to tell.
    News,
    /// The time is over.
    Over,
    /// A newer request of the device took its place.
    Replaced,
}

/// Holds a request until `look` says how it ends, or until `limit` has passed: by the server's clock, or by the machine's where the
/// server's stands still.
pub(super) async fn hold(
    server: &Server,
    account: &Account,
    limit: Duration,
    look: impl Fn(&mut Inside) -> Option<Ended>,
) -> Ended {
    let mut news = account.news.subscribe();
    let _held = Held::new(&account.held);
    let until = server.now() + limit;
    let over = time::sleep(limit);
    tokio::pin!(over);
    loop {
        if let Some(ended) = look(&mut account.inside()) {
            return ended;
        }
        if until <= server.now() {
            return Ended::Over;
        }
        tokio::select! {
            changed = news.changed() => if changed.is_err() { return Ended::Over },
            () = &mut over => return Ended::Over,
        }
    }
}

/// Counts a request for as long as it is held.
struct Held<'a>(&'a watch::Sender<usize>);

impl<'a> Held<'a> {
    fn new(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|held| *held += 1);
        Self(count)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|held| *held = held.saturating_sub(1));
    }
}
