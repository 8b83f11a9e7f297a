use super::opening_of_now;
use super::register::{merge, read_certificate, remove_certificate};
use crate::arguments::{Common, Renew};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use crate::secrets;
use data_encoding::BASE64;
use secrecy::ExposeSecret as _;
use serde_json::json;

/// Takes another personal certificate, at the door of a locked container or inside of an open one.
pub(super) async fn renew(
    arguments: &Renew,
    common: &Common,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let pkcs12 = read_certificate(&arguments.p12)?;
    let transport = secrets::require(secrets::CERTIFICATE, arguments.p12_password_file.as_deref())?;
    let (_, opening) = opening_of_now(common, client).await?;
    let mut request = opening.request(None);
    merge(
        &mut request,
        json!({
            "pkcs12": BASE64.encode(&pkcs12),
            "transport_password": transport.expose_secret(),
        }),
    );
    let state = client.post("/api/renew", request).await?;
    if !arguments.keep_p12 {
        remove_certificate(&arguments.p12)?;
    }

    output.answer(
        &state,
        "The new certificate is in use. What was encrypted for the one of before stays readable.",
    )
}
