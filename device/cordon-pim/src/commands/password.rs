//! What opens the container from now on: another password, a smart card in its place, or the other way round.

use super::{Opening, opening_of_now};
use crate::arguments::{Common, Password};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use crate::secrets;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

/// Changes the password, at the door of a locked container or inside of an open one; or lets one take the place of a card.
pub(super) async fn change(
    arguments: &Password,
    common: &Common,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let (state, opening) = opening_of_now(common, client).await?;
    let (new, again) = secrets::choose(secrets::NEW, arguments.new_password_file.as_deref())?;
    let new = json!({ "password": new.expose_secret(), "again": again.expose_secret() });
    let is_open = state.get("container").and_then(Value::as_str) == Some("open");
    let path = match opening {
        Opening::Password(_) if is_open => "/api/password",
        Opening::Card(_) | Opening::Password(_) => "/api/unlock",
    };
    let state = client.post(path, opening.request(Some(new))).await?;
    if state.pointer("/opens_with/by").and_then(Value::as_str) != Some("password") {
        return Err(Failure::refuse("by_card", "IT wants the smart card to open the container"));
    }

    output.answer(&state, "The password is changed.")
}

/// Lets the card in the reader open the container from now on.
pub(super) async fn use_card(
    common: &Common,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let (_, opening) = opening_of_now(common, client).await?;
    let pin = secrets::require(secrets::PIN, common.pin_file.as_deref())?;
    let new = json!({ "pin": pin.expose_secret() });
    let state = client.post("/api/unlock", opening.request(Some(new))).await?;

    output.answer(&state, "The smart card opens the container.")
}
