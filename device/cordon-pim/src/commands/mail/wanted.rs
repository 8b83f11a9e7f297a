//! What a person does with messages.

use super::find_folder;
use crate::arguments::{Categorize, Delete, Flag, Messages, Move};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::{Value, json};

pub(super) async fn mark(
    messages: &Messages,
    read: bool,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    change(messages, "read", &json!({ "read": read }), client, output).await
}

pub(super) async fn flag(flag: &Flag, client: &Client, output: Output) -> Result<(), Failure> {
    let state = match (flag.complete, flag.clear) {
        (true, _) => "complete",
        (false, true) => "none",
        (false, false) => "active",
    };
    let request = json!({ "state": state, "due": flag.due });
    change(&flag.messages, "flag", &request, client, output).await
}

pub(super) async fn categorize(
    categorize: &Categorize,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let request = json!({ "categories": categorize.category });
    change(&categorize.messages, "categories", &request, client, output).await
}

pub(super) async fn shift(shift: &Move, client: &Client, output: Output) -> Result<(), Failure> {
    let folder = find_folder(&client.get("/api/folders").await?, Some(&shift.to))?;
    change(&shift.messages, "move", &json!({ "folder": folder }), client, output).await
}

pub(super) async fn delete(
    delete: &Delete,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    for id in &delete.messages.ids {
        client.delete(&format!("/api/messages/{id}?for_good={}", delete.for_good)).await?;
    }
    done(&delete.messages, output)
}

async fn change(
    messages: &Messages,
    what: &str,
    request: &Value,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    for id in &messages.ids {
        client.post(&format!("/api/messages/{id}/{what}"), request.clone()).await?;
    }
    done(messages, output)
}

fn done(messages: &Messages, output: Output) -> Result<(), Failure> {
    output.answer(&json!({ "changed": messages.ids }), "")
}
