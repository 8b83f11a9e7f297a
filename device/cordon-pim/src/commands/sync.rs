use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long a failure of an earlier round may still be shown.
const SETTLE: Duration = Duration::from_secs(5);

pub(super) async fn sync(
    client: &Client,
    wait_seconds: u64,
    output: Output,
) -> Result<(), Failure> {
    let before = client.get("/api/state").await?;
    client.post("/api/sync", json!({})).await?;
    let begun = Instant::now();
    let mut seen_running = false;
    let mut state = client.get("/api/state").await?;
    loop {
        match judge(&before, &state, seen_running || begun.elapsed() > SETTLE) {
            Progress::Done => return output.answer(&state, "Synchronised."),
            Progress::Failed(failure) => return Err(failure),
            Progress::Running => seen_running = true,
            Progress::Waiting => {}
        }
        if begun.elapsed() > Duration::from_secs(wait_seconds) {
            let detail = format!("not finished after {wait_seconds} seconds; --wait allows more");
            return Err(Failure::refuse("timeout", detail));
        }
        // What is shown already settles without a change.
        let unsettled = SETTLE.checked_sub(begun.elapsed()).filter(|_| !seen_running);
        let pause = unsettled.unwrap_or(Duration::MAX);
        state = match timeout(pause, next(client, &state)).await {
            Ok(state) => state?,
            Err(_) => client.get("/api/state").await?,
        };
    }
}

/// Waits for a change and returns the state after it.
pub(super) async fn next(client: &Client, state: &Value) -> Result<Value, Failure> {
    let sequence = state.get("sequence").and_then(Value::as_u64).unwrap_or(0);
    client.get(&format!("/api/events?after={sequence}")).await?;
    client.get("/api/state").await
}

#[derive(Debug)]
enum Progress {
    Done,
    Failed(Failure),
    Running,
    Waiting,
}

/// Tells from the state before and the state after a request how far its round is; `settled` says that a failure that
/// is shown belongs to it.
fn judge(before: &Value, after: &Value, settled: bool) -> Progress {
    if after.get("container").and_then(Value::as_str) != Some("open") {
        return Progress::Failed(Failure::refuse("locked", "the container was locked meanwhile"));
    }
    if settled && after.get("needs_mail_password") == Some(&Value::Bool(true)) {
        let detail =
            "the mail server wants the mailbox's password: set it with `cordon-pim mail-password`";
        return Progress::Failed(Failure::refuse("needs_mail_password", detail));
    }
    if settled && after.get("needs_sign_in") == Some(&Value::Bool(true)) {
        let detail = "the mail server wants a sign-in in the browser: run `cordon-pim sign-in`";
        return Progress::Failed(Failure::refuse("needs_sign_in", detail));
    }
    let success = |state: &Value| state.pointer("/sync/last_success").cloned();
    match after.pointer("/sync/state").and_then(Value::as_str).unwrap_or("error") {
        "syncing" => Progress::Running,
        "idle" if success(after) != success(before) => Progress::Done,
        "idle" => Progress::Waiting,
        _ if !settled => Progress::Waiting,
        state => {
            let reason =
                after.pointer("/sync/detail").and_then(Value::as_str).unwrap_or("no reason given");
            Progress::Failed(Failure::refuse(
                state,
                format!("synchronisation ended as {state}: {reason}"),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_done_when_its_success_is_newer() {
        check(&state("idle", "10:00"), &state("syncing", "10:00"), false, "Running");
        check(&state("idle", "10:00"), &state("idle", "10:00"), true, "Waiting");
        check(&state("idle", "10:00"), &state("idle", "10:05"), false, "Done");
    }

    #[test]
    fn a_failure_counts_once_it_is_this_rounds() {
        check(&state("offline", "10:00"), &state("offline", "10:00"), false, "Waiting");
        check(
            &state("offline", "10:00"),
            &state("offline", "10:00"),
            true,
            "synchronisation ended as offline: because [offline]",
        );
    }

    #[test]
    fn a_container_that_was_locked_ends_the_wait() {
        let mut locked = state("idle", "10:00");
        locked["container"] = "locked".into();
        check(
            &state("idle", "10:00"),
            &locked,
            false,
            "the container was locked meanwhile [locked]",
        );
    }

    #[test]
    fn a_missing_mail_password_ends_the_wait() {
        let mut waiting = state("refused", "10:00");
        waiting["needs_mail_password"] = true.into();
        check(
            &state("idle", "10:00"),
            &waiting,
            true,
            "the mail server wants the mailbox's password: set it with `cordon-pim mail-password` [needs_mail_password]",
        );
    }

    #[track_caller]
    fn check(before: &Value, after: &Value, settled: bool, expected: &str) {
        let progress = match judge(before, after, settled) {
            Progress::Failed(failure) => failure.to_string(),
            other @ (Progress::Done | Progress::Running | Progress::Waiting) => {
                format!("{other:?}")
            }
        };

        assert_eq!(progress, expected);
    }

    fn state(sync: &str, last_success: &str) -> Value {
        json!({
            "container": "open", "needs_mail_password": false,
            "sync": { "state": sync, "last_success": last_success, "detail": "because" },
        })
    }
}
