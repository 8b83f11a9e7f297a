use super::register::{read_certificate, remove_certificate};
use crate::arguments::{Common, Restore};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use crate::secrets;
use data_encoding::BASE64;
use secrecy::ExposeSecret as _;
use serde_json::json;

pub(super) async fn restore(
    arguments: &Restore,
    common: &Common,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let pkcs12 = read_certificate(&arguments.p12)?;
    let transport = secrets::require(secrets::CERTIFICATE, arguments.p12_password_file.as_deref())?;
    let (password, again) = secrets::choose(secrets::CONTAINER, common.password_file.as_deref())?;
    let request = json!({
        "pkcs12": BASE64.encode(&pkcs12),
        "transport_password": transport.expose_secret(),
        "password": password.expose_secret(),
        "password_again": again.expose_secret(),
        "link": arguments.link,
    });
    let state = client.post("/api/restore", request).await?;
    if !arguments.keep_p12 {
        remove_certificate(&arguments.p12)?;
    }
    output.answer(&state, "The key is back, and the data is readable again.")
}
