use super::opening_of_now;
use super::register::{certificate_file, imported, merge};
use crate::arguments::{Common, Renew};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::json;

/// Takes another personal certificate, at the door of a locked container or inside of an open one.
pub(super) async fn renew(
    arguments: &Renew,
    common: &Common,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let password = arguments.p12_password_file.as_deref();
    let file = match &arguments.p12 {
        Some(path) => certificate_file(path, arguments.keep_p12, password)?,
        None => imported(&client.post("/api/imports", json!({})).await?, password)?,
    };
    let (_, opening) = opening_of_now(common, client).await?;
    let mut request = opening.request(None);
    merge(&mut request, file);
    let state = client.post("/api/renew", request).await?;

    output.answer(
        &state,
        "The new certificate is in use. What was encrypted for the one of before stays readable.",
    )
}
