use super::register::{Source, given, merge};
use crate::arguments::{Common, Restore};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::json;

pub(super) async fn restore(
    arguments: &Restore,
    common: &Common,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let given = given(&Source {
        p12: arguments.p12.as_deref(),
        keep_p12: arguments.keep_p12,
        p12_password: arguments.p12_password_file.as_deref(),
        card: arguments.card,
        common,
    })?;
    let mut request = json!({ "link": arguments.link });
    merge(&mut request, given);
    let state = client.post("/api/restore", request).await?;
    output.answer(&state, "The key is back, and the data is readable again.")
}
