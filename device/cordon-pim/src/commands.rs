//! The commands, as requests to the interface that the page uses too.

pub(crate) mod card;
mod certificates;
mod directory;
mod draft;
mod entries;
mod entry_input;
mod entry_text;
mod folder;
mod mail;
mod moment;
mod out_of_office;
mod password;
mod register;
mod renew;
mod restore;
mod sign_in;
mod sync;

pub(crate) use directory::encoded;

use crate::arguments::{Card, Command, Common};
use crate::client::Client;
use crate::failure::Failure;
use crate::imports::Imports;
use crate::output::Output;
use crate::place::Place;
use crate::secrets;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

/// Does what a command says, in the running app or in this process.
pub(crate) async fn execute(
    command: &Command,
    common: &Common,
    place: &Place,
    output: Output,
) -> Result<(), Failure> {
    let client = match Client::running(place).await? {
        Some(client) => client,
        None => Client::own(crate::open_app(place)?, Imports::at(place.imports())),
    };
    let done = dispatch(command, common, &client, output).await;
    if let Client::Own(_, app) = &client {
        app.lock().await;
    }
    done
}

async fn dispatch(
    command: &Command,
    common: &Common,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    match command {
        Command::Register(register) => register::register(register, common, client, output).await,
        Command::Restore(restore) => restore::restore(restore, common, client, output).await,
        Command::Renew(arguments) => renew::renew(arguments, common, client, output).await,
        Command::Unlock => unlock(common, client, output).await,
        Command::Lock => lock(client, output).await,
        Command::Password(arguments) => password::change(arguments, common, client, output).await,
        Command::Card { command: Some(Card::Use) } => {
            password::use_card(common, client, output).await
        }
        Command::Status => status(client, output).await,
        Command::Sync(sync) => {
            open(common, client).await?;
            sync::sync(client, sync.wait, output).await
        }
        Command::MailPassword(arguments) => {
            let password =
                secrets::require(secrets::MAILBOX, arguments.mail_password_file.as_deref())?;
            open(common, client).await?;
            let state = client
                .post("/api/mail-password", json!({ "password": password.expose_secret() }))
                .await?;
            output.answer(&state, "The mailbox's password is set.")
        }
        Command::SignIn(arguments) => {
            open(common, client).await?;
            sign_in::sign_in(arguments, client, output).await
        }
        Command::SignOut => {
            open(common, client).await?;
            let state = client.delete("/api/sign-in").await?;
            output.answer(&state, "The sign-in is forgotten.")
        }
        Command::Mail { command } => {
            open(common, client).await?;
            mail::execute(command, client, output).await
        }
        Command::Draft { command } => {
            open(common, client).await?;
            draft::execute(command, client, output).await
        }
        Command::Directory { command } => {
            open(common, client).await?;
            directory::execute(command, client, output).await
        }
        Command::Certificates { command } => {
            open(common, client).await?;
            certificates::execute(command, client, output).await
        }
        Command::OutOfOffice { command } => {
            open(common, client).await?;
            out_of_office::execute(command, client, output).await
        }
        Command::Folder { command } => {
            open(common, client).await?;
            folder::execute(command, client, output).await
        }
        Command::Contact { command } => {
            open(common, client).await?;
            entries::contact(command, client, output).await
        }
        Command::Event { command } => {
            open(common, client).await?;
            entries::event(command, client, output).await
        }
        Command::Task { command } => {
            open(common, client).await?;
            entries::task(command, client, output).await
        }
        Command::Note { command } => {
            open(common, client).await?;
            entries::note(command, client, output).await
        }
        // These need no container, and are done before.
        Command::Card { command: None } | Command::Completions { .. } | Command::Openapi => Ok(()),
    }
}

/// Opens the container if it is this process that owns it; a running app is opened by its user.
async fn open(common: &Common, client: &Client) -> Result<(), Failure> {
    match client {
        Client::Own(..) => unlock_with(common, client).await.map(|_| ()),
        Client::Running(_) => Ok(()),
    }
}

async fn unlock_with(common: &Common, client: &Client) -> Result<Value, Failure> {
    let (_, opening) = opening_of_now(common, client).await?;
    client.post("/api/unlock", opening.request(None)).await.map_err(|failure| match failure {
        Failure::Refused { code, detail, problem } => {
            let detail = match (code.as_str(), opened_by(&problem)) {
                ("password_due", _) | ("level_due", Some("password")) => {
                    format!("{detail}: choose it with `cordon-pim password`")
                }
                ("level_due", Some("card")) => {
                    format!("{detail}: put it in, and run `cordon-pim card use`")
                }
                _ => detail,
            };
            Failure::Refused { code, detail, problem }
        }
        failure @ (Failure::Fault(_) | Failure::Unusable(_)) => failure,
    })
}

fn opened_by(problem: &Value) -> Option<&str> {
    problem.get("opened_by").and_then(Value::as_str)
}

/// What opens the container, as it was given.
enum Opening {
    Card(SecretString),
    Password(SecretString),
}

impl Opening {
    /// Asks to unlock, and for something new that opens the container from then on.
    fn request(&self, new: Option<Value>) -> Value {
        let mut request = match self {
            Self::Card(pin) => json!({ "pin": pin.expose_secret() }),
            Self::Password(password) => json!({ "password": password.expose_secret() }),
        };
        if let (Some(new), Some(fields)) = (new, request.as_object_mut()) {
            fields.insert("new".to_owned(), new);
        }

        request
    }
}

/// Returns the state, and what opens a container that has a key.
async fn opening_of_now(common: &Common, client: &Client) -> Result<(Value, Opening), Failure> {
    let state = client.get("/api/state").await?;
    match state.get("container").and_then(Value::as_str) {
        Some("absent") => {
            return Err(Failure::refuse("absent", "there is no container here: register first"));
        }
        Some("key_wiped") => {
            let detail = "the key of the container was deleted and its data is kept: \
                put the key back with `cordon-pim restore`";
            return Err(Failure::refuse("key_wiped", detail));
        }
        Some(_) | None => {}
    }
    let opening = match state.pointer("/opens_with/by").and_then(Value::as_str) {
        Some("card" | "key_on_card") => {
            Opening::Card(secrets::require(secrets::PIN, common.pin_file.as_deref())?)
        }
        Some(_) | None => Opening::Password(secrets::require(
            secrets::CONTAINER,
            common.password_file.as_deref(),
        )?),
    };

    Ok((state, opening))
}

async fn unlock(common: &Common, client: &Client, output: Output) -> Result<(), Failure> {
    let state = unlock_with(common, client).await?;
    let text = match client {
        Client::Own(..) => "It opens. No app is running that would stay open: start cordon-pim.",
        Client::Running(_) => "The container is open.",
    };
    output.answer(&state, text)
}

async fn lock(client: &Client, output: Output) -> Result<(), Failure> {
    let state = client.post("/api/lock", Value::Null).await?;
    output.answer(&state, "The container is locked.")
}

async fn status(client: &Client, output: Output) -> Result<(), Failure> {
    let mut state = client.get("/api/state").await?;
    let running = matches!(client, Client::Running(_));
    if let Some(fields) = state.as_object_mut() {
        fields.insert("running".to_owned(), running.into());
    }
    output.answer(&state, &describe(&state, running))
}

/// Writes the state for people, one fact in a line.
fn describe(state: &Value, running: bool) -> String {
    let word = |pointer: &str| match state.pointer(pointer) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let mut lines = vec![
        format!("app         {}", if running { "running" } else { "not running" }),
        format!("container   {}", word("/container")),
        format!("standing    {}", standing(state)),
        format!("account     {}", word("/account/address")),
        format!("certificate {}", word("/account/certificate_ends")),
        format!(
            "sync        {} (last success {})",
            word("/sync/state"),
            word("/sync/last_success")
        ),
        format!("outbox      {}", word("/outbox")),
        format!("opens with  {}", opens_with(state)),
        format!("tries left  {}", word("/attempts_left")),
    ];
    let unmet = state.get("policy").and_then(Value::as_array).into_iter().flatten();
    lines.extend(
        unmet
            .filter(|setting| setting.get("verdict").and_then(Value::as_str) == Some("unmet"))
            .map(|setting| {
                let text = |name| setting.get(name).and_then(Value::as_str).unwrap_or_default();
                format!("policy      {} = {} is not met", text("setting"), text("value"))
            }),
    );
    let warnings = state.get("warnings").and_then(Value::as_array).into_iter().flatten();
    lines.extend(
        warnings.filter_map(Value::as_str).map(|code| format!("warning     {}", explain(code))),
    );
    lines.join("\n")
}

/// Writes what opens the container.
fn opens_with(state: &Value) -> String {
    let text = |pointer| state.pointer(pointer).and_then(Value::as_str);
    let card = text("/opens_with/card").unwrap_or("-");
    match text("/opens_with/by") {
        Some("card") => format!("the smart card of {card}"),
        Some("key_on_card") => format!("the smart card of {card}, which has to stay in the reader"),
        Some("password") => "a password".to_owned(),
        Some(_) | None => "-".to_owned(),
    }
}

/// Writes the standing, with what there is to say about it.
fn standing(state: &Value) -> String {
    let text = |name| state.get(name).and_then(Value::as_str);
    let standing = text("standing").unwrap_or("-");
    if let Some(reason) = text("block_reason") {
        return format!("{standing}: {reason}");
    }
    if text("container") != Some("key_wiped") {
        return standing.to_owned();
    }
    let cause = match text("key_wiped_by") {
        Some("ordered") => "IT had the key deleted",
        Some("wrong_passwords") => "the key was deleted after too many wrong passwords",
        Some(_) | None => "the key was deleted",
    };
    format!("{standing}: {cause}; the data is kept, and `cordon-pim restore` makes it readable")
}

fn explain(warning: &str) -> &str {
    match warning {
        "device_key_in_file" => {
            "the device-bound keys lie in files: whoever copies all of your files can try passwords without a limit"
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_written_for_people() {
        let state = json!({
            "container": "open", "standing": "active", "account": { "name": "Alice", "address": "alice@example.com" },
            "sync": { "state": "idle", "last_success": "2026-11-22T10:00:00Z" }, "outbox": 2, "attempts_left": 10,
            "opens_with": { "by": "key_on_card", "card": "Alice" },
            "policy": [
                { "setting": "DevicePasswordExpiration", "value": "90", "verdict": "unmet" },
                { "setting": "AllowCamera", "value": "0", "verdict": "beyond" },
            ],
            "warnings": ["device_key_in_file"],
        });

        insta::assert_snapshot!(describe(&state, true), @r#"
        app         running
        container   open
        standing    active
        account     alice@example.com
        certificate -
        sync        idle (last success 2026-11-22T10:00:00Z)
        outbox      2
        opens with  the smart card of Alice, which has to stay in the reader
        tries left  10
        policy      DevicePasswordExpiration = 90 is not met
        warning     the device-bound keys lie in files: whoever copies all of your files can try passwords without a limit
        "#);
    }

    #[test]
    fn the_standing_says_why() {
        let line = |state: Value| standing(&state);

        assert_eq!(line(json!({ "container": "locked", "standing": "active" })), "active");
        assert_eq!(
            line(json!({ "container": "locked", "standing": "blocked", "block_reason": "lost" })),
            "blocked: lost"
        );
        assert_eq!(
            line(
                json!({ "container": "key_wiped", "standing": "wiped", "key_wiped_by": "ordered" })
            ),
            "wiped: IT had the key deleted; the data is kept, and `cordon-pim restore` makes it readable"
        );
        assert_eq!(line(json!({ "container": "absent", "standing": "wiped" })), "wiped");
    }
}
