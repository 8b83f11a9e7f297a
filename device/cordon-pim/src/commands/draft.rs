//! Mails that are sent later.

use super::mail::{attachment, explained, one_line, printable, tell_fate, text};
use crate::arguments::{Draft, Importance, SaveDraft};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use anyhow::Context as _;
use serde_json::{Value, json};

pub(super) async fn execute(
    command: &Draft,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    match command {
        Draft::List => {
            let drafts = client.get("/api/drafts").await?;
            output.answer(&drafts, &list_text(&drafts))
        }
        Draft::Show { id } => {
            let draft = client.get(&format!("/api/drafts/{id}")).await?;
            output.answer(&draft, &draft_text(&draft))
        }
        Draft::Save(save) => save_draft(save, client, output).await,
        Draft::Send { id, protect, wait } => {
            let path = format!("/api/drafts/{id}/send?{}", protect.to_query());
            let answer = client.post(&path, Value::Null).await.map_err(explained)?;
            tell_fate(&answer, *wait, client, output).await
        }
        Draft::Delete { ids } => {
            for id in ids {
                client.delete(&format!("/api/drafts/{id}")).await?;
            }
            output.answer(&json!({ "deleted": ids }), "")
        }
    }
}

async fn save_draft(save: &SaveDraft, client: &Client, output: Output) -> Result<(), Failure> {
    let (kind, original) = match (save.reply_to, save.reply_all_to, save.forward) {
        (Some(id), _, _) => ("reply", Some(id)),
        (None, Some(id), _) => ("reply_all", Some(id)),
        (None, None, Some(id)) => ("forward", Some(id)),
        (None, None, None) => ("new", None),
    };
    let files = save.attach.iter().map(|path| attachment(path)).collect::<Result<Vec<_>, _>>()?;
    let request = json!({
        "to": save.to, "cc": save.cc, "bcc": save.bcc, "subject": save.subject,
        "text": text(save.text_file.as_deref())?, "kind": kind, "original": original,
        "importance": save.importance.map(Importance::name),
    });
    let id = match save.id {
        Some(id) => {
            client.put(&format!("/api/drafts/{id}"), request).await?;
            id
        }
        None => {
            let saved = client.post("/api/drafts", request).await?;
            saved.get("id").and_then(Value::as_i64).context("the app did not name the draft")?
        }
    };
    for file in files {
        client.post(&format!("/api/drafts/{id}/files"), file).await?;
    }
    output.answer(&json!({ "id": id }), &format!("Draft {id} is saved."))
}

fn list_text(drafts: &Value) -> String {
    let line = |draft: &Value| {
        let number = draft.get("id").and_then(Value::as_i64).unwrap_or_default();
        let saved: String = field(draft, "saved").chars().take(16).collect();
        let (to, subject) = (one_line(&typed(draft, "to")), one_line(field(draft, "subject")));
        let state = field(draft, "state");
        format!("{number:>6}  {saved}  {state:<8}  {to:<24.24}  {subject}")
    };
    drafts.as_array().into_iter().flatten().map(line).collect::<Vec<_>>().join("\n")
}

fn draft_text(draft: &Value) -> String {
    let mut lines = vec![format!("To: {}", one_line(&typed(draft, "to")))];
    for (name, head) in [("cc", "Cc"), ("bcc", "Bcc")] {
        let people = typed(draft, name);
        if !people.is_empty() {
            lines.push(format!("{head}: {}", one_line(&people)));
        }
    }
    lines.push(format!("Subject: {}", one_line(field(draft, "subject"))));
    lines.extend(standing(draft));
    for file in draft.get("files").and_then(Value::as_array).into_iter().flatten() {
        let size = file.get("size").and_then(Value::as_u64).unwrap_or_default();
        lines.push(format!("File: {} ({size} bytes)", one_line(field(file, "name"))));
    }
    lines.extend([String::new(), printable(field(draft, "text"))]);
    lines.join("\n")
}

/// Says what the person has to know about a draft.
fn standing(draft: &Value) -> Vec<String> {
    let conflict = match field(draft, "conflict") {
        "changed" => Some(
            "It was changed elsewhere too: this is what was written here, kept as a draft of its own.",
        ),
        "deleted_here" => Some("It was deleted here and changed elsewhere: it stays."),
        "deleted_there" => Some("It was deleted elsewhere and changed here: it is made anew."),
        _ => None,
    };
    let refused = match field(draft, "reason") {
        "" => None,
        reason => Some(format!("The mail server does not take it ({}).", one_line(reason))),
    };
    let partial = draft.get("whole").and_then(Value::as_bool) == Some(false);
    let partial =
        partial.then(|| "Part of it is only on the server, which cannot be reached.".to_owned());
    let urgent = match field(draft, "importance") {
        importance @ ("high" | "low") => Some(format!("Importance: {importance}")),
        _ => None,
    };
    urgent.into_iter().chain(conflict.map(str::to_owned)).chain(refused).chain(partial).collect()
}

fn field<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn typed(draft: &Value, name: &str) -> String {
    let people = draft.get(name).and_then(Value::as_array).into_iter().flatten();
    people.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_are_written_for_people() {
        let draft = json!({
            "id": 3, "saved": "2026-11-22T10:00:00Z", "to": ["bob@example.com", "Carol"], "cc": [], "bcc": ["dora@example.com"],
            "subject": "Zahlen", "text": "Hallo\u{7}\nBob", "files": [{ "name": "q3.pdf", "size": 5 }],
            "importance": "high", "state": "waiting", "conflict": "changed", "whole": true,
        });

        insta::assert_snapshot!(list_text(&json!([draft])), @"     3  2026-11-22T10:00  waiting   bob@example.com, Carol    Zahlen");
        insta::assert_snapshot!(draft_text(&draft), @r"
        To: bob@example.com, Carol
        Bcc: dora@example.com
        Subject: Zahlen
        Importance: high
        It was changed elsewhere too: this is what was written here, kept as a draft of its own.
        File: q3.pdf (5 bytes)

        Hallo
        Bob
        ");
    }
}
