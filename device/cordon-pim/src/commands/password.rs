use super::password_of_now;
use crate::arguments::{Common, Password};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use crate::secrets;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

/// Changes the password, at the door of a locked container or inside of an open one.
pub(super) async fn change(
    arguments: &Password,
    common: &Common,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let (state, password) = password_of_now(common, client).await?;
    let (new, again) = secrets::choose(secrets::NEW, arguments.new_password_file.as_deref())?;
    let request = json!({
        "password": password.expose_secret(),
        "new": { "password": new.expose_secret(), "again": again.expose_secret() },
    });
    let is_open = state.get("container").and_then(Value::as_str) == Some("open");
    let path = if is_open { "/api/password" } else { "/api/unlock" };
    let state = client.post(path, request).await?;

    output.answer(&state, "The password is changed.")
}
