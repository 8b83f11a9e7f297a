use super::sync::next;
use crate::arguments::SignIn;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use crate::run::open_browser;
use serde_json::{Value, json};
use std::io::Write as _;
use std::time::{Duration, Instant};

/// Sends the person to the identity provider, and waits until the browser is back.
pub(super) async fn sign_in(
    arguments: &SignIn,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let begun = client.post("/api/sign-in", json!({})).await?;
    let address = begun.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    let opened = !arguments.print_address && open_browser(address.as_ref());
    let words = if opened {
        "The sign-in is open in the browser:"
    } else {
        "Open in the browser of this machine:"
    };
    // Standard output is for what came of it.
    let _ = writeln!(std::io::stderr(), "{words}\n{address}");
    let begin = Instant::now();
    let mut state = client.get("/api/state").await?;
    loop {
        if let Some(ended) = judge(&state) {
            ended?;
            return output.answer(&state, "Signed in.");
        }
        if begin.elapsed() > Duration::from_secs(arguments.wait) {
            let detail = format!("nobody came back from the browser in {} seconds", arguments.wait);
            return Err(Failure::refuse("timeout", detail));
        }
        state = next(client, &state).await?;
    }
}

/// Tells how a sign-in ended; nothing while it has not.
fn judge(state: &Value) -> Option<Result<(), Failure>> {
    if state.get("container").and_then(Value::as_str) != Some("open") {
        let detail = "the container was locked meanwhile";
        return Some(Err(Failure::refuse("locked", detail)));
    }
    if state.get("signing_in") == Some(&Value::Bool(true)) {
        return None;
    }
    let failure = state.get("sign_in_failure").and_then(Value::as_str);

    Some(failure.map_or(Ok(()), |code| Err(Failure::refuse(code, explain(code)))))
}

fn explain(code: &str) -> &str {
    match code {
        "sign_in_refused" => "the identity provider, or whoever sat at the browser, said no",
        "sign_in_timeout" => "nobody came back from the browser",
        "sign_in_unreachable" => "the identity provider does not answer",
        _ => "the sign-in came to nothing; the log says why",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_over_when_the_app_says_so() {
        let ended = |state: Value| match judge(&state) {
            None => "waits".to_owned(),
            Some(Ok(())) => "signed in".to_owned(),
            Some(Err(failure)) => failure.to_string(),
        };
        assert_eq!(ended(json!({ "container": "open", "signing_in": true })), "waits");
        assert_eq!(
            ended(json!({ "container": "open", "signing_in": false, "sign_in_failure": null })),
            "signed in"
        );
        insta::assert_snapshot!(
            ended(json!({ "container": "open", "signing_in": false, "sign_in_failure": "sign_in_refused" })),
            @"the identity provider, or whoever sat at the browser, said no [sign_in_refused]"
        );
        assert_eq!(
            ended(json!({ "container": "locked" })),
            "the container was locked meanwhile [locked]"
        );
    }
}
