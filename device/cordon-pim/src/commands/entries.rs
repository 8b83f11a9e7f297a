use crate::arguments::{
    Answer, AnswerEvent, Contact, EntryList, EntrySearch, Event, Note, Reply, Settle, Side, Task,
};
use crate::client::Client;
use crate::commands::{entry_input as input, entry_text as text};
use crate::failure::Failure;
use crate::output::Output;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use time::{Duration, OffsetDateTime, UtcOffset};

/// How far ahead events are listed.
const AHEAD: Duration = Duration::days(30);

/// A class of entries: where it is, what it is called, and how one is written in a line.
struct Class {
    path: &'static str,
    list: &'static str,
    name: &'static str,
    line: fn(&Value) -> String,
}

const CONTACTS: Class =
    Class { path: "/api/contacts", list: "/api/contacts", name: "contact", line: text::contact };
const EVENTS: Class =
    Class { path: "/api/calendar", list: "/api/calendar/search", name: "event", line: text::event };
const TASKS: Class =
    Class { path: "/api/tasks", list: "/api/tasks", name: "task", line: text::task };
const NOTES: Class =
    Class { path: "/api/notes", list: "/api/notes", name: "note", line: text::note };

pub(super) async fn contact(
    command: &Contact,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    match command {
        Contact::List(list) => show_list(&CONTACTS, list, &[], client, output).await,
        Contact::Search(search) => show_found(&CONTACTS, search, client, output).await,
        Contact::Show { id, photo: true } => {
            Output::bytes(&client.get_bytes(&format!("/api/contacts/{id}/photo")).await?)
        }
        Contact::Show { id, photo: false } => show(&CONTACTS, *id, client, output).await,
        Contact::Add { input, folder } => {
            add(&CONTACTS, input::contact(input)?, *folder, client, output).await
        }
        Contact::Edit { id, input, clear } => {
            let mut fields = input::contact(input)?;
            input::clear(&mut fields, &clear.fields);
            edit(&CONTACTS, *id, fields, None, client, output).await
        }
        Contact::Remove { id } => remove(&CONTACTS, *id, None, client, output).await,
        Contact::Settle(settle) => decide(settle, client, output).await,
    }
}

pub(super) async fn event(command: &Event, client: &Client, output: Output) -> Result<(), Failure> {
    match command {
        Event::List { from, to, folder } => {
            let today = today();
            let from = from.clone().unwrap_or_else(|| today.date().to_string());
            let later = today.saturating_add(AHEAD);
            let to = to.clone().unwrap_or_else(|| later.date().to_string());
            let window = [
                ("from", Some(from)),
                ("to", Some(to)),
                ("folder", folder.map(|id| id.to_string())),
            ];
            let list = client.get(&address("/api/calendar", &window)).await?;
            output.answer(&list, &text::occurrences(&list))
        }
        Event::Search(search) => show_found(&EVENTS, search, client, output).await,
        Event::Show { id } => show(&EVENTS, *id, client, output).await,
        Event::Add { input, folder } => {
            add(&EVENTS, input::event(input), *folder, client, output).await
        }
        Event::Edit { id, input, occurrence, clear } => {
            let mut fields = input::event(input);
            input::clear(&mut fields, &clear.fields);
            // A number is not cleared by an empty text.
            if let Some(reminder) = fields.get_mut("reminder")
                && reminder == ""
            {
                *reminder = Value::Null;
            }
            edit(&EVENTS, *id, fields, occurrence.as_deref(), client, output).await
        }
        Event::Remove(event) => {
            remove(&EVENTS, event.id, event.occurrence.as_deref(), client, output).await
        }
        Event::Answer(answer) => answer_event(answer, client, output).await,
        Event::Settle(settle) => decide(settle, client, output).await,
    }
}

pub(super) async fn task(command: &Task, client: &Client, output: Output) -> Result<(), Failure> {
    match command {
        Task::List { list, open, done } => {
            let only = match (open, done) {
                (true, _) => Some("false".to_owned()),
                (false, true) => Some("true".to_owned()),
                (false, false) => None,
            };
            show_list(&TASKS, list, &[("done", only)], client, output).await
        }
        Task::Search(search) => show_found(&TASKS, search, client, output).await,
        Task::Show { id } => show(&TASKS, *id, client, output).await,
        Task::Add { input, folder } => {
            add(&TASKS, input::task(input), *folder, client, output).await
        }
        Task::Edit { id, input, clear } => {
            let mut fields = input::task(input);
            input::clear(&mut fields, &clear.fields);
            edit(&TASKS, *id, fields, None, client, output).await
        }
        Task::Remove { id } => remove(&TASKS, *id, None, client, output).await,
        Task::Settle(settle) => decide(settle, client, output).await,
    }
}

pub(super) async fn note(command: &Note, client: &Client, output: Output) -> Result<(), Failure> {
    match command {
        Note::List(list) => show_list(&NOTES, list, &[], client, output).await,
        Note::Search(search) => show_found(&NOTES, search, client, output).await,
        Note::Show { id } => show(&NOTES, *id, client, output).await,
        Note::Add { input, folder } => {
            add(&NOTES, input::note(input), *folder, client, output).await
        }
        Note::Edit { id, input, clear } => {
            let mut fields = input::note(input);
            input::clear(&mut fields, &clear.fields);
            edit(&NOTES, *id, fields, None, client, output).await
        }
        Note::Remove { id } => remove(&NOTES, *id, None, client, output).await,
        Note::Settle(settle) => decide(settle, client, output).await,
    }
}

async fn show_list(
    class: &Class,
    list: &EntryList,
    more: &[(&str, Option<String>)],
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let mut parameters = vec![
        ("folder", list.folder.map(|folder| folder.to_string())),
        ("offset", Some(list.offset.to_string())),
        ("limit", Some(list.limit.to_string())),
    ];
    parameters.extend(more.iter().cloned());
    let page = client.get(&address(class.list, &parameters)).await?;
    output.answer(&page, &text::list(&page, class.line))
}

async fn show_found(
    class: &Class,
    search: &EntrySearch,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let parameters = [
        ("query", Some(search.query.join(" "))),
        ("offset", Some(search.offset.to_string())),
        ("limit", Some(search.limit.to_string())),
    ];
    let page = client.get(&address(class.list, &parameters)).await?;
    output.answer(&page, &text::list(&page, class.line))
}

async fn show(class: &Class, id: i64, client: &Client, output: Output) -> Result<(), Failure> {
    let entry = client.get(&address(&format!("{}/{id}", class.path), &[])).await?;
    output.answer(&entry, &text::whole(&entry))
}

async fn add(
    class: &Class,
    fields: Map<String, Value>,
    folder: Option<i64>,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let folder = [("folder", folder.map(|folder| folder.to_string()))];
    let entry = client.post(&address(class.path, &folder), fields.into()).await?;
    let id = entry.get("id").and_then(Value::as_i64).unwrap_or_default();
    let text = format!(
        "The {} {id} is added; the server is told as soon as it can be reached.",
        class.name
    );
    output.answer(&entry, &text)
}

async fn edit(
    class: &Class,
    id: i64,
    fields: Map<String, Value>,
    occurrence: Option<&str>,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    if fields.is_empty() {
        return Err(Failure::unusable("nothing is given that is to change"));
    }
    let occurrence = [("occurrence", occurrence.map(str::to_owned))];
    let path = address(&format!("{}/{id}", class.path), &occurrence);
    let entry = client.patch(&path, fields.into()).await?;
    let text = format!(
        "The {} {id} is changed; the server is told as soon as it can be reached.",
        class.name
    );
    output.answer(&entry, &text)
}

async fn remove(
    class: &Class,
    id: i64,
    occurrence: Option<&str>,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let occurrence = [("occurrence", occurrence.map(str::to_owned))];
    client.delete(&address(&format!("{}/{id}", class.path), &occurrence)).await?;
    let text = format!(
        "The {} {id} is removed; the server is told as soon as it can be reached.",
        class.name
    );
    output.answer(&json!({ "id": id, "removed": true }), &text)
}

async fn answer_event(event: &AnswerEvent, client: &Client, output: Output) -> Result<(), Failure> {
    let occurrence = [("occurrence", event.occurrence.clone())];
    let path = address(&format!("{}/{}/answer", EVENTS.path, event.id), &occurrence);
    answer(&path, event.id, &event.reply, client, output).await
}

/// Answers an invitation.
pub(super) async fn answer(
    path: &str,
    id: i64,
    reply: &Reply,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let answer = match reply.answer {
        Answer::Accept => "accept",
        Answer::Tentative => "tentative",
        Answer::Decline => "decline",
    };
    let propose = match reply.propose.as_slice() {
        [start, end] => json!({ "start": start, "end": end }),
        _ => Value::Null,
    };
    let body = json!({
        "answer": answer, "words": reply.words, "silent": reply.silent, "propose": propose,
    });
    client.post(path, body).await?;
    let told = if reply.silent { "nobody is told" } else { "the organiser is told" };
    let text = format!("The invitation {id} is answered; {told}.");
    output.answer(&json!({ "id": id, "answer": answer }), &text)
}

async fn decide(settle: &Settle, client: &Client, output: Output) -> Result<(), Failure> {
    let take = match settle.take {
        Side::Mine => "mine",
        Side::Theirs => "theirs",
    };
    let path = format!("/api/entries/{}/conflict", settle.id);
    client.post(&path, json!({ "take": take })).await?;
    output.answer(&json!({ "id": settle.id, "take": take }), "It is decided.")
}

/// Writes an address with the zone of this machine, where it is known.
fn address(path: &str, parameters: &[(&str, Option<String>)]) -> String {
    let zone = [("zone", system_zone())];
    let mut address = path.to_owned();
    let mut mark = '?';
    for (name, value) in parameters.iter().chain(&zone) {
        let Some(value) = value else { continue };
        let _ = write!(address, "{mark}{name}={}", encoded(value));
        mark = '&';
    }
    address
}

/// Writes a value into an address (RFC 3986).
fn encoded(value: &str) -> String {
    let mut encoded = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Returns the IANA name of the zone that this machine is set to.
fn system_zone() -> Option<String> {
    let is_name = |name: &str| {
        name.contains('/')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "/_-+".contains(letter))
    };
    let variable = std::env::var("TZ").ok().map(|name| name.trim_start_matches(':').to_owned());
    let link = || {
        let target = std::fs::read_link("/etc/localtime").ok()?;
        let (_, name) = target.to_str()?.split_once("zoneinfo/")?;
        Some(name.to_owned())
    };
    variable
        .filter(|name| is_name(name) && !name.starts_with('/'))
        .or_else(|| link().filter(|name| is_name(name)))
}

/// Returns the moment as the clock of this machine shows it; where the system does not tell, in universal time.
#[expect(clippy::disallowed_methods, reason = "programs that ship read the clock")]
fn today() -> OffsetDateTime {
    let zone = UtcOffset::current_local_offset().unwrap_or(UtcOffset::UTC);
    OffsetDateTime::now_utc().to_offset(zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_any_script_fit_into_an_address() {
        assert_eq!(encoded("Zoë & 1+1=2"), "Zo%C3%AB%20%26%201%2B1%3D2");
    }
}
