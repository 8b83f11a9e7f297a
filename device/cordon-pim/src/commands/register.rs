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

pub(super) async fn register(
    arguments: &Register,
    common: &Common,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let mut given = given(&Source {
        p12: arguments.p12.as_deref(),
        keep_p12: arguments.keep_p12,
        p12_password: arguments.p12_password_file.as_deref(),
        card: arguments.card,
        common,
    })?;
    if arguments.p12.is_none() && !arguments.card {
        let folder = client.post("/api/imports", json!({ "link": arguments.link })).await?;
        let password = arguments.p12_password_file.as_deref();
        merge(&mut given, imported(&folder, password)?);
    }
    let mail = secrets::find(secrets::MAILBOX, arguments.mail_password_file.as_deref())?;
    let mut request = json!({
        "link": arguments.link,
        "mail_password": mail.as_ref().map(SecretString::expose_secret),
        "discard_unreadable": arguments.discard_data,
    });
    merge(&mut request, given);
    let state = client.post("/api/register", request).await?;
    output.answer(&state, "This device is registered.")
}

/// Where the personal certificate comes from, and whether a card opens the container.
pub(super) struct Source<'a> {
    pub(super) p12: Option<&'a Path>,
    pub(super) keep_p12: bool,
    pub(super) p12_password: Option<&'a Path>,
    pub(super) card: bool,
    pub(super) common: &'a Common,
}

/// Reads the certificate file if there is one, and asks for what is to open the container.
pub(super) fn given(source: &Source<'_>) -> Result<Value, Failure> {
    let mut given = json!({});
    if let Some(path) = source.p12 {
        merge(&mut given, certificate_file(path, source.keep_p12, source.p12_password)?);
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

/// Chooses the one file that has come from the server, or else the one in the import folder.
pub(super) fn imported(folder: &Value, password: Option<&Path>) -> Result<Value, Failure> {
    let names = |list: &str| -> Vec<String> {
        let names = folder[list].as_array().into_iter().flatten();
        names.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (fetched, files) = (names("fetched"), names("files"));
    let [name] = (if fetched.is_empty() { &files } else { &fetched }).as_slice() else {
        let place = folder["folder"].as_str().unwrap_or_default();
        return Err(Failure::unusable(if files.is_empty() {
            format!(
                "no certificate file waits at the server, and {place} has none: name it with --p12 FILE, or ask IT"
            )
        } else {
            format!(
                "{place} has several certificate files, choose one with --p12: {}",
                files.join(", ")
            )
        }));
    };
    let transport = secrets::require(secrets::CERTIFICATE, password)?;

    Ok(json!({ "imported": name, "transport_password": transport.expose_secret() }))
}

/// Adds the fields of an object to another.
pub(super) fn merge(request: &mut Value, more: Value) {
    if let (Some(fields), Value::Object(more)) = (request.as_object_mut(), more) {
        fields.extend(more);
    }
}

/// Reads the certificate file, which the app deletes once its key is in the container, unless it is to be kept.
pub(super) fn certificate_file(
    path: &Path,
    keep: bool,
    password: Option<&Path>,
) -> Result<Value, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::unusable(format!("cannot read {}: {error}", path.display()))
    };
    let pkcs12 = imports::read(path).map_err(unreadable)?;
    let file = std::path::absolute(path).map_err(unreadable)?;
    let transport = secrets::require(secrets::CERTIFICATE, password)?;

    Ok(json!({
        "pkcs12": BASE64.encode(&pkcs12),
        "file": Some(file).filter(|_| !keep),
        "transport_password": transport.expose_secret(),
    }))
}
