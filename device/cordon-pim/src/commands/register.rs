use crate::arguments::{Common, Register};
use crate::client::Client;
use crate::failure::Failure;
use crate::imports;
use crate::output::Output;
use crate::secrets;
use data_encoding::BASE64;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use std::path::Path;
use zeroize::Zeroizing;

pub(super) async fn register(
    arguments: &Register,
    common: &Common,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let given = given(&Source {
        p12: arguments.p12.as_deref(),
        p12_password: arguments.p12_password_file.as_deref(),
        card: arguments.card,
        common,
    })?;
    let mail = secrets::find(secrets::MAILBOX, arguments.mail_password_file.as_deref())?;
    let mut request = json!({
        "link": arguments.link,
        "mail_password": mail.as_ref().map(SecretString::expose_secret),
        "discard_unreadable": arguments.discard_data,
    });
    merge(&mut request, given);
    let state = client.post("/api/register", request).await?;
    if let Some(p12) = arguments.p12.as_deref().filter(|_| !arguments.keep_p12) {
        remove_certificate(p12)?;
    }
    output.answer(&state, "This device is registered.")
}

/// Where the personal certificate comes from, and whether a card opens the container.
pub(super) struct Source<'a> {
    pub(super) p12: Option<&'a Path>,
    pub(super) p12_password: Option<&'a Path>,
    pub(super) card: bool,
    pub(super) common: &'a Common,
}

/// Reads the certificate file if there is one, and asks for what is to open the container.
pub(super) fn given(source: &Source<'_>) -> Result<Value, Failure> {
    let mut given = json!({});
    if let Some(path) = source.p12 {
        let pkcs12 = read_certificate(path)?;
        let transport = secrets::require(secrets::CERTIFICATE, source.p12_password)?;
        let file = json!({
            "pkcs12": BASE64.encode(&pkcs12),
            "transport_password": transport.expose_secret(),
        });
        merge(&mut given, file);
    }
    let opening = if source.card {
        let pin = secrets::require(secrets::PIN, source.common.pin_file.as_deref())?;
        json!({ "pin": pin.expose_secret() })
    } else {
        let file = source.common.password_file.as_deref();
        let (password, again) = secrets::choose(secrets::CONTAINER, file)?;
        json!({ "password": password.expose_secret(), "password_again": again.expose_secret() })
    };
    merge(&mut given, opening);

    Ok(given)
}

/// Adds the fields of an object to another.
pub(super) fn merge(request: &mut Value, more: Value) {
    if let (Some(fields), Value::Object(more)) = (request.as_object_mut(), more) {
        fields.extend(more);
    }
}

pub(super) fn read_certificate(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    imports::read(path)
        .map_err(|error| Failure::unusable(format!("cannot read {}: {error}", path.display())))
}

/// Overwrites and deletes the file, as its key is in the container now.
pub(super) fn remove_certificate(path: &Path) -> Result<(), Failure> {
    imports::destroy(path).map_err(|error| {
        let detail = format!(
            "the key is in the container, but {} could not be deleted: {error}",
            path.display()
        );
        Failure::refuse("certificate_not_deleted", detail)
    })
}
