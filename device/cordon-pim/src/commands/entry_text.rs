//! Contacts, events, tasks and notes, written for people.

use serde_json::Value;

/// Writes a list of entries, one in a line.
pub(super) fn list(page: &Value, line: fn(&Value) -> String) -> String {
    let items = page.get("items").and_then(Value::as_array).into_iter().flatten();
    let mut lines: Vec<String> = items.map(line).collect();
    let total = page.get("total").and_then(Value::as_u64).unwrap_or_default();
    lines.push(match total {
        0 => "None.".to_owned(),
        1 => "One in all.".to_owned(),
        total => format!("{total} in all."),
    });
    lines.join("\n")
}

pub(super) fn contact(entry: &Value) -> String {
    let first = |name: &str, field: &str| {
        let first = entry.pointer(&format!("/{name}/0"));
        let text = match field {
            "" => first,
            field => first.and_then(|first| first.get(field)),
        };
        one_line(text.and_then(Value::as_str).unwrap_or_default())
    };
    let (email, phone) = (first("emails", ""), first("phones", "number"));
    let name = text(entry, "name");
    format!("{:>6} {} {name:<32.32}  {email:<32.32}  {phone}", number(entry), mark(entry))
}

pub(super) fn event(entry: &Value) -> String {
    let start: String = text(entry, "start").chars().take(16).collect();
    let subject = text(entry, "subject");
    format!("{:>6} {} {start:<16}  {subject}", number(entry), mark(entry))
}

pub(super) fn task(entry: &Value) -> String {
    let due = text(entry, "due");
    let done = if entry.get("complete") == Some(&Value::Bool(true)) { "x" } else { " " };
    let subject = text(entry, "subject");
    format!("{:>6} {} [{done}] {due:<10}  {subject}", number(entry), mark(entry))
}

pub(super) fn note(entry: &Value) -> String {
    format!("{:>6} {} {}", number(entry), mark(entry), text(entry, "title"))
}

/// Writes when events take place, one in a line.
pub(super) fn occurrences(list: &Value) -> String {
    let line = |one: &Value| {
        let time = |name: &str| -> String { text(one, name).chars().take(16).collect() };
        let place = text(one, "location");
        let place = if place.is_empty() { place } else { format!(" ({place})") };
        let (start, end) = (time("start"), time("end"));
        let subject = text(one, "subject");
        format!("{:>6} {} {start:<16} - {end:<16}  {subject}{place}", number(one), mark(one))
    };
    let lines: Vec<String> = list.as_array().into_iter().flatten().map(line).collect();
    if lines.is_empty() { "None.".to_owned() } else { lines.join("\n") }
}

/// Writes all there is to say of an entry, one field in a line, the longest text at the end.
pub(super) fn whole(entry: &Value) -> String {
    let mut lines = Vec::new();
    let mut last = String::new();
    for (name, value) in entry.as_object().into_iter().flatten() {
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            ("notes" | "text", Value::String(text)) => last = printable(text),
            (_, Value::Array(list)) if list.is_empty() => {}
            (_, value) => lines.push(format!("{name}: {}", one_line(&said(value)))),
        }
    }
    if !last.is_empty() {
        lines.extend([String::new(), last]);
    }
    lines.join("\n")
}

fn said(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(list) => list.iter().map(said).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            let said = fields.map(|(name, value)| format!("{name} {}", said(value)));
            said.collect::<Vec<_>>().join(", ")
        }
    }
}

/// Marks what needs a decision, what the server refuses, and what it does not know yet.
fn mark(entry: &Value) -> &'static str {
    let conflict = entry
        .get("conflict")
        .is_some_and(|conflict| !conflict.is_null() && conflict != &Value::Bool(false));
    match entry.get("state").and_then(Value::as_str) {
        _ if conflict => "?",
        Some("refused") => "!",
        Some("waiting") => "*",
        _ => " ",
    }
}

fn number(entry: &Value) -> i64 {
    entry.get("id").and_then(Value::as_i64).unwrap_or_default()
}

fn text(entry: &Value, name: &str) -> String {
    one_line(entry.get(name).and_then(Value::as_str).unwrap_or_default())
}

/// Makes a text safe for a line of a terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// Takes out what a terminal would obey.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control() || "\n\t".contains(*character))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_are_written_for_people() {
        let page = json!({ "total": 3, "items": [
            { "id": 7, "state": "waiting", "conflict": null, "name": "Anna Ärmel",
              "emails": ["anna@example.org"], "phones": [{ "kind": "mobile", "number": "110" }] },
            { "id": 12, "state": "refused", "name": "Bert\u{1b}[31m" },
            { "id": 13, "state": "waiting", "conflict": { "kind": "changed" }, "name": "Carla" },
        ]});
        insta::assert_snapshot!(list(&page, contact), @r"
             7 * Anna Ärmel                        anna@example.org                  110
            12 ! Bert [31m                                                           
            13 ? Carla                                                               
        3 in all.
        ");
        assert_eq!(list(&json!({ "total": 0, "items": [] }), note), "None.");
        let task_line = task(
            &json!({ "id": 1, "state": "synced", "subject": "Report", "due": "2026-12-31", "complete": true }),
        );
        assert_eq!(task_line, "     1   [x] 2026-12-31  Report");
    }

    #[test]
    fn an_entry_is_written_field_by_field() {
        let entry = json!({ "id": 7, "name": "Anna", "emails": ["a@example.org", "b@example.org"], "reason": null,
            "phones": [{ "kind": "mobile", "number": "110" }], "notes": "one\ntwo\u{7}", "has_photo": false });
        insta::assert_snapshot!(whole(&entry), @r"
        emails: a@example.org; b@example.org
        has_photo: no
        id: 7
        name: Anna
        phones: kind mobile, number 110

        one
        two
        ");
    }
}
