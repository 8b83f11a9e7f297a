//! Tasks that the server cannot do without.

use anyhow::{Result, anyhow};
use std::collections::HashMap;
use std::future::pending;
use tokio::task::{Id, JoinSet};

/// Tasks that run until they are told to end. If one ends by itself, by a panic or otherwise, the server must not go on as if it
/// were whole.
#[derive(Debug, Default)]
pub(crate) struct Vital {
    tasks: JoinSet<()>,
    names: HashMap<Id, &'static str>,
}

impl Vital {
    /// Starts a task; `name` says in an error message what has ended.
    pub(crate) fn spawn(
        &mut self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let id = self.tasks.spawn(task).id();
        self.names.insert(id, name);
    }

    /// Waits until one of the tasks has ended, and says which.
    pub(crate) async fn failure(&mut self) -> anyhow::Error {
        let (id, how) = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => (id, "ended without being asked"),
            Some(Err(error)) => (error.id(), "failed; the log has its last words"),
            None => pending().await,
        };
        let name = self.names.get(&id).copied().unwrap_or("a task");

        anyhow!("{name} {how}: the server stops, so that nobody relies on it")
    }

    /// Waits until all have ended, as they have been told to.
    pub(crate) async fn end(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Waits until the server is asked to end, or has to because something that it needs has ended.
pub(crate) async fn until_asked(
    asked: impl Future<Output = Result<()>>,
    servers: &mut Vital,
    helpers: &mut Vital,
) -> Result<()> {
    tokio::select! {
        asked = asked => asked,
        failure = servers.failure() => Err(failure),
        failure = helpers.failure() => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;

    #[tokio::test]
    async fn a_task_that_panics_or_ends_stops_the_server() {
        let mut broken = Vital::default();
        broken.spawn("the console", pending());
        broken.spawn("the gateway", async { panic!("for a test") });
        let stopped = until_asked(pending(), &mut Vital::default(), &mut broken).await;
        assert_eq!(
            stopped.unwrap_err().to_string(),
            "the gateway failed; the log has its last words: the server stops, so that nobody relies on it"
        );

        let mut ended = Vital::default();
        ended.spawn("the feed of changes", ready(()));
        let stopped = until_asked(pending(), &mut ended, &mut Vital::default()).await;
        assert_eq!(
            stopped.unwrap_err().to_string(),
            "the feed of changes ended without being asked: the server stops, so that nobody relies on it"
        );
    }

    #[tokio::test]
    async fn whoever_asks_ends_the_server_in_good_order() {
        let mut servers = Vital::default();
        servers.spawn("the gateway", pending());

        assert!(until_asked(ready(Ok(())), &mut servers, &mut Vital::default()).await.is_ok());
    }
}
