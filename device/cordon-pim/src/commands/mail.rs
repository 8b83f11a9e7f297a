mod wanted;

use crate::arguments::{List, Mail, Respond, Search, Send, Show};
use crate::client::Client;
use crate::commands::{entries, sync};
use crate::failure::Failure;
use crate::output::Output;
use anyhow::Context as _;
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use time::UtcOffset;

pub(super) async fn execute(
    command: &Mail,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    match command {
        Mail::List(list) => show_list(list, client, output).await,
        Mail::Search(search) => show_found(search, client, output).await,
        Mail::Show(show) => show_message(show, client, output).await,
        Mail::Conversation { id } => {
            let page = client.get(&format!("/api/messages/{id}/conversation")).await?;
            output.answer(&page, &list_text(&page))
        }
        Mail::Send(send) => send_mail(send, client, output).await,
        Mail::Reply(response) => respond(response, "reply", client, output).await,
        Mail::ReplyAll(response) => respond(response, "reply_all", client, output).await,
        Mail::Forward(response) => respond(response, "forward", client, output).await,
        Mail::Answer { id, reply } => {
            let path = format!("/api/messages/{id}/answer");
            entries::answer(&path, *id, reply, client, output).await
        }
        Mail::Read(messages) => wanted::mark(messages, true, client, output).await,
        Mail::Unread(messages) => wanted::mark(messages, false, client, output).await,
        Mail::Flag(flag) => wanted::flag(flag, client, output).await,
        Mail::Categorize(categorize) => wanted::categorize(categorize, client, output).await,
        Mail::Move(shift) => wanted::shift(shift, client, output).await,
        Mail::Delete(delete) => wanted::delete(delete, client, output).await,
    }
}

async fn show_list(list: &List, client: &Client, output: Output) -> Result<(), Failure> {
    let folders = client.get("/api/folders").await?;
    let folder = find_folder(&folders, list.folder.as_deref())?;
    let path =
        format!("/api/folders/{folder}/messages?offset={}&limit={}", list.offset, list.limit);
    let page = client.get(&path).await?;
    output.answer(&page, &list_text(&page))
}

async fn show_found(search: &Search, client: &Client, output: Output) -> Result<(), Failure> {
    let folder = match &search.folder {
        Some(wanted) => Some(find_folder(&client.get("/api/folders").await?, Some(wanted))?),
        None => None,
    };
    // Where the system does not tell, days begin when they do in UTC.
    let zone = UtcOffset::current_local_offset().unwrap_or(UtcOffset::UTC);
    let request = json!({
        "query": search.query.join(" "), "folder": folder, "zone_minutes": zone.whole_minutes(),
        "offset": search.offset, "limit": search.limit,
    });
    if search.on_server {
        let found = client.post("/api/search/server", request).await?;
        return output.answer(&found, &server_text(&found));
    }
    let found = client.post("/api/search", request).await?;
    output.answer(&found, &found_text(&found))
}

async fn show_message(show: &Show, client: &Client, output: Output) -> Result<(), Failure> {
    if let Some(attachment) = show.attachment {
        return Output::bytes(&client.get_bytes(&format!("/api/attachments/{attachment}")).await?);
    }
    let message = client.get(&format!("/api/messages/{}", show.id)).await?;
    output.answer(&message, &message_text(&message))
}

async fn send_mail(send: &Send, client: &Client, output: Output) -> Result<(), Failure> {
    let request = json!({
        "to": send.to, "cc": send.cc, "bcc": send.bcc, "subject": send.subject,
        "text": text(send.text_file.as_deref())?, "in_reply_to": send.reply_to,
        "importance": send.importance.name(),
        "attachments": attachments(&send.attach)?, "protect": send.protect.to_json(),
    });
    let answer = client.post("/api/outbox", request).await.map_err(explained)?;
    tell_fate(&answer, send.wait, client, output).await
}

async fn respond(
    response: &Respond,
    kind: &str,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let request = json!({
        "kind": kind, "to": response.to, "cc": response.cc, "bcc": response.bcc,
        "subject": response.subject, "text": text(response.text_file.as_deref())?,
        "importance": response.importance.name(), "attachments": attachments(&response.attach)?,
        "protect": response.protect.to_json(),
    });
    let path = format!("/api/messages/{}/respond", response.id);
    let answer = client.post(&path, request).await.map_err(explained)?;
    tell_fate(&answer, response.wait, client, output).await
}

/// Says for whom a mail cannot be encrypted, why, and what the person may do.
pub(super) fn explained(failure: Failure) -> Failure {
    match failure {
        Failure::Refused { code, problem, .. } if code == "certificates" => {
            let recipients = problem.get("recipients").and_then(Value::as_array);
            let words =
                recipients.into_iter().flatten().filter_map(|one| one.pointer("/words/en/0"));
            let mut lines: Vec<String> = words.filter_map(Value::as_str).map(one_line).collect();
            let allowed = |name: &str| problem.get(name) == Some(&Value::Bool(true));
            if allowed("despite_allowed") {
                lines
                    .push("Use such a certificate all the same with --despite ADDRESS.".to_owned());
            }
            if allowed("plain_allowed") {
                lines.push("Send without encryption with --no-encrypt.".to_owned());
            }
            let detail = format!("the mail was not sent\n{}", lines.join("\n"));
            Failure::Refused { code, detail, problem }
        }
        failure @ (Failure::Fault(_) | Failure::Refused { .. } | Failure::Unusable(_)) => failure,
    }
}

/// Waits until a mail is sent, and tells.
pub(super) async fn tell_fate(
    answer: &Value,
    wait: u64,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let id = answer.get("id").and_then(Value::as_i64).context("the app did not name the mail")?;
    let state = wait_until_sent(client, id, Duration::from_secs(wait)).await?;
    let text = match state {
        Fate::Sent => "The mail is sent.",
        Fate::Waiting => "The mail is in the outbox and is sent once the server can be reached.",
    };
    output.answer(&json!({ "id": id, "state": state.word() }), text)
}

/// Reads the text of a mail from its file, or from standard input.
pub(super) fn text(file: Option<&Path>) -> Result<String, Failure> {
    let Some(path) = file else { return standard_input() };
    String::from_utf8(read(path)?)
        .map_err(|_| Failure::unusable(format!("{} is not UTF-8 text", path.display())))
}

fn attachments(files: &[PathBuf]) -> Result<Vec<Value>, Failure> {
    files.iter().map(|path| attachment(path)).collect()
}

/// What has become of a mail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Sent,
    Waiting,
}

impl Fate {
    fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Waiting => "waiting",
        }
    }
}

async fn wait_until_sent(client: &Client, id: i64, wait: Duration) -> Result<Fate, Failure> {
    let begun = Instant::now();
    loop {
        let state = client.get("/api/state").await?;
        let outbox = client.get("/api/outbox").await?;
        let mail =
            outbox.as_array().into_iter().flatten().find(|mail| mail.get("id") == Some(&json!(id)));
        let Some(mail) = mail else { return Ok(Fate::Sent) };
        if mail.get("state").and_then(Value::as_str) == Some("failed") {
            let reason = mail.get("error").and_then(Value::as_str).unwrap_or("no reason given");
            return Err(Failure::refuse(
                "not_sent",
                format!("the server did not take the mail: {reason}"),
            ));
        }
        if begun.elapsed() >= wait {
            return Ok(Fate::Waiting);
        }
        let left = wait.saturating_sub(begun.elapsed());
        if let Ok(next) = tokio::time::timeout(left, sync::next(client, &state)).await {
            next?;
        }
    }
}

/// Returns the number of a folder that is named by name or number.
pub(super) fn find_folder(folders: &Value, wanted: Option<&str>) -> Result<i64, Failure> {
    let text = |folder: &Value, name: &str| {
        folder.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let number = |folder: &Value| folder.get("id").and_then(Value::as_i64);
    let all = || folders.as_array().into_iter().flatten();
    let found = match wanted {
        None => all().find(|folder| text(folder, "kind") == "inbox"),
        Some(wanted) => all()
            .find(|folder| number(folder).is_some_and(|id| id.to_string() == wanted))
            .or_else(|| {
                all().find(|folder| text(folder, "name").to_lowercase() == wanted.to_lowercase())
            }),
    };
    found.and_then(number).ok_or_else(|| {
        let names: Vec<String> = all().map(|folder| text(folder, "name")).collect();
        let wanted = wanted.unwrap_or("the inbox");
        Failure::refuse(
            "missing",
            format!("there is no folder {wanted:?}; there are: {}", names.join(", ")),
        )
    })
}

fn list_text(page: &Value) -> String {
    let items = page.get("items").and_then(Value::as_array).into_iter().flatten();
    let line = |item: &Value| {
        let text =
            |pointer: &str| item.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let mark = if item.get("read") == Some(&Value::Bool(false)) { "*" } else { " " };
        let number = item.get("id").and_then(Value::as_i64).unwrap_or_default();
        let date: String = text("/date").chars().take(16).collect();
        let from =
            if text("/from/name").is_empty() { text("/from/address") } else { text("/from/name") };
        let (from, subject) = (one_line(from), one_line(text("/subject")));
        format!("{number:>6} {mark} {date}  {from:<24.24}  {subject}")
    };
    items.map(line).collect::<Vec<_>>().join("\n")
}

fn found_text(found: &Value) -> String {
    let number = |name: &str| found.get(name).and_then(Value::as_u64).unwrap_or_default();
    let mut lines = vec![match number("total") {
        0 => "Nothing found.".to_owned(),
        1 => "One message found.".to_owned(),
        total => format!("{total} messages found."),
    }];
    if number("unindexed") > 0 {
        let unindexed = number("unindexed");
        lines.push(format!("{unindexed} older messages cannot be found by their words yet."));
    }
    let list = list_text(found);
    if !list.is_empty() {
        lines.insert(0, list);
    }
    lines.join("\n")
}

/// Writes what the mail server found; what is not on this device has no number.
fn server_text(found: &Value) -> String {
    let items = found.get("items").and_then(Value::as_array).into_iter().flatten();
    let line = |item: &Value| {
        let text =
            |pointer: &str| item.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let mark = if item.get("read") == Some(&Value::Bool(false)) { "*" } else { " " };
        let number = item.get("message").and_then(Value::as_i64);
        let number = number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let date: String = text("/date").chars().take(16).collect();
        let from =
            if text("/from/name").is_empty() { text("/from/address") } else { text("/from/name") };
        let (from, subject) = (one_line(from), one_line(text("/subject")));
        format!("{number:>6} {mark} {date:<16}  {from:<24.24}  {subject}")
    };
    let mut lines: Vec<String> = items.map(line).collect();
    lines.push(match found.get("total").and_then(Value::as_u64).unwrap_or_default() {
        0 => "Nothing found.".to_owned(),
        1 => "One message found on the mail server.".to_owned(),
        total => format!("{total} messages found on the mail server."),
    });
    lines.join("\n")
}

/// Says what a message is about that concerns a meeting.
fn meeting_lines(message: &Value) -> Vec<String> {
    let Some(meeting) = message.get("meeting").filter(|meeting| !meeting.is_null()) else {
        return Vec::new();
    };
    let text = |name: &str| meeting.get(name).and_then(Value::as_str).unwrap_or_default();
    let what = match text("kind") {
        "accepted" => "somebody comes to a meeting",
        "cancellation" => "a meeting does not take place",
        "declined" => "somebody does not come to a meeting",
        "invitation" => "an invitation",
        "tentative" => "somebody perhaps comes to a meeting",
        _ => "about a meeting",
    };
    let mut lines = vec![format!("Meeting: {what}, {} – {}", text("start"), text("end"))];
    let more = [("Location", "location"), ("Recurs", "recurrence_words")];
    let more = more.into_iter().filter(|(_, name)| !text(name).is_empty());
    lines.extend(more.map(|(title, name)| format!("{title}: {}", one_line(text(name)))));
    if !text("proposed_start").is_empty() {
        lines.push(format!("Proposed: {} – {}", text("proposed_start"), text("proposed_end")));
    }
    if let Some(event) = meeting.get("event").and_then(Value::as_i64) {
        lines.push(format!("Event: {event}"));
    }
    if meeting.get("answerable") == Some(&Value::Bool(true)) {
        let id = message.get("id").and_then(Value::as_i64).unwrap_or_default();
        lines.push(format!("Answer it with: mail answer {id} accept|tentative|decline"));
    }
    lines
}

fn message_text(message: &Value) -> String {
    let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let person = |person: &Value| {
        let part = |name: &str| person.get(name).and_then(Value::as_str).unwrap_or_default();
        match (part("name"), part("address")) {
            ("", address) => address.to_owned(),
            (name, address) => format!("{name} <{address}>"),
        }
    };
    let people = |name: &str| {
        let people = message.get(name).and_then(Value::as_array).into_iter().flatten();
        people.map(person).collect::<Vec<_>>().join(", ")
    };
    let from = message.get("from").map(person).unwrap_or_default();
    let mut lines =
        vec![format!("From: {}", one_line(&from)), format!("To: {}", one_line(&people("to")))];
    if !people("cc").is_empty() {
        lines.push(format!("Cc: {}", one_line(&people("cc"))));
    }
    lines.extend([
        format!("Date: {}", text("/date")),
        format!("Subject: {}", one_line(text("/subject"))),
    ]);
    for attachment in message.get("attachments").and_then(Value::as_array).into_iter().flatten() {
        let number = attachment.get("id").and_then(Value::as_i64).unwrap_or_default();
        let size = attachment.get("size").and_then(Value::as_u64).unwrap_or_default();
        let name = attachment.get("name").and_then(Value::as_str).unwrap_or_default();
        let arrived =
            attachment.get("arrived").and_then(Value::as_u64).filter(|arrived| *arrived > 0);
        let arrived = arrived.map(|arrived| format!(", {arrived} here")).unwrap_or_default();
        lines.push(format!("Attachment {number}: {} ({size} bytes{arrived})", one_line(name)));
    }
    let categories = message.get("categories").and_then(Value::as_array).into_iter().flatten();
    let categories: Vec<&str> = categories.filter_map(Value::as_str).collect();
    if !categories.is_empty() {
        lines.push(format!("Categories: {}", one_line(&categories.join(", "))));
    }
    match (text("/flag/state"), text("/flag/due")) {
        ("active", "") => lines.push("Flag: to do".to_owned()),
        ("active", due) => lines.push(format!("Flag: to do by {due}")),
        ("complete", _) => lines.push("Flag: done".to_owned()),
        _ => {}
    }
    if message.get("refused").is_some_and(|refused| !refused.is_null()) {
        let (change, reason) = (text("/refused/change"), text("/refused/reason"));
        lines.push(format!("Not taken by the mail server: {change} ({reason})"));
    }
    let words = message.pointer("/security/words/en").and_then(Value::as_array);
    let words = words.into_iter().flatten().filter_map(Value::as_str);
    lines.extend(words.map(|line| format!("Security: {}", one_line(line))));
    lines.extend(meeting_lines(message));
    lines.push(String::new());
    lines.push(match text("/body") {
        "text" => printable(text("/text")),
        "html" => {
            printable(text("/preview")) + "\n[This is an HTML mail: the page shows all of it.]"
        }
        _ => "[The text is not here yet: synchronise.]".to_owned(),
    });
    lines.join("\n")
}

/// Makes a text safe for a line of a terminal.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// Takes out what a terminal would obey.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control() || matches!(character, '\n' | '\t'))
        .collect()
}

pub(super) fn attachment(path: &Path) -> Result<Value, Failure> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name =
        name.ok_or_else(|| Failure::unusable(format!("{} has no usable name", path.display())))?;
    let data = BASE64.encode(&read(path)?);
    Ok(json!({ "name": name, "type": "application/octet-stream", "data": data }))
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .map_err(|error| Failure::unusable(format!("cannot read {}: {error}", path.display())))
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text).map_err(|error| {
        Failure::unusable(format!("cannot read the text from standard input: {error}"))
    })?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_found_by_name_number_or_as_the_inbox() {
        let folders = json!([
            { "id": 3, "name": "Posteingang", "kind": "inbox" },
            { "id": 5, "name": "3", "kind": "user" },
            { "id": 7, "name": "Entwürfe", "kind": "drafts" },
        ]);

        assert_eq!(find_folder(&folders, None).unwrap(), 3);
        assert_eq!(find_folder(&folders, Some("3")).unwrap(), 3);
        assert_eq!(find_folder(&folders, Some("ENTWÜRFE")).unwrap(), 7);
        let refused = find_folder(&folders, Some("Other")).unwrap_err();
        assert_eq!(
            refused.to_string(),
            r#"there is no folder "Other"; there are: Posteingang, 3, Entwürfe [missing]"#
        );
    }

    #[test]
    fn a_list_has_a_line_for_each_mail_and_obeys_no_mail() {
        let page = json!({ "total": 2, "items": [
            { "id": 12, "read": false, "date": "2026-11-22T10:00:00Z", "subject": "Zahlen \u{1b}[31mrot",
              "from": { "name": "Bob", "address": "bob@example.com" } },
            { "id": 7, "read": true, "date": "2026-11-21T09:30:00Z", "subject": "Two\nlines",
              "from": { "name": "", "address": "a-very-long-address-indeed@example.com" } },
        ]});

        insta::assert_snapshot!(list_text(&page), @r#"
        12 * 2026-11-22T10:00  Bob                       Zahlen  [31mrot
         7   2026-11-21T09:30  a-very-long-address-inde  Two lines
        "#);
    }

    #[test]
    fn what_was_found_is_counted() {
        let item = json!({ "id": 7, "read": true, "date": "2026-11-21T09:30:00Z", "subject": "Zahlen",
            "from": { "name": "Bob", "address": "" } });

        let found = json!({ "total": 31, "items": [item], "unindexed": 4 });
        insta::assert_snapshot!(found_text(&found), @r"
             7   2026-11-21T09:30  Bob                       Zahlen
        31 messages found.
        4 older messages cannot be found by their words yet.
        ");
        let nothing = json!({ "total": 0, "items": [], "unindexed": 0 });
        assert_eq!(found_text(&nothing), "Nothing found.");
    }

    #[test]
    fn what_is_only_on_the_server_has_no_number() {
        let found = json!({ "total": 2, "items": [
            { "message": 7, "read": false, "date": "2026-11-21T09:30:00Z", "subject": "Zahlen",
              "from": { "name": "Bob", "address": "bob@example.com" } },
            { "message": null, "read": null, "date": null, "subject": "Old", "from": { "name": "", "address": "c@example.com" } },
        ]});

        insta::assert_snapshot!(server_text(&found), @r#"
             7 * 2026-11-21T09:30  Bob                       Zahlen
             -                     c@example.com             Old
        2 messages found on the mail server.
        "#);
    }

    #[test]
    fn a_message_is_written_with_its_heads_and_attachments() {
        let message = json!({
            "from": { "name": "Bob", "address": "bob@example.com" },
            "to": [{ "name": "", "address": "alice@example.com" }, { "name": "Carol", "address": "carol@example.com" }],
            "cc": [], "date": "2026-11-22T10:00:00Z", "subject": "Zahlen", "body": "text", "text": "Hallo\u{7}\n\tAlice",
            "attachments": [{ "id": 4, "name": "q3.pdf", "size": 1234 }],
            "flag": { "state": "active", "due": "2026-12-01", "completed": null }, "categories": ["Rot", "Blau"],
            "refused": { "change": "move", "reason": "status_5" },
        });

        insta::assert_snapshot!(message_text(&message), @r#"
        From: Bob <bob@example.com>
        To: alice@example.com, Carol <carol@example.com>
        Date: 2026-11-22T10:00:00Z
        Subject: Zahlen
        Attachment 4: q3.pdf (1234 bytes)
        Categories: Rot, Blau
        Flag: to do by 2026-12-01
        Not taken by the mail server: move (status_5)

        Hallo
        	Alice
        "#);
    }

    #[test]
    fn an_html_mail_shows_its_beginning() {
        let message = json!({ "body": "html", "preview": "Guten Tag", "subject": "x" });

        assert!(
            message_text(&message)
                .ends_with("Guten Tag\n[This is an HTML mail: the page shows all of it.]")
        );
    }
}
